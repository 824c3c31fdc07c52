"""An Excel workbook with one sheet per table; several tables get a list of the sheets. Written in constant memory."""

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from segcli.base.errors import SegcliError, reason_of
from segcli.base.escaping import written
from segcli.domain.table import Table
from segcli.output.render.parts.style import Style

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed creation date: the same data gives the same bytes
_CONTENTS = "Contents"
_LONGEST_NAME = 31  # of a sheet: Microsoft, Excel specifications and limits
_WIDTHS = (40, 10, 80)  # columns of the list of sheets: title, rows, caption


def render(table: Table, file: IO[bytes], style: Style) -> int:
    """Write the workbook and return the number of rows. Raises SegcliError for too many rows or too long a text."""
    return book([table], file, style)[0]


def book(tables: Sequence[Table], file: IO[bytes], style: Style) -> list[int]:
    """Write one workbook and return the number of rows of each table. Raises SegcliError as `render` does."""
    from segcli.base import scratch

    # Use a private temporary folder, which is always deleted: a workbook is not written sequentially, so it cannot be
    # written straight to a pipe or to a file opened for appending.
    with scratch.room(scratch.temporary()) as room:
        path = room / "book.xlsx"
        counts = _book(tables, path, style)
        with path.open("rb") as made:
            shutil.copyfileobj(made, file)
    return counts


def _book(tables: Sequence[Table], path: Path, style: Style) -> list[int]:
    import xlsxwriter

    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    made = xlsxwriter.Workbook(str(path), options)
    try:
        made.set_properties({**_properties(tables, style), "created": _EPOCH})
        counts = _sheets(tables, made, style)
        made.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        reason = reason_of(error.args[0]) if isinstance(error.args[0], OSError) else str(error)
        folder, hint = path.absolute().parent.parent, "make room, or set TMPDIR"
        if folder.name.startswith(".segcli-"):  # the temporary folder of the output file
            folder, hint = folder.parent, "make room there"
        raise SegcliError(f"{folder} cannot take the parts of a workbook: {reason}", hint) from error
    finally:
        made.fileclosed = True  # else XlsxWriter writes it, with a warning, when it is garbage-collected
    return counts


def _properties(tables: Sequence[Table], style: Style) -> dict[str, str]:
    caption = tables[0].about if len(tables) == 1 else ""
    return {"title": written(style.title or tables[0].title)[:255], "comments": written(caption)[:255]}


def _sheets(tables: Sequence[Table], made: "Workbook", style: Style) -> list[int]:
    from segcli.output.render.parts.worksheet import Sheet

    is_pack = len(tables) > 1
    names = sheet_names([table.title for table in tables], [tables[0].word(_CONTENTS)] if is_pack else [])
    contents = made.add_worksheet(tables[0].word(_CONTENTS)) if is_pack else None
    sheets = [Sheet(table, made, name, style) for table, name in zip(tables, names, strict=True)]
    counts = [sheet.fill() for sheet in sheets]
    if contents:
        _list(contents, tables, names, counts, made, style)
    return counts


def _list(  # noqa: PLR0913 - what stands in it
    sheet: "Worksheet",
    tables: Sequence[Table],
    names: Sequence[str],
    counts: Sequence[int],
    made: "Workbook",
    style: Style,
) -> None:
    """Fill the sheet that lists the others: linked title, number of rows, caption."""
    bold, wrapped = made.add_format({"bold": True, "bottom": 1}), made.add_format({"text_wrap": True, "valign": "top"})
    top = made.add_format({"valign": "top"})
    link = made.add_format({"font_color": "#0563C1", "underline": 1, "valign": "top"})
    for at, size in enumerate(_WIDTHS):
        sheet.set_column(at, at, size)
    sheet.write_string(0, 0, written(style.title or tables[0].title), made.add_format({"bold": True, "size": 14}))
    for at, head in enumerate(("Sheet", "Rows", "About")):
        sheet.write_string(2, at, tables[0].word(head), bold)
    for number, (table, name, count) in enumerate(zip(tables, names, counts, strict=True), 3):
        sheet.write_url(number, 0, f"internal:'{name}'!A1", link, written(table.title)[:255])
        sheet.write_number(number, 1, count, top)
        sheet.write_string(number, 2, written(table.about)[:32_767], wrapped)
    sheet.fit_to_pages(1, 0)


def sheet_names(titles: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """Return a valid name for each sheet; names are unique, ignoring case."""
    used = {name.casefold() for name in taken}
    names = []
    for at, title in enumerate(titles, 1):
        name = first = _sheet_name(title, at)
        number = 1
        while name.casefold() in used:
            number += 1
            name = f"{_cut(first, _LONGEST_NAME - len(str(number)) - 1)} {number}"
        used.add(name.casefold())
        names.append(name)
    return names


def _sheet_name(title: str, number: int) -> str:
    name = _cut("".join(c for c in written(title) if c not in "[]:*?/\\'").strip(), _LONGEST_NAME)
    return name if name and name.casefold() != "history" else f"Sheet{number}"  # Excel reserves this name


def _cut(name: str, most: int) -> str:
    """Return a name cut to `most` UTF-16 units, which Excel counts."""
    return name.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore").strip()
