"""Reading an expression word by word, with errors that point at the place. Pure."""

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from segcli.base.errors import UsageError

T = TypeVar("T")
MOST_NESTED = 16
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|(?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)|(?P<word>[^\s()<>=!,'\"]+))"
)


class Token(NamedTuple):
    """A word, a quoted text or a sign, and where it stands."""

    kind: str
    text: str
    at: int


class Reader:
    """The tokens of a text, taken from the left."""

    def __init__(self, text: str, origin: str) -> None:
        self.text = text
        self.origin = origin
        self.at = self.depth = 0
        self.tokens = self._split()

    def _split(self) -> list[Token]:
        found, at = [], 0
        while self.text[at:].strip():
            match = _TOKEN.match(self.text, at)
            if not match:
                start = at + len(self.text[at:]) - len(self.text[at:].lstrip())
                raise self.error("this cannot be read", start, "is a quote missing?")
            kind = match.lastgroup or ""
            body = match[kind]
            word = body[1:-1].replace(body[0] * 2, body[0]) if kind == "text" else body
            found.append(Token(kind, word, match.start(kind)))
            at = match.end()
        return found

    def error(self, what: str, at: int, hint: str = "") -> UsageError:
        """Return the error that points at a place."""
        pointer = f"{self.text}\n{' ' * at}^"
        return UsageError(f"{self.origin}: {what}", f"{pointer} {hint}".rstrip())

    def peek(self, *words: str) -> bool:
        """Tell whether the next tokens are these words or signs."""
        ahead = self.tokens[self.at : self.at + len(words)]
        return len(ahead) == len(words) and all(
            t.kind != "text" and t.text.lower() == w for t, w in zip(ahead, words, strict=True)
        )

    def take(self, *words: str) -> bool:
        """Take the next tokens where they are these words or signs; tell whether they were."""
        if self.peek(*words):
            self.at += len(words)
            return True
        return False

    def next(self, what: str) -> Token:
        """Take the next token. A UsageError where there is none."""
        if self.at >= len(self.tokens):
            raise self.error(f"{what} is missing", len(self.text))
        self.at += 1
        return self.tokens[self.at - 1]

    def deeper(self, read: Callable[[], T]) -> T:
        """Return what is read within a bracket or a not. A UsageError where more are nested than SQLite counts."""
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise self.error(f"more than {MOST_NESTED} brackets and nots stand in each other", self.place)
        found = read()
        self.depth -= 1
        return found

    @property
    def place(self) -> int:
        """Return where the next token stands."""
        return self.tokens[self.at].at if self.at < len(self.tokens) else len(self.text)
