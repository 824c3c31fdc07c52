"""What a session asks of its lake: the folder, a sync, and the administration of its database if that is current."""

import sqlite3
from pathlib import Path

from segcli.base.errors import SegcliError, UsageError
from segcli.interface import progress
from segcli.interface.command import Session
from segcli.lake import staleness, sync
from segcli.lake.manifest import Administration, Lake

_CONFIGURE = "set lake.folder in the configuration, or SEGCLI_LAKE_FOLDER; segcli lake sync makes one"


def folder_of(session: Session, hint: str = _CONFIGURE) -> Path:
    """Return the folder of the lake. UsageError with a hint if none is configured."""
    folder = session.config.lake
    if folder is None:
        raise UsageError("which lake?", hint)
    return folder.absolute()


def key_of(session: Session, given: str | None = None) -> str:
    """Return the key of the session's database in the lake: the given one, else as configured."""
    return sync.key_of(given or session.config.values["lake.administration"], session.database)


def synced(session: Session, folder: Path, path: Path, key: str, *, keeps: bool = True) -> sync.Synced:
    """Sync a database to the lake, with a progress bar. Without `keeps` all tables are written."""
    with progress.bar(session, "lake sync", "rows written") as tick:
        return sync.sync(folder, path, key, wait=session.config.wait, tick=tick, keeps=keeps)


def of_session(session: Session, lake: Lake, db: sqlite3.Connection) -> Administration:
    """Return the administration of the session's open database. SegcliError if the lake lacks it or is stale."""
    held = lake.find(key_of(session))
    if held is None:
        raise SegcliError(f"the lake {lake.folder} does not hold {session.database}", staleness.HINT)
    refuse_stale(held, db)
    return held


def refuse_stale(held: Administration, db: sqlite3.Connection) -> None:
    """Raise SegcliError if the lake does not hold what an open database holds."""
    told = staleness.difference(held, db)
    if told:
        raise SegcliError(told, f"{staleness.HINT}, or add --sync")
