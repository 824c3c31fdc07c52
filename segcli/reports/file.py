"""A parsed report file: which tables, under which titles, in which files. Pure."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from segcli.base.errors import SegcliError, UsageError
from segcli.domain.catalogue import nearest
from segcli.reports import keys
from segcli.settings import keys as declared
from segcli.settings import plain_yaml, sections
from segcli.settings.keys import names
from segcli.settings.plain_yaml import Node

COMMANDS = names(keys.COMMANDS)
TILE_COMMANDS = names(keys.TILE_COMMANDS)
FIGURES = names(keys.FIGURES)
FIELDS = ("as_of", "period", "from", "to")  # names allowed in braces


@dataclass(frozen=True, slots=True)
class Part:
    """One table: the command that makes it, its words, and its title ('' for the default title)."""

    command: str
    words: tuple[str, ...]
    title: str
    place: str


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of a dashboard: the sum of a column of a table, or how many rows it has."""

    part: Part
    figure: str  # count or sum
    of: str  # what is counted, in the user's word; or the column that is added up
    of_place: str
    compare: str  # previous, year, a day or a period; '': no comparison
    compare_place: str


@dataclass(frozen=True, slots=True)
class ReportFile:
    """One output file: its name, with fields in braces, and its tables. A dashboard has a title and tiles too."""

    name: str
    parts: tuple[Part, ...]
    place: str
    is_dashboard: bool = False
    title: str = ""
    tiles: tuple[Tile, ...] = ()


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail with attached files: a draft, or sent."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    sender: str
    subject: str
    text: str
    attach: tuple[str, ...]  # file names as written in the report
    draft: str
    is_sent: bool
    place: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report file."""

    path: Path
    title: str
    folder: Path
    as_of: str
    period: str
    files: tuple[ReportFile, ...]
    mail: Mail | None


def read(path: Path) -> Report:
    """Return the parsed report file. Raises SegcliError with file, line and column."""
    top = plain_yaml.tree(plain_yaml.read(path), str(path))
    if top is None:
        raise SegcliError(f"{path} is empty", f"a report file has {', '.join(names(keys.REPORT))}")
    said = declared.read(top, keys.REPORT)
    files = tuple(_file(node) for node in said["files"].listed)
    if not files:
        raise SegcliError(f"{said['files'].place}: there is no file to write")
    return Report(
        path=path,
        title=_filled(said, "title"),
        folder=path.parent / _text(said, "folder"),
        as_of=_text(said, "as_of"),
        period=_text(said, "period"),
        files=files,
        mail=_mail(said["mail"], [file.name for file in files]) if "mail" in said else None,
    )


def _text(said: Mapping[str, Node], key: str) -> str:
    return said[key].text if key in said else ""


def _filled(said: Mapping[str, Node], key: str) -> str:
    """Return a text after checking its fields in braces. Raises SegcliError for an unknown field."""
    text = _text(said, key)
    try:
        sections.check_fields(text, FIELDS, said[key].place if text else "")
    except UsageError as error:
        raise SegcliError(error.message, error.hint) from error
    return text


def _file(node: Node) -> ReportFile:
    if "dashboard" in node.mapping():
        return _dashboard(node)
    said = declared.read(node, keys.ENTRY)
    if "parts" not in said:
        parts = [_part(said, node)]
    elif set(said) != {"file", "parts"}:
        raise SegcliError(f"{node.place}: a file with parts has the titles and commands in them")
    else:
        parts = _parts(said["parts"])
    return ReportFile(_name(said, "file"), tuple(parts), said["file"].place)


def _parts(node: Node) -> list[Part]:
    parts = [_part(declared.read(part, keys.PART), part) for part in node.listed]
    if not parts:
        raise SegcliError(f"{node.place}: there is no part")
    return parts


def _dashboard(node: Node) -> ReportFile:
    said = declared.read(node, keys.DASHBOARD)
    if not {"tiles", "parts"} & set(said):
        raise SegcliError(f"{node.place}: a dashboard has tiles, parts or both", "each is a list")
    tiles = [_tile(tile) for tile in said["tiles"].listed] if "tiles" in said else []
    if "tiles" in said and not tiles:
        raise SegcliError(f"{said['tiles'].place}: there is no tile")
    return ReportFile(
        name=_name(said, "dashboard"),
        parts=tuple(_parts(said["parts"])) if "parts" in said else (),
        place=said["dashboard"].place,
        is_dashboard=True,
        title=_filled(said, "title"),
        tiles=tuple(tiles),
    )


def _tile(node: Node) -> Tile:
    said = declared.read(node, keys.TILE)
    named = [name for name in FIGURES if name in said]
    if len(named) != 1:
        raise SegcliError(
            f"{node.place}: one of {', '.join(FIGURES)} is needed here",
            "count: WORD counts the rows and calls them so; sum: COLUMN adds up a column",
        )
    figure = named[0]
    return Tile(
        part=_part(said, node, TILE_COMMANDS),
        figure=figure,
        of=_text(said, figure),
        of_place=said[figure].place,
        compare=_text(said, "compare"),
        compare_place=said["compare"].place if "compare" in said else "",
    )


def _part(said: Mapping[str, Node], node: Node, commands: Sequence[str] = COMMANDS) -> Part:
    named = [name for name in commands if name in said]
    if len(named) != 1:
        example = "such as show: debtor-ageing --group-by class1"
        raise SegcliError(f"{node.place}: one of {', '.join(commands)} is needed here", example)
    line = said[named[0]]
    try:
        words = tuple(shlex.split(line.text))
    except ValueError as error:
        raise SegcliError(f"{line.place}: a quote is not closed") from error
    return Part(named[0], words, _filled(said, "title"), line.place)


def _name(said: Mapping[str, Node], key: str) -> str:
    """Return a file's name. Raises SegcliError if it leads out of the folder or is hidden."""
    name = _filled(said, key)
    parts = Path(name).parts
    if Path(name).is_absolute() or any(part.startswith((".", "~")) for part in parts) or not name.isprintable():
        raise SegcliError(
            f"{said[key].place}: '{name}' is no name of a file in the folder", "say where with folder: or --folder"
        )
    return name


def _mail(node: Node, names: Sequence[str]) -> Mail:
    said = declared.read(node, keys.MAIL)
    is_sent = "send" in said and said["send"].text == "yes"
    if not is_sent and "draft" not in said:
        raise SegcliError(f"{node.place}: this message goes nowhere", "say draft: NAME.eml, or send: yes")
    attached = said["attach"].listed if "attach" in said else ()
    for part in attached:
        if part.text not in names:
            raise SegcliError(f"{part.place}: there is no file '{part.text}'", nearest(part.text, names))
    return Mail(
        to=_addresses(said["to"]),
        cc=_addresses(said["cc"]) if "cc" in said else (),
        sender=_address(said["from"]) if "from" in said else "",
        subject=_filled(said, "subject"),
        text=_filled(said, "text"),
        attach=tuple(part.text for part in attached) if "attach" in said else tuple(names),
        draft=_name(said, "draft") if "draft" in said else "",
        is_sent=is_sent,
        place=node.place,
    )


def _addresses(node: Node) -> tuple[str, ...]:
    return tuple(_address(part) for part in node.value) if isinstance(node.value, list) else (_address(node),)


def _address(node: Node) -> str:
    found = node.text
    if found.count("@") != 1 or not found.isprintable() or any(sign in found for sign in " ,;<>") or found[0] == "-":
        raise SegcliError(f"{node.place}: '{found}' is no e-mail address")
    return found
