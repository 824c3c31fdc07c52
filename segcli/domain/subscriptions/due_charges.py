"""Calculates the charges of a subscription due up to a day: one per line and period. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import islice, takewhile

from segcli.base.money import exponent
from segcli.domain.reasons import Reason, Why
from segcli.domain.subscriptions.periods import Period, periods
from segcli.domain.subscriptions.proration import Cost, Piece, costs
from segcli.domain.subscriptions.subscription import Line, Subscription

_DAY = timedelta(days=1)


class Unpriced(Exception):  # noqa: N818 - not a program error but the reason for a missing price
    """A line has no price on a day."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.text)
        self.why = why


Price = Callable[[Subscription, Line, date], Fraction]  # unit price of an automatic line; raises Unpriced


@dataclass(frozen=True, slots=True)
class Charge:
    """A future invoice line: a subscription line, the days charged and the cost."""

    line: Line
    invoice_date: date
    start: date
    end: date
    cost: Cost


def held(subscription: Subscription) -> Why | None:
    """Return the rule that excludes a subscription from invoicing; None if there is none."""
    if subscription.is_blocked:
        return Reason.SUBSCRIPTION_BLOCKED.why()
    return Reason.ACCOUNT_BLOCKED.why() if subscription.is_account_blocked else None


def refusal(subscription: Subscription) -> Why | None:
    """Return the error that prevents invoicing of a subscription; None if there is none."""
    if subscription.type and not subscription.is_type_known:
        return Reason.NO_SUBSCRIPTION_TYPE.why(code=subscription.type)
    return None if subscription.lines else Reason.NO_LINES.why()


def charges(subscription: Subscription, up_to: date, price: Price, ahead: int = 0) -> list[Charge]:
    """Return the charges due up to and including a day, ordered by date, line and period. Raises Unpriced.

    With `ahead`, return the charges of the next `ahead` invoices instead, whenever they are due.
    """
    found: list[Charge] = []

    def is_due(period: Period) -> bool:
        return period.invoice_date(subscription.rhythm.timing) <= up_to

    for chain in chains(subscription.lines):
        coming = to_come(subscription, chain)
        due = islice(coming, ahead) if ahead else takewhile(is_due, coming)
        found += (charge for period in due for charge in _of_period(subscription, chain, period, price))
    last = date.max if ahead else up_to
    found += (
        charge for line in subscription.lines if line.is_once for charge in _once(subscription, line, last, price)
    )
    found.sort(key=lambda charge: (charge.invoice_date, charge.line.number, charge.start))
    dates = sorted({charge.invoice_date for charge in found})[: ahead or None]
    return [charge for charge in found if charge.invoice_date <= dates[-1]]


def chains(lines: Sequence[Line]) -> list[list[Line]]:
    """Group the recurring lines into chains: lines of the same service that follow each other without a gap."""
    found: list[list[Line]] = []
    for line in sorted((line for line in lines if not line.is_once), key=lambda line: (line.start, line.number)):
        before = (chain for chain in found if chain[-1].service == line.service)
        follows = next((chain for chain in before if chain[-1].end == line.start - _DAY), None)
        if follows is None:
            found.append([line])
        else:
            follows.append(line)
    return found


def to_come(subscription: Subscription, chain: Sequence[Line]) -> Iterator[Period]:
    """Yield the periods of a service that are not yet invoiced; possibly infinite."""
    start = max(subscription.start, chain[0].start)
    invoiced = max((line.invoiced_to for line in chain if line.invoiced_to), default=date.min)
    ends = [end for end in (subscription.end, chain[-1].end) if end]
    return periods(
        subscription.rhythm, subscription.start, min(ends) if ends else None, after=max(start - _DAY, invoiced)
    )


def _of_period(subscription: Subscription, chain: Sequence[Line], period: Period, price: Price) -> Iterator[Charge]:
    day = period.invoice_date(subscription.rhythm.timing)
    lines = [line for line in chain if _touches(line, period)]
    pieces = [_piece(subscription, line, period, day, price) for line in lines]
    found = costs(period, pieces, subscription.proration, exponent(subscription.currency))
    yield from _charges(day, lines, pieces, found)


def _touches(line: Line, period: Period) -> bool:
    return line.start <= period.end and (line.end is None or line.end >= period.start)


def _piece(subscription: Subscription, line: Line, period: Period, day: date, price: Price) -> Piece:
    start, end = max(line.start, period.start), min(line.end or period.end, period.end)
    each = price(subscription, line, day) if line.unit_price is None else line.unit_price
    return Piece(start, end, line.quantity, each, line.discount_percent)


def _charges(day: date, lines: Sequence[Line], pieces: Sequence[Piece], found: Sequence[Cost]) -> Iterator[Charge]:
    for line, piece, cost in zip(lines, pieces, found, strict=True):
        yield Charge(line, day, piece.start, piece.end, cost)


def _once(subscription: Subscription, line: Line, up_to: date, price: Price) -> Iterator[Charge]:
    """Yield the charge of a one-time line, dated when the period that contains it is invoiced."""
    start = max(subscription.start, line.start)
    ends = [end for end in (subscription.end, line.end) if end]
    period = next(periods(subscription.rhythm, subscription.start, min(ends, default=None), after=start - _DAY), None)
    if line.invoiced_to is None and period and period.invoice_date(subscription.rhythm.timing) <= up_to:
        day = period.invoice_date(subscription.rhythm.timing)
        each = price(subscription, line, day) if line.unit_price is None else line.unit_price
        piece = Piece(start, start, line.quantity, each, line.discount_percent)
        whole = Period(start, start, start, start)
        yield from _charges(day, [line], [piece], costs(whole, [piece], "days", exponent(subscription.currency)))
