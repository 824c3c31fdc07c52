"""Lines of subscriptions: what is delivered each period, and at what price.

A file of lines (`merge_lines`) holds the complete set of lines of each subscription it names, so lines that it lacks
are deleted. Each step adds `final_*` columns to the staging table: the subscription, the line number, then price and
amount, then the invoiced-to date; the upsert copies these columns. The arithmetic of prices is in Python functions
that SQL calls (`fine`, `worth`). Data that segcli created itself (price revisions, invoiced periods) takes precedence
over the file. subscription_single_line.py uses the same steps for a file of subscriptions that states a price.
"""

import sqlite3

from segcli.base.text import counted
from segcli.domain.units import MILLIONTHS
from segcli.importing.kinds.machinery import limits, subscription_fields, upsert
from segcli.importing.kinds.machinery.item_lookup import find_items
from segcli.importing.kinds.machinery.line_amounts import fine, refuse_too_large, worth
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.importing.kinds.machinery.subscription_number import number_lines

_FLAGS = ("is_once", "is_automatic_price", "is_never_revised")
_PLAIN = ("description", "unit", "vat_code", "vat_percent", "start_date", "end_date", "external_id")


def merge_lines(stage: Stage) -> Counts:
    """Upsert the staged lines and delete the lines that the file lacks, except those with a history in segcli."""
    _find_subscriptions(stage)
    notes = find_items(stage)
    number_lines(stage)
    match = "t.subscription_id = s.final_subscription AND t.line_number = s.final_line"
    limits.refuse_backwards(stage, "start_date", "end_date", "subscription_line", match)
    notes += keep_revised(stage)
    subscription_fields.refuse_fine_quantities(stage)
    price(stage)
    refuse_too_large(stage, {"final_quantity": "quantity", "final_amount": "unit_price"})
    _refuse_unpriced(stage)
    notes += settle_invoiced_to(stage, own="invoiced_to")
    counts = upsert.upsert(stage, target(stage, frozenset(_PLAIN)))
    gone, more = _take_out(stage)
    return counts._replace(others=gone, notes=notes + more)


def _take_out(stage: Stage) -> tuple[int, tuple[str, ...]]:
    """Delete the lines that the file lacks. Return the number deleted and a note about lines that were kept.

    Lines that were invoiced here or changed by a revision are kept and not ended: the file may simply not know
    them.
    """
    lacking = """subscription_id IN (SELECT final_subscription FROM {stage}) AND NOT EXISTS (SELECT 1 FROM {stage} AS s
         WHERE s.final_subscription = subscription_line.subscription_id AND s.final_line = subscription_line.line_number)
         AND id NOT IN (SELECT old_line_id FROM subscription_line_change
                         UNION SELECT new_line_id FROM subscription_line_change WHERE new_line_id IS NOT NULL)"""
    is_invoiced_here = (
        "EXISTS (SELECT 1 FROM subscription_period AS p WHERE p.subscription_line_id = subscription_line.id)"
    )
    gone = stage.execute(f"DELETE FROM subscription_line WHERE {lacking} AND NOT {is_invoiced_here}").rowcount
    kept = stage.execute(f"SELECT count(*) FROM subscription_line WHERE {lacking} AND {is_invoiced_here}").fetchone()[0]
    note = f"{counted(kept, 'line')} kept: invoiced here, but not in the file; to end it, give it an end_date"
    return gone, (note,) if kept else ()


def recalculate_amounts(stage: Stage) -> int:
    """Recompute period amounts after a currency change of the staged subscriptions; return the number changed."""
    if not stage.has("currency"):
        return 0
    codes = f"SELECT c.subscription FROM {stage.table} AS c"
    return update_period_amounts(
        stage.db, f"SELECT t.id FROM subscription AS t WHERE t.subscription_number IN ({codes})"
    )


def update_period_amounts(db: sqlite3.Connection, subscriptions: str) -> int:
    """Recompute the period amounts of the subscriptions that a query selects; return the number of lines changed."""
    db.create_function("worth", 4, worth, deterministic=True)
    sign, size = "iif(l.quantity < 0, '-', '')", "abs(l.quantity)"
    quantity = f"{sign} || printf('%d.%06d', {size} / {MILLIONTHS}, {size} % {MILLIONTHS})"
    return db.execute(
        f"""UPDATE subscription_line SET period_amount = r.amount FROM (
              SELECT l.id, worth({quantity}, l.unit_price, l.discount_percent, t.currency) AS amount
                FROM subscription AS t JOIN subscription_line AS l ON l.subscription_id = t.id
               WHERE t.id IN ({subscriptions}) AND l.unit_price IS NOT NULL) AS r
            WHERE r.id = subscription_line.id AND r.amount <> period_amount AND typeof(r.amount) = 'integer'"""
    ).rowcount


def _find_subscriptions(stage: Stage) -> None:
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_subscription INTEGER")
    ways = {"subscription_id": "external_id", "subscription": "subscription_number"}
    found = [f"(SELECT t.id FROM subscription AS t WHERE t.{c} = {n})" for n, c in ways.items() if stage.has(n)]
    stage.execute(f"UPDATE {{stage}} SET final_subscription = coalesce({', '.join(found)}, NULL)")
    column = "subscription" if stage.has("subscription") else "subscription_id"
    stage.reject(
        f"SELECT n, place, {column} FROM {stage.table} WHERE final_subscription IS NULL",
        column,
        "there is no such subscription",
        "import the subscriptions first",
    )
    for column, other, compared, reason in (
        ("end_date", "start_date", "<", "the subscription begins after it, on {0}"),
        ("start_date", "end_date", ">", "the subscription ends before it, on {0}"),
    ):
        if stage.has(column):
            stage.reject(
                f"SELECT c.n, c.place, c.{column}, t.{other} FROM {stage.table} AS c JOIN subscription AS t"
                f" ON t.id = c.final_subscription WHERE c.{column} {compared} t.{other}",
                column,
                reason,
            )


def settle_invoiced_to(stage: Stage, own: str) -> tuple[str, ...]:
    """Set each line's invoiced-to date: its own, else its subscription's; invoices made here take precedence."""
    own = own if stage.has(own) else "NULL"
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_invoiced TEXT")
    stage.execute("ALTER TABLE {stage} ADD COLUMN is_further INTEGER")
    stage.execute(
        f"""UPDATE {{stage}} SET final_invoiced = CASE WHEN r.is_further THEN r.here ELSE r.day END, is_further = r.is_further
             FROM (SELECT c.n AS row, l.invoiced_to_date AS here,
                          coalesce(c.{own}, CASE WHEN l.id IS NULL THEN t.invoiced_to_date ELSE l.invoiced_to_date END) AS day,
                          c.{own} < l.invoiced_to_date AND EXISTS (SELECT 1 FROM subscription_period AS p
                             WHERE p.subscription_line_id = l.id) AS is_further
                     FROM {{stage}} AS c JOIN subscription AS t ON t.id = c.final_subscription
                     LEFT JOIN subscription_line AS l ON l.subscription_id = t.id AND l.line_number = c.final_line) AS r
            WHERE r.row = n""".replace("c.NULL", "NULL")
    )
    return subscription_fields.further(stage.execute("SELECT count(nullif(is_further, 0)) FROM {stage}").fetchone()[0])


def keep_revised(stage: Stage) -> tuple[str, ...]:
    """Remove staged lines whose price was revised in segcli, because the file does not know the revision."""
    kept = stage.execute(
        """DELETE FROM {stage} WHERE n IN (SELECT s.n FROM {stage} AS s JOIN subscription_line AS l
             ON l.subscription_id = s.final_subscription AND l.line_number = s.final_line
             JOIN subscription_line_change AS c ON c.old_line_id = l.id AND c.new_line_id IS NOT NULL)"""
    ).rowcount
    return (f"{counted(kept, 'line')} kept: the price was changed here",) if kept else ()


def price(stage: Stage) -> None:
    """Compute each line's quantity in millionths, its unit price and its amount per period."""
    for name in ("final_quantity", "final_price", "final_amount"):
        stage.execute(f"ALTER TABLE {{stage}} ADD COLUMN {name}")
    stage.db.create_function("fine", 3, fine, deterministic=True)
    stage.db.create_function("worth", 4, worth, deterministic=True)
    quantity, price, discount = (
        f"s.{name}" if stage.has(name) else "NULL" for name in ("quantity", "unit_price", "discount_percent")
    )
    quantity = f"coalesce({quantity}, '1')"
    stage.execute(
        f"""UPDATE {{stage}} SET final_quantity = r.quantity, final_price = r.price, final_amount = r.amount FROM (
              SELECT s.n AS row, fine({quantity}, {MILLIONTHS}, '') AS quantity, {price} AS price,
                     worth({quantity}, {price}, {discount}, t.currency) AS amount
                FROM {{stage}} AS s JOIN subscription AS t ON t.id = s.final_subscription) AS r WHERE r.row = n"""
    )


def _refuse_unpriced(stage: Stage) -> None:
    automatic = "coalesce(is_automatic_price, 0)" if stage.has("is_automatic_price") else "0"
    stage.reject(
        f"SELECT n, place, NULL FROM {stage.table} WHERE final_price IS NULL AND {automatic} = 0",
        "unit_price",
        "this line has no price",
        "give unit_price, or is_automatic_price = 1 for what price lists say",
    )


def target(stage: Stage, plain: frozenset[str]) -> upsert.Target:
    """Return the upsert of the computed columns and of these plain fields."""
    columns = {name: f"s.{name}" for name in _PLAIN if name in plain and stage.has(name)}
    columns |= {"item_id": "s.final_item"} if stage.has("item") else {}
    columns |= {"discount_percent": "s.discount_percent"} if stage.has("discount_percent") else {}
    columns |= {"unit_price": "s.final_price", "period_amount": "s.final_amount", "quantity": "s.final_quantity"}
    columns |= {name: f"s.{name}" for name in _FLAGS if stage.has(name)}
    columns |= {"subscription_id": "s.final_subscription", "line_number": "s.final_line"}
    columns |= {"invoiced_to_date": "s.final_invoiced"}
    match = "t.subscription_id = s.final_subscription AND t.line_number = s.final_line"
    return upsert.Target(
        "subscription_line",
        match,
        columns,
        dict.fromkeys(_FLAGS, "0"),
        frozenset(_FLAGS),
        ("subscription_id", "line_number"),
    )
