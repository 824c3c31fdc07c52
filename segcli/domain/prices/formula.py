"""The calculation of a line price, step by step: discount, rounding, surcharge, minimum margin, maximum margin."""

from fractions import Fraction
from typing import NamedTuple

from segcli.domain.prices.lists import Line
from segcli.domain.prices.numbers import signed, to_step, words


class Step(NamedTuple):
    """A calculation step and the price after it, per unit of the line."""

    name: str
    text: str
    value: Fraction


def steps(line: Line, base: Step | None) -> list[Step]:
    """Return the steps from the base to the price; a new price is a single step."""
    if line.new_price is not None:
        return [Step("new price", "of the line", line.new_price)]
    assert base is not None  # noqa: S101 - the caller skips lines without a base
    found = [base]
    for step in _SEQUENCE:
        done = step(line, base.value, found[-1].value)
        if done:
            found.append(done)
    return found


def _discount(line: Line, _base: Fraction, value: Fraction) -> Step | None:
    if not line.discount:
        return None
    return Step("discount", f"less {words(line.discount)} %", value * (100 - line.discount) / 100)


def _rounding(line: Line, _base: Fraction, value: Fraction) -> Step | None:
    if not line.rounding:
        return None
    return Step("rounding", f"to multiples of {words(line.rounding)}", to_step(value, line.rounding))


def _surcharge(line: Line, _base: Fraction, value: Fraction) -> Step | None:
    if not line.surcharge:
        return None
    return Step("surcharge", signed(line.surcharge), value + line.surcharge)


def _minimum_margin(line: Line, base: Fraction, value: Fraction) -> Step | None:
    if not line.minimum_margin:
        return None
    limit = base + line.minimum_margin
    return Step("minimum margin", f"at least {words(base)} + {words(line.minimum_margin)}", max(value, limit))


def _maximum_margin(line: Line, base: Fraction, value: Fraction) -> Step | None:
    if not line.maximum_margin:
        return None
    limit = base + line.maximum_margin
    return Step("maximum margin", f"at most {words(base)} + {words(line.maximum_margin)}", min(value, limit))


_SEQUENCE = (_discount, _rounding, _surcharge, _minimum_margin, _maximum_margin)
