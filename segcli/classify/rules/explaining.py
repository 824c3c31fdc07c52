"""Explanation of an account's class: every rule, its tests, and the account's value for each test."""

import sqlite3
from collections.abc import Collection, Iterator

from segcli.classify.rules import deciding
from segcli.classify.rules.compiled import CompiledRule, RuleSet
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
BY_HOLD = "the rule, because of hold"
_LAST = """SELECT r.id, r.command, r.source, r.started_at, r.reason FROM classification_change AS h JOIN run AS r ON r.id = h.run_id
            WHERE h.account_id = ? AND h.field = ? ORDER BY h.id DESC LIMIT 1"""
Row = tuple[Cell, ...]


def rows(work: Work, account: int) -> Iterator[Row]:
    """Yield the rules with their tests for an account, and the outcome."""
    for at, found in enumerate(work.sets):
        label = work.names.catalogue.label(found.field)
        deciding.see(work.db, work.sets[:at])
        by_hold = set()
        for number in range(len(found.rules)):
            of_rule = list(_rule(work, found, number, account))
            by_hold |= {number} if of_rule[0][2] == BY_HOLD else set()
            yield from [(label, *row) for row in of_rule]
        temporary_views.lift(work.db)
        yield (label, "", *_result(work, found, account, by_hold))


def _rule(work: Work, found: RuleSet, number: int, account: int) -> Iterator[Row]:
    sql = f"SELECT r{number} FROM temp.decision{found.field} WHERE account_id = ?"
    row, rule = work.db.execute(sql, (account,)).fetchone(), found.rules[number]
    is_held = bool(row and row[0]) and _is_held(work, rule, account)
    note = f"expired on {rule.rule.until}" if rule.is_expired else "" if row else "out of the scope"
    yield (
        rule.rule.id,
        rule.code or "(none)",
        note or (BY_HOLD if is_held else "the rule"),
        "",
        int(bool(row and row[0])),
    )
    for at, part in enumerate(rule.parts):
        compared = (part.field, *part.others) if part.field else ()
        columns = "".join(f"{field.column}, " for field in compared)
        *values, holds = work.db.execute(
            f"SELECT {columns}{part.clause.sql} FROM account AS a{work.collector.joins} WHERE a.id = ?",
            (*(value for field in compared for value in field.values), *part.clause.values, account),
        ).fetchone()
        text = f"hold: {part.text}" if at >= len(rule.parts) - rule.holding else part.text
        cells = (shown(field, value, work.names) for field, value in zip(compared, values, strict=True))
        yield rule.rule.id, "", text, " and ".join(cells), int(holds)


def _is_held(work: Work, rule: CompiledRule, account: int) -> bool:
    """Tell whether a rule that holds does so because of `hold` alone."""
    if not rule.holding:
        return False
    sql = f"SELECT {rule.when.sql} FROM account AS a{work.collector.joins} WHERE a.id = ?"
    return not work.db.execute(sql, (*rule.when.values, account)).fetchone()[0]


def _result(work: Work, found: RuleSet, account: int, by_hold: Collection[int]) -> Row:
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
    why = "no rule holds"
    if winner is not None:
        rule = found.rules[winner]
        why = f"{rule.rule.id} is the first that holds{', because of hold' if winner in by_hold else ''}"
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
