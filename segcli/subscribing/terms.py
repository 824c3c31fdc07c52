"""The terms of a subscription `s` with its type `t`, in SQL. Pure."""

MILLIONTHS = 1_000_000  # the parts in which quantities are kept
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
