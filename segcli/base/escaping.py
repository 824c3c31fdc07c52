r"""Reversible escapes for text that would control a terminal or run as a formula in a spreadsheet.

Exports write them and imports undo them:

- All text formats and workbooks: a control character becomes \x1b (its code); a backslash that already starts such an
  escape becomes \x5c.
- csv: a ' is put before anything a spreadsheet would run as a formula, and before text that already looks guarded.
- csv and workbooks: a ' is put before text that looks like a number marked as text, such as '0612345678 ('88301, '+31 6).
  Excel's users type such a ' to keep zeros and the plus sign, so import takes it off.
- tsv has no quotes. Tab, line feed, carriage return and backslash become \t, \n, \r and \\; other controls become \x1b. If a
  cell looks like a quoted CSV cell, its first quote becomes \x22, because import unquotes a file in which some cell is quoted.
"""

import re

from segcli.base.deferred import regex
from segcli.base.text import escaped

# C0 except tab and line feed, DEL, C1. NUL and surrogates are not read back: no text in the database contains them.
_WRITTEN = r"x(?:0[1-8b-f]|1[0-9a-f]|7f|[89][0-9a-f]|5c(?=x))"
_TO_WRITE = regex(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]|\\(?={_WRITTEN})")
_TO_READ = regex(rf"\\{_WRITTEN}")

# Text that a spreadsheet runs as a formula (OWASP, CSV injection), and text that would look guarded on import.
# A number marked as text has a digit after the ', perhaps after a +, and no small letter: '70s Music is a name.
_MARKED = r"'+\+?[0-9][^a-z]*\Z"
FORMULA = regex(rf"'*[=+\-@\t\r]|{_MARKED}")
MARK = "|"  # before each text, where many are searched at once
_ANY_FORMULA = regex(rf"\{MARK}'*[=+\-@\t\r]|\{MARK}'+[0-9]")
_SIGNS = tuple("=+-@\t\r'")
GUARD = regex(rf"'+[=+\-@\t\r]|{_MARKED}")
_NUMBER_MARKED = regex(_MARKED)

_TAB_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_TAB_CHARACTERS = {escape: character for character, escape in _TAB_ESCAPES.items()}
_TO_TAB = regex(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\\]")
_TO_UNTAB = regex(rf"\\(?:[\\tnr]|x22|{_WRITTEN})")
QUOTED = regex(r'"(?:[^"]|"")*"')  # a quoted CSV cell; quotes inside it are doubled

ERRORS = frozenset(
    {"#N/A", "#DIV/0!", "#REF!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!"}
)  # error values of a workbook cell

TOTALS = "segcli_totals_"  # plus a number: the name of the totals rows of a sheet, which are not rows of its table


def written(text: str) -> str:
    r"""Escape control characters as \x1b for files and pipes. `reread` is the inverse."""
    if text.isprintable() and "\\x" not in text:  # true for nearly every cell, and fast
        return text
    return _TO_WRITE.sub(lambda match: escaped(match[0]), text)


def reread(text: str) -> str:
    """Undo `written`; other text is returned unchanged."""
    return _TO_READ.sub(lambda match: chr(int(match[0][2:4], 16)), text) if "\\x" in text else text


def tabbed(text: str) -> str:
    r"""Escape the text as a tsv cell, without tabs or line ends. `untabbed` is the inverse."""
    if not text.isprintable() or "\\" in text:
        text = _TO_TAB.sub(_tab_escape, text)
    return f"\\x22{text[1:]}" if text[:1] == '"' and QUOTED.fullmatch(text) else text


def _tab_escape(match: re.Match[str]) -> str:
    return _TAB_ESCAPES.get(match[0]) or escaped(match[0])


def untabbed(text: str) -> str:
    """Undo `tabbed`."""
    return _TO_UNTAB.sub(_tab_character, text) if "\\" in text else text


def _tab_character(match: re.Match[str]) -> str:
    return _TAB_CHARACTERS.get(match[0]) or chr(int(match[0][2:4], 16))


def is_tabbed(text: str) -> bool:
    """Tell whether every backslash in the text starts an escape of `tabbed`."""
    return "\\" not in _TO_UNTAB.sub("", text)


def guarded(text: str) -> str:
    """Guard a csv cell: put ' in front if a spreadsheet would run it. The csv reader removes it (GUARD)."""
    return f"'{text}" if FORMULA.match(text) else text


def may_need_guard(texts: str) -> bool:
    """Tell whether one of several texts, each after MARK, may have to be guarded; few others are taken for one."""
    is_likely = any(sign in texts and f"{MARK}{sign}" in texts for sign in _SIGNS)
    return is_likely and _ANY_FORMULA.search(texts) is not None


def is_marked_number(text: str) -> bool:
    """Tell whether a text is a number that is marked as text with a leading '."""
    return text[:1] == "'" and _NUMBER_MARKED.match(text) is not None


def is_error(text: str) -> bool:
    """Tell whether a text is an Excel error value, possibly already guarded with '."""
    return text.lstrip("'") in ERRORS
