"""Completion of --columns, --sort and --group-by: the columns of the overview, the fields of the account, and the labels."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from types import ModuleType
from typing import Any

from segcli.base.errors import SegcliError
from segcli.domain.table import Column

Offer = tuple[str, str]
_UNGROUPED = frozenset({"money", "decimal", "percent"})  # amounts are summed, not grouped by


def offers(what: str, current: str, path: Iterable[str], seen: Mapping[str, Any]) -> Iterator[Offer]:
    """Yield the columns that a word may name; `path` is the command, `what` is column, sort or group.

    A word of --sort may have a hyphen in front, for descending order.
    """
    from segcli.query.columns import ACCOUNT_COLUMNS
    from segcli.query.expressions import fields

    columns = {column.name: column for column in (*_own(tuple(path), seen), *ACCOUNT_COLUMNS)}
    found = [
        (name, column.title) for name, column in columns.items() if what != "group" or column.kind not in _UNGROUPED
    ]
    found += [(label, name) for label, name in _labels(seen) if label.lower() not in columns]
    if fields.is_own(current.removeprefix("-")):
        found += [(f"{fields.OWN}{name}", "the field of the account") for name in fields.own_names() if name != "code"]
    sign = "-" if what == "sort" and current.startswith("-") else ""
    yield from ((f"{sign}{name}", title) for name, title in found)


def _own(path: tuple[str, ...], seen: Mapping[str, Any]) -> tuple[Column, ...]:
    """Return the columns of the overview or action that the line names, with the flags that it has so far."""
    module = _module(path)
    if module is None:
        return ()
    from segcli.base import dates
    from segcli.commands import root
    from segcli.interface import options
    from segcli.interface.command import Command, Session
    from segcli.query import ask, request_flags
    from segcli.settings import config

    node = root().find(path[0])
    command = None if node is None or isinstance(node, Command) else node.find(path[1])
    if not isinstance(command, Command):
        return ()
    plain = {p.name for p in command.every_parameter if not p.is_many and p.kind != "integer" and p.completes == ""}
    values = options.check(command.every_parameter, {name: value for name, value in seen.items() if name in plain})
    session = Session(config.load(seen), values, dates.today())
    with suppress(SegcliError):  # flags that do not go together are told when the command runs
        return ask.overview_of(module, request_flags.request(values, session)).columns
    return ()


def _module(path: tuple[str, ...]) -> ModuleType | None:
    from segcli import actions, overviews

    packages = {"show": overviews, "run": actions}
    package = packages.get(path[0]) if len(path) == 2 else None  # noqa: PLR2004 - show NAME
    return package.module(path[1]) if package and path[1] in package.names() else None


def _labels(seen: Mapping[str, Any]) -> list[Offer]:
    """Return the labels of the classifications; none without a database."""
    from segcli.query import lookup
    from segcli.settings import config
    from segcli.storage import database

    with suppress(SegcliError), closing(database.connect(config.load(seen).database, may_upgrade=False)) as db:
        return [(label, f"class{field}") for field, label in lookup.catalogue(db).labels.items()]
    return []
