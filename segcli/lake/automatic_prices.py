"""Automatic prices of subscription lines for engines that cannot call Python: computed from the databases, by line and day."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from typing import Any

from segcli.domain.units import ID_BITS, administration_of
from segcli.storage import sql_functions
from segcli.storage.reader import Reader

FUNCTION = "automatic_amount"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LINES = "SELECT id FROM subscription_line WHERE is_automatic_price = 1 ORDER BY id"


Opened = Callable[[], AbstractContextManager[sqlite3.Connection]]


class Prices:
    """The automatic prices of databases, each day once; `places` opens the database of an administration by its number."""

    def __init__(self, places: Mapping[int, Opened]) -> None:
        self._places = places
        self._done: set[str] = set()

    def of_days(self, db: Reader, values: Iterable[Any]) -> Iterator[tuple[int, str, int | None]]:
        """Yield line, day and amount for each day among the values that was not asked for yet.

        `db` is the connection that answers: its lines tell whose databases are needed.
        """
        days = sorted({v for v in values if isinstance(v, str) and _DAY.fullmatch(v)} - self._done)
        self._done.update(days)
        lines = [line for (line,) in db.execute(_LINES)] if days else []
        for number, found in groupby(lines, administration_of):
            yield from self._prices(number, list(found), days)

    def _prices(self, number: int, lines: Sequence[int], days: Sequence[str]) -> Iterator[tuple[int, str, int | None]]:
        with self._places[number]() as db:
            amount = sql_functions.provided(FUNCTION, db)
            yield from ((line, day, amount(line - (number << ID_BITS), day)) for day in days for line in lines)
