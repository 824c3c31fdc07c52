"""Classes that rules give for earlier days, as `rules apply --backfill` stored them.

The classes that accounts really had are in class_history. The last backfill of a field and a day counts.
"""

from segcli.domain.clause import Clause
from segcli.query import presence
from segcli.storage.reader import Reader

# The backfill of a field and a day that counts.
LAST = "(SELECT b.id FROM class_backfill AS b WHERE b.field = {field} AND b.class_date = {day} ORDER BY b.run_id DESC LIMIT 1)"


def days(db: Reader, field: int) -> dict[str, int]:
    """Return the days for which classes of a field were calculated, in order, each with the run that counts."""
    sql = "SELECT class_date, max(run_id) FROM class_backfill WHERE field = ? GROUP BY class_date ORDER BY class_date"
    return dict(db.execute(sql, (field,)).fetchall())


def value_on(field: int, day: str) -> Clause:
    """Return the id of the calculated class of `account AS a` on a day: 0 for none, -1 if the account did not exist yet.

    It is an SQL expression, as that of class_history. The day, an ISO date, is one of `days`.
    """
    last = LAST.format(field=int(field), day="?")
    missing = presence.absent(day)
    return Clause(
        f"coalesce((SELECT v.value_id FROM class_backfill_value AS v WHERE v.class_backfill_id = {last} AND v.account_id = a.id),"
        f" CASE WHEN {missing.sql} THEN -1 ELSE 0 END)",
        (day, *missing.values),
    )
