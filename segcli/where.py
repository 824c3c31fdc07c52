"""The expression language of --where: fields, classes and metrics of an account, compared, joined with and, or, not. Pure.

Texts are compared without case and accents. Two-valued: a comparison with an empty field is false, `!=` with it is
true, and `not X` holds exactly where X does not. Values are bound; what a field may be called is declared here.

    expression = and { "or" and }      and = not { "and" not }      not = "not" not | "(" expression ")" | test
    test    = operand ("=" | "!=" | "<" | "<=" | ">" | ">=") value
            | operand ["not"] "in" ( "(" value { "," value } ")" | "@"file )
            | operand ["not"] "between" value "and" value      | operand "is" ["not"] "empty"
            | operand ["not"] ("contains" | "starts with" | "ends with") value
            | class ["not"] "was" value ["before" date | "after" date | "during" date "and" date]
            | class ["not"] "changed" ["from" value] ["to" value] ["since" date]
            | ["not"] "in" ("list" | "selection") name         | "*"
    operand = field | class | metric [ "(" window ")" ]        window = 90d | 4w | 12m | 2q | 3y | ytd | last_year
    date    = 2026-01-31 | today | 90d "ago" | "start of" ("month" | "quarter" | "year")
"""

import re
from pathlib import Path

from segcli import metrics
from segcli.classification import CLASSES, nearest
from segcli.clause import Clause, both, either
from segcli.comparing import Comparer, Field, Token, empty
from segcli.errors import UsageError
from segcli.selection import Names

TEXTS = {
    "account": "code", "code": "code", "name": "name", "search_code": "search_code", "city": "city", "postcode": "postcode",
    "state": "state", "country": "country", "email": "email", "phone": "phone", "website": "website",
    "language": "language", "manager": "manager", "sector": "sector", "currency": "currency", "vat_number": "vat_number",
    "chamber_of_commerce": "chamber_of_commerce", "remarks": "remarks", "address": "address",
}  # fmt: skip
FLAGS = {
    "blocked": "is_blocked", "is_blocked": "is_blocked", "is_sales": "is_sales", "is_supplier": "is_supplier",
    "is_mailing_excluded": "is_mailing_excluded", "mailing_excluded": "is_mailing_excluded",
}  # fmt: skip
DATES = ("start_date", "end_date")
CLASS_FIELDS = CLASSES
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|(?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)|(?P<word>[^\s()<>=!,'\"]+))"
)
MOST_VALUES = 10_000  # in a file
_SIGNS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def compile_expression(text: str, names: Names) -> Clause:
    """Return the condition on `account AS a`. What is wrong is a UsageError that points at it."""
    return _Parser(text, names).parse()


def explained(text: str, names: Names) -> list[tuple[str, Clause]]:
    """Return the tests of an expression as they stand in it, each with its condition; the whole expression last."""
    parser = _Parser(text, names)
    whole = parser.parse()
    return [*parser.tests, (text.strip(), whole)] if len(parser.tests) > 1 else [(text.strip(), whole)]


class _Parser:
    """Reads one expression."""

    def __init__(self, text: str, names: Names) -> None:
        self.text = text
        self.names = names
        self.tokens = self._split()
        self.at = 0
        self.compare = Comparer(names, self._error)
        self.tests: list[tuple[str, Clause]] = []  # as they are read

    def _split(self) -> list[Token]:
        found, at = [], 0
        while self.text[at:].strip():
            match = _TOKEN.match(self.text, at)
            if not match:
                start = at + len(self.text[at:]) - len(self.text[at:].lstrip())
                raise self._error("this cannot be read", start, "is a quote missing?")
            kind = match.lastgroup or ""
            body = match[kind]
            word = body[1:-1].replace(body[0] * 2, body[0]) if kind == "text" else body
            found.append(Token(kind, word, match.start(kind)))
            at = match.end()
        return found

    def _error(self, what: str, at: int, hint: str = "") -> UsageError:
        pointer = f"{self.text}\n{' ' * at}^"
        return UsageError(f"--where: {what}", f"{pointer} {hint}".rstrip())

    def _peek(self, *words: str) -> bool:
        """Tell whether the next tokens are these words or signs."""
        ahead = self.tokens[self.at : self.at + len(words)]
        return len(ahead) == len(words) and all(
            t.kind != "text" and t.text.lower() == w for t, w in zip(ahead, words, strict=True)
        )

    def _take(self, *words: str) -> bool:
        if self._peek(*words):
            self.at += len(words)
            return True
        return False

    def _next(self, what: str) -> Token:
        if self.at >= len(self.tokens):
            raise self._error(f"{what} is missing", len(self.text))
        self.at += 1
        return self.tokens[self.at - 1]

    def parse(self) -> Clause:
        """Return the whole expression."""
        if not self.tokens:
            raise UsageError("--where: the expression is empty")
        found = self._or()
        if self.at < len(self.tokens):
            raise self._error("this does not belong here", self.tokens[self.at].at, "join tests with and / or")
        return found

    def _or(self) -> Clause:
        parts = [self._and()]
        while self._take("or"):
            parts.append(self._and())
        return either(parts)

    def _and(self) -> Clause:
        parts = [self._not()]
        while self._take("and"):
            parts.append(self._not())
        return both(parts)

    def _not(self) -> Clause:
        if self._take("not"):
            return self._not().negated()
        if self._take("("):
            found = self._or()
            if not self._take(")"):
                raise self._error("a closing bracket is missing", self._place())
            return found
        start = self._place()
        found = self._everything() or self._within() or self._test()
        end = self._place()
        self.tests.append((self.text[start:end].strip(), found))
        return found

    def _everything(self) -> Clause | None:
        return Clause("1 = 1") if self._take("*") else None

    def _within(self) -> Clause | None:
        """Return the condition of a list or a saved selection, None where it is none of them."""
        for word in ("list", "selection", "segment"):
            if self._take("in", word):
                name = self._next(f"the name of a {word}")
                return self.compare.in_list(name) if word == "list" else self.compare.in_selection(name)
        return None

    def _place(self) -> int:
        return self.tokens[self.at].at if self.at < len(self.tokens) else len(self.text)

    def _test(self) -> Clause:
        token = self._next("a field")
        field = self._operand(token)
        if self._take("is", "not", "empty"):
            return empty(field).negated()
        if self._take("is", "empty"):
            return empty(field)
        is_negated = self._take("not")
        found = self._past(field, token) or self._operation(field)
        return found.negated() if is_negated else found

    def _operation(self, field: Field) -> Clause:
        if self._take("in"):
            return either([self.compare(field, "=", token) for token in self._list()])
        if self._take("between"):
            low = self._value(field)
            if not self._take("and"):
                raise self._error("between needs and", self._place(), "write: between A and B")
            return both((self.compare(field, ">=", low), self.compare(field, "<=", self._value(field))))
        for words, left, right in (
            (("contains",), "%", "%"),
            (("starts", "with"), "", "%"),
            (("ends", "with"), "%", ""),
        ):
            if self._take(*words):
                return self.compare.like(field, left, right, self._next("a text"))
        sign = self._next("a comparison")
        if sign.text not in _SIGNS or sign.kind != "sign":
            raise self._error(
                "this is no comparison",
                sign.at,
                "use = != < <= > >= in, between, contains, starts with, ends with or is empty",
            )
        return self.compare(field, _SIGNS[sign.text], self._value(field))

    def _value(self, field: Field) -> Token:
        """Return a value; days may be written in several words: 90d ago, start of month."""
        token = self._next("a value")
        if field.kind != "date" or token.kind != "word":
            return token
        if self._take("ago"):
            return token._replace(text=f"{token.text} ago")
        if token.text.lower() == "start" and self._take("of"):
            return token._replace(text=f"start of {self._next('month, quarter or year').text}")
        return token

    def _past(self, field: Field, token: Token) -> Clause | None:
        """Return the condition on what a class was, None where none is asked for."""
        asked = next((word for word in ("was", "changed") if self._take(word)), "")
        if not asked:
            return None
        if field.kind != "class":
            raise self._error("only classes have a history", token.at, f"{token.text} has none")
        day = Field("date", "", "date")
        if asked == "changed":
            parts = {word: self._next("a value") for word in ("from", "to") if self._take(word)}
            since = self._value(day) if self._take("since") else None
            return self.compare.changed(field, parts.get("from"), parts.get("to"), since)
        value = self._next("a value")
        way = next((word for word in ("before", "after", "during") if self._take(word)), "")
        days = [self._value(day)] if way else []
        if way == "during":
            if not self._take("and"):
                raise self._error("during needs and", self._place(), "write: during A and B")
            days.append(self._value(day))
        return self.compare.was(field, value, way, days)

    def _list(self) -> list[Token]:
        if (
            self.at < len(self.tokens)
            and self.tokens[self.at].kind == "word"
            and self.tokens[self.at].text.startswith("@")
        ):
            return self._file(self._next("a file"))
        if not self._take("("):
            raise self._error("in needs a list", self._place(), "write: in (A, B)")
        found = [self._next("a value")]
        while self._take(","):
            found.append(self._next("a value"))
        if not self._take(")"):
            raise self._error("the list is not closed", self._place())
        return found

    def _file(self, token: Token) -> list[Token]:
        """Return the values that stand in a file, one a line."""
        try:
            lines = Path(token.text[1:]).read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise self._error(
                f"{token.text[1:]} cannot be read: {getattr(error, 'strerror', None) or error}", token.at
            ) from error
        found = [Token("text", line.strip(), token.at) for line in lines if line.strip()]
        if not found or len(found) > MOST_VALUES:
            raise self._error(f"{token.text[1:]} has {len(found)} values", token.at, f"1 to {MOST_VALUES:,} are taken")
        return found

    def _operand(self, token: Token) -> Field:
        """Return a field, or a metric with its window."""
        key = token.text.lower()
        if token.kind != "word" or key not in metrics.CATALOGUE:
            return self._field(token)
        window = ""
        if self._take("("):
            window = self._next("a window").text
            if not self._take(")"):
                raise self._error("the window is not closed", self._place(), "write: turnover(12m)")
        try:
            made = metrics.expression(key, window, self.names.day)
        except ValueError as error:
            raise self._error(str(error), token.at) from error
        return Field(key, made.sql, metrics.CATALOGUE[key].kind, made.values)

    def _field(self, token: Token) -> Field:
        key = token.text.lower().replace("-", "_")
        if token.kind == "sign":
            raise self._error("a field is missing before this", token.at)
        if key in TEXTS:
            return Field(key, f"a.{TEXTS[key]}", "text")
        if key in FLAGS:
            return Field(key, f"a.{FLAGS[key]}", "flag")
        if key in DATES or key == "status":
            return Field(key, f"a.{key}", "status" if key == "status" else "date")
        labels = {label.casefold(): field for field, label in self.names.catalogue.labels.items()}
        if key in CLASSES or token.text.casefold() in labels:
            number = int(key[5]) if key in CLASSES else labels[token.text.casefold()]
            return Field(f"class{number}", f"a.class{number}", "class")
        known = (*TEXTS, *FLAGS, *DATES, "status", *metrics.CATALOGUE, *CLASSES, *self.names.catalogue.labels.values())
        raise self._error("there is no such field", token.at, nearest(token.text, known))
