"""The tables of a profile: what distinguishes the selection, value by value, and its figures beside those of the base."""

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from segcli.base.money import exponent
from segcli.discover.bands import Measure, at_ranks
from segcli.discover.profiles.dimensions import Found
from segcli.discover.profiles.two_groups import Compared
from segcli.domain.segments.shares import Tally, index, quartile_ranks, share, z
from segcli.domain.table import Cell, Column, Row

VALUES = (
    Column("dimension"),
    Column("label"),
    Column("value", "code"),
    Column("value_name", heading="Name"),
    Column("accounts", "integer"),
    Column("share", "percent"),
    Column("base_accounts", "integer", "In the base"),
    Column("base_share", "percent", "Base share"),
    Column("index", "decimal"),
    Column("z", "decimal", "z"),
)
FIGURES = (
    Column("measure"),
    Column("unit"),
    Column("figure"),
    Column("selection", "decimal"),
    Column("base", "decimal", "Compared with"),
)
_QUARTER = Decimal(1) / 4
_DIGITS = 4  # of a figure that is not money; of money, two more than the currency has
_NAMES = ("25 %", "median", "75 %")


class Profile(NamedTuple):
    """The rows, what distinguishes the selection most first, and how many values were left out as too rare."""

    rows: list[Row]
    hidden: int


def profile(found: Iterable[Found], whole: Tally, least: int) -> Profile:
    """Return a row per value. Equal z: more accounts first, then the order of the dimensions and of their values."""
    every = list(found)
    places = {one.dimension.name: place for place, one in reversed(list(enumerate(every)))}
    kept = [one for one in every if one.tally.either >= least]

    def order(one: Found) -> tuple[object, ...]:
        size = z(one.tally, whole)
        tally = one.tally
        return (
            size is None,
            -abs(size or 0),
            -tally.selection,
            -tally.base,
            places[one.dimension.name],
            one.place,
        )

    return Profile([_row(one, whole) for one in sorted(kept, key=order)], len(every) - len(kept))


def _row(one: Found, whole: Tally) -> Row:
    tally = one.tally
    return (
        one.dimension.name,
        one.dimension.label or None,
        one.code,
        one.name or None,
        tally.selection,
        share(tally.selection, whole.selection),
        tally.base,
        share(tally.base, whole.base),
        index(tally, whole),
        z(tally, whole),
    )


def figures(compared: Compared, measures: Iterable[Measure]) -> Iterator[Row]:
    """Yield the number of accounts, the mean and the quartiles of each measure, of the selection and of the base."""
    for measured in measures:
        sides = [list(_figures(compared, measured, group)) for group in (compared.selection, compared.base)]
        names = ("accounts", measured.empty, "mean", *_NAMES)
        for name, *pair in zip(names, *sides, strict=True):
            yield measured.name, measured.unit or None, name, *pair


def _figures(compared: Compared, measured: Measure, group: str) -> Iterator[Cell]:
    """Yield the figures of one group: accounts with a value, those without, the mean, and the quartiles."""
    sql, source = measured.sql, f"FROM temp.{compared.table} AS x WHERE {group}"
    every, known, total = compared.db.execute(f"SELECT count(*), count({sql}), sum({sql}) {source}").fetchone()
    yield known
    yield every - known
    if not known:
        yield from (None,) * (1 + len(_NAMES))
        return
    yield _shown(Decimal(total) / known, measured)
    places = quartile_ranks(known)
    wanted = sorted({rank for low, high, _ in places for rank in (low, high)})
    values = at_ranks(compared.db, compared.table, sql, f"{measured.column} IS NOT NULL AND {group}", wanted)
    for low, high, quarters in places:
        first, last = Decimal(values[low]), Decimal(values[high])
        yield _shown(first + (last - first) * quarters * _QUARTER, measured)


def _shown(number: Decimal, measured: Measure) -> Decimal:
    """Return a number in whole units of the measure, rounded: halves away from zero."""
    minor = exponent(measured.unit) if measured.kind == "money" else 0
    digits = minor + 2 if measured.kind == "money" else _DIGITS
    return number.scaleb(-minor).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
