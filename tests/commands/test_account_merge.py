"""segcli account merge: what moves, what stays, what later files find, and undo."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run, connected

_OF_RUNS = frozenset({"table_version", "run", "imported_file", "import_added", "import_change"})


def referring(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield the tables and columns that refer to accounts, as SQLite itself lists them."""
    for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        for row in db.execute(f"PRAGMA foreign_key_list({table})").fetchall():
            if row[2] == "account":
                yield table, row[3]


def state(path: Path, until: int) -> dict[str, list[str]]:
    """Return all rows of all tables by content; of the history of classes, that of the first `until` runs."""
    with connected(path) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")]
        names = [name for name in names if not name.startswith("sqlite") and "_search" not in name]
        where = {"classification_change": f"WHERE run_id <= {until}"}
        return {
            name: sorted(map(repr, db.execute(f"SELECT * FROM {name} {where.get(name, '')}")))
            for name in names
            if name not in _OF_RUNS
        }


def runs(path: Path) -> int:
    with connected(path) as db:
        return int(db.execute("SELECT max(id) FROM run").fetchone()[0])


def busiest(path: Path) -> list[str]:
    """Return the accounts with the most invoices."""
    sql = "SELECT a.code FROM account AS a JOIN invoice AS i ON i.account_id = a.id GROUP BY a.id ORDER BY count(*) DESC, a.code"
    with connected(path) as db:
        return [code for (code,) in db.execute(f"{sql} LIMIT 6")]


@pytest.mark.repeats
@pytest.mark.parametrize("pair", [(0, 1), (1, 0), (2, 5), (3, 4)])
def test_everything_moves_and_undo_takes_it_back(segcli: Run, example: Path, pair: tuple[int, int]) -> None:
    goes, stays = (busiest(example)[at] for at in pair)
    last = runs(example)
    before = state(example, last)
    sums = "SELECT sum(net_amount), count(*) FROM invoice WHERE account_id IN (SELECT id FROM account WHERE code IN (?, ?))"
    with connected(example) as db:
        (number,) = db.execute("SELECT id FROM account WHERE code = ?", (goes,)).fetchone()
        total = db.execute(sums, (goes, stays)).fetchone()
    done = segcli("account", "merge", goes, stays)
    assert done.status == 0, done.err
    with connected(example) as db:
        assert list(referring(db))
        for table, column in referring(db):
            assert not db.execute(f"SELECT 1 FROM {table} WHERE {column} = ?", (number,)).fetchall(), table
        assert db.execute(sums, (stays, stays)).fetchone() == total
        assert not db.execute("SELECT 1 FROM account WHERE code = ?", (goes,)).fetchall()
        held = "SELECT a.code FROM account_reference JOIN account AS a ON a.id = account_id WHERE reference = ?"
        assert db.execute(held, (f"code:{goes}",)).fetchall() == [(stays,)]
        assert not db.execute("PRAGMA foreign_key_check").fetchall()
    checked = segcli("check", "-f", "json")
    assert (checked.status, [row for row in checked.rows if row["result"] == "failed"]) == (0, [])
    assert state(example, last) != before
    undone = segcli("undo", runs(example), "--yes")
    assert (undone.status, undone.err) == (0, "")
    assert state(example, last) == before
    assert segcli("check").status == 0
    again = segcli("undo", runs(example), "--yes")
    assert again.status == 1
    assert "the undo of a merge of accounts" in again.err


def test_dry_run_shows_and_changes_nothing(segcli: Run, example: Path) -> None:
    goes, stays = busiest(example)[:2]
    last = runs(example)
    before = state(example, last)
    done = segcli("account", "merge", goes, stays, "--dry-run", "-f", "json")
    assert done.status == 0
    with connected(example) as db:
        (count,) = db.execute(
            "SELECT count(*) FROM contact JOIN account AS a ON a.id = account_id WHERE a.code = ?", (goes,)
        ).fetchone()
    noun = "contact" if count == 1 else "contacts"
    assert {"record": f"{count} {noun}", "field": "account", "old_value": goes, "new_value": stays} in done.rows
    assert (state(example, last), runs(example)) == (before, last)


ACCOUNTS = """account,name,vat_number,external_id,phone,address,city,class1,is_supplier
A,Alpha,,,,Kade 1,Delft,,no
B,Beta,NL001234567B01,GUID-B,015-1,Gracht 2,Gouda,N,yes
C,Gamma,NL009999999B01,GUID-C,,,,M,no
"""
CONTACTS = """account,contact,name,email,is_main_contact
A,1,Anna,anna@a.example,yes
B,1,Bert,bert@b.example,yes
B,2,Bea,bea@b.example,no
"""


@pytest.fixture
def three(segcli: Run, empty: Path) -> Path:
    """Return a database with three accounts."""
    Path("a.csv").write_text(ACCOUNTS)
    Path("c.csv").write_text(CONTACTS)
    assert segcli("classification", "label", "1", "Kind").status == 0
    for code in ("N", "M"):
        assert segcli("classification", "value", "add", "1", code).status == 0
    done = segcli("import", "a.csv", "c.csv")
    assert (done.status, done.err) == (0, "")
    return empty


def account(path: Path, code: str) -> dict[str, object]:
    with connected(path) as db:
        db.row_factory = sqlite3.Row
        found = db.execute("SELECT * FROM account WHERE code = ?", (code,)).fetchone()
        return dict(found) if found else {}


def test_empty_fields_are_filled_and_own_ones_stay(segcli: Run, three: Path) -> None:
    done = segcli("account", "merge", "B", "A")
    assert (done.status, done.err) == (0, "")
    found = account(three, "A")
    assert [found[name] for name in ("name", "vat_number", "external_id", "phone", "is_supplier")] == [
        "Alpha", "NL001234567B01", "GUID-B", "015-1", 1,
    ]  # fmt: skip
    assert (found["address"], found["city"], found["class1"]) == ("Kade 1", "Delft", 1000001)  # an address is not mixed
    with connected(three) as db:
        change = "SELECT old_value_id, new_value_id, run_id FROM classification_change"
        assert db.execute(change).fetchall() == [(None, 1000001, runs(three))]
        people = "SELECT code, name, is_main_contact FROM contact ORDER BY code"
        assert db.execute(people).fetchall() == [("1", "Anna", 1), ("2", "Bea", 0), ("B-1", "Bert", 0)]
        assert db.execute("SELECT reference FROM account_reference").fetchall() == [("code:B",), ("id:GUID-B",)]
    assert segcli("check").status == 0
    assert segcli("show", "account-search", "nl001234567b01", "-f", "json").rows[0]["account"] == "A"


def test_classes_of_the_one_that_stays_win_and_are_named(segcli: Run, three: Path) -> None:
    assert segcli("tag", "B", "1=M").status in {0, 2}  # however tag is written, the class is read below
    own = account(three, "B")["class1"]
    done = segcli("account", "merge", "C", "B")
    assert done.status == 0
    assert account(three, "B")["class1"] == own
    if own != account(three, "C").get("class1", 1000002):
        assert "B: class1 stays N, not M" in done.err
    with connected(three) as db:
        found = db.execute("SELECT reference FROM account_reference ORDER BY 1").fetchall()
        assert found == [("code:C",), ("id:GUID-C",)]


def test_later_files_find_the_one_that_stays(segcli: Run, three: Path) -> None:
    assert segcli("account", "merge", "B", "A").status == 0
    # Of the file that brought all three, A's own row wins, with its empty cells; that of B is left out.
    for changed in (1, 0):
        done = segcli("import", "a.csv", "c.csv", "--again", "-f", "json")
        assert (done.status, done.err) == (0, "")
        assert [(row["added"], row["changed"]) for row in done.rows] == [(0, changed), (0, 0)]
        assert "1 row of merged accounts left out" in done.rows[0]["notes"]
    with connected(three) as db:
        assert [code for (code,) in db.execute("SELECT code FROM account ORDER BY 1")] == ["A", "C"]
        people = dict(db.execute("SELECT code, name FROM contact"))
    assert people == {"1": "Anna", "2": "Bea", "B-1": "Bert"}
    # A file with B alone goes to A.
    Path("b.csv").write_text("account,name,phone,external_id\nB,Alpha,015-2,GUID-B\n")
    assert segcli("import", "b.csv").status == 0
    assert [account(three, "A")[name] for name in ("phone", "name")] == ["015-2", "Alpha"]
    Path("i.csv").write_text(
        "account,invoice_number,invoice_date,due_date,currency,amount\nB,F1,2026-01-01,2026-02-01,EUR,10\n"
    )
    Path("n.csv").write_text("account,contact,name\nB,3,New\nB,1,Bert\nA,4,Fourth\n")
    for name in ("i.csv", "n.csv"):
        done = segcli("import", name)
        assert (done.status, done.err) == (0, "")
    with connected(three) as db:
        sql = "SELECT a.code FROM outstanding_item JOIN account AS a ON a.id = account_id"
        assert db.execute(sql).fetchall() == [("A",)]
        assert sorted(code for (code,) in db.execute("SELECT code FROM contact")) == ["1", "2", "3", "4", "B-1"]
    assert segcli("import", "b.csv", "--again", "-f", "json").rows[0]["changed"] == 0


def test_refused(segcli: Run, three: Path) -> None:
    assert segcli("account", "merge", "B", "b").status == 2
    done = segcli("account", "merge", "B", "X")
    assert (done.status, "there is no account 'X'" in done.err) == (2, True)
    heads = "account,invoice_number,invoice_date,due_date,currency,amount\n"
    Path("i.csv").write_text(f"{heads}A,F1,2026-01-01,2026-02-01,EUR,10\nB,F1,2026-01-01,2026-02-01,EUR,10\n")
    assert segcli("import", "i.csv").status == 0
    before = state(three, runs(three))
    done = segcli("account", "merge", "B", "A")
    assert done.status == 1
    assert "accounts A and B both have the outstanding item F1" in done.err
    assert state(three, runs(three)) == before


def test_the_card_and_words_of_accounts_are_as_before(segcli: Run, three: Path) -> None:
    assert "Alpha" in segcli("account", "A").out
    assert "Alpha" in segcli("account", "alpha").out
    assert segcli("account", "merge", "--help").out.startswith("Usage: segcli account merge")
    assert segcli("account", "merge", "A").status == 2


def test_a_later_account_with_the_id_of_the_one_that_went_keeps_its_records(segcli: Run, three: Path) -> None:
    """SQLite gives a new account the id of the last one: undo brings C back only if its place is free."""
    heads = "account,invoice_number,invoice_date,due_date,currency,amount\n"
    Path("i.csv").write_text(f"{heads}C,F1,2026-01-01,2026-02-01,EUR,10\n")
    assert segcli("import", "i.csv").status == 0
    assert segcli("account", "merge", "C", "A").status == 0
    merged = runs(three)
    Path("d.csv").write_text("account,name\nD,Delta\n")
    assert segcli("import", "d.csv").status == 0
    done = segcli("undo", merged, "--yes")
    assert done.status == 0
    with connected(three) as db:
        sql = "SELECT a.code, a.name FROM outstanding_item JOIN account AS a ON a.id = account_id"
        assert db.execute(sql).fetchall() == [("A", "Alpha")]
        assert not db.execute("PRAGMA foreign_key_check").fetchall()
