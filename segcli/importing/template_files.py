"""Templates as files: CSV with a text file that describes its columns, or a workbook with comments at its headings."""

import csv
import io
import shutil
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from segcli.base.errors import SegcliError, UsageError
from segcli.base.escaping import guarded
from segcli.importing import templates
from segcli.importing.kinds.machinery import recognition
from segcli.importing.kinds.machinery.kind_definition import Kind
from segcli.importing.templates import Heading
from segcli.output import destinations, render

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

FORMATS = ("csv", "xlsx")
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed creation date: the same kind gives the same bytes
_GENERAL, _AMOUNT, _TEXT = 0, 2, 49  # number formats of every workbook: ECMA-376-1, 18.8.30
_NARROWEST = 10  # characters of a column
_ROOM = 3  # characters beside the heading, for the mark of the comment
_COMMENT = {"x_scale": 1.6, "author": "segcli"}
_CLEARS = "Remove the columns that you do not fill in: an empty cell clears what the field holds."


def write(kind: Kind, form: str | None, path: Path | None) -> tuple[str, ...]:
    """Write the template of a kind to a file, or as CSV to standard output; return what to tell the user.

    FILE.fields.txt describes the columns of a CSV file, which can be imported unchanged. Raises UsageError for a format other
    than CSV or XLSX.
    """
    form = form or ("csv" if path is None else render.of_ending(path) or "")
    if form not in FORMATS:
        raise UsageError("--template: a template is CSV or a workbook", "write it to FILE.csv or FILE.xlsx")
    heads = tuple(templates.columns(kind))
    if form == "xlsx":
        fill = destinations.filler(form, lambda file: _book(kind, heads, file))
        destinations.to_stdout(fill) if path is None else destinations.to_file(path, fill)
        return (_how(kind, path),)
    if path is None:
        destinations.write_stdout(_csv(heads))
        return (*explanations(heads), _CLEARS, _how(kind, path))
    beside = path.with_suffix(".fields.txt")
    destinations.write_text(beside, "".join(f"{line}\n" for line in (*explanations(heads), "", _CLEARS)))
    destinations.write_text(path, _csv(heads))
    return (f"{beside} says what the columns hold", _how(kind, path))


def explanations(heads: Sequence[Heading]) -> Iterator[str]:
    """Yield a line per column: its heading and what it holds."""
    width = max(len(head.name) for head in heads)
    return (f"{head.name:{width}}  {head.about}" for head in heads)


def needs_kind(kind: Kind) -> bool:
    """Tell whether the headings of a template do not show its kind, so that its import needs --as."""
    names = tuple(head.name for head in templates.columns(kind))
    try:
        return recognition.recognise(recognition.Header(names)).kind.name != kind.name
    except SegcliError:
        return True


def _how(kind: Kind, path: Path | None) -> str:
    words = ("segcli import", str(path or "FILE"), *((f"--as {kind.name}",) if needs_kind(kind) else ()))
    return f"replace the sample rows by yours, then: {' '.join(words)}"


def _csv(heads: Sequence[Heading]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head.name for head in heads)
    for at in (0, 1):
        writer.writerow(guarded(head.samples[at]) if not _is_number(head) else head.samples[at] for head in heads)
    return text.getvalue()


def _is_number(head: Heading) -> bool:
    return head.field.type in templates.NUMBERS


def _book(kind: Kind, heads: Sequence[Heading], file: IO[bytes]) -> int:
    """Write the workbook: a comment at each heading, required headings in bold red, codes as text that keeps its zeros."""
    from segcli.base import scratch

    with scratch.room(scratch.temporary()) as room:  # a workbook is not written from its beginning to its end
        path = room / "book.xlsx"
        _make(kind, heads, path)
        with path.open("rb") as made:
            shutil.copyfileobj(made, file)
    return 2


def _make(kind: Kind, heads: Sequence[Heading], path: Path) -> None:
    import xlsxwriter

    made = xlsxwriter.Workbook(str(path), {"tmpdir": str(path.parent)})
    made.set_properties({"title": kind.title, "comments": _CLEARS, "created": _CREATED})
    sheet = made.add_worksheet(kind.title)
    plain = made.add_format({"bold": True, "bottom": 1})
    needed = made.add_format({"bold": True, "bottom": 1, "font_color": "#C00000"})
    for at, head in enumerate(heads):
        _column(made, sheet, at, head)
        sheet.write_string(0, at, head.name, needed if head.field.is_required else plain)
        sheet.write_comment(0, at, head.about, _COMMENT)
    sheet.freeze_panes(1, 0)
    made.close()


def _column(made: "Workbook", sheet: "Worksheet", at: int, head: Heading) -> None:
    width = max(_NARROWEST, len(head.name) + _ROOM, *map(len, head.samples))
    look = made.add_format({"num_format": _format(head)})
    sheet.set_column(at, at, width, look)
    for row, text in enumerate(head.samples, 1):
        value = _cell(head, text)
        if value is not None:
            sheet.write(row, at, value, look)


def _format(head: Heading) -> str | int:
    """Return the number format of a column, by Excel's own number where it has one; text where it is no number or date."""
    if head.field.type in {"money", "base_money"}:
        return _AMOUNT
    if head.field.type in {"date", "time"}:
        return {"date": "yyyy-mm-dd", "time": "hh:mm"}[head.field.type]
    return _GENERAL if _is_number(head) else _TEXT


def _cell(head: Heading, text: str) -> Any:  # noqa: ANN401 - as XlsxWriter takes it
    if not text:
        return None
    if head.field.type == "date":
        return date.fromisoformat(text)
    if head.field.type == "time":
        return time.fromisoformat(text)
    return Decimal(text) if _is_number(head) else text
