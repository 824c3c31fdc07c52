"""What --metric names, measured per group: means of metrics, and rates of accounts that fulfil a condition."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from segcli.base.errors import UsageError
from segcli.base.money import exponent
from segcli.base.text import counted
from segcli.discover import features
from segcli.domain.campaigns.comparing import Sample
from segcli.domain.clause import Clause
from segcli.query.expressions import language
from segcli.query.expressions.collecting import Collector
from segcli.query.names import Names
from segcli.storage import exchange

DEFAULT = "invoices > 0,turnover"
_FINE = 1_000_000  # numbers are summed in millionths, exactly; quantities have six decimals
_DIGITS = 4  # of a value in a table
_KINDS = {"money", "number", "flag"}


class Metric(NamedTuple):
    """A metric as the user wrote it: its type (money, number, or rate), its currency if money, its condition if a rate."""

    text: str
    kind: str
    currency: str = ""
    is_known: bool = True  # an empty value is no unknown amount
    condition: str = ""

    @property
    def measure(self) -> str:
        """Return what is compared."""
        return "rate, %" if self.kind == "rate" else f"mean, {self.currency}" if self.currency else "mean"

    @property
    def scale(self) -> int:
        """Return by how much a value is multiplied when it is shown: a rate in percent."""
        return 100 if self.kind == "rate" else 1


class Measured(NamedTuple):
    """A metric with the values of each group, and how many accounts of a group have none."""

    metric: Metric
    samples: Mapping[str, Sample]
    empty: Mapping[str, int]


def usual(names: Names) -> list[str]:
    """Return the metrics without --metric; no label hides them."""
    return [" ".join((features.own(word, names), *rest)) for word, *rest in map(str.split, DEFAULT.split(","))]


def metrics(texts: Iterable[str], names: Names) -> list[Metric]:
    """Return the metrics. Raise UsageError for one that is neither a number nor a condition."""
    return [_metric(text, replace(names, origin="--metric", measured=Collector())) for text in texts]


def _metric(text: str, names: Names) -> Metric:
    try:
        field = language.operand(text, names)
    except UsageError:
        language.compile_expression(text, names)
        return Metric(text, "rate", condition=text)
    if field.kind not in _KINDS:
        raise UsageError(f"--metric: {text} is no number", "name a metric, or compare: --metric 'invoices > 0'")
    if field.kind == "flag":  # such as over_limit
        return Metric(text, "rate", condition=f"{text} = true")
    is_known = features.empty(field.name) != features.UNKNOWN
    return Metric(text, field.kind, names.currency if field.kind == "money" else "", is_known)


def measure(db: sqlite3.Connection, names: Names, wanted: Iterable[Metric], drawn: str) -> list[Measured]:
    """Return the metrics of the accounts in the temporary table `drawn` (account_id, group_name), by group."""
    wanted = list(wanted)
    numbers = [metric for metric in wanted if metric.kind != "rate"]
    rates = {f"r{number}": metric for number, metric in enumerate(m for m in wanted if m.kind == "rate")}
    laid = features.lay(
        db,
        replace(names, origin="--metric"),
        [metric.text for metric in numbers],
        Clause(f"a.id IN (SELECT account_id FROM temp.{drawn})"),
        flags={column: metric.condition for column, metric in rates.items()},
    )
    columns = {feature.text: feature.column for feature in laid} | {
        metric.text: column for column, metric in rates.items()
    }
    return [_measured(db, metric, columns[metric.text], drawn) for metric in wanted]


def _measured(db: sqlite3.Connection, metric: Metric, column: str, drawn: str) -> Measured:
    """Add up exactly: whole numbers have no rounding that depends on the order of rows."""
    parts = 10 ** exponent(metric.currency) if metric.currency else 1 if metric.kind == "rate" else _FINE
    times = _FINE if metric.kind == "number" else 1
    samples: dict[str, Sample] = {}
    empty: dict[str, int] = {}
    rows = db.execute(
        f"SELECT d.group_name, f.{column}, count(*) FROM temp.{drawn} AS d JOIN temp.feature AS f ON f.account_id = d.account_id"
        " GROUP BY 1, 2"
    )
    for group, value, count in rows:
        if value is None:
            empty[group] = count
            continue
        whole = value * times if isinstance(value, int) else round(value * times)
        held = samples.get(group) or Sample(parts=parts)
        samples[group] = Sample(
            held.size + count, held.total + count * whole, held.squares + count * whole * whole, parts
        )
    return Measured(metric, samples, empty)


def rounded(value: float | None, scale: int = 1) -> float | None:
    """Return a value as tables show it, times the scale."""
    return None if value is None else round(value * scale, _DIGITS)


def unknown(db: sqlite3.Connection, names: Names, measured: Iterable[Measured], drawn: str) -> list[str]:
    """Return per metric of money how many accounts have an unknown amount, and the documents without an exchange rate.

    An average of nothing is no unknown amount. A condition on an unknown amount is not fulfilled, so that only the documents tell it.
    """
    sums = ((one.metric, sum(one.empty.values())) for one in measured if not one.metric.is_known)
    found = [f"{counted(count, 'account')} with an unknown {metric.text}" for metric, count in sums if count]
    sources = exchange.sources(sorted(names.measures))
    if sources and not exchange.is_complete(db):
        among = Clause(f"a.id IN (SELECT account_id FROM temp.{drawn})")
        found.append(exchange.told(exchange.missing(db, sources, among)))
    return [text for text in found if text]
