"""Publishes several files together: written in a hidden folder, and renamed when all are complete.

`.NAME.new` is being written, and is discarded if its writer died. `.NAME.ready` is complete: the next run publishes
what a killed run left in it. `.message` in it is an e-mail that was not sent yet, `.message.handed` one whose answer is
missing. The caller holds the lock.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from segcli.base import file_guard, file_modes, placing, signals
from segcli.base.errors import SegcliError
from segcli.output import destinations

MESSAGE, HANDED = ".message", ".message.handed"


class Place:
    """The output folder of a report, with the hidden folders of this report's name."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.locked = folder / f".{name}"
        self.new = folder / f".{name}.new"
        self.ready = folder / f".{name}.ready"

    @property
    def message(self) -> Path:
        """Return the path of the unsent e-mail."""
        return self.ready / MESSAGE

    @property
    def handed(self) -> Path:
        """Return where an e-mail lies while it is handed over; it stays there if its answer does not come."""
        return self.ready / HANDED

    def hand(self, source: Path, target: Path) -> None:
        """Rename the e-mail, from `message` to `handed` or back."""
        source.rename(target)
        placing.sync(self.ready)

    @contextmanager
    def staged(self) -> Iterator[Path]:
        """Yield the hidden folder to write to; it is removed at the end unless its files were published."""
        shutil.rmtree(self.new, ignore_errors=True)
        self.new.mkdir(mode=0o700)
        file_modes.widen(self.new, file_modes.folder())
        try:
            yield self.new
        finally:
            shutil.rmtree(self.new, ignore_errors=True)

    def recover(self) -> bool:
        """Publish the complete files of a killed run; tell whether there were any."""
        left = [path for path in _files(self.ready) if path not in {self.message, self.handed}]
        if self.ready.exists():
            self._place()
        return bool(left)

    def commit(self) -> None:
        """Publish everything that was written. After the first rename an interrupt no longer prevents completion."""
        with signals.deferred():
            for folder in (self.new, *(path for path in self.new.rglob("*") if path.is_dir())):
                placing.sync(folder)
            shutil.rmtree(self.ready, ignore_errors=True)  # at most an unsent message, which this one replaces
            self.new.rename(self.ready)
            placing.sync(self.folder)
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
            placing.sync(target.parent)
        if not self.message.exists():
            self.forget()

    def forget(self) -> None:
        """Remove the ready folder after its files were published and its message sent."""
        shutil.rmtree(self.ready, ignore_errors=True)


def check(folder: Path, names: Iterable[str]) -> None:
    """Raise SegcliError if a file could not be published."""
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
    """Remove files with unchanged content; return the names of the others."""
    left = []
    for path in _files(new):
        name = str(path.relative_to(new))
        if placing.is_same(folder / name, path):
            path.unlink()
        elif name != MESSAGE:
            left.append(name)
    return left


def touch(folder: Path, names: Iterable[str]) -> None:
    """Set the modification time of unchanged files to now."""
    for name in names:
        try:
            os.utime(folder / name)
        except OSError as error:
            raise destinations.unwritten(folder / name, error) from error


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if not path.is_dir())
