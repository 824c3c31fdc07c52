"""Keys of a file as declarations: one table checks what is read and documents it (docs/rules.md and others)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from segcli.base.errors import SegcliError
from segcli.settings.plain_yaml import Node

YES_NO = ("yes", "no")


class Key(NamedTuple):
    """One key of a file."""

    name: str
    takes: str  # the type, as documented
    meaning: str
    example: str  # the key with a value, as written in the file
    default: str = ""
    allowed: tuple[str, ...] = ()  # the only values, or values of a list
    is_needed: bool = False
    shape: type = str  # str, list, dict or int; object if there are several


def names(keys: Sequence[Key]) -> tuple[str, ...]:
    """Return the names of the keys."""
    return tuple(key.name for key in keys)


def read(node: Node, keys: Sequence[Key]) -> Mapping[str, Node]:
    """Return the mapping of a node. SegcliError with its place for an unknown or missing key, or a wrong value."""
    said = node.mapping(names(keys))
    for key in keys:
        if key.name in said:
            _check(said[key.name], key)
        elif key.is_needed:
            raise SegcliError(f"{node.place}: '{key.name}' is missing", f"there may be {', '.join(names(keys))}")
    return said


def _check(node: Node, key: Key) -> None:
    if key.shape is str:
        node.require_text()
    elif key.shape is list:
        _ = node.listed
    elif key.shape is dict:
        node.mapping()
    if key.allowed:
        for part in node.listed if key.shape is list else (node,):
            if part.text not in key.allowed:
                raise SegcliError(_none_of(part.text, key, part.place))


def check_value(value: Any, key: Key, where: str) -> None:  # noqa: ANN401 - whatever the file holds
    """Raise SegcliError if a value of a document without locations does not fit its key."""
    if key.shape is str and not isinstance(value, str):
        raise SegcliError(f"{where} is one text, no list")
    if key.shape is dict and not (isinstance(value, Mapping) or value == ""):
        raise SegcliError(f"{where}: this is a list of `name: value`")
    if key.shape is list and not isinstance(value, list):
        raise SegcliError(f"{where}: this is no list")
    if key.allowed and value not in key.allowed:
        raise SegcliError(_none_of(value, key, where))


def _none_of(value: object, key: Key, where: str) -> str:
    return f"{where}: '{value}' is none of {', '.join(key.allowed)}"
