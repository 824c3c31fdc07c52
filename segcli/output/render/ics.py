"""iCalendar (RFC 5545) of requests: to-dos, events and journal entries; the same requests give the same bytes."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import IO

from segcli.base.errors import UsageError
from segcli.base.text import visible
from segcli.domain.table import Cell, Table
from segcli.output.render.parts.style import Style

_OCTETS = 75  # maximum line length, without the line end (RFC 5545, 3.1)
_NEEDED = ("request", "type", "status", "description", "request_date", "due_date", "start_date", "notes")
_KINDS = {"event": "VEVENT", "note": "VJOURNAL"}  # all other types become VTODO
_STATUSES = {
    "VTODO": {"void": "CANCELLED", "rejected": "CANCELLED", "approved": "IN-PROCESS", "realised": "COMPLETED", "processed": "COMPLETED"},
    "VEVENT": {"void": "CANCELLED", "rejected": "CANCELLED", "draft": "TENTATIVE"},
    "VJOURNAL": {"void": "CANCELLED", "rejected": "CANCELLED", "draft": "DRAFT"},
}  # fmt: skip
_ELSE = {"VTODO": "NEEDS-ACTION", "VEVENT": "CONFIRMED", "VJOURNAL": "FINAL"}
Row = Mapping[str, Cell]


def render(table: Table, file: IO[str], style: Style) -> int:  # noqa: ARG001 - all renderers are called alike
    """Write the calendar and return its number of requests. Raises UsageError if the table has no requests."""
    names = [column.name for column in table.columns]
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise UsageError(
            "-f ics: only request-search is a calendar", "segcli show request-search -o requests.ics, without --columns"
        )
    _write(
        file,
        (("BEGIN", "VCALENDAR"), ("VERSION", "2.0"), ("PRODID", "-//segcli//requests//EN"), ("CALSCALE", "GREGORIAN")),
    )
    count = 0
    for row in table.rows:
        _write(file, _component(dict(zip(names, row, strict=False))))
        count += 1
    _write(file, (("END", "VCALENDAR"),))
    return count


def _write(file: IO[str], properties: "Iterator[tuple[str, str]] | tuple[tuple[str, str], ...]") -> None:
    for name, value in properties:
        file.write("".join(f"{line}\r\n" for line in _folded(f"{name}:{value}")))


def _component(row: Row) -> Iterator[tuple[str, str]]:
    """Yield the properties of one request."""
    kind = _KINDS.get(str(row["type"]), "VTODO")
    yield "BEGIN", kind
    yield "UID", f"{_text(row['request'])}@requests.segcli"
    yield "DTSTAMP", f"{_compact(row['request_date'])}T000000Z"
    yield from _when(kind, row)
    yield "SUMMARY", _text(row["description"])
    if row["notes"]:
        yield "DESCRIPTION", _text(row["notes"])
    yield "STATUS", _STATUSES[kind].get(str(row["status"]), _ELSE[kind])
    yield "CATEGORIES", _text(row["type"])
    who = " ".join(filter(None, (str(row.get("name") or ""), f"({row.get('account')})" if row.get("account") else "")))
    contact = ", ".join(filter(None, (str(row.get("contact") or ""), who)))
    if contact:
        yield "CONTACT", _text(contact)
    if row.get("assignee"):
        yield "X-SEGCLI-ASSIGNEE", _text(row["assignee"])
    yield "END", kind


def _when(kind: str, row: Row) -> Iterator[tuple[str, str]]:
    start, end, due = (str(row.get(name) or "") for name in ("start_date", "end_date", "due_date"))
    if kind == "VEVENT":
        yield from _event(row, start or due or str(row["request_date"]), end)
    elif kind == "VJOURNAL":
        yield "DTSTART;VALUE=DATE", _compact(start or row["request_date"])
    else:
        if start and (not due or start < due):  # DUE must be later than DTSTART
            yield "DTSTART;VALUE=DATE", _compact(start)
        if due:
            yield "DUE;VALUE=DATE", _compact(due)
        if row.get("closed_date") and row["status"] in {"realised", "processed"}:
            yield "COMPLETED", f"{_compact(row['closed_date'])}T000000Z"


def _event(row: Row, start: str, end: str) -> Iterator[tuple[str, str]]:
    """Yield start and end of an event: local times, else whole days; DTEND is then the day after the last."""
    end = max(end or start, start)
    if row.get("start_time"):
        yield "DTSTART", f"{_compact(start)}T{_hour(row['start_time'])}"
        last = f"{_compact(end)}T{_hour(row.get('end_time') or row['start_time'])}"
        if row.get("end_time") and last > f"{_compact(start)}T{_hour(row['start_time'])}":
            yield "DTEND", last
        return
    yield "DTSTART;VALUE=DATE", _compact(start)
    if end < "9999-12-31":
        yield "DTEND;VALUE=DATE", _compact(str(date.fromisoformat(end) + timedelta(days=1)))


def _compact(day: Cell) -> str:
    return str(day).replace("-", "")


def _hour(time: Cell) -> str:
    return f"{str(time).replace(':', '')}00"


def _text(cell: Cell) -> str:
    r"""Return a TEXT value (RFC 5545, 3.3.11): \\ \; \, and \n escaped, other control characters made visible."""
    plain = str(cell).replace("\r\n", "\n").replace("\r", "\n")
    lines = (visible(line).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,") for line in plain.split("\n"))
    return "\\n".join(lines)


def _folded(line: str) -> Iterator[str]:
    """Fold a content line into pieces of at most 75 octets; continuations start with a blank, and no character is split."""
    piece, size = "", 0
    for character in line:
        width = len(character.encode("utf-8", "replace"))
        if size + width > _OCTETS:
            yield piece
            piece, size = " ", 1
        piece += character
        size += width
    yield piece
