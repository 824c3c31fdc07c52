"""Confirmation of bulk changes, on a terminal only."""

import sys
from collections.abc import Iterable

from segcli.base.errors import UsageError
from segcli.base.text import visible


def can_ask() -> bool:
    """Tell whether stdin and stderr are a terminal."""
    return bool(sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty())


def check_selected(*, is_selected: bool, is_all: bool, hint: str) -> None:
    """Require exactly one of a selection and --all."""
    if not is_selected and not is_all:
        raise UsageError("no accounts named", hint)
    if is_selected and is_all:
        raise UsageError("--all and a selection contradict each other")


def require(what: str, look: str, lines: Iterable[str], question: str) -> None:
    """Ask for confirmation. Without a terminal, raise a UsageError that says what would happen and how to preview it."""
    if not can_ask():
        raise UsageError(
            f"{what}; this needs --yes off a terminal: nothing was changed", f"preview with {look}, then add --yes"
        )
    confirm(lines, question)


def confirm(lines: Iterable[str], question: str) -> None:
    """Show the lines and ask for confirmation. Raise UsageError unless the answer is yes."""
    for line in lines:
        sys.stderr.write(visible(line) + "\n")
    sys.stderr.write(f"{visible(question)} [y/N] ")
    sys.stderr.flush()
    answer = sys.stdin.buffer.readline().decode(errors="replace")
    if not answer.endswith("\n"):  # Ctrl-D leaves the cursor on the question's line
        sys.stderr.write("\n")
    if answer.strip().lower() not in {"y", "yes", "j", "ja"}:
        raise UsageError("nothing was changed")
