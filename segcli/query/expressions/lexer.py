"""Tokens of an expression, and errors that point at a position. Pure."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

from segcli.base.errors import UsageError

T = TypeVar("T")
MOST_NESTED = 16
_TOKEN = re.compile(
    r"\s*(?:(?P<file>@(?:'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"))|(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|(?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)|(?P<word>[^\s()<>=!,'\"]+))"
)


def _unquoted(body: str) -> str:
    return body[1:-1].replace(body[0] * 2, body[0])


def quoted(text: str) -> str:
    """Return a text as the language writes it."""
    return "'" + text.replace("'", "''") + "'"


class Token(NamedTuple):
    """A word, a quoted text or a sign, and its position."""

    kind: str
    text: str
    at: int


class Reader:
    """The tokens of a text, consumed from the left."""

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
            if kind == "file":
                found.append(Token("word", f"@{_unquoted(body[1:])}", match.start(kind)))
            else:
                found.append(Token(kind, _unquoted(body) if kind == "text" else body, match.start(kind)))
            at = match.end()
        return found

    def error(self, what: str, at: int, hint: str = "") -> UsageError:
        """Return an error that points at a position."""
        pointer = f"{self.text}\n{' ' * at}^"
        return UsageError(f"{self.origin}: {what}", f"{pointer} {hint}".rstrip())

    def peek(self, *words: str) -> bool:
        """Tell whether the next tokens are these words or signs."""
        ahead = self.tokens[self.at : self.at + len(words)]
        return len(ahead) == len(words) and all(
            t.kind != "text" and t.text.lower() == w for t, w in zip(ahead, words, strict=True)
        )

    def peek_after(self, word: str) -> bool:
        """Tell whether the token after the next one is this word."""
        ahead = self.tokens[self.at + 1 : self.at + 2]
        return bool(ahead) and ahead[0].kind != "text" and ahead[0].text == word

    def part_factor(self) -> None:
        """Split the next words at `*`, so that 1.2*turnover is read like 1.2 * turnover."""
        for at in (self.at, self.at + 1):
            token = self.tokens[at] if at < len(self.tokens) else None
            if token and token.kind == "word" and "*" in token.text:
                before, sign, after = token.text.partition("*")
                places = (token.at, token.at + len(before), token.at + len(before) + 1)
                parts = zip((before, sign, after), places, strict=True)
                self.tokens[at : at + 1] = [Token("word", text, place) for text, place in parts if text]

    def take(self, *words: str) -> bool:
        """Consume the next tokens if they are these words or signs; tell whether they were."""
        if self.peek(*words):
            self.at += len(words)
            return True
        return False

    def next(self, what: str) -> Token:
        """Consume the next token. Raise UsageError at the end of the text."""
        if self.at >= len(self.tokens):
            raise self.error(f"{what} is missing", len(self.text))
        self.at += 1
        return self.tokens[self.at - 1]

    def deeper(self, read: Callable[[], T]) -> T:
        """Parse one level deeper (bracket or not). Raise UsageError beyond MOST_NESTED levels, because SQLite limits depth."""
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise self.error(f"more than {MOST_NESTED} brackets and nots stand in each other", self.place)
        found = read()
        self.depth -= 1
        return found

    @property
    def place(self) -> int:
        """Return the position of the next token."""
        return self.tokens[self.at].at if self.at < len(self.tokens) else len(self.text)


def value_files(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield each file of `in @file`: the start and the end of its place in the text, and its name. `-` is standard input."""
    at, before = 0, ""
    while match := _TOKEN.match(text, at):
        kind = match.lastgroup or ""
        body = match[kind]
        if before == "in" and kind in {"file", "word"} and body.startswith("@"):
            yield match.start(kind), match.end(kind), _unquoted(body[1:]) if kind == "file" else body[1:]
        before, at = body.lower() if kind == "word" else "", match.end()
