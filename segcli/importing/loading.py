"""From files to the database: recognise, stage and check, then one transaction per file."""

import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from segcli.base.errors import SegcliError, UsageError
from segcli.base.text import counted
from segcli.importing import consequences, import_log, ledger_receivables, open_items, readers, results
from segcli.importing.consequences import Consequences
from segcli.importing.kinds.machinery import kind_definition, limits
from segcli.importing.kinds.machinery.stage import Counts, Options, Stage
from segcli.importing.kinds.machinery.staging import fill, rows
from segcli.importing.readers import Block, Source
from segcli.importing.results import Loaded, Outcome
from segcli.importing.understanding import Understanding
from segcli.importing.wishes import Wishes
from segcli.query import lookup
from segcli.storage import change_notes, database, exchange, runs

Tick = Callable[[int], None]


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

    @property
    def understanding(self) -> Understanding:
        """Return what understands files for this database and these wishes."""
        return Understanding(self.db, self.wishes, self.today)

    def load(self, source: Source) -> Loaded:
        """Import one file, in one transaction.

        Raises SegcliError with the problems, and imports nothing, if rows are wrong and may not be skipped.
        """
        labels = lookup.catalogue(self.db).labels
        digest = self._digest(source, labels)
        known = None if self.wishes.again else self._imported_before(source, digest, labels)
        if known:
            note = f"{counted(known.rows, 'row')} not read: the same file as in run {known.run_id}; --again reads it once more"
            counts = Counts(notes=(note,))
            return Loaded((Outcome(source.name, "", counts),), ())
        understanding = self.understanding
        options, source = understanding.options(), understanding.known(source)
        blocks = understanding.blocks(source)
        first = next(blocks, None)
        loaded = self._first_load(source, first, options, digest)
        if loaded:
            return loaded
        # Readers of self-describing formats read the whole file before the first block, so one pass is enough.
        blocks = chain((first,), blocks) if first and first.is_canonical else understanding.blocks(source)
        stages = tuple(self._filled(source, block, number, options) for number, block in enumerate(blocks, 1))
        return self._merge(source, stages, digest)

    def _filled(self, source: Source, block: Block, number: int, options: Options) -> Stage:
        """Return the stage of a block with its rows."""
        stage, block = self.understanding.stage(source, block, number, options)
        fill(stage, block, self.tick)
        self._refuse_unread(stage)
        return stage

    def _refuse_unread(self, stage: Stage) -> None:
        """Raise UsageError with --strict for columns that hold values and are not read."""
        if self.wishes.is_strict and stage.unread.names:
            told = ", ".join(results.with_nearest(stage))
            raise UsageError(
                f"{stage.file}: not read: {told}",
                "say what they are: --map COLUMN=FIELD; or --map COLUMN= to leave one out",
            )

    def _first_load(self, source: Source, block: Block | None, options: Options, digest: str) -> Loaded | None:
        """Import a clean file into empty tables in one pass; None if it must be staged."""
        if block is None or block.is_canonical or block.name or block.fields or self.wishes.must_create:
            return None
        stage, block = self.understanding.stage(source, block, 1, options)
        quick = stage.kind.first_load
        if quick is None or not quick.fits(stage) or stage.has_float_codes:
            return None
        try:
            what = f"import {source.name}"
            with database.writing(self.db, self.path, what, wait=self.wait, looked_up=quick.looks_up) as transaction:
                noted = self._begin(source)
                stage.run_id = noted.run_id
                counts = quick.load(stage, rows(stage, block, self.tick))
                limits.look_closer(stage)
                _refuse_totals(stage)
                self._refuse_unread(stage)
                counts = consequences.matched(self.db, (stage,), counts)
                exchange.convert(self.db)
                source.refuse_changed()
                transaction.keep = counts.is_change and not self.wishes.dry_run
                outcome = results.outcome(source, stage, counts)
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

    def _merge(self, source: Source, stages: tuple[Stage, ...], digest: str) -> Loaded:
        origin = ledger_receivables.wish(self.wishes.receivables, stages)
        if origin in {ledger_receivables.LEDGER, ledger_receivables.NONE}:
            stages = tuple(stage for stage in stages if stage.kind.name not in ledger_receivables.KINDS)
        with database.writing(self.db, self.path, f"import {source.name}", wait=self.wait) as transaction:
            noted = self._begin(source)
            run_id = noted.run_id
            following = Consequences(self.db, self.wishes, source, origin, open_items.last_invoice(self.db))
            outcomes = [self._merge_one(source, stage, run_id) for stage in sorted(stages, key=lambda s: s.kind.rank)]
            outcomes, stages = following.of(outcomes, stages)
            exchange.convert(self.db)
            loaded = Loaded(tuple(outcomes), stages, run_id)
            if loaded.rejected and not self.wishes.must_skip:
                raise results.refusal(loaded, source.name, is_dry=self.wishes.dry_run)
            source.refuse_changed()
            is_change = any(outcome.counts.is_change for outcome in outcomes)
            transaction.keep = is_change and not self.wishes.dry_run
            if is_change:
                self._remember(source, loaded, digest, noted)
        if transaction.keep:
            self._join(run_id)
        return loaded

    def _begin(self, source: Source) -> change_notes.Recording:
        """Open the run of a file and record its changes from now on, for undo."""
        run_id = runs.start(self.db, f"import {Path(source.name).name}", "import", self.wishes.reason)
        runs.join(self.db, run_id, self.batch_id or run_id)
        return change_notes.start(self.db, run_id)

    def _join(self, run_id: int) -> None:
        """Make a committed run the first of this command, unless there was one."""
        self.batch_id = self.batch_id or run_id

    def _merge_one(self, source: Source, stage: Stage, run_id: int) -> Outcome:
        stage.run_id = run_id
        stage.catalogue = lookup.catalogue(self.db)
        limits.refuse(stage)
        try:
            counts = stage.kind.merge(stage)
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorname != "SQLITE_CONSTRAINT_UNIQUE":
                raise
            what = f"{source.name}: a record cannot be stored beside the others: {error}"
            raise SegcliError(what, "look for two rows, or a row and a stored record, with one number or id") from error
        for text in stage.left_out:
            source.leave_out(text)
        for text in stage.warnings:
            source.warn(text)
        return results.outcome(source, stage, counts)

    def _remember(self, source: Source, loaded: Loaded, digest: str, recorded: change_notes.Recording) -> None:
        run_id = loaded.run_id or 0
        runs.finish(self.db, run_id, "; ".join(results.summary(outcome) for outcome in loaded.outcomes))
        recorded.finish(import_log.tables(stage.kind.name for stage in loaded.stages))
        change_notes.forget(self.db, self.keep_days)
        if loaded.rejected or source.left_out:  # the same file may bring more next time
            return
        rows = sum(o.counts.added + o.counts.changed + o.counts.unchanged for o in loaded.outcomes)
        self.db.execute(
            "INSERT INTO imported_file (run_id, name, sha256, row_count) VALUES (?, ?, ?, ?)",
            (run_id, Path(source.name).name, digest, rows),
        )


def _refuse_totals(stage: Stage) -> None:
    """Raise CloserLookError if rows were taken for totals: those are compared with the staged rows."""
    if stage.total_rows:
        raise kind_definition.CloserLookError
