"""Protects the files this process reads: no output may overwrite an input or a database.

Code that opens a file named by the user registers it here; code that writes an output checks here first. Files are
identified by real path and by device and inode, so links, hard links and other spellings count as the same file.
"""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from os import PathLike

from segcli.base.errors import SegcliError, UsageError

APPLICATION_ID = 0x73656769
HEADER = b"SQLite format 3\0"
_ID_AT = 68  # offset of application_id in a database
_HEAD_BYTES = 100
_LOGS = {  # first bytes of the files that SQLite keeps beside a database
    b"\x37\x7f\x06\x82": "the write-ahead log of a database",
    b"\x37\x7f\x06\x83": "the write-ahead log of a database",
    b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7": "the journal of a database",
}
BESIDE = ("-wal", "-shm", "-journal", ".lock")
READ = "a file that this command reads"
CONFIGURATION = "the configuration file"
DATABASE = "the database in use"
_HINT = "name another file; nothing was changed"

Name = str | PathLike[str]
_Node = tuple[int, int]  # device and inode
STDIN = "<stdin>"
_given: list[bytes] = []  # content of standard input, once read
_noted: dict[str, tuple[str, _Node | None]] = {}  # real path -> role and identity of the file


def forget() -> None:
    """Forget all files, at the start of a command."""
    _noted.clear()
    _given.clear()


def standard(most: int) -> bytes:
    """Return the content of standard input; repeated calls return the same bytes. More than `most` is a SegcliError."""
    if not _given:
        with suppress(OSError, ValueError):  # stdin was replaced
            note_open(sys.stdin.fileno())
        _given.append(sys.stdin.buffer.read(most + 1))
    if len(_given[0]) > most:
        raise SegcliError(f"{STDIN} is larger than {most:,} bytes")
    return _given[0]


def note(path: Name, what: str = READ) -> None:
    """Register a file that is or will be read. A more specific role that was registered earlier is kept; devices are ignored."""
    real = os.path.realpath(path)
    node = _node(real)
    if (node or not os.path.lexists(real)) and (what != READ or real not in _noted):
        _noted[real] = what, node


def note_named(path: Name) -> None:
    """Register a file that the command line names as an input; of a folder, the files directly in it."""
    note(path)
    with suppress(OSError, ValueError):
        for entry in os.scandir(path) if os.path.isdir(path) else ():  # noqa: PTH112 - any name
            note(entry.path)


def note_open(number: int) -> None:
    """Register the file behind an open descriptor, such as standard input."""
    node = _node(number)
    if node:
        _noted.setdefault(f"<{number}>", (READ, node))


def refuse(path: Name, label: str = "") -> None:
    """Raise UsageError if the file is, or belongs to, an input or a segcli database; `label` is the flag that named it."""
    what = _identity(path)
    if what:
        raise UsageError(f"{f'{label}: ' if label else ''}{os.fspath(path)} is {what}: it is not written", _HINT)


def refuse_beside(path: Name) -> None:
    """Raise UsageError if the name of a new database is reserved for another database's log, journal or lock."""
    what = _by_name(os.path.realpath(path))
    if what:
        raise UsageError(f"{os.fspath(path)} is {what}: it is not written", _HINT)


def refuse_open(number: int, name: str) -> None:
    """Raise UsageError if an open descriptor writes to a file that is read."""
    node = _node(number)
    what = next((what for _, what, known in _known() if node and known == node), "")
    if what:
        raise UsageError(f"{name} leads to {what}: it is not written", _HINT)


def _identity(path: Name) -> str:
    """Return the role of a protected file; '' if it may be written."""
    real, node = os.path.realpath(path), _node(path)
    for known, what, known_node in _known():
        if known == real or (node and node == known_node):
            return what
    if node:
        return _by_content(path)
    return _by_name(real)


def _known() -> Iterator[tuple[str, str, _Node | None]]:
    """Yield path, role and identity of the registered files and of the files beside a registered database."""
    for real, (what, node) in _noted.items():
        yield real, what, node
        yield real, what, _node(real)  # the path may lead to another file by now
        if what == DATABASE:
            for end in BESIDE:
                yield f"{real}{end}", f"part of the database {real}", _node(f"{real}{end}")


def _node(path: Name | int) -> _Node | None:
    """Return the identity of a regular file, by path or descriptor; None if missing or not a regular file."""
    with suppress(OSError, ValueError):  # ValueError: a NUL in its name
        found = os.stat(path)  # noqa: PTH116 - takes a descriptor as well
        if stat.S_ISREG(found.st_mode):
            return found.st_dev, found.st_ino
    return None


def _by_content(path: Name) -> str:
    head = _head(path)
    if is_ours(head):
        return "a segcli database"
    found = next((what for mark, what in _LOGS.items() if head.startswith(mark)), "")
    return found or _by_name(os.path.realpath(path))


def _by_name(real: str) -> str:
    """Return the role of a name that is reserved beside a segcli database, whether or not the file exists."""
    for end in BESIDE:
        base = real.removesuffix(end)
        if base != real and is_ours(_head(base)):
            return f"part of the database {base}"
    return ""


def _head(path: Name) -> bytes:
    if _node(path):  # reading a pipe would block
        with suppress(OSError), open(path, "rb") as file:  # noqa: PTH123 - any name
            return file.read(_HEAD_BYTES)
    return b""


def is_ours(head: bytes) -> bool:
    """Tell whether the first bytes of a file are those of a segcli database."""
    return head.startswith(HEADER) and int.from_bytes(head[_ID_AT : _ID_AT + 4], "big") == APPLICATION_ID
