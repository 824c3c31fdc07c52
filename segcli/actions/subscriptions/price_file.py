"""Reads the file of `update-subscription-prices --prices`: subscription and line, or item, and the price."""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from segcli.base.errors import MOST_PROBLEMS, SHOWN_PROBLEMS, Problem, RejectedError, SegcliError
from segcli.base.text import counted
from segcli.domain.catalogue import nearest
from segcli.importing import readers
from segcli.importing.kinds.machinery.kind_definition import key_of
from segcli.importing.readers import BadRow, Block, Source
from segcli.query import lookup

_NAMES = {
    "subscription": {"subscription", "subscriptionnumber", "abonnement", "abonnementnummer"},
    "line": {"line", "linenumber", "regel", "regelnummer"},
    "item": {"item", "itemcode", "artikel", "artikelcode"},
    "price": {"price", "unitprice", "newprice", "prijs", "nieuweprijs"},
}
_NUMBER = re.compile(r"\d{1,15}(?:[.,]\d{1,9})?", re.ASCII)
_COMMA_OF_WHAT = re.compile(r"\d{1,3},\d{3}", re.ASCII)
Key = tuple[str, str, str]  # subscription, line, item; '' if not given


@dataclass(slots=True)
class Table:
    """The rejected rows under one header, with their problems."""

    header: tuple[str, ...]
    problems: list[Problem] = field(default_factory=list)
    reasons: dict[object, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PriceFile:
    """The contents of a file: new prices by what they apply to, and the rejected rows."""

    source: Source
    prices: Mapping[Key, Fraction]
    tables: tuple[Table, ...]

    @property
    def problems(self) -> list[Problem]:
        """Return the problems in file order."""
        return [problem for table in self.tables for problem in table.problems]

    @property
    def rejected(self) -> int:
        """Return the number of rejected rows."""
        return sum(len(table.reasons) for table in self.tables)

    def refuse_wrong(self) -> None:
        """Raise SegcliError if a row is rejected."""
        if self.rejected:
            raise SegcliError(
                f"{self.source.name}: {counted(self.rejected, 'row')} rejected, nothing was changed",
                "correct the file, or use the rest of it: --on-error skip --rejects FILE",
                self.problems,
            )

    def report(self, rejects: str | None) -> None:
        """Write the rejected rows to their file, and raise RejectedError if there are any."""
        if not self.rejected:
            return
        if rejects:
            from segcli.importing.rejects import write_tables

            try:
                write_tables(Path(rejects), [(table, "price", self.source) for table in self.tables])
            except SegcliError as error:
                error.hint = "; ".join(filter(None, (error.hint, "the other rows of the file were used")))
                raise
        where = f"they are in {rejects}" if rejects else "--rejects FILE keeps them"
        raise RejectedError(f"{self.source.name}: {counted(self.rejected, 'row')} left out", where, self.problems)


def read(db: sqlite3.Connection, name: str) -> PriceFile:
    """Return the contents of the file. Raises SegcliError if it cannot be read or lacks the columns."""
    source = readers.open_source(name)
    reader = _Reader(db, source.name)
    tables = tuple(reader.read(block) for block in readers.read(source))
    source.refuse_changed()
    return PriceFile(source, reader.prices, tables)


class _WrongCell(Exception):  # noqa: N818 - never leaves this module
    """A cell that is wrong: its field, the reason, and the fix."""

    def __init__(self, field: str, reason: str, fix: str = "") -> None:
        super().__init__(reason)
        self.field, self.reason, self.fix = field, reason, fix


class _Reader:
    """Reads the rows of a file and looks up the records that they name."""

    def __init__(self, db: sqlite3.Connection, file: str) -> None:
        self.db = db
        self.file = file
        self.prices: dict[Key, Fraction] = {}
        self._places: dict[Key, object] = {}  # the line of each price
        self._lines: dict[str, dict[str, str] | None] = {}  # subscription -> line -> item; None if unknown
        self._items: dict[str, bool] = {}
        self._looked = 0  # each search for near names reads many of them

    def read(self, block: Block) -> Table:
        """Keep the prices of a block; return which rows are wrong."""
        places = _places(block.header, self.file)
        table = Table(block.header)
        for row in block.rows:
            if isinstance(row, BadRow):
                self._refuse(table, row.place, row.problem)
                continue
            place, cells = row
            cell = {name: (cells[at] or "").strip() for name, at in places.items()}
            try:
                self._row(place, cell)
            except _WrongCell as wrong:
                at = places.get(wrong.field, places["price"])
                why = (wrong.reason, wrong.fix)
                self._refuse(table, place, Problem(self.file, place, block.header[at], cells[at] or "", *why))
        return table

    def _refuse(self, table: Table, place: object, problem: Problem) -> None:
        table.reasons.setdefault(place, problem.why)
        if len(table.problems) < MOST_PROBLEMS:
            table.problems.append(problem)

    def _row(self, place: object, cell: Mapping[str, str]) -> None:
        """Keep the price of a row. Raises _WrongCell for the first wrong cell."""
        price = _price(cell["price"])
        key = (cell.get("subscription", ""), cell.get("line", "").removesuffix(".0"), cell.get("item", ""))
        self._check(*key)
        if key in self.prices:
            raise _WrongCell("price", f"line {self._places[key]} has a price for the same already")
        self.prices[key], self._places[key] = price, place

    def _check(self, subscription: str, line: str, item: str) -> None:
        """Raise _WrongCell for unknown records."""
        if not (subscription or item):
            raise _WrongCell("price", "the row names neither a subscription nor an item")
        if line and not subscription:
            raise _WrongCell("line", "a line needs its subscription")
        lines = self._of(subscription) if subscription else {}
        if line and line not in lines:
            fix = nearest(line, lines)
            raise _WrongCell("line", f"subscription {subscription} has no such line", fix)
        if item and not self._is_item(item):
            near = self._near(item, lambda: lookup.near_codes(self.db, "item", item))
            raise _WrongCell("item", "there is no such item", near)
        items = [lines[line]] if line else list(lines.values())
        if item and subscription and item not in items:
            what = f"line {line} of subscription {subscription}" if line else f"subscription {subscription}"
            raise _WrongCell("item", f"{what} is not for this item", nearest(item, filter(None, items)))

    def _of(self, subscription: str) -> dict[str, str]:
        """Return the lines of a subscription with their items."""
        if subscription not in self._lines:
            self._lines[subscription] = self._read_lines(subscription)
        found = self._lines[subscription]
        if found is None:
            near = self._near(subscription, lambda: self._near_subscriptions(subscription))
            raise _WrongCell("subscription", "there is no such subscription", near)
        return found

    def _read_lines(self, subscription: str) -> dict[str, str] | None:
        found = self.db.execute(
            "SELECT l.line_number, m.code FROM subscription AS s LEFT JOIN subscription_line AS l ON l.subscription_id = s.id"
            " LEFT JOIN item AS m ON m.id = l.item_id WHERE s.subscription_number = ? ORDER BY l.line_number",
            (subscription,),
        ).fetchall()
        return {str(line): item or "" for line, item in found if line is not None} if found else None

    def _near_subscriptions(self, number: str) -> list[str]:
        sql = "SELECT subscription_number FROM subscription ORDER BY substr(subscription_number, 1, 2) <> ?, 1 LIMIT ?"
        return [found for (found,) in self.db.execute(sql, (number[:2], lookup.MOST_NEAR))]

    def _near(self, word: str, known: Callable[[], list[str]]) -> str:
        self._looked += 1
        return nearest(word, known()) if self._looked <= SHOWN_PROBLEMS else ""

    def _is_item(self, code: str) -> bool:
        if code not in self._items:
            self._items[code] = self.db.execute("SELECT 1 FROM item WHERE code = ?", (code,)).fetchone() is not None
        return self._items[code]


def _places(header: Sequence[str], file: str) -> dict[str, int]:
    places = {field: at for at, name in enumerate(header) for field, names in _NAMES.items() if key_of(name) in names}
    if "price" not in places or not {"subscription", "item"} & places.keys():
        columns = ", ".join(header[:12])
        raise SegcliError(f"{file}: prices need subscription or item, and price: {columns}", "name the columns so")
    return places


def _price(text: str) -> Fraction:
    if not _NUMBER.fullmatch(text):
        raise _WrongCell("price", "this is not a price", "write it as 12.50")
    if _COMMA_OF_WHAT.fullmatch(text):
        raise _WrongCell("price", "this comma may stand for thousands or decimals", "write it with a point")
    return Fraction(text.replace(",", "."))


def find(prices: Mapping[Key, Fraction], subscription: str, line: str, item: str) -> Fraction | None:
    """Return the price of a line; the most specific wins: by subscription and line, subscription and item, or one."""
    keys = (
        (subscription, line, item),
        (subscription, line, ""),
        (subscription, "", item),
        (subscription, "", ""),
        ("", "", item),
    )
    return next((prices[key] for key in keys if key in prices), None)
