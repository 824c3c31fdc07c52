"""Audit files: the ledger, its journals, the opening balance and the debtors' subledger; also where they break the schema."""

from decimal import Decimal
from pathlib import Path

import pytest
from finance_files import XAF_32, XAF_40, Read, elements, journal, line, read, read_file, xaf

from segcli.base.errors import SegcliError

LEDGER = (
    "<generalLedger>"
    "<ledgerAccount><accID>1300</accID><accDesc>Debiteuren</accDesc><accTp>B</accTp></ledgerAccount>"
    "<ledgerAccount><accID>1600</accID><accDesc>Crediteuren</accDesc><accTp>B</accTp></ledgerAccount>"
    "<ledgerAccount><accID>8000</accID><accDesc>Omzet</accDesc><accTp>P</accTp></ledgerAccount>"
    "<ledgerAccount><accID>9999</accID><accDesc>Gemengd</accDesc><accTp>M</accTp></ledgerAccount></generalLedger>"
)
SALE = line("1", "1300", "121.00", "D", "<custSupID>7</custSupID><invRef>2401</invRef>") + line("2", "8000", "121", "C")


def subledger(lines: str, kind: str = "CU") -> str:
    return f"<subledgers><subledger><sbType>{kind}</sbType>{lines}</subledger></subledgers>"


def sb_line(amount: str, side: str, more: str = "", entry: str = "1", number: str = "1") -> str:
    about = elements(nr="1", jrnID="70", trNr=entry, trLineNr=number, amnt=amount, amntTp=side, custSupID="7")
    return f"<sbLine>{about}{more}</sbLine>"


def transactions(*parts: str) -> str:
    return LEDGER + f"<transactions>{''.join(parts)}</transactions>"


def test_the_real_file(shared: Path) -> None:
    found = read_file(shared / "data" / "exact" / "auditfile-2016.xaf.xml")
    assert not found.bad
    amounts = [Decimal(row["amount"] or 0) for row in found.rows["transaction_line"]]
    assert (len(amounts), sum(a for a in amounts if a > 0), sum(amounts)) == (167, Decimal("999954.06"), 0)
    keys = found.of("transaction_line", "journal", "financial_year", "entry_number", "line_number")
    assert len(set(keys)) == 167
    assert len(found.rows["account"]) == 29
    assert len(found.rows["journal"]) == 8
    by_account: dict[str | None, Decimal] = {}
    for kind in ("outstanding_item", "payment"):
        for account, amount in found.of(kind, "account", "amount"):
            by_account[account] = by_account.get(account, Decimal(0)) + Decimal(amount or 0)
    assert by_account == {
        "1": Decimal("8000.00"), "22": Decimal("45922.37"), "25": Decimal("23700.00"), "29": Decimal("8000.00"),
        "36": Decimal("2000.00"), "34": Decimal("0.00"), "33": Decimal("-391842.46"),
    }  # fmt: skip
    assert sum(by_account.values()) == Decimal("-304220.09")
    controls = {row["gl_account"]: row["subledger"] for row in found.rows["gl_account"] if row.get("subledger")}
    assert controls["1300"] == "debtors"
    assert controls["1600"] == "creditors"
    assert set(controls.values()) == {"debtors", "creditors"}
    # Each receivable is the journal line that it refers to, to the cent.
    lines = {
        row[:3]: row[3:]
        for row in found.of(
            "transaction_line", "journal", "entry_number", "line_number", "amount", "account", "gl_account"
        )
    }
    for *where, amount, account in found.of(
        "outstanding_item", "journal", "entry_number", "line_number", "amount", "account"
    ):
        assert lines[tuple(where)][:2] == (amount, account)
        assert controls[lines[tuple(where)][2]] == "debtors"


def test_a_sale(tmp_path: Path) -> None:
    vat = "<vat><vatID>2</vatID><vatPerc>21</vatPerc></vat><qntity>-3</qntity>"
    sale = line("1", "1300", "121.00", "D", "<custSupID>7</custSupID><invRef>2401</invRef>") + line(
        "2", "8000", "-121.00", "D", vat
    )
    found = read(tmp_path, xaf(transactions(journal(sale))))
    assert found.of("gl_account", "gl_account", "description", "type") == [
        ("1300", "Debiteuren", "B"), ("1600", "Crediteuren", "B"), ("8000", "Omzet", "P"), ("9999", "Gemengd", None),
    ]  # fmt: skip
    assert "subledger" not in found.headers["gl_account"], "no subledger tells"
    assert found.of("journal", "journal", "description", "type") == [("70", "Verkoop", "sales")]
    names = (
        "journal",
        "financial_year",
        "period",
        "entry_number",
        "line_number",
        "entry_date",
        "gl_account",
        "account",
        "invoice_number",
        "amount",
        "type",
    )
    assert found.of("transaction_line", *names) == [
        ("70", "2024", "1", "1", "1", "2024-01-30", "1300", "7", "2401", "121.00", "sales"),
        ("70", "2024", "1", "1", "2", "2024-01-30", "8000", None, None, "-121.00", "sales"),
    ]
    assert found.of("transaction_line", "vat_code", "quantity") == [(None, None), ("2", "-3")]
    assert "currency" not in found.headers["transaction_line"]


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("B", "bank"),
        ("C", "cash"),
        ("P", "purchase"),
        ("S", "sales"),
        ("M", "general"),
        ("O", "opening"),
        ("T", "other"),
        ("Y", "other"),
        ("Z", "other"),
        ("G", "other"),
    ],
)
def test_types_of_journals(tmp_path: Path, code: str, word: str) -> None:
    found = read(tmp_path, xaf(transactions(journal(SALE, kind=code))))
    assert found.of("journal", "type") == [(word,)]
    assert {row["type"] for row in found.rows["transaction_line"]} == {word}


def test_period_zero_is_the_opening_balance(tmp_path: Path) -> None:
    text = xaf(transactions(journal(SALE, kind="M"))).replace("<periodNumber>1<", "<periodNumber>0<")
    assert {row["type"] for row in read(tmp_path, text).rows["transaction_line"]} == {"opening"}


def test_the_subledger(tmp_path: Path) -> None:
    due = elements(invRef="2401", invDt="2024-01-30", invDueDt="2024-02-29", mutTp="I", docRef="X1")
    receipt = elements(invRef="2401", invDt="2024-01-30", mutTp="P", recRef="M1")
    loose = elements(invRef="0", invDt="2024-03-01", mutTp="P")
    bank = journal(
        line("1", "1300", "100", "C", "<custSupID>7</custSupID>").replace("2024-01-30", "2024-02-15"), "70", "S", "2"
    )
    sub = subledger(
        sb_line("121", "D", due + "<recRef>M1</recRef>")
        + sb_line("100", "C", receipt, "2")
        + sb_line("5", "C", loose, "3")
    )
    found = read(tmp_path, xaf(transactions(journal(SALE), bank, sub)))
    names = (
        "account",
        "invoice_number",
        "journal",
        "entry_number",
        "line_number",
        "invoice_date",
        "due_date",
        "currency",
        "amount",
    )
    assert found.of("outstanding_item", *names, "reference") == [
        ("7", "2401", "70", "1", "1", "2024-01-30", "2024-02-29", "EUR", "121", "X1"),
        ("7", None, "70", "3", "1", "2024-03-01", None, "EUR", "-5", None),
    ]
    assert "base_amount" not in found.headers["outstanding_item"]
    # The day of a receipt is that of its journal line, not that of the invoice.
    assert found.of("payment", "account", "invoice_number", "entry_number", "payment_date", "amount", "currency") == [
        ("7", "2401", "2", "2024-02-15", "-100", "EUR")
    ]
    assert found.of("match", "account", "match", "entry_number", "line_number", "amount") == [
        ("7", "M1", "1", "1", "121"), ("7", "M1", "2", "1", "-100"),
    ]  # fmt: skip
    assert ("1300", "debtors") in found.of("gl_account", "gl_account", "subledger")


def test_suppliers_are_no_receivables_but_tell_their_ledger_account(tmp_path: Path) -> None:
    buy = line("1", "1600", "50", "C", "<custSupID>8</custSupID>") + line("2", "8000", "50", "D")
    found = read(tmp_path, xaf(transactions(journal(buy), subledger(sb_line("50", "C"), "SU"))))
    assert ("1600", "creditors") in found.of("gl_account", "gl_account", "subledger")
    assert "outstanding_item" not in found.rows


def test_a_subledger_of_both(tmp_path: Path) -> None:
    lines = (
        sb_line("50", "D", "<invPurSalTp>S</invPurSalTp>")
        + sb_line("60", "C", "<invPurSalTp>P</invPurSalTp>")
        + sb_line("70", "C")
    )
    found = read(tmp_path, xaf(transactions(journal(SALE), subledger(lines, "CS"))))
    assert found.of("outstanding_item", "amount") == [("50",)]


def test_foreign_currency_is_kept_apart(tmp_path: Path) -> None:
    dollars = "<currency><curCode>USD</curCode><curAmnt>130.00</curAmnt></currency>"
    euros = "<currency><curCode>EUR</curCode><curAmnt>121.00</curAmnt></currency>"
    lines = line("1", "1300", "121.00", "C", dollars) + line("2", "8000", "121.00", "D", euros)
    found = read(
        tmp_path, xaf(transactions(journal(lines), subledger(sb_line("121", "C", dollars) + sb_line("9", "D", euros))))
    )
    assert found.of("transaction_line", "amount", "currency", "foreign_amount") == [
        ("-121.00", "USD", "-130.00"),
        ("121.00", None, None),
    ]
    assert found.of("outstanding_item", "amount", "currency", "base_amount") == [
        ("-130.00", "USD", "-121"),
        ("9", "EUR", None),
    ]


def test_the_opening_balance(tmp_path: Path) -> None:
    lines = "".join(
        f"<obLine>{elements(nr=n, accID=a, amnt=m, amntTp=s)}</obLine>"
        for n, a, m, s in [("1", "1300", "30", "D"), ("2", "9999", "30", "C")]
    )
    item = elements(
        nr="5",
        obLineNr="1",
        amnt="30",
        amntTp="D",
        custSupID="7",
        invRef="2301",
        invDt="2023-12-01",
        invDueDt="2023-12-31",
    )
    sub = f"<obSubledgers><obSubledger><sbType>CU</sbType><obSbLine>{item}</obSbLine></obSubledger></obSubledgers>"
    opening = f"<openingBalance><opBalDate>2023-12-31</opBalDate>{lines}{sub}</openingBalance>"
    found = read(tmp_path, xaf(LEDGER + opening))
    assert found.of("journal", "journal", "type") == [("opening", "opening")]
    assert found.of(
        "transaction_line",
        "journal",
        "entry_number",
        "line_number",
        "entry_date",
        "financial_year",
        "gl_account",
        "amount",
        "type",
    ) == [
        ("opening", "opening", "1", "2023-12-31", "2024", "1300", "30", "opening"),
        ("opening", "opening", "2", "2023-12-31", "2024", "9999", "-30", "opening"),
    ]
    assert found.of(
        "outstanding_item", "account", "invoice_number", "journal", "entry_number", "line_number", "due_date", "amount"
    ) == [("7", "2301", "opening", "opening", "1:5", "2023-12-31", "30")]
    assert found.of("gl_account", "gl_account", "subledger")[0] == ("1300", "debtors")


def test_version_4(tmp_path: Path) -> None:
    """It has no date of the opening balance and no subledgers; effDate is the invoice's day, and RGS tells what debtors are."""
    ledger = "<generalLedger>" + "".join(
        f"<ledgerAccount>{elements(accID=code, accDesc='x', accTp='B', RGScode=rgs)}</ledgerAccount>"
        for code, rgs in [("1300", "BVorDebHad"), ("1310", "BVorDebVdd"), ("1600", "BSchCreHac")]
    )
    opening = (
        f"<openingBalance><obLine>{elements(nr='1', accID='1300', amnt='-5', amntTp='C')}</obLine></openingBalance>"
    )
    found = read(
        tmp_path,
        xaf(
            ledger + "</generalLedger>" + opening + f"<transactions>{journal(SALE)}</transactions>", XAF_40, "2023-2024"
        ),
    )
    assert found.of("gl_account", "gl_account", "subledger") == [
        ("1300", "debtors"),
        ("1310", None),
        ("1600", "creditors"),
    ]
    assert found.of("transaction_line", "entry_date", "amount", "financial_year") == [
        ("2024-01-01", "5", "2023"), ("2024-01-31", "121.00", "2023"), ("2024-01-31", "-121", "2023"),
    ]  # fmt: skip


def test_elements_in_another_order(tmp_path: Path) -> None:
    """What a line refers to may stand after it."""
    late = f"<journal><transaction>{SALE}{elements(nr='1', periodNumber='1', trDt='2024-01-31')}</transaction>{elements(desc='Verkoop', jrnTp='S', jrnID='70')}</journal>"
    sub = f"<subledgers><subledger>{sb_line('121', 'D')}<sbType>CU</sbType></subledger></subledgers>"
    found = read(tmp_path, xaf(f"<transactions>{sub}{late}</transactions>" + LEDGER))
    assert found.of("transaction_line", "journal", "entry_number", "type", "amount") == [
        ("70", "1", "sales", "121.00"),
        ("70", "1", "sales", "-121"),
    ]
    assert found.of("outstanding_item", "account", "amount") == [("7", "121")]
    assert ("1300", "debtors") in found.of("gl_account", "gl_account", "subledger")


def test_line_numbers_that_come_again(tmp_path: Path) -> None:
    again = (
        line("1", "1300", "1", "D")
        + line("1", "1300", "2", "D")
        + line("1.2", "1300", "3", "D")
        + line("1", "8000", "6", "C")
    )
    found = read(tmp_path, xaf(transactions(journal(again), journal(line("1", "1300", "7", "D")))))
    numbers = [row["line_number"] for row in found.rows["transaction_line"]]
    assert len(set(numbers)) == 5
    assert numbers[:2] == ["1", "1.2"]
    assert [row["amount"] for row in found.rows["transaction_line"]] == ["1", "2", "3", "-6", "7"]


def test_the_own_administration_is_nobodys_account(tmp_path: Path) -> None:
    own = f"<customersSuppliers><customerSupplier>{elements(custSupID='000000', custSupName='Wij', custSupTp='O')}</customerSupplier></customersSuppliers>"
    found = read(
        tmp_path, xaf(own + transactions(journal(line("1", "1300", "1", "D", "<custSupID>000000</custSupID>"))))
    )
    assert found.of("account", "account", "type") == [("000000", "D")]
    assert found.of("transaction_line", "amount", "account") == [("1", None)]


@pytest.mark.parametrize(
    ("bad", "column", "value"),
    [
        (line("1", "1300", "1,5", "D"), "amount", "1,5"),
        (line("1", "1300", "nan", "D"), "amount", "nan"),
        (line("1", "1300", "1e999999", "D"), "amount", "1e999999"),
        (line("1", "1300", "5", "X"), "amount", "5"),
        (line("1", "1300", "5", "D", "<qntity>veel</qntity>"), "quantity", "veel"),
        (
            line("1", "1300", "", "D", "<currency><curCode>USD</curCode><curAmnt>5</curAmnt></currency>"),
            "amount",
            None,
        ),
    ],
)
def test_what_cannot_be_read_is_a_row_with_its_line(tmp_path: Path, bad: str, column: str, value: str | None) -> None:
    found = read(tmp_path, xaf(transactions(journal("\n" + bad + SALE))))
    assert [(row.place, row.problem.column, row.problem.value) for row in found.bad] == [(3, column, value)]
    assert len(found.rows["transaction_line"]) == 2, "the others are read"


def test_a_subledger_without_a_name(tmp_path: Path) -> None:
    sub = subledger(sb_line("121", "D")).replace("<sbType>CU</sbType>", "")
    found = read(tmp_path, xaf(transactions(journal(SALE), sub)))
    assert [row.problem.column for row in found.bad] == ["sbType"]


def test_numbers_as_schemas_allow_them(tmp_path: Path) -> None:
    found = read(
        tmp_path, xaf(transactions(journal(line("1", "1300", "+1.20E1", "D") + line("2", "8000", "-.5", "C"))))
    )
    assert [row["amount"] for row in found.rows["transaction_line"]] == ["12.0", "0.5"]


def test_what_has_no_sign_to_go_by(tmp_path: Path) -> None:
    """Nothing is neither debit nor credit, and an amount in another currency is as it stands where the other is nothing."""
    dollars = "<currency><curCode>USD</curCode><curAmnt>-0.01</curAmnt></currency>"
    lines = line("1", "1300", "0.00", "") + line("2", "8000", "0", "C", dollars)
    found = read(tmp_path, xaf(transactions(journal(lines))))
    assert found.of("transaction_line", "amount", "foreign_amount") == [("0.00", None), ("0", "-0.01")]


def encoded(text: str, how: str) -> bytes:
    return text.replace("Omzet", "Omzét").encode(how)


@pytest.mark.parametrize("how", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_encodings_that_are_not_the_declared_one(tmp_path: Path, how: str) -> None:
    text = xaf(transactions(journal(SALE)))
    declared = text.replace('encoding="utf-8"', 'encoding="utf-16"') if how == "utf-16" else text
    assert ("8000", "Omzét") in read(tmp_path, encoded(declared, how)).of("gl_account", "gl_account", "description")


@pytest.mark.parametrize("declared", ["none-such", "shift_jis", "rot13", "utf-32", "idna"])
def test_encodings_that_cannot_be_read(tmp_path: Path, declared: str) -> None:
    """Where the bytes are not UTF-8, the declaration is believed; where it names what XML cannot be read in, that is said."""
    text = xaf(transactions(journal(SALE))).replace('encoding="utf-8"', f'encoding="{declared}"')
    assert read(tmp_path, text).rows["transaction_line"], "as long as it is UTF-8, it does not matter"
    with pytest.raises(SegcliError, match=f"cannot be read in the encoding '{declared}'"):
        read(tmp_path, encoded(text, "windows-1252"))


def test_a_prefix_and_another_case(tmp_path: Path) -> None:
    text = (
        xaf(transactions(journal(SALE)))
        .replace("<", "<x:")
        .replace("<x:/", "</x:")
        .replace("<x:?xml", "<?xml")
        .replace("xmlns=", "xmlns:x=")
    )
    assert len(read(tmp_path, text).rows["transaction_line"]) == 2


def test_a_cut_file_and_a_document_type(tmp_path: Path) -> None:
    text = xaf(transactions(journal(SALE)))
    with pytest.raises(SegcliError, match=r"file.xml:2:\d+: this is not well-formed XML"):
        read(tmp_path, text[:-200])
    with pytest.raises(SegcliError, match="a document type"):
        read(tmp_path, text.replace("<auditfile", '<!DOCTYPE auditfile [<!ENTITY a "b">]><auditfile', 1))


def test_many_rows_are_spooled(tmp_path: Path) -> None:
    """More rows than are kept in memory, among them a bad one: all come, in their order."""
    lines = "".join(line(str(n), "1300", "x" if n == 3000 else str(n), "D") for n in range(1, 5001))
    found = read(tmp_path, xaf(transactions(journal(lines))))
    numbers = [int(row["line_number"] or 0) for row in found.rows["transaction_line"]]
    assert numbers == [n for n in range(1, 5001) if n != 3000]
    assert [row.problem.value for row in found.bad] == ["x"]


def test_no_more_than_relations(tmp_path: Path) -> None:
    found: Read = read(tmp_path, xaf(""))
    assert not found.rows
    assert XAF_32 != XAF_40
