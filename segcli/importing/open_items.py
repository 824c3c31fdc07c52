"""Open items of imported sales invoices: what the customer still has to pay of them.

They are made at the end of a file's transaction, for the processed sales invoices that the file added. An invoice that was
stored before, or that has an item with its account and number, gets none. The item is the same as that of an invoice made by
segcli: a later file of receivables finds it by account, number and term 1, and updates it.
"""

import sqlite3
from collections.abc import Iterable

from segcli.base.text import counted
from segcli.importing.kinds.machinery.item_sql import base_of
from segcli.importing.kinds.machinery.stage import Stage

_OWN = "(SELECT currency FROM administration)"
# The added invoices that may become items. Their amounts may follow from lines, which are merged after the heads.
_INVOICES = """invoice AS i WHERE i.id > ? AND i.kind = 'sales' AND i.status = 'processed' AND i.total_amount <> 0
   AND NOT EXISTS (SELECT 1 FROM outstanding_item AS o WHERE o.account_id = i.account_id AND o.invoice_number = i.invoice_number)"""
# As in item_sql.Given.due_date: as stated, else by the payment condition of the invoice or of the account.
_DUE_DATE = """coalesce(i.due_date, CASE WHEN i.total_amount > 0 THEN (
  SELECT date(i.invoice_date, '+' || c.days || ' days') FROM account AS a
    JOIN payment_condition AS c ON c.code = coalesce(i.payment_condition, a.payment_condition) WHERE a.id = i.account_id) END)"""
# A settled amount of the opposite sign (rounding up, payments for others) is added to the item; others are allocated to it.
_AMOUNT = "i.total_amount - iif(s.amount * sign(i.total_amount) < 0, s.amount, 0)"


def last_invoice(db: sqlite3.Connection) -> int:
    """Return the highest id of an invoice; those that a file adds are above it."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM invoice").fetchone()[0])


def count(db: sqlite3.Connection, last: int) -> int:
    """Return how many invoices added after `last` would become open items."""
    return int(db.execute(f"SELECT count(*) FROM {_INVOICES}", (last,)).fetchone()[0])


def make(db: sqlite3.Connection, last: int, stages: Iterable[Stage]) -> int:
    """Make the open items of the invoices added after `last`, in the open transaction; return how many.

    What the stages state as settled (the total less what is payable) is allocated on the date of the invoice, so that the open
    amount is what the document asks to pay. What was settled beyond the total becomes an unallocated receipt.
    """
    if not count(db, last):
        return 0
    db.execute("CREATE TEMP TABLE settled (invoice_id INTEGER PRIMARY KEY, amount INTEGER NOT NULL)")
    try:
        _note_settled(db, last, stages)
        db.execute(f"CREATE TEMP TABLE owed AS SELECT i.id FROM {_INVOICES}", (last,))
        _add_items(db)
        _allocate(db)
        return int(db.execute("SELECT count(*) FROM temp.owed").fetchone()[0])
    finally:
        db.execute("DROP TABLE temp.settled")
        db.execute("DROP TABLE IF EXISTS temp.owed")


def note(number: int, *, is_made: bool, is_dry: bool) -> str:
    """Return the note about these invoices: that they became open items, or how to make them open items; '' for none."""
    if not number:
        return ""
    if is_made:
        return f"{counted(number, 'open item')} {'would be made' if is_dry else 'made'} of these invoices"
    return f"{counted(number, 'invoice')} without an open item: --open-items makes open items of new invoices"


def _note_settled(db: sqlite3.Connection, last: int, stages: Iterable[Stage]) -> None:
    for stage in stages:
        if stage.kind.name == "invoice" and stage.has("settled_amount"):
            db.execute(
                f"INSERT OR IGNORE INTO temp.settled SELECT final_id, settled_amount FROM {stage.table}"
                " WHERE settled_amount <> 0 AND final_id > ?",
                (last,),
            )


def _add_items(db: sqlite3.Connection) -> None:
    db.execute(
        f"""INSERT INTO outstanding_item (account_id, item_key, invoice_number, journal, invoice_date, due_date, currency, amount,
                                          base_amount, open_amount, description, reference, payment_condition)
            SELECT account_id, 'invoice ' || invoice_number || ' 1', invoice_number, journal, invoice_date, due_date, currency, amount,
                   CASE WHEN currency = {_OWN} THEN amount WHEN is_rate_stated THEN in_base(amount, currency, exchange_rate, {_OWN}) END,
                   amount, description, your_reference, payment_condition
              FROM (SELECT i.account_id, i.invoice_number, i.journal, i.invoice_date, {_DUE_DATE} AS due_date, i.currency,
                           coalesce({_AMOUNT}, i.total_amount) AS amount, i.is_rate_stated, i.exchange_rate, i.description,
                           i.your_reference, i.payment_condition
                      FROM temp.owed AS w JOIN invoice AS i ON i.id = w.id LEFT JOIN temp.settled AS s ON s.invoice_id = i.id
                     ORDER BY i.id)"""
    )


def _allocate(db: sqlite3.Connection) -> None:
    """Allocate what is settled, up to the total; the rest becomes a receipt with a key of its own."""
    rows = """temp.owed AS w JOIN temp.settled AS s ON s.invoice_id = w.id JOIN invoice AS i ON i.id = w.id
               JOIN outstanding_item AS t ON t.account_id = i.account_id AND t.item_key = 'invoice ' || i.invoice_number || ' 1'
              WHERE s.amount * sign(i.total_amount) > 0"""
    part = "iif(abs(s.amount) > abs(t.amount), t.amount, s.amount)"
    db.execute(
        f"""INSERT INTO allocation (item_id, account_id, currency, allocation_key, allocation_date, amount, base_amount)
            SELECT t.id, t.account_id, t.currency, 'imported ' || t.invoice_date, t.invoice_date, {part},
                   {base_of(part, "t.amount", "t.base_amount")} FROM {rows}"""
    )
    rest = "(t.amount - s.amount)"
    db.execute(
        f"""INSERT INTO outstanding_item (account_id, item_key, invoice_date, currency, amount, base_amount, open_amount, description)
            SELECT t.account_id, 'prepaid ' || i.invoice_number, t.invoice_date, t.currency, {rest},
                   {base_of(rest, "t.amount", "t.base_amount")}, {rest}, i.invoice_number FROM {rows} AND abs(s.amount) > abs(t.amount)
            ON CONFLICT (account_id, item_key) DO NOTHING"""
    )
