"""JSON arrays, JSON lines and the answers of Exact Online's REST API; numbers keep their digits."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from segcli.errors import Problem, SegcliError
from segcli.readers import BadRow, Block, Place, Source, text_head
from segcli.readers._exact_rest import KINDS, NESTED, TRANSLATIONS
from segcli.readers._values import unique

MOST_BYTES = 1_000_000_000
_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def recognises(head: bytes) -> bool:
    """Tell whether the file begins as JSON does."""
    return text_head(head)[:1] in {"[", "{"}


def read(source: Source) -> Iterator[Block]:
    """Yield the file's blocks: one per kind of record that its metadata names."""
    if source.path.stat().st_size > MOST_BYTES:
        raise SegcliError(f"{source.name} is larger than {MOST_BYTES:,} bytes", "split it, or write CSV")
    try:
        text = source.path.read_bytes().decode("utf-16" if _is_utf16(source) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise SegcliError(
            f"{source.name}: byte {error.start} is not UTF-8", "JSON is UTF-8: export it again"
        ) from error
    seen: dict[int, int] = {}
    found = (one for place, record in _records(text, source.name) for one in _with_nested(place, record))
    records = [(place, _translated(record, seen)) for place, record in found]
    for kind, members in _by_kind(records).items():
        header = _header(members)
        if not header:
            place, record = members[0]
            wrong = Problem(source.name, place, "", str(record), "this is not an object", 'write {"account": …}')
            raise SegcliError(f"{source.name}: there are no records in it", problems=[wrong])
        yield Block(kind, "", header, _rows(members, header, source.name), is_canonical=True)


def _with_nested(place: Place, record: Any) -> Iterator[tuple[Place, Any]]:  # noqa: ANN401 - whatever the file holds
    """Yield a record, then those that stand within it."""
    yield place, record
    for key in NESTED:
        inside = record.get(key) if isinstance(record, dict) and "__metadata" in record else None
        members = inside.get("results") if isinstance(inside, dict) else inside
        for number, member in enumerate(members if isinstance(members, list) else ()):
            yield f"{place}.{key}[{number}]", member


def _is_utf16(source: Source) -> bool:
    with source.path.open("rb") as file:
        return file.read(2) in {b"\xff\xfe", b"\xfe\xff"}


class _RepeatedError(ValueError):
    """A key that stands twice in an object."""


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _RepeatedError(next(key for key in keys if keys.count(key) > 1))
    return found


def _constant(text: str) -> str:
    raise ValueError(f"{text} is not a number")


def _loads(text: str) -> Any:  # noqa: ANN401 - whatever the text holds
    return json.loads(text, object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=_constant)


def _records(text: str, name: str) -> Iterator[tuple[Place, Any]]:
    """Yield each record with its place: $[3] in an array, the line in JSON lines."""
    try:
        document = _loads(text)
    except json.JSONDecodeError as error:
        if "Extra data" in error.msg:
            yield from _lines(text, name)
            return
        raise _broken(name, error, error.lineno) from error
    except _RepeatedError as error:
        raise SegcliError(f"{name}: the key '{error}' stands twice in one object") from error
    except ValueError as error:
        raise SegcliError(f"{name}: {error}") from error
    except RecursionError as error:
        raise SegcliError(f"{name}: nested too deeply") from error
    found = _unwrapped(document)
    if isinstance(found, list):
        yield from ((f"$[{index}]", record) for index, record in enumerate(found))
    else:
        yield 1, found


def _lines(text: str, name: str) -> Iterator[tuple[Place, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, _loads(line)
            except json.JSONDecodeError as error:
                raise _broken(name, error, number) from error
            except ValueError as error:
                raise SegcliError(f"{name}:{number}: {error}") from error
            except RecursionError as error:
                raise SegcliError(f"{name}:{number}: nested too deeply") from error


def _broken(name: str, error: json.JSONDecodeError, line: int) -> SegcliError:
    return SegcliError(
        f"{name}:{line}:{error.colno}: this is not JSON: {error.msg}", "is there a comma too many, or was it cut off?"
    )


def _unwrapped(document: Any) -> Any:  # noqa: ANN401 - whatever the file holds
    """Take off the envelope {"d": {"results": […]}}, with which Exact answers."""
    for key in ("d", "results"):
        if isinstance(document, dict) and key in document and len(document) <= 2:  # noqa: PLR2004 - and a link to the next page
            document = document[key]
    return document


def _by_kind(records: Iterable[tuple[Place, Any]]) -> dict[str | None, list[tuple[Place, Any]]]:
    found: dict[str | None, list[tuple[Place, Any]]] = {}
    for place, record in records:
        found.setdefault(_kind(record), []).append((place, record))
    return found


def _type(record: Any) -> str:  # noqa: ANN401 - whatever the file holds
    """Return the last part of what Exact says the record is; '' where it says nothing."""
    metadata = record.get("__metadata") if isinstance(record, dict) else None
    name = metadata.get("type") if isinstance(metadata, dict) else None
    return str(name).rsplit(".", 1)[-1] if name else ""


def _kind(record: Any) -> str | None:  # noqa: ANN401 - whatever the file holds
    last = _type(record)
    return KINDS.get(last, last.lower() or None)


def _translated(record: Any, seen: dict[int, int]) -> Any:  # noqa: ANN401 - whatever the file holds
    """Return an answer's record in our words, without what is empty; any other record as it is."""
    translate = TRANSLATIONS.get(_type(record))
    if not translate:
        return record
    words = translate({name: _cell(record, name) for name in record})
    if "entry_number" in words and "line_number" in words:  # a bank's line and its offset have the same
        where = (words["journal"], words["financial_year"], words["entry_number"])
        words["line_number"] = unique(seen, words["line_number"], *where)
    filled = {name: text for name, text in words.items() if text is not None}
    return {"__metadata": record["__metadata"], **filled}


def _header(members: Iterable[tuple[Place, Any]]) -> tuple[str, ...]:
    """Return the keys of all records in the order of their first appearance; nested ones are not cells."""
    names: dict[str, None] = {}
    for _, record in members:
        if isinstance(record, dict):
            names.update((key, None) for key, value in record.items() if not isinstance(value, dict | list))
    return tuple(names)


def _rows(
    members: Iterable[tuple[Place, Any]], header: Sequence[str], file: str
) -> Iterator[tuple[Place, list[str | None]] | BadRow]:
    for place, record in members:
        if isinstance(record, dict):
            yield place, [_cell(record, name) for name in header]
        else:
            yield BadRow(Problem(file, place, "", str(record), "this is not an object", 'write {"account": …}'), place)


def _cell(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(name)
    if value is None or isinstance(value, dict | list):
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    text = str(value)
    if text == "0" and name == "InvoiceNumber" and "__metadata" in record:
        return None  # what Exact writes for a receipt that is not allocated
    match = _DATE.fullmatch(text) if text.startswith("/Date(") else None
    return _day(match[1], text) if match else text


def _day(milliseconds: str, text: str) -> str:
    """Return the day so many milliseconds after 1970, with its time where it is not midnight; else the text as it is."""
    try:
        moment = (_EPOCH + timedelta(milliseconds=int(milliseconds))).replace(microsecond=0, tzinfo=None)
        return moment.isoformat() if moment.hour or moment.minute else moment.date().isoformat()
    except (OverflowError, ValueError):
        return text
