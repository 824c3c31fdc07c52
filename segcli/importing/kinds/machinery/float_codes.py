"""Codes that a program wrote as numbers with a decimal: 17850.0 is 17850 if every value of its column ends in .0."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from segcli.importing.kinds.machinery.kind_definition import ColumnMap
from segcli.importing.kinds.machinery.stage import Stage

_TAIL = ".0"


def may_have(mapping: ColumnMap, sample: Sequence[Sequence[str | None]]) -> bool:
    """Tell whether the first rows of a file have such a column."""
    places = [mapping.places[name] for name in _codes(mapping)]
    columns = ([text for row in sample if (text := (row[at] or "").strip())] for at in places)
    return any(texts and all(map(_is_float, texts)) for texts in columns)


def shorten(stage: Stage) -> None:
    """Remove the .0 from the staged codes of such columns, with a note; derived columns are computed again."""
    found = [name for name in _codes(stage.mapping) if _has_only_floats(stage, name)]
    for name in found:
        column = stage.header[stage.mapping.places[name]]
        example = stage.execute(
            f'SELECT "{name}" FROM {{stage}} WHERE "{name}" IS NOT NULL ORDER BY n LIMIT 1'
        ).fetchone()[0]
        stage.execute(f'UPDATE {{stage}} SET "{name}" = substr("{name}", 1, length("{name}") - {len(_TAIL)})')
        stage.notes.append(f"every {column} ends in {_TAIL}: {example} is read as {example.removesuffix(_TAIL)}")
    if found:
        _derive(stage)


def _codes(mapping: ColumnMap) -> Iterable[str]:
    return [f.name for f in mapping.kind.fields if f.type == "code" and f.name in mapping.places]


def _is_float(text: str) -> bool:
    return text.endswith(_TAIL) and text.removesuffix(_TAIL).isascii() and text.removesuffix(_TAIL).isdigit()


def _has_only_floats(stage: Stage, name: str) -> bool:
    """Tell whether the column has values and all are digits with .0; the first other value ends the search."""
    body = f'substr("{name}", 1, length("{name}") - {len(_TAIL)})'
    other = f"\"{name}\" NOT LIKE '%_{_TAIL}' OR {body} GLOB '*[^0-9]*'"
    sql = f'SELECT EXISTS (SELECT 1 FROM {{stage}} WHERE {{0}}), EXISTS (SELECT 1 FROM {{stage}} WHERE "{name}" IS NOT NULL)'
    is_other, is_any = stage.execute(sql.replace("{0}", other)).fetchone()
    return bool(is_any and not is_other)


def _derive(stage: Stage) -> None:
    """Compute the derived columns again, from the shortened codes."""
    names = [name for name in stage.fields if name not in stage.kind.derived]
    makers: Mapping[str, Any] = {name: make(names) for name, make in stage.kind.derived.items()}
    if not makers:
        return
    columns = ", ".join(f'"{name}"' for name in names)
    rows = stage.execute(f"SELECT n, {columns} FROM {{stage}}")
    assigned = ", ".join(f'"{name}" = ?' for name in makers)
    fresh = ((*[make(values) for make in makers.values()], n) for n, *values in rows)
    stage.db.executemany(f"UPDATE {stage.table} SET {assigned} WHERE n = ?", fresh)
