"""The finances in Exact Online's XML and REST answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from finance_files import Read, eexact, elements, read, read_file

from segcli.base.errors import SegcliError
from segcli.importing.readers.parts import exact_codes as codes


def line(number: str, account: str, amount: str, more: str = "", attributes: str = "") -> str:
    return (
        f'<GLTransactionLine type="20" line="{number}"{attributes}><Date>2024-01-31</Date><FinYear number="2024"/><FinPeriod number="1"/>'
        f'<GLAccount code="{account}" type="20"/>{more}{amount}</GLTransactionLine>'
    )


def value(amount: str, currency: str = "EUR", name: str = "Amount", more: str = "") -> str:
    return f'<{name}><Currency code="{currency}"/><Value>{amount}</Value>{more}</{name}>'


def transaction(lines: str, entry: str = "24700001", journal: str = "70") -> str:
    return f'<GLTransaction entry="{entry}"><TransactionType number="20"/><Journal code="{journal}"/><Date>2024-01-31</Date>{lines}</GLTransaction>'


def test_ledger_accounts_journals_and_conditions(tmp_path: Path) -> None:
    ledger = (
        '<GLAccount code="     1300" type="20" balanceType="B" blocked="0" ID="{ABC}"><Description>Debiteuren</Description>'
        '<VATNonDeductibleGLAccount code="9"/></GLAccount><GLAccount code="8000" type="110" balanceType="W"/><GLAccount code="1600" type="22"/>'
    )
    journals = "".join(
        f'<Journal code="{code}" type="{kind}"><Description>J</Description></Journal>'
        for code, kind in [("10", "10"), ("70", "20"), ("90", "90")]
    )
    condition = '<PaymentCondition code="30"><Description>30 dagen</Description><PaymentDays>30</PaymentDays></PaymentCondition>'
    years = (
        '<FinYear number="2024"><FinPeriod number="1"><Journals><Journal code="X"/></Journals></FinPeriod></FinYear>'
    )
    found = read(tmp_path, eexact(GLAccounts=ledger, FinYears=years, Journals=journals, PaymentConditions=condition))
    assert found.of("gl_account", "gl_account", "description", "type", "subledger", "is_blocked", "external_id") == [
        ("1300", "Debiteuren", "B", "debtors", "0", "abc"), ("8000", None, "P", None, None, None), ("1600", None, "B", "creditors", None, None),
    ]  # fmt: skip
    assert found.of("journal", "journal", "type") == [("10", "cash"), ("70", "sales"), ("90", "general")], (
        "a year's journals are references"
    )
    assert found.of("payment_condition", "payment_condition", "description", "days") == [("30", "30 dagen", "30")]


def test_an_entry(tmp_path: Path) -> None:
    about = (
        '<Description>Factuur</Description><DueDate>2024-02-29</DueDate><Account code="    7"><Name>A</Name></Account>'
    )
    about += "<Quantity>2</Quantity><References><InvoiceNumber>2401</InvoiceNumber><YourRef>PO</YourRef></References>"
    sides = "<Amount><Currency code='EUR'/><Debit>10</Debit><Credit>131.5</Credit><VAT code='21'/></Amount>"
    found = read(
        tmp_path,
        eexact(GLTransactions=transaction(line("0", "1300", value("1.215E2"), about) + line("1", "8000", sides))),
    )
    names = (
        "journal",
        "financial_year",
        "period",
        "entry_number",
        "line_number",
        "entry_date",
        "gl_account",
        "account",
        "amount",
        "type",
    )
    assert found.of("transaction_line", *names) == [
        ("70", "2024", "1", "24700001", "0", "2024-01-31", "1300", "7", "121.5", "sales"),
        ("70", "2024", "1", "24700001", "1", "2024-01-31", "8000", None, "-121.5", "sales"),
    ]
    assert found.of("transaction_line", "description", "invoice_number", "due_date", "reference", "quantity", "vat_code") == [
        ("Factuur", "2401", "2024-02-29", "PO", "2", None), (None, None, None, None, None, "21"),
    ]  # fmt: skip
    assert "currency" not in found.headers["transaction_line"]


def test_amounts(tmp_path: Path) -> None:
    rate = "<Rate>0.9</Rate>"
    lines = (
        line("0", "1300", value("90") + value("100", "USD", "ForeignAmount", rate))
        + line("1", "1300", value("50") + value("50", "EUR", "ForeignAmount", "<Rate>1</Rate>"))
        + line("2", "8000", value("-100.55", "USD", "ForeignAmount", rate))
        + line("3", "8000", "<Amount><Credit>7</Credit></Amount>")
        + line("4", "8000", value("veel"))
    )
    found = read(tmp_path, eexact(GLTransactions=transaction(lines)))
    assert found.of("transaction_line", "amount", "currency", "foreign_amount") == [
        ("90", "USD", "100"), ("50", None, None), ("-90.50", "USD", "-100.55"), ("-7", None, None),
    ]  # fmt: skip  # 100.55 x 0.9 = 90.495, rounded half up
    assert [(row.problem.column, row.problem.value) for row in found.bad] == [("amount", "veel")]


@pytest.mark.parametrize("amount", ["9" * 400, "1" + "0" * 31, "1E31", "-1e-31"])
def test_numbers_beyond_all_money_are_bad_rows(tmp_path: Path, amount: str) -> None:
    foreign = value(amount, "USD", "ForeignAmount", "<Rate>0.9</Rate>")
    found = read(
        tmp_path, eexact(GLTransactions=transaction(line("0", "1300", foreign) + line("1", "1300", value("1"))))
    )
    assert [(row.problem.column, row.problem.value) for row in found.bad] == [("amount", amount)]
    assert found.of("transaction_line", "amount") == [("1",)]


def test_lines_of_a_bank_and_their_matches(tmp_path: Path) -> None:
    """A bank's line and its offset have the same number; cash flow is of the journal's type."""
    owner = '<Account code="7"/>'
    lines = (
        line("1", "1100", value("121")) + line("1", "1300", value("-121"), owner, ' offsetline="1"').replace("</GLTransactionLine>", "<MatchID>5</MatchID></GLTransactionLine>")
        + line("2", "1300", value("1")) + line("2", "1300", value("2"))
        + line("3", "1600", value("3"), owner).replace('type="20"/>', 'type="22"/>').replace("</GLTransactionLine>", "<MatchID>6</MatchID></GLTransactionLine>")
    ).replace('<GLTransactionLine type="20"', '<GLTransactionLine type="40"')  # fmt: skip
    journals = '<Journal code="11" type="10"/>'
    found = read(
        tmp_path,
        eexact(
            Journals=journals,
            GLTransactions=transaction(lines, "24110001", "11") + transaction(lines, "24200001", "20"),
        ),
    )
    assert found.of("transaction_line", "line_number", "type")[:5] == [
        ("1", "cash"),
        ("1:1", "cash"),
        ("2", "cash"),
        ("2.2", "cash"),
        ("3", "cash"),
    ]
    assert found.of("transaction_line", "type")[5:6] == [("bank",)]
    assert found.of("match", "account", "match", "journal", "entry_number", "line_number", "amount", "match_date")[
        0
    ] == ("7", "5", "11", "24110001", "1:1", "-121", "2024-01-31")
    assert len(found.rows["match"]) == 2, "creditors' matches are not the debtors'"


def test_outstanding_items(tmp_path: Path) -> None:
    def item(number: str, currency: str, *amounts: str) -> str:
        names = ("InvoiceAmtFC", "OutstandingAmtFC", "InvoiceAmtDC", "OutstandingAmtDC")
        head = elements(Description="D", InvoiceDate="2024-01-31", DueDate="2024-02-29")
        return f'<OutstandingItem number="{number}">{head}<Currency code="{currency}"/>{elements(**dict(zip(names, amounts, strict=True)))}</OutstandingItem>'

    items = f'<Account code="7"/><OutstandingItems>{item("1", "EUR", "121", "21", "121", "21")}{item("2", "USD", "-100", "-50", "-90", "-45")}{item("0", "EUR", "-5", "-5", "-5", "-5")}</OutstandingItems>'
    suppliers = items.replace('"7"', '"8"')
    found = read(tmp_path, eexact(ARs=f"<AR>{items}</AR>", APs=f"<AP>{suppliers}</AP>"))
    assert found.of(
        "outstanding_item",
        "account",
        "invoice_number",
        "invoice_date",
        "due_date",
        "currency",
        "amount",
        "base_amount",
        "open",
    ) == [
        ("7", "1", "2024-01-31", "2024-02-29", "EUR", "121", None, "21"),
        ("7", "2", "2024-01-31", "2024-02-29", "USD", "-100", "-90", "-50"),
        ("7", None, "2024-01-31", "2024-02-29", "EUR", "-5", None, "-5"),
    ]


def test_match_sets(tmp_path: Path) -> None:
    def match_set(kind: str, *entries: str) -> str:
        lines = "".join(
            f'<MatchLine finyear="2024" finperiod="1" journal="70" entry="{entry}" amountdc="{amount}"/>'
            for entry, amount in zip(entries, ("121.0", "-121.0"), strict=True)
        )
        return f'<MatchSet><GLAccount code="1300" type="{kind}"/><Account code="7"/><MatchLines>{lines}</MatchLines></MatchSet>'

    found = read(
        tmp_path, eexact(MatchSets=match_set("20", "1", "2") + match_set("20", "3", "4") + match_set("22", "5", "6"))
    )
    assert found.of("match", "account", "journal", "entry_number", "amount") == [
        ("7", "70", "1", "121.0"), ("7", "70", "2", "-121.0"), ("7", "70", "3", "121.0"), ("7", "70", "4", "-121.0"),
    ]  # fmt: skip
    sets = [row["match"] for row in found.rows["match"]]
    assert sets[0] == sets[1] != sets[2] == sets[3]
    again = read(tmp_path, eexact(MatchSets=match_set("20", "3", "4")))
    assert again.rows["match"][0]["match"] == sets[2], "the same set has the same code in another file"


def test_entry_templates(tmp_path: Path) -> None:
    def of(number: str, how: str) -> str:
        return f'<EntryTemplateLine LineNumber="{number}"><GLAccount code="8000"/><Description>R</Description><VAT code="2"/>{elements(AmountCalculation=how, Weight="3")}<Amount><Value>99.5</Value></Amount></EntryTemplateLine>'

    template = f'<EntryTemplate code="HUUR"><Journal code="70"/><JournalType>20</JournalType><Description>Huur</Description><Currency code="EUR"/><Blocked>false</Blocked>{of("1", "0")}{of("2", "1")}{of("3", "2")}</EntryTemplate>'
    link = '<EntryTemplateLink Main="true"><EntryTemplate code="HUUR"/><EntityType>1</EntityType><Account code="7"/></EntryTemplateLink>'
    found = read(tmp_path, eexact(EntryTemplates=template, EntryTemplateLinks=link))
    names = (
        "entry_template",
        "description",
        "journal",
        "currency",
        "is_blocked",
        "line_number",
        "gl_account",
        "vat_code",
        "line_description",
    )
    assert [row[:9] for row in found.of("entry_template", *names)] == [
        ("HUUR", "Huur", "70", "EUR", "false", n, "8000", "2", "R") for n in "123"
    ]
    assert found.of("entry_template", "amount", "weight") == [(None, None), ("99.5", None), (None, "3")]
    assert found.of("entry_template_link", "entry_template", "account", "is_main") == [("HUUR", "7", "true")]


def test_an_entry_template_without_lines_is_a_row(tmp_path: Path) -> None:
    template = '<EntryTemplate code="LEEG"><Journal code="70"/><Description>Leeg</Description></EntryTemplate>'
    found = read(tmp_path, eexact(EntryTemplates=template))
    assert found.of("entry_template", "entry_template", "description", "journal", "line_number") == [
        ("LEEG", "Leeg", "70", None)
    ]


def test_xml_that_is_refused(tmp_path: Path) -> None:
    text = eexact(GLTransactions=transaction(line("0", "1300", value("1"))))
    for broken, words in [
        (text[:-40], r"file.xml:2:\d+: this is not well-formed"),
        (text.replace("<eExact>", "<!DOCTYPE eExact><eExact>"), "document type"),
        (text.replace("<Date>", "<a>" * 120 + "<Date>"), "nested deeper"),
    ]:
        with pytest.raises(SegcliError, match=words):
            read(tmp_path, broken)


def rest(folder: Path, kind: str, *records: dict[str, Any]) -> Read:
    listed = [{"__metadata": {"type": f"Exact.Web.Api.Models.{kind}"}, **record} for record in records]
    return read(folder, json.dumps({"d": {"results": listed}}), "rest.json")


def test_real_rest_answers(shared: Path) -> None:
    found = read_file(shared / "data" / "exact" / "rest-gl-accounts.json")
    assert found.of("gl_account", "gl_account", "description", "type", "subledger", "is_blocked") == [
        ("4406", "Test", "P", None, "0"), ("1300", "Debiteuren", "B", "debtors", "0"),
    ]  # fmt: skip


def test_rest_journals_and_conditions(tmp_path: Path) -> None:
    found = rest(tmp_path, "Journal", {"Code": " 20", "Description": "Bank", "Type": 12, "Currency": "EUR"})
    assert found.headers["journal"] == ("journal", "description", "type")
    assert found.of("journal", "journal", "type") == [("20", "bank")]
    found = rest(
        tmp_path,
        "PaymentCondition",
        {"Code": "30", "Description": "30 dagen", "PaymentDays": 30, "PaymentEndOfMonths": 0},
    )
    assert found.of("payment_condition", "payment_condition", "description", "days") == [("30", "30 dagen", "30")]


def test_rest_transaction_lines(tmp_path: Path) -> None:
    common = {
        "JournalCode": "70",
        "FinancialYear": 2024,
        "FinancialPeriod": 1,
        "EntryNumber": 24700001,
        "Date": "/Date(1706659200000)/",
        "Type": 20,
        "Account": "guid",
    }
    found = rest(
        tmp_path, "TransactionLine",
        {**common, "ID": "a", "LineNumber": 0, "GLAccountCode": " 1300", "GLAccount": "g", "AccountCode": "      7", "AmountDC": 90.5, "AmountFC": 100, "Currency": "USD", "ExchangeRate": 0.905, "InvoiceNumber": 2401, "DueDate": "/Date(1709164800000)/", "YourRef": "PO", "VATCode": None},
        {**common, "ID": "b", "LineNumber": 1, "GLAccountCode": "8000", "AmountDC": -90.5, "AmountFC": -90.5, "Currency": "EUR", "ExchangeRate": 1, "InvoiceNumber": 0, "VATCode": "2  ", "Quantity": 3},
        {**common, "ID": "c", "LineNumber": 1, "GLAccountCode": "8000", "AmountDC": 0, "AmountFC": 0, "Currency": "EUR", "ExchangeRate": 1, "Type": 10},
    )  # fmt: skip
    names = (
        "journal",
        "financial_year",
        "period",
        "entry_number",
        "line_number",
        "entry_date",
        "gl_account",
        "account",
        "amount",
        "type",
    )
    assert found.of("transaction_line", *names) == [
        ("70", "2024", "1", "24700001", "0", "2024-01-31", "1300", "7", "90.5", "sales"),
        ("70", "2024", "1", "24700001", "1", "2024-01-31", "8000", "guid", "-90.5", "sales"),
        ("70", "2024", "1", "24700001", "1.2", "2024-01-31", "8000", "guid", "0", "opening"),
    ]
    assert found.of("transaction_line", "currency", "foreign_amount", "invoice_number", "due_date", "reference", "vat_code", "quantity", "external_id") == [
        ("USD", "100", "2401", "2024-02-29", "PO", None, None, "a"), (None, None, None, None, None, "2", "3", "b"), (None, None, None, None, None, None, None, "c"),
    ]  # fmt: skip


def test_rest_transaction_lines_in_currencies_that_are_no_numbers(tmp_path: Path) -> None:
    """Whether a line is in another currency is told by what is no number, too; the amount is refused by whoever takes it."""
    common = {"JournalCode": "70", "EntryNumber": 1, "Currency": "USD", "AmountDC": "x"}
    found = rest(
        tmp_path,
        "TransactionLine",
        {**common, "LineNumber": 0, "AmountFC": "x"},
        {**common, "LineNumber": 1, "AmountFC": "y"},
    )
    assert found.of("transaction_line", "amount", "currency", "foreign_amount") == [
        ("x", None, None),
        ("x", "USD", "y"),
    ]


def test_rest_purchase_invoices_with_their_lines(tmp_path: Path) -> None:
    line = {
        "__metadata": {"type": "Exact.Web.Api.Models.PurchaseInvoiceLine"}, "InvoiceID": "p", "LineNumber": 1, "Item": "g",
        "Description": "Meel", "Quantity": 2, "Unit": "kg", "UnitPrice": 50, "Amount": 95, "VATCode": "5", "VATPercentage": 0.21,
        "VATAmount": 19.95, "Discount": 0.05,
    }  # fmt: skip
    invoice = {
        "ID": "p", "Supplier": "s", "YourRef": "F-77", "InvoiceNumber": 0, "InvoiceDate": "/Date(1706659200000)/",
        "DueDate": "/Date(1709164800000)/", "Currency": "EUR", "Amount": 114.95, "VATAmount": 19.95, "Journal": "60", "Status": 20,
        "PaymentCondition": "30", "Description": "Meel", "PurchaseInvoiceLines": {"results": [line]},
    }  # fmt: skip
    found = rest(tmp_path, "PurchaseInvoice", invoice, {**invoice, "ID": "q", "YourRef": None, "InvoiceNumber": 12, "PurchaseInvoiceLines": None})  # fmt: skip
    assert found.of("purchase_invoice", "external_id", "account", "invoice_number", "invoice_date", "due_date", "currency", "total_amount", "vat_amount", "journal") == [
        ("p", "s", "F-77", "2024-01-31", "2024-02-29", "EUR", "114.95", "19.95", "60"),
        ("q", "s", "12", "2024-01-31", "2024-02-29", "EUR", "114.95", "19.95", "60"),
    ]  # fmt: skip
    assert found.of("purchase_invoice_line", "invoice_id", "line_number", "item", "description", "quantity", "unit", "unit_price", "net_amount", "discount_percent", "vat_percent", "vat_code", "vat_amount") == [
        ("p", "1", "g", "Meel", "2", "kg", "50", "95", "5", "21", "5", "19.95"),
    ]  # fmt: skip


def test_rest_items(tmp_path: Path) -> None:
    found = rest(
        tmp_path, "Item",
        {"ID": "a", "Code": "   MEEL", "Description": "Meel", "ItemGroup": "g", "ItemGroupCode": "BAK", "Unit": "kg", "StandardSalesPrice": 2.5, "CostPriceStandard": 1.25, "IsSalesItem": True},
        {"ID": "b", "Code": "GIST", "Description": "Gist", "ItemGroup": "g", "ItemGroupCode": None, "Unit": " ", "StandardSalesPrice": None},
    )  # fmt: skip
    assert found.of("item", "item", "description", "item_group", "unit", "sales_price", "cost_price", "external_id") == [
        ("MEEL", "Meel", "BAK", "kg", "2.5", "1.25", "a"), ("GIST", "Gist", "g", None, None, None, "b"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "date", ["/Date(99999999999999999)/", "/Date(-99999999999999)/", f"/Date({'9' * 5000})/", "/Date(soon)/"]
)
def test_dates_beyond_the_calendar_are_left_to_whoever_takes_them(tmp_path: Path, date: str) -> None:
    assert rest(tmp_path, "TransactionLine", {"JournalCode": "1", "Date": date}).of(
        "transaction_line", "entry_date"
    ) == [(date,)]


def test_rest_receivables_list(tmp_path: Path) -> None:
    record = {
        "HID": 5,
        "AccountCode": "  7",
        "AccountId": "g",
        "AccountName": "A",
        "Amount": 121.0,
        "AmountInTransit": 21,
        "CurrencyCode": "EUR",
        "InvoiceDate": "/Date(1706659200000)/",
        "InvoiceNumber": 0,
        "EntryNumber": 24700001,
        "JournalCode": "70",
    }
    found = rest(tmp_path, "ReceivablesList", record)
    assert found.of(
        "outstanding_item",
        "account",
        "name",
        "invoice_number",
        "journal",
        "entry_number",
        "invoice_date",
        "currency",
        "amount",
        "open",
        "external_id",
    ) == [("7", "A", None, "70", "24700001", "2024-01-31", "EUR", "121.0", "121.0", "5")]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        # An invoice of 121, of which this term is open: money to be received is negative.
        (
            {
                "AmountDC": -121.0,
                "AmountFC": -121.0,
                "RateFC": 1,
                "TransactionAmountDC": 121.0,
                "TransactionType": 20,
                "IsFullyPaid": False,
            },
            ("121.0", None, "121.0"),
        ),
        # Its sign is that of its entry, should Exact note it the other way.
        (
            {
                "AmountDC": 121.0,
                "AmountFC": 121.0,
                "TransactionAmountDC": 121.0,
                "TransactionType": 20,
                "IsFullyPaid": False,
            },
            ("121.0", None, "121.0"),
        ),
        (
            {"AmountDC": 50, "AmountFC": 50, "TransactionAmountDC": -50, "TransactionType": 21, "IsFullyPaid": True},
            ("-50", None, "0"),
        ),
        # A receipt of 100 dollars that is not allocated.
        (
            {
                "AmountDC": 90,
                "AmountFC": 100,
                "RateFC": 0.9,
                "TransactionAmountDC": 90,
                "TransactionType": 40,
                "IsFullyPaid": False,
            },
            ("-100", "-90", "-100"),
        ),
    ],
)
def test_rest_receivables(tmp_path: Path, record: dict[str, Any], expected: tuple[str | None, ...]) -> None:
    found = rest(
        tmp_path,
        "Receivable",
        {"AccountCode": "7", "Currency": "USD", "PaymentCondition": "30", "Journal": "70", **record},
    )
    assert found.of("outstanding_item", "amount", "base_amount", "open") == [expected]
    assert found.of("outstanding_item", "account", "payment_condition", "journal", "currency") == [
        ("7", "30", "70", "USD")
    ]


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("10", "cash"),
        ("12", "bank"),
        ("16", "bank"),
        ("20", "sales"),
        ("21", "sales"),
        ("22", "purchase"),
        ("23", "purchase"),
        ("90", "general"),
        ("7", "other"),
        (None, None),
    ],
)
def test_journal_types(code: str | None, word: str | None) -> None:
    assert codes.journal_type(code) == word


@pytest.mark.parametrize(
    ("code", "journal", "word"),
    [
        ("10", None, "opening"),
        ("20", "bank", "sales"),
        ("21", None, "sales"),
        ("31", None, "purchase"),
        ("40", None, "bank"),
        ("40", "cash", "cash"),
        ("40", "sales", "bank"),
        ("90", None, "other"),
        (None, "cash", None),
    ],
)
def test_entry_types(code: str | None, journal: str | None, word: str | None) -> None:
    assert codes.entry_type(code, journal) == word


@pytest.mark.parametrize(
    ("balance", "code", "word"),
    [
        ("B", None, "B"),
        ("W", "20", "P"),
        (None, "20", "B"),
        (None, "110", "P"),
        (None, "160", "P"),
        (None, "90", None),
        (None, "x", None),
        (None, None, None),
    ],
)
def test_account_types(balance: str | None, code: str | None, word: str | None) -> None:
    assert codes.account_type(balance, code) == word
