r"""Tab-separated files: the meaning of quotes and backslashes.

Programs write such files in one of two ways, which is detected per file:

- Quoted, as in CSV. A file is quoted if a cell is one quoted CSV cell, such as "De Hoek", or if a cell begins with a quote
  and its line or the next line has another number of tabs than the header (a quoted cell contains a tab or line end).
- Plain, as segcli writes them: any other file. Quotes are ordinary characters.

In a plain file \t, \n, \r, \\ and \x1b are escapes if every backslash of the file begins one of them. If one does not, as
in D:\data, all backslashes are ordinary characters.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from segcli.base.escaping import QUOTED, is_tabbed

_OPENS = re.compile('(?:^|\t)"')


class Manner(NamedTuple):
    """How a tab-separated file uses quotes and backslashes."""

    is_quoted: bool
    is_escaped: bool


def manner(lines: Iterable[str]) -> Manner:
    """Detect how a file is written; `lines` start with its header."""
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
