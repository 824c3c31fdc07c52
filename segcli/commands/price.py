"""`segcli price`: show what an account pays for an item; --why shows how the price is made."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from segcli.base import dates
from segcli.base.errors import EmptyError, UsageError
from segcli.domain.table import Cell, Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import lookup

if TYPE_CHECKING:
    import sqlite3

    from segcli.domain.prices.answer import Answer
    from segcli.query.price_book import Book, ItemRow

HELP = """Show what an account pays for an item; --why shows how the price is made.

The account's own price list comes first, then the standard lists, then the item's sales price. Within a list, special
offers come before basic prices; a line for the item before one for its group, and that before one for everything; then
the largest quantity break that is reached (a break at 10 includes 10; a return of 10 is priced as 10). The first and
last day of a period are included. The steps of a line are, in this order: discount, rounding, surcharge, minimum
margin, maximum margin. Only these steps round, and the amount is rounded once to the currency's smallest unit. A
missing price is empty, not 0; price lists that are based on each other in a circle have no price. For a return write:
segcli price ACCOUNT ITEM -- -10

"""
COLUMNS = (
    Column("account", "code"),
    Column("item", "code"),
    Column("quantity", "decimal"),
    Column("unit"),
    Column("date", "date"),
    Column("currency"),
    Column("price", "decimal"),
    Column("amount", "money"),
    Column("price_list", "code"),
    Column("line"),
)
WHY = (
    Column("what"),
    Column("price_list", "code"),
    Column("text", heading="Because"),
    Column("currency"),
    Column("price", "decimal"),
)
PARAMETERS = (
    Parameter("account", (), "An account's code.", metavar="ACCOUNT", is_required=True, completes="account"),
    Parameter("item", (), "An item's code.", metavar="ITEM", is_required=True, completes="item"),
    Parameter("quantity", (), "The quantity (default: 1).", metavar="QUANTITY"),
    Parameter("on", ("--on",), "The day (default: today).", metavar="DATE"),
    Parameter("unit", ("--unit",), "The unit of quantity and price (default: the item's own).", metavar="UNIT"),
    Parameter("why", ("--why",), "Show every list, line and step instead, with the reason that each applies or not.",
              kind="flag"),
    *options.named(("format", "output", "if_changed", "no_header", "fail_if_empty")),
)  # fmt: skip


class _Priced(NamedTuple):
    """A price answer with its question."""

    account: str
    own_list: str
    found: "ItemRow"
    quantity: Fraction
    unit: str
    factor: Fraction  # per requested unit
    day: str
    answer: "Answer"

    @property
    def price(self) -> Fraction | None:
        """Return the price per requested unit."""
        return None if self.answer.price is None else self.answer.price * self.factor


def run(session: Session, values: Values) -> None:
    """Price one item for one account."""
    from segcli.query.price_book import Book

    day = dates.day_of(values["on"], session.today, "--on") if values["on"] else session.today
    quantity = _quantity(values["quantity"] or "1")
    with session.connect() as db:
        book = Book(db)
        priced = _price(db, book, values, quantity, day.isoformat())
    table = _why(book, priced) if values["why"] else _answer(priced)
    wanted.write(table, wanted.Output.read(values, session.config))
    if priced.price is None and values["fail_if_empty"]:
        raise EmptyError(f"account {priced.account} has no price for item {priced.found.item.code} on {priced.day}")


def _quantity(text: str) -> Fraction:
    from segcli.importing.kinds.machinery.conversion import Style, to_decimal

    try:
        return Fraction(to_decimal(text, Style()))
    except ValueError as error:
        raise UsageError(f"QUANTITY: '{text}': {error}", "write it as 12 or 0.5") from error


def _price(db: "sqlite3.Connection", book: "Book", values: Values, quantity: Fraction, day: str) -> _Priced:
    account = lookup.account_id(db, values["account"])
    own_list = book.of_account(account)
    found = book.item(values["item"])
    factor = book.factor(found, values["unit"]) if values["unit"] else Fraction(1)
    made = book.answer(own_list, found, quantity * factor, day)
    unit = values["unit"] or found.item.unit
    return _Priced(values["account"], own_list, found, quantity, unit, factor, day, made)


def _answer(priced: _Priced) -> Table:
    from segcli.domain.prices import numbers

    price, won = priced.price, priced.answer.line
    currency = priced.answer.currency
    cells = (
        priced.account, priced.found.item.code, numbers.shown(priced.quantity), priced.unit or None, priced.day,
        None if price is None else currency, None if price is None else numbers.shown(price),
        None if price is None else numbers.amount(price, priced.quantity, currency),
        won.price_list if won else None, won.words() if won else None,
    )  # fmt: skip
    return Table("Price", COLUMNS, [cells], _caption(priced), currency_at=5, with_totals=False)


def _caption(priced: _Priced) -> str:
    if priced.answer.circle:
        return f"there is no price: {priced.answer.circle}"
    if priced.price is None:
        return "there is no price: no line applies, and the item has no sales price"
    return "" if priced.answer.line else "no line of a price list applies: the item's sales price"


def _why(book: "Book", priced: _Priced) -> Table:
    rows = [*_lists(book, priced), *_lines(priced), *_steps(priced)]
    return Table("Price, and why", WHY, rows, _caption(priced), with_totals=False)


def _lists(book: "Book", priced: _Priced) -> Iterator[tuple[Cell, ...]]:
    if not priced.own_list:
        yield ("list", None, f"account {priced.account} has no price list of its own", None, None)
    for code, reason in book.looked_at(priced.own_list):
        yield ("list", code, reason, None, None)


def _lines(priced: _Priced) -> Iterator[tuple[Cell, ...]]:
    for line, reason in priced.answer.verdicts:
        verdict = f"{line.words()}: {reason}" if reason else line.words()
        yield ("lost" if reason else "won", line.price_list, verdict, None, None)


def _steps(priced: _Priced) -> Iterator[tuple[Cell, ...]]:
    from segcli.domain.prices.numbers import shown

    made, currency, won = priced.answer, priced.answer.currency, priced.answer.line
    for step in made.steps:
        yield (step.name, won.price_list if won else None, step.text, currency, shown(step.value))
    if priced.price is None:
        yield ("price", None, "none", None, None)
        return
    unit = f"per {priced.unit}" if priced.unit else "per unit"
    yield ("price", won.price_list if won else None, unit, currency, shown(priced.price))


COMMAND = Command(
    HELP,
    run,
    PARAMETERS,
    ("segcli price 000017 THE001 10", "segcli price 000017 THE001 12 --on 2026-07-01 --why"),
)
