"""JSON arrays, JSON lines and responses of Exact Online's REST API; numbers keep their digits."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from segcli.base.errors import Problem, SegcliError
from segcli.importing.readers import BadRow, Block, Place, Source, text_head
from segcli.importing.readers.parts.exact_rest import KINDS, NESTED, TRANSLATIONS
from segcli.importing.readers.parts.headings import refuse_many
from segcli.importing.readers.parts.json_stream import records
from segcli.importing.readers.parts.values import unique

_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = tuple[Place, list[str | None]] | BadRow


def recognises(head: bytes) -> bool:
    """Tell whether the file starts like JSON."""
    return text_head(head)[:1] in {"[", "{"}


def read(source: Source) -> Iterator[Block]:
    """Yield one block per kind of record in the metadata. The file is read again for each, never kept in memory."""
    kinds: dict[str | None, dict[str, None]] = {}
    firsts: dict[str | None, tuple[Place, object]] = {}
    for place, record in _records(source):
        kind = _kind(record)
        firsts.setdefault(kind, (place, record))
        _add_names(kinds.setdefault(kind, {}), record)
        refuse_many(max(len(kinds), len(kinds[kind])), source.name)
    for kind, names in kinds.items():
        header = tuple(names)
        if not header:
            place, record = firsts[kind]
            wrong = Problem(source.name, place, "", str(record), "this is not an object", 'write {"account": …}')
            raise SegcliError(f"{source.name}: there are no records in it", problems=[wrong])
        rows = _rows(((place, record) for place, record in _records(source) if _kind(record) == kind), header, source)
        yield Block(kind, "", header, _whole(rows, header, source.name), is_canonical=True)


def _records(source: Source) -> Iterator[tuple[Place, object]]:
    """Yield the records, translated to segcli's field names, each followed by its nested records."""
    seen: dict[int, int] = {}
    with source.path.open("rb") as file:
        for place, record in records(file, "utf-16" if _is_utf16(source) else "utf-8-sig", source.name):
            if not isinstance(record, dict) or "__metadata" not in record:  # not a record of Exact's API
                yield place, record
                continue
            for where, found in _with_nested(place, record):
                yield where, _translated(found, seen)


def _with_nested(place: Place, record: Mapping[str, object]) -> Iterator[tuple[Place, object]]:
    """Yield a record, then its nested records."""
    yield place, record
    for key in NESTED:
        inside = record.get(key) if isinstance(record, dict) and "__metadata" in record else None
        members = inside.get("results") if isinstance(inside, dict) else inside
        for number, member in enumerate(members if isinstance(members, list) else ()):
            yield f"{place}.{key}[{number}]", member


def _is_utf16(source: Source) -> bool:
    with source.path.open("rb") as file:
        return file.read(2) in {b"\xff\xfe", b"\xfe\xff"}


def _type(record: object) -> str:
    """Return the last part of Exact's type name, '' without metadata."""
    if not isinstance(record, dict) or "__metadata" not in record:
        return ""
    metadata = record["__metadata"]
    name = metadata.get("type") if isinstance(metadata, dict) else None
    return str(name).rsplit(".", 1)[-1] if name else ""


def _kind(record: object) -> str | None:
    last = _type(record)
    return KINDS.get(last, last.lower() or None)


def _translated(record: object, seen: dict[int, int]) -> object:
    """Return a record of Exact's API with segcli's field names, without empty fields; other records as they are."""
    translate = TRANSLATIONS.get(_type(record))
    if not translate or not isinstance(record, dict):
        return record
    words = translate({name: _cell(record, name) for name in record})
    if "entry_number" in words and "line_number" in words:  # a bank line and its offset have the same number
        where = (words["journal"], words["financial_year"], words["entry_number"])
        words["line_number"] = unique(seen, words["line_number"], *where)
    filled = {name: text for name, text in words.items() if text is not None}
    return {"__metadata": record["__metadata"], **filled}


def _add_names(names: dict[str, None], record: object) -> None:
    """Add the new keys of a record; nested values are not cells."""
    if isinstance(record, dict):
        names.update((key, None) for key, value in record.items() if not isinstance(value, dict | list))


def _rows(members: Iterable[tuple[Place, object]], header: Sequence[str], source: Source) -> Iterator[Row]:
    for place, record in members:
        if isinstance(record, dict):
            yield place, [_cell(record, name) for name in header]
        else:
            wrong = Problem(source.name, place, "", str(record), "this is not an object", 'write {"account": …}')
            yield BadRow(wrong, place)


def _whole(rows: Iterable[Row], header: Sequence[str], file: str) -> Iterator[Row]:
    """Yield the rows; a row with a NUL or a lone surrogate becomes a bad row."""
    for row in rows:
        cells = () if isinstance(row, BadRow) else row[1]
        wrong = next((at for at, cell in enumerate(cells) if cell and _NO_TEXT.search(cell)), None)
        if wrong is None or isinstance(row, BadRow):
            yield row
        else:
            problem = Problem(
                file, row[0], header[wrong], cells[wrong], "there is a NUL or half a character in it", "take it out"
            )
            yield BadRow(problem, row[0], tuple(cell or "" for cell in cells))


def _cell(record: Mapping[str, object], name: str) -> str | None:
    value = record.get(name)
    if value is None or isinstance(value, dict | list):
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    text = str(value)
    if text == "0" and name == "InvoiceNumber" and "__metadata" in record:
        return None  # Exact's value for an unallocated receipt
    return moment(text) if text.startswith("/Date(") and "__metadata" in record else text


def moment(text: str) -> str:
    """Return /Date(milliseconds since 1970)/ as a date, with the time unless midnight; any other text unchanged."""
    match = _DATE.fullmatch(text)
    try:
        found = _EPOCH + timedelta(milliseconds=int(match[1])) if match else None
        if found is None:
            return text
        found = found.replace(microsecond=0, tzinfo=None)
        return found.isoformat() if found.hour or found.minute else found.date().isoformat()
    except (OverflowError, ValueError):
        return text
