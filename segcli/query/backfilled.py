"""Classes that rules give for earlier days, as `rules apply --backfill` stored them.

The classes that accounts really had are in class_history. The last backfill of a field and a day counts.
"""

from datetime import date
from typing import NamedTuple

from segcli.base.errors import UsageError
from segcli.domain.catalogue import Catalogue
from segcli.domain.clause import Clause
from segcli.query import presence
from segcli.storage.reader import Reader

_SHOWN = 4  # days in a message
# The backfill of a field and a day that counts.
LAST = "(SELECT b.id FROM class_backfill AS b WHERE b.field = {field} AND b.class_date = {day} ORDER BY b.run_id DESC LIMIT 1)"


class Backfill(NamedTuple):
    """The calculated classes of a field on a day: their id, and the run that stored them."""

    id: int
    run_id: int


def days(db: Reader, field: int) -> dict[str, Backfill]:
    """Return the days for which classes of a field were calculated, in order, each with the backfill that counts."""
    sql = "SELECT class_date, id, run_id FROM class_backfill WHERE field = ? ORDER BY class_date, run_id"
    return {day: Backfill(*found) for day, *found in db.execute(sql, (field,))}


def on(db: Reader, catalogue: Catalogue, field: int, day: date) -> Backfill:
    """Return the backfill of a field and a day. Raise UsageError if no classes were calculated for it."""
    known = days(db, field)
    if str(day) not in known:
        last = f"the last calculated days are {', '.join(list(known)[-_SHOWN:])}"
        hint = last if known else "calculate them: segcli rules apply FILE --backfill MONTHS"
        raise UsageError(f"no classes of {catalogue.label(field)} were calculated for {day}", hint)
    return known[str(day)]


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
