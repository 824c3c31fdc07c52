"""The steps of time that analyses have: months, quarters, years, each as its text. Pure."""

import re

_QUARTER = re.compile(r"(\d{4})Q([1-4])", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)


def following(label: str) -> str:
    """Return the step after 2026-12, 2026Q4 or 2026: 2027-01, 2027Q1, 2027; '' for what is no step of time."""
    for pattern, form, last in ((_MONTH, "{:04}-{:02}", 12), (_QUARTER, "{:04}Q{}", 4)):
        if match := pattern.fullmatch(label):
            year, step = int(match[1]), int(match[2])
            return form.format(year + step // last, step % last + 1)
    return f"{int(label) + 1:04}" if _YEAR.fullmatch(label) else ""
