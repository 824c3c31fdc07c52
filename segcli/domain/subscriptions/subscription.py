"""A subscription with its lines, in plain data. Pure."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from segcli.domain.subscriptions.periods import Rhythm


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a subscription. Prices and quantities are exact; start and end are inclusive."""

    id: int
    number: int
    item_id: int | None
    item: str
    description: str
    quantity: Fraction
    unit: str
    unit_price: Fraction | None  # per period; None if the price is automatic
    discount_percent: Fraction
    vat_code: str | None
    vat_percent: str | None
    start: date
    end: date | None
    is_once: bool
    is_automatic: bool
    is_never_revised: bool
    invoiced_to: date | None

    @property
    def service(self) -> tuple[int | None, str]:
        """Return the key of the service. Consecutive lines with the same key are one service with changing prices."""
        return self.item_id, "" if self.item_id else self.description


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription with its lines in order."""

    id: int
    number: str
    account_id: int  # invoiced to
    account: str
    ordered_by_id: int
    deliver_to_id: int
    type: str
    is_type_known: bool
    rhythm: Rhythm
    proration: str
    invoice_per: str
    start: date
    end: date | None
    currency: str
    is_blocked: bool
    is_account_blocked: bool
    lines: tuple[Line, ...]
