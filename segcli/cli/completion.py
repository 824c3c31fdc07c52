"""Fast completion of commands, flags, labels and values, without Typer or a second process."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from segcli.base.text import key, visible
from segcli.interface.command import Command, Group, first_line
from segcli.interface.options import COMMON, Parameter

if TYPE_CHECKING:
    from segcli.domain.catalogue import Catalogue

MOST = 200
FILES = "%files"  # tells the shell to offer file names
_PATH = " path"  # key of the command's words among what was seen on the line; no parameter has this name
Offer = tuple[str, str]  # a word and its description


def run(words: Sequence[str], root: Group) -> None:
    """Print the possible last words, one per line, each followed by a tab and its description."""
    try:
        found = offers(list(words) or [""], root)
        # Skip words that a terminal cannot show: they cannot be typed, and a line end would split them.
        lines = [f"{word}\t{visible(meaning)}\n" for word, meaning in found if visible(word) == word]
    except Exception:  # noqa: BLE001 - a key press is no place for a message
        return
    sys.stdout.writelines(lines[:MOST])


def run_line(line: str, root: Group) -> None:
    """Print the possible replacements of the end of a bash line, one per line."""
    from segcli.cli.typed_line import Word, typed, words

    try:
        found = words(line) or [Word()]
        last = found[-1]
        offered = [word for word, _ in offers([word.text for word in found], root)]
        if any(word == FILES for word in offered):
            sys.stdout.write(f"{FILES}\t{last.text[last.kept :]}\n")
            return
        lines = [typed(last, word) for word in offered if visible(word) == word]
    except Exception:  # noqa: BLE001 - a key press is no place for a message
        return
    sys.stdout.writelines(f"{line}\n" for line in [line for line in lines if line is not None][:MOST])


def offers(words: list[str], root: Group) -> Iterator[Offer]:
    """Yield the possible last words."""
    *before, current = words
    node: Command | Group = root
    seen: dict[str, Any] = {_PATH: ()}
    arguments = 0
    while before:
        word = before.pop(0)
        flags = {flag: p for p in _parameters(node) for flag in p.flags}
        name, sign, value = word.partition("=")
        parameter = flags.get(name)
        if parameter and parameter.kind != "flag":
            if not sign and not before:
                yield from _values(parameter, current, seen)
                return
            value = value if sign else before.pop(0)
            seen[parameter.name] = value
        elif parameter:
            seen[parameter.name] = True
        elif isinstance(node, Group) and not word.startswith("-"):
            found = node.find(word)
            if found is None:
                return
            node = found
            seen[_PATH] += (word,)
        elif isinstance(node, Command) and not arguments and word in node.under:
            node = node.under[word]
            seen[_PATH] += (word,)
        elif not word.startswith("-"):
            taken = [p.name for p in _parameters(node) if p.is_argument]
            if arguments < len(taken):
                seen[taken[arguments]] = word
            arguments += 1
    yield from _here(node, current, seen, arguments)


def _parameters(node: Command | Group) -> Sequence[Parameter]:
    return node.every_parameter if isinstance(node, Command) else COMMON


def _here(node: Command | Group, current: str, seen: dict[str, Any], arguments: int) -> Iterator[Offer]:
    flag, sign, _ = current.partition("=")
    parameters = _parameters(node)
    if sign and flag.startswith("--"):
        for parameter in parameters:
            if flag in parameter.flags:
                found = _values(parameter, current.removeprefix(f"{flag}="), seen)
                yield from ((f"{flag}={word}", meaning) for word, meaning in found)
        return
    if current.startswith("-"):
        yield from _starting(current, ((f, p.help) for p in parameters for f in p.flags if f.startswith("--")))
        return
    if isinstance(node, Group):
        yield from _starting(current, _commands(node))
        return
    taken = [p for p in parameters if p.is_argument]
    if isinstance(node, Command) and not arguments:
        yield from _starting(current, ((name, first_line(below.help)) for name, below in node.under.items()))
    if taken:
        yield from _values(taken[min(arguments, len(taken) - 1)], current, seen)


def _commands(node: Group) -> Iterator[Offer]:
    return ((name, node.line(name)) for name in node.names())


def _starting(current: str, found: Iterable[Offer]) -> Iterator[Offer]:
    start = key(current)
    return (offer for offer in found if key(offer[0]).startswith(start))


def _values(parameter: Parameter, current: str, seen: dict[str, Any]) -> Iterator[Offer]:
    """Yield the values of a parameter; with commas, the words before the last comma are kept."""
    if parameter.choices:
        yield from _starting(current, ((choice, "") for choice in parameter.choices))
    elif parameter.completes == "file":
        yield FILES, ""
    elif parameter.completes == "label" and "=" in current:  # --class Region=N,S
        label, _, listed = current.partition("=")
        yield from (
            (f"{label}={word}", meaning) for word, meaning in _listed("value", listed, {**seen, "field": label})
        )
    elif parameter.completes:
        yield from _listed(parameter.completes, current, seen)


def _listed(what: str, current: str, seen: dict[str, Any]) -> Iterator[Offer]:
    """Yield the words of a sort, behind what stands in front of the last comma."""
    head, comma, tail = current.rpartition(",")
    for word, meaning in _starting(tail, _known(what, tail, seen)):
        yield f"{head}{comma}{word}", meaning


# Completions from the database: the column of words, their description, and the table.
_TABLES = {
    "account": ("code", "name", "account"),
    "item": ("code", "description", "item"),
    "marketing_list": ("name", "description", "marketing_list"),
    "price_list": ("code", "description", "price_list"),
    "request": ("request_number", "description", "request"),
    "selection": ("name", "description", "selection"),
    "subscription": ("subscription_number", "coalesce(description, '')", "subscription"),
    "subscription_type": ("code", "description", "subscription_type"),
}


def _known(what: str, current: str, seen: dict[str, Any]) -> Iterator[Offer]:
    """Yield the words of this kind known to segcli or the database."""
    if what == "kind" or (what == "topic" and seen.get("words") == "fields"):
        from segcli.importing.kinds.machinery import kind_definition

        yield from ((name, "") for name in kind_definition.names())
    elif what == "topic":
        from segcli.commands import root
        from segcli.manual import topics

        yield from ((name, topics.title(name)) for name in topics.names())
        yield from _commands(root())
    elif what in {"column", "sort", "group"}:
        from segcli.cli import completed_columns

        yield from completed_columns.offers(what, current, seen[_PATH], seen)
    else:
        from segcli.query import lookup
        from segcli.settings import config
        from segcli.storage import database

        with closing(database.connect(config.load(seen).database, may_upgrade=False)) as db:
            if what in _TABLES:
                column, text, table = _TABLES[what]
                sql = f"SELECT {column}, {text} FROM {table} WHERE {column} >= ? AND {column} < ? ORDER BY 1 LIMIT 100"
                yield from db.execute(sql, (current, f"{current}\U0010ffff"))
            else:
                yield from _classified(what, lookup.catalogue(db), seen)


def _classified(what: str, catalogue: "Catalogue", seen: dict[str, Any]) -> Iterator[Offer]:
    """Yield labels, values, or a label with a value."""
    if what[5:].isdigit():  # class3
        yield from _class(catalogue, int(what[5:]))
    elif what == "value" and seen.get("field"):
        yield from _class(catalogue, catalogue.field(seen["field"]))
    elif what in {"class", "label", "cohort"}:
        yield from ((unit, "first purchase") for unit in ("month", "quarter", "year") if what == "cohort")
        sign = "=" if what == "label" else ""
        for field, label in catalogue.labels.items():
            yield f"{label}{sign}", f"class{field}"
            yield f"class{field}{sign}", label
    elif what == "assignment":
        for field, label in catalogue.labels.items():
            for name in (f"class{field}", label):
                yield from ((f"{name}={v.code}", v.description) for v in catalogue.values(field) if not v.is_retired)


def _class(catalogue: "Catalogue", field: int) -> Iterator[Offer]:
    yield from ((value.code, value.description) for value in catalogue.values(field))
    yield from (("none", "has no value"), ("any", "has a value"), ("not:", "none of …"))
