"""The plan of reminders in temporary tables, which the preview shows and --apply stores."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import count

from segcli.actions.parts.job import Job
from segcli.domain import email_addresses, reasons
from segcli.domain.reminders.plan import Item, Planner, Reminder
from segcli.query.outstanding import outstanding

_TABLES = (
    "DROP TABLE IF EXISTS temp.reminder_plan",
    "DROP TABLE IF EXISTS temp.reminder_plan_line",
    "DROP TABLE IF EXISTS temp.reminder_plan_other",
    # Columns need types: SQLite does not use an index on an untyped column to compare with account.id.
    """CREATE TEMP TABLE reminder_plan (id INTEGER PRIMARY KEY, account_id INTEGER, currency TEXT, level INTEGER, action TEXT,
         language TEXT, open INTEGER, fee INTEGER, interest INTEGER, unallocated INTEGER, also_open INTEGER,
         credits INTEGER, to_pay INTEGER, cause TEXT, reason TEXT, reminder_id INTEGER)""",
    "CREATE INDEX temp.reminder_plan_account ON reminder_plan (account_id)",
    "CREATE INDEX temp.reminder_plan_reminder ON reminder_plan (reminder_id)",
    """CREATE TEMP TABLE reminder_plan_line (plan_id INTEGER, position INTEGER, item_id INTEGER, level INTEGER,
         open INTEGER, interest INTEGER, days INTEGER, PRIMARY KEY (plan_id, position)) WITHOUT ROWID""",
    """CREATE TEMP TABLE reminder_plan_other (plan_id INTEGER, position INTEGER, item_id INTEGER, open INTEGER,
         PRIMARY KEY (plan_id, position)) WITHOUT ROWID""",
)
_ITEMS = f"""{outstanding()}
SELECT o.account_id, o.currency, o.item_id, o.open, o.invoice_date, coalesce(o.due_date, o.invoice_date), i.amount,
       i.base_amount, i.is_disputed, i.is_reminder_blocked,
       (SELECT max(l.level) FROM reminder_line AS l WHERE l.item_id = i.id),
       (SELECT max(r.reminder_date) FROM reminder_line AS l JOIN reminder AS r ON r.id = l.reminder_id WHERE l.item_id = i.id),
       a.is_blocked, a.email, a.language, (SELECT max(r.reminder_date) FROM reminder AS r WHERE r.account_id = a.id),
       CASE WHEN o.open < 0 AND i.amount > 0 THEN o.open ELSE i.open_amount END AS open_now,
       CASE WHEN i.open_amount <> o.open THEN (SELECT max(l.allocation_date) FROM allocation AS l
         WHERE l.item_id = i.id AND l.allocation_date > :as_of) END AS paid_date
  FROM outstanding AS o JOIN outstanding_item AS i ON i.id = o.item_id JOIN account AS a ON a.id = o.account_id
 WHERE o.open <> 0
 ORDER BY o.account_id, o.currency, coalesce(o.due_date, o.invoice_date), o.item_id"""
_BATCH = 500


def prepare(job: Job, planner: Planner) -> None:
    """Make the plan for the selected accounts."""
    for sql in _TABLES:
        job.db.execute(sql)
    rows = job.select(_ITEMS, {"as_of": str(planner.day)})
    for batch in _batches(planner.plan(map(_item, rows))):
        job.db.executemany(
            "INSERT INTO temp.reminder_plan VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            map(_head, batch),
        )
        job.db.executemany(
            "INSERT INTO temp.reminder_plan_line VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(n, at, *line) for n, reminder in batch for at, line in enumerate(reminder.lines)],
        )
        job.db.executemany(
            "INSERT INTO temp.reminder_plan_other VALUES (?, ?, ?, ?)",
            [(n, at, *other) for n, reminder in batch for at, other in enumerate(reminder.others)],
        )


def _batches(reminders: Iterable[Reminder]) -> Iterator[list[tuple[int, Reminder]]]:
    batch: list[tuple[int, Reminder]] = []
    for numbered in zip(count(1), reminders, strict=False):
        batch.append(numbered)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


def _item(row: tuple[object, ...]) -> Item:
    item = Item(*row)  # type: ignore[arg-type]
    return item._replace(email=email_addresses.address(item.email or ""))


def _head(numbered: tuple[int, Reminder]) -> tuple[object, ...]:
    n, r = numbered
    return (
        n,
        r.account_id,
        r.currency,
        r.level,
        r.action,
        r.language,
        r.open,
        r.fee,
        r.interest,
        r.unallocated,
        r.also_open,
        r.credits,
        r.to_pay,
        *reasons.cells(r.why),
    )


def store(db: sqlite3.Connection, run_id: int, day: str) -> int:
    """Store the planned reminders in the open transaction; return how many. Their ids are in plan order."""
    first = int(db.execute("SELECT coalesce(max(id), 0) FROM reminder").fetchone()[0])
    stored = db.execute(
        """INSERT INTO reminder (id, run_id, account_id, reminder_date, level, action, language, currency, open_amount,
                                 fee_amount, interest_amount, also_open_amount, credit_amount)
           SELECT ? + id, ?, account_id, ?, level, action, language, currency, open, fee, interest, also_open, credits
             FROM temp.reminder_plan WHERE reason = '' ORDER BY id""",
        (first, run_id, day),
    ).rowcount
    db.execute(
        """INSERT INTO reminder_line (item_id, level, reminder_id, open_amount, interest_amount)
           SELECT l.item_id, l.level, ? + p.id, l.open, l.interest
             FROM temp.reminder_plan AS p JOIN temp.reminder_plan_line AS l ON l.plan_id = p.id WHERE p.reason = ''""",
        (first,),
    )
    db.execute("UPDATE temp.reminder_plan SET reminder_id = ? + id WHERE reason = ''", (first,))
    return stored
