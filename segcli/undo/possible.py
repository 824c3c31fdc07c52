"""Which runs can be undone, and why others cannot."""

import sqlite3

from segcli.base.errors import SegcliError, UsageError

# Commands with their own undo function.
BY_HAND = ("subscription", "request", "list", "administration")
MERGE = "account merge "
# The tables that record the changes of an undo itself.
_NOTED = ("classification_change", "administration_change", "marketing_list_change", "entry_template_link_change",
          "price_list_link_change", "class_backfill")  # fmt: skip


def command_of(db: sqlite3.Connection, number: int) -> str:
    """Return the run's command. Raises if the run cannot be undone or already was."""
    row = db.execute("SELECT command, batch_id FROM run WHERE id = ?", (number,)).fetchone()
    if not row:
        raise UsageError(f"there is no run {number}", "see: segcli log")
    command = str(row[0])
    undone = db.execute(
        "SELECT u.id FROM run AS u WHERE u.undoes_run_id = ? AND NOT EXISTS"
        " (SELECT 1 FROM run AS r WHERE r.undoes_run_id = u.id)",
        (number,),
    ).fetchone()
    if undone:
        again = f"to redo it: {_again(command)}" if row[1] else f"to redo it: segcli undo {undone[0]}"
        raise SegcliError(
            f"run {number} was undone by run {undone[0]}", again if row[1] or _has_changes(db, undone[0]) else ""
        )
    first = _undone_import(db, number)
    if first:
        what = (
            "a merge of accounts" if first.startswith(MERGE) else "an import" if first.startswith("import") else first
        )
        raise SegcliError(f"run {number} is the undo of {what}", f"to redo it: {_again(first)}")
    if not (row[1] or _has_changes(db, number) or has_retired(db, number) or _is_of_action(command)):
        raise SegcliError(f"run {number} ({command}) has no changes that can be undone", _instead(command))
    return command


def _undone_import(db: sqlite3.Connection, number: int) -> str:
    """Return the command of the run that a run undid, if that one has before-images; else ''."""
    sql = "SELECT r.command FROM run AS u JOIN run AS r ON r.id = u.undoes_run_id WHERE u.id = ? AND r.batch_id IS NOT NULL"
    row = db.execute(sql, (number,)).fetchone()
    return str(row[0]) if row else ""


def _again(command: str) -> str:
    return "import the file again" if command.startswith("import ") else f"segcli {command}"


def is_possible(db: sqlite3.Connection, number: int) -> bool:
    """Tell whether a run can be undone."""
    try:
        command_of(db, number)
    except SegcliError:
        return False
    return True


def _is_of_action(command: str) -> bool:
    """Tell whether the run's own module undoes it."""
    return command.startswith(("run ", *(f"{name} " for name in BY_HAND)))


NO_IMAGES = "it has no before-images: it is older than undo.keep, or was made by an older segcli"


def _instead(command: str) -> str:
    if command.startswith("import "):
        return f"{NO_IMAGES}; import a corrected file, or restore a backup"
    if command == "send":
        return "sent messages cannot be taken back"
    return "to make its changes again, run the original command" if command.startswith("undo ") else ""


def _has_changes(db: sqlite3.Connection, number: int) -> bool:
    """Tell whether a run recorded its changes; an undo run can itself be undone only if it did."""
    noted = (db.execute(f"SELECT 1 FROM {table} WHERE run_id = ? LIMIT 1", (number,)).fetchone() for table in _NOTED)
    return any(noted)


def has_retired(db: sqlite3.Connection, number: int) -> bool:
    """Tell whether a run retired values, which undo makes current again."""
    return db.execute("SELECT 1 FROM classification_value WHERE retired_run_id = ?", (number,)).fetchone() is not None
