"""Why an account has the value that it has: each rule, each of its tests and what the account has there."""

import sqlite3
from collections.abc import Iterator, Sequence

from segcli import shadow
from segcli.overview import Cell, Column
from segcli.ruling import deciding
from segcli.ruling.compiled import Collector, CompiledRule, RuleSet
from segcli.ruling.values import shown
from segcli.selection import Names

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


def rows(
    db: sqlite3.Connection, sets: Sequence[RuleSet], collector: Collector, names: Names, account: int
) -> Iterator[Row]:
    """Yield the rules of an account with their tests, and what comes of them."""
    for at, found in enumerate(sets):
        label = names.catalogue.label(found.field)
        deciding.see(db, sets[:at])
        for number, rule in enumerate(found.rules):
            yield from [(label, *row) for row in _rule(db, found, number, rule, collector, names, account)]
        shadow.lift(db)
        yield (label, "", *_result(db, found, names, account))


def _rule(  # noqa: PLR0913 - of one account, one rule
    db: sqlite3.Connection,
    found: RuleSet,
    number: int,
    rule: CompiledRule,
    collector: Collector,
    names: Names,
    account: int,
) -> Iterator[Row]:
    row = db.execute(f"SELECT r{number} FROM temp.decision{found.field} WHERE account_id = ?", (account,)).fetchone()
    note = f"expired on {rule.rule.until}" if rule.is_expired else "" if row else "out of the scope"
    yield rule.rule.id, rule.code or "(none)", note or "the rule", "", int(bool(row and row[0]))
    for part in rule.parts:
        column = part.field.column if part.field else "NULL"
        bound = part.field.values if part.field else ()
        value, holds = db.execute(
            f"SELECT {column}, {part.clause.sql} FROM account AS a{collector.joins} WHERE a.id = ?",
            (*bound, *part.clause.values, account),
        ).fetchone()
        yield rule.rule.id, "", part.text, shown(part.field, value, names) if part.field else "", int(holds)


def _result(db: sqlite3.Connection, found: RuleSet, names: Names, account: int) -> tuple[Cell, ...]:
    """Return what comes of it: the value afterwards, why, the present one and where that came from, and whether it changes."""
    codes = {value.id: value.code for value in names.catalogue.values(found.field)} | {None: "(none)"}
    now = db.execute(f"SELECT class{found.field} FROM account WHERE id = ?", (account,)).fetchone()[0]
    decided = db.execute(
        f"SELECT d.winner, d.new_value_id, {deciding.source(found.field)} FROM temp.decision{found.field} AS d WHERE d.account_id = ?",
        (account,),
    ).fetchone()
    value = f"{codes[now]}, {_origin(db, found.field, account)}"
    if decided is None:
        return codes[now], "out of the scope: it keeps what it has", value, 0
    winner, new, source = decided
    why = f"{found.rules[winner].rule.id} is the first that holds" if winner is not None else "no rule holds"
    changes = db.execute(
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
