"""Archives (.zip) of data files: each member is a file of the import.

The unpacked size is known in advance, and zipfile reads no more than that of a member.
"""

import errno
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path, PurePosixPath

from segcli.base.errors import SegcliError
from segcli.base.text import visible
from segcli.importing.readers.parts import ods, xlsb, xlsx

MAGIC = b"PK\3\4"
MOST_MEMBERS = 1_000
# Parts that only a workbook or another document in an archive has.
_DOCUMENTS = (xlsx.BOOK, xlsb.BOOK, ods.CONTENT, "word/document.xml", "ppt/presentation.xml", "Index/Document.iwa")
_BESIDE = ("__macosx", "thumbs.db", "desktop.ini", "readme", "readme.txt", "readme.md", "license", "license.txt")
GZIP = b"\x1f\x8b"


def is_archive(path: Path) -> bool:
    """Tell whether a file is an archive of files, and not a workbook or another document that is stored as one."""
    with path.open("rb") as file:
        if file.read(4) != MAGIC:
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError):  # named by the reader of workbooks
        return False
    return not names.intersection(_DOCUMENTS) and "[Content_Types].xml" not in names


@contextmanager
def opened(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    """Open an archive. Raises SegcliError if it is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _damaged(name, error) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a seek to a negative position
            raise
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> SegcliError:
    return SegcliError(f"{name} is damaged, or packed in an unknown way: {error}", "unpack it first")


def members(archive: zipfile.ZipFile, name: str, most: int) -> list[zipfile.ZipInfo]:
    """Return the members that may be data, by name. Raises SegcliError if they unpack to more than `most` bytes."""
    entries = archive.infolist()
    if not entries:
        raise SegcliError(f"{name} is an empty archive", "was the export cut off?")
    if len(entries) > MOST_MEMBERS:
        raise SegcliError(f"{name} has {len(entries):,} files", f"{MOST_MEMBERS:,} at most are read; split it")
    size = sum(entry.file_size for entry in entries)
    if size > most:
        raise SegcliError(f"{name} unpacks to {size:,} bytes", f"{most:,} at most are read from it; split it")
    found = sorted(filter(_may_be_data, entries), key=lambda entry: entry.filename)
    twice = next((one for one, other in pairwise(found) if one.filename == other.filename), None)
    if twice:
        raise SegcliError(f"{name} has two files called {visible(twice.filename)}", "unpack it and rename one of them")
    if not found:
        raise SegcliError(f"{name} has no data files", "is this the right archive?")
    if any(entry.flag_bits & 1 for entry in found):
        raise SegcliError(f"{name} is protected with a password", "unpack it first")
    return found


def _may_be_data(entry: zipfile.ZipInfo) -> bool:
    """Tell whether a member is a file that a user may have put there as data."""
    if not entry.filename or entry.is_dir():
        return False
    parts = [part.lower() for part in PurePosixPath(entry.filename).parts]
    hidden = any(part.startswith((".", "~$")) for part in parts)
    return bool(parts) and not hidden and parts[0] != _BESIDE[0] and parts[-1] not in _BESIDE


def refuse_nested(head: bytes, path: Path, name: str) -> None:
    """Raise SegcliError if the unpacked file is an archive itself."""
    if head.startswith(GZIP) or is_archive(path):
        raise SegcliError(f"{name} is an archive within an archive", "unpack it first")


def shown(names: Iterable[str]) -> str:
    """Return the first names, for a message."""
    found = [visible(name) for name in names]
    return ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")  # noqa: PLR2004 - shown
