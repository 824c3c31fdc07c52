"""The tables of the lake and their columns, as read from the schema. Some columns are ids."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from typing import NamedTuple

from segcli.domain.units import ID_BITS
from segcli.storage import schema

MOST_NUMBER = (1 << 63 - ID_BITS) - 1
TEXTS = ".texts"  # ends the name of a derived table: the texts beyond ASCII of a table
MAIL_FORM = "mail_form"
MAIL_SOURCES = ("account", "administration", "contact", "opt_out")  # what mail_form is made of

# Before-images of imports, checksums of files and hashes of persons serve undo, import and send only. Calculated classes are read by
# matrix and cohort, which ask the database.
_LEFT_OUT = frozenset(
    {
        "anonymised",
        "class_backfill",
        "class_backfill_value",
        "import_added",
        "import_change",
        "imported_file",
        "receivables_statement",
        "sent_message",
        "table_version",
    }
)
_SECRET = frozenset({("administration", "mailing_salt")})
_NO_IDS = frozenset({"classification_label"})  # its key is the number of a field, 1 to 8
_UNREFERENCED = frozenset(
    {("invoice_summary", "item_id"), ("allocation", "account_id")}
)  # ids without a foreign key; 0 is none


class Source(NamedTuple):
    """A table of the database: its columns with their Arrow types, and the columns that are ids."""

    name: str
    columns: Mapping[str, str]  # int64 or string
    ids: frozenset[str]

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the columns of text."""
        return tuple(name for name, kind in self.columns.items() if kind == "string")

    def select(self, number: int) -> str:
        """Return the SQL of all rows in the order of their key; ids are those of administration `number`.

        The first row is made up, to be dropped: the ADBC driver derives the types of columns from the first rows.
        """
        first = ", ".join(f"{'0' if kind == 'int64' else repr('')} AS {name}" for name, kind in self.columns.items())
        return f"SELECT {first} UNION ALL SELECT {', '.join(self._shown(number))} FROM {self.name} NOT INDEXED"

    def _shown(self, number: int) -> list[str]:
        return [shifted(name, number << ID_BITS) if number and name in self.ids else name for name in self.columns]


def shifted(column: str, by: int) -> str:
    """Return the SQL of a column of ids with a number added; 0 stays 0, which stands for none."""
    return f"CASE WHEN {column} <> 0 THEN {column} + {by} ELSE {column} END"


@cache
def sources() -> Mapping[str, Source]:
    """Return the tables of the database that are written to the lake, by name."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(schema.text())
        names = [part for part, (what, sql) in schema.parts(db).items() if what == "table" and "STRICT" in sql]
        return {name: _source(db, name) for name in names if name not in _LEFT_OUT}


def _source(db: sqlite3.Connection, table: str) -> Source:
    types = {"INTEGER": "int64", "TEXT": "string"}
    rows = db.execute(f"PRAGMA table_info({table})").fetchall()
    columns = {row[1]: types[row[2]] for row in rows if (table, row[1]) not in _SECRET}
    return Source(table, columns, ids(db, table))


def ids(db: sqlite3.Connection, table: str) -> frozenset[str]:
    """Return the columns of a table that are ids: a whole-number primary key, and the references to one."""
    keys = [(row[1], row[2]) for row in db.execute(f"PRAGMA table_info({table})") if row[5]]
    own = {name for name, kind in keys if len(keys) == 1 and kind == "INTEGER" and table not in _NO_IDS}
    references = {row[3] for row in db.execute(f"PRAGMA foreign_key_list({table})") if row[2] not in _NO_IDS}
    return frozenset({*own, *references, *(column for name, column in _UNREFERENCED if name == table)})


def version_of(part: str, versions: Mapping[str, int]) -> int:
    """Return the version of a part of the lake, given the versions of the tables of its database."""
    if part == MAIL_FORM:
        return sum(versions.get(table, 0) for table in MAIL_SOURCES)
    return versions.get(part.removesuffix(TEXTS), 0)
