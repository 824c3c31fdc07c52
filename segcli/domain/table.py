"""What an overview is: columns, the question in SQL, and the table that answers it. Pure data."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeAlias

if TYPE_CHECKING:
    from decimal import Decimal

Kind = Literal["text", "code", "date", "integer", "decimal", "percent", "money", "flag"]
Cell: TypeAlias = "str | int | float | Decimal | None"
Row = Sequence[Cell]

NUMERIC: frozenset[Kind] = frozenset({"integer", "decimal", "percent", "money"})


class Numbers(str):
    """Names with a number each: `name 3, city 1` for people, an object in JSON."""

    __slots__ = ("numbers",)
    numbers: Mapping[str, int]

    def __new__(cls, numbers: Mapping[str, int]) -> Self:
        """Return the text of the numbers."""
        made = super().__new__(cls, ", ".join(f"{name} {number}" for name, number in numbers.items()))
        made.numbers = dict(numbers)
        return made


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an overview.

    Cells hold: text, code and date (ISO) a str; integer an int; money an int in minor units of the row's
    currency; decimal and percent a float (12.5 is 12.5 %), or a Decimal that keeps all its digits; flag 0 or 1.
    None is an empty cell in all of them.
    """

    name: str
    kind: Kind = "text"
    heading: str = ""  # what people read above it; the name in words where it is empty
    total: Literal["", "sum"] = ""
    is_extra: bool = False  # shown only where --columns asks for it
    empty: str = ""  # what people read where a text cell is empty
    is_base: bool = False  # money in the administration's currency, whatever that of the row
    parts: int = 1  # money in so many parts of the smallest unit: added up as it is, rounded half up when it is shown
    is_object: bool = False  # text whose cells are Numbers
    base: str = ""  # the column that has this amount in the administration's currency: what --sort compares

    @property
    def title(self) -> str:
        """Return the heading that people read."""
        return self.heading or self.name.replace("_", " ").capitalize()


# How many documents or lines of a row are left out of its amounts, for want of an exchange rate.
UNCONVERTED = Column("unconverted", "integer", "Without a rate", total="sum", is_extra=True)


class Expected(NamedTuple):
    """A word that a flag gave and that must be there: `sql` yields all that are."""

    flag: str
    word: str
    sql: str


@dataclass(frozen=True, slots=True)
class Chart:
    """How a table is drawn as bars: the columns that name a bar, and the money or whole numbers that it is made of.

    stacked: a bar is all series, one after the other. time: bars stay in order of time. `by` is a column whose value
    says which part of a bar a row is; rows of one label that follow each other are then one stacked bar.
    """

    series: tuple[str, ...]
    kind: Literal["bar", "stacked", "time"] = "bar"
    label: tuple[str, ...] = ()  # where none of them is shown, all that is before the first number
    by: str = ""
    order: tuple[str, ...] = ()  # of the values of `by`; else as they come
    note: str = ""  # a column of per cents that stands behind the value
    rest: str = ""  # the label of a row that adds up others: no bar among the others
    is_scale: bool = False  # the series are steps of one scale: from light to dark


class Part(NamedTuple):
    """What a card shows below its blocks: a heading, and an overview with these columns in this order."""

    title: str
    overview: str
    columns: tuple[str, ...]
    sort: tuple[str, ...] = ()


class Card(NamedTuple):
    """How one account is shown: columns that make a line, columns that make a block, and parts of other overviews."""

    lines: tuple[tuple[str, ...], ...]
    blocks: Mapping[str, tuple[str, ...]]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """One question: its columns and the SQL that reads from `selection` and yields `account_id` with each row."""

    columns: tuple[Column, ...]
    sql: str
    area: str = ""  # the heading under which `segcli show` lists it
    parameters: tuple[str, ...] = ()  # names declared in options.PARAMETERS, beyond those that all share
    sort: tuple[str, ...] = ()  # column names, `-` in front means descending; must give one order
    is_grouped: bool = False  # it groups by itself as --group-by says
    counts: str = ""  # what one row is, where it is not an account: the count column of --group-by
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))  # bound in sql, computed
    caption: str = ""  # the rule that the figures follow, in words
    has_nobody: bool = False  # rows may belong to no account: `nobody` is not empty where the selection lets them pass
    expects: tuple[Expected, ...] = ()
    control: str = ""  # SQL of what the figures must agree with (see segcli/query/reconciliation.py)
    # SQL over `selection` of the documents that have no amount in the administration's currency and are left out of the figures:
    # what they are, currency, rows, accounts, amount. Where it yields any, the column UNCONVERTED is shown.
    missing: str = ""
    shown_if: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({})
    )  # extra columns shown where SQL yields a row
    keeps: tuple[str, ...] = ()  # columns that a narrow terminal keeps; the others go, the last ones first
    chart: Chart | None = None  # drawn where --chart asks for it
    # SQL over `selection` of what became of what was looked at: words and a number a row, told on stderr.
    steps: str = ""


class Whole(NamedTuple):
    """What all rows of a table come to, where it shows only the first of them."""

    shown: int
    rows: int
    sums: Mapping[str, Sequence[Any]]  # by currency: a cell per column, None where nothing was added up


@dataclass(frozen=True, slots=True)
class Table:
    """The answer to an overview, read once: what every renderer draws.

    A row may be longer than `columns`: `currency_at` is the place of the currency of its money cells, None
    where all money is in `currency`, the administration's own.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    caption: str = ""  # as-of date, rule and selection in words
    currency_at: int | None = None
    currency: str = "EUR"
    with_totals: bool = True  # people's formats end with totals, one row per currency
    lacking: str = ""  # what the figures leave out, and what could not be shown
    difference: str = ""  # the control line, where the ledger and the items differ
    warning: str = ""  # anything else that the reader should know and no cell says
    chart: Chart | None = None  # where a picture is to stand with it
    steps: Iterable[tuple[str, int]] = ()  # how the rows came about: words and numbers, read when they are asked for
    as_of: str = ""  # the day as of which it was asked
    keeps: tuple[str, ...] = ()  # columns that a narrow terminal keeps, where it may leave others out
    # Where `rows` are the first of more: works out what all of them come to, once. People's formats ask for it.
    whole: Callable[[], Whole] | None = None

    @property
    def part(self) -> str:
        """Return how many of the rows are shown (5 of 23 rows), '' where all are."""
        found = self.whole() if self.whole else None
        return f"{found.shown} of {found.rows} rows" if found and found.shown < found.rows else ""

    @property
    def about(self) -> str:
        """Return the caption, and how many of the rows are shown where that is not all of them."""
        return " · ".join(filter(None, (self.caption, self.part)))
