"""The rejects file: the rejected rows in the columns of their file, to be corrected and imported again."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from segcli.base import escaping
from segcli.importing import readers
from segcli.importing.kinds.machinery import kind_definition
from segcli.importing.readers import BadRow, Source
from segcli.importing.results import Loaded

_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*")
ADDED = ("rejected_line", "rejected_because")  # an import ignores them


class Rejected(Protocol):
    """The rejected rows of one table of a file (rows with a common header)."""

    @property
    def header(self) -> tuple[str, ...]:
        """Return the columns of the file."""

    @property
    def reasons(self) -> Mapping[object, str]:
        """Return why each row is rejected, by its place."""


def write(path: Path, loaded: Sequence[Loaded], sources: Sequence[Source]) -> None:
    """Write the rejected rows, one CSV file per kind; if there are several kinds, the kind is added to the file name."""
    tables: list[tuple[Rejected, str, Source]] = []
    for one, source in zip(loaded, sources, strict=True):
        rows: dict[tuple[str, ...], _Rows] = {}
        for stage in (stage for stage in one.stages if stage.reasons):
            if not stage.origin:
                tables.append((stage, stage.kind.name, source))
                continue
            found = rows.setdefault(stage.origin, _Rows(stage.origin, {}))
            if not found.reasons:
                tables.append((found, stage.kind.name, source))
            found.add(stage.reasons)
    write_tables(path, tables)


class _Rows(NamedTuple):
    """The rejected rows of a file that holds several kinds of records in a row."""

    header: tuple[str, ...]
    reasons: dict[object, str]

    def add(self, reasons: Mapping[object, str]) -> None:
        """Add the rejected rows of a kind; a row that several kinds reject keeps the first reason."""
        for place, reason in reasons.items():
            self.reasons.setdefault(place, reason)


def write_tables(path: Path, tables: Iterable[tuple[Rejected, str, Source]]) -> None:
    """Write the rejected rows of tables, each with its kind and file: one CSV per header."""
    from segcli.output import destinations

    groups: dict[tuple[str, ...], list[tuple[Rejected, str, Source]]] = {}
    for table, kind, source in tables:
        groups.setdefault(table.header, []).append((table, kind, source))
    for number, (header, members) in enumerate(groups.items()):
        target = path if not number else _of_kind(path, members[0][1])
        destinations.write_text(target, _text(header, members))


def refuse_inputs(path: Path) -> None:
    """Raise UsageError if a rejects file of any kind would overwrite an input file."""
    from segcli.base import file_guard

    for target in (path, *(_of_kind(path, name) for name in (*kind_definition.names(), "price"))):
        file_guard.refuse(target, "--rejects")


def _of_kind(path: Path, kind: str) -> Path:
    return path.with_stem(f"{path.stem}-{kind}")


def _text(header: Sequence[str], members: Iterable[tuple[Rejected, str, Source]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow((*ADDED, *header))
    for table, _, source in members:
        writer.writerows(_rows(table, source))
    return buffer.getvalue()


def _rows(table: Rejected, source: Source) -> Iterator[Sequence[str | None]]:
    for block in readers.read(source):
        for row in block.rows:
            place, cells = (row.place, row.cells) if isinstance(row, BadRow) else row
            if block.header == table.header and place in table.reasons:
                yield (str(place), table.reasons[place], *map(_safe, cells))


def _safe(cell: str | None) -> str:
    """Escape a cell as in CSV output, because users correct it in a spreadsheet; a plain number needs no escape."""
    text = escaping.written(cell or "")
    return text if _NUMBER.fullmatch(text) else escaping.guarded(text)
