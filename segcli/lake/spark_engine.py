"""Spark over the lake, by Spark Connect: a connection that takes segcli's SQL as a connection to SQLite does.

The server reads the files of the lake, and rows come as they are needed, in batches. The client needs no Java.
"""

import re
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from weakref import WeakSet

from segcli.base.errors import SegcliError
from segcli.lake import derived, tables
from segcli.lake.automatic_prices import FUNCTION, Prices
from segcli.lake.declaring import Declaring, words
from segcli.lake.manifest import Part
from segcli.lake.spark_dialect import (
    COLUMNS,
    FUNCTIONS,
    LETTERS,
    LOOKUPS,
    MASKED,
    OWN,
    PRICES,
    SPARK,
    TYPES,
    VIEWS,
    folding,
)
from segcli.lake.spark_temporary import Temporary
from segcli.lake.translate import Statement, Values, translated

_OVERFLOW = re.compile(r"OVERFLOW|OUT_OF_RANGE")
_NOT_FOUND = re.compile(r"PATH_NOT_FOUND|FILE_NOT_EXIST")
_LAKE = "lake.url in the configuration says where the cluster finds the lake"
_LINES = "subscription_line"
_PRICED = f"SELECT l.*, p.{PRICES} FROM {OWN}{_LINES} AS l LEFT JOIN automatic_price AS p ON p.line = l.id"


class Found:
    """The rows of a statement, read as they are needed."""

    def __init__(self, frame: Any, engine: "Spark") -> None:  # noqa: ANN401 - a DataFrame
        self._engine = engine
        self._rows = self._read(frame)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:  # noqa: D105
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, None after the last."""
        return next(self._rows, None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that were not read yet."""
        return list(self._rows)

    def close(self) -> None:
        """Stop reading; the server forgets the rows that are left."""
        self._rows.close()

    def _read(self, frame: Any) -> Generator[tuple[Any, ...], None, None]:  # noqa: ANN401
        with self._engine.errors():
            truths = [at for at, (_, kind) in enumerate(frame.dtypes) if kind == "boolean"]
            rows = frame.toLocalIterator()
            try:
                for row in rows:
                    yield _whole(row, truths) if truths else tuple(row)
            finally:
                rows.close()


def _whole(row: Sequence[Any], truths: Iterable[int]) -> tuple[Any, ...]:
    """Return a row with its truth values as 1 and 0."""
    cells = list(row)
    for at in truths:
        cells[at] = None if cells[at] is None else int(cells[at])
    return tuple(cells)


class Source(NamedTuple):
    """What a connection answers from: the tables of the lake, given the function that returns the SQL of files, and more."""

    tables: Callable[[Callable[[Sequence[Part]], str]], Mapping[str, Callable[[], str]]]
    prices: Prices
    database: sqlite3.Connection | None  # the one database, if there is one
    administrations: Sequence[str]


class Spark(Declaring):
    """A connection to Spark in which the tables of a lake are views, declared when a statement names them.

    `place` returns where the server finds a file.
    """

    def __init__(self, session: Any, source: Source, place: Callable[[Part], str]) -> None:  # noqa: ANN401 - a SparkSession
        from pyspark import errors

        self._errors = errors
        super().__init__(source.tables(self._files))
        self._session = session
        self._prices = source.prices
        self._place = place
        self.database = source.database
        self.administrations = source.administrations
        with self.errors():
            self.name = f"Spark {session.version}"
        self._priced: dict[int, dict[str, int | None]] = {}
        self._open: WeakSet[Found] = WeakSet()
        self._dialect = SPARK
        self._temporary = Temporary(session, self._frame, self._unmask)

    def execute(self, sql: str, values: Values = ()) -> Found:
        """Run a statement and return its rows."""
        with self.errors():
            is_done = self._temporary.execute(sql, values)
            found = Found(self._session.sql("SELECT 1 WHERE FALSE") if is_done else self._frame(sql, values), self)
        self._open.add(found)
        return found

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run INSERT … SELECT ?, ? for each row of values."""
        with self.errors():
            self._temporary.executemany(sql, rows)

    def plan(self, sql: str, values: Values = ()) -> list[str]:
        """Return the statement in Spark's SQL and its plan, as lines."""
        with self.errors():
            statement = self._translated(sql, values)
            found = self._session.sql(f"EXPLAIN FORMATTED {statement.sql}", args=statement.values).collect()
        return [*statement.sql.splitlines(), "", *found[0][0].splitlines()]

    def close(self) -> None:
        """End the session."""
        with self.errors():
            for found in list(self._open):
                found.close()
            self._temporary.close()
            self._session.stop()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Raise what SQLite raises for a sum beyond 64 bits, else SegcliError with what Spark says."""
        try:
            yield
        except self._errors.PySparkException as error:
            told = _line(error)
            if _OVERFLOW.search(told):
                raise sqlite3.OperationalError("integer overflow") from error
            hint = _LAKE if _NOT_FOUND.search(told) else ""
            raise SegcliError(f"Spark: {told}", hint) from error

    def _frame(self, sql: str, values: Values) -> Any:  # noqa: ANN401 - a DataFrame
        statement = self._translated(sql, values)
        return self._session.sql(statement.sql, args=statement.values)

    def _translated(self, sql: str, values: Values) -> Statement:
        statement = translated(sql, values, self._dialect)
        if "fold" in statement.names and self._dialect is SPARK:
            self._declare(["text_form"])
            self._dialect = folding(row[0] for row in self._session.sql(LETTERS).collect())
            statement = translated(sql, values, self._dialect)
        self._declare(statement.names)
        if FUNCTION in statement.names:
            self._price(statement.values.values())
        return statement

    def _price(self, values: Iterable[Any]) -> None:
        """Join the automatic prices of the days among the values of a statement to their lines."""
        rows = list(self._prices.of_days(self, values))
        for line, day, amount in rows:
            self._priced.setdefault(line, {})[day] = amount
        if rows or PRICES not in self._declared:
            self._declared.add(PRICES)
            schema = f"line BIGINT, {PRICES} MAP<STRING, BIGINT>"
            self._session.createDataFrame(list(self._priced.items()), schema).createOrReplaceTempView("automatic_price")
            self._session.sql(_PRICED).createOrReplaceTempView(_LINES)

    def _declare_table(self, name: str, sql: str) -> None:
        frame = self._session.sql(sql)
        frame.createOrReplaceTempView(f"{OWN}{name}")
        frame.createOrReplaceTempView(name)

    def _declare_function(self, name: str) -> None:
        if name in VIEWS:
            self._declare(words(VIEWS[name]))
            self._session.sql(VIEWS[name]).createOrReplaceTempView(name)
        elif name == COLUMNS:
            self._declare(MASKED)
            found = [(table, column) for table in MASKED for column in self._session.table(table).columns]
            self._session.createDataFrame(found, "found_table STRING, name STRING").createOrReplaceTempView(name)
        elif name in LOOKUPS:
            self._declare([LOOKUPS[name]])
        elif name in FUNCTIONS:
            self._declare(word for word in words(FUNCTIONS[name]) if word in FUNCTIONS)
            self._session.sql(f"CREATE OR REPLACE TEMPORARY FUNCTION {FUNCTIONS[name]}")

    def _unmask(self, name: str) -> None:
        """Let a name stand for the table of the lake again."""
        if name in self._declared:
            self._session.table(f"{OWN}{name}").createOrReplaceTempView(name)

    def _files(self, parts: Sequence[Part]) -> str:
        """Return the name of a view of files. Their columns are told, so that Spark need not read a file to know them."""
        name = f"files_of_{_table(parts[0])}".replace(".", "_")
        reader = self._session.read.schema(_schema(parts[0]))
        reader.parquet(*map(self._place, parts)).createOrReplaceTempView(name)
        return name


def _table(part: Part) -> str:
    return part.path.name.partition("-")[0]


def _schema(part: Part) -> str:
    """Return the columns of a file with their types."""
    name = _table(part)
    if name.endswith(tables.TEXTS):
        columns: Iterable[tuple[str, str]] = derived.TEXT_COLUMNS
    else:
        columns = derived.MAIL_COLUMNS if name == tables.MAIL_FORM else tables.sources()[name].columns.items()
    return ", ".join(f"{column} {TYPES[kind]}" for column, kind in columns)


def _line(error: Exception) -> str:
    return str(error).splitlines()[0]
