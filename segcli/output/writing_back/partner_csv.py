"""CSV for the imports of Odoo (res.partner) and ERPNext (Customer, Supplier): the id of a record, and fields or tags.

Odoo (ir.fields.converter): an empty cell empties a field, and a list of tags replaces all tags of the partner; the names of tags are
separated by commas. Frappe (data_import/importer.py): an empty cell leaves a field as it is. Cells are for a program and are not
guarded against spreadsheets.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from segcli.domain.catalogue import FIELDS, Value
from segcli.domain.reclassification import Move, Reclassified
from segcli.output.writing_back.target import TAKEN, Refusal

ID, CODE = "id", "code"  # the keys by which a program knows an account
TAGS = "category_id"
_SEPARATORS = (",", " / ")  # between tags, and between a tag and the tag above it


@dataclass(frozen=True, slots=True)
class Program:
    """A program and its import."""

    name: str
    headings: Mapping[str, str]  # of the column of the account, by key
    empties: bool  # an empty cell empties a field
    takes_code: bool  # the program may know an account without references by our code
    tags: str = ""  # the column of tags


PROGRAMS = {
    "odoo": Program("odoo", {ID: "id", CODE: "ref"}, empties=True, takes_code=False, tags=TAGS),
    "erpnext": Program("erpnext", {ID: "ID", CODE: "ID"}, empties=False, takes_code=True),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns beside the key: a column per field, or one column of tags; and how values are written."""

    columns: Mapping[int, str]  # by field; empty: tags
    has_codes: bool  # codes of values, else descriptions

    def text(self, value: Value | None) -> str:
        """Return a value as it is written; a value without a description is written as its code."""
        if value is None:
            return ""
        return value.code if self.has_codes else value.description or value.code


class PartnerCsv:
    """The file that the program imports as an update of its records. A row holds all columns of an account."""

    def __init__(self, program: Program, layout: Layout, key: str, labels: Mapping[int, str]) -> None:
        self._program = program
        self._layout = layout
        self._key = key  # ID, CODE, or '': by id, else by code if the program takes it
        self._labels = labels
        self.notes: Sequence[str] = (
            () if layout.columns else ("the import replaces all tags of these records with those of the file",)
        )

    def account(self, account: Reclassified) -> Refusal:
        """Return why the program does not know the account."""
        if not self._keys(account):
            name = self._program.name
            return Refusal(f"this account has no id of {name}", f"import it from {name}")
        wrong = "" if self._layout.columns else self._unwritable(account)
        if wrong:
            return Refusal(
                f"a tag cannot hold '{wrong}'", "remove the comma or ' / ' from it, or use --field LABEL=FIELD"
            )
        return TAKEN

    def move(self, _account: Reclassified, move: Move) -> Refusal:
        """Return why the change cannot be written."""
        if move.new is None and not self._program.empties:
            return Refusal(f"an import of {self._program.name} cannot empty a field", "empty it there", is_partial=True)
        return TAKEN

    def lines(self, accounts: Iterable[Reclassified]) -> Iterator[str]:
        """Yield the text of the file."""
        key = self._key or ID
        yield _line((self._program.headings[key], *(self._layout.columns.values() or (self._program.tags,))))
        for account in accounts:
            cells = self._cells(account)
            yield from (_line((name, *cells)) for name in self._keys(account))

    def _keys(self, account: Reclassified) -> Sequence[str]:
        """Return the ids of the account in the program, which may have it twice."""
        if self._key == CODE:
            return (account.code,)
        known = account.known_as(self._program.name)
        has_code = not self._key and self._program.takes_code and not account.programs and not account.external_id
        return known or ((account.code,) if has_code else ())

    def _cells(self, account: Reclassified) -> Sequence[str]:
        if self._layout.columns:
            return tuple(self._layout.text(account.values.get(field)) for field in self._layout.columns)
        tags = (self._tag(account, field) for field in FIELDS if field in account.values)
        return (",".join(map(" / ".join, tags)),)

    def _tag(self, account: Reclassified, field: int) -> tuple[str, str]:
        """Return the parts of a tag: the label and the value."""
        return self._labels[field], self._layout.text(account.values[field])

    def _unwritable(self, account: Reclassified) -> str:
        """Return the first part of a tag that holds a separator, '' if there is none."""
        parts = (part for field in account.values for part in self._tag(account, field))
        return next((part for part in parts if any(sign in part for sign in _SEPARATORS)), "")


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)  # so that a cell with a carriage return is quoted
    return f"{text.getvalue()[:-2]}\n"
