"""JSON as a stream of records, one at a time in memory: an array, JSON lines or a response of Exact's API."""

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from typing import IO

from segcli.base.errors import SegcliError
from segcli.importing.readers import Place

MOST_CHARACTERS = 16_000_000  # of one record, or of a document that is not a list
_CHUNK = 1 << 20
_BLANKS = " \t\r\n"
_NEAR = 16  # characters: an error this close to the end of a chunk may be an incomplete token
_BLANK = re.compile(r"[ \t\r\n]*")
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
# The start of a list, bare or in Exact's envelope {"d": {"results": […]}}.
_LIST = re.compile(r"""\s*(?:\{\s*"(?:d|results)"\s*:\s*){0,2}\[""")


class _RepeatedError(ValueError):
    """A key that is repeated within an object."""


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        raise _RepeatedError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return found


def _constant(text: str) -> str:
    raise ValueError(f"{text} is not a number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=_constant)


def records(file: IO[bytes], encoding: str, name: str) -> Iterator[tuple[Place, object]]:
    """Yield each record with its place: $[3] in an array, a line number in JSON lines."""
    stream = _Stream(file, encoding, name)
    stream.sign()
    opening = _LIST.match(stream.text, stream.at)
    if opening:
        yield from stream.members(opening[0])
    else:
        yield from stream.documents()


class _Stream:
    """A window on the file's text: everything before `at` is consumed, and only the current record is kept."""

    def __init__(self, file: IO[bytes], encoding: str, name: str) -> None:
        self.file, self.name, self.encoding = file, name, encoding
        self.decoder = codecs.getincrementaldecoder(encoding)()
        self.text, self.at = "", 0
        self.is_whole = False  # the end of the file was read
        self._line, self._start, self._counted = 1, 0, 0  # the line at `_counted`, and where in the text it begins

    def place(self, at: int) -> tuple[int, int]:
        """Return the line and column of a position that is not before the previous one."""
        lines = self.text.count("\n", self._counted, at)
        if lines:
            self._line, self._start = self._line + lines, self.text.rindex("\n", self._counted, at) + 1
        self._counted = at
        return self._line, at - self._start + 1

    def wrong(self, reason: str, at: int) -> SegcliError:
        """Return the error for invalid JSON."""
        line, column = self.place(max(at, self._counted))
        hint = "is there a comma too many, or was it cut off?"
        return SegcliError(f"{self.name}:{line}:{column}: this is not JSON: {reason}", hint)

    def more(self) -> None:
        """Read another chunk, at least as long as the kept text, so that a long record is read in linear time."""
        self.place(self.at)
        data = self.file.read(max(_CHUNK, len(self.text) - self.at))
        self.is_whole = not data
        try:
            piece = self.decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            line = self._line + self.text.count("\n", self.at) + error.object.count(b"\n", 0, error.start)
            byte = error.object[error.start]
            name = "UTF-16" if self.encoding == "utf-16" else "UTF-8"
            raise SegcliError(
                f"{self.name}:{line}: the byte 0x{byte:02x} is not {name}", "JSON is UTF-8: export it again"
            ) from error
        self.text = self.text[self.at :] + piece
        self._start -= self.at
        self.at = self._counted = 0

    def sign(self) -> str:
        """Skip white space and return the next character, '' at the end of the file."""
        while self.at >= len(self.text) or self.text[self.at] in _BLANKS:
            blank = _BLANK.match(self.text, self.at)
            self.at = blank.end() if blank else self.at
            if self.at < len(self.text) or self.is_whole:
                break
            self.more()
        return self.text[self.at : self.at + 1]

    def value(self, where: str) -> object:
        """Parse the value that starts here and move past it."""
        while True:
            try:
                found, end = _DECODER.raw_decode(self.text, self.at)
                if end < len(self.text) or self.is_whole:
                    self.at = end
                    return found
            except json.JSONDecodeError as error:
                is_open = error.pos >= len(self.text) - _NEAR or error.msg.startswith("Unterminated")
                if self.is_whole or not is_open:
                    raise self.wrong(error.msg, error.pos) from error
            except _RepeatedError as error:
                raise SegcliError(f"{where}: the key '{error}' stands twice in one object") from error
            except ValueError as error:
                raise SegcliError(f"{where}: {error}") from error
            except RecursionError as error:
                raise SegcliError(f"{where}: nested too deeply") from error
            if len(self.text) - self.at > MOST_CHARACTERS:
                raise SegcliError(f"{where}: a record is larger than {MOST_CHARACTERS:,} characters", "split it")
            self.more()

    def members(self, opening: str) -> Iterator[tuple[Place, object]]:
        """Yield the members of the list that starts with `opening`, which includes any envelope."""
        self.at += len(opening)
        number, sign = 0, self.sign()
        while sign != "]" or number:
            yield f"$[{number}]", self.value(f"{self.name}:$[{number}]")
            number += 1
            comma = _COMMA.match(self.text, self.at)
            if comma and comma.end() < len(self.text) and self.text[comma.end()] != "]":
                self.at = comma.end()
                continue
            sign = self.sign()
            if sign == "]":
                break
            if sign != ",":
                raise self.wrong("Expecting ',' delimiter", self.at)
            self.at += 1
            sign = self.sign()
        self._close(opening)

    def _close(self, opening: str) -> None:
        """Raise an error for anything after the list except the end of its envelope."""
        self.place(self.at)
        self.text, self._start = opening + self.text[self.at :], self._start - self.at + len(opening)
        self.at = self._counted = 0
        around = self.value(self.name)
        if self.sign():
            raise self.wrong("Extra data", self.at)
        if not isinstance(unwrapped(around), list):
            raise SegcliError(f"{self.name}: there is more in it than one list of records", "split it")

    def documents(self) -> Iterator[tuple[Place, object]]:
        """Yield consecutive values, each starting on a new line; a single value may be an envelope."""
        line = self.place(self.at)[0]
        found = self.value(self.name)
        ended = self.place(self.at)[0]
        if not self.sign():
            yield 1, unwrapped(found)
            return
        while True:
            begins = self.place(self.at)[0]
            if begins == ended and self.sign():
                raise self.wrong("Extra data", self.at)
            yield line, found
            if not self.sign():
                return
            line = begins
            found = self.value(f"{self.name}:{line}")
            ended = self.place(self.at)[0]
            self.sign()


def unwrapped(document: object) -> object:
    """Remove Exact's envelope {"d": {"results": […]}}."""
    for key in ("d", "results"):
        if isinstance(document, dict) and key in document and len(document) <= 2:  # noqa: PLR2004 - and a link to the next page
            document = document[key]
    return document
