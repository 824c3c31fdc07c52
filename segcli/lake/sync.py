"""Bring a lake up to date: write the tables that changed, then replace the manifest, then delete the files it no longer names."""

import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from segcli.base import scratch
from segcli.base.errors import SegcliError, UsageError
from segcli.lake import derived, folders, manifest, snapshot, staleness, tables, writer
from segcli.lake.manifest import Administration, Lake, Part
from segcli.lake.snapshot import Snapshot
from segcli.lake.tables import Source
from segcli.lake.writer import Tick
from segcli.storage import database, database_file, runs


class Synced(NamedTuple):
    """What a sync did: the administration as it is in the lake now, and the parts that were written."""

    administration: Administration
    written: tuple[str, ...]


def sync(folder: Path, path: Path, key: str, *, wait: float, tick: Tick, keeps: bool = True) -> Synced:  # noqa: PLR0913
    """Write the tables of a database that changed to the lake. The old lake stands until the new one is complete.

    Without `keeps` all tables are written. `tick` is called with the number of rows written so far.
    """
    snapshot.require()
    with closing(database.connect(path)):  # checks the file and upgrades it; closed, since the snapshot must be alone
        real = Path(os.path.realpath(path))
    with folders.explained(folder):
        folders.make(folder)
        with folders.held(folder, "lake sync", wait), scratch.room(folder) as room:
            lake = folders.begun(folder, room)
            folders.tidy(lake)
            with snapshot.opened(real) as source:
                place = _place(lake, key, source, real)
                work = _Work(source, folder, room, place if keeps else replace(place, tables={}), tick)
                work.carry_out()
            done = replace(place, tables={**place.tables, **work.kept, **work.made})
            before = lake.find(key)
            if before and not work.made and before == replace(done, synced_at=before.synced_at):
                return Synced(before, ())
            others = (one for one in lake.administrations if one.number != done.number)
            folders.publish(Lake(folder, database_file.VERSION, (*others, done)), work.made, room)
    return Synced(done, tuple(work.made))


def _place(lake: Lake, key: str, source: Snapshot, real: Path) -> Administration:
    """Return the administration as the snapshot describes it, with the tables that the lake holds of it now."""
    if source.rows("PRAGMA user_version")[0][0] != database_file.VERSION:
        raise SegcliError(f"{real} was upgraded meanwhile", "upgrade segcli")
    name, currency, identity = source.rows("SELECT name, currency, identity FROM administration")[0]
    _refuse_foreign(lake, key, identity, real)
    before = lake.find(key)
    run, started = (source.rows(staleness.LAST_RUN) or [(0, "")])[0]
    return Administration(
        key,
        before.number if before else _free(lake),
        name,
        currency,
        str(real),
        identity,
        run,
        started,
        runs.now(),
        dict(source.rows("SELECT field, label FROM classification_label ORDER BY field")),
        before.tables if before and before.schema == database_file.VERSION else {},
    )


def _free(lake: Lake) -> int:
    taken = {one.number for one in lake.administrations}
    return next(number for number in range(len(taken) + 1) if number not in taken)


def _refuse_foreign(lake: Lake, key: str, identity: str, real: Path) -> None:
    """Raise SegcliError if the key belongs to another database, or the database is in the lake by another key."""
    before = lake.find(key)
    if before and before.identity != identity:
        told = f"the lake {lake.folder} holds another database as {key}: {before.database}"
        hint = f"choose another --administration, or remove it: segcli lake drop {lake.folder} --administration {key}"
        raise SegcliError(told, hint)
    other = next((one for one in lake.administrations if one.identity == identity and one.key != key), None)
    if other:
        told = f"the lake {lake.folder} holds {real}, or a copy of it, as {other.key} already"
        hint = f"use --administration {other.key}, or remove it: segcli lake drop {lake.folder} --administration {other.key}"
        raise SegcliError(told, hint)


class _Work:
    """The parts of one administration that a sync writes into its room."""

    def __init__(self, source: Snapshot, folder: Path, room: Path, place: Administration, tick: Tick) -> None:
        self._source, self._room, self._place = source, room, place
        self._home = folder / manifest.DATA / str(place.number)
        self._versions = source.versions()
        self._tick = tick
        self._rows = 0  # written so far
        self.made: dict[str, Part] = {}  # written into the room
        self.kept: dict[str, Part] = {}  # another version of a table, and the same file

    def carry_out(self) -> None:
        """Write the parts that the lake lacks or holds in another version."""
        for name, source in tables.sources().items():
            if not (self._is_kept(name) and (not source.texts or self._is_kept(f"{name}{tables.TEXTS}"))):
                self.made |= self._table(source)
        if not self._is_kept(tables.MAIL_FORM):
            self._mail_form()

    def _mail_form(self) -> None:
        """Write mail_form, unless all e-mail texts and opt-outs are as they were, and only other columns changed."""
        name, part = tables.MAIL_FORM, self._place.tables.get(tables.MAIL_FORM)
        is_same = self._is_kept("opt_out") and self._is_kept("administration") and part is not None and part.is_intact()
        if part is not None and is_same and derived.has_the_same_addresses(self._source, part.path):
            self.kept[name] = replace(part, version=tables.version_of(name, self._versions))
            return
        with closing(derived.OptOuts(self._source, self._room)) as outs:
            self.made[name] = self._part(name, derived.MAIL_COLUMNS, derived.mail_forms(self._source, outs))

    def _is_kept(self, name: str) -> bool:
        """Tell whether the lake holds this version of a part, in a file that is as it was written."""
        part = self._place.tables.get(name)
        return part is not None and part.version == tables.version_of(name, self._versions) and part.is_intact()

    def _table(self, source: Source) -> dict[str, Part]:
        """Write a table, and the texts beyond ASCII that were met in it."""
        batches = self._source.batches(source.select(self._place.number))
        columns = tuple(source.columns.items())
        if not source.texts:
            return {source.name: self._part(source.name, columns, batches)}
        with closing(derived.Texts(source.texts, self._room)) as texts:
            name = f"{source.name}{tables.TEXTS}"
            table = self._part(source.name, columns, texts.passed(batches))
            return {source.name: table, name: self._part(name, derived.TEXT_COLUMNS, texts.batches())}

    def _part(self, name: str, columns: writer.Columns, batches: writer.Batches) -> Part:
        version = tables.version_of(name, self._versions)
        file = f"{name}-{version}.parquet"
        written = writer.write(self._room / file, columns, batches, self._wrote)
        return Part(self._home / file, version, *written)

    def _wrote(self, rows: int) -> None:
        self._rows += rows
        self._tick(self._rows)


def key_of(given: str | None, path: Path) -> str:
    """Return the key of a database: the given one, else the name of its file without its ending."""
    key = (given or path.stem).strip()
    if not key or key == "all" or "," in key or not key.isprintable():
        raise UsageError(f"'{key}' cannot be the key of an administration", "name another one with --administration")
    return key
