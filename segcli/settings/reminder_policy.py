"""Reads and validates the reminder policy of the configuration."""

from fractions import Fraction
from typing import Any

from segcli.base import money
from segcli.base.errors import SegcliError
from segcli.domain.reminders.policy import AFTER_REMINDER, STARTS, Level, Policy
from segcli.settings import section_keys, sections
from segcli.settings.config import Config


def read(config: Config, currency: str, mode: str | None = None) -> Policy:
    """Return the configured policy. An invalid setting is a SegcliError that names it."""
    found = sections.section(config, "reminders")
    levels = found["levels"]
    if not isinstance(levels, list) or not levels:
        raise SegcliError("reminders.levels: there must be one level at least")
    return Policy(
        levels=tuple(_level(number, level, currency) for number, level in enumerate(levels, 1)),
        mode=mode or found["mode"],
        interval=sections.whole_number(found["interval"], "reminders.interval"),
        tolerance=_number(found["tolerance"], "reminders.tolerance"),
        pay_within=sections.whole_number(found["pay_within"], "reminders.pay_within"),
        language=str(found["language"]),
        falls_back_to_letter=found["without_email"] == "letter",
        lists_also_open=found["also_open"] == "yes",
    )


_DEFAULTS = {key.name: key.default for key in section_keys.LEVEL}


def _level(number: int, given: Any, currency: str) -> Level:  # noqa: ANN401 - whatever the file holds
    where = f"reminders.levels, level {number}"
    if not isinstance(given, dict):
        raise SegcliError(f"{where}: '{given}' is no level", "write {action: letter, start: due date, days: 14}")
    sections.check(given, section_keys.LEVEL, where, ", ")
    level = {**_DEFAULTS, **given}
    start = level["start"]
    others = ", ".join(name for name in STARTS if name != AFTER_REMINDER)
    if number == 1 and start == AFTER_REMINDER:
        raise SegcliError(f"{where}: nothing comes before the first level", f"start is one of {others}")
    fee, percent = _fee(str(level["fee"]), currency, f"{where}, fee")
    return Level(
        number=number,
        action=level["action"],
        start=start,
        days=sections.whole_number(level["days"], f"{where}, days"),
        fee=fee,
        fee_percent=percent,
        interest=_number(level["interest"], f"{where}, interest"),
    )


def _fee(text: str, currency: str, where: str) -> tuple[int, Fraction]:
    """Return the fee as a fixed amount in minor units and as a percentage; one of them is 0."""
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
    """Parse an exact number of 0 or more."""
    try:
        number = Fraction(str(text).strip())
    except (ValueError, ZeroDivisionError) as error:
        raise SegcliError(f"{where}: '{text}' is no number", "write it with a decimal point") from error
    if number < 0:
        raise SegcliError(f"{where}: '{text}' is negative")
    return number
