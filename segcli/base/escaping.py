r"""The marks that our files put on texts which would steer a terminal or run in a spreadsheet, and that imports take off again.

Each rule is its own inverse when read:

- In every format of text and in a workbook, what steers a terminal is \x1b, and the backslash of a text that looks so is \x5c.
- In csv a ' stands before what a spreadsheet would run, and before what would look so marked.
- tsv has no quotes. Tab, line feed, carriage return and backslash are \t, \n, \r and \\, other controls are \x1b. The first
  quote of a cell that is one quoted CSV cell is \x22: import takes quotes off only where some cell is quoted as CSV has it.
"""

import re

from segcli.base.text import escaped

# C0 but for tab and line feed, DEL, C1. There is no NUL and no half of a character here: no text in the database has them.
_WRITTEN = r"x(?:0[1-8b-f]|1[0-9a-f]|7f|[89][0-9a-f]|5c(?=x))"
_TO_WRITE = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]|\\(?={_WRITTEN})")
_TO_READ = re.compile(rf"\\{_WRITTEN}")

# What a spreadsheet runs as a formula (OWASP, CSV injection), and what would look guarded when it is read back.
FORMULA = re.compile(r"'*[=+\-@\t\r]")
ANY_FORMULA = re.compile(r"\n'*[=+\-@\t\r]")
GUARD = re.compile(r"'+[=+\-@\t\r]")

_TAB_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_TAB_CHARACTERS = {escape: character for character, escape in _TAB_ESCAPES.items()}
_TO_TAB = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\\]")
_TO_UNTAB = re.compile(rf"\\(?:[\\tnr]|x22|{_WRITTEN})")
QUOTED = re.compile(r'"(?:[^"]|"")*"')  # a cell that CSV has in quotes, the quotes in it doubled

ERRORS = frozenset(
    {"#N/A", "#DIV/0!", "#REF!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!"}
)  # which a workbook has in place of a value

TOTALS = "segcli_totals_"  # and a number: the name of the rows of totals of a sheet, which are no rows of its table


def written(text: str) -> str:
    r"""Return the text as files and pipes hold it: what steers a terminal as \x1b. `reread` gives it back."""
    if text.isprintable() and "\\x" not in text:  # true of nearly every cell, and decided in C
        return text
    return _TO_WRITE.sub(lambda match: escaped(match[0]), text)


def reread(text: str) -> str:
    """Return the text of which `written` made this one; any other as it is."""
    return _TO_READ.sub(lambda match: chr(int(match[0][2:4], 16)), text) if "\\x" in text else text


def tabbed(text: str) -> str:
    r"""Return the text as a cell of tsv, without a tab or a line end. `untabbed` gives it back."""
    if not text.isprintable() or "\\" in text:
        text = _TO_TAB.sub(_tab_escape, text)
    return f"\\x22{text[1:]}" if text[:1] == '"' and QUOTED.fullmatch(text) else text


def _tab_escape(match: re.Match[str]) -> str:
    return _TAB_ESCAPES.get(match[0]) or escaped(match[0])


def untabbed(text: str) -> str:
    """Return the text of which `tabbed` made this one."""
    return _TO_UNTAB.sub(_tab_character, text) if "\\" in text else text


def _tab_character(match: re.Match[str]) -> str:
    return _TAB_CHARACTERS.get(match[0]) or chr(int(match[0][2:4], 16))


def is_tabbed(text: str) -> bool:
    """Tell whether every backslash of a text begins an escape of `tabbed`."""
    return "\\" not in _TO_UNTAB.sub("", text)


def guarded(text: str) -> str:
    """Return the text as csv holds it: with ' in front where a spreadsheet would run it."""
    return f"'{text}" if FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return the text of which `guarded` made this one."""
    return text[1:] if GUARD.match(text) else text


def is_error(text: str) -> bool:
    """Tell whether a text would be taken for an error of Excel's, or for one that was marked as a text by a '."""
    return text.lstrip("'") in ERRORS
