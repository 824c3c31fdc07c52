"""`segcli log` says what each run changed, whatever kind of run it is."""

from pathlib import Path

import pytest
from conftest import APPLY, Run, connected

from segcli.query.run_changes import STORED, Changed, changed

TABLES = {
    "accounts.csv": "account", "contacts.csv": "contact", "items.csv": "item", "requests.csv": "request",
    "subscriptions.csv": "subscription", "subscription_lines.csv": "subscription_line",
    "receivables.csv": "outstanding_item", "price_lists.csv": "price_list",
}  # fmt: skip


def last(segcli: Run) -> tuple[int, str]:
    (row,) = segcli("log", "--limit", "1", "-f", "json").rows
    return row["changes"], row["changed"]


def test_imports_count_what_they_added(segcli: Run, example: Path) -> None:
    rows = {row["command"].removeprefix("import "): row for row in segcli("log", "-f", "json").rows}
    with connected(example) as db:
        for file, table in TABLES.items():
            (count,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert (rows[file]["changes"], rows[file]["changed"].split(" ", 1)[0]) == (count, str(count)), file
        (kinds,) = db.execute("SELECT count(*) FROM invoice WHERE kind = 'sales'").fetchone()
        values = db.execute("SELECT count(*) FROM classification_value").fetchone()[0]
    assert rows["invoices.csv"]["changed"] == f"{kinds} invoices"
    assert rows["classification import classification.yaml"]["changed"] == f"8 labels, {values} values"


def test_a_second_import_counts_what_it_changed(segcli: Run, empty: Path) -> None:
    assert empty.exists()
    Path("a.csv").write_text("account,name,city\n1,Ann,Delft\n2,Bob,Gouda\n")
    assert segcli("import", "a.csv").status == 0
    assert last(segcli) == (2, "2 accounts")
    Path("a.csv").write_text("account,name,city\n1,Ann,Delft\n2,Bobby,Leiden\n")
    assert segcli("import", "a.csv").status == 0
    assert (segcli("log", "--limit", "1", "-f", "json").rows[0]["run"], last(segcli)) == (2, (1, "1 account"))
    assert segcli("undo", "2", "--yes").status == 0
    assert last(segcli) == (2, "2 records")  # the name and the city: values are restored one by one


@pytest.mark.repeats
@pytest.mark.parametrize(
    ("words", "sql", "noun"),
    [
        (("run", "print-reminders", *APPLY, "--folder", "letters"), "SELECT count(*) FROM reminder", "reminder"),
        (("run", "print-invoices", *APPLY, "--folder", "letters"),
         "SELECT count(*) FROM invoice WHERE processed_run_id IS NOT NULL", "invoice"),
        (("run", "generate-subscription-invoices", *APPLY),
         "SELECT count(DISTINCT invoice_id) FROM subscription_period WHERE run_id = (SELECT max(id) FROM run)", "invoice"),
        (("tag", "000001", "000002", "--set", "class7=NEW", "--yes"),
         "SELECT count(*) FROM classification_change WHERE run_id = (SELECT max(id) FROM run)", "classification"),
        (("list", "create", "spring", "--class7", "SPRING"), "SELECT count(*) FROM marketing_list_member", "contact"),
        (("list", "opt-out", "info@t-gouden-hoen.example"), "SELECT count(*) FROM opt_out", "address"),
        (("request", "add", "Call"), "SELECT 1", "request"),
        (("administration", "set", "--phone", "+31 20 555 01 23", "--city", "Delft"),
         "SELECT count(*) FROM administration_change WHERE run_id = (SELECT max(id) FROM run)", "field"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_other_runs_count_their_records(
    segcli: Run, example: Path, words: tuple[str, ...], sql: str, noun: str
) -> None:
    assert segcli(*words).status in {0, 5}
    with connected(example) as db:
        (count,) = db.execute(sql).fetchone()
    number, said = last(segcli)
    assert number == count > 0
    plural = f"{noun}es" if noun == "address" else f"{noun}s"
    assert said == f"{count} {noun if count == 1 else plural}"


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("accounts: 3 added, 1 changed (name 1, city 1), 9 unchanged, 2 rejected; contacts: 0 added, 1 changed, 0 unchanged",
         Changed(5, "4 accounts, 1 contact")),
        ("1 added, 0 changed, 0 unchanged", Changed(1, "1 record")),
        ("accounts: 0 added, 0 changed, 5 unchanged", Changed(0, "")),
    ],
)  # fmt: skip
def test_the_summary_of_an_import(summary: str, expected: Changed) -> None:
    assert changed("import a.csv", "import", summary, dict.fromkeys(STORED, 0)) == expected


def test_people_see_the_words_in_place_of_the_number(segcli: Run, example: Path) -> None:
    assert example.exists()
    shown = segcli("log", "--command", "import contacts", "-f", "plain").out
    assert "Changes" in shown.splitlines()[0]
    assert " 414 contacts " in shown
    assert segcli("log", "--limit", "1", "-f", "tsv").table[0][4] == "changes"
