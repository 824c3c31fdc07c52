"""`check --quick` leaves out slow checks, says which, and never calls them passed; `check` shows how far it is."""

from pathlib import Path

import pytest
from conftest import Run, connected
from terminal import AT_ONCE, at_terminal

SLOW = [
    "integrity",
    "foreign keys",
    "base amounts",
    "summaries",
    "invoice lines",
    "invoice VAT",
    "search",
    "duplicates",
]


def test_what_is_left_out_is_named_and_not_ok(segcli: Run, example: Path) -> None:
    every = segcli("check", "-f", "json")
    done = segcli("check", "--quick", "-f", "json")
    assert (every.status, done.status) == (0, 0)
    assert [row["check"] for row in done.rows] == [row["check"] for row in every.rows]
    assert [row["check"] for row in done.rows if row["result"] == "not checked"] == SLOW
    told = f"not checked: {', '.join(SLOW)}; segcli check without --quick checks them"
    assert told in done.err
    assert told in segcli("check", "--quick", "--quiet").err
    assert "not checked" not in every.out + every.err
    results = {row["check"]: row["result"] for row in every.rows}
    assert all(row["result"] == results[row["check"]] for row in done.rows if row["check"] not in SLOW)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ("UPDATE account SET search_text = 'x' WHERE code = '000017'", "search"),
        ("UPDATE invoice_summary SET net_amount = net_amount + 1", "summaries"),
        ("UPDATE contact SET account_id = 987654 WHERE id = 1", "foreign keys"),
        ("UPDATE account SET is_blocked = 7 WHERE code = '000017'", "integrity"),
    ],
)
def test_what_only_the_whole_check_finds_is_not_called_ok(segcli: Run, example: Path, change: str, check: str) -> None:
    with connected(example) as db:
        db.execute("PRAGMA foreign_keys=OFF")
        db.execute("PRAGMA ignore_check_constraints=ON")
        db.execute(change)
        db.commit()
    whole = {row["check"]: row["result"] for row in segcli("check", "-f", "json").rows}
    quick = {row["check"]: row["result"] for row in segcli("check", "--quick", "-f", "json").rows}
    assert (whole[check], quick[check]) == ("failed", "not checked")


def test_what_the_quick_check_finds_fails(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        db.execute("UPDATE outstanding_item SET open_amount = open_amount + 1 WHERE id = 1")
        db.commit()
    done = segcli("check", "--quick", "-f", "json")
    assert (done.status, {row["check"]: row["result"] for row in done.rows}["open amounts"]) == (1, "failed")


def test_many_search_texts_out_of_date_are_counted_and_five_are_named(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        codes = [code for (code,) in db.execute("SELECT code FROM account ORDER BY id LIMIT 7")]
        db.execute("UPDATE account SET search_text = 'x' WHERE id IN (SELECT id FROM account ORDER BY id LIMIT 7)")
        db.commit()
    details = {row["check"]: row["detail"] for row in segcli("check", "-f", "json").rows}
    assert details["search"] == f"the search text of 7 accounts is out of date: {', '.join(codes[:5])}, …"


def test_a_terminal_shows_how_many_checks_were_begun(segcli: Run, example: Path) -> None:
    made = [row for row in segcli("check", "-f", "json").rows if row["check"] not in {"rights", "names", "log"}]
    status, shown = at_terminal("--database", str(example), "check", command=AT_ONCE)
    assert status == 0
    assert f"check {len(made)} checks" in shown
