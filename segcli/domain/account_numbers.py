"""The numbers of accounts that come without a code: `C{n:5}` makes C00001, C00002 and so on. Pure."""

import re
from typing import NamedTuple

from segcli.base.errors import SegcliError

FORM = "C{n:5}"  # as in config.example.yaml
_FORM = re.compile(r"(?P<front>[^{}]*)\{n:(?P<digits>[1-9])\}", re.ASCII)


class Series(NamedTuple):
    """A series of account codes: what they begin with, and the least number of digits after it."""

    front: str
    digits: int

    def code(self, number: int) -> str:
        """Return the code of a number."""
        return f"{self.front}{number:0{self.digits}d}"


def series(form: str) -> Series:
    """Return the series of a form. An invalid form is a SegcliError."""
    match = _FORM.fullmatch(form)
    if not match or match["front"] != match["front"].lstrip():
        raise SegcliError(
            f"accounts.number: '{form}' is no form of an account number", "write C{n:5}, {n:6} or WEB-{n:4}"
        )
    return Series(match["front"], int(match["digits"]))
