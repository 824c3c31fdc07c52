"""Sections of the configuration, merged over the defaults in config.example.yaml."""

import string
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from segcli.base.errors import SegcliError
from segcli.settings import keys, plain_yaml, section_keys
from segcli.settings.config import Config
from segcli.settings.keys import Key
from segcli.storage import places

Section = Mapping[str, Any]


@cache
def defaults() -> Mapping[str, Any]:
    """Return the default sections."""
    found: Mapping[str, Any] = plain_yaml.load(places.resource("config.example.yaml"))
    return found


def section(config: Config, name: str) -> dict[str, Any]:
    """Return a section: the user's keys over the defaults. An unknown key is a SegcliError that names the nearest.

    A value that does not fit the declaration of its key is a SegcliError too.
    """
    given = config.sections.get(name) or {}
    check(given, section_keys.SECTIONS[name], f"{config.path}: {name}", ".")
    return {**defaults()[name], **given}


def check(given: Section, known: Sequence[Key], where: str, sign: str) -> None:
    """Raise SegcliError for an unknown key or a value that does not fit its key; `sign` joins `where` and the key."""
    refuse_unknown(given, dict.fromkeys(keys.names(known)), where)
    for key in known:
        if key.name in given:
            keys.check_value(given[key.name], key, f"{where}{sign}{key.name}")


def refuse_unknown(given: Section, known: Section, where: str) -> None:
    """Raise SegcliError for a key outside `known`."""
    from segcli.domain.catalogue import nearest

    for key in given:
        if key not in known:
            raise SegcliError(f"{where}: there is no setting '{key}'", nearest(key, known))


def whole_number(text: object, where: str) -> int:
    """Parse a whole number of 0 or more. Anything else is a SegcliError."""
    if not (isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 6):  # noqa: PLR2004 - days
        raise SegcliError(f"{where}: '{text}' is no whole number of 0 or more")
    return int(text)


def one_of(text: object, words: tuple[str, ...], where: str) -> str:
    """Return the word if it is one of `words`. Anything else is a SegcliError."""
    if text not in words:
        raise SegcliError(f"{where}: '{text}' is none of {', '.join(words)}")
    return str(text)


def check_fields(text: str, known: Iterable[str], where: str) -> None:
    """Raise SegcliError for an unknown field or for stray braces."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise SegcliError(f"{where}: '{text}': {error}", "write {{ and }} for braces themselves") from error
    for _, field, form, conversion in parts:
        if field is not None and (field not in known or form or conversion):
            shown = f"{field}{'!' if conversion else ''}{conversion or ''}{':' if form else ''}{form or ''}"
            raise SegcliError(f"{where}: there is no field {{{shown}}}", f"there is: {', '.join(known)}")
