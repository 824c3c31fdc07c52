"""Recomputation of derived data for the rows that an undo touches, as after an import."""

import sqlite3

from segcli.importing import search_texts
from segcli.storage import exchange, openings, summaries
from segcli.undo.blocking import Taking

# References to an invoice from added, changed or deleted rows.
_INVOICES = """SELECT key FROM temp.{work} WHERE t = 'invoice' AND why IS NULL
 UNION SELECT l.invoice_id FROM temp.{work} AS w JOIN invoice_line AS l ON l.id = w.key WHERE w.t = 'invoice_line' AND w.why IS NULL"""
_DELETED = "SELECT json_extract(image, '$.invoice_id') FROM temp.undo_deleted WHERE t = 'invoice_line' AND why IS NULL"
_REGROUPED = """SELECT l.invoice_id FROM temp.undo_field AS w JOIN invoice_line AS l ON l.item_id = w.key
 WHERE w.t = 'item' AND w.col = 'item_group' AND w.why IS NULL"""


def touch(taking: Taking) -> None:
    """Mark the touched invoices and their months for recomputation; called before and after the writes."""
    db = taking.db
    db.execute("CREATE TEMP TABLE IF NOT EXISTS undo_invoice (id INTEGER PRIMARY KEY)")
    for query in (_INVOICES.format(work="undo_added"), _INVOICES.format(work="undo_field"), _DELETED, _REGROUPED):
        db.execute(f"INSERT OR IGNORE INTO temp.undo_invoice {query}")
    summaries.touch(db, "SELECT id FROM temp.undo_invoice")


def refresh(taking: Taking) -> None:
    """Recompute summaries, invoice totals, open and converted amounts, opening balances, period prices and search texts."""
    from segcli.storage.invoice_totals import add_up

    add_up(taking.db, "SELECT id FROM temp.undo_invoice")
    summaries.touch(taking.db, "SELECT id FROM temp.undo_invoice")
    summaries.refresh(taking.db)
    taking.db.execute("DROP TABLE temp.undo_invoice")
    _open_again(taking.db)
    openings.settle(taking.db)
    exchange.convert(taking.db)
    _price_again(taking.db)
    _search_again(taking.db)


def _open_again(db: sqlite3.Connection) -> None:
    items = """SELECT key FROM temp.undo_field WHERE t = 'outstanding_item' AND why IS NULL UNION SELECT a.item_id
      FROM temp.undo_field AS w JOIN allocation AS a ON a.id = w.key WHERE w.t = 'allocation' AND w.why IS NULL"""
    db.execute(
        "UPDATE outstanding_item SET open_amount = amount - coalesce((SELECT sum(a.amount) FROM allocation AS a"
        f" WHERE a.item_id = outstanding_item.id), 0) WHERE id IN ({items})"
    )
    # An allocation may be brought back before its item, which its trigger then does not find.
    returned = "SELECT json_extract(image, '$.item_id') FROM temp.undo_deleted WHERE t = 'allocation' AND why IS NULL"
    db.execute(
        "UPDATE allocation SET account_id = i.account_id, currency = i.currency,"
        " is_advance = allocation_date < i.invoice_date FROM outstanding_item AS i"
        f" WHERE i.id = allocation.item_id AND allocation.item_id IN ({items} UNION {returned})"
    )


def _price_again(db: sqlite3.Connection) -> None:
    """Recompute period amounts of subscriptions whose currency was restored."""
    from segcli.importing.kinds.machinery.subscription_lines import update_period_amounts

    update_period_amounts(
        db, "SELECT key FROM temp.undo_field WHERE t = 'subscription' AND col = 'currency' AND why IS NULL"
    )


def _search_again(db: sqlite3.Connection) -> None:
    for table in search_texts.searched():
        touched = f"SELECT key FROM temp.undo_field WHERE t = '{table}' AND why IS NULL"
        search_texts.refresh(db, table, f"r.id IN ({touched})")
