"""The periods of a time axis as text: weeks, months, quarters and years. Pure."""

import re
from datetime import date, timedelta

from segcli.base.dates import week_name

_QUARTER = re.compile(r"(\d{4})Q([1-4])", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_WEEK = re.compile(r"(\d{4})W(\d{2})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)


def following(label: str) -> str:
    """Return the next period: 2027-01 after 2026-12, 2027Q1 after 2026Q4, 2027W01 after 2026W53, 2027 after 2026; '' for any other text."""
    for pattern, form, last in ((_MONTH, "{:04}-{:02}", 12), (_QUARTER, "{:04}Q{}", 4)):
        if match := pattern.fullmatch(label):
            year, step = int(match[1]), int(match[2])
            return form.format(year + step // last, step % last + 1)
    if match := _WEEK.fullmatch(label):
        return week_name(date.fromisocalendar(int(match[1]), int(match[2]), 1) + timedelta(weeks=1))
    return f"{int(label) + 1:04}" if _YEAR.fullmatch(label) else ""
