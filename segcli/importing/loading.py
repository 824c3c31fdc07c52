"""From files to the database: recognise, stage and check, then one transaction per file."""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from segcli.base.errors import Problem, SegcliError, UsageError
from segcli.base.text import counted
from segcli.domain.account_numbers import FORM
from segcli.domain.catalogue import nearest
from segcli.importing import import_log, ledger_receivables, open_items, own_company, readers
from segcli.importing.kinds.machinery import bank_matching, column_values, kind_definition, limits, recognition, styles
from segcli.importing.kinds.machinery.kind_definition import MONEY, ColumnMap
from segcli.importing.kinds.machinery.stage import Counts, Options, Stage
from segcli.importing.kinds.machinery.staging import fill, rows, understood
from segcli.importing.layouts import splitting
from segcli.importing.party_matching import PartyMatching
from segcli.importing.readers import Block, Source
from segcli.query import lookup
from segcli.storage import change_notes, database, exchange, runs

Tick = Callable[[int], None]
Sample = Sequence[Sequence[str | None]]  # the first rows of a block
_SHOWN_TOTALS = 5
# Kinds of records by which bank payments are matched.
_MATCHED = frozenset({"account", "allocation", "bank_payment", "match", "outstanding_item", "payment"})


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of an import; flags override the profile."""

    kind: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    decimal: str = ""
    dates: str = ""
    must_skip: bool = False  # --on-error skip: import the rows that are not rejected
    must_create: bool = False
    is_strict: bool = False  # --strict: nothing is written if a column with values is not read
    match: tuple[str, ...] = ()  # by what rows without a code find their accounts
    account_number: str = FORM  # the series of new accounts without a code
    overwrite_classes: bool = False
    again: bool = False
    receivables: str = ""  # where receivables of a file with ledger lines come from: see ledger_receivables.wish
    dry_run: bool = False
    open_items: bool = False  # make open items of new processed sales invoices
    reason: str | None = None

    def meaning(self) -> str:
        """Return the options that affect how a file's bytes are interpreted."""
        parts = (self.kind, sorted(self.renamed.items()), self.decimal, self.dates)
        also = [
            text for text in (self.match, self.receivables) if text
        ]  # the digests of earlier imports are without them
        return json.dumps([*parts, self.must_create, self.overwrite_classes, *also])


class Outcome(NamedTuple):
    """The result of importing one block of a file."""

    file: str
    kind: str  # plural, shown to users: 'accounts'
    counts: Counts
    rejected: int = 0
    unread: tuple[str, ...] = ()  # the columns that hold values and are not read, with the field that each is close to


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


@dataclass(slots=True)
class Loader:
    """Imports files into one database."""

    db: sqlite3.Connection
    path: Path
    wishes: Wishes
    today: str
    wait: float
    tick: Tick = lambda _: None
    keep_days: int = 90  # before-images older than this are deleted
    batch_id: int = 0  # the first run of this command
    following: Sequence[Source] = ()  # the files that the command imports after this one

    def refuse_unknown(self, renamed: Mapping[str, str], sources: Sequence[Source]) -> None:
        """Raise UsageError if --map names an unknown column or field."""
        labels = {kind_definition.key_of(label): number for number, label in lookup.catalogue(self.db).labels.items()}
        headers = dict.fromkeys(name for source in sources for block in readers.read(source) for name in block.header)
        for column, wanted in renamed.items():
            if column not in headers:
                raise UsageError(f"--map: there is no column '{column}'", nearest(column, headers))
            recognition.refuse_unknown(wanted, labels)

    def load(self, source: Source) -> Loaded:
        """Import one file, in one transaction.

        Raises SegcliError with the problems, and imports nothing, if rows are wrong and may not be skipped.
        """
        catalogue = lookup.catalogue(self.db)
        digest = self._digest(source, catalogue.labels)
        known = None if self.wishes.again else self._imported_before(source, digest, catalogue.labels)
        if known:
            note = f"{counted(known.rows, 'row')} not read: the same file as in run {known.run_id}; --again reads it once more"
            counts = Counts(notes=(note,))
            return Loaded((Outcome(source.name, "", counts),), ())
        options = self._options()
        source = self._known(replace(source, parties=self._parties()), catalogue.labels)
        blocks = splitting.read(source)
        first = next(blocks, None)
        loaded = self._first_load(source, first, options, digest)
        if loaded:
            return loaded
        # Readers of self-describing formats read the whole file before the first block, so one pass is enough.
        blocks = chain((first,), blocks) if first and first.is_canonical else splitting.read(source)
        stages = tuple(self._filled(source, block, number, options) for number, block in enumerate(blocks, 1))
        return self._merge(source, stages, digest)

    def _known(self, source: Source, labels: Mapping[int, str]) -> Source:
        """Return the source with what the user and the database say about its columns."""
        keyed = {kind_definition.key_of(label): number for number, label in labels.items()}
        return replace(source, is_plain=bool(self.wishes.kind), renamed=self.wishes.renamed, labels=keyed)

    def _filled(self, source: Source, block: Block, number: int, options: Options) -> Stage:
        """Return the stage of a block with its rows."""
        block, sample = _sampled(block)
        stage = fill(self._stage(source, block, number, options, sample), block, self.tick)
        self._refuse_unread(stage)
        return stage

    def _refuse_unread(self, stage: Stage) -> None:
        """Raise UsageError with --strict for columns that hold values and are not read."""
        if self.wishes.is_strict and stage.unread.names:
            told = ", ".join(_with_nearest(stage))
            raise UsageError(
                f"{stage.file}: not read: {told}",
                "say what they are: --map COLUMN=FIELD; or --map COLUMN= to leave one out",
            )

    def blocks(self, source: Source) -> Iterable[Block]:
        """Return the blocks of a file, as `load` reads them."""
        known = self._known(replace(source, parties=self._parties()), lookup.catalogue(self.db).labels)
        return splitting.read(known)

    def stage(self, source: Source, block: Block, number: int) -> tuple[Stage, Block]:
        """Return the stage of the number-th block, without rows, and the block: its kind, columns and style.

        Raises SegcliError as `load` does.
        """
        known = self._known(replace(source, parties=self._parties()), lookup.catalogue(self.db).labels)
        block, sample = _sampled(block)
        return self._stage(known, block, number, self._options(), sample), block

    def _options(self) -> Options:
        return Options(
            currency=lookup.currency(self.db),
            today=self.today,
            must_create=self.wishes.must_create,
            match=self.wishes.match,
            account_number=self.wishes.account_number,
            overwrite_classes=self.wishes.overwrite_classes,
            is_dry=self.wishes.dry_run,
        )

    def _parties(self) -> PartyMatching:
        """Return the party matching, for files that name companies instead of accounts."""
        kind = kind_definition.find(self.wishes.kind).name if self.wishes.kind else ""
        return PartyMatching(self.db, kind, must_create=self.wishes.must_create)

    def _first_load(self, source: Source, block: Block | None, options: Options, digest: str) -> Loaded | None:
        """Import a clean file into empty tables in one pass; None if it must be staged."""
        if block is None or block.is_canonical or block.name or block.fields or self.wishes.must_create:
            return None
        block, sample = _sampled(block)
        stage = self._stage(source, block, 1, options, sample)
        quick = stage.kind.first_load
        if quick is None or not quick.fits(stage):
            return None
        try:
            what = f"import {source.name}"
            with database.writing(self.db, self.path, what, wait=self.wait, looked_up=quick.looks_up) as transaction:
                noted = self._begin(source, (stage,))
                stage.run_id = noted.run_id
                counts = quick.load(stage, rows(stage, block, self.tick))
                self._refuse_unread(stage)
                counts = self._match_payments((stage,), counts)
                exchange.convert(self.db)
                source.refuse_changed()
                transaction.keep = counts.is_change and not self.wishes.dry_run
                outcome = _outcome(source, stage, counts)
                loaded = Loaded((outcome,), (stage,), stage.run_id)
                self._remember(source, loaded, digest, noted)
        except (
            kind_definition.CloserLookError,
            sqlite3.IntegrityError,
        ):  # such as a duplicate: staging reports which row
            return None
        if transaction.keep:
            self._join(stage.run_id)
        return loaded

    def _imported_before(self, source: Source, digest: str, labels: Mapping[int, str]) -> import_log.Before | None:
        """Return the earlier import of the same file, if importing it again cannot change anything."""
        following = ((Path(other.name).name, self._digest(other, labels)) for other in self.following)
        return import_log.before(self.db, Path(source.name).name, digest, following)

    def _digest(self, source: Source, labels: Mapping[int, str]) -> str:
        """Return the digest of a file's bytes and of the options that affect their interpretation."""
        said = f"{self.wishes.meaning()} {source.encoding} {source.delimiter} {sorted(labels.items())}"
        return hashlib.sha256(f"{readers.digest(source)} {said}".encode()).hexdigest()

    def rank(self, source: Source) -> tuple[int, int]:
        """Return the sort key of a file: files with the kinds it may refer to come first."""
        labels = lookup.catalogue(self.db).labels
        blocks = map(_sampled, splitting.read(self._known(source, labels)))
        ranks = [self._understand(source, block, labels, sample).kind.rank for block, sample in blocks]
        return min(ranks, default=0), max(ranks, default=0)

    def _understand(self, source: Source, block: Block, labels: Mapping[int, str], sample: Sample) -> ColumnMap:
        """Return the kind of a block and its column map."""
        if block.fields:
            return ColumnMap(
                kind_definition.find(block.kind or ""), {name: at for at, name in enumerate(block.fields)}, ()
            )
        # The field names of a self-describing format never mean the user's labels.
        keyed = {} if block.kind else {kind_definition.key_of(label): number for number, label in labels.items()}
        file = f"{source.name}:{block.name}" if block.name and block.kind is None else source.name
        header = recognition.Header(block.header, file, keyed, self.wishes.renamed, sample)
        wished = "" if block.is_settled else self.wishes.kind
        named = wished or block.kind
        if not named:
            named = recognition.recognise(header).kind.name
        elif not wished and not kind_definition.has(named):
            title = named.replace("_", " ")
            raise SegcliError(
                f"{file}: these are {title} records, which segcli does not take", "see: segcli import --help"
            )
        return recognition.map_columns(kind_definition.find(named), header, is_sure=True)

    def _stage(self, source: Source, block: Block, number: int, options: Options, sample: Sample) -> Stage:
        """Return the stage of a block: kind and columns are mapped, rows not read yet."""
        catalogue = lookup.catalogue(self.db)
        mapping = self._understand(source, block, catalogue.labels, sample)
        has_money = any(f.type in MONEY for f in mapping.kind.fields if f.name in mapping.places)
        if has_money and block.currency not in {"", options.currency}:
            raise SegcliError(
                f"{source.name} is kept in {block.currency}, this administration in {options.currency}",
                f"one administration has one currency: segcli --database OTHER init --currency {block.currency}",
            )
        if not block.is_canonical:
            again = partial(_rows_of, source, number)
            options = replace(
                options,
                number_format=styles.decide(source.name, again, mapping, self.wishes.decimal, self.wishes.dates),
            )
        if block.numeric and mapping.header(("account",), block.header).get("account") in block.numeric:
            source.warnings.append("account codes are numbers in this sheet: did Excel drop leading zeros?")
        return understood(self.db, block, mapping, source.name, options, catalogue, number)

    def _merge(self, source: Source, stages: tuple[Stage, ...], digest: str) -> Loaded:
        origin = ledger_receivables.wish(self.wishes.receivables, stages)
        if origin in {ledger_receivables.LEDGER, ledger_receivables.NONE}:
            stages = tuple(stage for stage in stages if stage.kind.name not in ledger_receivables.KINDS)
        with database.writing(self.db, self.path, f"import {source.name}", wait=self.wait) as transaction:
            noted = self._begin(source, stages)
            run_id = noted.run_id
            last = open_items.last_invoice(self.db)
            outcomes = [self._merge_one(source, stage, run_id) for stage in sorted(stages, key=lambda s: s.kind.rank)]
            outcomes = self._with_open_items(outcomes, stages, last)
            made, more = self._from_ledger(source, stages, origin)
            outcomes, stages = [*outcomes, *made], (*stages, *more)
            outcomes[:1] = [self._of_company(source, outcome) for outcome in outcomes[:1]]
            if outcomes:
                end = outcomes[-1]
                outcomes[-1] = end._replace(counts=self._match_payments(stages, end.counts))
            exchange.convert(self.db)
            loaded = Loaded(tuple(outcomes), stages, run_id)
            if loaded.rejected and not self.wishes.must_skip:
                raise refusal(loaded, source.name, is_dry=self.wishes.dry_run)
            source.refuse_changed()
            is_change = any(outcome.counts.is_change for outcome in outcomes)
            transaction.keep = is_change and not self.wishes.dry_run
            if is_change:
                self._remember(source, loaded, digest, noted)
        if transaction.keep:
            self._join(run_id)
        return loaded

    def _with_open_items(self, outcomes: list[Outcome], stages: tuple[Stage, ...], last: int) -> list[Outcome]:
        """Make the open items of the invoices that the file added, if wished; note it with the block of these invoices."""
        is_made = self.wishes.open_items
        number = open_items.make(self.db, last, stages) if is_made else open_items.count(self.db, last)
        note = open_items.note(number, is_made=is_made, is_dry=self.wishes.dry_run)
        at = next((at for at, outcome in enumerate(outcomes) if outcome.counts.added and "invoice" in outcome.kind), 0)
        if note:
            counts = outcomes[at].counts
            counts = counts._replace(notes=(*counts.notes, note), others=counts.others + number * is_made)
            outcomes[at] = outcomes[at]._replace(counts=counts)
        return outcomes

    def _match_payments(self, stages: Iterable[Stage], counts: Counts) -> Counts:
        """Match bank payments again if the file may change that; add what to tell to the counts."""
        if not any(stage.kind.name in _MATCHED for stage in stages):
            return counts
        return counts._replace(notes=(*counts.notes, *bank_matching.run(self.db)))

    def _of_company(self, source: Source, outcome: Outcome) -> Outcome:
        """Fill what the administration lacks with the file's company; return the outcome with a note of it."""
        filled = own_company.fill(self.db, source.company) if source.company else 0
        if not filled:
            return outcome
        done = "would be filled" if self.wishes.dry_run else "filled"
        note = f"{counted(filled, 'field')} of the administration {done} from the company of the file"
        counts = outcome.counts
        return outcome._replace(counts=counts._replace(notes=(*counts.notes, note), others=counts.others + filled))

    def _from_ledger(self, source: Source, stages: Iterable[Stage], origin: str) -> tuple[list[Outcome], list[Stage]]:
        """Make receivables of the file's ledger lines, if asked for, or if there are none of another source."""
        every = [stage for stage in stages if stage.kind.name == "transaction_line"]
        if origin != ledger_receivables.LEDGER:
            made = [ledger_receivables.renew_balances(stage) for stage in every]
        elif not self.wishes.receivables and ledger_receivables.is_elsewhere(self.db):
            source.warn(
                "no receivables were made of the ledger lines, since outstanding items of another source are here;"
                " --receivables from-ledger makes them"
            )
            return [], []
        else:
            made = [one for stage in every for one in ledger_receivables.make(stage)]
        outcomes = [
            Outcome(source.name, f"{stage.kind.title} from the ledger", counts, stage.rejected)
            for stage, counts in made
        ]
        return [o for o in outcomes if o.rejected or sum(o.counts[:3])], [stage for stage, _ in made]

    def _begin(self, source: Source, stages: Iterable[Stage]) -> change_notes.Recording:
        """Open the run of a file and record its changes from now on, for undo."""
        run_id = runs.start(self.db, f"import {Path(source.name).name}", "import", self.wishes.reason)
        runs.join(self.db, run_id, self.batch_id or run_id)
        return change_notes.start(self.db, run_id, [stage.kind.name for stage in stages])

    def _join(self, run_id: int) -> None:
        """Make a committed run the first of this command, unless there was one."""
        self.batch_id = self.batch_id or run_id

    def _merge_one(self, source: Source, stage: Stage, run_id: int) -> Outcome:
        stage.run_id = run_id
        stage.catalogue = lookup.catalogue(self.db)
        limits.refuse(stage)
        counts = stage.kind.merge(stage)
        for text in stage.left_out:
            source.leave_out(text)
        for text in stage.warnings:
            source.warn(text)
        return _outcome(source, stage, counts)

    def _remember(self, source: Source, loaded: Loaded, digest: str, recorded: change_notes.Recording) -> None:
        run_id = loaded.run_id or 0
        runs.finish(self.db, run_id, "; ".join(summary(outcome) for outcome in loaded.outcomes))
        recorded.finish(import_log.tables(stage.kind.name for stage in loaded.stages))
        change_notes.forget(self.db, self.keep_days)
        if loaded.rejected:
            return
        rows = sum(o.counts.added + o.counts.changed + o.counts.unchanged for o in loaded.outcomes)
        self.db.execute(
            "INSERT INTO imported_file (run_id, name, sha256, row_count) VALUES (?, ?, ?, ?)",
            (run_id, Path(source.name).name, digest, rows),
        )


def _sampled(block: Block) -> tuple[Block, Sample]:
    """Return a block and its first rows, which stay in it."""
    rows = iter(block.rows)
    first = [] if block.is_canonical or block.fields else list(islice(rows, column_values.SAMPLE))
    return block._replace(rows=chain(first, rows)), column_values.sampled(first)


def _rows_of(source: Source, number: int) -> Iterable[object]:
    """Return the rows of the number-th block, read anew."""
    return next(islice(splitting.read(source), number - 1, None)).rows


def _outcome(source: Source, stage: Stage, counts: Counts) -> Outcome:
    """Return the result of a block, with a note of its total rows."""
    if stage.totals:
        shown = ", ".join(map(str, stage.totals[:_SHOWN_TOTALS])) + " …" * (len(stage.totals) > _SHOWN_TOTALS)
        counts = counts._replace(
            notes=(*counts.notes, f"{counted(len(stage.totals), 'total row')} left out: line {shown}")
        )
    return Outcome(source.name, stage.kind.title, counts, stage.rejected, tuple(_with_nearest(stage)))


def _with_nearest(stage: Stage) -> Iterator[str]:
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
