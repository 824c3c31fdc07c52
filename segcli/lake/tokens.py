"""Tokens of segcli's own SQL: the split into names, literals, parameters and bracketed groups that dialects work on. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

# The first alternative that matches wins, so that signs and names inside a literal or a comment are never seen.
_TOKEN = re.compile(
    r"(?P<space>\s+|--[^\n]*)"
    r"|(?P<string>'(?:[^']|'')*')"
    r'|(?P<quoted>"(?:[^"]|"")*")'
    r"|(?P<param>:[a-z_]\w*|\?)"
    r"|(?P<number>\d+(?:\.\d+)?(?:e\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*(?:\.(?:[A-Za-z_]\w*|\*))?)"
    r"|(?P<sign>\|\||<<|>>|<>|<=|>=|!=|[-+*/%=<>,();.&|])"
)


class Token(NamedTuple):
    """A token: its kind, its text, and its text in capitals if it is a name (a keyword or an identifier), else ''."""

    kind: str
    text: str
    word: str = ""


Group: TypeAlias = "list[Node]"  # what stands between two brackets
Node: TypeAlias = "Token | Group"


def parsed(sql: str) -> Group:
    """Return the tokens of a statement; brackets become groups. Raise ValueError for a text that is not segcli's SQL."""
    outer: list[Group] = []
    group: Group = []
    for token in _tokens(sql):
        if token.text == "(":
            outer.append(group)
            group = []
        elif token.text == ")":
            if not outer:
                raise ValueError("a bracket is closed that was not opened")
            inside, group = group, outer.pop()
            group.append(inside)
        else:
            group.append(token)
    if outer:
        raise ValueError("a bracket is not closed")
    return group


def _tokens(sql: str) -> Iterator[Token]:
    at = 0
    while at < len(sql):
        found = _TOKEN.match(sql, at)
        if not found:
            raise ValueError(f"'{sql[at : at + 20]}' is no SQL of segcli")
        kind, text = str(found.lastgroup), found[0]
        yield Token(kind, text, text.upper() if kind == "name" else "")
        at = found.end()


def arguments(group: Sequence[Node]) -> list[Group]:
    """Return the parts of a group between its commas; none if it is empty."""
    parts: list[Group] = [[]]
    for node in group:
        if isinstance(node, Token) and node.text == ",":
            parts.append([])
        else:
            parts[-1].append(node)
    return parts if len(parts) > 1 or any(not is_space(node) for node in parts[0]) else []


def is_space(node: Node) -> bool:
    """Tell whether a node is white space or a comment."""
    return isinstance(node, Token) and node.kind == "space"
