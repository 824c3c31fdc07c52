"""Receivables from the ledger: what a file without a subledger says that customers owe, and the company of an audit file."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, connected
from finance_files import XAF_32, XAF_40, elements, xaf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from import_case import load
from test_years import Year, money

from segcli.base.errors import SegcliError
from segcli.importing import readers

HEAD = "journal,type,entry_number,entry_date,gl_account,account,description,invoice_number,debit,credit"


def ledger_account(code: str, kind: str = "B", more: str = "") -> str:
    return f"<ledgerAccount>{elements(accID=code, accDesc=code, accTp=kind)}{more}</ledgerAccount>"


LEDGER = (
    ledger_account("1300", more="<RGScode>BVorDebHad</RGScode>")
    + ledger_account("1600", more="<RGScode>BSchCreHac</RGScode>")
    + ledger_account("0500")
    + ledger_account("1100")
    + ledger_account("8000", "P")
)


def relation(code: str, kind: str = "C", opening: int | None = None, closing: int | None = None, more: str = "") -> str:
    stated = "".join(
        elements(**{f"{name}BalDesc": money(amount), f"{name}BalTp": "D" if amount >= 0 else "C"})
        for name, amount in (("op", opening), ("cl", closing))
        if amount is not None
    )
    return f"<customerSupplier>{elements(custSupID=code, custSupName='Relatie ' + code)}{more}{elements(custSupTp=kind) if kind else ''}{stated}</customerSupplier>"


def opening(*lines: tuple[str, int]) -> str:
    found = "".join(
        f"<obLine>{elements(nr=str(n), accID=code, amnt=money(amount), amntTp='D' if amount >= 0 else 'C')}</obLine>"
        for n, (code, amount) in enumerate(lines, 1)
    )
    return f"<openingBalance>{found}</openingBalance>"


def entry(number: int, day: str, *lines: tuple[str, int, str, str]) -> str:
    """Return a transaction of lines of ledger account, amount, relation and invoice."""
    found = "".join(
        "<trLine>" + elements(nr=str(n), accID=code, docRef="x", effDate=day, amnt=money(amount), amntTp="D" if amount >= 0 else "C")
        + (elements(custSupID=party) if party else "") + (elements(invRef=invoice) if invoice else "") + "</trLine>"
        for n, (code, amount, party, invoice) in enumerate(lines, 1)
    )  # fmt: skip
    return f"<transaction>{elements(nr=str(number), periodNumber=str(int(day[5:7])), trDt=day)}{found}</transaction>"


def file(  # noqa: PLR0913 - the parts of a file
    relations: str, opened: str, sales: str = "", bank: str = "", year: int = 2024, version: str = XAF_40
) -> str:
    journals = "".join(
        f"<journal>{elements(jrnID=code, desc=code, jrnTp=kind)}{entries}</journal>"
        for code, kind, entries in (("V", "S", sales), ("B", "B", bank))
        if entries
    )
    whole = f"<customersSuppliers>{relations}</customersSuppliers><generalLedger>{LEDGER}</generalLedger>{opened}<transactions>{journals}</transactions>"
    return xaf(whole, version, str(year)).replace("2024-", f"{year}-") if year != 2024 else xaf(whole, version)


def sale(number: int, day: str, party: str, invoice: str, amount: int) -> str:
    return entry(number, day, ("1300", amount, party, invoice), ("8000", -amount, "", ""))


def receipt(number: int, day: str, party: str, invoice: str, amount: int) -> str:
    return entry(number, day, ("1300", -amount, party, invoice), ("1100", amount, "", ""))


def items(segcli: Run, *words: str) -> list[tuple[Any, ...]]:
    rows = segcli("show", "outstanding-items", "-f", "json", *words).rows
    return sorted((row["account"], row["invoice_number"] or "", row["open"]) for row in rows)


def control(segcli: Run, *words: str) -> str:
    last = segcli("show", "debtor-ageing", "-f", "md", *words).out.strip().splitlines()[-1]
    return last[last.index("ledger") :] if "ledger" in last else ""


FIRST = file(
    relation("D1", opening=10000, closing=17100)
    + relation("D2", opening=-500, closing=-1500)
    + relation("S1", "S", -700, -700),
    opening(("1300", 9500), ("1600", -700), ("0500", -8800)),
    sale(1, "2024-02-01", "D1", "F1", 12100),
    receipt(1, "2024-03-01", "D1", "F1", 5000) + receipt(2, "2024-04-01", "D2", "", 1000),
)
SECOND = file(
    relation("D1", opening=17100, closing=7100) + relation("D2", opening=-1500, closing=-1500),
    opening(("1300", 15600), ("1600", -700), ("1100", 6000), ("0500", -20900)),
    bank=receipt(1, "2025-02-01", "D1", "F1", 3000) + receipt(2, "2025-03-01", "D1", "", 7000),
    year=2025,
)


def test_version_4(segcli: Run, empty: Path) -> None:
    """D1 opens at 100, buys for 121 and pays 50; D2 has paid 5 and 10 for nothing. Relations close as the file states."""
    for _ in range(2):
        done = load(segcli, "--again", **{"a.xaf": FIRST})
        assert done.err == ""
        assert items(segcli) == [("D1", "", 100), ("D1", "F1", 71), ("D2", "", -15)]
        assert control(segcli) == "ledger 1300: 156.00, items: 156.00, difference 0.00 EUR"
    rows = segcli("show", "debtor-balance", "--ledger", "--period", "2024", "-f", "json").rows
    assert [(row["account"], row["closing"], row["difference"]) for row in rows] == [("D1", 171, 0), ("D2", -15, 0)]
    assert segcli("check").status == 0


@pytest.mark.parametrize("order", list(permutations(("a.xaf", "b.xaf"))))
def test_version_4_over_two_years(segcli: Run, empty: Path, order: tuple[str, ...]) -> None:
    texts = {"a.xaf": FIRST, "b.xaf": SECOND}
    for _ in range(2):
        for name in order:
            load(segcli, "--again", **{name: texts[name]})
        # One open balance of each relation: 100 - 70, and what came in for nothing.
        assert items(segcli) == [("D1", "", 30), ("D1", "F1", 41), ("D2", "", -15)]
        assert control(segcli) == "ledger 1300: 56.00, items: 56.00, difference 0.00 EUR"
    assert segcli("check").status == 0


@pytest.mark.parametrize("order", list(permutations(("a.xaf", "b.xaf"))))
def test_a_year_with_a_subledger_and_one_without(segcli: Run, empty: Path, order: tuple[str, ...]) -> None:
    """The first year is a file of 3.2 with a subledger, the second one of 4.0."""
    first = Year(2024).sale("D1", "F1", 17100, "2024-11-05").receipt("D2", "", 1500, "2024-12-21")
    texts = {"a.xaf": first.text, "b.xaf": SECOND}
    for name in (*order, *order):
        load(segcli, "--again", **{name: texts[name]})
    assert control(segcli) == "ledger 1300: 56.00, items: 56.00, difference 0.00 EUR"
    assert sum(amount for code, _, amount in items(segcli) if code == "D1") == 171 - 30 - 70


def test_closing_balances_prove_the_lines(segcli: Run, empty: Path) -> None:
    wrong = FIRST.replace(elements(clBalDesc="171.00"), elements(clBalDesc="170.00"))
    assert (
        "the closing balance differs from the lines for 1 relation of debtors: D1 170.00, by its lines 171.00"
        in load(segcli, **{"a.xaf": wrong}).err
    )


def test_opening_balances_of_relations_that_do_not_add_up(segcli: Run, empty: Path) -> None:
    done = load(segcli, **{"a.xaf": FIRST.replace(elements(opBalDesc="100.00"), elements(opBalDesc="99.00"))})
    assert "the opening balances of relations add up to 94.00, the ledger account of debtors opens at 95.00" in done.err
    assert control(segcli).startswith("ledger 1300: 156.00, items: 155.00"), "1.00 is of no relation"


@pytest.mark.parametrize(("wanted", "found"), [("none", []), ("from-subledger", []), ("from-ledger", ["", "F1", ""])])
def test_the_choice(segcli: Run, empty: Path, wanted: str, found: list[str]) -> None:
    load(segcli, "--receivables", wanted, **{"a.xaf": FIRST})
    assert [number for _, number, _ in items(segcli)] == found
    assert segcli("import", "a.xaf", "--receivables", "from-ledgers").status == 2


def test_a_subledger_goes_before_the_ledger(segcli: Run, empty: Path, shared: Path) -> None:
    """Exact's file has both: the ledger gives the same sum, without the due dates."""
    real = str(shared / "data" / "exact" / "auditfile-2016.xaf.xml")
    assert segcli("import", real).status in {0, 5}
    with connected(empty) as db:
        dated = db.execute("SELECT count(*) FROM outstanding_item WHERE due_date IS NOT NULL").fetchone()[0]
    assert dated
    assert "ledger 1300: -304,220.09, items: -304,220.09" in control(segcli)


def test_the_same_sum_from_the_ledger_of_a_real_file(segcli: Run, empty: Path, shared: Path) -> None:
    real = str(shared / "data" / "exact" / "auditfile-2016.xaf.xml")
    assert segcli("import", real, "--receivables", "from-ledger").status in {0, 5}
    assert "ledger 1300: -304,220.09, items: -304,220.09" in control(segcli)


def test_transactions_of_any_file(segcli: Run, empty: Path) -> None:
    """Ledger lines of a table, for the ledger accounts that are known to be of debtors."""
    lines = [
        "70,sales,1,2026-05-01,1300,7,Tea,1,121,", "70,sales,1,2026-05-01,8000,,Tea,,,121",
        "70,sales,2,2026-05-02,1300,7,Credit,2,,10", "70,sales,2,2026-05-02,8000,,Credit,,10,",
        "20,bank,9,2026-06-01,1100,,,,151,", "20,bank,9,2026-06-01,1300,7,Paid,1,,151",
        "20,bank,10,2026-06-02,1300,7,Paid back,1,30,", "20,bank,10,2026-06-02,1100,,,,,30",
    ]  # fmt: skip
    load(segcli, accounts="account,name\n7,Kaas\n", ledger="gl_account,description,subledger\n1300,Debtors,debtors\n")
    text = "\n".join([HEAD, *lines]) + "\n"
    for _ in range(2):
        load(segcli, "--again", "--receivables", "from-ledger", lines=text)
        assert sum(open_ for _, _, open_ in items(segcli)) == -10
        assert control(segcli) == "ledger 1300: -10.00, items: -10.00, difference 0.00 EUR"
        assert "items: 111.00" in control(segcli, "--as-of", "2026-05-31")
    with connected(empty) as db:
        run = db.execute("SELECT max(id) FROM run").fetchone()[0]
    assert segcli("undo", run, "--yes").status == 0
    assert items(segcli) == []


def test_items_of_another_source_are_not_doubled(segcli: Run, empty: Path) -> None:
    load(segcli, "--create-missing", items="account,invoice_number,invoice_date,amount\nD1,F1,2024-02-01,121\n")
    assert "outstanding items of another source are here" in load(segcli, **{"a.xaf": FIRST}).err
    assert items(segcli) == [("D1", "F1", 121)]
    load(segcli, "--receivables", "from-ledger", **{"a.xaf": FIRST})
    assert ("D1", "F1", 71) in items(segcli)


def test_foreign_currency(segcli: Run, empty: Path) -> None:
    dollars = "<currency><curCode>USD</curCode><curAmnt>{}</curAmnt></currency></trLine><trLine>"
    sold = sale(1, "2024-02-01", "D1", "F1", 12100).replace("</trLine><trLine>", dollars.format("130.00"))
    load(segcli, **{"a.xaf": file(relation("D1"), "", sold)})
    rows = segcli("show", "outstanding-items", "-f", "json", "--columns", "currency,open,base_open").rows
    assert rows == [{"currency": "USD", "open": 130, "base_open": 121}]


def test_roles_and_names_of_relations(segcli: Run, empty: Path) -> None:
    """Whoever has a line on an account of debtors is a customer; an empty name is that of the contact."""
    nameless = relation("D3", more="<contact>Piet Jansen</contact>").replace(
        "<custSupName>Relatie D3</custSupName>", "<custSupName/>"
    )
    named = relation("D4", more="<contact>Anna Smit</contact>")
    bought = entry(2, "2024-02-02", ("1600", -500, "S9", "I1"), ("8000", 500, "", ""))
    text = file(
        relation("D1", "") + relation("S9", "") + nameless + named,
        "",
        sale(1, "2024-02-01", "D1", "F1", 12100) + bought,
    )
    load(segcli, **{"a.xaf": text})
    with connected(empty) as db:
        found = db.execute("SELECT code, name, is_sales, is_supplier FROM account ORDER BY code").fetchall()
        contacts = db.execute(
            "SELECT a.code, c.name FROM contact AS c JOIN account AS a ON a.id = c.account_id"
        ).fetchall()
    assert [tuple(row) for row in found if row[0] != "S9"] == [
        ("D1", "Relatie D1", 1, 0), ("D3", "Piet Jansen", 1, 0), ("D4", "Relatie D4", 1, 0),
    ]  # fmt: skip
    assert [row[3] for row in found if row[0] == "S9"] == [1]
    assert contacts == [("D4", "Anna Smit")]


def test_the_company_fills_what_is_empty(segcli: Run, empty: Path) -> None:
    company = elements(Commercenr="12345678", taxRegistrationCountry="NL", taxRegIdent="001234567B01") + (
        f"<streetAddress>{elements(streetname='Kade', number='1', city='Delft', postalCode='2611AA', country='NL')}</streetAddress>"
    )
    text = file(relation("D1"), "").replace(
        "<companyName>Wij</companyName>", f"<companyName>Wij</companyName>{company}"
    )
    assert segcli("administration", "set", "--vat-number", "NL999999999B99").status == 0
    load(segcli, **{"a.xaf": text})
    fields = "name, address, postcode, city, country, vat_number, chamber_of_commerce"
    with connected(empty) as db:
        found = db.execute(f"SELECT {fields} FROM administration").fetchone()
        run = db.execute("SELECT max(id) FROM run").fetchone()[0]
    assert tuple(found) == ("Wij", "Kade 1", "2611AA", "Delft", "NL", "NL999999999B99", "12345678")
    load(segcli, "--again", **{"a.xaf": text.replace("Wij", "Zij").replace("Kade", "Laan")})
    with connected(empty) as db:
        assert tuple(db.execute(f"SELECT {fields} FROM administration").fetchone()) == tuple(found)
    assert segcli("undo", run, "--yes").status == 0
    with connected(empty) as db:
        assert tuple(db.execute(f"SELECT {fields} FROM administration").fetchone()) == (
            "",
            None,
            None,
            None,
            None,
            "NL999999999B99",
            None,
        )


def of_company(name: str, **numbers: str) -> str:
    return file(relation("D1"), "", sale(1, "2024-02-01", "D1", "F1", 12100)).replace(
        "<companyName>Wij</companyName>", f"<companyName>{name}</companyName>{elements(**numbers)}"
    )


@pytest.mark.repeats
@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({"name": "Een B.V."}, {"name": "Twee B.V."}, "the file is of Twee B.V., the administration of Een B.V.:"),
        ({"name": "Een B.V."}, {"name": "EEN BV"}, ""),
        ({"name": "Een"}, {"name": "Een B.V."}, ""),
        ({"name": "Een", "Commercenr": "12345678"}, {"name": "Nieuw", "Commercenr": "12345678"}, ""),
        (
            {"name": "Een", "Commercenr": "12345678"},
            {"name": "Een", "Commercenr": "87654321"},
            "of Een (chamber of commerce number 87654321), the administration of Een (chamber of commerce number 12345678)",
        ),
        (
            {"name": "Een", "taxRegistrationCountry": "NL", "taxRegIdent": "001234567B01"},
            {"name": "Twee", "taxRegistrationCountry": "NL", "taxRegIdent": "009876543B01"},
            "of Twee (VAT number NL009876543B01), the administration of Een (VAT number NL001234567B01)",
        ),
    ],
)
def test_a_file_of_another_company_is_told(
    segcli: Run, empty: Path, first: dict[str, str], second: dict[str, str], told: str
) -> None:
    assert load(segcli, **{"a.xaf": of_company(**first)}).err == ""
    done = load(segcli, **{"b.xaf": of_company(**second)})
    assert told in done.err if told else done.err == ""
    assert "two companies become one" in done.err if told else True


def test_a_name_of_ones_own_is_no_other_company(segcli: Run, empty: Path) -> None:
    assert segcli("administration", "set", "--name", "Boeken").status == 0
    assert load(segcli, **{"a.xaf": of_company("Een")}).err == ""


def test_bank_accounts_are_told(segcli: Run, empty: Path) -> None:
    one, other, old = (f"<bankAccount>{elements(bankAccNr=number)}</bankAccount>" for number in _BANKS)
    done = load(segcli, status=0, **{"a.xaf": file(relation("D1", more=one + old), "", version=XAF_32)})
    assert "1 bank account without an IBAN left out" in done.err
    with connected(empty) as db:
        assert db.execute("SELECT iban FROM account_iban").fetchall() == [(_BANKS[0],)]
    done = load(segcli, status=5, **{"b.xaf": file(relation("D1", more=one + other), "", version=XAF_32)})
    assert "not taken: bankAccount 1" in done.err


_BANKS = ("NL91ABNA0417164300", "BE68539007547034", "0417164300")
_PIECES = (
    b"<",
    b">",
    b"</obLine>",
    b"<opBalDesc>",
    b"1e999",
    b"-",
    b"D1",
    b"1300",
    b"\xff",
    b"\0",
    b"<customerSupplier>",
    b"2024",
    b"&#0;",
    b"",
)


@settings(max_examples=60, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(_PIECES)), min_size=1, max_size=6)
)
def test_damaged_files_are_read_or_refused(tmp_path: Path, changes: list[tuple[float, int, bytes]]) -> None:
    """Bytes that are cut out or put in: rows, rows with a problem, or an error that says what is wrong."""
    data = FIRST.encode()
    for where, length, piece in changes:
        at = int(where * len(data))
        data = data[:at] + piece + data[at + length :]
    path = tmp_path / "damaged.xaf"
    path.write_bytes(data or b"<")
    try:
        for block in readers.read(readers.open_source(str(path))):
            for row in block.rows:
                assert row[0] is not None
    except SegcliError as error:
        assert error.message


_SALES = st.tuples(
    st.just("V"), st.sampled_from(["D1", "D2"]), st.sampled_from(["F1", "F2", "F3", ""]), st.integers(1, 500)
)
_RECEIPTS = st.tuples(
    st.just("B"), st.sampled_from(["D1", "D2"]), st.sampled_from(["F1", "F2", "F3", ""]), st.integers(-500, 500)
)


@pytest.mark.repeats
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(years=st.tuples(*(st.lists(st.one_of(_SALES, _RECEIPTS), max_size=6) for _ in range(2))), turned=st.booleans())
def test_the_items_always_add_up_to_the_ledger(
    segcli: Run, empty: Path, years: tuple[list[Any], list[Any]], turned: bool
) -> None:
    """Whatever is sold and received in two years, in either order of the files: the sum of the amounts themselves."""
    empty.unlink()
    assert segcli("init").status == 0
    texts, sums = {}, {"D1": 0, "D2": 0}
    for year, bookings in zip((2024, 2025), years, strict=True):
        opened = opening(("1300", sum(sums.values())), ("0500", -sum(sums.values()))) if year == 2025 else ""
        parties = "".join(relation(code, opening=sums[code] if year == 2025 else None) for code in sums)
        parts = {"V": "", "B": ""}
        for number, (book, party, invoice, amount) in enumerate(bookings, 1):
            make = sale if book == "V" else receipt
            parts[book] += make(number, f"{year}-02-{number:02}", party, invoice, amount)
            sums[party] += amount if book == "V" else -amount
        texts[f"{year}.xaf"] = file(parties, opened, parts["V"], parts["B"], year)
    for name in sorted(texts, reverse=turned) * 2:
        load(segcli, "--again", **{name: texts[name]})
    with connected(empty) as db:
        found = dict(
            db.execute(
                "SELECT a.code, sum(i.open_amount) FROM outstanding_item AS i JOIN account AS a ON a.id = i.account_id GROUP BY 1"
            )
        )
    assert {code: found.get(code, 0) for code in sums} == sums
    assert segcli("check").status == 0
