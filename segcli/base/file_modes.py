"""Who may read and write what segcli makes: the modes of files, folders and the database, as the configuration says.

Whatever is made is private while it is written. It gets its mode before it gets its name; the umask never widens it.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

CHOICES = "0600|0640|0660"
PRIVATE = 0o600
_GROUP = 0o060
_modes = {"files": PRIVATE, "database": PRIVATE}
_asked: set[str] = set()  # those that the configuration names


def use(files: str, database: str, *, is_asked: bool = False) -> None:
    """Begin a command with the modes of its configuration; `is_asked`: it names that of the database."""
    _modes.update(files=int(files, 8), database=int(database, 8))
    _asked.clear()
    _asked.update({"database"} if is_asked else ())


def wanted_of_files() -> int:
    """Return the mode of files as the configuration says it."""
    return _modes["files"]


def settle(database: Path) -> None:
    """Give a database of ours the mode that the configuration names; where it names none, the database keeps its own."""
    found = database.stat()
    if _asked and found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) != _modes["database"]:
        database.chmod(_modes["database"])


def wanted_of_database() -> int:
    """Return the mode of a database as the configuration says it."""
    return _modes["database"]


def of_file(path: Path) -> int:
    """Return the mode of a file that is to be written: its own where that is not wider than the configured one."""
    with suppress(OSError):
        if path.is_file() and not path.is_symlink():
            own = stat.S_IMODE(path.stat().st_mode)
            return own if own & ~_modes["files"] == 0 else _modes["files"]
    return _modes["files"]


def give(file: int, mode: int) -> None:
    """Give an open file of ours its mode, where it has another; that of somebody else stays."""
    found = os.fstat(file)
    if stat.S_IMODE(found.st_mode) != mode and found.st_uid == os.geteuid():
        os.fchmod(file, mode)


def share(file: int, path: Path, mode: int | None = None) -> None:
    """Give a file that is made beside another, such as its lock, the group of that one, and its rights or the given mode."""
    with suppress(OSError):
        other = path.stat()
        mode = PRIVATE | (stat.S_IMODE(other.st_mode) & _GROUP) if mode is None else mode
        mine = os.fstat(file)
        if mine.st_uid == os.geteuid() and mine.st_gid != other.st_gid and mode != PRIVATE:
            os.fchown(file, -1, other.st_gid)
        give(file, mode)


def make_folder(path: Path, mode: int | None = None) -> None:
    """Make a folder and those above it that are missing; what is there stays as it is."""
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
    """Give a folder that was just made its mode; it keeps the group that it has from the folder above."""
    inherited = path.stat().st_mode & stat.S_ISGID
    if stat.S_IMODE(path.stat().st_mode) != mode | inherited:
        path.chmod(mode | inherited)


def folder() -> int:
    """Return the mode of a folder for files: whoever may read them may enter it, whoever may write them may write in it."""
    return _folder_for(_modes["files"])


def folder_of_database() -> int:
    """Return the mode of a folder that is made for a database."""
    return _folder_for(_modes["database"])


def _folder_for(mode: int) -> int:
    return mode | (mode >> 2 & 0o110)
