"""Opening balances: an opening balance is the closing balance of the lines before it, and is never added to them.

A line of an opening balance keeps the amount that its file states in `opening_amount`. Its `amount`, which it adds to the ledger,
is derived here from all lines: the stated amount for the first opening balance, zero if the lines up to it are stored, and the
difference from the earlier balance after a gap. The order of the files therefore makes no difference. Every writer of ledger
lines calls `settle` at the end of its transaction.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from segcli.base import money

JOURNAL = "opening"  # code of the journal that readers give to opening balances
_CARRIED = "gap "  # starts the number of a line that this module adds for an account without a balance after a gap
# An opening balance precedes the period of its entry; without one it precedes the whole year.
_POSITION = f"iif(j.code = '{JOURNAL}', coalesce(e.period, 0), 0)"
# Condition on an entry to be an opening balance. A later entry of that type is an ordinary entry.
IS_OPENING = (
    f"(e.type = 'opening' AND (j.code = '{JOURNAL}' OR coalesce(e.period, 0) = 0"
    " OR (e.period = 1 AND t.entry_date GLOB '*-01-01')))"
)
_JOINED = "transaction_line AS t JOIN entry AS e ON e.id = t.entry_id JOIN journal AS j ON j.id = e.journal_id"
# Condition on a line to be before an opening balance of :year at :position.
_BEFORE = f"""(e.financial_year < :year OR (e.financial_year = :year
  AND CASE WHEN t.opening_amount IS NULL THEN coalesce(e.period, 999) ELSE {_POSITION} END < :position))"""
_GROUPS = f"""SELECT DISTINCT e.financial_year, {_POSITION} FROM transaction_line AS t INDEXED BY transaction_line_opening
 JOIN entry AS e ON e.id = t.entry_id JOIN journal AS j ON j.id = e.journal_id WHERE t.opening_amount IS NOT NULL ORDER BY 1, 2"""


class Difference(NamedTuple):
    """A ledger account whose opening balance differs from the closing balance of the year before, in minor units."""

    year: int
    gl_account: str
    opening: int
    closing: int
    result: int = 0  # the part of the difference that is the result of the year before

    def words(self, currency: str) -> str:
        """Return the difference as text."""
        opening, closing = (money.to_text(amount, currency) for amount in (self.opening, self.closing + self.result))
        what = f" with the result of {money.to_text(self.result, currency)}" if self.result else ""
        return (
            f"the opening balance of {self.year} on ledger account {self.gl_account} is {opening}, the closing balance before it"
            f" {closing}{what}: the closing balance counts; was the earlier file made before its year was closed?"
        )


class _Group(NamedTuple):
    """An opening balance: a financial year, and the period that it precedes (0: the whole year)."""

    year: int
    position: int

    @property
    def values(self) -> Mapping[str, int]:
        return {"year": self.year, "position": self.position}


def settle(db: sqlite3.Connection) -> int:
    """Derive the amounts of all opening balances, in the open transaction. Return the number of changed lines."""
    return sum(_settle(db, group) for group in _groups(db))


def clear(db: sqlite3.Connection) -> None:
    """Delete the lines that this module added, before other lines of their entries are removed; `settle` adds them again."""
    if _groups(db):
        db.execute(f"DELETE FROM transaction_line WHERE opening_amount = 0 AND line_number GLOB '{_CARRIED}*'")


def is_added(table: str = "transaction_line") -> str:
    """Return the SQL condition that this module added a line."""
    return f"({table}.opening_amount = 0 AND {table}.line_number GLOB '{_CARRIED}*')"


def what_is_before(db: sqlite3.Connection, year: int, position: int = 0) -> str:
    """Return the state of the ledger before a year, or before a period of it: nothing, the year before it, or a gap."""
    return _what_is_before(db, _Group(year, position))


def _groups(db: sqlite3.Connection) -> list[_Group]:
    return [_Group(*row) for row in db.execute(_GROUPS)]


def _settle(db: sqlite3.Connection, group: _Group) -> int:
    changed = db.execute(
        f"DELETE FROM transaction_line WHERE id IN (SELECT t.id FROM {_of(group)}) AND {is_added()}"
    ).rowcount
    kind = _what_is_before(db, group)
    if kind != "gap":
        amount = "opening_amount" if kind == "nothing" else "0"
        return changed + int(
            db.execute(
                f"UPDATE transaction_line SET amount = {amount} WHERE amount <> {amount} AND id IN (SELECT t.id FROM {_of(group)})"
            ).rowcount
        )
    before = _balances(db, group)
    return changed + _differ(db, group, before) + _add(db, group, before)


def _of(group: _Group) -> str:
    """Return the lines of an opening balance, as SQL after FROM; the names are t, e and j."""
    return (
        f"{_JOINED} WHERE t.opening_amount IS NOT NULL AND e.financial_year = {int(group.year)}"
        f" AND {_POSITION} = {int(group.position)}"
    )


def _what_is_before(db: sqlite3.Connection, group: _Group) -> str:
    """Return the state of the ledger before an opening balance: nothing, the year (or the periods) before it, or a gap."""
    sql = f"SELECT EXISTS (SELECT 1 FROM {_JOINED} WHERE {_BEFORE}{{}})"
    if not db.execute(sql.format(""), group.values).fetchone()[0]:
        return "nothing"
    since = " AND t.opening_amount IS NULL AND e.financial_year >= :since"
    values = {**group.values, "since": group.year - (group.position == 0)}
    return "year" if db.execute(sql.format(since), values).fetchone()[0] else "gap"


def _balances(db: sqlite3.Connection, group: _Group) -> dict[int, dict[int | None, int]]:
    """Return the balances before an opening balance by ledger account and account; results count from the start of its year."""
    found: dict[int, dict[int | None, int]] = {}
    sql = f"""SELECT t.gl_account_id, t.account_id, sum(t.amount) FROM {_JOINED} JOIN gl_account AS g ON g.id = t.gl_account_id
               WHERE {_BEFORE} AND (g.type IS NOT 'P' OR e.financial_year = :year) GROUP BY 1, 2"""
    for gl_account, account, amount in db.execute(sql, group.values):
        found.setdefault(gl_account, {})[account] = amount
    return found


def _differ(db: sqlite3.Connection, group: _Group, before: Mapping[int, Mapping[int | None, int]]) -> int:
    """Set each account's lines to the difference from its earlier balance; return the number of changed lines."""
    lines: dict[int, list[tuple[int, int | None, int]]] = {}
    for number, gl_account, account, amount in db.execute(
        f"SELECT t.id, t.gl_account_id, t.account_id, t.opening_amount FROM {_of(group)} ORDER BY t.id"
    ):
        lines.setdefault(gl_account, []).append((number, account, amount))
    found: dict[int, int] = {}
    for gl_account, rows in lines.items():
        found |= _shares(rows, before.get(gl_account, {}))
    return sum(
        db.execute("UPDATE transaction_line SET amount = ?1 WHERE id = ?2 AND amount <> ?1", (amount, number)).rowcount
        for number, amount in found.items()
    )


def _shares(rows: list[tuple[int, int | None, int]], before: Mapping[int | None, int]) -> dict[int, int]:
    """Return the amount of each line of a ledger account, whose sum is the opening balance less the earlier one."""
    whole = sum(amount for _, _, amount in rows) - sum(before.values())
    found = dict.fromkeys((number for number, _, _ in rows), 0)
    first: dict[int | None, int] = {}
    stated: dict[int | None, int] = {}
    for number, account, amount in rows:
        first.setdefault(account, number)
        stated[account] = stated.get(account, 0) + amount
    if whole:
        for account, amount in stated.items():
            found[first[account]] = amount - before.get(account, 0) if account is not None else 0
        found[first.get(None, rows[0][0])] += whole - sum(found.values())
    return found


def _add(db: sqlite3.Connection, group: _Group, before: Mapping[int, Mapping[int | None, int]]) -> int:
    """Add a line for each earlier balance whose ledger account the opening balance does not name."""
    entry, day = db.execute(f"SELECT t.entry_id, t.entry_date FROM {_of(group)} ORDER BY t.id LIMIT 1").fetchone()
    named = {number for (number,) in db.execute(f"SELECT DISTINCT t.gl_account_id FROM {_of(group)}")}
    balanced = dict(db.execute("SELECT id, code FROM gl_account WHERE type = 'B'"))
    gone = [
        (
            entry,
            f"{_CARRIED}{balanced[gl_account]}{'' if account is None else f' {account}'}",
            day,
            gl_account,
            account,
            -amount,
        )
        for gl_account, balances in before.items()
        if gl_account in balanced and gl_account not in named
        for account, amount in balances.items()
        if amount
    ]
    db.executemany(
        "INSERT INTO transaction_line (entry_id, line_number, entry_date, gl_account_id, account_id, amount, opening_amount)"
        " VALUES (?, ?, ?, ?, ?, ?, 0)",
        gone,
    )
    return len(gone)


def differences(db: sqlite3.Connection) -> Iterator[Difference]:
    """Yield the ledger accounts whose opening balance is not the closing balance of the year before it.

    The ledger account whose difference is nearest to the result of that year takes that result, which no line of the ledger shows.
    """
    for group in _groups(db):
        if _what_is_before(db, group) == "year" and group.position == 0:
            yield from _differing(db, group)


def gaps(db: sqlite3.Connection) -> list[int]:
    """Return the years whose opening balance follows earlier years, but not the year before it."""
    return [group.year for group in _groups(db) if _what_is_before(db, group) == "gap"]


def _differing(db: sqlite3.Connection, group: _Group) -> Iterator[Difference]:
    stated = dict(db.execute(f"SELECT t.gl_account_id, sum(t.opening_amount) FROM {_of(group)} GROUP BY 1"))
    closed = _closing(db, group.year - 1)
    accounts = {
        number: (code, kind, subledger)
        for number, code, kind, subledger in db.execute("SELECT id, code, type, subledger FROM gl_account")
    }
    kept = [n for n in {*stated, *closed} if accounts[n][1] == "B" or (n in stated and accounts[n][1] is None)]
    result = sum(amount for number, amount in closed.items() if number not in kept)
    found = {n: stated.get(n, 0) - closed.get(n, 0) for n in kept}
    heirs = [n for n in kept if result and found[n] and accounts[n][2] is None]
    heir = min(heirs, key=lambda n: (abs(found[n] - result), accounts[n][0]), default=None)
    for number in sorted(kept, key=lambda n: accounts[n][0]):
        share = result if number == heir else 0
        if found[number] != share:
            yield Difference(group.year, accounts[number][0], stated.get(number, 0), closed.get(number, 0), share)


def _closing(db: sqlite3.Connection, year: int) -> dict[int, int]:
    """Return the balances by ledger account at the end of a year: what it opened with and its entries.

    A year without an opening balance continues the years before it, with their results.
    """
    opened = [group for group in _groups(db) if group.year == year]
    first = [group.position for group in opened if not group.position or _what_is_before(db, group) != "year"]
    if not opened:
        sql = f"SELECT t.gl_account_id, sum(t.amount) FROM {_JOINED} WHERE e.financial_year <= ? GROUP BY 1"
        return dict(db.execute(sql, (year,)))
    counts = f"(t.opening_amount IS NULL OR {_POSITION} IN ({', '.join(map(str, first)) or 'NULL'}))"
    sql = f"""SELECT t.gl_account_id, sum(coalesce(t.opening_amount, t.amount)) FROM {_JOINED}
               WHERE e.financial_year = ? AND {counts} GROUP BY 1"""
    return dict(db.execute(sql, (year,)))
