"""Several files put in their places together: written under a hidden name, and renamed when all of them stand.

`.NAME.new` holds what is being written and is thrown away where its writer died; `.NAME.ready` is whole: what a killed
run left in it, the next one puts in its places. `.message` in it is an e-mail that was not handed over yet, `.message.handed`
one whose answer did not come.
The caller holds the lock.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from segcli.base import file_guard, file_modes, scratch
from segcli.base.errors import SegcliError
from segcli.output import destinations

MESSAGE, HANDED = ".message", ".message.handed"


class Place:
    """Where a report's files go: a folder, and what is hidden in it under the report's name."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.locked = folder / f".{name}"
        self.new = folder / f".{name}.new"
        self.ready = folder / f".{name}.ready"

    @property
    def message(self) -> Path:
        """Return where the e-mail lies that was not handed over yet."""
        return self.ready / MESSAGE

    @property
    def handed(self) -> Path:
        """Return where an e-mail lies while it is handed over; it stays there if its answer does not come."""
        return self.ready / HANDED

    def hand(self, source: Path, target: Path) -> None:
        """Rename the e-mail, from `message` to `handed` or back."""
        source.rename(target)
        scratch.sync(self.ready)

    @contextmanager
    def staged(self) -> Iterator[Path]:
        """Give the hidden folder to write to; it goes at the end, unless its files were put in their places."""
        shutil.rmtree(self.new, ignore_errors=True)
        self.new.mkdir(mode=0o700)
        file_modes.widen(self.new, file_modes.folder())
        try:
            yield self.new
        finally:
            shutil.rmtree(self.new, ignore_errors=True)

    def recover(self) -> bool:
        """Put in their places what a killed run left ready; tell whether there was something."""
        left = [path for path in _files(self.ready) if path not in {self.message, self.handed}]
        if self.ready.exists():
            self._place()
        return bool(left)

    def commit(self) -> None:
        """Put all that was written in its place. From the first rename on it is done, whoever interrupts."""
        with scratch.uninterrupted():
            for folder in (self.new, *(path for path in self.new.rglob("*") if path.is_dir())):
                scratch.sync(folder)
            shutil.rmtree(self.ready, ignore_errors=True)  # a message at most, which this one takes the place of
            self.new.rename(self.ready)
            scratch.sync(self.folder)
            self._place()

    def _place(self) -> None:
        for path in _files(self.ready):
            target = self.folder / path.relative_to(self.ready)
            if path in {self.message, self.handed}:
                continue
            file_guard.refuse(target)
            try:
                file_modes.make_folder(target.parent)
                path.replace(target)
            except OSError as error:
                raise destinations.unwritten(target, error) from error
            scratch.sync(target.parent)
        if not self.message.exists():
            self.forget()

    def forget(self) -> None:
        """Remove what was ready: all of it is in its place, and the message was handed over."""
        shutil.rmtree(self.ready, ignore_errors=True)


def check(folder: Path, names: Iterable[str]) -> None:
    """Raise SegcliError where a file could not be put in its place."""
    disk = folder.stat().st_dev
    for name in names:
        path = folder / name
        file_guard.refuse(path)
        parent = next(above for above in path.parents if above.exists())
        within = [above for above in path.parents if folder in above.parents]
        link = next((above for above in within if above.is_symlink()), None)
        if link:
            raise SegcliError(
                f"{link} is a link, and {path} would be written where it leads",
                "name a folder with folder: or --folder",
            )
        if path.is_dir():
            raise SegcliError(f"{path} is a folder", "name a file in it")
        if not parent.is_dir():
            raise SegcliError(f"{parent} is a file, and {path} was to be in it")
        if parent.stat().st_dev != disk:
            raise SegcliError(f"{parent} is on another disk than {folder}", "give each its own report")


def drop_same(new: Path, folder: Path) -> list[str]:
    """Remove what would be the same as it is; return the names of what is left."""
    left = []
    for path in _files(new):
        name = str(path.relative_to(new))
        if scratch.is_same(folder / name, path):
            path.unlink()
        elif name != MESSAGE:
            left.append(name)
    return left


def touch(folder: Path, names: Iterable[str]) -> None:
    """Give files that stay as they are the present time."""
    for name in names:
        try:
            os.utime(folder / name)
        except OSError as error:
            raise destinations.unwritten(folder / name, error) from error


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if not path.is_dir())
