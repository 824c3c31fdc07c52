"""Clusters of accounts over metrics: the values are read from one temporary table, and the clusters are laid out in another.

`temp.cluster` has account_id, cluster and distance of each account that was placed: what describes a cluster reads it.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from heapq import nsmallest
from math import isfinite
from typing import Any, NamedTuple

from segcli.base.errors import SegcliError, UsageError
from segcli.base.money import exponent
from segcli.base.record import replace
from segcli.discover import features
from segcli.domain.clause import Clause
from segcli.domain.segments import clusters
from segcli.domain.segments.clusters import Fit, Model
from segcli.query.expressions.fields import bare
from segcli.query.names import Names
from segcli.storage import temporary_tables

USUAL = ("turnover", "invoices", "last_invoice")  # monetary value, frequency and recency
_NUMBERS = ("money", "number", "date", "flag")
_MOST_METRICS = 20


class Metric(NamedTuple):
    """A metric as a number: amounts in units of the currency, dates as days before the as-of day."""

    text: str
    kind: str
    column: str  # of temp.feature, in minor units if it is an amount
    sql: str
    missing: int  # accounts without it
    is_unknown: bool = False  # without it means that its amount is unknown

    @property
    def name(self) -> str:
        """Return the name of its column: turnover_12m, last_invoice_days."""
        plain = "".join(sign if sign.isalnum() else "_" for sign in bare(self.text))
        parts = [part for part in plain.split("_") if part]
        return "_".join((*parts, *(("days",) if self.kind == "date" else ())))


class Laid(NamedTuple):
    """The metrics, and how many accounts have a value of each."""

    metrics: tuple[Metric, ...]
    accounts: int
    left_out: int

    @property
    def unknown(self) -> bool:
        """Tell whether amounts are missing: without an exchange rate or a cost they are not known."""
        return any(metric.missing for metric in self.metrics if metric.is_unknown)

    @property
    def words(self) -> str:
        """Describe the accounts that are left out; '' if there are none."""
        if not self.left_out:
            return ""
        parts = [f"{metric.text} of {metric.missing}" for metric in self.metrics if metric.missing]
        return f"left out: {self.left_out} of {self.accounts + self.left_out} accounts, without {', '.join(parts)}"


def usual(names: Names) -> tuple[str, ...]:
    """Return the metrics without --metrics; no label hides them."""
    return tuple(features.own(text, names) for text in USUAL)


def lay(db: sqlite3.Connection, names: Names, texts: Iterable[str], among: Clause) -> Laid:
    """Lay the metrics of the selected accounts out. Raise UsageError for what is no number."""
    asked = tuple(texts)
    if not 0 < len(asked) <= _MOST_METRICS or "" in asked or len(set(asked)) < len(asked):
        raise UsageError(
            f"--metrics takes 1 to {_MOST_METRICS} different metrics", "such as: turnover(12m),invoices,last_invoice"
        )
    found = features.lay(db, names, asked, among)
    if wrong := next((one for one in found if one.kind not in _NUMBERS), None):
        raise UsageError(f"--metrics: {wrong.text} is not a number", "see: segcli where fields")
    counted = ", ".join(("count(*)", *(f"count(*) - count({one.column})" for one in found)))
    total, *missing = db.execute(f"SELECT {counted} FROM temp.feature").fetchone()
    known = _known(f"f.{one.column}" for one in found)
    whole = db.execute(f"SELECT count(*) FROM temp.feature AS f WHERE {known}").fetchone()[0]
    metrics = tuple(
        Metric(one.text, one.kind, f"f.{one.column}", _number(one, names), without, one.empty == features.UNKNOWN)
        for one, without in zip(found, missing, strict=True)
    )
    return Laid(metrics, whole, total - whole)


def _known(columns: Iterable[str]) -> str:
    """Return the condition that an account has a value in each column."""
    return " AND ".join(f"{column} IS NOT NULL" for column in columns)


def _number(one: features.Feature, names: Names) -> str:
    """Return the SQL of a feature as a number."""
    if one.kind == "date":
        return f"(julianday('{names.day}') - julianday(f.{one.column}))"
    return f"f.{one.column} / {10 ** exponent(names.currency)}.0" if one.kind == "money" else f"f.{one.column} * 1.0"


def _rows(db: sqlite3.Connection, laid: Laid, *columns: str) -> sqlite3.Cursor:
    """Return the accounts with all values, in the order of their codes."""
    shown = ", ".join((*columns, *(metric.sql for metric in laid.metrics)))
    known = _known(metric.column for metric in laid.metrics)
    return db.execute(
        f"SELECT {shown} FROM temp.feature AS f JOIN account AS a ON a.id = f.account_id WHERE {known} ORDER BY a.code"
    )


def fit(db: sqlite3.Connection, laid: Laid, k: int | None, seed: int) -> Fit:
    """Fit k-means to the accounts. Raise SegcliError without the package, or for too few accounts or equal values."""
    try:
        import numpy as np
        import sklearn.cluster  # noqa: F401
    except ModuleNotFoundError as error:
        raise SegcliError(
            "clusters need the package scikit-learn", "install it: pip install 'segcli[discover]'"
        ) from error
    width = len(laid.metrics)
    values = (value for row in _rows(db, laid) for value in row)
    data = np.fromiter(values, np.float64, laid.accounts * width).reshape(laid.accounts, width)
    if laid.accounts <= max(2, k or 2):
        raise SegcliError(
            f"{laid.accounts} accounts have all metrics: too few for {'clusters' if k is None else f'{k} clusters'}",
            "; ".join(
                filter(
                    None, ("select more accounts, or say a smaller --k" if k else "select more accounts", laid.words)
                )
            ),
        )
    scales = clusters.scales(data)
    for metric, scale in zip(laid.metrics, scales, strict=True):
        if not scale.deviation:
            raise SegcliError(f"all accounts have the same {metric.text}", "leave it out of --metrics")
    clusters.scale(data, scales)
    try:
        return clusters.fitted(data, sample(db, laid, seed), scales, k, seed)
    except ValueError as error:
        raise SegcliError(f"no clusters: {error}", "select more accounts") from error


def sample(db: sqlite3.Connection, laid: Laid, seed: int) -> list[int]:
    """Return the places of at most 5,000 accounts, in order: those with the smallest hash of seed and code."""
    if laid.accounts <= clusters.SAMPLE:
        return list(range(laid.accounts))
    hashed = ((sha256(f"{seed}|{row[0]}".encode()).digest(), at) for at, row in enumerate(_rows(db, laid, "a.code")))
    return sorted(at for _, at in nsmallest(clusters.SAMPLE, hashed))


def place(db: sqlite3.Connection, laid: Laid, model: Model) -> None:
    """Lay out the cluster of each account that has all metrics."""
    temporary_tables.create(db, "cluster", "account_id INTEGER PRIMARY KEY, cluster INTEGER, distance REAL")
    rows = ((row[0], *_placed(model, row[1:])) for row in _rows(db, laid, "a.id"))
    db.executemany("INSERT INTO temp.cluster VALUES (?, ?, ?)", rows)


def _placed(model: Model, values: Sequence[float]) -> tuple[int, float]:
    """Return the cluster and the distance. Raise SegcliError for centres so far away that all of them are equally near."""
    number, distance = model.place(values)
    if not isfinite(distance):
        raise SegcliError("the centres and the scales are too far from the accounts", "the file of --assign is damaged")
    return number, distance


def summary(db: sqlite3.Connection, laid: Laid) -> Iterator[tuple[Any, ...]]:
    """Yield per cluster its number, accounts, share, the mean of each metric and the mean distance to the centre."""
    means = ", ".join(_mean(metric) for metric in laid.metrics)
    yield from db.execute(
        f"""SELECT c.cluster, count(*), round(100.0 * count(*) / ?, 4), {means}, round(avg(c.distance), 4)
              FROM temp.cluster AS c JOIN temp.feature AS f ON f.account_id = c.account_id GROUP BY c.cluster ORDER BY c.cluster""",
        (laid.accounts,),
    )


def described(db: sqlite3.Connection, names: Names, numbers: Iterable[int]) -> dict[int, tuple[Any, ...]]:
    """Return per cluster the shortest expression that selects its accounts, with its precision and recall on held-out accounts.

    A cluster that no short expression tells from the others is not in it. Other metrics than those of the fit may be used.
    """
    from segcli.discover.explaining import describing
    from segcli.discover.explaining.learning import Wanted

    found: dict[int, tuple[Any, ...]] = {}
    inside = "EXISTS (SELECT 1 FROM temp.cluster AS c WHERE c.account_id = a.id{})"
    for number in numbers:
        selected = Clause(inside.format(" AND c.cluster = ?"), (number,))
        placed = Clause(inside.format(""))
        rows = describing.describe(db, replace(names, measures=set()), selected, placed, Wanted(others=0)).rows
        if rows:
            row = dict(zip((column.name for column in describing.COLUMNS), rows[0], strict=True))
            found[number] = row["expression"], row["precision_held_out"], row["recall_held_out"]
    return found


def _mean(metric: Metric) -> str:
    """Return the SQL of a mean; that of an amount is rounded to minor units, half away from zero."""
    if metric.kind == "money":
        return f"CAST(round(1.0 * sum({metric.column}) / count(*)) AS INTEGER)"
    return f"round(avg({metric.sql}), 4)"


def members(db: sqlite3.Connection, names: Mapping[int, str] | None) -> sqlite3.Cursor:
    """Return account, name, and cluster and distance, or the name that its cluster was given; in the order of the codes."""
    from json import dumps

    shown = (
        "c.cluster, round(c.distance, 4)"
        if names is None
        else "(SELECT j.value FROM json_each(?) AS j WHERE j.key = CAST(c.cluster AS TEXT))"
    )
    values = () if names is None else (dumps(names),)
    return db.execute(
        f"""SELECT a.code, a.name, {shown} FROM temp.cluster AS c JOIN account AS a ON a.id = c.account_id
             ORDER BY c.cluster, length(a.code), a.code COLLATE NOCASE, a.code""",
        values,
    )
