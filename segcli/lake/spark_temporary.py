"""Temporary tables and views of a connection to Spark: views over data of the client, or over the rows of a query.

These statements of segcli are understood; `temp.` may stand before a name:

    CREATE TEMP TABLE name (column TYPE …, PRIMARY KEY (…))
    INSERT INTO name SELECT …                                   the rows of a query, or ? for rows of values
    INSERT OR IGNORE INTO name (key) SELECT ?                   keys that are not there yet
    CREATE TEMP VIEW name AS SELECT …                           may mask a table of the lake
    DROP TABLE IF EXISTS name, DROP VIEW IF EXISTS name
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from segcli.lake.spark_dialect import TYPES
from segcli.lake.tokens import Group, Node, Token, arguments, is_space, parsed
from segcli.lake.translate import node_text

_TYPES = {"INTEGER": "int64", "REAL": "double", "TEXT": "string"}  # Arrow's names
_NO_COLUMNS = {"PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}
_NAME_AT = {"CREATE": 3, "DROP": 4}  # CREATE TEMP TABLE name, DROP TABLE IF EXISTS name


@dataclass
class _Table:
    """A temporary table: its columns with their types, and its rows so far."""

    columns: Mapping[str, str]
    rows: Any  # a DataFrame
    kept: list[Any] = field(default_factory=list)  # DataFrames that are cached on the server


class Temporary:
    """The temporary tables and views of a session. `query` returns the DataFrame of a statement with values."""

    def __init__(self, session: Any, query: Callable[[str, Any], Any], unmask: Callable[[str], None]) -> None:  # noqa: ANN401
        self._session = session
        self._query = query
        self._unmask = unmask
        self._tables: dict[str, _Table] = {}

    def execute(self, sql: str, values: Any) -> bool:  # noqa: ANN401 - named or numbered values
        """Run a statement if it is one of these; tell whether it was."""
        nodes = [node for node in parsed(sql) if not is_space(node)]
        words = [node.word if isinstance(node, Token) else "" for node in nodes]
        if words[0] not in {"CREATE", "DROP", "INSERT"}:
            return False
        if words[0] == "INSERT":
            name, at = _inserted(nodes)
            self._append(name, self._query(_rest(sql, nodes, at), values))
        elif words[1] == "TABLE" or words[2] == "TABLE":
            declared = next((node for node in nodes if isinstance(node, list)), [])
            self._table(words[0], _named(nodes[_NAME_AT[words[0]]]), declared)
        elif words[0] == "CREATE":
            self._query(_rest(sql, nodes, words.index("AS") + 1), values).createOrReplaceTempView(_named(nodes[3]))
        else:
            self._unmask(_named(nodes[4]))
        return True

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run INSERT for rows of values."""
        nodes = [node for node in parsed(sql) if not is_space(node)]
        name, at = _inserted(nodes)
        table = self._tables[name]
        named = nodes[at - 1]
        columns = [_text(part) for part in arguments(named)] if isinstance(named, list) else list(table.columns)
        held = [tuple(row) for row in rows]
        if not held:
            return
        new = self._local({c: table.columns[c] for c in columns}, held)
        if _is_word(nodes[1], "OR"):
            new = new.dropDuplicates().join(table.rows.select(columns), columns, "left_anti")
        self._append(name, new)

    def close(self) -> None:
        """Free what is cached on the server."""
        for name in list(self._tables):
            self._drop(name)

    def _table(self, verb: str, name: str, declared: Group) -> None:
        self._drop(name)
        if verb == "CREATE":
            columns = {}
            for part in arguments(declared):
                words = [node for node in part if isinstance(node, Token) and node.kind == "name"]
                if words[0].word not in _NO_COLUMNS:
                    columns[words[0].text] = _TYPES[words[1].word]
            self._tables[name] = _Table(columns, self._local(columns, []))
            self._tables[name].rows.createOrReplaceTempView(name)

    def _append(self, name: str, rows: Any) -> None:  # noqa: ANN401 - a DataFrame
        """Add rows to a table. Columns that the rows do not have are NULL."""
        table = self._tables[name]
        if len(rows.columns) == len(table.columns):
            rows = rows.toDF(*table.columns)
        new = rows.persist()
        table.kept.append(new)
        table.rows = table.rows.unionByName(new, allowMissingColumns=True)
        table.rows.createOrReplaceTempView(name)

    def _local(self, columns: Mapping[str, str], rows: list[tuple[Any, ...]]) -> Any:  # noqa: ANN401 - a DataFrame
        """Return rows of values as a DataFrame."""
        import pyarrow as pa

        if not rows:  # Spark wants a first row to know their types
            shown = ", ".join(f"CAST(NULL AS {TYPES[kind]}) AS {name}" for name, kind in columns.items())
            return self._session.sql(f"SELECT {shown} WHERE FALSE")
        schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in columns.items()])
        arrays = [pa.array(values, kind) for values, kind in zip(zip(*rows, strict=True), schema.types, strict=True)]
        return self._session.createDataFrame(pa.Table.from_arrays(arrays, schema=schema))

    def _drop(self, name: str) -> None:
        for frame in self._tables.pop(name, _Table({}, None)).kept:
            frame.unpersist()


def _inserted(nodes: Sequence[Node]) -> tuple[str, int]:
    """Return the name of the table of an INSERT, and the place of its SELECT."""
    words = [node.word if isinstance(node, Token) else "" for node in nodes]
    return _named(nodes[words.index("INTO") + 1]), words.index("SELECT")


def _is_word(node: Node, word: str) -> bool:
    """Tell whether a node is this keyword."""
    return isinstance(node, Token) and node.word == word


def _named(node: Node) -> str:
    return node_text(node).removeprefix("temp.")


def _text(group: Group) -> str:
    return "".join(map(node_text, group)).strip()


def _rest(sql: str, nodes: Sequence[Node], at: int) -> str:
    """Return the text of a statement from a node on, which is its first SELECT."""
    return sql[sql.index(node_text(nodes[at])) :]
