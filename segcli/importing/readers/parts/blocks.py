"""What a reader reads and yields: an input file with the user's options, and blocks of rows. `readers` passes them on."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from segcli.base.errors import Problem, SegcliError

if TYPE_CHECKING:
    from segcli.importing.party_matching import PartyMatching
    from segcli.importing.readers.parts.unread import Unread


Place = int | str  # the physical line where a record starts, or a path such as $[3] or Sheet1!3


class BadRow(NamedTuple):
    """A row that cannot be imported: the problem, the place and the original cells."""

    problem: Problem
    place: Place
    cells: tuple[str, ...] = ()


class Block(NamedTuple):
    """Rows of one kind in a file.

    `kind` is None if the format does not state it; the headers then decide. `rows` is an iterator that is read
    once, in the order of the blocks; each row is as long as `header`. If `is_canonical`, numbers are written
    1234.56 and dates 2024-01-31, whatever the file's own style (JSON, XML). In a workbook this holds only for cells
    that are numbers or dates.
    """

    kind: str | None
    name: str  # the sheet or element, for messages; empty if the file is one table
    header: tuple[str, ...]
    rows: Iterable[tuple[Place, Sequence[str | None]] | BadRow]
    is_canonical: bool
    currency: str = ""  # the administration's currency, if the file states it
    numeric: frozenset[str] = frozenset()  # columns of numeric cells: codes in them lost leading zeros
    is_settled: bool = False  # the reader has applied --as; `kind` is final
    year: int | None = None  # the financial year of all its entries, if the file has one
    has_exponents: bool = False  # a cell may hold a number as a spreadsheet shows it, rounded: 6.72E+08
    by_reference: bool = False  # accounts are named by references such as odoo:res_partner_12, not by code
    only_fills: bool = False  # the rows are no list of accounts, but of what accounts have: they only fill empty fields
    fields: tuple[str, ...] = ()  # the field of each column, if it is known without its heading
    unread: "Unread | None" = None  # with `fields`: the columns of the file that are not read
    origin: tuple[str, ...] = ()  # with `fields`: the columns of the file
    totals: list[Place] | None = None  # with `fields`: where the reader adds the places of total rows
    title: str = ""  # with `fields`: what the file is, for people
    only_known: bool = False  # payments of invoices that are no outstanding items are left out and counted


@dataclass(frozen=True, slots=True)
class Source:
    """An input file and the user's options for it."""

    path: Path
    name: str  # as the user wrote it; <stdin> for `-`
    encoding: str = ""  # empty: UTF-8, or UTF-16 by its byte order mark
    delimiter: str = ""  # empty: detected from the header
    warnings: list[str] = field(default_factory=list, compare=False)
    left_out: list[str] = field(default_factory=list, compare=False)  # messages about ignored parts of the file
    company: dict[str, str | None] = field(
        default_factory=dict, compare=False
    )  # the administration itself, as the file has it
    parties: "PartyMatching | None" = field(default=None, compare=False)  # None while files are sorted
    state: tuple[int, ...] = field(default=(), compare=False)  # device, inode, size and mtime before reading
    is_plain: bool = field(default=False, compare=False)  # the user says what it holds: no layout of a program applies
    renamed: Mapping[str, str] = field(
        default_factory=dict, compare=False
    )  # column -> field, from --map and the profile
    is_member: bool = field(default=False, compare=False)  # one of the files of an archive
    labels: Mapping[str, int] = field(default_factory=dict, compare=False)  # normalised label -> number of its class

    def warn(self, text: str) -> None:
        """Add a warning, once however often the file is read."""
        if text not in self.warnings:
            self.warnings.append(text)

    def leave_out(self, text: str) -> None:
        """Add a message about an ignored part of the file, once however often the file is read."""
        if text not in self.left_out:
            self.left_out.append(text)

    def refuse_changed(self) -> None:
        """Raise SegcliError if the file changed since it was opened, because its parts may be inconsistent."""
        if self.state and state_of(self.path) != self.state:
            raise SegcliError(f"{self.name} was changed while it was read", "run it again when the file is complete")


def state_of(path: Path) -> tuple[int, ...]:
    """Return what changes if a file is written to; (-1,) if there is no such file."""
    try:
        found = os.stat(path)  # noqa: PTH116 - its fields by name
    except OSError:
        return (-1,)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
