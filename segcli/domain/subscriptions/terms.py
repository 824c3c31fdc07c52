"""SQL of the terms and recurring value of a subscription `s` with its type `t`. Pure."""

from segcli.domain.units import FINE, ID_BITS

# The type gives the defaults of a subscription. In a lake of several administrations the upper bits of an id tell the administration.
JOIN_TYPE = f"""LEFT JOIN subscription_type AS t
      ON t.code COLLATE NOCASE = s.subscription_type COLLATE NOCASE AND (t.id >> {ID_BITS}) = (s.id >> {ID_BITS})"""
FREQUENCY = "coalesce(s.frequency, t.frequency, 'monthly')"
FREQUENCY_COUNT = (
    "CASE WHEN s.frequency IS NULL THEN coalesce(t.frequency_count, 1) ELSE coalesce(s.frequency_count, 1) END"
)
TYPE = "coalesce(t.code, s.subscription_type)"  # as the type spells it; a type that is not known yet, as the subscription does
TIMING = "coalesce(s.timing, t.timing, 'advance')"
# The last day of a subscription: its end or its cancellation, whichever comes first; NULL is open-ended.
LAST_DAY = (
    "CASE WHEN s.cancellation_date IS NOT NULL AND (s.end_date IS NULL OR s.cancellation_date < s.end_date)"
    " THEN s.cancellation_date ELSE s.end_date END"
)
_MONTHS = "CASE {frequency} WHEN 'monthly' THEN 1 WHEN 'quarterly' THEN 3 WHEN 'half-yearly' THEN 6 ELSE 12 END"


def per_months(amount: str, months: int, frequency: str, count: str) -> str:
    """Return the SQL that converts an amount per period (FINE parts) to minor units per `months` months; 52 weeks a year.

    Each amount is rounded half away from zero, so that displayed amounts add up to the totals of groups.
    """
    part = f"CASE {frequency} WHEN 'weekly' THEN {52 * months} ELSE {12 * months} END"
    whole = (
        f"CASE {frequency} WHEN 'weekly' THEN 12 ELSE 12 * {_MONTHS.format(frequency=frequency)} END * {count} * {FINE}"
    )
    return f"share({amount}, {part}, {whole})"


def value_on(day: str) -> str:
    """Return the SQL of the recurring value of a subscription `s` per period on a bound day; 0 if it is not active.

    One-time lines are excluded. Automatic prices are those of the day.
    """
    return f"""CASE WHEN s.start_date <= {day} AND coalesce({LAST_DAY}, '9999') >= {day} THEN coalesce((
         SELECT sum(CASE WHEN l.is_automatic_price = 1 THEN automatic_amount(l.id, {day}) ELSE l.period_amount END)
           FROM subscription_line AS l WHERE l.subscription_id = s.id AND l.is_once = 0
            AND coalesce(l.start_date, '') <= {day} AND coalesce(l.end_date, '9999') >= {day}), 0) ELSE 0 END"""


def monthly_on(day: str) -> str:
    """Return the SQL of a subscription's monthly recurring value on a bound day."""
    return per_months(value_on(day), 1, FREQUENCY, f"({FREQUENCY_COUNT})")
