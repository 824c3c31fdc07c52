"""Set-based upsert of a staging table: insert new rows, update differing rows, count the rest."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from segcli.importing.kinds.machinery.bulk import loading
from segcli.importing.kinds.machinery.kind_definition import Text
from segcli.importing.kinds.machinery.stage import Counts, Stage

# The staged rows that the last upsert added or changed, as a condition on a stage.
WRITTEN = "(n IN (SELECT n FROM temp.differing) OR n NOT IN (SELECT n FROM temp.matched))"
_UNTOLD = frozenset({"is_base_derived", "is_rate_stated"})  # provenance flags, not fields of a file


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
    follows: frozenset[str] = frozenset({"search_text"})  # updated only along with other columns
    # The columns of the search text and the function that builds it, if the staged text may lack stored values.
    search: tuple[Sequence[str], Text] | None = None

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
    is_empty = not stage.execute(f"SELECT EXISTS (SELECT 1 FROM {target.table})").fetchone()[0]
    total = stage.count()
    _forget(stage)
    if is_empty:
        with loading(stage, (target.table,)):
            insert(stage, target, "1")
        return Counts(added=total)
    _match(stage, target)
    compared = {column: sql for column, sql in target.updated.items() if column not in target.follows}
    differing = " OR ".join(f"t.{column} IS NOT {sql}" for column, sql in compared.items()) or "0"
    stage.execute(
        f"INSERT INTO temp.differing SELECT s.n, t.id FROM {{stage}} AS s JOIN temp.matched AS m ON m.n = s.n"
        f" JOIN {target.table} AS t ON t.id = m.id WHERE {differing}"
    )
    before_update()
    fields = _fields(stage, target)
    changed = _update(stage, target, fields)
    known = int(stage.execute("SELECT count(*) FROM temp.matched").fetchone()[0])
    if known < total:
        insert(stage, target, "s.n NOT IN (SELECT n FROM temp.matched)")
    if target.search:
        _complete_search(stage, target.table, *target.search)
    told = {column: count for column, count in fields.items() if column not in _UNTOLD}
    return Counts(total - known, changed, known - changed, told)


def _complete_search(stage: Stage, table: str, columns: Sequence[str], make: Text) -> None:
    """Build the search texts of the updated rows from the stored values: the file may have only some of the fields."""
    rows = stage.execute(
        f"SELECT t.id, t.search_text, {', '.join(f't.{name}' for name in columns)} FROM temp.differing AS d"
        f" JOIN {table} AS t USING (id)"
    ).fetchall()
    fresh = [(text, number) for number, stored, *values in rows if (text := make(values)) != stored]
    stage.db.executemany(f"UPDATE {table} SET search_text = ? WHERE id = ?", fresh)


def _forget(stage: Stage) -> None:
    """Begin with no matched and no differing rows."""
    for name in ("matched", "differing"):
        stage.execute(f"DROP TABLE IF EXISTS temp.{name}")
        stage.execute(f"CREATE TEMP TABLE {name} (n INTEGER PRIMARY KEY, id INTEGER NOT NULL)")


def _match(stage: Stage, target: Target) -> None:
    stage.execute(
        f"INSERT INTO temp.matched SELECT s.n, t.id FROM {{stage}} AS s CROSS JOIN {target.table} AS t ON {target.match}"
    )


def _fields(stage: Stage, target: Target) -> dict[str, int]:
    """Return the number of differing rows per column."""
    updated = {column: sql for column, sql in target.updated.items() if column not in target.follows}
    if not updated or not stage.execute("SELECT EXISTS (SELECT 1 FROM temp.differing)").fetchone()[0]:
        return {}
    sums = ", ".join(f"total(t.{column} IS NOT {sql})" for column, sql in updated.items())
    row = stage.execute(
        f"SELECT {sums} FROM temp.differing AS d JOIN {{stage}} AS s ON s.n = d.n JOIN {target.table} AS t ON t.id = d.id"
    ).fetchone()
    return {column: int(count) for column, count in zip(updated, row, strict=True) if count}


def _update(stage: Stage, target: Target, differing: Iterable[str]) -> int:
    """Update the differing rows; columns without any difference are left out of the statement."""
    columns = {*differing, *target.follows}
    updated = {column: sql for column, sql in target.updated.items() if column in columns}
    if not differing:
        return 0
    assigned = ", ".join(
        f"{column} = {sql.replace(f't.{column}', f'{target.table}.{column}')}" for column, sql in updated.items()
    )
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
    stage.execute(
        f"INSERT INTO {target.table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
        f" FROM {{stage}} AS s WHERE {condition} ORDER BY s.n"
    )


def refuse_duplicates(stage: Stage, keys: Iterable[str], column: str, fix: str = "") -> None:
    """Reject rows whose key repeats that of an earlier row in the file; the message names both places."""
    key = ", ".join(keys)
    is_double = f"SELECT EXISTS (SELECT 1 FROM {stage.table} GROUP BY {key} HAVING count(*) > 1)"
    if not stage.execute(is_double).fetchone()[0]:  # the usual case; this test costs half of the query below
        return
    stage.reject(
        f"""SELECT n, place, {column}, first_place FROM (
              SELECT n, place, {column}, row_number() OVER w AS occurrence, first_value(place) OVER w AS first_place
                FROM {stage.table} WINDOW w AS (PARTITION BY {key} ORDER BY n)) WHERE occurrence > 1""",
        column,
        "duplicate of line {0}",
        fix,
    )
