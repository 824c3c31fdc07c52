"""XML as a stream of records: bounded memory, line numbers, and protection against malicious XML."""

import codecs
import re
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache

from segcli.base.errors import SegcliError
from segcli.importing.readers import Source

MOST_DEPTH = 100
# Bytes of one tag, comment or instruction: expat buffers all of it and rescans it with each chunk.
MOST_MARKUP = 4_000_000
MOST_NAMES = 10_000  # distinct element names
MOST_PARTS = 1_000_000  # elements within one record
MOST_TEXT = 50_000_000  # characters of a record
_ATTACHMENTS = {
    "embeddeddocumentbinaryobject",
    "attachmentbinaryobject",
}  # embedded files of UBL and CII, of any size; ignored
_CHUNK = 1 << 16
_DECLARED = re.compile(rb"<\?xml[^>]*encoding=[\"']([\w.-]+)[\"']")


@dataclass(slots=True)
class Node:
    """An element: its name without a namespace, its attributes, text and children, and its line."""

    name: str
    attributes: dict[str, str]
    line: int
    key: str = ""  # its name in lower case
    parent: str = ""  # name of its parent element in lower case
    parent_number: int = 0  # ordinal of its parent among all elements of the file, from 1; equal for siblings
    depth: int = 0  # number of its ancestors
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def find(self, path: str) -> "Node | None":
        """Return the first descendant at a path such as Address/City, ignoring case."""
        return self._at(_steps(path)[0])

    def _at(self, names: tuple[str, ...]) -> "Node | None":
        node = self
        for name in names:
            for child in node.children:
                if child.key == name:
                    node = child
                    break
            else:
                return None
        return node

    def values(self) -> dict[str, str]:
        """Return the first non-empty text of each child by its name in lower case."""
        found: dict[str, str] = {}
        for child in self.children:
            if child.key not in found and (text := child.text.strip()):
                found[child.key] = text
        return found

    def all(self, name: str) -> Iterator["Node"]:
        """Yield the descendants with this name, not the node itself."""
        key = name.lower()
        for child in self.children:
            if child.key == key:
                yield child
            if child.children:
                yield from child.all(key)

    def get(self, *paths: str) -> str | None:
        """Return the first value at one of the paths: a text, or an attribute as in Country@code."""
        for path in paths:
            names, attribute = _steps(path)
            node = self._at(names)
            if node is not None:
                value = node.attributes.get(attribute, "") if attribute else node.text
                if text := value.strip():
                    return text
        return None


@cache
def _steps(path: str) -> tuple[tuple[str, ...], str]:
    """Return the names of a path in lower case, and the attribute at its end or ''."""
    where, _, attribute = path.partition("@")
    return tuple(where.lower().split("/")) if where else (), attribute


def records(source: Source, wanted: Collection[str]) -> Iterator[Node]:
    """Yield each wanted element with its content, in file order; one inside another is part of it."""
    parser = _Parser(source, frozenset(name.lower() for name in wanted))
    with source.path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            parser.feed(chunk, is_final=not chunk)
            while parser.ready:
                yield parser.ready.popleft()
            if not chunk:
                return


class _Parser:
    """Builds nodes for the wanted elements and skips all others."""

    def __init__(self, source: Source, wanted: frozenset[str]) -> None:
        from xml.parsers import expat  # nosec - document types are refused

        self.source = source
        self.wanted = wanted
        self.ready: deque[Node] = deque()
        self._open: list[Node] = []
        self._more: list[str] = []  # further pieces of a long text, joined once at the end
        self._path: list[tuple[str, int]] = [("", 0)]
        self._count = 0
        self._fed = 0
        self._parts = self._text = 0  # elements and characters of the current record
        self._names: dict[str, tuple[str, str, bool]] = {}  # name as written -> (local name, key, is wanted)
        self._error = expat.ExpatError
        self._encoding = _encoding(source)
        self._expat = expat.ParserCreate(self._encoding)
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._data
        self._expat.StartDoctypeDeclHandler = self._refuse

    def feed(self, chunk: bytes, *, is_final: bool) -> None:
        """Parse a chunk of the file. Raises SegcliError with line and column if it is not well-formed."""
        try:
            self._expat.Parse(chunk, is_final)
            self._fed += len(chunk)
            if self._fed - self._expat.CurrentByteIndex > MOST_MARKUP:
                raise self._endless("a tag or comment", f"{MOST_MARKUP:,} bytes")
        except self._error as error:
            from xml.parsers.expat import ErrorString

            raise SegcliError(
                f"{self.source.name}:{error.lineno}:{error.offset + 1}: this is not well-formed XML: {ErrorString(error.code)}",
                "was the file cut off or edited by hand?",
            ) from error
        except (LookupError, ValueError) as error:  # from Python's codecs, for encodings that expat does not know
            raise SegcliError(
                f"{self.source.name} cannot be read in the encoding '{self._encoding}'",
                "save it in UTF-8, or name its encoding with --encoding",
            ) from error

    def _endless(self, what: str, most: str) -> SegcliError:
        line = self._expat.CurrentLineNumber
        return SegcliError(f"{self.source.name}:{line}: {what} has more than {most}", "is this file damaged?")

    def _refuse(self, *_: object) -> None:
        line = self._expat.CurrentLineNumber
        raise SegcliError(
            f"{self.source.name}:{line}: a document type (DTD) is not taken", "entities could hold anything"
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        depth = len(self._path) - 1
        if depth >= MOST_DEPTH:
            raise SegcliError(
                f"{self.source.name}:{self._expat.CurrentLineNumber}: nested deeper than {MOST_DEPTH} elements"
            )
        local, key, is_wanted = self._names.get(name) or self._learn(name)
        self._count += 1
        if self._more:
            self._join()
        if self._open or is_wanted:
            above, number = self._path[-1]
            self._parts += 1
            if self._parts > MOST_PARTS:
                raise self._endless("one record", f"{MOST_PARTS:,} elements")
            self._open.append(Node(local, attributes, self._expat.CurrentLineNumber, key, above, number, depth))
        self._path.append((key, self._count))

    def _learn(self, name: str) -> tuple[str, str, bool]:
        if len(self._names) >= MOST_NAMES:
            raise self._endless("the file", f"{MOST_NAMES:,} names of elements")
        local = name.rsplit(":", 1)[-1]
        known = self._names[name] = (local, local.lower(), local.lower() in self.wanted)
        return known

    def _data(self, text: str) -> None:
        if not self._open or self._open[-1].key in _ATTACHMENTS:
            return
        self._text += len(text)
        if self._text > MOST_TEXT:
            raise self._endless("one record", f"{MOST_TEXT:,} characters")
        if self._open[-1].text:
            self._more.append(text)
        else:
            self._open[-1].text = text

    def _join(self) -> None:
        self._open[-1].text += "".join(self._more)
        self._more = []

    def _end(self, _: str) -> None:
        self._path.pop()
        if not self._open:
            return
        if self._more:
            self._join()
        node = self._open.pop()
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.ready.append(node)
            self._parts = self._text = 0


def _encoding(source: Source) -> str | None:
    """Return the encoding from the bytes, since a declaration may be wrong; None lets expat detect UTF-16."""
    if source.encoding:
        return source.encoding
    with source.path.open("rb") as file:
        head = file.read(400)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head:
            return None
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            declared = _DECLARED.search(head)
            name = declared[1].decode().lower() if declared else "utf-8"
            return "windows-1252" if name in {"utf-8", "utf8"} else name
    return "utf-8"
