"""The doors of output: standard output that says when it fails, and files that are written whole or not at all."""

import io
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from segcli import render
from segcli.errors import SegcliError, UsageError
from segcli.overview import Table
from segcli.render import Style

Fill = Callable[[IO[bytes]], int]


def is_terminal() -> bool:
    """Tell whether a person looks at standard output."""
    return sys.stdout is not None and not sys.stdout.closed and sys.stdout.isatty()


def has_color(choice: str, environ: Mapping[str, str] = os.environ, *, on_terminal: bool) -> bool:
    """Tell whether to use colour: as --color says, else on a terminal that has it, unless NO_COLOR is set."""
    if choice != "auto":
        return choice == "always"
    return on_terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """Return the terminal's width: COLUMNS where that is a sensible number, else what the terminal says."""
    text = os.environ.get("COLUMNS", "")
    if text.isascii() and text.isdigit() and int(text) >= 10:  # noqa: PLR2004 - narrower is no terminal
        return int(text)
    try:
        return os.get_terminal_size(1).columns or 80
    except OSError:
        return 80


def format_for(name: str | None, path: Path | None, *, on_terminal: bool) -> str:
    """Return the format: as asked, else by the file's ending, else for people on a terminal and tsv in a pipe."""
    if name:
        return name
    if path is None:
        return "table" if on_terminal else "tsv"
    found = render.of_ending(path)
    if found is None:
        known = ", ".join(
            f".{name}" for name in (*render.formats(), "txt") if name not in {"table", "plain", "vertical"}
        )
        raise UsageError(f"--output: the ending of {path} tells no format", f"use {known}, or say --format")
    return found


def write(table: Table, form: str, path: Path | None, style: Style, *, if_changed: bool = False) -> int:
    """Write a table in a format to a file, or to standard output; return its number of rows."""
    draw = render.renderer(form)

    def fill(file: IO[bytes]) -> int:
        if form in render.BINARY:
            return draw(table, file, style)
        text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
        count = draw(table, text, style)
        text.flush()
        text.detach()
        return count

    if path is None:
        if form in render.BINARY and is_terminal():
            raise UsageError(f"{form} is not for a terminal", "write it to a file: -o FILE")
        return to_stdout(fill)
    return to_file(path, fill, if_changed=if_changed)


def write_text(path: Path, text: str) -> None:
    """Write a text to a file, whole or not at all."""
    to_file(path, lambda file: file.write(text.encode("utf-8", "backslashreplace")))


def write_stdout(text: str) -> None:
    """Write a text to standard output."""
    to_stdout(lambda file: file.write(text.encode("utf-8", "backslashreplace")))


def to_stdout(fill: Fill) -> int:
    """Let `fill` write to standard output, in UTF-8 whatever the locale, and see to it that all of it arrives.

    Raises BrokenPipeError where the reader has gone, SegcliError where it cannot be written.
    """
    if sys.stdout is None or sys.stdout.closed:
        raise SegcliError("standard output is closed")
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    # A writer of our own: with PYTHONUNBUFFERED a short write to a full disk would pass unnoticed.
    raw = io.FileIO(1, "w", closefd=False)
    buffer = io.BufferedWriter(raw, buffer_size=1 << 16)
    try:
        count = fill(buffer)
        buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SegcliError(f"cannot write to standard output: {error.strerror}") from error
    finally:
        with suppress(OSError):
            buffer.detach()
    return count


def to_file(path: Path, fill: Fill, *, if_changed: bool = False) -> int:
    """Let `fill` write a file: beside it and renamed, so that a reader sees the old or the new, mode 0600.

    A device or pipe is written as it is. `if_changed` leaves a file alone that would be the same.
    """
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        status = None
    except OSError as error:
        raise SegcliError(f"{path} cannot be written: {error.strerror}") from error
    if status and stat.S_ISDIR(status.st_mode):
        raise SegcliError(f"{path} is a folder", "name a file in it")
    if status and _is_special(path):
        return _to_special(path, fill)
    try:
        with _beside(path) as (name, file):
            count = fill(file)
            file.flush()
            os.fsync(file.fileno())
            if if_changed and status and _is_same(path, name):
                return count
            os.replace(name, path)
        _sync_folder(path.parent)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SegcliError(f"{path} cannot be written: {error.strerror}; nothing was changed") from error
    return count


def _is_special(path: Path) -> bool:
    """Tell whether a path is, or leads to, a device, pipe or socket."""
    try:
        mode = os.stat(path).st_mode
    except OSError:  # a link that leads nowhere: the link is replaced
        return False
    return not stat.S_ISREG(mode)


def _to_special(path: Path, fill: Fill) -> int:
    if os.path.realpath(path) == os.path.realpath("/dev/stdout"):
        return to_stdout(fill)
    try:
        with path.open("wb") as file:
            return fill(file)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SegcliError(f"{path} cannot be written: {error.strerror}") from error


@contextmanager
def _beside(path: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """Give a new file in the same folder; it is gone at the end unless it was renamed."""
    name = path.with_name(f".{path.name[:100]}.{os.getpid()}.tmp")
    number = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(number, "w+b") as file:
            yield name, file
    finally:
        with suppress(OSError):
            name.unlink(missing_ok=True)


def _is_same(path: Path, other: Path) -> bool:
    import filecmp

    return path.is_file() and not path.is_symlink() and filecmp.cmp(path, other, shallow=False)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
