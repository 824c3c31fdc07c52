"""transaction-search --running: the balance at the start of a period without lines."""

from pathlib import Path

from conftest import Run, connected

WORDS = ("show", "transaction-search", "--account", "000081", "--gl-account", "1300", "--running", "-f", "json")


def balance(database: Path, until: str) -> int:
    """Return the sum in cents of the account's lines on ledger account 1300 before a day, by plain SQL."""
    with connected(database) as db:
        sql = """SELECT sum(t.amount) FROM transaction_line AS t JOIN account AS a ON a.id = t.account_id
            JOIN gl_account AS g ON g.id = t.gl_account_id WHERE a.code = '000081' AND g.code = '1300' AND t.entry_date < ?"""
        return int(db.execute(sql, (until,)).fetchone()[0])


def test_a_period_without_lines_has_the_balance_at_its_start(segcli: Run, example: Path) -> None:
    (row,) = segcli(*WORDS, "--from", "2026-06-29").rows
    assert (row["entry_date"], row["gl_account"], row["account"]) == ("2026-06-29", "1300", "000081")
    assert (row["debit"], row["credit"], row.get("amount", None)) == (None, None, None)
    assert round(100 * row["balance"]) == balance(example, "2026-06-29") == 364198


def test_a_period_with_lines_begins_with_their_first(segcli: Run, example: Path) -> None:
    rows = segcli(*WORDS, "--from", "2026-05-27").rows
    first = round(100 * (rows[0]["debit"] or -rows[0]["credit"]))
    assert round(100 * rows[0]["balance"]) == balance(example, "2026-05-27") + first
    assert "opening balance" not in {row["description"] for row in rows}


def test_where_nothing_was_ever_booked_nothing_is_shown(segcli: Run, example: Path) -> None:
    assert segcli(*WORDS, "--from", "2020-01-01", "--to", "2020-12-31").rows == []
