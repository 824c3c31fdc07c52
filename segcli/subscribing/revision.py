"""A new price of a subscription line from the old one: by a percentage, an amount or a price, rounded and ended. Pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from segcli.errors import UsageError
from segcli.pricing.numbers import to_step
from segcli.subscribing.source import Line, Subscription

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,9})?", re.ASCII)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rounding:
    """What is done to a new price: to the nearest multiple of a step, then to the nearest price that ends so."""

    step: Fraction | None = None
    ending: Fraction | None = None

    def apply(self, price: Fraction) -> Fraction:
        """Return the price rounded, halves away from zero; never below nothing."""
        if self.step:
            price = to_step(price, self.step)
        if self.ending is None:
            return price
        whole = _power_above(self.ending)
        found = to_step(price - self.ending, whole) + self.ending
        return found if found > 0 or price <= 0 else self.ending


def _power_above(ending: Fraction) -> Fraction:
    """Return what prices of this ending are apart: 1 for 0.95, 10 for 9.95."""
    power = Fraction(1)
    while power <= ending:
        power *= 10
    return power


def number(text: str, flag: str, *, positive: bool = False) -> Fraction:
    """Return the number that a flag gives; a UsageError where it is none, or not above zero where it must be."""
    if not _NUMBER.fullmatch(text.strip()):
        raise UsageError(f"{flag}: '{text}' is no number", "write it as 2.5, with a point")
    found = Fraction(text.strip())
    if positive and found <= 0:
        raise UsageError(f"{flag}: '{text}' is not above zero")
    return found


def skipped(subscription: Subscription, line: Line, day: date) -> str | None:
    """Return why the price of a line does not change from a day on, '' where it may, None where it is history.

    A line that another follows before that day is history: the one that follows it is asked.
    """
    follower = following(subscription, line)
    if line.end and line.end < day and follower:
        return None
    reasons = (
        (line.end and line.end < day, f"it ended on {line.end}"),
        (subscription.end and subscription.end < day, f"the subscription ends on {subscription.end}"),
        (line.is_once, "it is invoiced once"),
        (line.is_automatic, "its price is automatic"),
        (line.is_never_revised, "it is never revised"),
        (line.start == day and _follows(subscription, line), f"already revised from {day}"),
        (line.start >= day, f"it begins on {line.start}"),
        (follower, f"another price follows on {follower.start if follower else ''}"),
    )
    return next((reason for holds, reason in reasons if holds), "")


def _follows(subscription: Subscription, line: Line) -> bool:
    return any(following(subscription, other) is line for other in subscription.lines)


def following(subscription: Subscription, line: Line) -> Line | None:
    """Return the line that goes on where this one ends: for the same service, from the day after."""
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
