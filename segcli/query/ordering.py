"""ORDER BY terms: codes right-aligned, text without case, amounts in the administration's currency. Pure."""

from collections.abc import Callable

from segcli.domain.catalogue import CLASSES
from segcli.domain.clause import code_terms
from segcli.domain.table import Column, Term
from segcli.storage.exchange import RATE

_POSITION = "(SELECT min(p.position) FROM classification_value AS p WHERE p.field = {field} AND p.code = {code})"
Source = Callable[[str], str]  # from the name of a column to the SQL of its cells


class Order:
    """The terms of an ORDER BY.

    Minor units of different currencies are not comparable. An amount is sorted by its value in the administration's
    currency: its base column (Column.base), else converted at the last exchange rate on or before :sort_day. Rows without a
    known value come last, by currency and amount. `currency` is the SQL of the row's currency, '' if all amounts have the
    same one. `source` returns the SQL of a column. `by_position` sorts class values by their position in lists, then by code.
    """

    def __init__(self, currency: str, source: Source, *, by_position: bool = False) -> None:
        self._by_position = by_position
        self._terms: list[str] = []
        self._last: set[str] = set()  # SQL whose empty values come last
        self.columns: list[Term] = []  # what the terms stand for
        self._currency = currency
        self._source = source

    def add(self, column: Column, sql: str, *, descending: bool) -> None:
        """Add a column to the order."""
        self.columns.append(Term(column.name, descending, sql in self._last))
        if column.kind == "money" and not column.is_base and self._currency:
            self._add_currency(column, sql, descending=descending)
        if column.name == "currency":
            self._currency = ""  # later terms compare within one currency
        if self._by_position and column.name in CLASSES:
            self._extend((_POSITION.format(field=int(column.name[5]), code=sql),), descending=descending)
        self._extend(terms(column, sql), descending=descending)

    def _add_currency(self, column: Column, sql: str, *, descending: bool) -> None:
        base = self._source(column.base) if column.base else self._converted(sql)
        self._terms.append(f"{base} IS NULL")
        self._extend((base,), descending=descending)
        # for equal and unknown values: by amount within the currency; later terms break ties
        self._terms += [f"coalesce({self._currency} <> :home_currency, 0)", self._currency]
        self._currency = ""

    def _converted(self, sql: str) -> str:
        """Return the SQL of an amount in the administration's currency at the rate of the day, NULL where none is known."""
        rate = RATE.format(currency=self._currency, day=":sort_day")
        converted = f"in_base({sql}, {self._currency}, {rate}, :home_currency)"
        return f"CASE WHEN {self._currency} = :home_currency THEN {sql} ELSE {converted} END"

    def _extend(self, found: tuple[str, ...], *, descending: bool) -> None:
        self._terms += [f"{term}{' DESC' * descending}" for term in found]

    def add_last(self, sql: str) -> None:
        """Sort rows in which this SQL is NULL last."""
        self._last.add(sql)
        self._terms.append(f"{sql} IS NULL")

    def sql(self) -> str:
        """Return the ORDER BY clause, '' without terms."""
        return "\n ORDER BY " + ", ".join(self._terms) if self._terms else ""


def terms(column: Column, sql: str) -> tuple[str, ...]:
    """Return the sort terms of a column: codes right-aligned, as Exact pads them (2 before 10); text without case."""
    if column.kind == "code":
        return code_terms(sql)
    return (f"{sql} COLLATE NOCASE",) if column.kind == "text" else (sql,)
