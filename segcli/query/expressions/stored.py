"""Expressions that are stored. An `in @file` in them keeps the absolute path of the file, or its content, and works from any folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from segcli.query.expressions.lexer import quoted, value_files
from segcli.query.expressions.value_file import lines

STDIN = "-"


class Kept(NamedTuple):
    """The flags as they are stored, and what was done to each file, for people."""

    flags: Mapping[str, Any]
    told: tuple[str, ...]


def kept(flags: Mapping[str, Any], folder: Path, *, freeze: bool = False) -> Kept:
    """Return selection flags with the files of their expressions as absolute paths, relative ones in `folder`.

    With `freeze`, the content of a file replaces it. Raise SegcliError for a file that cannot be read then.
    """
    if not flags.get("where"):
        return Kept(flags, ())
    told: list[str] = []
    texts = [_kept(text, folder, told, freeze=freeze) for text in flags["where"]]
    return Kept({**flags, "where": type(flags["where"])(texts)}, tuple(dict.fromkeys(told)))


def _kept(text: str, folder: Path, told: list[str], *, freeze: bool) -> str:
    for start, end, name in reversed(list(value_files(text))):
        place = name if name == STDIN else str(folder.absolute() / name)
        if freeze:
            values = lines(place)
            put = f"({', '.join(map(quoted, values))})"
            told.append(f"the {len(values)} values of {_named(place)} are kept, not the file")
        elif name == STDIN:
            continue
        else:
            put = f"@{place}" if all(sign.isalnum() or sign in "/._-+:~" for sign in place) else f"@{quoted(place)}"
            if put != text[start:end]:
                told.append(f"in @{name} is kept as {place}")
        text = f"{text[:start]}{put}{text[end:]}"
    return text


def _named(place: str) -> str:
    return "standard input" if place == STDIN else place
