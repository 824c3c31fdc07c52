"""Permission modes of the files, folders and databases that segcli creates, as configured.

A file is private while it is written and gets its mode before its final name. The umask does not apply.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

CHOICES = "0600|0640|0660"
PRIVATE = 0o600
_GROUP = 0o060
_modes = {"files": PRIVATE, "database": PRIVATE}
_asked: set[str] = set()  # the modes set explicitly in the configuration


def use(files: str, database: str, *, is_asked: bool = False) -> None:
    """Set the configured modes at the start of a command; `is_asked`: the database mode was set explicitly."""
    _modes.update(files=int(files, 8), database=int(database, 8))
    _asked.clear()
    _asked.update({"database"} if is_asked else ())


def wanted_of_files() -> int:
    """Return the configured mode of files."""
    return _modes["files"]


def settle(database: Path) -> None:
    """Give a database we own the mode set in the configuration; without such a setting, keep its mode."""
    found = database.stat()
    if _asked and found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) != _modes["database"]:
        database.chmod(_modes["database"])


def wanted_of_database() -> int:
    """Return the configured mode of databases."""
    return _modes["database"]


def of_file(path: Path) -> int:
    """Return the mode for writing a file: its current mode unless that is wider than the configured one."""
    with suppress(OSError):
        if path.is_file() and not path.is_symlink():
            own = stat.S_IMODE(path.stat().st_mode)
            return own if own & ~_modes["files"] == 0 else _modes["files"]
    return _modes["files"]


def give(file: int, mode: int) -> None:
    """Set the mode of an open file if we own it and the mode differs."""
    found = os.fstat(file)
    if stat.S_IMODE(found.st_mode) != mode and found.st_uid == os.geteuid():
        os.fchmod(file, mode)


def share(file: int, path: Path, mode: int | None = None) -> None:
    """Give a file created beside another, such as its lock, the group of that file, and its group rights or the given mode."""
    with suppress(OSError):
        other = path.stat()
        mode = PRIVATE | (stat.S_IMODE(other.st_mode) & _GROUP) if mode is None else mode
        mine = os.fstat(file)
        if mine.st_uid == os.geteuid() and mine.st_gid != other.st_gid and mode != PRIVATE:
            os.fchown(file, -1, other.st_gid)
        give(file, mode)


def make_folder(path: Path, mode: int | None = None) -> None:
    """Create a folder and its missing parents; existing folders are unchanged."""
    if path.is_dir():
        return
    wanted = folder() if mode is None else mode
    make_folder(path.parent, wanted)
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
        widen(path, wanted)
    if not path.is_dir():
        raise FileExistsError(17, os.strerror(17), str(path))


def widen(path: Path, mode: int) -> None:
    """Set the mode of a new folder; keep the setgid bit inherited from its parent."""
    inherited = path.stat().st_mode & stat.S_ISGID
    if stat.S_IMODE(path.stat().st_mode) != mode | inherited:
        path.chmod(mode | inherited)


def folder() -> int:
    """Return the mode of a folder for files: those who may read the files may enter it, those who may write them may write in it."""
    return _folder_for(_modes["files"])


def folder_of_database() -> int:
    """Return the mode of a folder created for a database."""
    return _folder_for(_modes["database"])


def _folder_for(mode: int) -> int:
    return mode | (mode >> 2 & 0o110)
