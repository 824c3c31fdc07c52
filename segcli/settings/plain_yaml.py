"""Reads YAML with every scalar as a string, so that NO, 007 and 12:30 keep their spelling."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcli.base import bounded_read
from segcli.base.errors import SegcliError
from segcli.domain.catalogue import nearest

MAXIMUM_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a document: a text, a list of nodes or a mapping of nodes, with its location."""

    value: "str | list[Node] | dict[str, Node]"
    file: str
    line: int
    column: int

    @property
    def place(self) -> str:
        """Return `file:line:column`."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def text(self) -> str:
        """Return the stripped text. SegcliError if it is empty, a list or a mapping."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise SegcliError(f"{self.place}: a text is expected here")
        return self.value.strip()

    def require_text(self) -> None:
        """Raise SegcliError unless it is a non-empty text."""
        _ = self.text

    @property
    def listed(self) -> "Sequence[Node]":
        """Return the nodes of a list. SegcliError if it is not a list."""
        if not isinstance(self.value, list):
            raise SegcliError(
                f"{self.place}: a list is expected here", "write each on a line of its own, after a hyphen"
            )
        return self.value

    def mapping(self, known: Iterable[str] | None = None) -> "Mapping[str, Node]":
        """Return the mapping. SegcliError if it is not a mapping or has a key outside `known`."""
        if not isinstance(self.value, dict):
            raise SegcliError(f"{self.place}: names with values are expected here", "such as max_changes: 15%")
        for key, value in self.value.items():
            if known is not None and key not in known:
                raise SegcliError(f"{value.place}: '{key}' is not known here", nearest(key, tuple(known)))
        return self.value

    @property
    def plain(self) -> Any:  # noqa: ANN401 - whatever the document holds
        """Return the value without locations."""
        if isinstance(self.value, list):
            return [node.plain for node in self.value]
        if isinstance(self.value, dict):
            return {key: node.plain for key, node in self.value.items()}
        return self.value


def load(path: Path) -> Any:  # noqa: ANN401 - whatever the document holds
    """Load a document as dicts, lists and strings; an empty value is ''.

    Duplicate keys, aliases and tags are SegcliErrors that name the line. A file over 1 MB is a SegcliError too.
    """
    return parse(read(path), str(path))


def read(path: Path) -> bytes:
    """Return a file's bytes. SegcliError if it cannot be read or is over 1 MB."""
    return bounded_read.read(path, MAXIMUM_BYTES)


def parse(data: bytes, name: str) -> Any:  # noqa: ANN401 - whatever the document holds
    """Parse a document; errors mention `name`."""
    found = tree(data, name)
    return None if found is None else found.plain


def tree(data: bytes, name: str) -> Node | None:
    """Parse a document to nodes with locations; None if it is empty. Raises the same errors as `load`."""
    import yaml

    base: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # ten times faster, if libyaml is available
    try:
        for event in yaml.parse(data, Loader=base):
            _refuse(event, name)
        found = yaml.compose(data, Loader=base)
        return None if found is None else _node(found, name)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise SegcliError(f"{name}:{line}: this is not YAML: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SegcliError(f"{name}: this is not YAML: {error}") from error
    except RecursionError as error:
        raise SegcliError(f"{name}: nested too deeply") from error


def _node(found: Any, name: str) -> Node:  # noqa: ANN401 - a node of PyYAML
    line, column = found.start_mark.line + 1, found.start_mark.column + 1
    if found.id == "mapping":
        return Node(_mapping(found, name), name, line, column)
    if found.id == "sequence":
        return Node([_node(part, name) for part in found.value], name, line, column)
    return Node(found.value, name, line, column)


def _mapping(found: Any, name: str) -> dict[str, Node]:  # noqa: ANN401 - a node of PyYAML
    held: dict[str, Node] = {}
    for key, value in found.value:
        place = f"{name}:{key.start_mark.line + 1}"
        if key.id != "scalar":
            raise SegcliError(f"{place}: a key is a plain word")
        if key.value in held:
            raise SegcliError(f"{place}: '{key.value}' stands twice")
        held[key.value] = _node(value, name)
    return held


def _refuse(event: Any, name: str) -> None:  # noqa: ANN401 - an event of PyYAML
    what = (
        "an alias (*)" if type(event).__name__ == "AliasEvent" else "a tag (!)" if getattr(event, "tag", None) else ""
    )
    if what:
        raise SegcliError(f"{name}:{event.start_mark.line + 1}: {what} is not taken here")
