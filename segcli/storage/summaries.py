"""Maintains the revenue of invoices and the summaries of sales-analysis: `touch` before and after a change, then `refresh`.

This is the single definition of revenue: the lines of an invoice if it has any, otherwise its net amount. sales-analysis,
turnover, scores and metrics read the values stored here.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from segcli.base.money import to_human
from segcli.domain.units import FINE, whole_sql
from segcli.storage import table_versions

_TOUCHED = "CREATE TEMP TABLE IF NOT EXISTS touched (kind TEXT, account_id INTEGER, month TEXT, PRIMARY KEY (kind, account_id, month))"
# One row per line. An invoice without lines is one row with its net amount and an unknown cost; if it states no amounts
# either, it is left out. base_net and base_cost are NULL without an exchange rate.
_ROWS = """
SELECT {invoice} AS invoice_id, i.kind, i.ordered_by_id AS account_id, substr(i.invoice_date, 1, 7) AS month, i.currency, l.id,
       coalesce(l.item_id, 0) AS item, m.item_group, coalesce(l.quantity, 0) AS quantity,
       {net} AS net, l.cost_amount AS cost, {base_net} AS base_net, {base_cost} AS base_cost{more}
  FROM {source} LEFT JOIN invoice_line AS l ON l.invoice_id = i.id LEFT JOIN item AS m ON m.id = l.item_id
 WHERE i.status = 'processed' AND (l.id IS NOT NULL OR i.is_summed = 0)"""
NET = f"CASE WHEN l.id IS NULL THEN i.net_amount * {FINE} ELSE l.net_amount END"


def without_lines(status: str, is_summed: str, net: str) -> str:
    """Return the SQL of the revenue of an invoice that has no lines: its net amount if it is processed and states one, else 0."""
    return f"iif({status} = 'processed' AND {is_summed} = 0, {net} * {FINE}, 0)"


def in_base(amount: str) -> str:
    """Return the SQL of an amount of invoice `i` in the administration's currency, NULL without a rate."""
    rate = f"in_base({amount}, i.currency, i.exchange_rate, (SELECT currency FROM administration))"
    return f"CASE i.exchange_rate WHEN '1' THEN {amount} ELSE {rate} END"


def _rows(source: str, invoice: str = "i.id", more: str = "") -> str:
    """Return the SQL of the rows of the invoices in `source`. They come in the order of `invoice`, which is the key of its first table."""
    base = {"base_net": in_base(NET), "base_cost": in_base("l.cost_amount")}
    return _ROWS.format(source=source, invoice=invoice, more=more, net=NET, **base)


# What the summaries are, plainly: `check` says with it what is wrong, and tests compare with it what `refresh` stores.
# group_place and place number the lines of an invoice per item group and overall; line 1 is where the invoice is counted.
_FRESH = """
SELECT kind, account_id, month, item, currency, sum(quantity), sum(net), sum(coalesce(cost, 0)),
       sum(CASE WHEN cost IS NULL THEN net ELSE 0 END), sum(cost IS NULL AND net <> 0),
       sum(coalesce(base_net, 0)), sum(coalesce(base_cost, 0)), sum(CASE WHEN cost IS NULL THEN coalesce(base_net, 0) ELSE 0 END),
       sum(base_net IS NULL), count(DISTINCT invoice_id), sum(group_place = 1), sum(place = 1)
  FROM (SELECT *, row_number() OVER (PARTITION BY invoice_id, coalesce(item_group, '') ORDER BY item, id) AS group_place,
               row_number() OVER (PARTITION BY invoice_id ORDER BY item, id) AS place FROM ({rows}) WHERE id IS NOT NULL
         UNION ALL SELECT *, 1, 1 FROM ({rows}) WHERE id IS NULL)
 GROUP BY kind, account_id, month, item, currency"""
# The same in two steps, with one sort in the place of three. First, what an invoice comes to, in one pass over the lines as they
# lie; no row: it has none, and its revenue is zero. It is plain where each of its lines is of another item group: then each is the
# first line of its group, and nothing has to be sorted to know that.
_INVOICE = "CREATE TEMP TABLE invoiced (id INTEGER PRIMARY KEY, first_item INTEGER, net INTEGER, base_net INTEGER, is_plain INTEGER)"
_INVOICED = """
INSERT INTO temp.invoiced
SELECT invoice_id, min(item), sum(net), CASE WHEN count(*) = count(base_net) THEN sum(base_net) END,
       count(*) = 1 OR count(DISTINCT coalesce(item_group, '')) = count(*)
  FROM ({rows}) GROUP BY invoice_id"""
_OF_INVOICED = "temp.invoiced AS f CROSS JOIN invoice AS i ON i.id = f.id AND f.is_plain = {}"
# Then the summaries in the order of their key. `before` is the item before this line, within its invoice and item group:
# none at the first line of the group. The first line of the invoice is the first line of a group, and has its least item.
_STREAMED = """
SELECT account_id, kind, month, item, currency, sum(quantity) AS quantity, sum(net) AS net, sum(coalesce(cost, 0)) AS cost,
       sum(CASE WHEN cost IS NULL THEN net ELSE 0 END) AS uncosted, sum(cost IS NULL AND net <> 0) AS uncosted_lines,
       sum(coalesce(base_net, 0)) AS base_net, sum(coalesce(base_cost, 0)) AS base_cost,
       sum(CASE WHEN cost IS NULL THEN coalesce(base_net, 0) ELSE 0 END) AS base_uncosted, sum(base_net IS NULL) AS unconverted,
       sum(before IS NOT item) AS invoices, sum(before IS NULL) AS group_invoices,
       sum(before IS NULL AND item = first_item) AS all_invoices
  FROM (SELECT *, NULL AS before FROM ({plain}) UNION ALL
        SELECT *, lag(item) OVER (PARTITION BY invoice_id, coalesce(item_group, '') ORDER BY item, id) FROM ({others}))
 GROUP BY account_id, kind, month, item, currency"""
# How many summaries the lines give, and how many of those are stored otherwise or not at all.
_COMPARED = """
SELECT count(*), sum((x.quantity, x.net, x.cost, x.uncosted, x.uncosted_lines, x.base_net, x.base_cost, x.base_uncosted, x.unconverted,
                      x.invoices, x.group_invoices, x.all_invoices)
       IS NOT (s.quantity, s.net_amount, s.cost_amount, s.uncosted_amount, s.uncosted_lines, s.base_net_amount, s.base_cost_amount,
               s.base_uncosted_amount, s.unconverted_lines, s.invoices, s.group_invoices, s.all_invoices))
  FROM ({streamed}) AS x LEFT JOIN invoice_summary AS s ON s.account_id = x.account_id AND s.kind = x.kind AND s.month = x.month
   AND s.item_id = x.item AND s.currency = x.currency"""
_TOUCHED_INVOICES = """
INSERT INTO temp.touched_invoice SELECT i.id FROM temp.touched AS t JOIN invoice AS i ON i.ordered_by_id = t.account_id AND i.kind = t.kind
   AND i.invoice_date >= t.month || '-01' AND i.invoice_date <= t.month || '-31' ORDER BY i.id"""
_OF_TOUCHED = "temp.touched_invoice AS t CROSS JOIN invoice AS i ON i.id = t.id"
_OF_ALL = ("invoice AS i", "i.id")  # the source and its key
_STORED = """
INSERT INTO invoice_summary (account_id, kind, month, item_id, currency, quantity, net_amount, cost_amount, uncosted_amount, uncosted_lines,
  base_net_amount, base_cost_amount, base_uncosted_amount, unconverted_lines, invoices, group_invoices, all_invoices) {streamed}"""
# The revenue of an invoice is zero until it is processed.
_REVENUE = """
UPDATE invoice SET revenue_amount = x.net, base_revenue_amount = x.base_net
  FROM (SELECT t.id, coalesce(f.net, 0) AS net, iif(f.id IS NULL, 0, f.base_net) AS base_net
          FROM {source} LEFT JOIN temp.invoiced AS f ON f.id = t.id) AS x
 WHERE x.id = invoice.id AND (invoice.revenue_amount IS NOT x.net OR invoice.base_revenue_amount IS NOT x.base_net)"""


def touch(db: sqlite3.Connection, invoices: str, *values: Any) -> None:  # noqa: ANN401 - bound
    """Mark the account months of the invoices whose ids the query `invoices` yields."""
    db.execute(_TOUCHED)
    db.execute(
        "INSERT OR IGNORE INTO temp.touched SELECT kind, ordered_by_id, substr(invoice_date, 1, 7) FROM invoice"
        f" WHERE id IN ({invoices})",
        values,
    )


def refresh(db: sqlite3.Connection) -> None:
    """Recalculate what was touched, in the open transaction."""
    db.execute(_TOUCHED)
    table_versions.execute(
        db,
        "DELETE FROM invoice_summary WHERE (kind, account_id, month) IN (SELECT kind, account_id, month FROM temp.touched)",
    )
    db.execute("CREATE TEMP TABLE touched_invoice (id INTEGER PRIMARY KEY)")
    db.execute(_TOUCHED_INVOICES)
    _store(db, _OF_TOUCHED, "t.id", "temp.touched_invoice AS t")
    db.execute("DROP TABLE temp.touched_invoice")
    db.execute("DROP TABLE temp.touched")


def refresh_all(db: sqlite3.Connection) -> None:
    """Recalculate the summaries and the revenues of all invoices, in the open transaction; what was touched is among them."""
    db.execute("DROP TABLE IF EXISTS temp.touched")
    table_versions.execute(db, "DELETE FROM invoice_summary")
    _store(db, *_OF_ALL, "invoice AS t NOT INDEXED")  # an index has the ids in another order than the rows


def _store(db: sqlite3.Connection, source: str, invoice: str, ids: str) -> None:
    """Store the summaries and revenues of the invoices of `source`, whose ids are in the table `ids`, named t."""
    with _invoiced(db, source, invoice):
        table_versions.execute(db, _STORED.format(streamed=_streamed()))
        table_versions.execute(db, _REVENUE.format(source=ids))


@contextmanager
def _invoiced(db: sqlite3.Connection, source: str, invoice: str) -> Iterator[None]:
    """Have what the invoices of `source` come to in temp.invoiced."""
    db.execute(_INVOICE)
    try:
        db.execute(_INVOICED.format(rows=_rows(source, invoice)))
        yield
    finally:
        db.execute("DROP TABLE IF EXISTS temp.invoiced")  # a full disk rolls it back


def _streamed() -> str:
    """Return the SQL of the summaries of the invoices in temp.invoiced."""
    others, plain = (_rows(_OF_INVOICED.format(is_plain), "f.id", ", f.first_item") for is_plain in (0, 1))
    return _STREAMED.format(plain=plain, others=others)


def wrong(db: sqlite3.Connection) -> list[str]:
    """Describe the summaries and invoice revenues that do not match the lines."""
    with _invoiced(db, *_OF_ALL):
        return [*([] if _are_all_right(db) else _wrong_summaries(db)), *_wrong_revenues(db)]


def _are_all_right(db: sqlite3.Connection) -> bool:
    """Tell whether each summary that the lines give is stored, and no other: as many are stored, each key once."""
    given, wrong = db.execute(_COMPARED.format(streamed=_streamed())).fetchone()
    stored = db.execute("SELECT count(*) FROM invoice_summary").fetchone()[0]
    return bool(given == stored and not wrong)


def _wrong_summaries(db: sqlite3.Connection) -> list[str]:
    """Describe the summaries that differ from what `refresh` would calculate. Slow: call it when a difference is known."""
    fresh = _FRESH.format(rows=_rows("invoice AS i"))
    sql = f"""SELECT a.code, x.kind, x.month FROM (SELECT * FROM (SELECT * FROM invoice_summary EXCEPT {fresh})
              UNION ALL SELECT * FROM ({fresh} EXCEPT SELECT * FROM invoice_summary)) AS x
              JOIN account AS a ON a.id = x.account_id GROUP BY 1, 2, 3 LIMIT 100"""
    return [
        f"account {code}: the {kind} summary of {month} is not what its lines add up to"
        for code, kind, month in db.execute(sql)
    ]


def _wrong_revenues(db: sqlite3.Connection) -> list[str]:
    sql = """SELECT i.kind, i.invoice_number FROM invoice AS i LEFT JOIN temp.invoiced AS x ON x.id = i.id
              WHERE i.status = 'processed' AND (i.revenue_amount IS NOT coalesce(x.net, 0)
                    OR i.base_revenue_amount IS NOT iif(x.id IS NULL, 0, x.base_net)) ORDER BY i.id LIMIT 100"""
    return [
        f"the revenue of {kind} invoice {number} is not what its lines add up to" for kind, number in db.execute(sql)
    ]


# A head that states amounts may round each line (an invoice) or only the sum (an order).
_DIFFERING = f"""SELECT i.kind, i.invoice_number, i.currency, i.net_amount, sum({whole_sql("l.net_amount")}) AS rounded,
       {whole_sql("sum(l.net_amount)")} AS exact FROM invoice AS i JOIN invoice_line AS l ON l.invoice_id = i.id WHERE {{chosen}}
 GROUP BY i.id HAVING i.net_amount NOT IN (rounded, exact) ORDER BY i.invoice_date, i.id LIMIT 101"""


def differing(db: sqlite3.Connection, chosen: str = "1") -> list[str]:
    """Describe the invoices whose net amount differs from the sum of their lines, at most 101. `chosen` is a condition on `i`."""
    found = []
    for kind, number, currency, net, lines, _ in db.execute(_DIFFERING.format(chosen=chosen)):
        head, total = (f"{to_human(amount, currency)} {currency}" for amount in (net, lines))
        found.append(f"the {kind} invoice {number or '(without a number)'} is {head} net, its lines add up to {total}")
    return found
