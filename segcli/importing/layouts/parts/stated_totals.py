"""Totals that a file of a known program states below its rows, compared with what the rows add up to."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from segcli.importing.kinds.machinery import total_rows
from segcli.importing.layouts.parts.layout import Row, number
from segcli.importing.readers import BadRow, Place

_NO_NUMBER = re.compile(r"[^\d.,+-]", re.ASCII)
Rows = Iterable["tuple[Place, Sequence[str | None]] | BadRow"]


def differences(
    rows: Rows,
    read: Callable[[Sequence[str | None], Place], Row],
    columns: Mapping[str, str],
    is_record: Callable[[Row], bool],
) -> Iterator[str]:
    """Yield a message for each amount of the last total row that is not the sum of its column.

    `read` makes a row of the layout of cells and their place; `columns` are the headings of amounts with their names in the file.
    The total may be that of all records or of those after the total before it.
    """
    sums = {heading: [Decimal(0), Decimal(0)] for heading in columns}  # of all records, and since the last total
    told: list[str] = []
    for found in rows:
        if isinstance(found, BadRow):
            return  # the file is rejected, or not all of its rows are taken
        place, cells = found
        row = read(cells, place)
        if total_rows.is_total(cells, ()):
            told = list(_differing(row, columns, sums))
            for pair in sums.values():
                pair[1] = Decimal(0)
        elif is_record(row):
            for heading, pair in sums.items():
                amount = _amount(row[heading]) or Decimal(0)
                pair[0] += amount
                pair[1] += amount
    yield from told


def _amount(text: str) -> Decimal | None:
    """Return an amount without the sign of its currency; brackets mean a negative one. None if it is no amount."""
    found = number(_NO_NUMBER.sub("", text))
    return -found if found is not None and text.startswith("(") else found


def _differing(row: Row, columns: Mapping[str, str], sums: Mapping[str, Sequence[Decimal]]) -> Iterator[str]:
    for heading, name in columns.items():
        said = _amount(row[heading])
        if said is not None and said not in sums[heading]:
            what = f"line {row.at}: the total of {name} is {said}"
            yield f"{what}, but the rows add up to {sums[heading][0]}: is the file complete?"
