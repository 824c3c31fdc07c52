"""`segcli backup`: copy the database into a new file, even while it is in use."""

from contextlib import closing
from pathlib import Path

from segcli.interface import options, progress
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.storage import database, snapshots


def run(session: Session, values: Values) -> None:
    """Copy the current database into a new file, which is checked before it gets its name."""
    target = Path(values["target"])
    with closing(database.connect(session.database)) as db, progress.bar(session, target.name, "pages copied") as tick:
        snapshots.snapshot(db, target, tick)
    session.note(f"{target}: {target.stat().st_size:,} bytes")


COMMAND = Command(
    "Copy the database into a new file, even while it is in use.\n\nThe copy is complete and readable by its owner only. Its"
    " pages and rows are checked (PRAGMA quick_check) before it gets its name. An existing file is never overwritten. To"
    " restore it: stop all programs that use the database, move the database away together with its -wal and -shm files, if"
    " any, and copy the backup to its place. A -wal file left behind would be replayed into the backup.",
    run,
    (
        Parameter(
            "target", (), "The file to create.", metavar="FILE", is_required=True, completes="file", is_written=True
        ),
        *options.named(("result", "run_file")),
    ),
    ("segcli backup segcli-2026-06-30.db", "segcli --database demo.db backup copy-of-demo.db"),
)
