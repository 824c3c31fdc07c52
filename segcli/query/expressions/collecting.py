"""Metrics of many accounts at once: each is computed one time, in one scan per fact table, into temporary tables."""

import sqlite3
from dataclasses import dataclass, field
from datetime import date

from segcli.domain.clause import Clause
from segcli.query.expressions import metric_sql
from segcli.query.expressions.metric_sql import Call
from segcli.storage.reader import Reader


@dataclass(slots=True)
class Collector:
    """Collects the metrics used and assigns each a column of a temporary table."""

    calls: dict[Call, str] = field(default_factory=dict)

    def __call__(self, call: Call) -> Clause:
        """Return the expression of a metric."""
        if call not in self.calls:
            number = sum(other.source == call.source for other in self.calls)
            self.calls[call] = f"m_{call.source}.c{number}"
        return Clause(metric_sql.column(call, self.calls[call]))

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the fact tables that the metrics need."""
        return tuple(dict.fromkeys(call.source for call in self.calls))

    @property
    def joins(self) -> str:
        """Return the joins that add the metrics to `account AS a`."""
        return "".join(f" LEFT JOIN temp.m_{s} AS m_{s} ON m_{s}.account_id = a.id" for s in self.sources)


def measure(db: sqlite3.Connection, collector: Collector, day: date, facts: Reader | None = None) -> None:
    """Compute the metrics, in one scan per fact table of `facts`: the database itself, or the lake of its tables."""
    for source, (calls, scan) in metric_sql.grouped(collector.calls, day, within_windows=True).items():
        columns = ", ".join(f"c{number}" for number in range(len(calls)))
        db.execute(f"DROP TABLE IF EXISTS temp.m_{source}")
        db.execute(f"CREATE TEMP TABLE m_{source} (account_id INTEGER PRIMARY KEY, {columns})")
        if facts is None or facts is db:
            db.execute(f"INSERT INTO temp.m_{source} {scan.sql}", scan.values)
        else:
            marks = ", ".join("?" * (len(calls) + 1))
            db.executemany(f"INSERT INTO temp.m_{source} VALUES ({marks})", facts.execute(scan.sql, scan.values))
