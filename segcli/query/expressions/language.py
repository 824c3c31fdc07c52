"""The expression language of --where: comparisons of fields, classes and metrics, joined with and, or, not. Pure.

Text comparison ignores case and accents. Logic is two-valued: a comparison with an empty field is false, `!=` with it is
true, and `not X` is the exact complement of X. Values are bound parameters; field names come from a fixed list.

    expression = and { "or" and }      and = not { "and" not }      not = "not" not | "(" expression ")" | test
    test    = operand ("=" | "!=" | "<" | "<=" | ">" | ">=") ( value | [factor "*"] operand )
            | operand ["not"] "in" ( "(" value { "," value } ")" | "@"file | "@"'file' | "@-" )
            | operand ["not"] "between" value "and" value      | operand "is" ["not"] "empty"
            | operand ["not"] ("contains" | "starts with" | "ends with") value
            | class ["not"] "was" value ["before" date | "after" date | "during" date "and" date]
            | class ["not"] "changed" ["from" value] ["to" value] ["since" date]
            | ["not"] "in" ("list" | "selection") name[:group] | "*"
    operand = ["account."] field | class | score [ "(" [window ["," window]] [","] [method] ")" ]
            | metric [ "(" [window ["," window]] ["where" expression] ")" ]
    method  = fixed | rank | r                   of rfm, rfm_segment, recency_score, frequency_score, monetary_score
    window  = 90d | 4w | 12m | 2q | 3y | ytd | last_year
    date    = 2026-01-31 | today | 90d "ago" | "start of" ("month" | "quarter" | "year")
"""

from fractions import Fraction
from typing import NamedTuple

from segcli.base.errors import SegcliError, UsageError
from segcli.domain.clause import Clause, both, either
from segcli.query.expressions.comparison import COMPARABLE, ONCE, Other, empty
from segcli.query.expressions.fields import Field
from segcli.query.expressions.lexer import Token
from segcli.query.expressions.operands import OperandReader
from segcli.query.expressions.value_file import MOST_VALUES, lines
from segcli.query.names import Names

__all__ = ["MOST_VALUES", "Part", "compile_expression", "explained", "operand"]
_LIKE = ((("contains",), "%", "%"), (("starts", "with"), "", "%"), (("ends", "with"), "%", ""))
_SIGNS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def compile_expression(text: str, names: Names) -> Clause:
    """Return the condition on `account AS a`. A UsageError points at the position of a mistake."""
    return _Parser(text, names).parse()


class Part(NamedTuple):
    """A test of an expression: its text, its condition, the field it compares, and the fields that it is compared with."""

    text: str
    clause: Clause
    field: Field | None = None
    others: tuple[Field, ...] = ()


def explained(text: str, names: Names) -> list[Part]:
    """Return the tests of an expression in order, then the whole expression."""
    parser = _Parser(text, names)
    whole = parser.parse()
    return [*parser.tests, Part(text.strip(), whole)]


def operand(text: str, names: Names) -> Field:
    """Return the one field, class, metric or score that a text names."""
    return _Parser(text, names).parse_operand()


class _Parser(OperandReader):
    """A recursive descent parser for one expression."""

    def __init__(self, text: str, names: Names) -> None:
        super().__init__(text, names)
        self.tests: list[Part] = []  # in the order of the text
        self.field: Field | None = None  # of the current test
        self.others: tuple[Field, ...] = ()  # that it is compared with

    def condition(self) -> Clause:
        """Return the condition inside a metric."""
        return self._or()

    def parse(self) -> Clause:
        """Return the whole expression."""
        if not self.tokens:
            raise UsageError(f"{self.origin}: the expression is empty")
        found = self._or()
        if self.at < len(self.tokens):
            raise self.error("this does not belong here", self.tokens[self.at].at, "join tests with and / or")
        return found

    def parse_operand(self) -> Field:
        """Return the field of a text that is a single operand."""
        found = self.operand(self.next("a field or metric"))
        if self.at < len(self.tokens):
            raise self.error("this does not belong here", self.tokens[self.at].at, "name one field or metric")
        return found

    def _or(self) -> Clause:
        parts = [self._and()]
        while self.take("or"):
            parts.append(self._and())
        return either(parts)

    def _and(self) -> Clause:
        parts = [self._not()]
        while self.take("and"):
            parts.append(self._not())
        return both(parts)

    def _not(self) -> Clause:
        if self.take("not"):
            return self.deeper(self._not).negated()
        if self.take("("):
            found = self.deeper(self._or)
            if not self.take(")"):
                raise self.error("a closing bracket is missing", self.place)
            return found
        if self.facts:
            return self._test()
        start, self.field, self.others = self.place, None, ()
        found = self._everything() or self._within() or self._test()
        self.tests.append(Part(self.text[start : self.place].strip(), found, self.field, self.others))
        return found

    def _everything(self) -> Clause | None:
        return Clause("1 = 1") if self.take("*") else None

    def _within(self) -> Clause | None:
        """Return the condition of `in list` or `in selection`, None if neither follows."""
        for word in ("list", "selection", "segment"):
            if self.take("in", word):
                name = self.next(f"the name of a {word}")
                return self.compare.in_list(name) if word == "list" else self.compare.in_selection(name)
        return None

    def _test(self) -> Clause:
        token = self.next("a field")
        field = self.operand(token)
        if not self.facts:
            self.field = field
        if self.take("is", "not", "empty"):
            return empty(field).negated()
        if self.take("is", "empty"):
            return empty(field)
        is_negated = self.take("not")
        found = self._past(field, token) or self._operation(field)
        return found.negated() if is_negated else found

    def _operation(self, field: Field) -> Clause:
        if self.take("in"):
            return self.compare.among(field, self._list())
        if self.take("between"):
            low = self._right(field)
            if not self.take("and"):
                raise self.error("between needs and", self.place, "write: between A and B")
            return both((self.compare(field, ">=", low), self.compare(field, "<=", self._right(field))))
        for words, left, right in _LIKE:
            if self.take(*words):
                return self.compare.like(field, left, right, self.next("a text"))
        sign = self.next("a comparison")
        if sign.text not in _SIGNS or sign.kind != "sign":
            how = "use = != < <= > >= in, between, contains, starts with, ends with or is empty"
            raise self.error("this is no comparison", sign.at, how)
        return self.compare(field, _SIGNS[sign.text], self._right(field))

    def _right(self, field: Field) -> Token | Other:
        """Return what a field is compared with: a value, or another operand, possibly times a factor."""
        if field.kind in {"money", "number"}:
            self.part_factor()
        if self.is_operand(is_text=field.kind == "text") and field.kind in COMPARABLE:
            return self._other(self.next("a metric"))
        if field.kind in {"money", "number"} and self.peek_after("*"):
            factor = self.compare.factor(self.next("a factor"))
            self.take("*")
            return self._other(self.next("a metric"), factor)
        return self._value(field)

    def _other(self, token: Token, factor: Fraction = ONCE) -> Other:
        found = Other(self.operand(token), factor, token)
        if self.peek("*"):
            raise self.error("the factor comes first", self.place, f"write: 1.2 * {token.text}")
        if not self.facts:
            self.others += (found.field,)
        return found

    def _value(self, field: Field) -> Token:
        """Return a value; a date can have several words: 90d ago, start of month."""
        token = self.next("a value")
        if field.kind != "date" or token.kind != "word":
            return token
        if self.take("ago"):
            return token._replace(text=f"{token.text} ago")
        if token.text.lower() == "start" and self.take("of"):
            return token._replace(text=f"start of {self.next('month, quarter or year').text}")
        return token

    def _past(self, field: Field, token: Token) -> Clause | None:
        """Return the condition of `was` or `changed`, None if neither follows."""
        asked = next((word for word in ("was", "changed") if self.take(word)), "")
        if not asked:
            return None
        if field.kind != "class":
            raise self.error("only classes have a history", token.at, f"{token.text} has none")
        day = Field("date", "", "date")
        if asked == "changed":
            parts = {word: self.next("a value") for word in ("from", "to") if self.take(word)}
            since = self._value(day) if self.take("since") else None
            return self.compare.changed(field, parts.get("from"), parts.get("to"), since)
        value = self.next("a value")
        way = next((word for word in ("before", "after", "during") if self.take(word)), "")
        days = [self._value(day)] if way else []
        if way == "during":
            if not self.take("and"):
                raise self.error("during needs and", self.place, "write: during A and B")
            days.append(self._value(day))
        return self.compare.was(field, value, way, days)

    def _list(self) -> list[Token]:
        ahead = self.tokens[self.at : self.at + 1]
        if ahead and ahead[0].kind == "word" and ahead[0].text.startswith("@"):
            self.at += 1
            return self._file(ahead[0])
        if not self.take("("):
            raise self.error("in needs a list", self.place, "write: in (A, B)")
        found = [self.next("a value")]
        while self.take(","):
            found.append(self.next("a value"))
        if not self.take(")"):
            raise self.error("the list is not closed", self.place)
        return found

    def _file(self, token: Token) -> list[Token]:
        """Return the values in a file, one per line; @- is standard input."""
        try:
            return [Token("text", line, token.at) for line in lines(token.text[1:], may_read_input=self.names.may_read)]
        except SegcliError as error:
            raise self.error(error.message, token.at, error.hint) from error
