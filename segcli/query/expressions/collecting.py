"""Metrics of many accounts at once: each is computed one time, in one scan per fact table, into temporary tables."""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from segcli.domain.clause import Clause
from segcli.query.expressions import metric_sql
from segcli.query.expressions.metric_sql import Call
from segcli.storage import temporary_tables
from segcli.storage.reader import Reader


@dataclass(slots=True)
class Collector:
    """Collects the metrics used and assigns each a column of a temporary table."""

    calls: dict[Call, str] = field(default_factory=dict)
    prefix: str = "m"  # of its temporary tables; two collectors on one connection have two

    def __call__(self, call: Call) -> Clause:
        """Return the expression of a metric."""
        if call not in self.calls:
            number = sum(other.source == call.source for other in self.calls)
            self.calls[call] = f"{self.prefix}_{call.source}.c{number}"
        return Clause(metric_sql.column(call, self.calls[call]))

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the fact tables that the metrics need."""
        return tuple(dict.fromkeys(call.source for call in self.calls))

    @property
    def joins(self) -> str:
        """Return the joins that add the metrics to `account AS a`."""
        tables = (f"{self.prefix}_{source}" for source in self.sources)
        return "".join(f" LEFT JOIN temp.{name} AS {name} ON {name}.account_id = a.id" for name in tables)


def measure(
    db: sqlite3.Connection, collector: Collector, day: date, facts: Reader | None = None, only: Collection[int] = ()
) -> None:
    """Compute the metrics, in one scan per fact table of `facts`: the database itself, or the lake of its tables.

    With `only`, the ids of accounts, the rows of these alone are read.
    """
    for source, (calls, scan) in metric_sql.grouped(collector.calls, day, within_windows=True, only=only).items():
        columns = ", ".join(f"c{number}" for number in range(len(calls)))
        name = f"{collector.prefix}_{source}"
        temporary_tables.create(db, name, f"account_id INTEGER PRIMARY KEY, {columns}")
        if facts is None or facts is db:
            db.execute(f"INSERT INTO temp.{name} {scan.sql}", scan.values)
        else:
            marks = ", ".join("?" * (len(calls) + 1))
            db.executemany(f"INSERT INTO temp.{name} VALUES ({marks})", facts.execute(scan.sql, scan.values))
