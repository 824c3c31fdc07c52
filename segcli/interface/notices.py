"""What a command says on stderr beside its result: a line, or a JSON object under --errors json.

A warning changes no status, and --quiet silences it. What could not be done, and what a figure lacks, is always said.
"""

import sys
from contextlib import suppress
from dataclasses import dataclass, field

from segcli.base.text import visible

PARTIAL = "partial"  # could not be done, or is missing in a figure: always said
DIFFERENCE = "difference"  # the ledger and the items differ
NOTICE = "notice"  # anything else that the user should know


@dataclass(slots=True)
class _State:
    """How this command speaks, and what it has said of saved expressions."""

    is_quiet: bool = False
    as_json: bool = False
    said: set[str] = field(default_factory=set)


_state = _State()


def begin(*, is_quiet: bool = False, as_json: bool = False) -> None:
    """Begin a command: nothing was said yet."""
    _state.is_quiet, _state.as_json = is_quiet, as_json
    _state.said.clear()


def once(text: str) -> None:
    """Warn of a saved expression, unless this command has said it already."""
    if text not in _state.said:
        _state.said.add(text)
        warn(text)


def warn(text: str, kind: str = NOTICE) -> None:
    """Say a warning, or something partial. Where stderr is full or closed, what is done is done all the same."""
    if sys.stderr is None or (_state.is_quiet and kind != PARTIAL):
        return
    line = _as_json(text, kind) if _state.as_json else visible(text)
    with suppress(OSError):
        sys.stderr.write(f"{line}\n")


def _as_json(text: str, kind: str) -> str:
    import json

    return json.dumps({"warning": kind, "status": 0, "message": text, "hint": ""})
