"""Files that are taken into memory whole: never more of one than is stated, however long it is or goes on."""

from pathlib import Path

from segcli.base import file_guard
from segcli.base.errors import SegcliError


def read(path: Path, most: int) -> bytes:
    """Return a file's bytes. Raises SegcliError where it cannot be read or holds more than `most` bytes.

    The bytes are counted as they come: the size that the system tells of a device or a pipe is 0.
    """
    try:
        with path.open("rb") as file:
            file_guard.note(path)
            data = file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in its name
        raise SegcliError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > most:
        raise SegcliError(f"{path} is larger than {size(most)}")
    return data


def size(count: int) -> str:
    """Return a number of bytes for people: 20 MB."""
    return f"{count // 1_000_000:,} MB"
