"""Dates and periods: parsing user input, the current date and month arithmetic. Pure."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta

from segcli.base.deferred import regex
from segcli.base.errors import UsageError

_YEAR_LAST = regex(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_MONTHS = 12
_ISO = regex(r"\d{4}-\d\d-\d\d", re.ASCII)
_PERIOD = regex(r"(\d{4})(?:-?(?:Q([1-4])|H([12]))|-(\d\d))?", re.ASCII | re.IGNORECASE)
_WEEK = regex(r"(\d{4})-?W(\d\d)", re.ASCII | re.IGNORECASE)
_EARLIEST = 1900


def today(environ: Mapping[str, str] = os.environ) -> date:
    """Return SEGCLI_TODAY if set, else the local date."""
    fixed = environ.get("SEGCLI_TODAY")
    return parse(fixed, "SEGCLI_TODAY") if fixed else date.today()  # noqa: DTZ011 - a bookkeeper's day is local


def parse(text: str, what: str = "date") -> date:
    """Parse an ISO date. A UsageError names `what` and, for a day past the end of a month, the last valid day."""
    if not _ISO.fullmatch(text):
        raise UsageError(f"{what}: '{text}' is not a date", f"write it as {_turned(text)}")
    if int(text[:4]) < _EARLIEST:
        raise UsageError(f"{what}: '{text}' lies before {_EARLIEST}", "write the year with four digits")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{what}: '{text}' does not exist", _nearest(text)) from error


def _turned(text: str) -> str:
    """Return a day such as 30-06-2026 or 6/30/2026 as ISO; an example if the order of day and month is not certain."""
    found = _YEAR_LAST.fullmatch(text)
    if found:
        low, high = sorted((int(found[1]), int(found[2])))
        with suppress(ValueError):
            turned = date(int(found[3]), low, high)
            if high > _MONTHS or low == high:
                return str(turned)
    return "2026-03-31"


def _nearest(text: str) -> str:
    year, month = int(text[:4]), int(text[5:7])
    if 1 <= month <= 12:  # noqa: PLR2004 - months
        return f"the last day of that month is {month_end(date(year, month, 1))}"
    return "months run from 01 to 12"


def day_of(text: str, now: date, what: str = "date") -> date:
    """Parse an ISO date or one of the words today, yesterday, tomorrow."""
    words = {"today": 0, "yesterday": -1, "tomorrow": 1}
    return now + timedelta(days=words[text.lower()]) if text.lower() in words else parse(text, what)


def add_months(day: date, months: int) -> date:
    """Add months; the day is capped at the last day of the resulting month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return in_month(date(year, month + 1, 1), day.day)


def in_month(month: date, day: int) -> date:
    """Return day number `day` of the month that contains `month`, capped at its last day."""
    return month.replace(day=day if day <= 28 else min(day, month_end(month).day))  # noqa: PLR2004 - every month has 28 days


def month_end(day: date) -> date:
    """Return the last day of the day's month."""
    if day.month == 12:  # noqa: PLR2004 - December; date.max has no next day
        return day.replace(day=31)
    return day.replace(month=day.month + 1, day=1) - timedelta(days=1)


def _span(first: date, months: int) -> tuple[date, date]:
    return first, month_end(add_months(first, months - 1))


def period(text: str, now: date) -> tuple[date, date]:
    """Return the first and last day (inclusive) of a period such as 2026, 2026Q1, 2026H2, 2026-03, 2026W05, lastmonth or ytd."""
    word = text.lower().replace("-", "").replace("_", "").replace(" ", "")
    if word in NAMED:
        return _word(word, now)
    if week := _WEEK.fullmatch(text):
        return _week(int(week[1]), int(week[2]))
    match = _PERIOD.fullmatch(text)
    if not match or (match[4] and not 1 <= int(match[4]) <= 12) or int(match[1]) < _EARLIEST:  # noqa: PLR2004 - months
        known = ", ".join(NAMED)
        known = f"write 2026, 2026Q1, 2026H1, 2026-03, 2026W05 or one of {known}"
        raise UsageError(f"--period: '{text}' is no period", known)
    year, quarter, half, month = int(match[1]), match[2], match[3], match[4]
    if quarter:
        return _span(date(year, 3 * int(quarter) - 2, 1), 3)
    if half:
        return _span(date(year, 6 * int(half) - 5, 1), 6)
    return _span(date(year, int(month), 1), 1) if month else _span(date(year, 1, 1), 12)


def _week(year: int, number: int) -> tuple[date, date]:
    """Return the Monday and the Sunday of a week of ISO 8601."""
    weeks = date(max(year, 1), 12, 28).isocalendar().week
    if year < _EARLIEST or not 1 <= number <= weeks:
        what = f"--period: the year {year} has no week {number:02}"
        raise UsageError(
            what, f"its weeks are W01 to W{weeks}" if year >= _EARLIEST else f"write a year from {_EARLIEST}"
        )
    monday = date.fromisocalendar(year, number, 1)
    return monday, monday + timedelta(days=6)


def week_name(day: date) -> str:
    """Name the week of a day according to ISO 8601: 2026W05."""
    year, number, _ = day.isocalendar()
    return f"{year:04}W{number:02}"


def name(first: date, last: date) -> str:
    """Name a period: 2026, 2026H1, 2026Q1, 2026-03 or 2026W05, as `period` parses it; otherwise the day, or 2026-03-05_2026-04-10."""
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if first.day == 1 and last == month_end(last) and (first.month - 1) % months == 0:
        part = (first.month - 1) // months + 1
        known = {1: f"{first:%Y-%m}", 3: f"{first.year}Q{part}", 6: f"{first.year}H{part}", 12: f"{first.year}"}
        if months in known:
            return known[months]
    if first.weekday() == 0 and last - first == timedelta(days=6):
        return week_name(first)
    return f"{first}" if first == last else f"{first}_{last}"


def earlier(one: date | None, other: date | None) -> date | None:
    """Return the earlier of two dates, ignoring None."""
    return min((day for day in (one, other) if day), default=None)


def back(first: date, last: date, how: str) -> tuple[date, date]:
    """Return the same days a year before (`year`), or the period of the same length just before (`previous`)."""
    if how == "year":
        end = add_months(last, -12)
        return add_months(first, -12), month_end(end) if last == month_end(last) else end
    if first.day == 1 and last == month_end(last):
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        return add_months(first, -months), first - timedelta(days=1)
    days = (last - first).days + 1
    return first - timedelta(days=days), first - timedelta(days=1)


def words(first: date | None, last: date | None, everything: str) -> str:
    """Describe a period that may be open at either end; return `everything` if it is open at both."""
    if first and last:
        return f"{first} to {last}"
    return f"from {first}" if first else f"up to {last}" if last else everything


NAMED = (
    "today", "yesterday", "thisweek", "lastweek", "thismonth", "lastmonth", "thisquarter", "lastquarter", "thisyear",
    "lastyear", "ytd",
)  # fmt: skip


def _word(word: str, now: date) -> tuple[date, date]:
    if word in {"today", "yesterday"}:
        day = day_of(word, now)
        return day, day
    if word == "ytd":
        return date(now.year, 1, 1), now
    if word.endswith("week"):
        monday = now - timedelta(days=now.weekday() + (7 if word == "lastweek" else 0))
        return monday, monday + timedelta(days=6)
    months = {"month": 1, "quarter": 3, "year": 12}[word[4:]]
    first = date(now.year, (now.month - 1) // months * months + 1, 1)
    return _span(add_months(first, -months) if word.startswith("last") else first, months)
