"""Set-based upsert of a staging table: insert new rows, update differing rows, count the rest."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from segcli.importing.kinds.machinery.bulk import is_empty, loading
from segcli.importing.kinds.machinery.stage import Counts, Stage

_UNTOLD = frozenset({"is_base_derived", "is_rate_stated"})  # provenance flags, not fields of a file


class Search(NamedTuple):
    """The search text of a table's rows: the columns that it is made of, and the function of their values in this order."""

    columns: Sequence[str]
    make: Callable[[Sequence[Any]], str]

    def sql(self, stage: Stage, values: Mapping[str, str]) -> str:
        """Return the SQL of the search text; `values` is the SQL of the columns, NULL for those that are missing."""
        make = self.make
        stage.db.create_function("search_text", len(self.columns), lambda *found: make(found), deterministic=True)
        return f"search_text({', '.join(values.get(column, 'NULL') for column in self.columns)})"


@dataclass(frozen=True, slots=True)
class Target:
    """The target of an upsert.

    `match` is the SQL condition that finds the record in the table `t` for a row of the stage `s`. `columns` maps
    the table's columns to SQL over `s`; `defaults` apply to new rows only. If a value is NULL and its column is
    `required`, the old value is kept.
    """

    table: str
    match: str
    columns: Mapping[str, str]
    defaults: Mapping[str, str] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    keys: Sequence[str] = ()  # set on insert, never updated
    search: Search | None = None  # how the search text of a row is made

    @property
    def updated(self) -> dict[str, str]:
        """Return the columns that an update may change, with the SQL of their new values."""
        return {
            column: f"coalesce({sql}, t.{column})" if column in self.required else sql
            for column, sql in self.columns.items()
            if column not in self.keys
        }


def upsert(stage: Stage, target: Target, before_update: Callable[[], object] = lambda: None) -> Counts:
    """Insert new rows, update differing rows and return the counts. Needs an open transaction.

    `before_update` is called when temp.differing has the ids of the rows that will be updated.
    """
    is_first = is_empty(stage, target.table)
    total = stage.count()
    _forget(stage)
    if is_first:
        with loading(stage, (target.table,)):
            insert(stage, target, "1")
        return Counts(added=total)
    _compare(stage, target)
    before_update()
    fields = _fields(stage, target)
    changed = _update(stage, target, fields)
    known = int(stage.execute("SELECT count(*) FROM temp.matched").fetchone()[0])
    if known < total:
        insert(stage, target, "s.n NOT IN (SELECT n FROM temp.matched)")
    told = {column: count for column, count in fields.items() if column not in _UNTOLD}
    return Counts(total - known, changed, known - changed, told)


def written(stage: Stage, column: str, counts: Counts) -> str:
    """Return the query of a column of the staged rows that the last upsert added or changed."""
    changed = f"SELECT s.{column} FROM temp.differing AS d JOIN {stage.table} AS s ON s.n = d.n"
    if not counts.added:
        return changed
    return f"{changed} UNION ALL SELECT {column} FROM {stage.table} WHERE n NOT IN (SELECT n FROM temp.matched)"


def _forget(stage: Stage) -> None:
    """Begin with no matched and no differing rows."""
    for name, more in (("matched", ", differs INTEGER NOT NULL"), ("differing", "")):
        stage.execute(f"DROP TABLE IF EXISTS temp.{name}")
        stage.execute(f"CREATE TEMP TABLE {name} (n INTEGER PRIMARY KEY, id INTEGER NOT NULL{more})")


def _compare(stage: Stage, target: Target) -> None:
    """Compare each row with its record: temp.matched gets the rows that have one, temp.differing those that differ from it."""
    differs = " OR ".join(f"t.{column} IS NOT {sql}" for column, sql in target.updated.items()) or "0"
    stage.execute(
        f"INSERT INTO temp.matched SELECT s.n, t.id, {differs} FROM {{stage}} AS s CROSS JOIN {target.table} AS t"
        f" ON {target.match}"
    )
    stage.execute("INSERT INTO temp.differing SELECT n, id FROM temp.matched WHERE differs")


def _fields(stage: Stage, target: Target) -> dict[str, int]:
    """Return the number of differing rows per column."""
    updated = target.updated
    if not updated or not stage.execute("SELECT EXISTS (SELECT 1 FROM temp.differing)").fetchone()[0]:
        return {}
    sums = ", ".join(f"total(t.{column} IS NOT {sql})" for column, sql in updated.items())
    row = stage.execute(
        f"SELECT {sums} FROM temp.differing AS d JOIN {{stage}} AS s ON s.n = d.n JOIN {target.table} AS t ON t.id = d.id"
    ).fetchone()
    return {column: int(count) for column, count in zip(updated, row, strict=True) if count}


def _update(stage: Stage, target: Target, differing: Collection[str]) -> int:
    """Update the differing rows; columns without any difference are left out of the statement."""
    changed = {
        column: sql.replace(f"t.{column}", f"{target.table}.{column}")
        for column, sql in target.updated.items()
        if column in differing
    }
    if not changed:
        return 0
    if target.search and not changed.keys().isdisjoint(target.search.columns):
        kept = {column: f"{target.table}.{column}" for column in target.search.columns}
        changed["search_text"] = target.search.sql(stage, kept | changed)
    assigned = ", ".join(f"{column} = {sql}" for column, sql in changed.items())
    return stage.execute(
        f"UPDATE {target.table} SET {assigned} FROM temp.differing AS d JOIN {{stage}} AS s ON s.n = d.n"
        f" WHERE {target.table}.id = d.id"
    ).rowcount


def insert(stage: Stage, target: Target, condition: str) -> None:
    """Insert the staged rows that meet the condition, in file order."""
    columns = {**target.defaults, **target.columns}
    for column, default in target.defaults.items():
        if column in target.columns:
            columns[column] = f"coalesce({target.columns[column]}, {default})"
    if target.search:
        columns["search_text"] = target.search.sql(stage, columns)
    stage.execute(
        f"INSERT INTO {target.table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
        f" FROM {{stage}} AS s WHERE {condition} ORDER BY s.n"
    )


def refuse_duplicates(stage: Stage, keys: Iterable[str], column: str, fix: str = "") -> None:
    """Reject rows whose key repeats that of an earlier row in the file; the message names both places."""
    names = tuple(keys)
    if not stage.is_repeated(names):  # the usual case
        return
    key = ", ".join(names)
    stage.reject(
        f"""SELECT n, place, {column}, first_place FROM (
              SELECT n, place, {column}, row_number() OVER w AS occurrence, first_value(place) OVER w AS first_place
                FROM {stage.table} WINDOW w AS (PARTITION BY {key} ORDER BY n)) WHERE occurrence > 1""",
        column,
        "duplicate of line {0}",
        fix,
    )


def refuse_mixed_numbers(stage: Stage, keys: Sequence[str], what: str) -> None:
    """Reject lines that have one final_line, because the number of one is the place of another, which has no number.

    `keys` is what a line belongs to, and `what` its name.
    """
    if stage.has("line_number"):
        fix = f"a line without a number has that of its place: number all lines of the {what}, or none"
        refuse_duplicates(stage, (*keys, "final_line"), "line_number", fix)
