"""`segcli backup`: copy the database into a new file, while it may be in use."""

from contextlib import closing
from pathlib import Path

from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.storage import database, snapshots


def run(session: Session, values: Values) -> None:
    """Copy the database as it stands at this moment into a new file, checked before it gets its name."""
    target = Path(values["target"])
    with closing(database.connect(session.database)) as db:  # in no transaction: VACUUM INTO sees one moment by itself
        snapshots.snapshot(db, target)
    session.note(f"{target}: {target.stat().st_size:,} bytes")


COMMAND = Command(
    "Copy the database into a new file, while it may be in use.\n\n"
    "The copy is whole and checked, readable by its owner only; an existing file is never overwritten. To go back to it, stop"
    " what uses the database, move the database away with the files -wal and -shm beside it, if they are there, and copy the"
    " backup to its place: a log that is left behind would be played into it.",
    run,
    (
        Parameter(
            "target", (), "The file to make.", metavar="FILE", is_required=True, completes="file", is_written=True
        ),
        *options.named(("result", "run_file")),
    ),
    ("segcli backup segcli-2026-06-30.db", "segcli --database demo.db backup copy-of-demo.db"),
)
