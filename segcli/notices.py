"""What the user should know of a saved expression, said on stderr once a command."""

import sys

from segcli.text import visible

_said: set[str] = set()


def forget() -> None:
    """Begin a command: nothing was said yet."""
    _said.clear()


def say(text: str) -> None:
    """Say a line on stderr, unless this command has said it already."""
    if text not in _said and sys.stderr is not None:
        _said.add(text)
        sys.stderr.write(visible(text) + "\n")
