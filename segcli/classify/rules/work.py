"""Rule files applied to a database: read, compiled, tested, decided and guarded; and their reports."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from segcli.base import dates
from segcli.base.errors import SegcliError
from segcli.base.text import counted
from segcli.classify.rules import deciding, file, guards, plan_file, reasons, selftest
from segcli.classify.rules.compiled import RuleSet, compile_files
from segcli.domain.table import Cell, Whole
from segcli.interface.command import Session
from segcli.query import lookup
from segcli.query.expressions.collecting import Collector
from segcli.query.names import Names
from segcli.storage import exchange
from segcli.storage.reader import Reader

SOON = timedelta(days=30)
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Work:
    """Rule files against a database as of a day: compiled, tested and decided."""

    db: sqlite3.Connection
    day: date
    names: Names
    files: tuple[file.RuleFile, ...]
    sets: list[RuleSet]
    collector: Collector
    fingerprint: str  # of the database, taken before any other read

    @property
    def selected(self) -> int:
        """Return the number of accounts in the scope."""
        return max((deciding.scope(self.db, found) for found in self.sets), default=0)

    def failures(self) -> Iterator[selftest.Failure]:
        """Yield the failed tests of the files."""
        for found in self.sets:
            yield from selftest.failures(self.db, found, self.collector, self.names)

    def changes(self) -> Iterator[reasons.Change]:
        """Yield the changes, account by account."""
        return reasons.changes(self.db, self.sets, self.collector, self.names)


@dataclass(slots=True)
class Told:
    """Findings for `rules check`: unknown values, and labels used for their class."""

    unknown: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


def prepare(  # noqa: PLR0913 - what is decided, and from what
    db: sqlite3.Connection,
    paths: Iterable[str],
    day: date,
    *,
    is_strict: bool = False,
    told: Told | None = None,
    facts: Reader | None = None,
    only: Collection[int] = (),
) -> Work:
    """Read and compile the files and decide. Errors are raised; merely suspicious findings go to `told`.

    Metrics and scores are computed from `facts`, by default the database itself. With `only`, the ids of accounts, these alone are
    decided.
    """
    files = tuple(file.read(Path(path)) for path in dict.fromkeys(paths))
    mark, _ = plan_file.fingerprint(db)
    names = replace(lookup.names(db, day, {"stored": True, "strict": is_strict}, facts), is_past=day < dates.today())
    collector = Collector()
    if told is not None:
        names = replace(names, warn=told.unknown.append, shadow=told.labels.append)
    sets = compile_files(files, names, collector)
    deciding.decide(db, sets, collector, names, facts, only)
    return Work(db, day, names, files, sets, collector, mark)


def refuse(work: Work, max_changes: str | None) -> None:
    """Raise if a test of the files fails or a guard refuses the changes."""
    refuse_failures(work)
    guards.refuse_stale(work.db, work.files, work.day)
    guards.refuse_many(work.db, work.sets, work.names.catalogue, max_changes)


def refuse_failures(work: Work) -> None:
    """Raise SegcliError if a test of the files fails."""
    failed = list(work.failures())
    if failed:
        lines = "; ".join(f"{f.place}: expected {f.expected}, the rules give {f.found}" for f in failed)
        raise SegcliError(
            f"the rules fail their own tests: {lines}", "fix the rules or the tests; segcli rules check runs them"
        )


def odd(work: Work, found: RuleSet) -> Iterator[tuple[str, str, str]]:
    """Yield warnings about valid but suspicious rules."""
    for rule, count in deciding.counts(work.db, found):
        if rule is None:
            continue
        until, place = rule.rule.until, rule.rule.place
        if rule.is_expired:
            yield place, rule.rule.id, f"expired on {until}"
        elif until and until - work.day <= SOON:
            yield place, rule.rule.id, f"expires on {until}"
        if not rule.is_expired and not count.hits:
            yield place, rule.rule.id, "holds for no account"
        elif not rule.is_expired and not count.wins:
            yield (
                place,
                rule.rule.id,
                f"matches {counted(count.hits, 'account')} but never wins: earlier rules match first",
            )
    if found.is_wavering:
        yield (
            found.file.field.place,
            "",
            "its rules look at the class that they give: applied again, they may give another",
        )


def stats(work: Work) -> Iterator[tuple[Cell, ...]]:
    """Yield how often each rule holds, wins and changes a value, and its share of the scope."""
    for found in work.sets:
        scope = deciding.scope(work.db, found)
        rest = "keep" if found.file.otherwise is None else found.otherwise_code or "clear"
        for rule, count in deciding.counts(work.db, found):
            share = round(_WHOLE * count.wins / scope, 4) if scope else None
            label = work.names.catalogue.label(found.field)
            yield (
                label,
                rule.rule.id if rule else "(otherwise)",
                (rule.code or "clear") if rule else rest,
                *count,
                share,
            )


def accounts(work: Work) -> Whole:
    """Return the totals of `stats`: accounts, each counted once, however many rules and classes it is in."""
    rows = sum(len(found.rules) + 1 for found in work.sets)
    found = deciding.accounts(work.db, work.sets)
    cells = (None, None, None, *found, float(_WHOLE) if found.hits else None)
    return Whole(rows, rows, {work.names.currency: cells})


def matrix(work: Work) -> Iterator[tuple[Cell, ...]]:
    """Yield the number of accounts per transition, unchanged ones included."""
    for found in work.sets:
        codes: dict[int | None, str] = {value.id: value.code for value in work.names.catalogue.values(found.field)}
        codes[None] = "none"
        for old, new, count in deciding.pairs(work.db, found):
            yield work.names.catalogue.label(found.field), codes[old], codes[new], count


def report_lacking(session: Session, work: Work, *, is_strict: bool) -> None:
    """Report unknown amounts: metrics of such accounts are empty, so rules on them do not match."""
    exchange.report(session.insist, "rules", exchange.lacking(work.db, work.names.measures), is_strict=is_strict)
