"""Line 1 of a subscription, for a file of subscriptions that states a price or a monthly value.

`check_single` rejects rows before the subscriptions are merged; `merge_single` adds or updates line 1 afterwards. A
monthly value is converted to a price per period (domain/subscriptions/amounts.py).
"""

from segcli.domain.subscriptions.amounts import per_month, per_period
from segcli.domain.subscriptions.terms import FREQUENCY, FREQUENCY_COUNT
from segcli.importing.kinds.machinery import subscription_fields, subscription_lines, upsert
from segcli.importing.kinds.machinery.item_lookup import find_items
from segcli.importing.kinds.machinery.line_amounts import refuse_too_large, worth
from segcli.importing.kinds.machinery.stage import Stage

_USUAL = "EUR"  # currency for the size check, before that of a new subscription is known


def check_single(stage: Stage) -> None:
    """Reject rows whose line would be invalid, before their subscriptions are merged."""
    subscription_fields.refuse_fine_quantities(stage)
    find_items(stage)
    stage.db.create_function("worth", 4, worth, deterministic=True)
    quantity = "coalesce(quantity, '1')" if stage.has("quantity") else "'1'"
    periods = 12 * subscription_fields.MOST_PERIODS
    for column, sql in (
        ("unit_price", f"worth({quantity}, unit_price, NULL, '{_USUAL}')"),
        ("monthly_value", f"worth('{periods}', monthly_value, NULL, '{_USUAL}')"),
        ("quantity", f"worth(quantity, '1', NULL, '{_USUAL}')"),
    ):
        if stage.has(column):
            stage.execute(f"ALTER TABLE {{stage}} ADD COLUMN calculated_{column}")
            stage.execute(f"UPDATE {{stage}} SET calculated_{column} = {sql}")
            refuse_too_large(stage, {f"calculated_{column}": column})


def merge_single(stage: Stage) -> int:
    """Insert or update line 1 of subscriptions whose row carries a price; return the number of lines changed."""
    brings = [name for name in ("unit_price", "monthly_value", "is_automatic_price") if stage.has(name)]
    if not brings:
        return 0
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_subscription INTEGER")
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_line INTEGER")
    stage.execute(
        "UPDATE {stage} SET final_line = 1, final_subscription = (SELECT t.id FROM subscription AS t WHERE"
        " t.subscription_number = subscription)"
    )
    if stage.has("monthly_value"):
        _from_monthly(stage)
    price, automatic = (name if stage.has(name) else "NULL" for name in ("unit_price", "is_automatic_price"))
    stage.execute(f"DELETE FROM {{stage}} WHERE {price} IS NULL AND coalesce({automatic}, 0) = 0")
    subscription_lines.keep_revised(stage)
    subscription_lines.price(stage)
    refuse_too_large(stage, {"final_quantity": "quantity", "final_amount": "unit_price"})
    subscription_lines.settle_invoiced_to(stage, own="NULL")
    counts = upsert.upsert(stage, subscription_lines.target(stage, frozenset({"unit", "vat_code", "vat_percent"})))
    return counts.added + counts.changed


def _from_monthly(stage: Stage) -> None:
    """Derive missing prices from the monthly value, unless existing lines already state it or say more."""
    stage.db.create_function("per_period", 3, per_period, deterministic=True)
    stage.db.create_function("per_month", 4, per_month, deterministic=True)
    if not stage.has("unit_price"):
        stage.execute("ALTER TABLE {stage} ADD COLUMN unit_price TEXT")
        stage.fields = (*stage.fields, "unit_price")
    stage.execute(
        f"""UPDATE {{stage}} SET unit_price = r.price FROM (
              SELECT c.n AS row, per_period(c.monthly_value, {FREQUENCY}, {FREQUENCY_COUNT}) AS price
                FROM {{stage}} AS c JOIN subscription AS s ON s.id = c.final_subscription
                LEFT JOIN subscription_type AS t ON t.code = s.subscription_type
               WHERE c.unit_price IS NULL AND c.monthly_value IS NOT NULL AND NOT EXISTS
                     (SELECT 1 FROM subscription_line AS l WHERE l.subscription_id = s.id AND (l.line_number <> 1
                         OR l.item_id IS NOT NULL OR per_month(l.period_amount, {FREQUENCY}, {FREQUENCY_COUNT}, s.currency)
                            = CAST(c.monthly_value AS REAL)))) AS r WHERE r.row = n"""
    )
