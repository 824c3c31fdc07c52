"""The accounts that were reclassified here since a run or a day, each with its changed classes.

A change of an import came from another program and is known there. So the old value of a class is the one that the last import
of the period gave it, else the value at the start of the period. A class whose present value equals its old value is left out.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from segcli.base import dates
from segcli.base.errors import UsageError
from segcli.base.text import is_whole
from segcli.domain.catalogue import FIELDS, Catalogue, Value
from segcli.domain.clause import Clause, in_order
from segcli.domain.reclassification import Move, Reclassified
from segcli.storage.reader import Reader
from segcli.storage.runs import STANDS

_PRESENT = ", ".join(f"a.class{field}" for field in FIELDS)
_NOW = " ".join(f"WHEN {field} THEN a.class{field}" for field in FIELDS)
SQL = f"""WITH span(account_id, field, first_id, imported_id) AS (
  SELECT c.account_id, c.field, min(c.id), max(CASE WHEN r.source = 'import' AND {STANDS.format(run="r")} THEN c.id END)
    FROM classification_change AS c JOIN run AS r ON r.id = c.run_id
   WHERE c.run_id IN (SELECT id FROM run WHERE {{since}}) AND c.field IN (SELECT value FROM json_each(?))
   GROUP BY c.account_id, c.field),
move(account_id, field, old_id) AS (
  SELECT s.account_id, s.field, CASE WHEN s.imported_id IS NULL THEN f.old_value_id ELSE i.new_value_id END
    FROM span AS s JOIN classification_change AS f ON f.id = s.first_id
    LEFT JOIN classification_change AS i ON i.id = s.imported_id)
SELECT a.id, a.code, a.name, a.external_id,
       (SELECT json_group_array(n.reference) FROM (SELECT x.reference FROM account_reference AS x WHERE x.account_id = a.id
         ORDER BY x.id) AS n), {_PRESENT}, m.field, m.old_id
  FROM move AS m JOIN account AS a ON a.id = m.account_id
 WHERE m.old_id IS NOT CASE m.field {_NOW} END AND ({{condition}})
 ORDER BY {in_order("a.code")}, m.field"""


class Since(NamedTuple):
    """The start of a period: a condition on `run`, and the words for it."""

    clause: Clause
    words: str


def since(db: Reader, text: str, today: date) -> Since:
    """Return the start of the period that --changed-since names: a run's number, or a day. It is part of the period."""
    if not is_whole(text):
        day = dates.day_of(text, today, "--changed-since")
        return Since(Clause("started_at >= ?", (str(day),)), f"since {day}")
    last = db.execute("SELECT max(id) FROM run").fetchone()[0]
    if db.execute("SELECT 1 FROM run WHERE id = ?", (int(text),)).fetchone() is None:
        hint = f"the last run is {last}; segcli log lists them" if last else "there are no runs yet"
        raise UsageError(f"--changed-since: there is no run {text}", hint)
    return Since(Clause("id >= ?", (int(text),)), f"since run {text}")


def accounts(
    db: Reader, catalogue: Catalogue, start: Since, condition: Clause, fields: Sequence[int] = FIELDS
) -> Iterator[Reclassified]:
    """Yield the reclassified accounts in the order of their codes.

    `condition` is a condition on `account AS a`. Only changes of `fields` count.
    """
    known = {value.id: value for field in FIELDS for value in catalogue.values(field)}
    rows = db.execute(_sql(start, condition), _bound(start, condition, fields))
    for _, group in groupby(rows, itemgetter(0)):
        yield _account(catalogue, known, list(group))


def changed_fields(db: Reader, start: Since, condition: Clause, fields: Sequence[int] = FIELDS) -> list[int]:
    """Return the classes that changed for any of the accounts."""
    rows = db.execute(
        f"SELECT DISTINCT field FROM ({_sql(start, condition)}) ORDER BY 1", _bound(start, condition, fields)
    )
    return [field for (field,) in rows]


def _sql(start: Since, condition: Clause) -> str:
    return SQL.format(since=start.clause.sql, condition=condition.sql)


def _bound(start: Since, condition: Clause, fields: Sequence[int]) -> tuple[Any, ...]:
    return (*start.clause.values, json.dumps([*fields]), *condition.values)


def _account(catalogue: Catalogue, known: dict[int, Value], rows: Sequence[Sequence[Any]]) -> Reclassified:
    _, code, name, external_id, references, *rest = rows[0]
    present = dict(zip(FIELDS, rest, strict=False))
    values = {field: known[number] for field, number in present.items() if number is not None}
    moves = (Move(f, catalogue.label(f), known.get(old), values.get(f)) for *_, f, old in rows)
    return Reclassified(code, name, external_id or "", tuple(json.loads(references)), tuple(moves), values)


def guids(db: Reader) -> dict[int, str]:
    """Return the GUIDs of class values in Exact Online, by the id of the value."""
    return dict(db.execute("SELECT id, external_id FROM classification_value WHERE external_id IS NOT NULL"))
