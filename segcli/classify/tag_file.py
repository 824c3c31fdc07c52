"""Classification files for `tag --from`: a column for the account and a column per classification."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from segcli.base.errors import MOST_PROBLEMS, SHOWN_PROBLEMS, Problem, RejectedError, SegcliError, UsageError, in_file
from segcli.base.text import counted
from segcli.classify import reclassify
from segcli.domain.catalogue import Catalogue
from segcli.importing import readers
from segcli.importing.kinds.machinery.kind_definition import find, key_of
from segcli.importing.kinds.machinery.recognition import IGNORED
from segcli.importing.readers import BadRow, Block, Source
from segcli.query import lookup

_CHUNK = 1000  # rows per account lookup
_NEUTRAL = frozenset({"naam", "reason", "opmerking"})


@dataclass(frozen=True, slots=True)
class Table:
    """The rejected rows under one header."""

    header: tuple[str, ...]
    problems: list[Problem] = field(default_factory=list)
    reasons: dict[object, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """The result of reading a file: the number of accounts, and the rejected rows."""

    source: Source
    accounts: int
    tables: tuple[Table, ...] = ()

    def report(self, rejects: str | None, *, is_dry: bool) -> None:
        """Write the rejected rows to their file, and raise RejectedError if there are any."""
        rows = sum(len(table.reasons) for table in self.tables)
        if not rows:
            return
        if rejects:
            from segcli.importing.rejects import write_tables

            try:
                write_tables(Path(rejects), [(t, "account", self.source) for t in self.tables if t.reasons])
            except SegcliError as error:
                rest = "the rest would be used" if is_dry else "the rest was used"
                error.hint = "; ".join(filter(None, (error.hint, rest)))
                raise
        where = f"they are in {rejects}" if rejects else "--rejects FILE keeps them"
        what = "would be rejected, the rest would be used" if is_dry else "rejected, the rest was used"
        problems = [problem for table in self.tables for problem in table.problems]
        raise RejectedError(f"{self.source.name}: {counted(rows, 'row')} {what}", where, problems)


def propose(db: sqlite3.Connection, catalogue: Catalogue, source: Source, *, must_skip: bool = False) -> Found:
    """Propose the file's changes; return the number of accounts and, with `must_skip`, the rejected rows.

    Without `must_skip`, all unknown accounts and values, duplicate accounts and malformed rows are listed in one
    error.
    """
    reclassify.create_proposal(db)
    reader = _Reader(db, catalogue, source)
    db.execute("SAVEPOINT proposing")  # one transaction, so one snapshot of the accounts
    try:
        for block in readers.read(source):
            reader.read(block)
    finally:
        db.execute("RELEASE proposing")
    source.refuse_changed()
    if reader.problems and not must_skip:
        rows = len(reader.rejected)
        raise SegcliError(
            f"{source.name}: {counted(rows, 'row')} rejected, nothing was changed",
            "correct the file, or use the rest of it: --on-error skip --rejects FILE",
            reader.problems,
        )
    db.execute("DELETE FROM temp.proposal WHERE old_value_id IS new_value_id")
    return Found(source, len(reader.seen), tuple(reader.tables))


class _Reader:
    """Reads the blocks of one file into the proposal."""

    def __init__(self, db: sqlite3.Connection, catalogue: Catalogue, source: Source) -> None:
        self.db = db
        self.catalogue = catalogue
        self.file = source.name
        self.problems: list[Problem] = []  # at most MOST_PROBLEMS
        self.rejected: set[object] = set()  # the lines with a problem
        self.tables: list[Table] = []  # of the blocks, with their rejected rows
        self.seen: dict[int, object] = {}  # account id -> its line
        self._proposed: list[tuple[int, int, int | None, int | None]] = []
        self._values: dict[tuple[int, str], int | None] = {}

    def read(self, block: Block) -> None:
        """Propose the rows of a block."""
        account, fields = self._columns(block.header)
        self.tables.append(Table(block.header))
        classes = "".join(f", a.class{int(field)}" for _, field, _ in fields)
        # One query finds the accounts of many rows; unknown accounts give no row.
        known = f"SELECT j.key, a.id{classes} FROM json_each(?) AS j CROSS JOIN account AS a ON a.code = j.value"
        rows = iter(block.rows)
        while chunk := list(islice(rows, _CHUNK)):
            codes = ["" if isinstance(row, BadRow) else (row[1][account] or "").strip() for row in chunk]
            found = {at: (number, olds) for at, number, *olds in self.db.execute(known, (json.dumps(codes),))}
            for at, row in enumerate(chunk):
                if isinstance(row, BadRow):
                    self._keep(row.problem)
                else:
                    place, cells = row
                    words = [(f, n, (cells[where] or "").strip()) for where, f, n in fields]
                    self._row(place, codes[at], words, found.get(at))
            self.db.executemany("INSERT INTO temp.proposal VALUES (?, ?, ?, ?)", self._proposed)
            self._proposed.clear()

    def _columns(self, header: Sequence[str]) -> tuple[int, list[tuple[int, int, str]]]:
        """Return the index of the account column, and index, field and header of each classification."""
        codes = find("account").fields[0].keys
        account = next((at for at, name in enumerate(header) if key_of(name) in codes), None)
        if account is None:
            raise SegcliError(f"{self.file}: no column names the account: {', '.join(header)}", "call it account")
        fields = []
        with in_file(self.file):
            for at, name in enumerate(header):
                if at != account and not self._is_neutral(name):
                    fields.append((at, self.catalogue.field(name), name))
        if not fields:
            raise SegcliError(
                f"{self.file}: there is no classification in it", "add a column class1 or one with a label"
            )
        if len({field for _, field, _ in fields}) < len(fields):
            raise SegcliError(f"{self.file}: two columns name the same classification", "keep one of them")
        return account, fields

    def _is_neutral(self, name: str) -> bool:
        """Tell whether a column is only informative: a name, class1_name, a column of a rejects file."""
        key = key_of(name)
        is_label = any(key == key_of(label) for label in self.catalogue.labels.values())
        is_field = key in {key_of(known.name) for known in find("account").fields}
        return not is_label and (is_field or key in _NEUTRAL | IGNORED or key.endswith("name") or not key)

    def _row(
        self, place: int | str, account: str, cells: Sequence[tuple[int, str, str]], found: tuple[int, list[Any]] | None
    ) -> None:
        if found is None:
            is_shown = len(self.problems) < SHOWN_PROBLEMS  # each look for what is near goes through all accounts
            near = lookup.near_accounts(self.db, account) if account and is_shown else []
            self._refuse(
                place, "account", account, "there is no such account", f"near it: {', '.join(near)}" if near else ""
            )
            return
        number, olds = found
        if number in self.seen:
            self._refuse(place, "account", account, f"duplicate of line {self.seen[number]}")
            return
        self.seen[number] = place
        changes, is_right = [], True  # a row with a wrong value is left out as a whole
        for (number_of, column, word), old in zip(cells, olds, strict=True):
            if word:
                try:
                    changes.append((number, number_of, old, self._value(number_of, word)))
                except UsageError as error:
                    self._refuse(place, column, word, error.message, error.hint)
                    is_right = False
        if is_right:
            self._proposed.extend(changes)

    def _value(self, field: int, word: str) -> int | None:
        key = (field, word)
        if key not in self._values:
            self._values[key] = None if word.lower() == "none" else self.catalogue.assignable(field, word).id
        return self._values[key]

    def _refuse(self, place: int | str, column: str, value: str, reason: str, fix: str = "") -> None:
        self._keep(Problem(self.file, place, column, value, reason, fix))

    def _keep(self, problem: Problem) -> None:
        """Record a problem's place; only the first MOST_PROBLEMS problems are kept."""
        self.rejected.add(problem.place)
        self.tables[-1].reasons.setdefault(problem.place, problem.why)
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)
            self.tables[-1].problems.append(problem)
