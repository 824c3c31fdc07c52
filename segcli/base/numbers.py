"""Numbers as people write them: 250, 12.50, 10k, 2m. Pure."""

import re
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,9})?([km]?)", re.ASCII | re.IGNORECASE)
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}


def number(text: str) -> Decimal | None:
    """Return the number of a text; 10k is 10,000. None if it is not a number."""
    match = _NUMBER.fullmatch(text)
    return Decimal(text[: len(text) - len(match[1])]) * _TIMES[match[1].lower()] if match else None
