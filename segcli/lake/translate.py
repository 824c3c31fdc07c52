"""Translate segcli's SQL, which is SQLite's, into the SQL of another engine. Pure.

The text of an overview is the same on every engine. It uses only what the engines share, and the constructs below, which a
`Dialect` spells for its engine. A statement is split into tokens first, so that literals are never touched.

    :name, ?                 parameters
    x COLLATE NOCASE         equality and order without the case of ASCII letters; both sides of a comparison have it
    x GLOB pattern           the pattern is a literal or a parameter
    x IS y, x IS NOT y       equality of values that may be NULL
    CAST(x AS INTEGER)       whole numbers of 64 bits; REAL, TEXT
    a / b                    whole, unless the divisor or a factor of a is a literal with a point or an exponent (1e6)
    f(x)                     a function of `Dialect.functions`, else the engine has it with SQLite's meaning

A construct that no engine shares raises ValueError, such as max() of two values, which treats NULL differently everywhere.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from segcli.lake import globs
from segcli.lake.dialect import Dialect
from segcli.lake.tokens import Group, Node, Token, arguments, is_space, parsed

Values = Mapping[str, Any] | Sequence[Any]
# Words before a bracket that are no function's name.
_KEYWORDS = frozenset((
    "ALL", "AND", "AS", "BETWEEN", "BY", "CASE", "CAST", "CROSS", "DISTINCT", "ELSE", "EXCEPT", "EXISTS", "FILTER", "FROM", "GROUP",
    "HAVING", "IN", "INNER", "INTERSECT", "INTO", "JOIN", "LEFT", "LIKE", "LIMIT", "MATERIALIZED", "NOT", "ON", "OR", "ORDER", "OUTER",
    "OVER", "SELECT", "SET", "THEN", "UNION", "USING", "VALUES", "WHEN", "WHERE", "WITH",
))  # fmt: skip
_NOT_SHARED = {"MAX": "CASE WHEN a > b THEN a ELSE b END", "MIN": "CASE WHEN a < b THEN a ELSE b END"}


class Statement(NamedTuple):
    """A statement for an engine, its bound values by name, and the names of tables and functions that occur in it."""

    sql: str
    values: dict[str, Any]
    names: frozenset[str]


def translated(sql: str, values: Values, dialect: Dialect) -> Statement:
    """Return the statement in a dialect. Raise ValueError for SQL that is not portable."""
    made = _Translation(dialect, values)
    text = "".join(made.units(parsed(sql)))
    return Statement(text, made.bound, frozenset(made.names))


class _Translation:
    """One statement while it is translated. Its units are pieces of text; a postfix operator applies to the last one."""

    def __init__(self, dialect: Dialect, values: Values) -> None:
        self._dialect = dialect
        self._values = dict(values) if isinstance(values, Mapping) else {f"p{at}": v for at, v in enumerate(values)}
        self._place = 0  # of the next question mark
        self.bound: dict[str, Any] = {}
        self.names: set[str] = set()

    def units(self, group: Group) -> list[str]:
        """Return the translated pieces of a group."""
        made: list[str] = []
        at = 0
        while at < len(group):
            at = self._next(group, at, made)
        return made

    def _next(self, group: Group, at: int, made: list[str]) -> int:
        """Add the piece at a place; return the place after it."""
        node = group[at]
        if isinstance(node, list):
            made.append(f"({self._joined(node)})")
            return at + 1
        if node.kind == "name":
            return self._name(group, at, node, made)
        if node.kind == "param":
            made.append(self._parameter(self._called(node)))
        elif node.kind == "string":
            made.append(self._literal(node.text))
        elif node.text == "/":
            made.append(self._division(group, at))
        else:
            made.append(node.text)
        return at + 1

    def _joined(self, group: Group) -> str:
        return "".join(self.units(group))

    def _literal(self, text: str) -> str:
        return text.replace("\\", "\\\\") if self._dialect.escapes else text

    def _called(self, node: Token) -> str:
        """Return the name of a parameter; question marks are numbered."""
        if node.text != "?":
            return node.text[1:]
        self._place += 1
        return f"p{self._place - 1}"

    def _parameter(self, name: str) -> str:
        self.bound[name] = self._values[name]
        return self._dialect.parameter(name)

    def _division(self, group: Group, at: int) -> str:
        divisor = next((node for node in group[at + 1 :] if not is_space(node)), None)
        is_real = any(_is_real(node) for node in (divisor, *_factors(group, at)))
        return "/" if is_real else self._dialect.divide

    def _name(self, group: Group, at: int, node: Token, made: list[str]) -> int:
        """Add a keyword, an identifier or a call of a function."""
        special = _SPECIAL.get(node.word)
        if special and (found := special(self, group, at, made)):
            return found
        following = group[at + 1] if at + 1 < len(group) else None
        if isinstance(following, list) and node.word not in _KEYWORDS:
            made.append(self._call(node, following))
            return at + 2
        made.append(self._identifier(node.text))
        return at + 1

    def _identifier(self, text: str) -> str:
        schema, point, name = text.partition(".")
        self.names.add((name if point and schema in self._dialect.schemas else text.partition(".")[0]).lower())
        if point and schema in self._dialect.schemas:
            return f"{self._dialect.schemas[schema]}{name}"
        return text

    def _call(self, node: Token, group: Group) -> str:
        parts = arguments(group)
        if node.word in _NOT_SHARED and len(parts) > 1:
            raise ValueError(f"{node.text}() of several values is not portable: write {_NOT_SHARED[node.word]}")
        name = node.text.lower()
        spelled = self._dialect.functions.get(f"{name}/{len(parts)}") or self._dialect.functions.get(name, node.text)
        if callable(spelled) or "{" in spelled:
            texts = [self._joined(part).strip() for part in parts]
            self.names.add(name)
            return spelled(*texts) if callable(spelled) else spelled.format(*texts)
        self.names.add(spelled.lower())
        return f"{spelled}({self._joined(group)})"

    # Each of these returns the place after the construct, or 0 if this is not one.

    def _collate(self, group: Group, at: int, made: list[str]) -> int:
        """X COLLATE NOCASE; COLLATE BINARY is how other engines compare anyway."""
        end, name = _word_after(group, at)
        if name == "NOCASE":
            operand = _popped(made)
            made.append(self._dialect.nocase(operand))
        return end if name in {"NOCASE", "BINARY"} else 0

    def _glob(self, group: Group, at: int, made: list[str]) -> int:
        """X [NOT] GLOB pattern."""
        end = at + 1
        while is_space(group[end]):
            end += 1
        pattern = group[end]
        if not isinstance(pattern, Token) or pattern.kind not in {"param", "string"}:
            raise ValueError("the pattern of GLOB is a literal or a parameter")
        is_negated = _ends_with(made, "NOT")
        operand = _popped(made)
        made.append(f"{'NOT ' * is_negated}{self._alike(operand, pattern)}")
        return end + 1

    def _alike(self, operand: str, pattern: Token) -> str:
        name = self._called(pattern) if pattern.kind == "param" else f"g{len(self.bound)}"
        text = self._values[name] if pattern.kind == "param" else pattern.text[1:-1].replace("''", "'")
        kind, bound = globs.converted(text)
        self.bound[f"{name}_glob"] = bound
        return self._dialect.globs[kind].format(operand, self._dialect.parameter(f"{name}_glob"))

    def _is(self, group: Group, at: int, made: list[str]) -> int:
        """Handle x IS y and x IS NOT y; IS [NOT] NULL and IS [NOT] DISTINCT FROM are the same everywhere."""
        after, word = _word_after(group, at)
        is_negated = word == "NOT"
        if is_negated:
            after, word = _word_after(group, after - 1)
        if word in {"NULL", "DISTINCT"}:
            return 0
        made.append("IS DISTINCT FROM" if is_negated else "IS NOT DISTINCT FROM")
        return _word_after(group, at)[0] if is_negated else at + 1

    def _cast(self, group: Group, at: int, made: list[str]) -> int:
        inside = group[at + 1] if at + 1 < len(group) else None
        if not isinstance(inside, list):
            return 0
        *value, kind = inside
        if not isinstance(kind, Token) or kind.word not in self._dialect.types:
            return 0
        made.append(f"CAST({self._joined(value)}{self._dialect.types[kind.word]})")
        return at + 2

    def _as(self, group: Group, at: int, made: list[str]) -> int:
        """AS [NOT] MATERIALIZED."""
        if self._dialect.materialized:
            return 0
        after, word = _word_after(group, at)
        if word == "NOT":
            after, word = _word_after(group, after - 1)
        if word != "MATERIALIZED":
            return 0
        made.append("AS")
        return after

    def _temp(self, _group: Group, at: int, made: list[str]) -> int:
        """CREATE TEMP TABLE: the name has the schema of the dialect."""
        if not _ends_with(made, "CREATE"):
            return 0
        made.append("CREATE")
        return at + 1

    def _without(self, group: Group, at: int, _made: list[str]) -> int:
        """WITHOUT ROWID, which is SQLite's way to store a table."""
        end, word = _word_after(group, at)
        return end if word == "ROWID" else 0

    def _limit(self, group: Group, at: int, _made: list[str]) -> int:
        """LIMIT -1, which keeps SQLite from flattening a subquery."""
        following = [node for node in group[at + 1 :] if not is_space(node)][:2]
        return len(group) if [getattr(node, "text", "") for node in following] == ["-", "1"] else 0

    def _type(self, group: Group, at: int, made: list[str]) -> int:
        """INTEGER or REAL of a column that is declared."""
        made.append(self._dialect.types[node_text(group[at])])
        return at + 1


_SPECIAL: Mapping[str, Callable[[_Translation, Group, int, list[str]], int]] = {
    "COLLATE": _Translation._collate,  # noqa: SLF001 - the methods of this class
    "GLOB": _Translation._glob,  # noqa: SLF001
    "IS": _Translation._is,  # noqa: SLF001
    "CAST": _Translation._cast,  # noqa: SLF001
    "AS": _Translation._as,  # noqa: SLF001
    "INTEGER": _Translation._type,  # noqa: SLF001
    "LIMIT": _Translation._limit,  # noqa: SLF001
    "REAL": _Translation._type,  # noqa: SLF001
    "TEMP": _Translation._temp,  # noqa: SLF001
    "WITHOUT": _Translation._without,  # noqa: SLF001
}


def _word_after(group: Group, at: int) -> tuple[int, str]:
    """Return the place after the next word, and the word; '' if no word follows."""
    for place in range(at + 1, len(group)):
        node = group[place]
        if not is_space(node):
            return place + 1, node.word if isinstance(node, Token) else ""
    return len(group), ""


def _ends_with(made: list[str], word: str) -> bool:
    """Remove a word at the end, if it is there, and tell whether it was."""
    while made and not made[-1].strip():
        made.pop()
    if made and made[-1].upper() == word:
        made.pop()
        return True
    return False


def _popped(made: list[str]) -> str:
    """Remove the operand at the end and return it: one piece, or CASE … END."""
    while made and not made[-1].strip():
        made.pop()
    operand = made.pop()
    depth = int(operand.upper() == "END")
    while depth:
        piece = made.pop()
        depth += (piece.upper() == "END") - (piece.upper() == "CASE")
        operand = piece + operand
    return operand


def _factors(group: Group, at: int) -> Iterator[Node]:
    """Yield the factors of a product that stand before a place, from right to left."""
    for node in reversed(group[:at]):
        if isinstance(node, Token) and (
            node.word in _KEYWORDS - {"OVER"} or (node.kind == "sign" and node.text not in "*/.")
        ):
            return
        yield node


def _is_real(node: "Node | None") -> bool:
    """Tell whether a node is a literal with a point or an exponent."""
    return isinstance(node, Token) and node.kind == "number" and not node.text.isdigit()


def node_text(node: Node) -> str:
    """Return the text of a node as it was written."""
    return f"({''.join(map(node_text, node))})" if isinstance(node, list) else node.text
