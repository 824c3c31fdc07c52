"""The expression language of --where: fields and classes of an account, compared, joined with and, or, not. Pure.

Texts are compared without case and accents. Two-valued: a comparison with an empty field is false, `!=` with it is
true, and `not X` holds exactly where X does not. Values are bound; what a field may be called is declared here.

    expression = and { "or" and }      and = not { "and" not }      not = "not" not | "(" expression ")" | test
    test  = field ("=" | "!=" | "<" | "<=" | ">" | ">=") value
          | field ["not"] "in" "(" value { "," value } ")"     | field ["not"] "between" value "and" value
          | field "is" ["not"] "empty"                         | field ["not"] ("contains" | "starts with" | "ends with") value
"""

import re
from typing import NamedTuple

from segcli.classification import CLASSES, Values, nearest
from segcli.clause import Clause, both, either
from segcli.errors import UsageError
from segcli.selection import Names
from segcli.text import fold

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
STATUS = {"none": "A", "suspect": "S", "prospect": "P", "customer": "C", "a": "A", "s": "S", "p": "P", "c": "C"}
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|(?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)|(?P<word>[^\s()<>=!,'\"]+))"
)
_SIGNS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Token(NamedTuple):
    """A word, a quoted text or a sign, and where it stands."""

    kind: str
    text: str
    at: int


class Field(NamedTuple):
    """What an expression compares: its column and what its values are."""

    name: str
    column: str
    kind: str  # text, date, flag, status or class


def compile_expression(text: str, names: Names) -> Clause:
    """Return the condition on `account AS a`. What is wrong is a UsageError that points at it."""
    return _Parser(text, names).parse()


class _Parser:
    """Reads one expression."""

    def __init__(self, text: str, names: Names) -> None:
        self.text = text
        self.names = names
        self.tokens = self._split()
        self.at = 0

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
        return self._test()

    def _place(self) -> int:
        return self.tokens[self.at].at if self.at < len(self.tokens) else len(self.text)

    def _test(self) -> Clause:
        token = self._next("a field")
        field = self._field(token)
        if self._take("is", "not", "empty"):
            return _empty(field).negated()
        if self._take("is", "empty"):
            return _empty(field)
        is_negated = self._take("not")
        found = self._operation(field)
        return found.negated() if is_negated else found

    def _operation(self, field: Field) -> Clause:
        if self._take("in"):
            return either([self._compare(field, "=", token) for token in self._list()])
        if self._take("between"):
            low = self._next("a value")
            if not self._take("and"):
                raise self._error("between needs and", self._place(), "write: between A and B")
            return both((self._compare(field, ">=", low), self._compare(field, "<=", self._next("a value"))))
        for words, left, right in (
            (("contains",), "%", "%"),
            (("starts", "with"), "", "%"),
            (("ends", "with"), "%", ""),
        ):
            if self._take(*words):
                return self._like(field, left, right, self._next("a text"))
        sign = self._next("a comparison")
        if sign.text not in _SIGNS or sign.kind != "sign":
            raise self._error(
                "this is no comparison",
                sign.at,
                "use = != < <= > >= in, between, contains, starts with, ends with or is empty",
            )
        return self._compare(field, _SIGNS[sign.text], self._next("a value"))

    def _list(self) -> list[Token]:
        if not self._take("("):
            raise self._error("in needs a list", self._place(), "write: in (A, B)")
        found = [self._next("a value")]
        while self._take(","):
            found.append(self._next("a value"))
        if not self._take(")"):
            raise self._error("the list is not closed", self._place())
        return found

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
        known = (*TEXTS, *FLAGS, *DATES, "status", *CLASSES, *self.names.catalogue.labels.values())
        raise self._error("there is no such field", token.at, nearest(token.text, known))

    def _compare(self, field: Field, sign: str, token: Token) -> Clause:
        if token.kind == "sign":
            raise self._error("a value is missing before this", token.at)
        make = {
            "text": self._text, "date": self._date, "flag": self._flag, "status": self._status, "class": self._class,
        }  # fmt: skip
        if sign == "!=":
            return self._compare(field, "=", token).negated()
        return make[field.kind](field, sign, token)

    def _text(self, field: Field, sign: str, token: Token) -> Clause:
        if field.column == "a.code":
            return Clause(f"{field.column} {sign} ?", (token.text,))
        return Clause(f"{field.column} IS NOT NULL AND fold({field.column}) {sign} ?", (fold(token.text),))

    def _date(self, field: Field, sign: str, token: Token) -> Clause:
        from segcli import dates

        try:
            day = dates.day_of(token.text, dates.today(), field.name)
        except UsageError as error:
            raise self._error(error.message, token.at, error.hint) from error
        return Clause(f"{field.column} IS NOT NULL AND {field.column} {sign} ?", (day.isoformat(),))

    def _flag(self, field: Field, sign: str, token: Token) -> Clause:
        values = {"true": 1, "yes": 1, "1": 1, "false": 0, "no": 0, "0": 0}
        if token.text.lower() not in values or sign != "=":
            raise self._error(f"{field.name} is true or false", token.at)
        return Clause(f"{field.column} = ?", (values[token.text.lower()],))

    def _status(self, field: Field, sign: str, token: Token) -> Clause:
        if token.text.lower() not in STATUS or sign != "=":
            raise self._error("this is no status", token.at, "A none, S suspect, P prospect, C customer")
        return Clause(f"{field.column} = ?", (STATUS[token.text.lower()],))

    def _class(self, field: Field, sign: str, token: Token) -> Clause:
        if sign != "=":
            raise self._error("a class has no order", token.at - 1, "use =, != or in")
        number = int(field.name[5])
        if token.kind == "word" and token.text.lower() == "none":
            return _empty(field)
        try:
            ids, _ = self.names.catalogue.matching(
                number, Values(is_negated=False, words=(token.text,), text=token.text)
            )
        except UsageError as error:
            raise self._error(error.message, token.at, error.hint) from error
        marks = ", ".join("?" * len(ids))
        return Clause(f"{field.column} IS NOT NULL AND {field.column} IN ({marks})", tuple(sorted(ids)))

    def _like(self, field: Field, left: str, right: str, token: Token) -> Clause:
        if field.kind != "text":
            raise self._error(f"{field.name} is not a text", token.at)
        escaped = fold(token.text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return Clause(
            f"{field.column} IS NOT NULL AND fold({field.column}) LIKE ? ESCAPE '\\'", (f"{left}{escaped}{right}",)
        )


def _empty(field: Field) -> Clause:
    return Clause(f"{field.column} IS NULL")
