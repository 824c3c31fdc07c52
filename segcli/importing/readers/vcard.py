"""vCard 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350): an address book, one row a card. Needs segcli[contacts].

A card that cannot be read is a bad row with the line where it begins. Properties that are not read, such as photographs, are passed
over line by line, whatever their size.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from segcli.base.errors import Problem, SegcliError
from segcli.importing.readers import BadRow, Block, Place, Source, text_head

HEADER = (
    "UID", "FN", "Family name", "Given name", "Additional names", "ORG", "TITLE", "EMAIL", "TEL", "TEL mobile", "TEL fax", "ADR street",
    "ADR city", "ADR region", "ADR postcode", "ADR country", "URL", "NOTE", "CATEGORIES",
)  # fmt: skip
LONGEST_LINE = 20_000_000  # characters: a photograph may stand in one line
MOST_OF_CARD = 1_000_000  # characters of the properties that are read
_SHOWN = 80  # characters of a line in a message
_READ = frozenset({"N", "FN", "ORG", "TITLE", "EMAIL", "TEL", "ADR", "NOTE", "UID", "URL", "CATEGORIES", "VERSION"})
_NAME = re.compile(r"(?:[A-Za-z0-9_-]+\.)?([A-Za-z0-9_-]+)")
_VALUE = r'(?:"[^"]*"|[^";:,]*)'
# The grammar of a line, in a form that is matched in one pass: vobject's own pattern is tried on nothing else.
_LINE = re.compile(
    rf"(?:[A-Za-z0-9_-]+\.)?[A-Za-z0-9_-]+(?P<params>(?:;[A-Za-z0-9_-]+(?:={_VALUE}(?:,{_VALUE})*)?)*):", re.ASCII
)
_CHARSET = re.compile(r";CHARSET=\"?([A-Za-z0-9_.-]{1,40})", re.ASCII | re.IGNORECASE)
_BROKEN = re.compile("[\udc80-\udcff]")  # bytes that are not in the file's encoding


class _Card(NamedTuple):
    line: int  # where it begins
    lines: list[str]  # logical lines of the properties that are read
    fault: str  # why it cannot be read


def recognises(head: bytes) -> bool:
    """Tell whether the file begins with a card."""
    return text_head(head)[: len("BEGIN:VCARD")].upper() == "BEGIN:VCARD"


def read(source: Source) -> Iterator[Block]:
    """Yield one block, with one row a card."""
    yield Block(None, "", HEADER, _rows(source), is_canonical=False)


def _rows(source: Source) -> Iterator[tuple[Place, Sequence[str | None]] | BadRow]:
    parse, errors = _parser()
    for card in _cards(source):
        cells: list[str] = []
        fault = card.fault
        if not fault:
            try:
                cells = _cells(parse("\r\n".join(("BEGIN:VCARD", *card.lines, "END:VCARD", ""))))
            except errors as error:
                fault = f"this card cannot be read: {str(error)[:_SHOWN] or type(error).__name__}"
        if fault:
            problem = Problem(source.name, card.line, "", None, fault, "export the card again")
            yield BadRow(problem, card.line, tuple(card.lines))
        else:
            yield card.line, cells


def _parser() -> tuple[Any, tuple[type[Exception], ...]]:
    """Return the function of vobject that reads a card, and what it raises if it cannot.

    Besides its own errors those are what a wrong value raises in Python: a bad charset or base64, or a list where it needs a text.
    """
    try:
        from vobject.base import VObjectError, readOne
    except ImportError as error:
        raise SegcliError(
            "a vCard file needs the package vobject", "install it: pip install 'segcli[contacts]'"
        ) from error
    return readOne, (VObjectError, ValueError, LookupError, TypeError, AttributeError)


def _cards(source: Source) -> Iterator[_Card]:
    """Yield the cards; what stands outside of them is a fault, too."""
    kept: list[str] = []
    start, fault, size, is_inside = 0, "", 0, False
    for number, line in _logical_lines(source):
        marker = line.strip().upper()
        if marker == "BEGIN:VCARD":
            if is_inside:
                yield _Card(start, kept, "END:VCARD is missing")
            start, kept, fault, size, is_inside = number, [], "", 0, True
        elif not is_inside:
            yield _Card(number, [line[:_SHOWN]], "this stands outside of a card")
        elif marker == "END:VCARD":
            yield _Card(start, kept, fault)
            is_inside = False
        elif not fault:
            kind = _NAME.match(line)
            if kind is None or _LINE.match(line) is None:
                fault = f"line {number} is no property of a card: {line[:_SHOWN]}"
            elif kind[1].upper() in _READ:
                size += len(line)
                kept.append(line)
                fault = f"the card has more than {MOST_OF_CARD:,} characters" if size > MOST_OF_CARD else ""
    if is_inside:
        yield _Card(start, kept, "END:VCARD is missing")


def _logical_lines(source: Source) -> Iterator[tuple[int, str]]:
    """Yield each logical line and the physical one where it begins.

    A line that begins with a blank continues the one before; so does the line after a quoted-printable one that ends with `=`.
    """
    start, parts, size = 0, [""], 0
    for number, line in _lines(source):
        joined = parts[-1]
        is_soft = joined.endswith("=") and "QUOTED-PRINTABLE" in parts[0][:200].upper()
        if start and (is_soft or line.startswith((" ", "\t"))):
            if is_soft:
                parts[-1] = joined[:-1]
            size += len(line)
            if size > LONGEST_LINE:
                raise _endless(source, start)
            parts.append(line if is_soft else line[1:])
            continue
        if start and "".join(parts).strip():
            yield start, _decoded(source, start, "".join(parts))
        start, parts, size = number, [line], len(line)
    if start and "".join(parts).strip():
        yield start, _decoded(source, start, "".join(parts))


def _lines(source: Source) -> Iterator[tuple[int, str]]:
    """Yield the physical lines without their ends; bytes that are not in the encoding are kept as surrogates."""
    with source.path.open("rb") as file:
        is_wide = file.read(2) in {b"\xff\xfe", b"\xfe\xff"}
    encoding = "utf-16" if is_wide else source.encoding or "utf-8-sig"
    number = 0
    with source.path.open(encoding=encoding, errors="strict" if is_wide else "surrogateescape", newline="") as file:
        try:
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    raise _endless(source, number)
                if "\0" in line:
                    raise SegcliError(
                        f"{source.name}:{number}: there is a NUL byte", "the file is damaged: export it again"
                    )
                yield number, line.rstrip("\r\n")
        except UnicodeError as error:
            raise SegcliError(
                f"{source.name}:{number + 1}: this is not {encoding}", "is the encoding right?"
            ) from error


def _endless(source: Source, line: int) -> SegcliError:
    return SegcliError(
        f"{source.name}:{line}: a line is longer than {LONGEST_LINE:,} characters", "is this a vCard file?"
    )


def _decoded(source: Source, line: int, text: str) -> str:
    """Return a logical line whose bytes are in the encoding of its CHARSET. Raises SegcliError if there is none."""
    broken = _BROKEN.search(text)
    if not broken:
        return text
    charset = _CHARSET.search(text)
    try:
        if charset:
            return text.encode("utf-8", "surrogateescape").decode(charset[1])
    except (LookupError, UnicodeError):
        pass
    byte = ord(broken[0]) - 0xDC00
    name = source.encoding or "UTF-8"
    raise SegcliError(
        f"{source.name}:{line}: the byte 0x{byte:02x} is not {name}", "if it comes from Windows: --encoding cp1252"
    )


def _cells(card: Any) -> list[str]:  # noqa: ANN401 - a component of vobject
    """Return the values of a card in the order of the header."""
    found = card.contents
    name = found["n"][0].value if "n" in found else None
    address = _preferred(found.get("adr", ()), "WORK")
    phones = found.get("tel", ())
    mobile = [tel for tel in phones if _types(tel) & {"CELL", "MOBILE"}]
    fax = [tel for tel in phones if "FAX" in _types(tel) and tel not in mobile]
    other = [tel for tel in phones if tel not in mobile and tel not in fax]
    return [
        _text(found.get("uid")).removeprefix("urn:uuid:"),
        _text(found.get("fn")),
        *(_joined(getattr(name, part, "")) for part in ("family", "given", "additional")),
        _joined(found["org"][0].value[:1]) if found.get("org") else "",
        _text(found.get("title")),
        _text([_preferred(found.get("email", ()), "WORK")]).removeprefix("mailto:"),
        *(_phone(_preferred(numbers, "WORK")) for numbers in (other, mobile, fax)),
        *(
            _joined(getattr(address and address.value, part, ""))
            for part in ("street", "city", "region", "code", "country")
        ),
        _text(found.get("url")),
        _text(found.get("note")),
        ", ".join(_joined(line.value) for line in found.get("categories", ())),
    ]


def _types(line: Any) -> frozenset[str]:  # noqa: ANN401 - a line of vobject
    """Return the types of a line: TYPE=CELL, TYPE="voice,cell", and CELL alone (2.1)."""
    stated = [text for words in (line.params.get("TYPE", ()), line.singletonparams) for text in words]
    return frozenset(word.strip().upper() for text in stated for word in text.split(","))


def _preferred(lines: Sequence[Any], kind: str) -> Any:  # noqa: ANN401 - a line of vobject
    """Return the line that is preferred (PREF), else the first of this type, else the first; None of none."""
    for line in lines:
        if "PREF" in _types(line) or "1" in line.params.get("PREF", ()):
            return line
    return next((line for line in lines if kind in _types(line)), next(iter(lines), None))


def _text(lines: Sequence[Any] | None) -> str:
    """Return the value of the first of these lines."""
    return _joined(lines[0].value) if lines and lines[0] is not None else ""


def _phone(line: Any) -> str:  # noqa: ANN401 - a line of vobject
    """Return a telephone number; one of vCard 4 may be a URI: tel:+31-30-123;ext=4."""
    return _text([line]).removeprefix("tel:").split(";")[0]


def _joined(value: Any) -> str:  # noqa: ANN401 - a text, or a list of texts
    """Return a value as one text; a component may hold several."""
    if isinstance(value, (list, tuple)):
        return " ".join(filter(None, map(_joined, value)))
    return str(value or "").strip()
