"""Price revision of subscription lines: rounding of new prices, and which lines a revision skips. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from segcli.base.errors import UsageError
from segcli.base.money import exponent
from segcli.domain.prices.numbers import decimals, to_step
from segcli.domain.reasons import Reason, Why
from segcli.domain.subscriptions.subscription import Line, Subscription

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,9})?", re.ASCII)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rounding:
    """Rounding of a new price: to the nearest multiple of `step`, then to the nearest price with this `ending`."""

    step: Fraction | None = None
    ending: Fraction | None = None
    steps: Mapping[str, Fraction] = field(
        default_factory=dict
    )  # by currency, for calculated prices, without the others

    def apply(self, price: Fraction) -> Fraction:
        """Return the rounded price, halves away from zero. An ending never makes a positive price zero or negative."""
        if self.step:
            price = to_step(price, self.step)
        if self.ending is None:
            return price
        whole = _power_above(self.ending)
        found = to_step(price - self.ending, whole) + self.ending
        return found if found > 0 or price <= 0 else self.ending

    def calculated(self, price: Fraction, old: Fraction, currency: str) -> Fraction:
        """Return the rounded price that was calculated from an old one.

        Without a step and an ending, the step is that of the currency, else the currency's minor unit, or the last decimal
        of the old price if that is finer.
        """
        if self.step or self.ending is not None:
            return self.apply(price)
        return to_step(price, self.steps.get(currency) or Fraction(1, 10 ** max(exponent(currency), decimals(old))))


def _power_above(ending: Fraction) -> Fraction:
    """Return the distance between prices with this ending: 1 for 0.95, 10 for 9.95."""
    power = Fraction(1)
    while power <= ending:
        power *= 10
    return power


def number(text: str, flag: str, *, positive: bool = False) -> Fraction:
    """Parse the number of a flag. UsageError if it is invalid, or not positive where `positive` requires it."""
    if not _NUMBER.fullmatch(text.strip()):
        raise UsageError(f"{flag}: '{text}' is no number", "write it as 2.5, with a point")
    found = Fraction(text.strip())
    if positive and found <= 0:
        raise UsageError(f"{flag}: '{text}' is not above zero")
    return found


def is_history(subscription: Subscription, line: Line, day: date) -> bool:
    """Tell whether the line ended before a day and has a successor; the successor is revised instead."""
    return bool(line.end and line.end < day and following(subscription, line))


def skipped(subscription: Subscription, line: Line, day: date) -> Why | None:
    """Return the rule that excludes a line from revision on a day; None if its price may change."""
    follower = following(subscription, line)
    reasons = (
        (line.end and line.end < day, Reason.LINE_ENDED, line.end),
        (subscription.end and subscription.end < day, Reason.SUBSCRIPTION_ENDS, subscription.end),
        (line.is_once, Reason.INVOICED_ONCE, None),
        (line.is_automatic, Reason.AUTOMATIC_PRICE, None),
        (line.is_never_revised, Reason.NEVER_REVISED, None),
        (line.start == day and _follows(subscription, line), Reason.ALREADY_REVISED, day),
        (line.start >= day, Reason.LINE_BEGINS, line.start),
        (follower, Reason.PRICE_FOLLOWS, follower and follower.start),
    )
    return next((reason.why(day=of) for holds, reason, of in reasons if holds), None)


def _follows(subscription: Subscription, line: Line) -> bool:
    return any(following(subscription, other) is line for other in subscription.lines)


def following(subscription: Subscription, line: Line) -> Line | None:
    """Return the successor of a line: the same service, starting on the day after this line ends."""
    if line.end is None:
        return None
    return next(
        (
            other
            for other in subscription.lines
            if other is not line
            and other.service == line.service
            and other.start == line.end + _DAY
            and not other.is_once
        ),
        None,
    )
