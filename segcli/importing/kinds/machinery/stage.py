"""The staging table: a block of rows, converted and checked before the database is locked."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from segcli.base.errors import MOST_PROBLEMS, Problem
from segcli.domain.account_numbers import FORM
from segcli.domain.catalogue import Catalogue
from segcli.importing.kinds.machinery import conversion
from segcli.importing.kinds.machinery.kind_definition import ColumnMap, Kind
from segcli.importing.readers.parts.unread import Unread

Row = tuple[Any, ...]


class Counts(NamedTuple):
    """The number of rows of a block that were added, changed and unchanged."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    fields: Mapping[str, int] = {}  # field -> number of rows in which it changed
    notes: tuple[str, ...] = ()
    others: int = 0  # related changes elsewhere: allocations, pending classes

    @property
    def is_change(self) -> bool:
        """Tell whether anything changed."""
        return bool(self.added or self.changed or self.others)


@dataclass(slots=True)
class Options:
    """The user's options for an import."""

    currency: str = "EUR"  # for rows without a currency
    today: str = ""
    must_create: bool = False  # create unknown values and accounts
    overwrite_classes: bool = False  # also classes that were set by hand
    is_dry: bool = False  # roll back; notes use the conditional
    match: tuple[str, ...] = ()  # how rows without a code find their accounts; empty: the default of account_matching
    account_number: str = FORM  # the series of new accounts without a code
    number_format: conversion.Style = field(default_factory=conversion.Style)


class TotalRow(NamedTuple):
    """A row that says that it is a total, and what it says."""

    number: int
    place: int | str
    cells: tuple[str | None, ...]


class Keyless(NamedTuple):
    """A row that was rejected because it names no record."""

    number: int
    place: int | str
    cells: tuple[str | None, ...]


@dataclass(slots=True)
class Stage:
    """A block in a temporary table. Column `n` numbers the rows; `place` is the row's location in the file."""

    db: sqlite3.Connection
    table: str
    kind: Kind
    mapping: ColumnMap
    header: tuple[str, ...]
    file: str
    options: Options
    catalogue: Catalogue
    fields: tuple[str, ...] = ()  # the staged columns
    rejected: int = 0
    problems: list[Problem] = field(default_factory=list)
    reasons: dict[object, str] = field(default_factory=dict)  # the place of each rejected row -> why
    totals: list[int | str] = field(default_factory=list)  # the places of total rows, which are no records
    total_rows: list[TotalRow] = field(default_factory=list)  # the rows of `totals` whose text is a word for a total
    footers: list[str] = field(
        default_factory=list
    )  # lines below the table, which are no records: 'line 9: Printed on …'
    doubts: list[str] = field(default_factory=list)  # what the user must know of the file's own figures
    keyless: Keyless | None = None  # the last row, if it names no record
    unread: Unread = field(default_factory=lambda: Unread({}))
    has_float_codes: bool = False  # codes in the first rows end in .0
    notes: list[str] = field(default_factory=list)  # what was made of the file's values
    run_id: int = 0
    origin: tuple[str, ...] = ()  # the columns of the file, if a layout made `header`
    by_reference: bool = False  # the rows name accounts by reference (see Block)
    only_fills: bool = False  # the rows only fill empty fields of accounts (see Block)
    only_known: bool = False  # payments of unknown items are left out (see Block)
    left_out: list[str] = field(default_factory=list)  # messages about records that were not taken
    year: int | None = None  # the financial year of all entries of the block, if its file has one
    warnings: list[str] = field(default_factory=list)  # notes of the merge about the file

    @property
    def targets(self) -> dict[str, str]:
        """Return field -> table column for the kind's fields that the file carries, without classes."""
        return {f.name: f.target for f in self.kind.fields if f.name in self.fields}

    def verb(self, done: str, would: str) -> str:
        """Return the verb of a note: `would` in a dry run, else `done`."""
        return would if self.options.is_dry else done

    def has(self, name: str) -> bool:
        """Tell whether the file carries this field."""
        return name in self.fields

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        """Run a statement; {stage} stands for the staging table's name."""
        return self.db.execute(sql.replace("{stage}", self.table), values)

    def widen(self, columns: Mapping[str, str], joins: str = "") -> None:
        """Add columns to the staging table in one pass; their SQL is over the row `s` and what it is joined with, one row each.

        It takes less time than an UPDATE, and much less than one per column. The narrow table stays until another block takes its
        name, because dropping it would read all its pages.
        """
        wide = f"{self.table}_wide"
        here = [row[1] for row in self.execute(f"PRAGMA temp.table_info({self.table.removeprefix('temp.')})")][1:]
        names = ", ".join(f'"{name}"' for name in (*here, *columns))
        values = ", ".join((*(f's."{name}"' for name in here), *columns.values()))
        self.execute(f"DROP TABLE IF EXISTS {wide}")
        self.execute(f"CREATE TEMP TABLE {wide.removeprefix('temp.')} (n INTEGER PRIMARY KEY, {names})")
        self.execute(f"INSERT INTO {wide} SELECT s.n, {values} FROM {{stage}} AS s {joins} ORDER BY s.n")
        self.table = wide

    def distinct(self, column: str) -> str:
        """Return the query of a column's distinct integers, which are kept in a temporary table of their own."""
        ids = f"{self.table}_{column}"
        self.execute(f"DROP TABLE IF EXISTS {ids}")  # that of an earlier file
        self.execute(f"CREATE TEMP TABLE {ids.removeprefix('temp.')} (id INTEGER PRIMARY KEY)")
        self.execute(f"INSERT INTO {ids} SELECT DISTINCT {column} FROM {{stage}} WHERE {column} IS NOT NULL")
        return f"SELECT id FROM {ids}"

    def index(self, *columns: str) -> None:
        """Index the staging table; without it a correlated subquery scans the whole table."""
        name = f"{self.table}_{'_'.join(columns)}"
        self.execute(f"CREATE INDEX {name} ON {self.table.removeprefix('temp.')} ({', '.join(columns)})")

    def count(self) -> int:
        """Return the number of rows left in the staging table."""
        return int(self.execute("SELECT count(*) FROM {stage}").fetchone()[0])

    def is_any(self, condition: str) -> bool:
        """Tell whether any row meets a condition."""
        return bool(self.execute(f"SELECT EXISTS (SELECT 1 FROM {{stage}} WHERE {condition})").fetchone()[0])

    def is_repeated(self, key: Iterable[str]) -> bool:
        """Tell whether any two rows have the same key; this takes half of the time of a query that names them."""
        sql = f"SELECT EXISTS (SELECT 1 FROM {{stage}} GROUP BY {', '.join(key)} HAVING count(*) > 1)"
        return bool(self.execute(sql).fetchone()[0])

    def refuse(self, place: object, column: str, value: object, reason: str, fix: str = "") -> None:
        """Record a problem with a row."""
        name = self.header[self.mapping.places[column]] if column in self.mapping.places else column
        text = None if value is None else str(value)
        where = place if isinstance(place, int) else str(place)
        self.keep(place, Problem(self.file, where, name, text, reason, fix))

    def forgive(self, place: object) -> None:
        """Forget that the row at a place was rejected."""
        self.rejected -= 1
        self.reasons.pop(place, None)
        self.problems[:] = [problem for problem in self.problems if problem.place != place]

    def keep(self, place: object, problem: Problem) -> None:
        """Record a problem: the first MOST_PROBLEMS are kept, the reasons of all."""
        self.reasons.setdefault(place, problem.why)
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def reject(self, sql: str, column: str, reason: str, fix: str = "", *, values: Row = ()) -> None:
        """Reject the rows of a query, which yields n, place, value and then the values for {0}, {1} … in the texts."""
        found = self.execute(sql, *values).fetchall()
        for _, place, value, *more in found:
            self.refuse(place, column, value, reason.format(*more), fix.format(*more))
        self.db.executemany(f"DELETE FROM {self.table} WHERE n = ?", ((row[0],) for row in found))
        self.rejected += len(found)
