"""What sales-analysis adds up, kept current: touch what changes, before and after, then refresh what was touched."""

import sqlite3
from typing import Any

from segcli.money import half_up

FINE = 10_000  # parts of the smallest unit in which a line's amounts are kept
_TOUCHED = "CREATE TEMP TABLE IF NOT EXISTS touched (kind TEXT, account_id INTEGER, month TEXT, PRIMARY KEY (kind, account_id, month))"
# Of each invoice, its first line of an item group and its first line at all: where it is counted for those.
FRESH = """
SELECT kind, account_id, month, item, currency, sum(quantity), sum(net_amount), sum(coalesce(cost_amount, 0)),
       count(DISTINCT invoice_id), sum(group_place = 1), sum(place = 1)
  FROM (SELECT i.kind, i.ordered_by_id AS account_id, substr(i.invoice_date, 1, 7) AS month, coalesce(l.item_id, 0) AS item,
               i.currency, l.quantity, l.net_amount, l.cost_amount, l.invoice_id,
               row_number() OVER (PARTITION BY l.invoice_id, coalesce(m.item_group, '') ORDER BY coalesce(l.item_id, 0), l.id)
                 AS group_place,
               row_number() OVER (PARTITION BY l.invoice_id ORDER BY coalesce(l.item_id, 0), l.id) AS place
          FROM {source} JOIN invoice_line AS l ON l.invoice_id = i.id LEFT JOIN item AS m ON m.id = l.item_id
         WHERE i.status = 'processed')
 GROUP BY kind, account_id, month, item, currency"""
_OF_TOUCHED = """temp.touched AS t JOIN invoice AS i ON i.ordered_by_id = t.account_id AND i.kind = t.kind
                 AND i.invoice_date >= t.month || '-01' AND i.invoice_date <= t.month || '-31'"""


def whole(net: int | None) -> int:
    """Return an amount in fine parts in the smallest unit, rounded half up."""
    return half_up(net or 0, FINE)


def touch(db: sqlite3.Connection, invoices: str, *values: Any) -> None:  # noqa: ANN401 - bound
    """Note which months of which accounts the invoices stand in, whose ids a query yields."""
    db.execute(_TOUCHED)
    db.execute(
        "INSERT OR IGNORE INTO temp.touched SELECT kind, ordered_by_id, substr(invoice_date, 1, 7) FROM invoice"
        f" WHERE id IN ({invoices})",
        values,
    )


def refresh(db: sqlite3.Connection) -> None:
    """Add up anew what was touched, in the open transaction."""
    db.execute(_TOUCHED)
    db.execute(
        "DELETE FROM invoice_summary WHERE (kind, account_id, month) IN (SELECT kind, account_id, month FROM temp.touched)"
    )
    db.execute(f"INSERT INTO invoice_summary {FRESH.format(source=_OF_TOUCHED)}")
    db.execute("DROP TABLE temp.touched")


def wrong(db: sqlite3.Connection) -> list[str]:
    """Return where the summary is not what the lines add up to."""
    fresh = FRESH.format(source="invoice AS i")
    sql = f"""SELECT a.code, x.kind, x.month FROM (SELECT * FROM (SELECT * FROM invoice_summary EXCEPT {fresh})
              UNION ALL SELECT * FROM ({fresh} EXCEPT SELECT * FROM invoice_summary)) AS x
              JOIN account AS a ON a.id = x.account_id GROUP BY 1, 2, 3 LIMIT 100"""
    return [
        f"account {code}: the {kind} summary of {month} is not what its lines add up to"
        for code, kind, month in db.execute(sql)
    ]
