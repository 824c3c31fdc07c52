"""Classes in the past: two-valued conditions on class changes, and accounts with the classes of an earlier day.

A change takes effect when its run starts. An account has its initial value from the run that added it: the old value of
its first change, else its present value.
"""

from collections.abc import Sequence
from datetime import date

from segcli.domain.catalogue import FIELDS
from segcli.domain.clause import EVERYTHING, Clause, both, either
from segcli.query.presence import NEXT_DAY
from segcli.storage import temporary_views
from segcli.storage.reader import Reader

Ids = tuple[int, ...] | None  # ids of class values; None: the class is empty
ANY: Ids = ()  # no condition
_CHANGES = """EXISTS (SELECT 1 FROM classification_change AS h JOIN run AS r ON r.id = h.run_id WHERE h.account_id = a.id
   AND h.field = {field} AND ({condition}))"""
# The value at a moment: the old value of the first later change, else the present value; none before the account existed.
_FIRST = """(SELECT h.old_value_id FROM classification_change AS h JOIN run AS r ON r.id = h.run_id WHERE h.account_id = a.id
   AND h.field = {field} AND r.started_at >= ? ORDER BY h.id LIMIT 1)"""


def was(field: int, ids: Ids, way: str, days: Sequence[str]) -> Clause:
    """Return the condition that a class had one of the values: ever, before or after a day, or between two days."""
    now = _is(f"a.class{field}", ids)
    if not way:
        return either((now, _changes(field, either((_is("h.old_value_id", ids), _is("h.new_value_id", ids))))))
    if way == "before":
        return either(
            (
                _on(field, ids, days[0]),
                _changes(field, both((_is("h.old_value_id", ids), Clause("r.started_at < ?", (days[0],))))),
            )
        )
    if way == "after":
        later = Clause("r.started_at >= ?", (days[0] + NEXT_DAY,))
        return either((now, _changes(field, both((_is("h.old_value_id", ids), later)))))
    first, last = days
    within = Clause("r.started_at >= ? AND r.started_at < ?", (first, last + NEXT_DAY))
    return either((_on(field, ids, first), _changes(field, both((_is("h.new_value_id", ids), within)))))


def changed(field: int, old: Ids, new: Ids, since: str) -> Clause:
    """Return the condition that a class changed from one of the old to one of the new values, since a day if given."""
    parts = [_is(f"h.{column}_value_id", ids) for column, ids in (("old", old), ("new", new)) if ids != ANY]
    if since:
        parts.append(Clause("r.started_at >= ?", (since,)))
    return _changes(field, both(parts) if parts else EVERYTHING)


def _on(field: int, ids: Ids, day: str) -> Clause:
    """Return the condition that a class had one of the values at the start of a day."""
    later = _changes(field, Clause("r.started_at >= ?", (day,)))
    value = _is(_FIRST.format(field=int(field)), ids, (day,))
    there = Clause("NOT EXISTS (SELECT 1 FROM run AS n WHERE n.id = a.added_run_id AND n.started_at >= ?)", (day,))
    return both((there, either((both((later, value)), both((later.negated(), _is(f"a.class{field}", ids)))))))


def _changes(field: int, condition: Clause) -> Clause:
    return Clause(_CHANGES.format(field=int(field), condition=condition.sql), condition.values)


def _is(column: str, ids: Ids, bound: tuple[str, ...] = ()) -> Clause:
    """Return the two-valued condition that a column is one of the values; `bound` holds the column's own bound values."""
    if ids is None:
        return Clause(f"{column} IS NULL", bound)
    return Clause(f"coalesce({column} IN ({', '.join('?' * len(ids))}), FALSE)", (*bound, *ids))


def value_on(field: int, day: str) -> Clause:
    """Return the id of a class value at the end of a day: 0 for none, -1 if the account did not exist yet."""
    end = day + NEXT_DAY
    first = _FIRST.format(field=int(field))
    there = "EXISTS (SELECT 1 FROM run AS n WHERE n.id = a.added_run_id AND n.started_at >= ?)"
    later = _changes(field, Clause("r.started_at >= ?"))
    sql = f"CASE WHEN {there} THEN -1 WHEN {later.sql} THEN coalesce({first}, 0) ELSE coalesce(a.class{int(field)}, 0) END"
    return Clause(sql, (end, end, end))


def stand(db: Reader, day: str) -> None:
    """Mask `account` with a temporary view that has the classes of the end of a day, for this connection."""
    temporary_views.lift(db)
    temporary_views.cast(db, then(db, day))


def then(db: Reader, day: str) -> dict[int, str]:
    """Return the SQL of the classes of `main.account AS x` at the end of a day, by field.

    A temporary table holds the changes since then, so that unchanged accounts cost almost nothing. Accounts added later have
    no classes. The day is an ISO date.
    """
    end = date.fromisoformat(day).isoformat() + NEXT_DAY
    db.execute("DROP TABLE IF EXISTS temp.class_then")
    db.execute(
        "CREATE TEMP TABLE class_then (account_id INTEGER NOT NULL, field INTEGER NOT NULL, value_id INTEGER,"
        " PRIMARY KEY (account_id, field)) WITHOUT ROWID"
    )
    db.execute(
        "INSERT INTO temp.class_then SELECT h.account_id, h.field, h.old_value_id FROM classification_change AS h WHERE h.id IN"
        " (SELECT min(c.id) FROM classification_change AS c JOIN run AS r ON r.id = c.run_id WHERE r.started_at >= ?"
        " GROUP BY c.account_id, c.field)",
        (end,),
    )
    later = f"x.added_run_id IN (SELECT r.id FROM main.run AS r WHERE r.started_at >= '{end}')"
    held = "temp.class_then AS t WHERE t.account_id = x.id AND t.field = "
    return {
        field: f"CASE WHEN {later} THEN NULL WHEN EXISTS (SELECT 1 FROM {held}{field}) THEN (SELECT t.value_id FROM {held}{field})"
        f" ELSE x.class{field} END"
        for field in FIELDS
    }
