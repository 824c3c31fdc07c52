"""Ageing buckets: their limits in days, their columns, and the SQL that spreads open amounts over them."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from segcli.base.errors import UsageError
from segcli.domain.table import Column

MOST_BUCKETS = 24


class Bucket(NamedTuple):
    """A bucket: its column, and the first date that lies in it."""

    column: Column
    first: date


def limits(text: str) -> tuple[int, ...]:
    """Return the upper limits in days. Not rising from 1 is a UsageError."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isascii() and word.isdigit() and len(word) < 6 for word in words):  # noqa: PLR2004 - 99,999 days
        raise UsageError(f"--buckets: '{text}' is not a list of days", "write --buckets 30,60,90")
    days = tuple(int(word) for word in words)
    if days[0] < 1 or any(a >= b for a, b in pairwise(days)):
        raise UsageError(f"--buckets: '{text}' does not rise from 1 or more", "write --buckets 30,60,90")
    if len(days) > MOST_BUCKETS:
        raise UsageError(f"--buckets: more than {MOST_BUCKETS} buckets")
    return days


def spans(days: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return the first and last day of each bucket but the one over the last limit."""
    return [(1, days[0]), *((a + 1, b) for a, b in pairwise(days))]


def by_days(as_of: date, days: tuple[int, ...]) -> list[Bucket]:
    """Return the buckets of overdue amounts with the first due date that lies in each, the newest first."""
    found = [
        Bucket(Column(f"days_{a}_{b}", "money", f"{a}-{b}", total="sum"), as_of - timedelta(days=b))
        for a, b in spans(days)
    ]
    return [*found, Bucket(Column(f"days_over_{days[-1]}", "money", f"> {days[-1]}", total="sum"), date.min)]


def columns(buckets: Sequence[Bucket]) -> tuple[Column, ...]:
    """Return the column of what is not due, and those of the buckets."""
    return (Column("not_due", "money", total="sum"), *(bucket.column for bucket in buckets))


def sums(buckets: Sequence[Bucket], source: str) -> tuple[str, dict[str, str]]:
    """Return the SQL of the columns' sums of o.open by a date, with the values that it binds beside :as_of."""
    values = {}
    parts = [f"sum(CASE WHEN {source} >= :as_of THEN o.open WHEN o.open IS NOT NULL THEN 0 END) AS not_due"]
    newer = "as_of"
    for index, bucket in enumerate(buckets):
        values[f"b{index}"] = str(bucket.first) if bucket.first > date.min else ""
        parts.append(
            f"sum(CASE WHEN {source} < :{newer} AND {source} >= :b{index} THEN o.open WHEN o.open IS NOT NULL THEN 0 END)"
            f" AS {bucket.column.name}"
        )
        newer = f"b{index}"
    return ", ".join(parts), values


BY_DUE_DATE = "coalesce(o.due_date, o.invoice_date)"
