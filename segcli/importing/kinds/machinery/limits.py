"""Checks of rows that every kind shares: numbers within their bounds, and no end before the start."""

from segcli.importing.kinds.machinery.kind_definition import CloserLookError
from segcli.importing.kinds.machinery.stage import Stage

BEFORE_START = "this lies before the start, {0}"
AFTER_END = "this lies after the end, {0}"


def refuse(stage: Stage) -> None:
    """Reject staged rows that violate the bounds and spans declared by the kind."""
    for field in stage.kind.fields:
        if field.bound and stage.has(field.name):
            sql = f"SELECT n, place, {field.name} FROM {stage.table} WHERE {field.bound.sql(field.name)}"
            stage.reject(sql, field.name, field.bound.reason)
    known = " OR ".join(f"t.{column} = s.{name}" for name, column in stage.kind.known.items() if stage.has(name))
    for first, last in stage.kind.spans:
        refuse_backwards(stage, first, last, stage.kind.name, known)


def look_closer(stage: Stage) -> None:
    """Raise CloserLookError if a row that was loaded without a stage violates these bounds and spans."""
    columns, carried = stage.targets, stage.has
    wrong = [field.bound.sql(columns[field.name]) for field in stage.kind.fields if field.bound and carried(field.name)]
    spans = (span for span in stage.kind.spans if all(map(carried, span)))
    wrong += [f"{columns[last]} < {columns[first]}" for first, last in spans]
    if wrong and stage.execute(f"SELECT 1 FROM {stage.kind.name} WHERE {' OR '.join(wrong)} LIMIT 1").fetchone():
        raise CloserLookError


def refuse_backwards(stage: Stage, first: str, last: str, table: str, known: str) -> None:
    """Reject rows that end before they start. A date that the file lacks is taken from the `known` record."""
    if not (stage.has(first) or stage.has(last)) or not (known or (stage.has(first) and stage.has(last))):
        return
    start, end = (f"s.{name}" if stage.has(name) else f"t.{name}" for name in (first, last))
    here = "" if stage.has(first) and stage.has(last) else f" JOIN {table} AS t ON {known}"
    column, other, reason = (last, start, BEFORE_START) if stage.has(last) else (first, end, AFTER_END)
    sql = f"SELECT s.n, s.place, s.{column}, {other} FROM {stage.table} AS s{here} WHERE {end} < {start}"
    stage.reject(sql, column, reason)
