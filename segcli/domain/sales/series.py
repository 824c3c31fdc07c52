"""Invoice number series: consecutive, without gaps or duplicates. Pure."""

import re
from collections.abc import Iterator

from segcli.base.errors import SegcliError

_FORM = re.compile(r"(?P<front>[^{}]*(?:\{yyyy\}|\{yy\})?[^{}]*)\{n:(?P<digits>[1-9]\d?)\}", re.ASCII)


def prefix_of(form: str, year: int) -> tuple[str, int]:
    """Return the prefix and the number of digits of a number format. An invalid format is a SegcliError."""
    match = _FORM.fullmatch(form)
    if not match:
        raise SegcliError(
            f"invoices.number: '{form}' is no form of a number", "write {yy}{n:6}, {yyyy}-{n:5} or F{n:8}"
        )
    front = match["front"].replace("{yyyy}", f"{year:04d}").replace("{yy}", f"{year % 100:02d}")
    return front, int(match["digits"])


def following(last: str | None, prefix: str, digits: int) -> Iterator[str]:
    """Yield the numbers after `last`. A full series is a SegcliError."""
    number = int(last.removeprefix(prefix)) if last else 0
    while True:
        number += 1
        if len(str(number)) > digits:
            raise SegcliError(f"the series {prefix} is full: {digits} digits are used up", "change invoices.number")
        yield f"{prefix}{number:0{digits}d}"
