"""Merges flat sales rows: finds the order of each row, creates what is missing, and upserts invoices and their lines.

A number says which order a row belongs to: the order number, else the customer's and the date. The lines of an order are
numbered in the order of their content, so that neither the numbers nor the lines depend on the order of the rows or files.
"""

from collections.abc import Iterator
from dataclasses import replace

from segcli.base.money import exponent
from segcli.base.text import counted
from segcli.importing.kinds.machinery import sale_orders, sale_parties, sale_values, upsert
from segcli.importing.kinds.machinery.bulk import is_empty, loading
from segcli.importing.kinds.machinery.kind_definition import Derived
from segcli.importing.kinds.machinery.line_amounts import refuse_too_large
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.storage import summaries
from segcli.storage.small_cache import small_cache

DERIVED: dict[str, Derived] = {"parts": sale_values.parts_of, "net": sale_values.net_of}
_DECIMALS = 2  # of the currency that `net` is computed for


def merge(stage: Stage) -> Counts:
    """Upsert the invoices of the staged rows with their lines, after the accounts and items that they lack."""
    _calculate_other_currencies(stage)
    _refuse(stage)
    sale_orders.collect(stage)
    made = sale_parties.create(stage)
    is_known = sale_orders.find(stage)
    if is_known:
        summaries.touch(stage.db, sale_orders.IDS)
    heads = sale_orders.merge(stage)
    lines = _merge_lines(stage)
    gone = _delete_gone(stage) if is_known else 0
    others = gone + heads.changed + made.filled
    if lines.is_change or others:
        sale_orders.settle(stage, is_known=is_known)
    return lines._replace(others=others, notes=(*_notes(stage, made, heads, gone),))


def _calculate_other_currencies(stage: Stage) -> None:
    """Calculate the amounts of rows in currencies that have no two decimals."""
    if not stage.has("currency"):
        odd = [stage.options.currency]
    else:
        found = stage.execute("SELECT DISTINCT coalesce(currency, ?) FROM {stage}", stage.options.currency)
        odd = [currency for (currency,) in found]
    stage.db.create_function("exact_net", 4, sale_values.exact_net, deterministic=True)
    amount, quantity, price = (name if stage.has(name) else "NULL" for name in ("amount", "quantity", "unit_price"))
    for currency in odd:
        if exponent(currency) != _DECIMALS:
            stage.execute(
                f"UPDATE {{stage}} SET net = exact_net({amount}, {quantity}, {price}, ?) WHERE {sale_orders.currency(stage)} = ?",
                currency,
                currency,
            )


def _refuse(stage: Stage) -> None:
    """Reject rows without an amount, and with numbers that are too large."""
    column = "amount" if stage.has("amount") else "unit_price"
    stage.reject(
        f"SELECT n, place, NULL FROM {stage.table} WHERE net IS NULL",
        column,
        "this row has no amount and no price",
        "fill in one of them",
    )
    refuse_too_large(stage, {"parts": "quantity", "net": column})


def _merge_lines(stage: Stage) -> Counts:
    """Upsert the lines; into an empty table they go without a copy."""
    if is_empty(stage, "invoice_line"):
        with loading(stage, ("invoice_line",)), small_cache(stage.db):
            stage.execute(
                "INSERT INTO invoice_line (invoice_id, line_number, item_id, quantity, net_amount, description, unit_price)"
                f" {_lines(stage)}"
            )
        return Counts(added=stage.count())
    stage.execute("DROP TABLE IF EXISTS temp.sale_line")
    stage.execute(
        "CREATE TEMP TABLE sale_line (n INTEGER PRIMARY KEY, invoice_id INTEGER, line INTEGER, item_id INTEGER, parts INTEGER,"
        " net INTEGER, description TEXT, unit_price TEXT)"
    )
    stage.execute(
        f"INSERT INTO temp.sale_line (invoice_id, line, item_id, parts, net, description, unit_price) {_lines(stage)}"
    )
    counts = upsert.upsert(replace(stage, table="temp.sale_line"), _target(stage))
    stage.execute("DROP TABLE temp.sale_line")
    return counts


def _target(stage: Stage) -> upsert.Target:
    columns = {
        "invoice_id": "s.invoice_id",
        "line_number": "s.line",
        "item_id": "s.item_id",
        "quantity": "s.parts",
        "net_amount": "s.net",
        **{name: f"s.{name}" for name in ("description", "unit_price") if stage.has(name)},
    }
    match = "t.invoice_id = s.invoice_id AND t.line_number = s.line"
    return upsert.Target("invoice_line", match, columns, keys=("invoice_id", "line_number"))


def _lines(stage: Stage) -> str:
    """Return the SQL of all lines, by invoice and line number."""
    item, description, price = (
        f"s.{name}" if stage.has(name) else "NULL" for name in ("item", "description", "unit_price")
    )
    found = f"(SELECT i.id FROM temp.sale_item AS i WHERE i.code = {item})" if stage.has("item") else "NULL"
    return f"""SELECT o.invoice_id, row_number() OVER (PARTITION BY o.n ORDER BY {item}, {description}, {price}, s.parts, s.net),
                      {found}, s.parts, s.net, {description}, {price}
                 FROM {stage.table} AS s JOIN temp.sale_order AS o ON o.number = {sale_orders.number(stage, "s")}"""


def _delete_gone(stage: Stage) -> int:
    """Delete the lines that the orders no longer have."""
    return stage.execute(
        """DELETE FROM invoice_line WHERE id IN (SELECT l.id FROM temp.sale_order AS o
             JOIN invoice_line AS l ON l.invoice_id = o.invoice_id AND (l.line_number < 1 OR l.line_number > o.lines)
            WHERE o.is_known = 1)"""
    ).rowcount


def _notes(stage: Stage, made: sale_parties.Made, heads: Counts, gone: int) -> Iterator[str]:
    fresh = [counted(number, what) for number, what in ((made.accounts, "account"), (made.items, "item")) if number]
    fresh += [counted(heads.added, "invoice")] if heads.added else []
    if fresh:
        yield f"{', '.join(fresh)} {stage.verb('added', 'would be added')}"
    if gone:
        yield f"{counted(gone, 'line')} {stage.verb('removed', 'would be removed')}: the order has fewer rows than before"
