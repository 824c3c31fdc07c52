"""Read whole files into memory, up to a size limit."""

from pathlib import Path

from segcli.base import file_guard
from segcli.base.errors import SegcliError


def read(path: Path, most: int) -> bytes:
    """Return a file's bytes. Raises SegcliError if it cannot be read or is larger than `most` bytes.

    The limit applies to the bytes read, because the system reports size 0 for devices and pipes.
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
    """Format a number of bytes as whole megabytes: 20 MB."""
    return f"{count // 1_000_000:,} MB"
