"""Overviews (columns and SQL), the tables they produce, charts and cards. Pure data."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeAlias

from segcli.base.record import Record, made

if TYPE_CHECKING:
    from decimal import Decimal

Kind = Literal["text", "code", "date", "integer", "decimal", "percent", "money", "flag"]
Cell: TypeAlias = "str | int | float | Decimal | None"
Row = Sequence[Cell]

NUMERIC: frozenset[Kind] = frozenset({"integer", "decimal", "percent", "money"})


class Numbers(str):
    """Named counts: `name 3, city 1` for people, an object in JSON."""

    __slots__ = ("numbers",)
    numbers: Mapping[str, int]

    def __new__(cls, numbers: Mapping[str, int]) -> Self:
        """Create the text from the counts."""
        made = super().__new__(cls, ", ".join(f"{name} {number}" for name, number in numbers.items()))
        made.numbers = dict(numbers)
        return made


class Column(Record):
    """A column of an overview.

    Cell types: text, code and date (ISO) are str; integer is int; money is an int in minor units of the row's
    currency; decimal and percent are float (12.5 is 12.5 %), or Decimal to keep all digits; flag is 0 or 1.
    None is an empty cell of any kind.
    """

    name: str
    kind: Kind = "text"
    heading: str = ""  # shown to people; derived from the name if empty
    total: Literal["", "sum"] = ""
    is_extra: bool = False  # shown only with --columns
    empty: str = ""  # shown to people for an empty text cell
    is_base: bool = False  # money in the administration's currency, not the row's
    parts: int = 1  # money in this many parts of a minor unit: summed unrounded, rounded half up when shown
    is_object: bool = False  # text whose cells are Numbers
    base: str = ""  # the column with this amount in the administration's currency, used by --sort

    @property
    def title(self) -> str:
        """Return the heading shown to people."""
        return self.heading or self.name.replace("_", " ").capitalize()


# Number of documents or lines left out of the amounts of a row because their exchange rate is missing.
UNCONVERTED = Column("unconverted", "integer", "Without a rate", total="sum", is_extra=True)


class Expected(NamedTuple):
    """A word of a flag that must exist; `sql` yields all existing words."""

    flag: str
    word: str
    sql: str


class Refused(Record):
    """A contradiction between flags and data: the request is refused if `sql` yields a row."""

    sql: str
    what: str
    hint: str
    values: Mapping[str, Any] = MappingProxyType({})  # bound beside those of the overview


class Chart(Record):
    """How a table is drawn: `label` columns name the bars, `series` columns give the values.

    The series are money, integers, or decimals, which are rounded to whole numbers.

    heat: a heat map, whose cells are the `series` columns (any numbers) of each row.
    stacked: a bar consists of all series, one after the other. time: bars stay in chronological order. `by` is a column
    that identifies the segment of a bar; consecutive rows with the same label then form one stacked bar.
    """

    series: tuple[str, ...]
    kind: Literal["bar", "stacked", "time", "heat"] = "bar"
    label: tuple[str, ...] = ()  # if none of them is shown: all columns before the first number
    by: str = ""
    order: tuple[str, ...] = ()  # of the values of `by`; default: order of appearance
    note: str = ""  # a percentage column shown after the value
    line: str = ""  # a percentage column drawn as a line over the bars, from 0 to 100 %
    rest: str = ""  # label of a row that sums others; it gets no bar
    is_scale: bool = False  # the series are steps of a scale, coloured from light to dark
    adds_up: bool = True  # else there is no sum of the bars left out: an index has none


class Part(Record):
    """A part of a card below its blocks: a heading and an overview with these columns, in this order."""

    title: str
    overview: str
    columns: tuple[str, ...]
    sort: tuple[str, ...] = ()


class Card(Record):
    """The layout of one account: columns per line, columns per block, and parts from other overviews."""

    lines: tuple[tuple[str, ...], ...]
    blocks: Mapping[str, tuple[str, ...]]
    parts: tuple[Part, ...]
    optional: frozenset[str] = frozenset()  # columns of the blocks that are left out if they are empty


class Overview(Record):
    """An overview: its columns and its SQL, which reads from `selection` and yields `account_id` with each row."""

    columns: tuple[Column, ...]
    sql: str
    area: str = ""  # the heading under which `segcli show` lists it
    parameters: tuple[str, ...] = ()  # names declared in options.PARAMETERS, besides the common ones
    sort: tuple[str, ...] = ()  # column names, with `-` for descending; must be a total order
    is_grouped: bool = False  # handles --group-by itself
    counts: str = ""  # what a row is, if not an account: the count column of --group-by
    values: Mapping[str, Any] = MappingProxyType({})  # computed values bound in sql
    caption: str = ""  # the rule behind the figures, in words
    has_nobody: bool = False  # rows may have no account: `nobody` is non-empty if the selection includes them
    expects: tuple[Expected, ...] = ()
    refuses: tuple[Refused, ...] = ()
    control: str = ""  # SQL of the total that the figures must match (see segcli/query/reconciliation.py)
    # SQL over `selection` of the documents left out of the figures because they have no base amount: what they are, currency,
    # rows, accounts, amount. If it yields any, the column UNCONVERTED is shown.
    missing: str = ""
    shown_if: Mapping[str, str] = MappingProxyType({})  # extra columns, shown if their SQL yields a row
    keeps: tuple[str, ...] = ()  # columns kept on a narrow terminal; others are dropped from the end
    chart: Chart | None = None  # drawn with --chart
    # SQL over `selection` that summarizes how the rows were derived: a text and a number per row, printed on stderr.
    steps: str = ""
    is_of_all: bool = False  # a row depends on other accounts as well: one statement answers for all administrations


class Whole(Record):
    """Totals of all rows of a table that shows only the first ones."""

    shown: int
    rows: int
    sums: Mapping[str, Sequence[Any]]  # by currency: a cell per column, None in columns that are not summed
    groups: Mapping[Cell, Mapping[str, Sequence[Any]]] = MappingProxyType({})  # the same by group, with --subtotal


class Grouping(Record):
    """The column whose values get a subtotal, and the index of its cell in a row. Rows of one value are consecutive."""

    column: Column
    at: int


class Term(Record):
    """A column by which the rows of a table are ordered; it may not be shown."""

    name: str
    is_descending: bool
    is_empty_last: bool  # in both directions; else an empty cell comes before all others


class Table(Record):
    """The result of an overview, read once, as input for every renderer.

    A row may be longer than `columns`. `currency_at` is the index of the currency of its money cells; None means that
    all money is in `currency`, the administration's own.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    caption: str = ""  # as-of date, rule and selection in words
    currency_at: int | None = None
    currency: str = "EUR"
    with_totals: bool = True  # formats for people end with totals, one row per currency
    grouping: Grouping | None = None  # formats for people show a subtotal after each group, one row per currency
    lacking: str = ""  # what the figures omit, and what could not be shown
    difference: str = ""  # the control line, if the ledger and the items differ
    warning: str = ""  # anything else the reader should know
    chart: Chart | None = None  # drawn with the table, if set
    steps: Iterable[tuple[str, int]] = ()  # how the rows were derived: texts and numbers, read lazily
    as_of: str = ""  # the reference date
    keeps: tuple[str, ...] = ()  # columns kept on a narrow terminal; others may be dropped
    is_choosable: bool = False  # --columns names the columns to show
    # If `rows` are only the first ones: calculates the totals of all rows, once. Used by formats for people.
    whole: Callable[[], Whole] | None = None
    order: tuple[Term, ...] = ()  # of the rows, if it is known
    name: str = ""  # of the table in a database; made of the title if empty
    words: Mapping[str, str] = made(default_factory=dict)  # fixed words in another language, keyed by the English ones

    def word(self, text: str) -> str:
        """Return a fixed word in the table's language."""
        return self.words.get(text, text)

    @property
    def part(self) -> str:
        """Return how many rows are shown (5 of 23 rows); '' if all are."""
        found = self.whole() if self.whole else None
        is_part = found and found.shown < found.rows
        return self.word("{} of {} rows").format(found.shown, found.rows) if found and is_part else ""

    @property
    def about(self) -> str:
        """Return the caption, with the number of rows shown if not all are."""
        return " · ".join(filter(None, (self.caption, self.part)))
