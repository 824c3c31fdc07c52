"""The reminder policy: levels, fees, interest and tolerance. Pure."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from segcli.base import money
from segcli.base.dates import month_end

ACTIONS = ("letter", "email", "phone", "none")
AFTER_REMINDER = "previous reminder"
END_OF_MONTH = "end of month"  # of the due date, unless it says `of invoice date`
STARTS = (
    "due date",
    "invoice date",
    AFTER_REMINDER,
    END_OF_MONTH,
    f"{END_OF_MONTH} of due date",
    f"{END_OF_MONTH} of invoice date",
)
MODES = ("step", "age")
YEAR = 365  # days, in leap years too


@dataclass(frozen=True, slots=True)
class Level:
    """One reminder level."""

    number: int
    action: str
    start: str
    days: int
    fee: int  # in minor units of the administration's currency; 0 if it is a percentage
    fee_percent: Fraction
    interest: Fraction  # per cent a year

    def start_of(self, due_date: date, invoice_date: date, last_date: date | None) -> date | None:
        """Return the day from which the days of the level count; None after a reminder that was not sent yet."""
        if self.start == AFTER_REMINDER:
            return last_date
        found = invoice_date if self.start.endswith("invoice date") else due_date
        return month_end(found) if self.start.startswith(END_OF_MONTH) else found

    def fee_of(self, open_amount: int, amount: int, base_amount: int | None) -> int | None:
        """Return the fee on an open amount, in minor units; None if the exchange rate is unknown.

        A fixed fee is converted at the rate of the items: their `amount` was `base_amount` in the administration's
        currency.
        """
        if self.fee_percent:
            share = open_amount * self.fee_percent / 100
            return money.half_up(share.numerator, share.denominator)
        if not self.fee:
            return 0
        return money.half_up(self.fee * amount, base_amount) if base_amount else None

    def interest_of(self, open_amount: int, days: int) -> int:
        """Return simple interest on an open amount over `days` days, in minor units."""
        if not self.interest:
            return 0
        share = open_amount * self.interest * max(days, 0) / (100 * YEAR)
        return money.half_up(share.numerator, share.denominator)


@dataclass(frozen=True, slots=True)
class Policy:
    """The reminder policy of one run."""

    levels: tuple[Level, ...]
    mode: str
    interval: int  # days
    tolerance: Fraction  # major units of any currency
    pay_within: int  # days
    language: str
    falls_back_to_letter: bool
    lists_also_open: bool  # other overdue items, open credits and receipts

    def is_tolerable(self, open_amount: int, currency: str) -> bool:
        """Tell whether an amount is within the tolerance, so that no reminder is sent. Credits always are."""
        return Fraction(open_amount, 10 ** money.exponent(currency)) <= self.tolerance
