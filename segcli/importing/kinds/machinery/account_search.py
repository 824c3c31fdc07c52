"""The search text of an account."""

from collections.abc import Sequence
from typing import Any

from segcli.base.text import fold
from segcli.importing.kinds.machinery.upsert import Search

_COLUMNS = ("code", "name", "search_code", "city", "email", "phone", "vat_number", "chamber_of_commerce")
_NUMBERS = tuple(_COLUMNS.index(name) for name in ("phone", "vat_number", "chamber_of_commerce"))
_PUNCTUATION = str.maketrans("", "", " -./()+\u00a0")


def _text(values: Sequence[Any]) -> str:
    """Return the values, one a line and folded; numbers are repeated without punctuation."""
    parts = list(filter(None, values))
    for at in _NUMBERS:
        value = values[at]
        if value and not value.isalnum():
            plain = value.replace("-", "").replace(" ", "")
            parts.append(plain if plain.isalnum() else plain.translate(_PUNCTUATION))
    text = "\n".join(parts)
    return text.lower() if text.isascii() else fold(text)


SEARCH = Search(_COLUMNS, _text)
