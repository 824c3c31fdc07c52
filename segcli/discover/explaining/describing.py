"""Describe a selection: the shortest expressions for --where that select it, with precision and recall on held-out accounts.

Fields by which the selection is defined are left out. How expressions are found: segcli/domain/induction/description.py.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from segcli.discover.explaining import learning, wording
from segcli.discover.explaining.learning import Wanted
from segcli.domain.clause import EVERYTHING, Clause, either
from segcli.domain.induction.candidates import bits_of
from segcli.domain.induction.description import Sets, Weights, alternatives
from segcli.domain.induction.description import describe as described
from segcli.domain.induction.search import Conjunction
from segcli.domain.segments.shares import share
from segcli.domain.table import Cell, Column
from segcli.query.names import Names

_DIGITS = 1  # of percentages
COLUMNS = (
    Column("expression"),
    Column("accounts", "integer"),
    Column("precision", "percent"),
    Column("recall", "percent"),
    Column("held_out", "integer", "Held out"),
    Column("precision_held_out", "percent", "Precision held out"),
    Column("recall_held_out", "percent", "Recall held out"),
    Column("lift", "decimal"),
)


@dataclass(frozen=True, slots=True)
class Described:
    """The expressions as rows of COLUMNS, the best one first, and what they rest on."""

    rows: tuple[tuple[Cell, ...], ...]
    whens: tuple[tuple[str, ...], ...]  # each as the lines of `when:` in a rule file
    about: str  # how many accounts were learnt from and held out
    left_out: str  # the fields left out, in words; '' for none
    measures: frozenset[str]  # metrics used, for the report of unknown amounts


def describe(
    db: sqlite3.Connection, names: Names, selected: Clause, base: Clause = EVERYTHING, wanted: Wanted | None = None
) -> Described:
    """Return expressions that tell the selected accounts from the others of the base, the best one first.

    `selected` and `base` are conditions on `account AS a` compiled with `names`. By default the fields that they use are left out.
    Precision and recall are of the accounts that were learnt from; those of held-out accounts follow. An empty recall or
    precision has nothing to be a share of.
    """
    wanted = wanted or Wanted()
    if not wanted.left_out:
        wanted = replace(wanted, left_out=learning.used(names, (selected, base)))
    names = replace(names, measures=set())  # those of the caller name what the selection uses
    among = EVERYTHING if base == EVERYTHING else either([base, selected])
    found = learning.lay(db, names, learning.texts(names, wanted), among, {"is_selected": selected})
    totals = _totals(db, names)
    rows = [
        row
        for value in (1, 0)
        for row in learning.sample(db, found, f"k.is_selected IS {value}", learning.SAMPLE // 2, "k.is_selected")
    ]
    rows.sort(key=lambda row: str(row[0]))
    search, words = learning.searching(names, found, rows)
    is_selected = bits_of((at for at, row in enumerate(rows) if row[-1]), len(rows))
    sampled = is_selected.bit_count()
    weights = Weights(
        totals[0, 1] / sampled if sampled else 1.0, totals[0, 0] / (len(rows) - sampled) if len(rows) > sampled else 1.0
    )
    sets = Sets(search.every, is_selected, weights)
    best = described(search, sets, wanted.depth)
    shown = _distinct(
        [best, *([one] for one in best), *([one] for one in alternatives(search, sets, wanted.others, wanted.depth))]
    )
    texts = [words.joined(some) for some in shown]
    made = _rows(db, learning.compiled(names, found), texts)
    about = learning.told(len(rows), sum(totals.values()), totals[1, 0] + totals[1, 1])
    return Described(
        tuple(made),
        tuple(tuple(wording.when([words.of(one) for one in some])) for some in shown),
        about,
        learning.left_out(names, wanted),
        frozenset(operand.name for operand in words.operands),
    )


def _distinct(found: Sequence[Sequence[Conjunction]]) -> list[Sequence[Conjunction]]:
    """Return the descriptions without repetitions and empty ones."""
    seen: dict[object, Sequence[Conjunction]] = {}
    for some in found:
        if some:
            seen.setdefault(tuple(tuple(wording.in_order(one)) for one in some), some)
    return list(seen.values())


def _totals(db: sqlite3.Connection, names: Names) -> dict[tuple[int, int], int]:
    """Return the number of accounts by part (0 learnt from, 1 held out) and whether they are selected."""
    found = {(part, value): 0 for part in (0, 1) for value in (0, 1)}
    for part, value, count in learning.counts(db, names, "k.is_selected IS 1", ()):
        found[part, value] = count
    return found


def _rows(db: sqlite3.Connection, names: Names, texts: Sequence[str]) -> list[tuple[Cell, ...]]:
    totals = {(part, value): 0 for part in (0, 1) for value in (0, 1)}
    counts = {(part, value): [0] * len(texts) for part in (0, 1) for value in (0, 1)}
    for part, value, total, *found in learning.counts(db, names, "k.is_selected IS 1", texts):
        totals[part, value], counts[part, value] = total, list(found)
    part_selected = (totals[0, 1] + totals[1, 1]) / max(sum(totals.values()), 1)
    rows: list[tuple[Cell, ...]] = []
    for number, text in enumerate(texts):
        right, wrong = ([counts[part, value][number] for part in (0, 1)] for value in (1, 0))
        every = sum(right) + sum(wrong)
        parts = [
            (share(right[part], right[part] + wrong[part], _DIGITS), share(right[part], totals[part, 1], _DIGITS))
            for part in (0, 1)
        ]
        lift = round(sum(right) / every / part_selected, 2) if every and part_selected else None
        rows.append((text, every, *parts[0], right[1] + wrong[1], *parts[1], lift))
    return rows
