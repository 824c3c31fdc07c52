"""A SQLite file for sqlite-utils and Datasette: a typed table; in an existing file the other tables stay.

Money is two columns: NAME is the amount as a number (REAL), to read, sort and draw; NAME_minor is the same amount as a whole number
of the currency's minor unit (INTEGER), which SQL adds up exactly.
"""

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from math import isfinite
from pathlib import Path
from typing import IO, Any

from segcli.base.errors import SegcliError
from segcli.base.money import exponent
from segcli.base.text import fold
from segcli.domain.table import Column, Table
from segcli.output.render.parts.cell_text import Block, Cells, blocks, currencies, rounded, texts
from segcli.output.render.parts.style import Style

MINOR = "_minor"
_TYPES: dict[str, type] = {"money": float, "integer": int, "decimal": float, "percent": float, "flag": int}
_RESERVED = "sqlite_"  # SQLite keeps these names for itself
_LONGEST_NAME = 60


def render(table: Table, file: IO[bytes], style: Style) -> int:
    """Write the file and return the number of rows of the table."""
    return book([table], file, style)[0]


def book(tables: Sequence[Table], file: IO[bytes], style: Style) -> list[int]:
    """Write a file with several tables and return the rows of each. Raises SegcliError for what SQLite cannot do."""
    from segcli.base import scratch

    with scratch.room(scratch.temporary()) as room:  # SQLite writes to files only
        made, whole = room / "made.db", room / "whole.db"
        counts = _make(tables, made)
        if style.kept and style.kept.copy(whole):
            from segcli.output.render.parts.table_merge import merge

            with _writing():
                merge(made, whole, style.kept.path)
            made = whole
        with made.open("rb") as found:
            shutil.copyfileobj(found, file)
    return counts


@contextmanager
def _writing() -> Iterator[None]:
    """Raise SegcliError for an error of SQLite in the file that is written. The rows are read outside: they have errors of their own."""
    try:
        yield
    except sqlite3.Error as error:
        raise SegcliError(f"SQLite cannot write the file: {error}", "is there room on the disk?") from error


def _make(tables: Sequence[Table], path: Path) -> list[int]:
    from sqlite_utils import Database

    with closing(sqlite3.connect(path)) as db:
        with _writing():
            db.execute("PRAGMA journal_mode=OFF")  # a file that is not finished is thrown away
            db.execute("PRAGMA synchronous=OFF")
            made = Database(db, execute_plugins=False)
        return [_fill(made, name, table) for name, table in zip(table_names(tables), tables, strict=True)]


def _fill(made: Any, name: str, table: Table) -> int:  # noqa: ANN401 - a Database; imported only where it is used
    with _writing():
        target = made.table(name).create(_columns(table))
    count = 0
    for block in blocks(table.rows):
        with _writing():
            target.insert_all(_rows(table, block), batch_size=len(block))
        count += len(block)
    return count


def _columns(table: Table) -> dict[str, type]:
    found = {column.name: _TYPES.get(column.kind, str) for column in table.columns}
    return found | {f"{column.name}{MINOR}": int for column in table.columns if column.kind == "money"}


def _rows(table: Table, block: Block) -> Iterator[dict[str, Any]]:
    codes, base = currencies(table, block), [table.currency] * len(block)
    found: dict[str, Cells] = {}
    minor: dict[str, Cells] = {}
    for column, cells in zip(table.columns, zip(*block, strict=True), strict=False):
        if column.kind == "money":
            whole = [rounded(column, cell) for cell in cells]
            minor[f"{column.name}{MINOR}"] = whole
            found[column.name] = _amounts(whole, base if column.is_base else codes)
        else:
            found[column.name] = _KINDS.get(column.kind, _texts)(column, cells)
    found |= minor
    return (dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True))


def _amounts(cells: Cells, codes: Sequence[str]) -> Cells:
    """Return the number nearest to each amount: its shortest digits are those of the amount, up to 15 of them."""
    return [None if n is None else n / 10 ** exponent(code) for n, code in zip(cells, codes, strict=True)]


def _numbers(_column: Column, cells: Cells) -> Cells:
    return [None if cell is None or not isfinite(cell) else float(cell) for cell in cells]


def _as_is(_column: Column, cells: Cells) -> Cells:
    return cells


def _texts(column: Column, cells: Cells) -> Cells:
    """Return texts as they are; named counts as JSON; half a character, which UTF-8 has not, as an escape."""
    if column.is_object:
        return [None if cell is None else json.dumps(cell.numbers, ensure_ascii=False) for cell in cells]
    found, joined = texts(cells)
    if not joined.isprintable():
        found = [text.encode("utf-8", "backslashreplace").decode() for text in found]
    return [None if cell is None else text for cell, text in zip(cells, found, strict=True)]


_KINDS: dict[str, Callable[[Column, Cells], Cells]] = {
    "integer": _as_is,
    "flag": _as_is,
    "decimal": _numbers,
    "percent": _numbers,
}


def table_names(tables: Sequence[Table]) -> list[str]:
    """Return the name of each table: the one that was asked for, else its title; no two the same."""
    used: set[str] = set()
    names = []
    for table in tables:
        name = first = table.name or named(table.title)
        number = 1
        while name.casefold() in used:
            number += 1
            name = f"{first}_{number}"
        used.add(name.casefold())
        names.append(name)
    return names


def named(title: str) -> str:
    """Return a title as the name of a table: debtor_ageing."""
    name = re.sub(r"\W+", "_", fold(title))[:_LONGEST_NAME].strip("_") or "table"
    return f"table_{name}" if name[0].isdigit() or name.startswith(_RESERVED) else name
