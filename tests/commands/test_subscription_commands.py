"""`segcli subscription`: by hand, each in a run that undo takes back."""

from pathlib import Path
from typing import Any

import pytest
from conftest import APPLY, Once, Run, connected, fingerprint

GENERATE = ("run", "generate-subscription-invoices")


def _accounts(segcli: Run) -> None:
    Path("a.csv").write_text("account,name,currency\nA,Ann,\nB,Bob,USD\n")
    Path("i.csv").write_text("item,description,sales_price,unit\nTEA,Tea,25.00,box\n")
    Path("t.csv").write_text("subscription_type,description,frequency\nQ,Quarterly,quarterly\n")
    for name in "ait":
        assert segcli("import", f"{name}.csv").status == 0


@pytest.fixture
def accounts(once: Once, empty: Path) -> Path:
    once(_accounts)
    return empty


def lines(database: Path, number: str) -> list[tuple[Any, ...]]:
    with connected(database) as db:
        return db.execute(
            "SELECT l.line_number, l.quantity / 1000000.0, l.unit_price, l.start_date, l.end_date, l.period_amount / 10000 FROM"
            " subscription_line AS l JOIN subscription AS s ON s.id = l.subscription_id WHERE s.subscription_number = ?"
            " ORDER BY l.line_number", (number,),
        ).fetchall()  # fmt: skip


def state(segcli: Run) -> list[tuple[Any, ...]]:
    names = "subscription,status,end_date,cancellation_date,currency,monthly_value"
    return [tuple(row.values()) for row in segcli("show", "subscription-search", "--columns", names, "-f", "json").rows]


def test_add_change_and_cancel(segcli: Run, accounts: Path) -> None:
    assert (
        segcli("subscription", "add", "A", "--description", "Support", "--price", "30", "--start", "2026-01-01").out
        == "1\n"
    )
    added = segcli("subscription", "add", "B", "--number", "AB-009", "--type", "q", "--item", "TEA", "--price", "12.5",
                   "--quantity", "1.5", "--discount", "10", "--start", "2026-04-01", "--end", "2027-03-31", "--reference", "PO 1")  # fmt: skip
    assert (added.status, added.out) == (0, "AB-009\n")
    assert segcli("subscription", "add", "A", "--item", "TEA", "--automatic").out == "AB-010\n"
    assert state(segcli) == [
        ("1", "running", None, None, "EUR", 30), ("AB-010", "running", None, None, "EUR", 25),
        ("AB-009", "running", "2027-03-31", None, "USD", 5.63),  # 16.875 / 3
    ]  # fmt: skip
    assert segcli("subscription", "cancel", "1", "AB-009", "--on", "2026-06-15").status == 0
    assert [row[1] for row in state(segcli)] == ["cancelled", "running", "cancelled"]
    again = segcli("subscription", "cancel", "1", "AB-009", "--on", "2026-06-15", "--color", "never")
    assert again.status == 0
    assert len(segcli("log", "-f", "json").rows) == 3 + 3 + 1  # twice is once
    assert segcli("subscription", "cancel", "1", "--back").status == 0
    assert state(segcli)[0][1] == "running"
    assert segcli("check").status == 0


def test_a_line_that_was_invoiced_is_followed_by_another(segcli: Run, accounts: Path) -> None:
    assert (
        segcli("subscription", "add", "A", "--description", "Seats", "--price", "10", "--start", "2026-01-01").status
        == 0
    )
    change = ("subscription", "change", "1")
    assert segcli(*change, "--quantity", "2").status == 0  # nothing is invoiced: it is put right
    assert lines(accounts, "1") == [(1, 2, "10", None, None, 2000)]
    assert segcli(*GENERATE, *APPLY).status == 0
    assert segcli(*change, "--quantity", "3").status == 0  # from the first day that is not invoiced
    assert lines(accounts, "1") == [(1, 2, "10", None, "2026-06-30", 2000), (2, 3, "10", "2026-07-01", None, 3000)]
    refused = segcli(*change, "--line", "1", "--price", "9", "--from", "2026-06-10")
    assert refused.status == 2
    assert "invoiced up to 2026-06-30" in refused.err
    assert segcli(*change, "--quantity", "4").status == 2  # which of the two?
    assert segcli(*change, "--line", "2", "--price", "11", "--from", "2026-09-01").status == 0
    rows = segcli(*GENERATE, "--preview-dates", "3", "-f", "json").rows
    assert [(row["invoice_date"], row["net_amount"]) for row in rows] == [
        ("2026-07-01", 30),
        ("2026-08-01", 30),
        ("2026-09-01", 33),
    ]
    assert segcli(*change, "--add", "--item", "TEA", "--price", "1", "--from", "2026-07-16").status == 0
    assert segcli(*change, "--line", "2", "--end", "2026-08-15").status == 0
    assert lines(accounts, "1")[1:] == [
        (2, 3, "10", "2026-07-01", "2026-08-15", 3000), (3, 3, "11", "2026-09-01", None, 3300), (4, 1, "1", "2026-07-16", None, 100),
    ]  # fmt: skip
    same = fingerprint(accounts)
    assert segcli(*change, "--line", "2", "--end", "2026-08-15", "--quantity", "3").status == 0
    assert fingerprint(accounts) == same


def test_a_blocked_subscription_is_not_invoiced(segcli: Run, accounts: Path) -> None:
    for number in ("S-1", "S-2"):
        words = ("add", "A", "--number", number, "--description", "x", "--price", "10", "--start", "2026-06-01")
        assert segcli("subscription", *words).status == 0
    assert segcli("subscription", "change", "S-1", "--blocked", "yes").status == 0
    found = segcli("show", "subscription-search", "--blocked", "--columns", "subscription", "-f", "json").rows
    assert [row["subscription"] for row in found] == ["S-1"]
    assert segcli(*GENERATE, *APPLY).status == 0
    with connected(accounts) as db:
        sql = "SELECT DISTINCT s.subscription_number FROM subscription AS s JOIN subscription_line AS l ON l.subscription_id = s.id"
        assert db.execute(f"{sql} WHERE l.invoiced_to_date IS NOT NULL").fetchall() == [("S-2",)]
    assert segcli("subscription", "change", "S-1", "--blocked", "no").status == 0
    assert segcli("show", "subscription-search", "--blocked", "-f", "json").rows == []


def test_what_a_line_keeps(segcli: Run, accounts: Path) -> None:
    words = ("add", "A", "--item", "TEA", "--price", "10", "--start", "2026-06-01")
    assert segcli("subscription", *words).status == 0
    assert segcli(*GENERATE, *APPLY).status == 0
    before = fingerprint(accounts)
    for more, said in (
        (("--line", "1", "--item", "TEA"), "--item: a line keeps its item"),
        (("--line", "1", "--end", "2026-06-29"), "--end 2026-06-29: the line is invoiced up to 2026-06-30"),
    ):
        done = segcli("subscription", "change", "1", *more)
        assert (done.status, said in done.err) == (2, True), done.err
    assert fingerprint(accounts) == before
    assert segcli("subscription", "change", "1", "--line", "1", "--end", "2026-06-30").status == 0


def test_undo_takes_back_what_still_stands(segcli: Run, accounts: Path) -> None:
    empty = lines(accounts, "1")
    assert (
        segcli("subscription", "add", "A", "--description", "x", "--price", "10", "--start", "2026-01-01").status == 0
    )
    assert segcli(*GENERATE, "--as-of", "2026-01-31", *APPLY).status == 0
    before = lines(accounts, "1")
    assert segcli("subscription", "change", "1", "--price", "12", "--reference", "R").status == 0
    assert segcli("undo", "6", "--yes").status == 0
    assert lines(accounts, "1") == before
    refused = segcli("undo", "4", "--yes")  # what is invoiced cannot be taken back
    assert refused.status == 1
    assert "changed again or invoiced" in refused.err
    assert segcli("undo", "5", "--yes").status == 0
    assert segcli("undo", "4", "--yes").status == 0
    assert lines(accounts, "1") == empty
    assert state(segcli) == []


def test_undo_leaves_what_was_changed_since(segcli: Run, accounts: Path) -> None:
    add = ("subscription", "add", "A", "--description", "x", "--price", "10", "--start", "2026-01-01")
    assert segcli(*add).status == 0
    for price in ("12", "13"):
        assert segcli("subscription", "change", "1", "--price", price).status == 0
    last = segcli("log", "-f", "json").rows[0]["run"]
    before = lines(accounts, "1")
    done = segcli("undo", last - 1, "--yes")
    assert lines(accounts, "1") == before == [(1, 1, "13", None, None, 1300)]
    assert (done.status, done.err) == (
        1,
        f"segcli: nothing of run {last - 1} can be undone: its changes were changed again or invoiced\n  undo the later run first\n",
    )


def test_a_line_that_ends_does_not_change_after_its_end(segcli: Run, accounts: Path) -> None:
    add = ("subscription", "add", "A", "--description", "x", "--price", "10", "--start", "2026-01-01")
    assert segcli(*add).status == 0
    assert segcli("subscription", "change", "1", "--line", "1", "--end", "2026-08-15").status == 0
    before = fingerprint(accounts)
    done = segcli("subscription", "change", "1", "--line", "1", "--price", "9", "--from", "2026-08-16")
    assert (done.status, done.err) == (
        2,
        "segcli: the line ends on 2026-08-15, before 2026-08-16\n  add a line instead: --add\n",
    )
    assert fingerprint(accounts) == before


def test_a_dry_run_changes_nothing(segcli: Run, accounts: Path) -> None:
    before = fingerprint(accounts)
    assert segcli("subscription", "add", "A", "--description", "x", "--price", "10", "--dry-run").status == 0
    assert fingerprint(accounts) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "Z", "--description", "x", "--price", "1"), "no account 'Z'"),
        (("add", "A", "--price", "1"), "what is delivered?"),
        (("add", "A", "--description", "x"), "what does it cost?"),
        (("add", "A", "--item", "TEE", "--price", "1"), "TEA"),
        (("add", "A", "--description", "x", "--price", "1,5"), "--price: '1,5'"),
        (("add", "A", "--description", "x", "--price", "1", "--automatic"), "exclude"),
        (("add", "A", "--description", "x", "--price", "1", "--type", "R"), "Q"),
        (("add", "A", "--description", "x", "--price", "1", "--currency", "E"), "--currency: 'E'"),
        (("add", "A", "--description", "x", "--price", "1", "--day", "32"), "1 to 31"),
        (("add", "A", "--description", "x", "--price", "1", "--every", "0"), "1 to 120"),
        (("add", "A", "--description", "x", "--price", "1", "--end", "2026-01-01"), "before the start"),
        (
            ("add", "A", "--description", "x", "--price", "999999999999999", "--quantity", "999999999"),
            "more than can be kept",
        ),
        (("add", "A", "--description", "x", "--price", "1", "--quantity", "0.1234567"), "6 decimals"),
        (("change", "7", "--price", "1"), "no subscription '7'"),
        (("cancel", "7"), "no subscription '7'"),
        (("cancel", "7", "--back", "--on", "2026-01-01"), "exclude"),
    ],
)
def test_what_is_wrong_is_said(segcli: Run, accounts: Path, words: tuple[str, ...], said: str) -> None:
    before = fingerprint(accounts)
    done = segcli("subscription", *words)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert fingerprint(accounts) == before
