"""Topics of the manual: text files beside this module, in which a line `@name` is replaced by a list from the code."""

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from segcli.base.errors import UsageError
from segcli.base.named_files import stems
from segcli.domain.catalogue import nearest
from segcli.interface import help_page
from segcli.interface.command import explained

WIDEST = 100  # readable line width
_INDENT = "    "


def names() -> tuple[str, ...]:
    """Return the names of the topics, which are file names."""
    return stems(_folder(), ".txt")


def _folder() -> Path:
    return Path(__file__).parent / "topics"


def text(name: str) -> str:
    """Return a topic with its lists filled in. Raises UsageError for an unknown topic."""
    if name not in names():
        near = nearest(name, names())
        raise UsageError(f"there is no command and no topic '{name}'", f"{near}; segcli help lists the topics")
    lines = (_folder() / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return "\n".join(part for line in lines for part in _filled(line)) + "\n"


def title(name: str) -> str:
    """Return a topic's first line."""
    return text(name).split("\n", 1)[0].removesuffix(".")


def _filled(line: str) -> Iterator[str]:
    if not line.startswith("@"):
        yield line
        return
    for entry in _LISTS[line[1:]]():
        yield f"{_INDENT}{entry}".rstrip()


def wrapped(content: str, width: int) -> str:
    """Return a topic wrapped to the terminal width; indented lines stay as they are."""
    blocks = content.rstrip("\n").split("\n\n")
    width = min(width, WIDEST)
    filled = (block if block.startswith(" ") else "\n".join(help_page.wrapped(block, width)) for block in blocks)
    return "\n\n".join(filled) + "\n"


def _columns(rows: Mapping[str, str]) -> list[str]:
    width = max(map(len, rows))
    return [f"{name:{width}}  {words}".rstrip() for name, words in rows.items()]


def _formats() -> Iterable[str]:
    from segcli.output import render

    endings: dict[str, list[str]] = {}
    for ending, name in render.ENDINGS.items():
        endings.setdefault(name, []).append(f".{ending}")
    return _columns({name: _format(name, endings.get(name, [])) for name in render.FORMATS})


def _format(name: str, endings: list[str]) -> str:
    import importlib

    module = importlib.import_module(f"segcli.output.render.{name}")
    says = re.split(r"[.;] |\.?\n", explained(module))[0]
    return f"{says} ({', '.join(sorted(endings))})" if endings else says


def _exit_statuses() -> Iterable[str]:
    from segcli.base import errors

    found = {
        0: ("", "Done. An empty result is also done."),
        errors.CHANGED: ("", "Something changed or would change, with --exit-code."),
    }
    kinds = [kind for kind in errors.SegcliError.__subclasses__() if kind.status != errors.SegcliError.status]
    found |= {kind.status: (kind.kind, explained(kind).split("\n", 1)[0]) for kind in kinds}
    told = "Something failed, or the data in a file is wrong."
    found[errors.SegcliError.status] = (errors.SegcliError.kind, told)
    found |= {
        errors.INTERRUPTED: ("", "Interrupted by Ctrl-C; nothing is half done."),
        errors.PIPE_CLOSED: ("", "The reader of the pipe closed it."),
    }
    return _columns({f"{status:<3}  {found[status][0]}": found[status][1] for status in sorted(found)})


def _settings() -> Iterable[str]:
    from segcli.settings.config import SETTINGS, variable_of

    return _columns(
        {f"{name}, {variable_of(name)}": setting.default or "(see below)" for name, setting in SETTINGS.items()}
    )


def _periods() -> Iterable[str]:
    from segcli.base.dates import NAMED

    return textwrap.wrap(", ".join(NAMED), WIDEST - len(_INDENT))


def _kinds() -> Iterable[str]:
    from segcli.manual import field_pages

    return _columns(field_pages.kinds())


def _grammar() -> Iterable[str]:
    from segcli.query.expressions import language

    return textwrap.dedent(explained(language).split("\n\n", 2)[2]).rstrip().splitlines()


_LISTS: Mapping[str, Callable[[], Iterable[str]]] = {
    "formats": _formats,
    "exit-statuses": _exit_statuses,
    "settings": _settings,
    "periods": _periods,
    "grammar": _grammar,
    "kinds": _kinds,
}
