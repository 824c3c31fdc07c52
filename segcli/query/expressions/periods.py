"""Months, quarters and years as texts whose order is that of time: 2026-06, 2026Q2, 2026. Pure."""

import re
from collections.abc import Mapping

from segcli.base.deferred import regex
from segcli.base.errors import UsageError

# The period of a month or day {m} in ISO 8601.
PERIODS: Mapping[str, str] = {
    "month": "substr({m}, 1, 7)",
    "quarter": "substr({m}, 1, 4) || 'Q' || ((CAST(substr({m}, 6, 2) AS INTEGER) + 2) / 3)",
    "year": "substr({m}, 1, 4)",
}
_EXAMPLES: Mapping[str, str] = {"month": "2026-03", "quarter": "2026Q1", "year": "2026"}
_FORMS: Mapping[str, re.Pattern[str]] = {
    "month": regex(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII),
    "quarter": regex(r"(\d{4})-?Q([1-4])", re.ASCII | re.IGNORECASE),
    "year": regex(r"(\d{4})()", re.ASCII),
}


def parse(text: str, unit: str) -> str:
    """Return a period of this unit as it is compared: 2026q1 is 2026Q1. Raise UsageError for any other text."""
    match = _FORMS[unit].fullmatch(text)
    if not match:
        other = next((name for name, form in _FORMS.items() if form.fullmatch(text)), "")
        hint = f"; the field for a {other} is cohort{'' if other == 'month' else f'_{other}'}" if other else ""
        raise UsageError(f"'{text}' is no {unit}", f"write {_EXAMPLES[unit]}{hint}")
    return {"month": f"{match[1]}-{match[2]}", "quarter": f"{match[1]}Q{match[2]}", "year": match[1]}[unit]
