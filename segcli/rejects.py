"""The rejects file: rows that were left out, as their file has them, to be mended and imported again."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from segcli import marks, readers
from segcli.kinds import _kind
from segcli.kinds._stage import Stage
from segcli.loading import Loaded
from segcli.readers import BadRow, Source

_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*")
ADDED = ("rejected_line", "rejected_because")  # an import reads past them


def write(path: Path, loaded: Sequence[Loaded], sources: Sequence[Source]) -> None:
    """Write the rejected rows, one CSV per kind of row: where there are several, the kind is added to the name."""
    from segcli import output

    tables = [
        (stage, source) for one, source in zip(loaded, sources, strict=True) for stage in one.stages if stage.rejected
    ]
    groups: dict[tuple[str, ...], list[tuple[Stage, Source]]] = {}
    for stage, source in tables:
        groups.setdefault(stage.header, []).append((stage, source))
    for number, (header, members) in enumerate(groups.items()):
        target = path if not number else _of_kind(path, members[0][0].kind.name)
        output.write_text(target, _text(header, members))


def refuse_inputs(path: Path) -> None:
    """Raise UsageError where a rejects file, of whatever kind its rows are, would take the place of a file that is read."""
    from segcli import inputs

    for target in (path, *(_of_kind(path, name) for name in _kind.names())):
        inputs.refuse(target, "--rejects")


def _of_kind(path: Path, kind: str) -> Path:
    return path.with_stem(f"{path.stem}-{kind}")


def _text(header: Sequence[str], members: Iterable[tuple[Stage, Source]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow((*ADDED, *header))
    for stage, source in members:
        writer.writerows(_rows(stage, source))
    return buffer.getvalue()


def _rows(stage: Stage, source: Source) -> Iterator[Sequence[str | None]]:
    reasons = {
        problem.place: ": ".join(filter(None, (problem.column, problem.reason))) for problem in reversed(stage.problems)
    }
    for block in readers.read(source):
        for row in block.rows:
            place, cells = (row.place, row.cells) if isinstance(row, BadRow) else row
            if block.header == stage.header and place in stage.problem_places:
                yield (str(place), reasons.get(place, ""), *map(_safe, cells))


def _safe(cell: str | None) -> str:
    """Return a cell as our csv has it: somebody mends it in a spreadsheet. A plain number runs nothing, and stays one."""
    text = marks.written(cell or "")
    return text if _NUMBER.fullmatch(text) else marks.guarded(text)
