"""The terms of a subscription `s` with its type `t`, and what it brings, in SQL. Pure."""

from segcli.domain.units import FINE

# What a subscription does not say itself, its type says.
FREQUENCY = "coalesce(s.frequency, t.frequency, 'monthly')"
FREQUENCY_COUNT = (
    "CASE WHEN s.frequency IS NULL THEN coalesce(t.frequency_count, 1) ELSE coalesce(s.frequency_count, 1) END"
)
TIMING = "coalesce(s.timing, t.timing, 'advance')"
# The last day of a subscription: its end, or its cancellation where that comes first; none is open.
LAST_DAY = (
    "CASE WHEN s.cancellation_date IS NOT NULL AND (s.end_date IS NULL OR s.cancellation_date < s.end_date)"
    " THEN s.cancellation_date ELSE s.end_date END"
)
_MONTHS = "CASE {frequency} WHEN 'monthly' THEN 1 WHEN 'quarterly' THEN 3 WHEN 'half-yearly' THEN 6 ELSE 12 END"


def per_months(amount: str, months: int, frequency: str, count: str) -> str:
    """Return the SQL of an amount per period, in fine parts, as one per so many months in the smallest unit; 52 weeks a year.

    It is rounded half away from zero, so that what is shown adds up to what groups of it show.
    """
    part = f"CASE {frequency} WHEN 'weekly' THEN {52 * months} ELSE {12 * months} END"
    whole = (
        f"CASE {frequency} WHEN 'weekly' THEN 12 ELSE 12 * {_MONTHS.format(frequency=frequency)} END * {count} * {FINE}"
    )
    return f"share({amount}, {part}, {whole})"


def value_on(day: str) -> str:
    """Return the SQL of what a subscription `s` brings for one of its periods, on a bound day; 0 where it does not run.

    One-time lines do not recur. What has an automatic price counts at the price of the day.
    """
    return f"""CASE WHEN s.start_date <= {day} AND coalesce({LAST_DAY}, '9999') >= {day} THEN coalesce((
         SELECT sum(CASE WHEN l.is_automatic_price THEN automatic_amount(l.id, {day}) ELSE l.period_amount END)
           FROM subscription_line AS l WHERE l.subscription_id = s.id AND l.is_once = 0
            AND coalesce(l.start_date, s.start_date) <= {day} AND coalesce(l.end_date, '9999') >= {day}), 0) ELSE 0 END"""


def monthly_on(day: str) -> str:
    """Return the SQL of a subscription's recurring value a month on a bound day."""
    return per_months(value_on(day), 1, FREQUENCY, f"({FREQUENCY_COUNT})")
