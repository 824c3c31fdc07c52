"""`list power`: how many accounts a test needs, from what the accounts did in a window of the same length before."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from segcli.base.errors import UsageError
from segcli.base.text import is_whole
from segcli.discover.campaigns import measuring
from segcli.discover.campaigns.measuring import Measured
from segcli.domain.campaigns import power, split
from segcli.domain.campaigns.comparing import Sample
from segcli.domain.clause import Clause
from segcli.domain.table import Column, Table
from segcli.query import request_flags
from segcli.query.names import Names
from segcli.storage import temporary_tables

COLUMNS = (
    Column("metric"),
    Column("measure"),
    Column("value", "decimal"),
    Column("deviation", "decimal", "Standard deviation"),
    Column("test_group", heading="Group"),
    Column("accounts", "integer"),
    Column("needed", "integer"),
    Column("control_accounts", "integer", "Control"),
    Column("control_needed", "integer", "Control needed"),
    Column("detectable", "percent"),
)
DEFAULT = split.Split((), 50)
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Test:
    """A test that is planned: the uplift to detect, the window of its length, and the groups with their control."""

    uplift: float
    window: str  # as in --window
    groups: tuple[split.Group, ...]
    control: str
    sizes: Mapping[str, int]  # of the groups, if they are drawn already

    @property
    def words(self) -> str:
        """Return the window for people: 24m, 12m."""
        return ", ".join(map(str.strip, self.window.split(",")))

    def size(self, group: split.Group, accounts: int) -> int:
        """Return how many of the accounts are in a group."""
        return self.sizes.get(group.name, 0) if self.sizes else round(accounts * group.buckets / split.BUCKETS)


def uplift(text: str) -> float:
    """Return the uplift of a percentage. Raise UsageError for one that is none."""
    number = text.strip().removesuffix("%").strip()
    whole, _, decimals = number.partition(".")
    if not (is_whole(whole) and (not decimals or is_whole(decimals)) and float(number)):
        raise UsageError(f"--uplift: '{text}' is no percentage above 0", "write 10%")
    return float(number) / _PERCENT


def table(db: sqlite3.Connection, names: Names, texts: list[str], test: Test, among: Clause) -> Table:
    """Return the accounts needed per metric and group; `among` are the accounts that would take part."""
    spanned = replace(names, span=request_flags.window(test.window, names.day))
    metrics = measuring.metrics(texts, spanned)
    temporary_tables.create(db, "drawn", "account_id INTEGER PRIMARY KEY, group_name TEXT")
    db.execute(f"INSERT INTO temp.drawn SELECT a.id, '' FROM account AS a WHERE {among.sql}", among.values)
    accounts = db.execute("SELECT count(*) FROM temp.drawn").fetchone()[0]
    measured = measuring.measure(db, spanned, metrics, "drawn")
    control = next(group for group in test.groups if group.name == test.control)
    others = [group for group in test.groups if group.name != test.control and group.buckets]
    if not control.buckets:
        raise UsageError(f"group {control.name} has no accounts: its share is too small", "name another --control")
    rows = [_row(one, group, control, accounts, test) for one in measured for group in others]
    about = (
        f"as of {names.day}",
        f"window {test.words}",
        f"to detect +{test.uplift * _PERCENT:g} % against {test.control}",
        f"two-sided, alpha {power.ALPHA * _PERCENT:g} %, power {power.POWER * _PERCENT:g} %",
    )
    return Table(
        "Accounts needed",
        COLUMNS,
        rows,
        " · ".join(about),
        with_totals=False,
        currency=names.currency,
        lacking="; ".join(measuring.unknown(db, spanned, measured, "drawn")),
        warning="; ".join(filter(None, (_why_none(one, test) for one in measured))),
        keeps=("metric", "test_group", "accounts", "needed", "control_accounts", "control_needed", "detectable"),
    )


def _row(measured: Measured, group: split.Group, control: split.Group, accounts: int, test: Test) -> Sequence[Any]:
    sample = measured.samples.get("", Sample())
    value, variance = sample.mean, sample.variance
    deviation = None if variance is None else variance**0.5
    sizes = [test.size(part, accounts) for part in (group, control)]
    is_rate = measured.metric.kind == "rate"
    needed = _needed(value, deviation, test.uplift, group.buckets / control.buckets, is_rate=is_rate)
    found = _detectable(value, deviation, sizes[0], sizes[1], is_rate=is_rate)
    scale = measured.metric.scale
    return (
        measured.metric.text,
        measured.metric.measure,
        measuring.rounded(value, scale),
        measuring.rounded(deviation, scale),
        group.name,
        sizes[0],
        needed.treated if needed else None,
        sizes[1],
        needed.control if needed else None,
        measuring.rounded(found, _PERCENT),
    )


def _why_none(measured: Measured, test: Test) -> str:
    """Say why a metric has no number of accounts needed, and what helps; '' if it has one."""
    sample, name = measured.samples.get("", Sample()), measured.metric.text
    value, words = sample.mean, test.words
    if not value or not sample.variance:
        what = f"is the same for all accounts in the window {words}" if value else f"is 0 in the window {words}"
        return f"{name} {what}: there is no number needed; take a longer --window, or other accounts"
    if measured.metric.kind == "rate" and value * (1 + test.uplift) > 1:
        return f"{name} is {value * _PERCENT:.4g} %: an uplift of {test.uplift * _PERCENT:g} % is above 100 %; take a smaller --uplift"
    return ""


def _needed(
    value: float | None, deviation: float | None, uplift: float, ratio: float, *, is_rate: bool
) -> power.Needed | None:
    """Return the accounts needed; None where nothing varies, or where a rate would pass 100 %."""
    if not value or not deviation:
        return None
    if is_rate:
        other = value * (1 + uplift)
        return power.for_rates(value, other, ratio) if other <= 1 else None
    return power.for_means(deviation, value * uplift, ratio)


def _detectable(
    value: float | None, deviation: float | None, treated: int, control: int, *, is_rate: bool
) -> float | None:
    """Return the smallest uplift that these groups detect, relative to the value."""
    if not value or not deviation or not treated or not control:
        return None
    if not is_rate:
        return power.detectable_mean(deviation, treated, control) / abs(value)
    found = power.detectable_rate(value, treated, control)
    return None if found is None else found / value
