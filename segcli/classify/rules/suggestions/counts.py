"""What suggested rules decide, counted by SQL on all accounts: `temp.suggested` holds the rule that decides each of them."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from segcli.discover.explaining.learning import LEARNT, TABLE
from segcli.domain.catalogue import Value
from segcli.domain.clause import in_order
from segcli.domain.segments.shares import share
from segcli.query.expressions import language
from segcli.query.names import Names
from segcli.storage import temporary_tables

EXAMPLES = 3


class Example(NamedTuple):
    """An account that a rule decides otherwise than it is classified."""

    account: str
    value: str


class Suggested(NamedTuple):
    """A rule, or what is left (without tests), and how it fares: the accounts it decides and how many rightly, held-out ones apart."""

    id: str
    code: str
    when: str
    operands: tuple[str, ...]
    accounts: int
    right: int
    held: int
    held_right: int
    examples: tuple[Example, ...]

    @property
    def accuracy(self) -> float | None:
        """Return the percentage of held-out accounts that it decides rightly."""
        return share(self.held_right, self.held, 1)


def decide(db: sqlite3.Connection, names: Names, whens: Sequence[str]) -> None:
    """Create temp.suggested: the rule that decides each account; the number of rules if none does."""
    clauses = [language.compile_expression(text, names) for text in whens]
    cases = " ".join(f"WHEN {clause.sql} THEN {number}" for number, clause in enumerate(clauses))
    winner = f"CASE {cases} ELSE {len(clauses)} END" if clauses else "0"
    temporary_tables.create(db, "suggested", "account_id INTEGER PRIMARY KEY, winner INTEGER")
    db.execute(
        f"INSERT INTO temp.suggested SELECT a.id, {winner} FROM temp.{TABLE} AS k JOIN account AS a ON a.id = k.account_id",
        tuple(value for clause in clauses for value in clause.values),
    )


_DECIDED = f"temp.suggested AS s JOIN temp.{TABLE} AS k ON k.account_id = s.account_id"


def rules(
    db: sqlite3.Connection,
    given: Sequence[Value],
    whens: Sequence[str],
    operands: Sequence[tuple[str, ...]],
    values: dict[int, Value],
) -> tuple[Suggested, ...]:
    """Return the rules with their counts; the last one is for the accounts that no rule matches."""
    counts: Counter[tuple[int, int, bool]] = Counter()
    for winner, part, value, count in db.execute(
        f"SELECT s.winner, k.bucket >= ?, k.value, count(*) FROM {_DECIDED} WHERE k.is_used GROUP BY 1, 2, 3", (LEARNT,)
    ):
        counts[winner, part, value == given[winner].id] += count
    examples = _examples(db, given, values)
    seen: Counter[str] = Counter()
    found = []
    for number, value in enumerate(given):
        seen[value.code] += 1
        is_rest = number == len(whens)
        name = "otherwise" if is_rest else value.code if seen[value.code] == 1 else f"{value.code}-{seen[value.code]}"
        held_right, held = counts[number, 1, True], counts[number, 1, True] + counts[number, 1, False]
        right = held_right + counts[number, 0, True]
        every = held + counts[number, 0, True] + counts[number, 0, False]
        when, used = ("", ()) if is_rest else (whens[number], operands[number])
        found.append(Suggested(name, value.code, when, used, every, right, held, held_right, tuple(examples[number])))
    return tuple(found)


def _examples(db: sqlite3.Connection, given: Sequence[Value], values: dict[int, Value]) -> list[list[Example]]:
    """Return the first counter-examples of each rule by account code."""
    found: list[list[Example]] = [[] for _ in given]
    for number, value in enumerate(given):
        rows = db.execute(
            f"SELECT a.code, k.value FROM {_DECIDED} JOIN account AS a ON a.id = k.account_id WHERE k.is_used AND s.winner = ?"
            f" AND k.value <> ? ORDER BY {in_order('a.code')} LIMIT ?",
            (number, value.id, EXAMPLES),
        )
        found[number] = [Example(code, values[other].code) for code, other in rows]
    return found


def most_frequent(db: sqlite3.Connection, values: dict[int, Value]) -> tuple[str, int]:
    """Return the most frequent value of the accounts that were learnt from, and its number of held-out accounts."""
    value, count = db.execute(
        f"SELECT k.value, sum(k.bucket >= ?) FROM temp.{TABLE} AS k WHERE k.is_used GROUP BY 1"
        " ORDER BY sum(k.bucket < ?) DESC, 1 LIMIT 1", (LEARNT, LEARNT),
    ).fetchone()  # fmt: skip
    return values[value].code, count


def unreached(db: sqlite3.Connection, values: dict[int, Value], given: Sequence[int]) -> tuple[tuple[str, int], ...]:
    """Return the values that no rule gives, with their accounts."""
    rows = db.execute(f"SELECT k.value, count(*) FROM temp.{TABLE} AS k WHERE k.is_used GROUP BY 1")
    return tuple(sorted((values[value].code, count) for value, count in rows if value not in given))


def planned(db: sqlite3.Connection, given: Sequence[int]) -> tuple[tuple[int, int], int]:
    """Return the changes that the rules would make with keep: [manual], as a pair; and the values set by hand that stay."""
    changed = empty = kept = 0
    rows = db.execute(f"SELECT s.winner, k.value, k.source = 'manual', count(*) FROM {_DECIDED} GROUP BY 1, 2, 3")
    for winner, value, is_manual, count in rows:
        if value != given[winner]:
            kept += count if is_manual else 0
            changed += 0 if is_manual or value is None else count
            empty += 0 if is_manual or value is not None else count
    return (changed, empty), kept
