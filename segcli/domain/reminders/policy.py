"""The rules of reminding: levels, fees, interest, tolerance. Read from the configuration and checked whole."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from segcli.base import money
from segcli.base.errors import SegcliError
from segcli.settings import sections
from segcli.settings.config import Config

ACTIONS = ("letter", "email", "phone", "none")
STARTS = ("due date", "invoice date", "previous reminder")
MODES = ("step", "age")
YEAR = 365  # days, in leap years too


@dataclass(frozen=True, slots=True)
class Level:
    """One level of reminding."""

    number: int
    action: str
    start: str
    days: int
    fee: int  # in the smallest unit of the administration's currency; 0 where it is a percentage
    fee_percent: Fraction
    interest: Fraction  # per cent a year

    def fee_of(self, open_amount: int, amount: int, base_amount: int | None) -> int | None:
        """Return the fee on what is open, in its smallest unit; None where the rate of its currency is not known.

        A fixed fee is converted at the rate of the items: `amount` of theirs was `base_amount` in the
        administration's currency.
        """
        if self.fee_percent:
            share = open_amount * self.fee_percent / 100
            return money.half_up(share.numerator, share.denominator)
        if not self.fee:
            return 0
        return money.half_up(self.fee * amount, base_amount) if base_amount else None

    def interest_of(self, open_amount: int, days: int) -> int:
        """Return simple interest on what is open for so many days, in its smallest unit."""
        if not self.interest:
            return 0
        share = open_amount * self.interest * max(days, 0) / (100 * YEAR)
        return money.half_up(share.numerator, share.denominator)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in force."""

    levels: tuple[Level, ...]
    mode: str
    interval: int  # days
    tolerance: Fraction  # whole units of any currency
    pay_within: int  # days
    language: str
    falls_back_to_letter: bool
    lists_also_open: bool  # other overdue items, open credits and receipts

    def is_tolerable(self, open_amount: int, currency: str) -> bool:
        """Tell whether so little is owed, or even a credit, that nobody is reminded of it."""
        return Fraction(open_amount, 10 ** money.exponent(currency)) <= self.tolerance


def read(config: Config, currency: str, mode: str | None = None) -> Policy:
    """Return the policy of the configuration. What is wrong in it is a SegcliError that names the setting."""
    found = sections.section(config, "reminders")
    levels = found["levels"]
    if not isinstance(levels, list) or not levels:
        raise SegcliError("reminders.levels: there must be one level at least")
    fallback = sections.one_of(found["without_email"], ("letter", "report"), "reminders.without_email")
    return Policy(
        levels=tuple(_level(number, level, currency) for number, level in enumerate(levels, 1)),
        mode=sections.one_of(mode or found["mode"], MODES, "reminders.mode"),
        interval=sections.whole_number(found["interval"], "reminders.interval"),
        tolerance=_number(found["tolerance"], "reminders.tolerance"),
        pay_within=sections.whole_number(found["pay_within"], "reminders.pay_within"),
        language=str(found["language"]),
        falls_back_to_letter=fallback == "letter",
        lists_also_open=sections.one_of(found["also_open"], ("yes", "no"), "reminders.also_open") == "yes",
    )


_DEFAULTS = {"action": "letter", "start": "due date", "days": "0", "fee": "0", "interest": "0"}


def _level(number: int, given: Any, currency: str) -> Level:  # noqa: ANN401 - whatever the file holds
    where = f"reminders.levels, level {number}"
    if not isinstance(given, dict):
        raise SegcliError(f"{where}: '{given}' is no level", "write {action: letter, start: due date, days: 14}")
    sections.refuse_unknown(given, _DEFAULTS, where)
    level = {**_DEFAULTS, **given}
    start = sections.one_of(level["start"], STARTS, f"{where}, start")
    if number == 1 and start == STARTS[2]:
        raise SegcliError(f"{where}: nothing comes before the first level", f"start is {STARTS[0]} or {STARTS[1]}")
    fee, percent = _fee(str(level["fee"]), currency, f"{where}, fee")
    return Level(
        number=number,
        action=sections.one_of(level["action"], ACTIONS, f"{where}, action"),
        start=start,
        days=sections.whole_number(level["days"], f"{where}, days"),
        fee=fee,
        fee_percent=percent,
        interest=_number(level["interest"], f"{where}, interest"),
    )


def _fee(text: str, currency: str, where: str) -> tuple[int, Fraction]:
    """Return a fixed fee in the smallest unit, or a percentage; the other one is 0."""
    if text.rstrip().endswith("%"):
        return 0, _number(text.rstrip()[:-1].rstrip(), where)
    try:
        fee = money.parse(text, currency)
    except ValueError as error:
        raise SegcliError(
            f"{where}: '{text}': {error}", "write an amount such as 12.50, or a percentage such as 15%"
        ) from error
    if fee < 0:
        raise SegcliError(f"{where}: '{text}' is negative")
    return fee, Fraction(0)


def _number(text: object, where: str) -> Fraction:
    """Return a number of 0 or more, exactly."""
    try:
        number = Fraction(str(text).strip())
    except (ValueError, ZeroDivisionError) as error:
        raise SegcliError(f"{where}: '{text}' is no number", "write it with a decimal point") from error
    if number < 0:
        raise SegcliError(f"{where}: '{text}' is negative")
    return number
