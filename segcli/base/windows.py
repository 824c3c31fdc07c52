"""Windows of time that metrics and scores look at: 90d, 12m, ytd, … as of a day. Pure.

A window (D - 12 months, D] leaves its first day out and holds its last. Two lengths go from the one ago to the other:
(24m, 12m) are the twelve months before the last twelve.
"""

import re
from datetime import date, timedelta
from typing import NamedTuple

from segcli.base.dates import add_months

_WINDOW = re.compile(r"(\d{1,4})([dwmqy])", re.ASCII | re.IGNORECASE)
MONTHS = {"m": 1, "q": 3, "y": 12}
ALWAYS = "0000"  # before every day


class Window(NamedTuple):
    """The day before the first one and the last one, as ISO dates; `first` is ALWAYS where it has no beginning."""

    first: str
    day: str


def window(words: tuple[str, ...], day: date) -> Window:
    """Return the window that these words mean as of a day; none means all up to it. A wrong one is a ValueError."""
    if not words:
        return Window(ALWAYS, str(day))
    words = tuple(word.lower() for word in words)
    if len(words) == 1:
        return _single(words[0], day)
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
    """Return the last day before a year."""
    return date(year, 1, 1) - timedelta(days=1)


def before(day: date, number: int, unit: str) -> date:
    """Return the day so many days, weeks, months, quarters or years before, the last of its month where that is shorter.

    A ValueError where the calendar does not go back that far.
    """
    if unit not in MONTHS:
        return day - timedelta(days=number * (7 if unit == "w" else 1))
    try:
        return add_months(day, -number * MONTHS[unit])
    except ValueError as error:
        raise ValueError(f"{number}{unit} before {day} is no day of the calendar") from error
