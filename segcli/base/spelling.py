"""Match a word to a name: labels, value codes, selections and lists are all compared by text.key. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from segcli.base.deferred import regex
from segcli.base.errors import UsageError
from segcli.base.text import escape_controls, key

Named = TypeVar("Named")
_CLASS = regex(r"(class|classification|field)?([ _-]?)(\d+)", re.ASCII)
# How much of two words must be equal, in order, for one to be suggested for the other (2 * equal / length of both).
_CLOSE, _CLOSER, _LONG = 0.6, 0.65, 5
_FARTHER = 0.2  # a word that is so much farther than the closest one is left out
_BEGINNING = 3  # letters with which a longer name must begin
RESERVED = "class1 to class8, 1 to 8, none, any and what begins with account. mean something else already"


def meant(word: str, found: Sequence[Named], name: Callable[[Named], str], what: str) -> Sequence[Named]:
    """Pick the exact spelling of a word from `found`, the items that share its key.

    Several items without an exact match are a UsageError that lists them. Only an upgraded database can have such
    names; new ones are refused.
    """
    exact = [one for one in found if name(one) == word] if len(found) > 1 else found
    if len(exact) != 1 and len(found) > 1:
        spelled = " and ".join(spelling(name(one)) for one in found)
        raise UsageError(f"'{word}' is ambiguous: {what} has {spelled}", "write one of them exactly, or rename it")
    return exact


def among(word: str, names: Iterable[str], what: str) -> str | None:
    """Return the name that matches a word, or None. An ambiguous word is a UsageError."""
    wanted = key(word)
    return next(iter(meant(word, [name for name in names if key(name) == wanted], str, what)), None)


def close(word: str, names: Iterable[str], limit: int = 3) -> list[str]:
    """Return the names that a word may be a misspelling of, the closest first; those that begin with it come last.

    Case, hyphens and underscores do not count. A short word has to be closer than a long one.
    """
    import difflib

    wanted = _bare(word)
    bare = {_bare(name): name for name in reversed(list(names))}
    cutoff = _CLOSE if len(wanted) >= _LONG else _CLOSER
    near = difflib.get_close_matches(wanted, bare, n=limit, cutoff=cutoff)
    best = difflib.SequenceMatcher(None, near[0], wanted).ratio() if near else 0
    found = [bare[name] for name in near if difflib.SequenceMatcher(None, name, wanted).ratio() > best - _FARTHER]
    if len(wanted) >= _BEGINNING:
        found += [name for text, name in reversed(bare.items()) if text.startswith(wanted) and name not in found]
    return found[:limit]


def _bare(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")


def spelling(name: str) -> str:
    """Return a name with its non-ASCII code points, which tell apart names that look the same."""
    points = " ".join(f"U+{ord(c):04X}" for c in name if not c.isascii())
    return f"'{escape_controls(name)}'" + (f" ({points})" if points else "")


def composed(name: str) -> str:
    """Return a name as it is stored: stripped and NFC-normalized."""
    return unicodedata.normalize("NFC", name.strip())


def label_problem(label: str, field: int) -> str:
    """Return why a text cannot be the label of a field; '' if it can."""
    found = key(label)
    if not found:
        return "a label needs a character that is seen"
    match = _CLASS.fullmatch(found)
    is_own = (
        match and match[1] == "class" and match[2] and int(match[3]) == field
    )  # class3 gets the label Class 3 by default
    is_class = match and (match[1] or 1 <= int(match[3]) <= 8) and not is_own  # noqa: PLR2004 - there are eight class fields
    if is_class or found in {"none", "any"} or found.startswith("account."):
        return "this cannot be a label"
    return ""


def code_problem(code: str) -> str:
    """Return why a text cannot be a value code; '' if it can. Valid codes need no escaping in a list of VALUES."""
    found = key(code)
    if not found or code != code.strip() or found in {"none", "any"} or set(code) & set(",:*?["):
        return "a code holds no comma, colon, wildcard or bracket and is not none or any"
    return ""
