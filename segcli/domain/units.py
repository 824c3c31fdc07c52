"""Integer units of stored line amounts and quantities, so that sums need no intermediate rounding. Pure."""

from segcli.base.money import half_up

FINE = 10_000  # line amounts are stored in this many parts of a minor unit
MILLIONTHS = 1_000_000  # quantities are stored in this many parts


def whole(net: int | None) -> int:
    """Convert an amount in FINE parts to minor units, rounded half up."""
    return half_up(net or 0, FINE)


def whole_sql(net: str) -> str:
    """Return the SQL of `whole`. It takes a third of the time of a Python function that SQLite calls."""
    half = FINE // 2
    return f"CASE WHEN {net} < 0 THEN -(({half} - {net}) / {FINE}) ELSE (coalesce({net}, 0) + {half}) / {FINE} END"


# In a lake of several administrations the bits of an id above these are the number of its administration; in a database they are 0.
ID_BITS = 40


def administration_of(number: int) -> int:
    """Return the number of the administration that an id belongs to."""
    return number >> ID_BITS
