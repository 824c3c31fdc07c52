"""The orders of a flat sales file: temp.sale_order has one row per order number. Each order becomes one processed invoice."""

from dataclasses import replace

from segcli.domain.units import whole_sql
from segcli.importing.kinds.machinery import upsert
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.storage import summaries
from segcli.storage.invoice_totals import add_up
from segcli.storage.small_cache import small_cache

IDS = "SELECT invoice_id FROM temp.sale_order WHERE invoice_id IS NOT NULL"


def currency(stage: Stage, alias: str = "") -> str:
    """Return the SQL of a row's currency."""
    own = f"'{stage.options.currency}'"
    return f"coalesce({alias}currency, {own})" if stage.has("currency") else own


def number(stage: Stage, alias: str) -> str:
    """Return the SQL of the number of a row's order: as stated, else C1-20260131, with -USD in another currency."""
    made = f"{alias}.account || '-' || replace({alias}.sale_date, '-', '')"
    if stage.has("currency"):
        made += f" || CASE WHEN {alias}.currency <> '{stage.options.currency}' THEN '-' || {alias}.currency ELSE '' END"
    return f"coalesce({alias}.order_number, {made})" if stage.has("order_number") else made


def collect(stage: Stage) -> None:
    """Fill temp.sale_order; reject the rows of orders that name two customers, dates or currencies."""
    stage.execute("DROP TABLE IF EXISTS temp.sale_order")
    stage.execute(
        """CREATE TEMP TABLE sale_order (n INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, order_number TEXT, account TEXT,
             name TEXT, country TEXT, day TEXT, currency TEXT, lines INTEGER, net INTEGER, revenue INTEGER, wrong TEXT,
             account_id INTEGER, payer_id INTEGER, deliver_id INTEGER, invoice_id INTEGER, is_known INTEGER NOT NULL DEFAULT 0)"""
    )
    given = {name: name if stage.has(name) else "NULL" for name in ("order_number", "name", "country")}
    sign = currency(stage)
    stage.execute(
        f"""INSERT INTO temp.sale_order (number, order_number, account, name, country, day, currency, lines, net, revenue, wrong)
            SELECT number, max({given["order_number"]}), min(account), max({given["name"]}), max({given["country"]}), min(sale_date),
                   min({sign}), count(*), sum({whole_sql("net")}), sum(net),
                   CASE WHEN min(account) <> max(account) THEN 'customers: ' || min(account) || ' and ' || max(account)
                        WHEN min(sale_date) <> max(sale_date) THEN 'dates: ' || min(sale_date) || ' and ' || max(sale_date)
                        WHEN min({sign}) <> max({sign}) THEN 'currencies: ' || min({sign}) || ' and ' || max({sign}) END
              FROM (SELECT *, {number(stage, "x")} AS number FROM {{stage}} AS x) GROUP BY number"""
    )
    _refuse(
        stage,
        "wrong IS NOT NULL",
        "this order has two {0}",
        "correct it; or leave the order number out (--map COLUMN=), for one invoice per customer and date",
    )


def _refuse(stage: Stage, condition: str, reason: str, fix: str) -> None:
    """Reject the rows of the orders that meet a condition, with `wrong` in the reason."""
    if not stage.execute(f"SELECT EXISTS (SELECT 1 FROM temp.sale_order WHERE {condition})").fetchone()[0]:
        return
    column = "order_number" if stage.has("order_number") else "account"
    stage.reject(
        f"SELECT s.n, s.place, s.{column}, o.wrong FROM {stage.table} AS s JOIN temp.sale_order AS o"
        f" ON o.number = {number(stage, 's')} WHERE {condition} ORDER BY s.n",
        column,
        reason,
        fix,
    )
    stage.execute(f"DELETE FROM temp.sale_order WHERE {condition}")


def find(stage: Stage) -> bool:
    """Find the invoices that are here; tell whether there are any. Those that were printed here are not changed."""
    stage.execute(
        """UPDATE temp.sale_order SET invoice_id = t.id, is_known = 1, wrong = t.processed_run_id,
             payer_id = CASE WHEN t.account_id = t.ordered_by_id THEN sale_order.account_id ELSE t.account_id END,
             deliver_id = CASE WHEN t.deliver_to_id = t.ordered_by_id THEN sale_order.account_id ELSE t.deliver_to_id END
             FROM invoice AS t WHERE t.kind = 'sales' AND t.invoice_number = sale_order.number"""
    )
    _refuse(
        stage,
        "wrong IS NOT NULL",
        "an invoice with this number was made here, by run {0}",
        "give the order another number",
    )
    return bool(stage.execute("SELECT EXISTS (SELECT 1 FROM temp.sale_order WHERE is_known = 1)").fetchone()[0])


def merge(stage: Stage) -> Counts:
    """Upsert the invoices; set the id of each."""
    orders = replace(stage, table="temp.sale_order")
    _forget_own_rate(orders)
    own = f"s.currency = '{stage.options.currency}'"
    columns = {
        "account_id": "coalesce(s.payer_id, s.account_id)",
        "ordered_by_id": "s.account_id",
        "deliver_to_id": "coalesce(s.deliver_id, s.account_id)",
        "invoice_date": "s.day",
        "currency": "s.currency",
        "status": "'processed'",
    }
    columns |= {"order_number": "s.order_number"} if stage.has("order_number") else {}
    defaults = {
        "kind": "'sales'",
        "invoice_number": "s.number",
        "net_amount": "s.net",
        "vat_amount": "0",
        "total_amount": "s.net",
        "is_summed": "1",
        "exchange_rate": f"iif({own}, '1', NULL)",
        "is_rate_stated": own,
        "revenue_amount": "s.revenue",
        "base_revenue_amount": f"iif({own}, s.revenue, NULL)",
    }
    counts = upsert.upsert(orders, upsert.Target("invoice", "t.id = s.invoice_id", columns, defaults))
    stage.execute(
        """UPDATE temp.sale_order SET invoice_id = t.id FROM invoice AS t
            WHERE t.kind = 'sales' AND t.invoice_number = sale_order.number AND sale_order.invoice_id IS NULL"""
    )
    return counts


def _forget_own_rate(orders: Stage) -> None:
    """Clear the rate of invoices that a file moves to another currency; the rate of their date is set afterwards."""
    orders.execute(
        """UPDATE invoice SET exchange_rate = NULL, is_rate_stated = 0 FROM {stage} AS s
            WHERE s.is_known = 1 AND invoice.id = s.invoice_id AND invoice.currency <> s.currency"""
    )


def settle(stage: Stage, *, is_known: bool) -> None:
    """Update the totals of the invoices that were here, and the summaries of all."""
    if is_known:
        add_up(stage.db, "SELECT invoice_id FROM temp.sale_order WHERE is_known = 1")
    with small_cache(stage.db):
        summaries.touch(stage.db, IDS)
        summaries.refresh(stage.db)
