"""DuckDB over the lake: a connection that takes segcli's SQL as a connection to SQLite does."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcli.base.errors import SegcliError
from segcli.domain.clause import literal, quoted
from segcli.lake.automatic_prices import FUNCTION, Prices
from segcli.lake.declaring import Declaring, words
from segcli.lake.dialect import Dialect
from segcli.lake.duckdb_dialect import DUCKDB, MACROS
from segcli.lake.manifest import Part
from segcli.lake.translate import Statement, Values, translated

if TYPE_CHECKING:
    from segcli.storage.reader import Reader

_BATCH = 10_000  # rows per fetch
# What a statement yields beside 64-bit integers, doubles and texts: sums of 128 bits, and truth values.
_AS_INTEGER = frozenset({"HUGEINT", "UHUGEINT", "BOOLEAN", "INTEGER", "UINTEGER", "SMALLINT", "TINYINT", "UBIGINT"})
# Beyond the limit DuckDB puts sorters and joins in temporary files. No extension is fetched: what the lake needs is built in.
_SETTINGS = {
    "default_null_order": "nulls_first_on_asc_last_on_desc",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "2GB",
}
_MANY = replace(DUCKDB, parameter=lambda name: f"unnest(${name})")  # each value is a list with one element per row
_OVERFLOW = re.compile("overflow|out of range", re.IGNORECASE)
_SCHEMA = "CREATE SCHEMA lake; SET search_path = 'main,lake'; CREATE TABLE lake.automatic_price (line BIGINT, day VARCHAR, amount BIGINT)"


def files(parts: Sequence[Part]) -> str:
    """Return the SQL of the rows of files; a file is checked first. Special characters of their names are taken literally."""
    for part in parts:
        part.check()
    return f"read_parquet([{', '.join(quoted(literal(str(part.path))) for part in parts)}])"


class Found:
    """The rows of a statement, read as they are needed."""

    def __init__(self, cursor: Any, engine: "DuckDb") -> None:  # noqa: ANN401 - DuckDB's connection
        self._cursor = cursor
        self._engine = engine

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that were not read yet."""
        with self._engine.errors():
            while block := self._cursor.fetchmany(_BATCH):
                yield from block

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, None after the last."""
        with self._engine.errors():
            row: tuple[Any, ...] | None = self._cursor.fetchone()
        return row

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that were not read yet."""
        with self._engine.errors():
            rows: list[tuple[Any, ...]] = self._cursor.fetchall()
        return rows


class DuckDb(Declaring):
    """A connection to DuckDB in which the tables of a lake are views, declared when a statement names them."""

    def __init__(
        self,
        tables: Mapping[str, Callable[[], str]],
        prices: Prices,
        room: Path,
        *,
        database: sqlite3.Connection | None = None,
        administrations: Sequence[str] = (),
    ) -> None:
        import duckdb

        super().__init__(tables)
        self._duckdb = duckdb
        self._prices = prices
        self.database = database
        self.administrations = administrations
        self.whole: Reader = self  # what knows the names of all administrations that are asked for
        self.name = f"DuckDB {duckdb.__version__}"
        self._db = duckdb.connect(config={**_SETTINGS, "temp_directory": str(room / "duckdb")})
        self._db.execute(_SCHEMA)

    def execute(self, sql: str, values: Values = ()) -> Found:
        """Run a statement and return its rows."""
        statement = self._translated(sql, values, DUCKDB)
        cursor = self._cursor()
        with self.errors():
            cursor.execute(self._typed(cursor, statement), statement.values)
        return Found(cursor, self)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run INSERT … SELECT ?, ? for each row of values."""
        held = list(rows)
        if held:
            statement = self._translated(sql, [list(column) for column in zip(*held, strict=True)], _MANY)
            with self.errors():
                self._cursor().execute(statement.sql, statement.values)

    def types(self, sql: str, values: Values = ()) -> list[str]:
        """Return DuckDB's types of the columns that a statement yields, without running it."""
        return _types(self._cursor(), self._translated(sql, values, DUCKDB))

    def plan(self, sql: str, values: Values = ()) -> list[str]:
        """Return the statement in DuckDB's SQL and its plan, as lines."""
        statement = self._translated(sql, values, DUCKDB)
        found = self._cursor().execute(f"EXPLAIN {statement.sql}", statement.values).fetchall()
        return [*statement.sql.splitlines(), "", *"\n".join(str(row[-1]) for row in found).splitlines()]

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Raise what SQLite raises for a sum beyond 64 bits, and SegcliError for files that cannot be read."""
        try:
            yield
        except (self._duckdb.ConversionException, self._duckdb.OutOfRangeException) as error:
            if not _OVERFLOW.search(str(error)):
                raise
            raise sqlite3.OperationalError("integer overflow") from error
        except self._duckdb.IOException as error:
            told = str(error).splitlines()[0]
            raise SegcliError(f"the lake cannot be read: {told}", "see: segcli lake status --verify") from error

    def _translated(self, sql: str, values: Values, dialect: Dialect) -> Statement:
        statement = translated(sql, values, dialect)
        self._declare(statement.names)
        if FUNCTION in statement.names:
            self._price(statement.values.values())
        return statement

    def _cursor(self) -> Any:  # noqa: ANN401 - a result stays readable while other statements run
        cursor = self._db.cursor()
        cursor.execute("SET search_path = 'main,lake'")
        return cursor

    def _typed(self, cursor: Any, statement: Statement) -> str:  # noqa: ANN401
        """Return the statement with whole numbers of 64 bits, where it yields other ones."""
        if not statement.sql.lstrip().startswith(("SELECT", "WITH")):
            return statement.sql
        types = _types(cursor, statement)
        if not _AS_INTEGER.intersection(types):
            return statement.sql
        names = [f"c{at}" for at in range(len(types))]
        picked = (f"CAST({n} AS BIGINT)" if kind in _AS_INTEGER else n for n, kind in zip(names, types, strict=True))
        return f"SELECT {', '.join(picked)} FROM ({statement.sql}) AS found({', '.join(names)})"

    def _price(self, values: Iterable[Any]) -> None:
        """Store the automatic prices of the days among the values of a statement."""
        rows = self._prices.of_days(self, values)
        self.executemany("INSERT INTO lake.automatic_price SELECT ?, ?, ?", rows)

    def _declare_table(self, name: str, sql: str) -> None:
        self._db.execute(f"CREATE OR REPLACE VIEW lake.{name} AS {sql}")

    def _declare_function(self, name: str) -> None:
        if name in MACROS:
            self._declare(words(MACROS[name]))
            self._db.execute(f"CREATE MACRO lake.{MACROS[name]}")


def _types(cursor: Any, statement: Statement) -> list[str]:  # noqa: ANN401
    return [row[1] for row in cursor.execute(f"DESCRIBE {statement.sql}", statement.values).fetchall()]
