"""Numeric features in bands: the limits at ranks of a distribution, and the number of accounts in each band."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from segcli.base.money import to_text
from segcli.discover.features import Feature
from segcli.domain.clause import Clause
from segcli.domain.segments.shares import Band, bands, ranks
from segcli.query.expressions.fields import bare
from segcli.query.expressions.metrics import ALIASES, CATALOGUE

NUMERIC = frozenset({"money", "number", "date"})
_EMPTY, _ZERO = -1, -2  # the numbers of the cells beside the bands
_LETTERS = {4: "Q", 10: "D"}  # before the number of a band: quarters and tenths; B for others
_DIGITS = 2  # of a limit that is neither money nor days


class Measure(NamedTuple):
    """A numeric feature: its name and its column; a date counts in days before the as-of day."""

    name: str
    column: str  # of the table of features, with its alias x
    kind: str
    unit: str
    empty: str  # what an empty value means: none, unknown, or none or unknown
    has_zero: bool  # 0 means that there is nothing, so it is a band of its own
    day: date

    @property
    def sql(self) -> str:
        """Return the SQL of the number."""
        if self.kind == "date":
            return f"CAST(julianday('{self.day.isoformat()}') - julianday({self.column}) AS INTEGER)"
        return self.column

    def limit(self, number: float) -> str:
        """Return a number as the limit of a band."""
        if self.kind == "money":
            return to_text(int(number), self.unit)
        return f"{number:.{_DIGITS}f}".rstrip("0").rstrip(".") if isinstance(number, float) else str(number)


def measure(feature: Feature, day: date, currency: str) -> Measure:
    """Return the numbers of a feature of the kinds NUMERIC."""
    text = bare(feature.text)
    word = text.partition("(")[0].strip().lower()
    metric = CATALOGUE.get(ALIASES.get(word, word))
    adds_up = metric is not None and metric.aggregate in {"sum", "count"}
    is_date = feature.kind == "date"
    return Measure(
        name=f"days since {text}" if is_date else text,
        column=f"x.{feature.column}",
        kind=feature.kind,
        unit=currency if feature.kind == "money" else "days" if is_date or word.startswith("days_") else "",
        empty=feature.empty,
        has_zero=adds_up,
        day=day,
    )


class Banded(NamedTuple):
    """A measure with its bands."""

    measure: Measure
    bands: tuple[Band, ...]

    @property
    def cell(self) -> Clause:
        """Return the SQL of the number of the cell that an account is in."""
        sql = self.measure.sql
        parts = [f"CASE WHEN {self.measure.column} IS NULL THEN {_EMPTY}"]
        parts += [f"WHEN {sql} = 0 THEN {_ZERO}"] if self.measure.has_zero else []
        limits = [band.upto for band in self.bands if band.upto is not None]
        parts += [f"WHEN {sql} <= ? THEN {place}" for place in range(len(limits))]
        return Clause(f"{' '.join(parts)} ELSE {len(limits)} END", tuple(limits))

    @property
    def cells(self) -> Mapping[int, tuple[str, str]]:
        """Return the code and the name of each cell: the bands, then zero and empty values."""
        limit = self.measure.limit
        ends = [[limit(end) if end is not None else "" for end in (band.above, band.upto)] for band in self.bands]
        found = {place: (band.code, self._named(band.words(*ends[place]))) for place, band in enumerate(self.bands)}
        return found | {_ZERO: ("zero", ""), _EMPTY: (self.measure.empty, "")}

    def _named(self, words: str) -> str:
        unit = self.measure.unit
        return f"{words} {unit}" if unit and words != "any value" else words


def banded(db: sqlite3.Connection, table: str, measured: Measure, weight: str, parts: int) -> Banded:
    """Return the bands of a measure by the accounts for which `weight` is 1: so many equal parts, ties kept together."""
    known = f"{measured.column} IS NOT NULL" + (f" AND {measured.sql} <> 0" if measured.has_zero else "")
    sql = f"SELECT count(*) FROM temp.{table} AS x WHERE {known} AND {weight}"
    held = ranks(db.execute(sql).fetchone()[0], parts)
    ends = at_ranks(db, table, measured.sql, f"{known} AND {weight}", held)
    return Banded(measured, tuple(bands([ends[rank] for rank in held], _LETTERS.get(parts, "B"))))


def at_ranks(
    db: sqlite3.Connection, table: str, sql: str, condition: str, wanted: Sequence[int]
) -> Mapping[int, float]:
    """Return the value at each of the ranks, from 1, of the values in ascending order."""
    if not wanted:
        return {}
    spans = " OR ".join("? BETWEEN y.upto - y.n + 1 AND y.upto" for _ in wanted)
    rows = db.execute(
        f"SELECT y.v, y.upto - y.n, y.upto FROM (SELECT v, n, sum(n) OVER (ORDER BY v) AS upto FROM (SELECT {sql} AS v, count(*) AS n"
        f" FROM temp.{table} AS x WHERE {condition} GROUP BY 1)) AS y WHERE {spans}",
        tuple(wanted),
    ).fetchall()
    return {rank: next(value for value, before, upto in rows if before < rank <= upto) for rank in wanted}
