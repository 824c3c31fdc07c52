"""The finances in Exact Online's XML."""

from pathlib import Path

import pytest
from finance_files import eexact, elements, gl_line, gl_transaction, gl_value, read

from segcli.base.errors import SegcliError


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
        eexact(
            GLTransactions=gl_transaction(
                gl_line("0", "1300", gl_value("1.215E2"), about) + gl_line("1", "8000", sides)
            )
        ),
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
        gl_line("0", "1300", gl_value("90") + gl_value("100", "USD", "ForeignAmount", rate))
        + gl_line("1", "1300", gl_value("50") + gl_value("50", "EUR", "ForeignAmount", "<Rate>1</Rate>"))
        + gl_line("2", "8000", gl_value("-100.55", "USD", "ForeignAmount", rate))
        + gl_line("3", "8000", "<Amount><Credit>7</Credit></Amount>")
        + gl_line("4", "8000", gl_value("veel"))
    )
    found = read(tmp_path, eexact(GLTransactions=gl_transaction(lines)))
    assert found.of("transaction_line", "amount", "currency", "foreign_amount") == [
        ("90", "USD", "100"), ("50", None, None), ("-90.50", "USD", "-100.55"), ("-7", None, None),
    ]  # fmt: skip  # 100.55 x 0.9 = 90.495, rounded half up
    assert [(row.problem.column, row.problem.value) for row in found.bad] == [("amount", "veel")]


@pytest.mark.parametrize("amount", ["9" * 400, "1" + "0" * 31, "1E31", "-1e-31"])
def test_numbers_beyond_all_money_are_bad_rows(tmp_path: Path, amount: str) -> None:
    foreign = gl_value(amount, "USD", "ForeignAmount", "<Rate>0.9</Rate>")
    found = read(
        tmp_path,
        eexact(GLTransactions=gl_transaction(gl_line("0", "1300", foreign) + gl_line("1", "1300", gl_value("1")))),
    )
    assert [(row.problem.column, row.problem.value) for row in found.bad] == [("amount", amount)]
    assert found.of("transaction_line", "amount") == [("1",)]


def test_lines_of_a_bank_and_their_matches(tmp_path: Path) -> None:
    """A bank's line and its offset have the same number; cash flow is of the journal's type."""
    owner = '<Account code="7"/>'
    lines = (
        gl_line("1", "1100", gl_value("121")) + gl_line("1", "1300", gl_value("-121"), owner, ' offsetline="1"').replace("</GLTransactionLine>", "<MatchID>5</MatchID></GLTransactionLine>")
        + gl_line("2", "1300", gl_value("1")) + gl_line("2", "1300", gl_value("2"))
        + gl_line("3", "1600", gl_value("3"), owner).replace('type="20"/>', 'type="22"/>').replace("</GLTransactionLine>", "<MatchID>6</MatchID></GLTransactionLine>")
    ).replace('<GLTransactionLine type="20"', '<GLTransactionLine type="40"')  # fmt: skip
    journals = '<Journal code="11" type="10"/>'
    found = read(
        tmp_path,
        eexact(
            Journals=journals,
            GLTransactions=gl_transaction(lines, "24110001", "11") + gl_transaction(lines, "24200001", "20"),
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
    text = eexact(GLTransactions=gl_transaction(gl_line("0", "1300", gl_value("1"))))
    for broken, words in [
        (text[:-40], r"file.xml:2:\d+: this is not well-formed"),
        (text.replace("<eExact>", "<!DOCTYPE eExact><eExact>"), "document type"),
        (text.replace("<Date>", "<a>" * 120 + "<Date>"), "nested deeper"),
    ]:
        with pytest.raises(SegcliError, match=words):
            read(tmp_path, broken)
