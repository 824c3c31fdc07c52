"""Warnings on stderr: one line each, or a JSON object with --errors json.

A warning does not change the exit status. --quiet suppresses warnings, except those about incomplete work or figures.
"""

import sys
from contextlib import suppress

from segcli.base.text import visible

PARTIAL = "partial"  # not done, or missing from a figure; --quiet does not suppress it
DIFFERENCE = "difference"  # the ledger and the items differ
NOTICE = "notice"  # any other warning


class _State:
    """The output mode of this command, and the warnings about saved expressions already given."""

    def __init__(self) -> None:
        self.is_quiet = False
        self.as_json = False
        self.said: set[str] = set()


_state = _State()


def begin(*, is_quiet: bool = False, as_json: bool = False) -> None:
    """Set the output mode and forget earlier warnings."""
    _state.is_quiet, _state.as_json = is_quiet, as_json
    _state.said.clear()


def once(text: str) -> None:
    """Give a warning about a saved expression, once per command."""
    if text not in _state.said:
        _state.said.add(text)
        warn(text)


def warn(text: str, kind: str = NOTICE) -> None:
    """Write a warning to stderr; ignore write errors, because the work itself succeeded."""
    if sys.stderr is None or (_state.is_quiet and kind != PARTIAL):
        return
    line = _as_json(text, kind) if _state.as_json else visible(text)
    with suppress(OSError):
        sys.stderr.write(f"{line}\n")


def _as_json(text: str, kind: str) -> str:
    import json

    return json.dumps({"warning": kind, "status": 0, "message": text, "hint": ""})
