"""What rows are sorted by, as SQL: codes right-aligned, text without case, amounts never across currencies. Pure."""

from collections.abc import Callable

from segcli.domain.clause import code_terms
from segcli.domain.table import Column
from segcli.storage.exchange import RATE

Source = Callable[[str], str]  # from the name of a column to the SQL of its cells


class Order:
    """The terms of an ORDER BY.

    Minor units of different currencies are not comparable: 500 JPY is more than 400 EUR as a number and nothing else.
    An amount is sorted by what it is in the administration's currency: the column that it names for that (Column.base), else
    at the last exchange rate on or before :sort_day. Rows for which that is not known come last, by currency and by amount
    within it. `currency` is the SQL of the row's currency, '' where all amounts are in one; `source` gives the SQL of a
    column.
    """

    def __init__(self, currency: str, source: Source) -> None:
        self._terms: list[str] = []
        self._currency = currency
        self._source = source

    def add(self, column: Column, sql: str, *, descending: bool) -> None:
        """Sort by a column, after those that were added before."""
        if column.kind == "money" and not column.is_base and self._currency:
            self._add_currency(column, sql, descending=descending)
        if column.name == "currency":
            self._currency = ""  # what follows is compared within one currency
        self._extend(terms(column, sql), descending=descending)

    def _add_currency(self, column: Column, sql: str, *, descending: bool) -> None:
        base = self._source(column.base) if column.base else self._converted(sql)
        self._terms.append(f"{base} IS NULL")
        self._extend((base,), descending=descending)
        # among equals, and where it is not known: amounts within their currency; what follows sorts these further
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
        """Sort rows without a value of this SQL behind those that have one."""
        self._terms.append(f"{sql} IS NULL")

    def sql(self) -> str:
        """Return ORDER BY with its terms, '' where there are none."""
        return "\n ORDER BY " + ", ".join(self._terms) if self._terms else ""


def terms(column: Column, sql: str) -> tuple[str, ...]:
    """Return what to sort a column by: codes right-aligned, as Exact pads them (2 before 10), text without case."""
    if column.kind == "code":
        return code_terms(sql)
    return (f"{sql} COLLATE NOCASE",) if column.kind == "text" else (sql,)
