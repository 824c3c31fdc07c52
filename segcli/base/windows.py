"""Time windows for metrics and scores: 90d, 12m, ytd, … as of a reference date. Pure.

A window is half-open: (D - 12 months, D] excludes its first day and includes its last. Two lengths give the window
between them: (24m, 12m) is the twelve months before the last twelve.
"""

import re
from datetime import date, timedelta
from typing import NamedTuple

from segcli.base.dates import add_months
from segcli.base.deferred import regex

_WINDOW = regex(r"(\d{1,4})([dwmqy])", re.ASCII | re.IGNORECASE)
MONTHS = {"m": 1, "q": 3, "y": 12}
ALWAYS = "0000"  # sorts before every ISO date


class Window(NamedTuple):
    """`first` (exclusive) and `day` (inclusive) as ISO dates; `first` is ALWAYS if the window has no start."""

    first: str
    day: str


def window(words: tuple[str, ...], day: date, *, may_be_empty: bool = False) -> Window:
    """Parse a window as of a day; no words means everything up to that day.

    Raise ValueError for an invalid window, and for 0d, which holds no day, unless it may be empty.
    """
    if not words:
        return Window(ALWAYS, str(day))
    words = tuple(word.lower() for word in words)
    if len(words) == 1:
        found = _single(words[0], day)
        if found.first == found.day and not may_be_empty:
            raise ValueError(f"'{words[0]}' holds no day: write 1d for {day} alone")
        return found
    first, last = (_single(word, day) for word in words)
    if "last_year" in words or "ytd" in words or first.first >= last.first:
        raise ValueError(f"'{', '.join(words)}' is no window: write the longer time first, as in 24m, 12m")
    return Window(first.first, last.first)


def _single(word: str, day: date) -> Window:
    if word == "ytd":
        return Window(str(_new_year(day.year)), str(day))
    if word == "last_year":
        return Window(str(_new_year(day.year - 1)), str(_new_year(day.year)))
    match = _WINDOW.fullmatch(word)
    if not match:
        raise ValueError(f"'{word}' is no window: write 90d, 4w, 12m, 2q, 3y, ytd or last_year")
    return Window(str(before(day, int(match[1]), match[2].lower())), str(day))


def _new_year(year: int) -> date:
    """Return the last day of the previous year."""
    return date(year, 1, 1) - timedelta(days=1)


def before(day: date, number: int, unit: str) -> date:
    """Subtract days, weeks, months, quarters or years; the day is capped at the last day of the month.

    Raises ValueError if the result is before the calendar starts.
    """
    if unit not in MONTHS:
        return day - timedelta(days=number * (7 if unit == "w" else 1))
    try:
        return add_months(day, -number * MONTHS[unit])
    except ValueError as error:
        raise ValueError(f"{number}{unit} before {day} is no day of the calendar") from error
