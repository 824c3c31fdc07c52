"""From a staging table into a table of the database: what is new, what differs, what is the same. Set by set."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from segcli.importing.kinds.machinery.bulk import loading
from segcli.importing.kinds.machinery.stage import Counts, Stage

_UNTOLD = frozenset({"is_base_derived", "is_rate_stated"})  # where an amount or a rate comes from: no field of a file


@dataclass(frozen=True, slots=True)
class Target:
    """Where staged rows go.

    `match` is the condition on the table `t` and the stage `s` by which a row is known again. `columns` are the
    table's columns with the SQL over `s` that fills them; `defaults` those of new rows only. Where a carried value
    is empty and the column must not be (`required`), the old value stays.
    """

    table: str
    match: str
    columns: Mapping[str, str]
    defaults: Mapping[str, str] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    keys: Sequence[str] = ()  # columns that are never updated
    follows: frozenset[str] = frozenset({"search_text"})  # columns that only differ where another one does

    @property
    def updated(self) -> dict[str, str]:
        """Return the columns that an update may change, with the SQL of their new values."""
        return {
            column: f"coalesce({sql}, t.{column})" if column in self.required else sql
            for column, sql in self.columns.items()
            if column not in self.keys
        }


def upsert(stage: Stage, target: Target) -> Counts:
    """Insert what is new, update what differs, and return the counts. Needs the open transaction."""
    is_empty = not stage.execute(f"SELECT EXISTS (SELECT 1 FROM {target.table})").fetchone()[0]
    total = stage.count()
    if is_empty:
        with loading(stage, (target.table,)):
            insert(stage, target, "1")
        return Counts(added=total)
    _match(stage, target)
    compared = {column: sql for column, sql in target.updated.items() if column not in target.follows}
    differing = " OR ".join(f"t.{column} IS NOT {sql}" for column, sql in compared.items()) or "0"
    stage.execute("DROP TABLE IF EXISTS temp.differing")
    stage.execute(
        f"CREATE TEMP TABLE differing AS SELECT s.n, t.id FROM {{stage}} AS s JOIN temp.matched AS m ON m.n = s.n"
        f" JOIN {target.table} AS t ON t.id = m.id WHERE {differing}"
    )
    fields = _fields(stage, target)
    changed = _update(stage, target, fields)
    known = int(stage.execute("SELECT count(*) FROM temp.matched").fetchone()[0])
    if known < total:
        insert(stage, target, "s.n NOT IN (SELECT n FROM temp.matched)")
    told = {column: count for column, count in fields.items() if column not in _UNTOLD}
    return Counts(total - known, changed, known - changed, told)


def _match(stage: Stage, target: Target) -> None:
    stage.execute("DROP TABLE IF EXISTS temp.matched")
    stage.execute("CREATE TEMP TABLE matched (n INTEGER PRIMARY KEY, id INTEGER NOT NULL)")
    stage.execute(
        f"INSERT INTO temp.matched SELECT s.n, t.id FROM {{stage}} AS s CROSS JOIN {target.table} AS t ON {target.match}"
    )


def _fields(stage: Stage, target: Target) -> dict[str, int]:
    """Return how many of the differing rows differ in each column."""
    updated = {column: sql for column, sql in target.updated.items() if column not in target.follows}
    if not updated or not stage.execute("SELECT EXISTS (SELECT 1 FROM temp.differing)").fetchone()[0]:
        return {}
    sums = ", ".join(f"total(t.{column} IS NOT {sql})" for column, sql in updated.items())
    row = stage.execute(
        f"SELECT {sums} FROM temp.differing AS d JOIN {{stage}} AS s ON s.n = d.n JOIN {target.table} AS t ON t.id = d.id"
    ).fetchone()
    return {column: int(count) for column, count in zip(updated, row, strict=True) if count}


def _update(stage: Stage, target: Target, differing: Iterable[str]) -> int:
    """Give the differing rows their new values, column by column only where some row differs in it."""
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
    """Insert the staged rows that meet the condition, in the order of the file."""
    columns = {**target.defaults, **target.columns}
    for column, default in target.defaults.items():
        if column in target.columns:
            columns[column] = f"coalesce({target.columns[column]}, {default})"
    stage.execute(
        f"INSERT INTO {target.table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
        f" FROM {{stage}} AS s WHERE {condition} ORDER BY s.n"
    )


def refuse_duplicates(stage: Stage, keys: Iterable[str], column: str, what: str, fix: str = "") -> None:
    """Reject rows that repeat an earlier one of the same file; both places are named."""
    key = ", ".join(keys)
    is_double = f"SELECT EXISTS (SELECT 1 FROM {stage.table} GROUP BY {key} HAVING count(*) > 1)"
    if not stage.execute(is_double).fetchone()[0]:  # nearly always, and it costs half of what naming them would
        return
    stage.reject(
        f"""SELECT n, place, {column}, first_place FROM (
              SELECT n, place, {column}, row_number() OVER w AS occurrence, first_value(place) OVER w AS first_place
                FROM {stage.table} WINDOW w AS (PARTITION BY {key} ORDER BY n)) WHERE occurrence > 1""",
        column,
        f"{what} stands on line {{0}} already",
        fix,
    )
