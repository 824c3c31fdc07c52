"""Receivables files that state open or paid amounts: they settle their items up to their date, bank payments included.

Its date is the last invoice or payment date in it, at most the day of the import.
"""

from collections.abc import Sequence
from itertools import pairwise

from segcli.base.text import counted
from segcli.importing.kinds.machinery import bank_booking
from segcli.importing.kinds.machinery.bank_booking import OURS
from segcli.importing.kinds.machinery.item_sql import JOINED, Given
from segcli.importing.kinds.machinery.stage import Stage

# The amount of an item `t` that bank payments paid.
BANK_PAID = f"coalesce((SELECT sum(b.amount) FROM allocation AS b WHERE b.item_id = t.id AND b.{OURS}), 0)"


def states_paid(stage: Stage) -> bool:
    """Tell whether a file states open or paid amounts."""
    return stage.has("open") or stage.has("allocated")


def take_off(stage: Stage) -> tuple[str, ...]:
    """Release bank payments from the items that a file changes or settles; return notes. They are matched again later."""
    if not bank_booking.any_payment(stage.db):
        return ()
    changed = "t.amount <> s.final_amount"
    items = f"SELECT t.id FROM {JOINED} WHERE {changed}"
    settled = 0
    if states_paid(stage):
        paid = Given.staged(stage.fields).paid("s.final_amount")
        other = f"{paid} <> t.amount - t.open_amount - {BANK_PAID}"
        items = f"SELECT t.id FROM {JOINED} WHERE {changed} OR {other}"
        every = f"SELECT t.id FROM {JOINED} WHERE {paid} IS NOT NULL"
        settled = bank_booking.take_off_items(stage.db, every.replace("{stage}", stage.table), last_day(stage))
    settled += bank_booking.take_off_items(stage.db, items.replace("{stage}", stage.table))
    if not settled:
        return ()
    verb = stage.verb("replaced", "would be replaced")
    return (f"{counted(settled, 'bank payment')} {verb}: the file says what is paid up to {last_day(stage)}",)


def note(stage: Stage) -> int:
    """Store the day up to which the file settles its items, by ranges of item ids; return the number of new or later statements."""
    if not states_paid(stage):
        return 0
    before = _stored(stage)
    paid = Given.staged(stage.fields).paid("s.final_amount")
    day = last_day(stage)
    stage.execute("DROP TABLE IF EXISTS temp.settled_item")
    stage.execute("CREATE TEMP TABLE settled_item (id INTEGER PRIMARY KEY)")
    stage.execute(f"INSERT OR IGNORE INTO temp.settled_item SELECT t.id FROM {JOINED} WHERE {paid} IS NOT NULL")
    first, last = (
        "SELECT id, row_number() OVER (ORDER BY id) AS range FROM temp.settled_item AS s"
        f" WHERE NOT EXISTS (SELECT 1 FROM temp.settled_item AS o WHERE o.id = s.id {step} 1)"
        for step in "-+"
    )
    stage.execute(
        "INSERT INTO receivables_statement (first_item_id, last_item_id, statement_date, import_date)"
        f" SELECT f.id, l.id, ?1, ?2 FROM ({first}) AS f JOIN ({last}) AS l USING (range) WHERE 1"
        " ON CONFLICT DO UPDATE SET import_date = max(import_date, excluded.import_date)",
        *(day, stage.options.today),
    )
    stage.execute("DROP TABLE temp.settled_item")
    _forget_covered(stage, day)
    return len(_stored(stage) - before)


def _stored(stage: Stage) -> set[tuple[int, int, str, str]]:
    sql = "SELECT first_item_id, last_item_id, statement_date, import_date FROM receivables_statement"
    return set(stage.execute(sql).fetchall())


def note_all(stage: Stage, unstated: Sequence[int]) -> None:
    """Store that day for a file that was loaded into empty tables, whose items are all items; some state nothing of what is paid."""
    if not states_paid(stage):
        return
    first, last, day = stage.execute(
        "SELECT min(id), max(id), min(max(max(invoice_date), coalesce((SELECT max(allocation_date) FROM allocation), '')), ?)"
        " FROM outstanding_item",
        stage.options.today,
    ).fetchone()
    if first is None:
        return
    edges = [first - 1, *sorted(unstated), last + 1]
    ranges = [(low + 1, high - 1) for low, high in pairwise(edges) if high - low > 1]
    stage.db.executemany(
        "INSERT INTO receivables_statement (first_item_id, last_item_id, statement_date, import_date) VALUES (?, ?, ?, ?)",
        ((low, high, day, stage.options.today) for low, high in ranges),
    )


def last_day(stage: Stage) -> str:
    """Return the last day in the file, at most the day of the import."""
    last = "max(coalesce(max(final_invoice_date), ''), coalesce(max(allocation_date), ''))"
    if not stage.has("allocation_date"):
        last = "coalesce(max(final_invoice_date), '')"
    return str(stage.execute(f"SELECT min({last}, ?) FROM {{stage}}", stage.options.today).fetchone()[0])


def _forget_covered(stage: Stage, day: str) -> None:
    """Delete earlier statements of items that a range of this day covers."""
    stage.execute(
        """DELETE FROM receivables_statement WHERE statement_date < ?1 AND import_date <= ?2 AND EXISTS
            (SELECT 1 FROM receivables_statement AS n WHERE n.statement_date = ?1 AND n.first_item_id <= receivables_statement.first_item_id
                AND n.last_item_id >= receivables_statement.last_item_id)""",
        *(day, stage.options.today),
    )
