"""Explanation of an account's class: every rule, its tests, and the account's value for each test."""

import sqlite3
from collections.abc import Iterator

from segcli.classify.rules import deciding
from segcli.classify.rules.compiled import RuleSet
from segcli.classify.rules.values import shown
from segcli.classify.rules.work import Work
from segcli.domain.table import Cell, Column
from segcli.storage import temporary_views

COLUMNS = (
    Column("class", heading="Class"),
    Column("rule"),
    Column("set", "code"),
    Column("part"),
    Column("value"),
    Column("holds", "flag"),
)
_LAST = """SELECT r.id, r.command, r.source, r.started_at, r.reason FROM classification_change AS h JOIN run AS r ON r.id = h.run_id
            WHERE h.account_id = ? AND h.field = ? ORDER BY h.id DESC LIMIT 1"""
Row = tuple[Cell, ...]


def rows(work: Work, account: int) -> Iterator[Row]:
    """Yield the rules with their tests for an account, and the outcome."""
    for at, found in enumerate(work.sets):
        label = work.names.catalogue.label(found.field)
        deciding.see(work.db, work.sets[:at])
        for number in range(len(found.rules)):
            yield from [(label, *row) for row in _rule(work, found, number, account)]
        temporary_views.lift(work.db)
        yield (label, "", *_result(work, found, account))


def _rule(work: Work, found: RuleSet, number: int, account: int) -> Iterator[Row]:
    sql = f"SELECT r{number} FROM temp.decision{found.field} WHERE account_id = ?"
    row, rule = work.db.execute(sql, (account,)).fetchone(), found.rules[number]
    note = f"expired on {rule.rule.until}" if rule.is_expired else "" if row else "out of the scope"
    yield rule.rule.id, rule.code or "(none)", note or "the rule", "", int(bool(row and row[0]))
    for part in rule.parts:
        column, bound = (part.field.column, part.field.values) if part.field else ("NULL", ())
        value, holds = work.db.execute(
            f"SELECT {column}, {part.clause.sql} FROM account AS a{work.collector.joins} WHERE a.id = ?",
            (*bound, *part.clause.values, account),
        ).fetchone()
        yield rule.rule.id, "", part.text, shown(part.field, value, work.names) if part.field else "", int(holds)


def _result(work: Work, found: RuleSet, account: int) -> Row:
    """Return the outcome: the new value and its reason, the current value and its source, and whether it changes."""
    codes = {value.id: value.code for value in work.names.catalogue.values(found.field)} | {None: "(none)"}
    now = work.db.execute(f"SELECT class{found.field} FROM account WHERE id = ?", (account,)).fetchone()[0]
    decided = work.db.execute(
        f"SELECT d.winner, d.new_value_id, {deciding.source(found.field)} FROM temp.decision{found.field} AS d WHERE d.account_id = ?",
        (account,),
    ).fetchone()
    value = f"{codes[now]}, {_origin(work.db, found.field, account)}"
    if decided is None:
        return codes[now], "out of the scope: it keeps what it has", value, 0
    winner, new, source = decided
    why = f"{found.rules[winner].rule.id} is the first that holds" if winner is not None else "no rule holds"
    changes = work.db.execute(
        "SELECT 1 FROM temp.proposal WHERE account_id = ? AND field = ?", (account, found.field)
    ).fetchone()
    if new != now and not changes:
        return codes[now], f"{why}, but what is {source} is kept", value, 0
    return codes[new], why, value, int(bool(changes))


def _origin(db: sqlite3.Connection, field: int, account: int) -> str:
    row = db.execute(_LAST, (account, field)).fetchone()
    if row is None:
        return "as it came in"
    number, command, source, moment, reason = row
    return f"{source}, run {number} ({command}) of {moment[:10]}{f': {reason}' if reason else ''}"
