"""SAF-T: opening balances of ledger accounts, customers and suppliers, and the company in the header."""

from pathlib import Path

import pytest
from conftest import Run
from finance_files import elements, read, saft, saft_entry, saft_post
from import_case import load

from segcli.importing import readers

YEAR = "<SelectionCriteria><PeriodStart>1</PeriodStart><PeriodStartYear>2024</PeriodStartYear></SelectionCriteria>"


def account(code: str, side: str = "", amount: str = "", more: str = "") -> str:
    balance = {f"Opening{side}Balance": amount} if side else {}
    return f"<Account>{elements(AccountID=code, AccountDescription=code, AccountType='GL', **balance)}{more}</Account>"


def customer(code: str, side: str, amount: str) -> str:
    return f"<Customer>{elements(Name=code, CustomerID=code, AccountID='1500', **{f'Opening{side}Balance': amount})}</Customer>"


def ledger(*accounts: str) -> str:
    return f"<GeneralLedgerAccounts>{''.join(accounts)}</GeneralLedgerAccounts>"


def balances(segcli: Run, by: str) -> dict[str, int]:
    """Return the sums of the ledger's lines, added up here."""
    found: dict[str, int] = {}
    done = segcli("show", "transaction-search", "--columns", f"{by},debit,credit", "-f", "json")
    for row in done.rows:
        if row[by]:
            found[row[by]] = found.get(row[by], 0) + (row["debit"] or 0) - (row["credit"] or 0)
    return found


def payment_of_a_customer() -> str:
    paid = saft_post("2", "1500", "Credit", "100").replace("</AccountID>", "</AccountID><CustomerID>1000</CustomerID>")
    return saft_entry(saft_post("1", "1920", "Debit", "100") + paid)


def test_the_balance_of_a_control_account_is_that_of_its_customers_and_a_rest(tmp_path: Path) -> None:
    master = ledger(account("1500", "Debit", "250.00"), account("2000", "Credit", "250"), account("3000", "Debit", "0"))
    master += f"<Customers>{customer('1000', 'Debit', '100')}{customer('1001', 'Credit', '20')}</Customers>"
    found = read(tmp_path, saft(master, more=YEAR))
    names = (
        "journal",
        "financial_year",
        "period",
        "entry_number",
        "entry_date",
        "gl_account",
        "account",
        "amount",
        "type",
    )
    head = ("opening", "2024", "0", "opening", "2024-01-01")
    assert found.of("transaction_line", *names) == [
        (*head, "1500", "1000", "100", "opening"),
        (*head, "1500", "1001", "-20", "opening"),
        (*head, "1500", None, "170.00", "opening"),  # 250 - 100 + 20
        (*head, "2000", None, "-250", "opening"),
    ]
    assert [number for (number,) in found.of("transaction_line", "line_number")] == ["1", "2", "3", "4"]
    assert found.of("journal", "journal", "type") == [("opening", "opening")]


def test_norways_balances_from_the_file_to_the_ledger(segcli: Run) -> None:
    """The customer owed 100 and paid; accounts that do not add up get a line for their difference, twice the same."""
    assert segcli("init", "--currency", "NOK").status == 0
    master = ledger(account("1500", "Debit", "100.00"), account("1920", "Debit", "0"))
    master += f"<Customers>{customer('1000', 'Debit', '100.00')}</Customers>"
    for _ in range(2):
        done = load(segcli, "--again", **{"file.xml": saft(master, payment_of_a_customer(), more=YEAR)})
        assert "the opening balances do not add up: -100.00 is on the account 'opening difference'" in done.err
        assert balances(segcli, "gl_account") == {"1500": 0, "1920": 100, "opening difference": -100}
        assert balances(segcli, "account") == {"1000": 0}


def test_version_1_3_states_a_balance_for_each_ledger_account(tmp_path: Path) -> None:
    both = "".join(
        f"<BalanceAccount>{elements(AccountID=code, **{f'Opening{side}Balance': amount})}</BalanceAccount>"
        for code, side, amount in (("2400", "Credit", "70.10"), ("2401", "Debit", "0.10"))
    )
    suppliers = f"<Suppliers><Supplier>{elements(Name='Lev', SupplierID='20')}{both}</Supplier></Suppliers>"
    found = read(tmp_path, saft(ledger(account("2400", "Credit", "70.10")) + suppliers, more=YEAR))
    assert found.of("transaction_line", "gl_account", "account", "amount") == [
        ("2400", "20", "-70.10"), ("2401", "20", "0.10"), ("opening difference", None, "70.00"),
    ]  # fmt: skip
    assert ("opening difference", "Difference of the opening balances") in found.of(
        "gl_account", "gl_account", "description"
    )


@pytest.mark.parametrize(
    ("criteria", "day", "entry", "period"),
    [
        (elements(PeriodStart="5", PeriodStartYear="2024"), "2024-05-01", "opening 5", "5"),
        (elements(PeriodStart="1", PeriodStartYear="2024"), "2024-01-01", "opening", "0"),
        (elements(SelectionStartDate="2024-01-01"), "2024-01-01", "opening", "0"),
        (elements(SelectionStartDate="2024-03-01"), "2024-03-01", "opening 3", "3"),  # the period of its entry
        (elements(PeriodStart="1", SelectionStartDate="2024-07-01"), "2024-07-01", "opening", "0"),  # a broken year
    ],
)
def test_balances_within_the_year_are_an_entry_of_their_own(
    tmp_path: Path, criteria: str, day: str, entry: str, period: str
) -> None:
    master = ledger(account("1500", "Debit", "5"), account("3000", "Credit", "5"))
    lines = saft_post("1", "1500", "Debit", "1") + saft_post("2", "3000", "Credit", "1")
    found = read(tmp_path, saft(master, saft_entry(lines), more=f"<SelectionCriteria>{criteria}</SelectionCriteria>"))
    names = ("entry_number", "entry_date", "financial_year", "period")
    assert {row for row in found.of("transaction_line", *names) if row[0] != "9"} == {(entry, day, "2024", period)}


def test_portugals_accounts_that_add_up_others_are_not_counted_again(tmp_path: Path) -> None:
    def of(code: str, category: str, debit: str, credit: str) -> str:
        more = elements(OpeningDebitBalance=debit, OpeningCreditBalance=credit, GroupingCategory=category)
        return account(code, more=more)

    master = ledger(
        of("2", "GR", "9", "1"), of("21", "GA", "9", "1"), of("211", "GM", "9", "1"), of("51", "GM", "0", "8")
    )
    head = elements(FiscalYear="2024", StartDate="2024-02-01")
    found = read(tmp_path, saft(master, namespace="urn:OECD:StandardAuditFile-Tax:PT_1.04_01", more=head))
    assert found.of("transaction_line", "gl_account", "amount", "entry_number", "entry_date") == [
        ("211", "8", "opening", "2024-02-01"), ("51", "-8", "opening", "2024-02-01"),
    ]  # fmt: skip


def test_a_file_without_dates_opens_on_its_first_day(tmp_path: Path) -> None:
    master = ledger(account("1500", "Debit", "5"), account("3000", "Credit", "5"))
    lines = saft_post("1", "1500", "Debit", "1") + saft_post("2", "3000", "Credit", "1")
    found = read(tmp_path, saft(master, saft_entry(lines)))
    days = [(entry, day) for entry, day in found.of("transaction_line", "entry_number", "entry_date") if entry != "9"]
    assert days == [("opening", "2024-03-01")] * 2


def test_a_balance_without_a_ledger_account_is_told(tmp_path: Path) -> None:
    party = f"<Customers><Customer>{elements(Name='A', CustomerID='1', OpeningDebitBalance='5')}</Customer></Customers>"
    (tmp_path / "file.xml").write_text(saft(party, more=YEAR))
    source = readers.open_source(str(tmp_path / "file.xml"))
    assert [block.kind for block in readers.read(source)] == ["account"]
    assert source.left_out == ["1 opening balance of customers or suppliers not taken: no ledger account is stated"]


def test_a_balance_that_is_no_number_is_rejected(tmp_path: Path) -> None:
    found = read(tmp_path, saft(ledger(account("1500", "Debit", "5,00")), more=YEAR))
    (bad,) = found.bad
    assert (bad.problem.column, bad.problem.value, bad.problem.reason) == (
        "OpeningDebitBalance", "5,00", "this is not a number",
    )  # fmt: skip


NORWAY = f"<Company>{elements(RegistrationNumber='999999999', Name='Selskapet AS')}<Address>{elements(StreetName='Veien', Number='1', City='Oslo', PostalCode='0150', Country='NO')}</Address><TaxRegistration>{elements(TaxRegistrationNumber='999999999MVA')}</TaxRegistration></Company>"
PORTUGAL = elements(CompanyID="Porto 12", TaxRegistrationNumber="599999993", CompanyName="Firma Lda") + (
    f"<CompanyAddress>{elements(AddressDetail='Rua 1', City='Porto', PostalCode='4000-001', Country='PT')}</CompanyAddress>"
)


@pytest.mark.parametrize(
    ("namespace", "header", "expected"),
    [
        ("urn:StandardAuditFile-Taxation-Financial:NO", NORWAY,
         ("Selskapet AS", "Veien 1", "0150", "Oslo", "NO", "NO999999999MVA", "999999999")),
        ("urn:OECD:StandardAuditFile-Tax:PT_1.04_01", PORTUGAL,
         ("Firma Lda", "Rua 1", "4000-001", "Porto", "PT", "PT599999993", "Porto 12")),
    ],
)  # fmt: skip
def test_the_company_is_the_administration(
    tmp_path: Path, namespace: str, header: str, expected: tuple[str, ...]
) -> None:
    names = ("name", "address", "postcode", "city", "country", "vat_number", "chamber_of_commerce")
    found = read(tmp_path, saft(namespace=namespace, more=header))
    assert found.of("account", "type", *names) == [("O", *expected)]


def test_the_company_fills_only_what_is_empty(segcli: Run) -> None:
    """The first file finds a name and no city, the second both."""
    assert segcli("init", "--currency", "NOK", "--name", "Vi").status == 0
    for city in ("Oslo", "Bergen"):
        load(segcli, **{f"{city}.xml": saft(more=NORWAY.replace("Oslo", city))})
        found = {row["field"]: row["value"] for row in segcli("administration", "show", "-f", "json").rows}
        assert (found["name"], found["city"], found["vat_number"]) == ("Vi", "Oslo", "NO999999999MVA")
        assert segcli("show", "account-search", "-f", "json").rows == []
