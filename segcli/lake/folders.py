"""The folder of a lake: made, locked, tidied, replaced and dropped. A lake killed at any moment is the old or the new one.

Files of the old lake are deleted as soon as the new manifest is in place, since they may hold what was to be removed. A reader
whose file is gone reads the manifest again.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from segcli.base import file_modes, placing, scratch, signals
from segcli.base.errors import SegcliError, reason_of
from segcli.lake import manifest
from segcli.lake.manifest import Lake, Part
from segcli.storage import database_file
from segcli.storage.locking import lock

PRIVATE = 0o700
_LOCK = f"{manifest.NAME}.lock"


def make(folder: Path) -> None:
    """Create the folder of a lake, private. SegcliError if it holds anything else."""
    if folder.exists() and not folder.is_dir():
        raise SegcliError(f"{folder} is a file, not the folder of a lake", "name another folder")
    file_modes.make_folder(folder, PRIVATE)
    if (folder / manifest.NAME).exists():
        return
    there = [
        name
        for name in sorted(path.name for path in folder.iterdir())
        if name != _LOCK and not name.startswith(".segcli-")
    ]
    if there:
        raise SegcliError(f"{folder} is not a lake, and is not empty: it holds {there[0]}", "name another folder")
    if folder.stat().st_uid == os.geteuid():
        folder.chmod(PRIVATE)


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn an error of the file system into a SegcliError that says what it means for the lake."""
    try:
        yield
    except OSError as error:
        told = f"the lake {folder} cannot be written: {reason_of(error)}"
        raise SegcliError(told, "the lake is as it was; run the command again when that is solved") from error


@contextmanager
def held(folder: Path, what: str, wait: float) -> Iterator[None]:
    """Hold the lock of a lake. BusyError if another process holds it for longer than `wait` seconds."""
    with lock(folder / manifest.NAME, what, wait):
        yield


def begun(folder: Path, room: Path) -> Lake:
    """Return the lake; an empty one is begun, so that what a killed process leaves behind belongs to a lake."""
    lake = manifest.load(folder)
    if lake is None:
        lake = Lake(folder, database_file.VERSION, ())
        manifest.write(lake, room)
    return lake


def publish(lake: Lake, made: Mapping[str, Part], room: Path) -> None:
    """Move the new files from the room to their places, replace the manifest, and delete files that it does not name."""
    with signals.deferred():
        for part in made.values():
            file_modes.make_folder(part.path.parent, PRIVATE)
            (room / part.path.name).replace(part.path)
        for place in {part.path.parent for part in made.values()}:
            placing.sync(place)
            placing.sync(place.parent)
        manifest.write(lake, room)
        tidy(lake)


def tidy(lake: Lake) -> None:
    """Delete the files of the lake that its manifest does not name: those of an earlier version, and of a killed sync."""
    named = {part.path for one in lake.administrations for part in one.tables.values()}
    data = lake.folder / manifest.DATA
    for path in sorted(data.glob("*/*.parquet")):
        if path not in named and manifest.is_name(path.relative_to(lake.folder).as_posix()):
            path.unlink()
    for place in (*data.glob("*"), data):
        with suppress(OSError):  # it is not empty
            place.rmdir()


def drop(folder: Path, key: str | None, wait: float) -> None:
    """Remove an administration, or the whole lake with its manifest; the folder and its lock stay."""
    with explained(folder), held(folder, "lake drop", wait), scratch.room(folder) as room, signals.deferred():
        lake = manifest.load(folder) if key is not None else None
        left = tuple(one for one in lake.administrations if one.key != key) if lake else ()
        after = Lake(folder, lake.schema if lake else database_file.VERSION, left)
        manifest.write(after, room)
        tidy(after)
        if key is None:
            (folder / manifest.NAME).unlink()
            placing.sync(folder)
