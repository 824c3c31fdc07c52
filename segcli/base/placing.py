"""Finished files get their names: never over a file that appeared meanwhile, and on disk when the call returns."""

import os
from contextlib import suppress
from pathlib import Path


def place(path: Path, target: Path) -> None:
    """Give a finished file its final name. Unlike a rename, this never replaces a file that appeared meanwhile."""
    try:
        os.link(path, target)
    except FileExistsError:
        raise
    except OSError:  # no hard links on this disk (USB sticks): reserve the name, then replace it
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        path.replace(target)
    sync(target.parent)


def sync(folder: Path) -> None:
    """Sync a folder, so that new names survive a power cut. Errors are ignored: the rename itself is done."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def is_same(path: Path, other: Path) -> bool:
    """Tell whether two files have the same content. A symlink never does: it is to be replaced by a file."""
    import filecmp

    return path.is_file() and not path.is_symlink() and filecmp.cmp(path, other, shallow=False)
