"""The input of a study: a database, the reference date, the window and the accounts; and what the study reports."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from segcli.base.windows import Window, window
from segcli.domain.clause import EVERYTHING, Clause
from segcli.domain.table import Cell
from segcli.query.expressions import metric_sql
from segcli.query.expressions.metrics import CATALOGUE
from segcli.storage.reader import Reader

Rows = Iterable[tuple[Cell, ...]]
PURCHASE_DAYS = """SELECT i.account_id, i.invoice_date, {value} FROM invoice AS i WHERE i.kind = 'sales' AND i.status = 'processed'
 AND i.invoice_date > ? AND i.invoice_date <= ? {among} GROUP BY i.account_id, i.invoice_date HAVING max(i.total_amount) >= 0
 ORDER BY i.account_id, i.invoice_date"""


@dataclass(frozen=True, slots=True)
class Facts:
    """The input of a study: a database, the reference date, the window and the accounts; and what the study reports."""

    db: Reader
    day: date
    words: tuple[str, ...] = ()
    among: Clause = EVERYTHING
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # results that are not in the rows
    doubts: list[str] = field(default_factory=list)  # reasons to doubt the results
    unknown: list[int] = field(default_factory=list)  # accounts with unknown amounts: no exchange rate, or no cost

    @property
    def window(self) -> Window:
        """Return the window. Raise ValueError if it is invalid."""
        return window(self.words, self.day)

    def metrics(self, *asked: tuple[str, tuple[str, ...]]) -> Iterator[tuple[Any, ...]]:
        """Yield account_id and the requested metrics for each account that has rows in their source.

        All metrics must have the same source. Accounts with an unknown amount are added to `unknown` instead.
        """
        question = self.question(*asked)
        amounts = [at for at, (name, _) in enumerate(asked, 1) if CATALOGUE[name].kind == "money"]
        for row in self.db.execute(question.sql, question.values):
            if None in row and any(row[at] is None for at in amounts):
                self.unknown.append(row[0])
            else:
                yield row

    def question(self, *asked: tuple[str, tuple[str, ...]]) -> Clause:
        """Return the statement that yields account_id and the requested metrics as v0, v1 and so on; NULL if unknown."""
        calls = [metric_sql.call(name, words, self.day) for name, words in asked]
        ((named, scan),) = metric_sql.grouped(calls, self.day).values()
        columns = ", ".join(
            f"{metric_sql.column(call, f'm.c{named.index(call)}')} AS v{at}" for at, call in enumerate(calls)
        )
        sql = f"SELECT m.account_id, {columns} FROM ({scan.sql}) AS m WHERE {self._chosen('m')}"
        return Clause(sql, (*scan.values, *self.among.values))

    def days(self, value: str = "1") -> Iterator[tuple[int, list[tuple[date, Any]]]]:
        """Yield each account with its purchase days, ascending, each with the value of the SQL expression."""
        sql = PURCHASE_DAYS.format(value=value, among=f"AND {self._chosen('i')}")
        rows = self.db.execute(sql, (*self.window, *self.among.values))
        for account, found in groupby(rows, key=lambda row: row[0]):
            yield account, [(date.fromisoformat(row[1]), row[2]) for row in found]

    def _chosen(self, alias: str) -> str:
        if self.among == EVERYTHING:
            return "TRUE"
        return f"{alias}.account_id IN (SELECT a.id FROM account AS a WHERE {self.among.sql})"
