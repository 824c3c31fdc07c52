"""Decisions of the rules: every rule is evaluated for every account in a temporary table, which gives the proposed changes.

`temp.decision<field>` has a row for each account in the scope: its current value, r0, r1, ... (whether the rule
holds), winner (the first rule that holds) and new_value_id. `temp.proposal` holds the changes, as for every
reclassification.
"""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from segcli.classify import reclassify
from segcli.classify.rules.compiled import CompiledRule, RuleSet
from segcli.query.expressions.collecting import Collector, measure
from segcli.query.names import Names
from segcli.storage import temporary_views
from segcli.storage.reader import Reader

# The source of an account's current value; a value restored by undo has its original source.
_SOURCE = """coalesce((SELECT r.source FROM classification_change AS h JOIN run AS r ON r.id = h.run_id
   WHERE h.account_id = d.account_id AND h.field = {field} AND h.new_value_id IS d.old_value_id AND r.source <> 'undo'
   ORDER BY h.id DESC LIMIT 1), 'import')"""


class Counts(NamedTuple):
    """The number of accounts for which a rule holds, is the first that holds, and makes a change."""

    hits: int
    wins: int
    changes: int


def decide(  # noqa: PLR0913 - what is decided, for whom, and from what
    db: sqlite3.Connection,
    sets: Sequence[RuleSet],
    collector: Collector,
    names: Names,
    facts: Reader | None = None,
    only: Collection[int] = (),
) -> None:
    """Fill the decision tables of all sets in order; a later set sees the values that earlier ones assign.

    With `only`, the ids of accounts, these alone are decided.
    """
    measure(db, collector, names.day, facts, only)
    reclassify.create_proposal(db)
    for number, found in enumerate(sets):
        see(db, sets[:number])
        evaluate(db, found, collector, only)
        _propose(db, found)
    temporary_views.lift(db)


def see(db: sqlite3.Connection, sets: Iterable[RuleSet]) -> None:
    """Mask `account` with a temporary view that has the classes these sets assign; shadow.lift removes it."""
    given = {}
    for found in sets:
        here = f"FROM temp.proposal AS p WHERE p.account_id = x.id AND p.field = {found.field}"
        given[found.field] = (
            f"CASE WHEN EXISTS (SELECT 1 {here}) THEN (SELECT p.new_value_id {here}) ELSE x.class{found.field} END"
        )
    if given:
        temporary_views.cast(db, given)


def evaluate(db: sqlite3.Connection, found: RuleSet, collector: Collector, only: Collection[int] = ()) -> None:
    """Fill the decision table of a set, given the measured metrics."""
    _create(db, found)
    rows = f"account AS a{collector.joins}"
    conditions = ", ".join(f"({rule.condition.sql})" for rule in found.rules)
    values = [value for rule in found.rules for value in rule.condition.values]
    columns = ", ".join(f"r{number}" for number in range(len(found.rules)))
    among = f"a.id IN ({', '.join(str(int(one)) for one in only)}) AND " if only else ""
    db.execute(
        f"INSERT INTO temp.decision{found.field} (account_id, old_value_id, {columns})"
        f" SELECT a.id, a.class{found.field}, {conditions} FROM {rows} WHERE {among}({found.scope.sql})",
        (*values, *found.scope.values),
    )


def _create(db: sqlite3.Connection, found: RuleSet) -> None:
    """Create the decision table of a set; winner and new_value_id are generated columns."""
    numbers = range(len(found.rules))
    winner = f"CASE {' '.join(f'WHEN r{n} THEN {n}' for n in numbers)} END"
    given = " ".join(f"WHEN {n} THEN {_sql(rule.value_id)}" for n, rule in enumerate(found.rules))
    rest = _sql(found.otherwise[0]) if found.otherwise else "old_value_id"
    db.execute(f"DROP TABLE IF EXISTS temp.decision{found.field}")
    db.execute(
        f"CREATE TEMP TABLE decision{found.field} (account_id INTEGER PRIMARY KEY, old_value_id INTEGER,"
        f" {', '.join(f'r{n} INTEGER' for n in numbers)}, winner INTEGER GENERATED ALWAYS AS ({winner}),"
        f" new_value_id INTEGER GENERATED ALWAYS AS (CASE {winner} {given} ELSE {rest} END))"
    )


def _sql(value_id: int | None) -> str:
    return "NULL" if value_id is None else str(int(value_id))


def source(field: int) -> str:
    """Return the SQL of the source of the current value for `decision AS d`: manual, csv, import or rule."""
    return _SOURCE.format(field=int(field))


def _propose(db: sqlite3.Connection, found: RuleSet) -> None:
    """Propose the changes, except for values whose source is in `keep`."""
    kept = f"AND {source(found.field)} NOT IN ({', '.join('?' * len(found.file.keep))})" if found.file.keep else ""
    db.execute(
        f"INSERT INTO temp.proposal (account_id, field, old_value_id, new_value_id) SELECT d.account_id, {found.field}, d.old_value_id,"
        f" d.new_value_id FROM temp.decision{found.field} AS d WHERE d.old_value_id IS NOT d.new_value_id {kept}",
        found.file.keep,
    )


def scope(db: sqlite3.Connection, found: RuleSet) -> int:
    """Return the number of accounts in the scope."""
    return int(db.execute(f"SELECT count(*) FROM temp.decision{found.field}").fetchone()[0])


def changed(db: sqlite3.Connection, found: RuleSet) -> int:
    """Return the number of accounts that would change."""
    return int(db.execute("SELECT count(*) FROM temp.proposal WHERE field = ?", (found.field,)).fetchone()[0])


def counts(db: sqlite3.Connection, found: RuleSet) -> Iterator[tuple[CompiledRule | None, Counts]]:
    """Yield the counts of each rule, then of the accounts that no rule matches."""
    sums = ", ".join(f"coalesce(sum(r{number}), 0)" for number in range(len(found.rules)))
    hits = db.execute(f"SELECT {sums} FROM temp.decision{found.field}").fetchone()
    rows = db.execute(
        f"SELECT d.winner, count(*), count(p.account_id) FROM temp.decision{found.field} AS d LEFT JOIN temp.proposal AS p"
        " ON p.account_id = d.account_id AND p.field = ? GROUP BY d.winner", (found.field,),
    )  # fmt: skip
    won = {winner: (wins, moved) for winner, wins, moved in rows}
    for number, rule in enumerate(found.rules):
        yield rule, Counts(hits[number], *won.get(number, (0, 0)))
    rest = won.get(None, (0, 0))
    yield None, Counts(rest[0], *rest)


def accounts(db: sqlite3.Connection, sets: Sequence[RuleSet]) -> Counts:
    """Return the accounts in the scope of any set, and those that change, each counted once.

    Each of them is hit, by a rule or by no rule, and has one winner; an account that several rules hit is one account.
    """
    scopes = " UNION ".join(f"SELECT account_id FROM temp.decision{found.field}" for found in sets)
    reached = int(db.execute(f"SELECT count(*) FROM ({scopes})").fetchone()[0])
    return Counts(
        reached, reached, int(db.execute("SELECT count(DISTINCT account_id) FROM temp.proposal").fetchone()[0])
    )


def pairs(db: sqlite3.Connection, found: RuleSet) -> list[tuple[int | None, int | None, int]]:
    """Return the number of accounts in the scope per old and new value."""
    rows = db.execute(
        f"""SELECT d.old_value_id, CASE WHEN p.account_id IS NULL THEN d.old_value_id ELSE p.new_value_id END AS value, count(*)
              FROM temp.decision{found.field} AS d LEFT JOIN temp.proposal AS p ON p.account_id = d.account_id AND p.field = ?
             GROUP BY 1, 2 ORDER BY 1, 2""",
        (found.field,),
    )
    return rows.fetchall()


def shares(db: sqlite3.Connection, found: RuleSet) -> Counter[int | None]:
    """Return the number of accounts in the scope per new value."""
    after: Counter[int | None] = Counter()
    for _, new, count in pairs(db, found):
        after[new] += count
    return after
