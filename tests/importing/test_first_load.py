"""First loads: what goes straight into empty tables is what goes there through a stage, and what is not plain is staged."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, connected, fingerprint
from import_case import load, write

from segcli.importing import loading
from segcli.importing.kinds.machinery import bulk

HEAD = "account,invoice_number,invoice_date,due_date,currency,amount,"
FIRST = {  # files that go straight into empty tables
    "what is open": HEAD + "open\n" + "".join(
        f"{n % 7},{n},2026-01-{n % 28 + 1:02d},2026-{n % 9 + 1:02d}-15,,{n}.50,{n % 3}.50\n" for n in range(1, 60)),
    "what is paid, and when": HEAD + "allocated,allocation_date\n1,1,2026-05-01,2026-05-31,EUR,100,40,2026-05-20\n"
    "1,2,2026-05-01,2026-05-31,EUR,100,,\n2,3,2026-05-01,2026-05-31,EUR,-80,-80,2026-04-01\n",
    "other currencies": HEAD + "base_amount,open\n1,1,2026-05-01,2026-05-31,USD,10.01,9.01,5.00\n1,2,2026-05-01,2026-05-31,USD,3.00,,1.00\n"
    "1,3,2026-05-01,2026-05-31,EUR,3.00,9.99,1.00\n2,4,2026-05-01,2026-05-31,JPY,5,0.03,4\n2,5,2026-05-01,2026-05-31,USD,-0.02,-0.01,-0.01\n",
    "no due date": "account,invoice_number,invoice_date,amount,payment_condition,is_disputed\n1,1,2026-01-31,10,30,1\n1,2,2026-01-31,10,,\n"
    "2,3,2026-01-31,10,,0\n1,4,2026-01-31,-10,30,\n3,5,2026-01-31,10,99,\n",
    "entries": "account,invoice_number,journal,entry_number,line_number,invoice_date,amount\n1,1,70,5,,2026-01-31,10\n1,1,90,6,2,2026-02-28,-4\n"
    "1,,90,7,,2026-02-28,-4\n2,,70,8,1,2026-02-28,9\n",
}  # fmt: skip
CLOSER = {  # files that are staged after all
    "two terms": HEAD + "open\n1,1,2026-05-01,2026-05-31,EUR,100,40\n1,1,2026-05-01,2026-06-30,EUR,50,50\n",
    "a total row": HEAD
    + "open\n1,1,2026-05-01,2026-05-31,EUR,100,40\n2,2,2026-05-01,2026-05-31,EUR,50,50\nTotal,,,,,150,90\n",
    "no number": HEAD + "open\n1,,2026-05-01,2026-05-31,EUR,100,40\n1,,2026-05-01,2026-05-31,EUR,100,40\n",
}


LINES = "invoice_number,line,item,quantity,unit_price,"
FIRST_LINES = {
    "amounts": LINES + "net_amount,cost_amount\n" + "".join(
        f"{n % 5 + 1},{n},{'ABC'[n % 3]},{n % 7 - 2},{n}.125,{n % 7 - 2}.{n:02d},{n % 4 or ''}\n" for n in range(1, 60)),
    "prices": LINES + "discount_percent,vat_percent\n1,1,A,3,0.335,,21\n1,2,B,-3,0.335,12.5,\n2,1,,1.000001,9.99,,9\n"
    "3,1,A,3,0.3335,-10,\n4,1,C,3,100.5,50,\n",
    "VAT and words": LINES + "vat_code,vat_amount,description,unit\n1,1,A,1,10,V,2.10,Apples,kg\n2,7,,1,10,,,,\n3,2,B,2,10,V,,Pears,\n",
    "invoices of other currencies": LINES + "net_amount\n3,1,A,1,,10.0000049\n4,1,A,1,,10.5\n4,2,B,2,,-0.5\n5,1,B,2,,3\n",
}  # fmt: skip
CLOSER_LINES = {
    "no line number": LINES + "net_amount\n1,,A,1,,10\n1,,B,1,,20\n",
    "an item of another program": LINES + "net_amount\n1,1,GUID-C,1,,10\n",
    "an item that is known by its id alone": LINES + f"net_amount\n1,1,{'0' * 36},1,,10\n",
    "the invoice's own id": "invoice_id,line,item,quantity,net_amount\nid-1,1,A,1,10\n",
    "a total row": LINES + "net_amount\n1,1,A,1,,10\n2,1,A,1,,20\nTotal,,,,,30\n",
}
WRONG_LINES = {
    "an unknown invoice": ("9,1,A,1,,10", "3:invoice_number: '9': there is no such invoice"),
    "an unknown item": ("1,2,Z,1,,10", "3:item: 'Z': there is no such item"),
    "a line that comes twice": ("1,1,A,1,,10", "3:line: '1': duplicate of line 2"),
    "a number that is too large": ("1,2,A,1000000000000,,1", "3:quantity: '1000000000000': this number is too large"),
    "a product that is too large": ("1,2,A,90000000000,90000000000,", "this number is too large"),
    "a cost that is too large": ("1,2,A,1,,1,9999999999999999", "3:cost_amount: '9999999999999999': this number is too large"),
    "no amount and no price": ("1,2,A,1,,", "this line has no amount and no price"),
    "VAT of more than the price": ("1,2,A,1,,10,,101", "3:vat_percent: '101'"),
}  # fmt: skip


def by_stage(segcli: Run, database: Path) -> None:
    assert segcli("--database", database, "import", "items.csv", "--create-missing").status == 0


def invoices(segcli: Run, content: str) -> None:
    """Write a file of lines, and bring their invoices and items in: in three currencies, one with its own sums."""
    write(content, "lines.csv")
    heads = "invoice_number,invoice_date,account,currency,net_amount,invoice_id\n1,2026-01-31,1,EUR,,id-1\n2,2026-01-31,1,EUR,,\n"
    heads += "3,2026-02-28,2,USD,10.00,\n4,2026-02-28,2,JPY,,\n5,2026-02-28,2,JPY,7,\n"
    items = "item,description,item_group,external_id\nA,Apple,F,\nB,Pear,F,\nC,Chair,,GUID-C\n"
    load(segcli, accounts="account,name\n1,Ann\n2,Bob\n", items=items, invoices=heads)


def lines_of(database: Path) -> list[list[Any]]:
    """Return what lines, invoices and summaries look like, and the schema."""
    with connected(database) as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        asked = ("invoice_line ORDER BY id", "invoice ORDER BY id", "invoice_summary ORDER BY 1, 2, 3, 4, 5")
        schema = db.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
        return [*(db.execute(f"SELECT * FROM {name}").fetchall() for name in asked), sorted(schema, key=str)]


@pytest.mark.parametrize("content", [*FIRST_LINES.values(), *CLOSER_LINES.values()], ids=[*FIRST_LINES, *CLOSER_LINES])
def test_first_lines_leave_the_database_that_a_stage_leaves(
    segcli: Run, empty: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoices(segcli, content)
    before = lines_of(empty)
    shutil.copy(empty, "staged.db")
    kind = ("--as", "invoice_line")
    staged = segcli("-d", "staged.db", "import", "lines.csv", *kind, "--create-missing")
    assert staged.status == 0, staged.err
    if content in FIRST_LINES.values():
        monkeypatch.setattr(loading, "fill", lambda *_: pytest.fail("this is no first load"))
    done = segcli("import", "lines.csv", *kind)
    assert (done.status, done.out) == (0, staged.out)
    found = lines_of(empty)
    assert found[0]
    assert found == lines_of(Path("staged.db"))
    assert segcli("check").out == segcli("-d", "staged.db", "check").out
    assert segcli("undo", str(segcli("log", "-f", "json").rows[0]["run"]), "--yes").status == 0
    assert lines_of(empty) == before


@pytest.mark.parametrize(("row", "message"), WRONG_LINES.values(), ids=WRONG_LINES)
def test_a_first_load_takes_no_wrong_line(segcli: Run, empty: Path, row: str, message: str) -> None:
    invoices(segcli, LINES + f"net_amount,cost_amount,vat_percent\n1,1,A,1,,10,,\n{row}{',' * (7 - row.count(','))}\n")
    before = fingerprint(empty)
    done = segcli("import", "lines.csv", "--as", "invoice_line")
    assert done.status == 1, done.out
    assert message in done.err
    assert fingerprint(empty) == before


def all_of(database: Path) -> list[list[Any]]:
    """Return what items, allocations and the schema look like."""
    with connected(database) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = [
            db.execute(f"SELECT * FROM {name} ORDER BY id").fetchall() for name in ("outstanding_item", "allocation")
        ]
        return [*tables, sorted(db.execute("SELECT type, name, sql FROM sqlite_schema").fetchall(), key=str)]


def receivables(segcli: Run, content: str) -> None:
    """Write a file of receivables, and bring the accounts in."""
    write(content, "items.csv")
    accounts = "account,name,payment_condition\n" + "".join(f"{n},Account {n},{14 * n or ''}\n" for n in range(7))
    conditions = "payment_condition,description,days\n30,Month,30\n28,Weeks,28\n42,Weeks,42\n"
    load(segcli, conditions=conditions, accounts=accounts)


@pytest.mark.parametrize("content", [*FIRST.values(), *CLOSER.values()], ids=[*FIRST, *CLOSER])
def test_a_first_load_leaves_the_database_that_a_stage_leaves(
    segcli: Run, empty: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    receivables(segcli, content)
    for name in ("staged.db", "bulk.db"):
        shutil.copy(empty, name)
    by_stage(segcli, Path("staged.db"))
    monkeypatch.setattr(bulk, "MANY", 1)
    by_stage(segcli, Path("bulk.db"))
    if content in FIRST.values():
        monkeypatch.setattr(loading, "fill", lambda *_: pytest.fail("this is no first load"))
    assert segcli("import", "items.csv").status == 0
    found = all_of(empty)
    assert found[0]
    assert found == all_of(Path("bulk.db")) == all_of(Path("staged.db"))
    with connected(empty) as db:
        wrong = """SELECT count(*) FROM outstanding_item AS i WHERE open_amount
                     <> amount - (SELECT coalesce(sum(l.amount), 0) FROM allocation AS l WHERE l.item_id = i.id)"""
        assert db.execute(wrong).fetchone() == (0,)
    assert segcli("check").status == 0


def test_a_first_load_takes_no_row_of_an_unknown_account(segcli: Run, empty: Path) -> None:
    receivables(segcli, HEAD + "open\n1,1,2026-05-01,2026-05-31,EUR,100,40\n77,2,2026-05-01,2026-05-31,EUR,50,50\n")
    before = fingerprint(empty)
    done = segcli("import", "items.csv")
    assert (done.status, "items.csv:3:account: '77': there is no such account" in done.err) == (1, True)
    assert fingerprint(empty) == before


def test_accounts_with_a_total_row_are_one_run(segcli: Run, empty: Path) -> None:
    """A first load that turns out to need a stage leaves nothing behind: no run, no trigger."""
    Path("a.csv").write_text("Debiteurnummer;Naam;Kredietlimiet\n1;Ann;5,00\n2;Bob;6,00\nTotaal;;11,00\n")
    done = segcli("import", "a.csv", "-f", "json")
    assert (done.status, done.rows[0]["added"], done.rows[0]["notes"]) == (0, 2, "1 total row left out: line 4")
    assert [row["run"] for row in segcli("log", "-f", "json").rows] == [1]
