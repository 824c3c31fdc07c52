"""The results of an import, by file and by kind of record, and how they are told."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from segcli.base.errors import Problem, SegcliError
from segcli.base.text import counted
from segcli.importing.kinds.machinery import recognition
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.importing.readers import Source

_SHOWN_TOTALS = 5


class Outcome(NamedTuple):
    """The result of importing one block of a file."""

    file: str
    kind: str  # plural, shown to users: 'accounts'
    counts: Counts
    rejected: int = 0
    unread: tuple[str, ...] = ()  # the columns that hold values and are not read, with the field that each is close to

    @property
    def is_empty(self) -> bool:
        """Tell whether there was no row and is nothing to tell, as of the items of invoices without item codes."""
        c = self.counts
        return not (c.added or c.changed or c.unchanged or c.others or c.notes or self.rejected)


class Loaded(NamedTuple):
    """The result of importing a file."""

    outcomes: tuple[Outcome, ...]
    stages: tuple[Stage, ...]
    run_id: int | None = None

    @property
    def rejected(self) -> int:
        """Return the number of rejected rows."""
        return sum(outcome.rejected for outcome in self.outcomes)

    @property
    def reasons(self) -> dict[str, int]:
        """Return how many rows were rejected for each reason, the most common first."""
        found = Counter(reason for stage in self.stages for reason in stage.reasons.values())
        return dict(found.most_common())

    @property
    def taken(self) -> int:
        """Return the number of rows that were imported, or were here already."""
        return sum(o.counts.added + o.counts.changed + o.counts.unchanged + o.counts.others for o in self.outcomes)

    @property
    def problems(self) -> list[Problem]:
        """Return the problems, in the order of the file's blocks."""
        return [problem for stage in self.stages for problem in stage.problems]


def outcome(source: Source, stage: Stage, counts: Counts) -> Outcome:
    """Return the result of a block, with notes of its values and of its total rows."""
    counts = counts._replace(notes=(*stage.notes, *counts.notes))
    if stage.totals:
        shown = ", ".join(map(str, stage.totals[:_SHOWN_TOTALS])) + " …" * (len(stage.totals) > _SHOWN_TOTALS)
        counts = counts._replace(
            notes=(*counts.notes, f"{counted(len(stage.totals), 'total row')} left out: line {shown}")
        )
    if stage.footers:
        shown = ", ".join(stage.footers[:_SHOWN_TOTALS]) + " …" * (len(stage.footers) > _SHOWN_TOTALS)
        footers = f"{counted(len(stage.footers), 'line')} below the table left out: {shown}"
        counts = counts._replace(notes=(*counts.notes, footers))
    return Outcome(source.name, stage.kind.title, counts, stage.rejected, tuple(with_nearest(stage)))


def with_nearest(stage: Stage) -> Iterator[str]:
    """Yield the columns that hold values and are not read, each with why, or the field that it is close to: ctiy (city?)."""
    for name in stage.unread.names:
        near = recognition.nearest_field(stage.mapping, name)
        yield f"{name} ({near})" if near else name


def summary(outcome: Outcome) -> str:
    """Return the summary of a block."""
    counts = outcome.counts
    changed = f" ({', '.join(f'{name} {n}' for name, n in counts.fields.items())})" if counts.fields else ""
    words = f"{counts.added} added, {counts.changed} changed{changed}, {counts.unchanged} unchanged"
    rejected = f", {outcome.rejected} rejected" if outcome.rejected else ""
    return f"{outcome.kind}: {words}{rejected}" if outcome.kind else f"{words}{rejected}"


def refusal(loaded: Loaded, file: str, *, is_dry: bool = False) -> SegcliError:
    """Return the error for a file without any imported row."""
    rows = counted(loaded.rejected, "row")
    what = "would be rejected, nothing would be imported" if is_dry else "rejected, nothing was imported"
    return SegcliError(
        f"{file}: {rows} {what}",
        "fix the file, or import the rest: --on-error skip --rejects FILE",
        loaded.problems,
    )
