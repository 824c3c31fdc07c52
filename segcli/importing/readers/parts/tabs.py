r"""Tab-separated files: what quotes and backslashes mean in them.

Programs write them in one of two ways, and the file shows which:

- Quoted: quotes are those of CSV where a cell is one quoted CSV cell, such as "De Hoek", or where a cell begins
  with a quote and its line, or the next one, has another number of tabs than the header: a tab or line end stands in quotes.
- Plain, as segcli writes them: any other file. A quote is a character like any other.

In a plain file \t, \n, \r, \\ and \x1b are escapes where every backslash of the file begins one of them. Where one does not,
such as that of D:\data, all backslashes are characters.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from segcli.base.escaping import QUOTED, is_tabbed

_OPENS = re.compile('(?:^|\t)"')


class Manner(NamedTuple):
    """How a file of tab-separated values is written."""

    is_quoted: bool
    is_escaped: bool


def manner(lines: Iterable[str]) -> Manner:
    """Return how a file is written; `lines` begin with its header."""
    tabs, was_open, is_escaped = -1, False, True
    for line in lines:
        if tabs < 0 and line.strip():
            tabs = line.count("\t")
        if was_open and line.count("\t") != tabs:
            return Manner(is_quoted=True, is_escaped=False)
        was_open = '"' in line and _OPENS.search(line) is not None
        if was_open and (line.count("\t") != tabs or _has_quoted(line)):
            return Manner(is_quoted=True, is_escaped=False)
        is_escaped = is_escaped and ("\\" not in line or is_tabbed(line))
    return Manner(is_quoted=False, is_escaped=is_escaped)


def _has_quoted(line: str) -> bool:
    return any(QUOTED.fullmatch(cell) for cell in line.rstrip("\r\n").split("\t"))
