"""Accounts whose classes were changed here, as they are written back to the program that they came from. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from segcli.domain.catalogue import Value

_OWN = ("code", "id")  # references to accounts that were merged into this one, by their code or GUID


@dataclass(frozen=True, slots=True)
class Move:
    """A class of an account that changed: its label, and the value in the other program and here. None is no value."""

    field: int
    label: str
    old: Value | None
    new: Value | None


@dataclass(frozen=True, slots=True)
class Reclassified:
    """An account with its changed classes, by field."""

    code: str
    name: str
    external_id: str  # its GUID in Exact Online; '' if unknown
    references: tuple[str, ...]  # what other programs call it: odoo:res_partner_12
    moves: tuple[Move, ...]
    values: Mapping[int, Value]  # its present values by field

    def known_as(self, program: str) -> tuple[str, ...]:
        """Return its ids in a program, without the name of the program."""
        start = f"{program}:"
        return tuple(text.removeprefix(start) for text in self.references if text.startswith(start))

    @property
    def programs(self) -> tuple[str, ...]:
        """Return the programs that the account has an id of, except Exact Online."""
        names = dict.fromkeys(text.partition(":")[0] for text in self.references)
        return tuple(name for name in names if name not in _OWN)
