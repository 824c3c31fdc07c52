"""The administration of a session's database in its lake, if the lake holds what the database holds now."""

import sqlite3
from pathlib import Path

from segcli.base.errors import SegcliError, UsageError
from segcli.interface.command import Session
from segcli.lake import staleness, sync
from segcli.lake.manifest import Administration, Lake


def folder_of(session: Session) -> Path:
    """Return the folder of the lake. UsageError if none is configured."""
    folder = session.config.lake
    if folder is None:
        hint = "set lake.folder in the configuration, or SEGCLI_LAKE_FOLDER; segcli lake sync makes one"
        raise UsageError("which lake?", hint)
    return folder.absolute()


def key_of(session: Session) -> str:
    """Return the key of the session's database in the lake."""
    return sync.key_of(session.config.values["lake.administration"], session.database)


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
