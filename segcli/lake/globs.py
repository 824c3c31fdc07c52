"""SQLite's GLOB patterns for engines that have another GLOB or none: as a search of a plain text, or as a regular expression. Pure."""

import re

_ANY = re.compile(r"[*?\[]")
PLAIN_CLASS = re.compile(r"\[([*?\[])\]")  # how segcli.domain.clause.literal escapes a special character


def converted(pattern: str) -> tuple[str, str]:
    """Return how to compare with a pattern, and the text to compare with.

    same: the text itself; prefix: the text starts with it; part: the text contains it; regex: the whole text matches the
    regular expression, in the syntax that RE2 and Java share.
    """
    body = pattern.strip("*") if pattern != "*" else ""
    plain = PLAIN_CLASS.sub(r"\1", body)
    if not _ANY.search(PLAIN_CLASS.sub("", body)):
        starts, ends = pattern.startswith("*"), pattern.endswith("*") and not pattern.endswith("[*")
        kind = {(False, False): "same", (False, True): "prefix", (True, True): "part"}.get((starts, ends))
        if kind:
            return kind, plain
    return "regex", _regex(pattern)


def _regex(pattern: str) -> str:
    """Return the regular expression of a pattern."""
    made, at = ["(?s)"], 0
    while at < len(pattern):
        letter = pattern[at]
        if letter == "[":
            piece, at = _class(pattern, at)
            made.append(piece)
            continue
        made.append({"*": ".*", "?": "."}.get(letter) or _escaped(letter))
        at += 1
    return "".join(made)


def _class(pattern: str, at: int) -> tuple[str, int]:
    """Return a class of characters, and the place after it. A class that is not closed matches nothing."""
    start = at + 1 + (pattern[at + 1 : at + 2] == "^")
    end = pattern.find("]", start + 1)  # a bracket at the start is one of the characters
    if end < 0:
        return "[^\\s\\S]", len(pattern)
    sign = "^" if start > at + 1 else ""
    inside = "".join(c if c == "-" else _escaped(c) for c in pattern[start:end])
    return f"[{sign}{inside}]", end + 1


def _escaped(letter: str) -> str:
    return letter if letter.isalnum() or ord(letter) > 127 else f"\\{letter}"  # noqa: PLR2004 - the end of ASCII
