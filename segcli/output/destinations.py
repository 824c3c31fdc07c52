"""Output destinations: standard output with reliable error reports, and files that are written atomically."""

import io
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from segcli.base import file_guard, file_modes, outcome
from segcli.base.deferred import regex
from segcli.base.errors import SegcliError, UsageError, reason_of
from segcli.base.text import escaped, harmless
from segcli.domain.table import Table
from segcli.output import render
from segcli.output.render import Style

Fill = Callable[[IO[bytes]], int]  # writes to the file and returns the number of rows
Before = Callable[[], None]

_OF_FORMS = (
    ("null", "--null", ("tsv", "plain")),
    ("separator", "--delimiter", ("csv",)),
    ("no_guard", "--no-guard", ("csv",)),
    ("amounts", "--amounts", ("json", "jsonl")),
    ("table", "--table", ("sqlite",)),
)
_LEAST_WIDTH = 10  # smaller values are ignored
_USUAL_WIDTH = 80
_BUFFER = 1 << 16
_DESCRIPTOR = regex(r"/(?:dev|proc/self)/fd/(\d{1,9})")
_MOST_LINKS = 40
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_STEERING = regex("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _nothing() -> None:
    """Do nothing before a file is put in its place."""


class Replacing:
    """How to replace a file, and whether it was replaced."""

    def __init__(self, *, if_changed: bool = False, touch: bool = False, before: Before = _nothing) -> None:
        self.if_changed = if_changed  # do not replace a file with the same content
        self.touch = touch  # update the time of an unchanged file, for make
        self.before = before  # called just before the file is replaced
        self.is_done = False  # a file was written


def is_terminal() -> bool:
    """Tell whether standard output is a terminal."""
    return sys.stdout is not None and not sys.stdout.closed and sys.stdout.isatty()


def has_color(choice: str, environ: Mapping[str, str] = os.environ, *, on_terminal: bool) -> bool:
    """Tell whether to use colour: as --color says, else on a colour terminal unless NO_COLOR is set."""
    if choice != "auto":
        return choice == "always"
    return on_terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def has_utf8(environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the locale is UTF-8; Python itself assumes UTF-8 even if the locale is not."""
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "C")
    return "utf8" in locale.lower().replace("-", "")


def terminal_width() -> int:
    """Return the terminal's width: a valid COLUMNS, else the width that the terminal reports."""
    text = os.environ.get("COLUMNS", "")
    if re.fullmatch(r"[0-9]{1,4}", text) and int(text) >= _LEAST_WIDTH:
        return int(text)
    try:
        return os.get_terminal_size(1).columns or _USUAL_WIDTH
    except OSError:
        return _USUAL_WIDTH


def default_format(*, on_terminal: bool) -> str:
    """Return the default format of standard output: table on a terminal, else tsv."""
    return "table" if on_terminal else "tsv"


def format_for(name: str | None, path: Path | None, *, on_terminal: bool) -> str:
    """Return the named format, else the format of the file's extension, else the default."""
    if name:
        return name
    if path is None:
        return default_format(on_terminal=on_terminal)
    found = render.of_ending(path)
    if found is None and leads_to_device(path):
        return default_format(on_terminal=False)
    if found is None:
        known = ", ".join(f".{ending}" for ending in sorted(render.ENDINGS))
        raise UsageError(f"--output: the ending of {path} tells no format", f"use {known}, or say --format")
    return found


def format_of(values: Mapping[str, Any], path: Path | None, *, on_terminal: bool) -> str:
    """Return the format of the flags; --null alone means tsv. Raise UsageError for a flag that the format does not support."""
    name = values.get("format") or ("tsv" if values.get("null") and path is None else None)
    form = format_for(name, path, on_terminal=on_terminal)
    for asked, flag, forms in _OF_FORMS:
        if values.get(asked) and form not in forms:
            raise UsageError(f"{flag} is for {' and '.join(forms)}, not for {form}", f"say -f {forms[0]}")
    return form


def write(table: Table, form: str, path: Path | None, style: Style, how: Replacing | None = None) -> int:
    """Write a table to a file, or to standard output if `path` is None; return its number of rows."""
    draw = render.renderer(form)
    fill = filler(form, lambda file: draw(table, file, style))
    return to_stdout(fill) if path is None else to_file(path, fill, how)


def filler(form: str, draw: Callable[[Any], int]) -> Fill:
    """Return a function that writes a format to a binary file; text formats are encoded as UTF-8."""

    def fill(file: IO[bytes]) -> int:
        if form in render.BINARY:
            if file.isatty():
                raise UsageError(f"{form} is not for a terminal", "write it to a file: -o FILE")
            return draw(file)
        with _text(file) as text:
            return draw(text)

    return fill


@contextmanager
def _text(file: IO[bytes]) -> Iterator[io.TextIOWrapper]:
    """Yield a UTF-8 text writer, independent of the locale; lone surrogates are written as escapes."""
    kind = _Terminal if file.isatty() else io.TextIOWrapper
    text = kind(file, encoding="utf-8", errors="backslashreplace", newline="")
    try:
        yield text
        text.flush()
    finally:
        with suppress(OSError):
            text.detach()


class _Terminal(io.TextIOWrapper):
    """A terminal writer that makes characters visible that reorder or hide text; our colour codes pass."""

    def write(self, text: str) -> int:
        """Write the text and return its length."""
        return super().write(harmless(text))


def write_text(path: Path, text: str) -> None:
    """Write a text to a file atomically."""
    write_lines(path, (text,))


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write lines to a file atomically."""

    def fill(file: IO[bytes]) -> int:
        for line in lines:
            file.write(line.encode("utf-8", "backslashreplace"))
        return 0

    to_file(path, fill)


def write_stdout(text: str) -> None:
    """Write a text to standard output; control characters other than newline and tab are escaped."""
    shown = _STEERING.sub(lambda match: escaped(match[0]), text)

    def fill(file: IO[bytes]) -> int:
        return file.write((harmless(shown) if file.isatty() else shown).encode("utf-8", "backslashreplace"))

    to_stdout(fill)


def to_stdout(fill: Fill) -> int:
    """Let `fill` write to standard output, flush it and return its result.

    Raise BrokenPipeError if the reader has gone, SegcliError if writing fails.
    """
    if outcome.current().takes_stdout:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device
            return fill(nowhere)
    if sys.stdout is None or sys.stdout.closed:
        raise SegcliError("cannot write to standard output: it is closed")
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    return _to_descriptor(1, fill, "standard output")


def _to_descriptor(number: int, fill: Fill, name: str) -> int:
    file_guard.refuse_open(number, name)
    try:
        # Use our own writer: with PYTHONUNBUFFERED, a short write to a full disk would go unnoticed.
        raw = io.FileIO(number, "w", closefd=False)
        buffer = io.BufferedWriter(raw, buffer_size=_BUFFER)
        count = fill(buffer)
        buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _drain(number)
        raise SegcliError(f"cannot write to {name}: {error.strerror}") from error
    return count


def _drain(number: int) -> None:
    """Redirect the descriptor to /dev/null, else the writers retry and report an error when they are garbage-collected."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def to_file(path: Path, fill: Fill, how: Replacing | None = None) -> int:
    """Let `fill` write a temporary file, then rename it, so that readers see the old or the new file.

    segcli.base.file_modes sets its mode. Devices and pipes are written directly. A symbolic link is replaced; its target
    stays. If the file cannot be written, or is an input of this command, raise SegcliError and change nothing.
    """
    file_guard.refuse(path)
    try:
        if path.is_dir():
            raise SegcliError(f"{path} is a folder", "name a file in it")
        if leads_to_device(path):
            return _to_device(path, fill)
        count = _to_place(path, fill, how or Replacing())
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritten(path, error) from error
    outcome.current().wrote(path)
    return count


def _to_place(path: Path, fill: Fill, how: Replacing) -> int:
    from segcli.base import placing, scratch

    with scratch.room(path.parent) as room:
        name = room / "new"
        with os.fdopen(os.open(name, _NEW, 0o600), "wb") as file:
            with scratch.making(room):
                count = fill(file)
            file.flush()
            file_modes.give(file.fileno(), file_modes.of_file(path))
            os.fsync(file.fileno())
        how.is_done = not (how.if_changed and placing.is_same(path, name))
        if how.is_done:
            how.before()
            name.replace(path)
        elif how.touch:
            os.utime(path)
    placing.sync(path.parent)
    return count


def unwritten(path: Path, error: OSError) -> SegcliError:
    """Return the error for a file that cannot be written."""
    return SegcliError(f"{path} cannot be written: {reason_of(error)}")


def leads_to_device(path: Path) -> bool:
    """Tell whether a path is or links to something other than a regular file: device, pipe, socket, open descriptor.

    /dev/stdout can resolve to a regular file, but must not be replaced.
    """
    try:
        return _descriptor(path) is not None or not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def is_stdout(path: Path) -> bool:
    """Tell whether a path or its links name standard output."""
    return _descriptor(path) == 1


def _descriptor(path: Path) -> int | None:
    """Return the number of the open descriptor that a path names or links to, else None."""
    for _ in range(_MOST_LINKS):
        if match := _DESCRIPTOR.fullmatch(os.path.normpath(path.absolute())):
            return int(match[1])
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
    return None


def _to_device(path: Path, fill: Fill) -> int:
    number = _descriptor(path)
    if number == 1:
        return to_stdout(fill)
    if number is not None:
        return _to_descriptor(number, fill, str(path))
    with path.open("wb") as file:
        return fill(file)
