"""The units in which amounts and quantities are kept: integers, so that no sum is rounded on the way. Pure."""

from segcli.base.money import half_up

FINE = 10_000  # parts of the smallest unit of a currency in which a line's amounts are kept
MILLIONTHS = 1_000_000  # the parts in which quantities are kept


def whole(net: int | None) -> int:
    """Return an amount in fine parts in the smallest unit, rounded half up."""
    return half_up(net or 0, FINE)
