"""Asking before a bulk change: on a terminal; elsewhere there is nobody to ask."""

import sys
from collections.abc import Iterable

from segcli.base.errors import UsageError
from segcli.base.text import visible


def can_ask() -> bool:
    """Tell whether somebody is there to answer."""
    return bool(sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty())


def check_selected(*, is_selected: bool, is_all: bool, hint: str) -> None:
    """Refuse a bulk change that names neither what it is to change nor --all, or both."""
    if not is_selected and not is_all:
        raise UsageError("no accounts named", hint)
    if is_selected and is_all:
        raise UsageError("--all and a selection contradict each other")


def require(what: str, look: str, lines: Iterable[str], question: str) -> None:
    """Ask; where nobody is there to answer it is a UsageError that says what would happen and how to look at it first."""
    if not can_ask():
        raise UsageError(
            f"{what}, and nobody can be asked here: nothing was changed", f"look with {look}, then say --yes"
        )
    confirm(lines, question)


def confirm(lines: Iterable[str], question: str) -> None:
    """Show the lines and ask. Anything but yes is a UsageError: nothing was changed."""
    for line in lines:
        sys.stderr.write(visible(line) + "\n")
    sys.stderr.write(f"{visible(question)} [y/N] ")
    sys.stderr.flush()
    answer = sys.stdin.buffer.readline().decode(errors="replace")
    if not answer.endswith("\n"):  # Ctrl-D leaves the cursor behind the question
        sys.stderr.write("\n")
    if answer.strip().lower() not in {"y", "yes", "j", "ja"}:
        raise UsageError("nothing was changed")
