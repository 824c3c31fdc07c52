"""The roundest number between two values, for limits that people can read. Pure."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

Number = int | float
Scale = Literal["category", "number", "days"]
_DAYS = (365, 180, 90, 30, 10, 5, 1)  # limits in days: years, halves, quarters, months
_FINEST = 9  # decimals that an expression can have
_MOST = 10**15  # and the most that a number can have before them


def between(low: Number, high: Number, scale: Scale) -> Number | None:
    """Return the roundest limit that separates `low` from `high`, low < high; None if no short number does.

    A number t separates as low < t <= high (the test is >= t), days as low <= t < high (the test is <= t). A limit of 0 after a
    low of 0 stands for "above 0". The roundest number is the multiple of the largest of 1, 5 times a power of ten; days have steps of
    their own.
    """
    for step in steps(low, high, scale):
        found = _multiple(low, high, step, is_below=scale == "days")
        if found is not None:
            return found
    return None


def steps(low: Number, high: Number, scale: Scale) -> Iterator[Number]:
    """Yield the steps whose multiples are limits between about `low` and `high`, the largest first."""
    if scale == "days":
        yield from _DAYS
        return
    most = max(abs(low), abs(high), 1)
    if most >= _MOST:
        return
    power = Decimal(10) ** Decimal(most).adjusted()
    finest = Decimal(1) if isinstance(low, int) and isinstance(high, int) else Decimal(10) ** -_FINEST
    while power >= finest:
        yield _plain(power)
        if power / 2 >= finest:
            yield _plain(power / 2)
        power /= 10


def _multiple(low: Number, high: Number, step: Number, *, is_below: bool) -> Number | None:
    """Return the multiple of a step between the two values that is nearest to their middle; the lower one of two."""
    unit = _exact(step)
    first, last = _exact(low) / unit, _exact(high) / unit
    least = int(first.to_integral_value("ROUND_CEILING"))
    most = int(last.to_integral_value("ROUND_FLOOR"))
    if is_below and most == last:
        most -= 1
    elif not is_below and least == first:
        least += 1
    if least > most:
        return None
    middle = int(((first + last) / 2).to_integral_value("ROUND_HALF_DOWN"))
    found = _plain(unit * (0 if least <= 0 <= most else min(max(middle, least), most)))
    is_apart = low <= found < high if is_below else low < found <= high
    return found if is_apart else None


def nearest(value: Number, step: Number) -> tuple[Number, Number]:
    """Return the multiples of a step at and below a value, and above it."""
    unit = _exact(step)
    count = int((_exact(value) / unit).to_integral_value("ROUND_FLOOR"))
    return _plain(unit * count), _plain(unit * (count + 1))


def _exact(number: Number) -> Decimal:
    """Return the shortest decimal number that the float is read from."""
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def _plain(number: Decimal) -> Number:
    """Return a whole number as int, another one as float."""
    return int(number) if number == number.to_integral_value() else float(number)
