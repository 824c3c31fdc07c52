"""Reports into SQLite files: a table for each part, named by its title or --table; other tables stay."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

REPORT = """title: Figures
files:
- file: figures.db
  parts:
  - {show: debtor-ageing --group-by class1, title: Ageing by region}
  - show: debtor-ageing
  - {show: sales-analysis --group-by class2 --table revenue, title: 'Revenue, {as_of}'}
  - score: abc --limit 20
- {file: open.csv, show: outstanding-items}
"""
OUT = Path("out/figures.db")
pytestmark = pytest.mark.usefixtures("example")


@pytest.fixture
def report(segcli: Run) -> Any:
    Path("r.yaml").write_text(REPORT)
    return lambda *words: segcli("report", "r.yaml", "--folder", "out", "--as-of", "2026-06-30", *words)


def ask(sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(OUT)) as db:
        found = db.execute(sql).fetchall()
        db.commit()
    return found


def test_a_table_for_each_part(segcli: Run, report: Any) -> None:
    assert report() == (0, "", "")
    names = ask("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")
    assert names == [("ageing_by_region",), ("debtor_ageing",), ("revenue",), ("score_abc",)]
    rows = segcli("show", "debtor-ageing", "--as-of", "2026-06-30", "-f", "json").rows
    assert ask("SELECT account, outstanding FROM debtor_ageing") == [(r["account"], r["outstanding"]) for r in rows]
    assert ask("SELECT sum(outstanding_minor) FROM ageing_by_region") == ask(
        "SELECT sum(outstanding_minor) FROM debtor_ageing"
    )
    assert ask("SELECT count(*) FROM score_abc") == [(20,)]


def test_other_tables_stay_and_the_same_data_is_the_same_file(segcli: Run, report: Any) -> None:
    report()
    ask("CREATE TABLE mine AS SELECT 1 AS a")
    before = OUT.read_bytes()
    assert report("--if-changed", "--exit-code").status == 0
    assert report("--dry-run", "--exit-code").status == 0
    assert OUT.read_bytes() == before
    assert segcli("report", "r.yaml", "--folder", "out", "--as-of", "2026-03-31").status == 0
    assert ask("SELECT a FROM mine") == [(1,)]
    rows = segcli("show", "debtor-ageing", "--as-of", "2026-03-31", "-f", "json").rows
    assert ask("SELECT count(*) FROM debtor_ageing") == [(len(rows),)]


def test_what_is_not_sqlite_stays_and_nothing_is_written(report: Any) -> None:
    OUT.parent.mkdir()
    OUT.write_text("a text")
    done = report()
    assert (done.status, "figures.db is not a SQLite database" in done.err) == (2, True)
    assert [path.name for path in OUT.parent.iterdir() if not path.name.startswith(".")] == ["figures.db"]
    assert OUT.read_text() == "a text"


def test_a_change_meanwhile_is_not_lost(report: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from segcli.reports import publishing

    report()
    drop = publishing.drop_same

    def changed(new: Path, folder: Path) -> list[str]:
        ask("CREATE TABLE mine (a)")  # by another program, after the file was copied
        return drop(new, folder)

    monkeypatch.setattr(publishing, "drop_same", changed)
    assert report("--if-changed").status == 75
    monkeypatch.setattr(publishing, "drop_same", drop)
    assert ("mine",) in ask("SELECT name FROM sqlite_schema")
    assert report().status == 0
    assert ("mine",) in ask("SELECT name FROM sqlite_schema")


def test_a_name_for_what_is_no_database(segcli: Run) -> None:
    Path("r.yaml").write_text("files:\n- {file: a.xlsx, show: debtor-ageing --table x}\n")
    done = segcli("report", "r.yaml", "--folder", "out")
    assert (done.status, "--table is for sqlite, not for xlsx" in done.err) == (1, True)
