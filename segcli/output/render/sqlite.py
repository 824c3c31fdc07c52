"""A SQLite file for sqlite-utils and Datasette: typed tables; other tables of an existing file are kept.

An amount is two columns: NAME is a number (REAL), to read, sort and draw; NAME_minor is the same amount as a whole number of the
currency's minor unit (INTEGER), which SQL adds up exactly.
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
_RESERVED = "sqlite_"  # names that start with this are reserved by SQLite
_LONGEST_NAME = 60


def render(table: Table, file: IO[bytes], style: Style) -> int:
    """Write the file and return the number of rows of the table."""
    return book([table], file, style)[0]


def book(tables: Sequence[Table], file: IO[bytes], style: Style) -> list[int]:
    """Write a file with several tables and return the number of rows of each. Raises SegcliError for an error of SQLite."""
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
    """Raise SegcliError for an SQLite error while writing the file. Errors while reading the rows are reported elsewhere."""
    try:
        yield
    except sqlite3.Error as error:
        raise SegcliError(f"SQLite cannot write the file: {error}", "is the disk full?") from error


def _make(tables: Sequence[Table], path: Path) -> list[int]:
    from sqlite_utils import Database

    with closing(sqlite3.connect(path)) as db:
        with _writing():
            db.execute("PRAGMA journal_mode=OFF")  # an unfinished file is deleted
            db.execute("PRAGMA synchronous=OFF")
            made = Database(db, execute_plugins=False)
        return [_fill(made, name, table) for name, table in zip(table_names(tables), tables, strict=True)]


def _fill(made: Any, name: str, table: Table) -> int:  # noqa: ANN401 - a Database, which is imported only if needed
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
    """Return the float nearest to each amount. Its shortest digits are those of the amount, up to 15 digits."""
    return [None if n is None else n / 10 ** exponent(code) for n, code in zip(cells, codes, strict=True)]


def _numbers(_column: Column, cells: Cells) -> Cells:
    return [None if cell is None or not isfinite(cell) else float(cell) for cell in cells]


def _as_is(_column: Column, cells: Cells) -> Cells:
    return cells


def _texts(column: Column, cells: Cells) -> Cells:
    """Return texts unchanged, named counts as JSON, and lone surrogates, which UTF-8 cannot encode, as escapes."""
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
    """Return a unique name for each table: the requested name, else one made from its title."""
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
    """Return a table name made from a title, such as debtor_ageing."""
    name = re.sub(r"\W+", "_", fold(title))[:_LONGEST_NAME].strip("_") or "table"
    return f"table_{name}" if name[0].isdigit() or name.startswith(_RESERVED) else name
