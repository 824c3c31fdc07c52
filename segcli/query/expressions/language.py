"""The expression language of --where: comparisons of fields, classes and metrics, joined with and, or, not. Pure.

Text comparison ignores case and accents. Logic is two-valued: a comparison with an empty field is false, `!=` with it is
true, and `not X` is the exact complement of X. Values are bound parameters; field names come from a fixed list.

    expression = and { "or" and }      and = not { "and" not }      not = "not" not | "(" expression ")" | test
    test    = operand ("=" | "!=" | "<" | "<=" | ">" | ">=") value
            | operand ["not"] "in" ( "(" value { "," value } ")" | "@"file | "@"'file' | "@-" )
            | operand ["not"] "between" value "and" value      | operand "is" ["not"] "empty"
            | operand ["not"] ("contains" | "starts with" | "ends with") value
            | class ["not"] "was" value ["before" date | "after" date | "during" date "and" date]
            | class ["not"] "changed" ["from" value] ["to" value] ["since" date]
            | ["not"] "in" ("list" | "selection") name[:group] | "*"
    operand = ["account."] field | class | score [ "(" window ")" ] | metric [ "(" [window ["," window]] ["where" expression] ")" ]
    window  = 90d | 4w | 12m | 2q | 3y | ytd | last_year
    date    = 2026-01-31 | today | 90d "ago" | "start of" ("month" | "quarter" | "year")
"""

from collections.abc import Mapping
from typing import NamedTuple

from segcli.base.errors import SegcliError, UsageError
from segcli.domain.catalogue import nearest
from segcli.domain.clause import Clause, both, either
from segcli.domain.scoring.columns import SCORES, Score
from segcli.query.expressions import fields, limits, metric_sql, metrics
from segcli.query.expressions.comparison import Comparer, empty
from segcli.query.expressions.fields import Field
from segcli.query.expressions.lexer import Reader, Token
from segcli.query.expressions.value_file import MOST_VALUES, lines
from segcli.query.names import Names

__all__ = ["MOST_VALUES", "Part", "compile_expression", "explained", "operand"]
_MEASURES = frozenset((*metrics.CATALOGUE, *metrics.ALIASES, *SCORES, limits.OVER_LIMIT))
_LIKE = ((("contains",), "%", "%"), (("starts", "with"), "", "%"), (("ends", "with"), "%", ""))
_SIGNS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def compile_expression(text: str, names: Names) -> Clause:
    """Return the condition on `account AS a`. A UsageError points at the position of a mistake."""
    return _Parser(text, names).parse()


class Part(NamedTuple):
    """A test of an expression: its text, its condition, and the field it compares, if there is one."""

    text: str
    clause: Clause
    field: Field | None = None


def explained(text: str, names: Names) -> list[Part]:
    """Return the tests of an expression in order, then the whole expression."""
    parser = _Parser(text, names)
    whole = parser.parse()
    return [*parser.tests, Part(text.strip(), whole)]


def operand(text: str, names: Names) -> Field:
    """Return the one field, class, metric or score that a text names."""
    return _Parser(text, names).parse_operand()


class _Parser(Reader):
    """A recursive descent parser for one expression."""

    def __init__(self, text: str, names: Names) -> None:
        super().__init__(text, names.origin)
        self.names = names
        self.compare = Comparer(names, self.error)
        self.tests: list[Part] = []  # in the order of the text
        self.field: Field | None = None  # of the current test
        self.facts: Mapping[str, str] = {}  # inside a metric: its fields and their types
        self.named: set[str] = set()  # inside a metric: the fields used

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
        found = self._operand(self.next("a field or metric"))
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
        start, self.field = self.place, None
        found = self._test() if self.facts else self._everything() or self._within() or self._test()
        if not self.facts:
            self.tests.append(Part(self.text[start : self.place].strip(), found, self.field))
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
        field = self._operand(token)
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
            low = self._value(field)
            if not self.take("and"):
                raise self.error("between needs and", self.place, "write: between A and B")
            return both((self.compare(field, ">=", low), self.compare(field, "<=", self._value(field))))
        for words, left, right in _LIKE:
            if self.take(*words):
                return self.compare.like(field, left, right, self.next("a text"))
        sign = self.next("a comparison")
        if sign.text not in _SIGNS or sign.kind != "sign":
            how = "use = != < <= > >= in, between, contains, starts with, ends with or is empty"
            raise self.error("this is no comparison", sign.at, how)
        return self.compare(field, _SIGNS[sign.text], self._value(field))

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

    def _operand(self, token: Token) -> Field:
        """Return the field, class, score or metric at this position, with its window."""
        if self.facts:
            return self._fact(token)
        if not self.peek("(") and (found := self._labelled(token)):  # a class has no window
            return found
        if fields.is_own(token.text):
            token = token._replace(text=fields.bare(token.text))
            if token.text.lower() not in _MEASURES:
                return self._field(token, is_own=True)
        key = metrics.ALIASES.get(token.text.lower(), token.text.lower())
        if token.kind == "word" and (key in SCORES or key == limits.OVER_LIMIT):
            return self._score(token, SCORES[key]) if key in SCORES else self._over_limit()
        if token.kind != "word" or key not in metrics.CATALOGUE:
            return self._field(token)
        metric = metrics.CATALOGUE[key]
        words, where = self._within_brackets(metric_sql.fields(metric), metric.source)
        try:
            call = metric_sql.call(key, words, self.names.day, where, self.named, self.names.span)
        except ValueError as error:
            raise self.error(str(error), token.at) from error
        self.names.measures.add(key)
        made = self.names.measured(call) if self.names.measured else metric_sql.correlated(call, self.names.day)
        return Field(key, made.sql, metric.kind, made.values)

    def _labelled(self, token: Token) -> Field | None:
        """Return the class of a label or of class3, else None; report a label that hides a field of the same name."""
        try:
            found = fields.of_class(token.text, self.names.catalogue) if token.kind != "sign" else None
        except UsageError as error:
            raise self.error(error.message, token.at, error.hint) from error
        name = token.text.lower()
        if found and name != found.name and (fields.of_account(name) or name in _MEASURES):
            told = f"{token.text} is {found.name}, the class of that label; account.{name} is the field"
            self.names.shadow(f"{self.origin}: {told}")
        return found

    def _over_limit(self) -> Field:
        self.names.measures.add(limits.OWED)
        made = limits.over_limit(self.names.day, self.names.measured)
        return Field(limits.OVER_LIMIT, made.sql, "flag", made.values)

    def _score(self, token: Token, score: Score) -> Field:
        """Return the field of a score with its window."""
        words, _ = self._within_brackets({})
        self.names.measures.add("turnover")  # scores of money are based on turnover
        try:
            column = self.names.scored(score, words)
        except ValueError as error:
            raise self.error(str(error), token.at) from error
        return Field(token.text.lower(), column, score.kind)

    def _within_brackets(self, facts: Mapping[str, str], source: str = "") -> tuple[tuple[str, ...], Clause | None]:
        """Return the windows and the condition in the brackets after a metric."""
        self.named = set()
        words: list[str] = []
        where = None
        if self.take("("):
            while not self.peek("where") and (words or not self.peek(")")):
                words.append(self.next("a window").text)
                if not self.take(","):
                    break
            if facts and self.take("where"):
                self.facts, self.compare.source = facts, source
                where = self._or()
                self.facts, self.compare.source = {}, ""
            if not self.take(")") or len(words) > 2:  # noqa: PLR2004 - from and to
                how = "write: turnover(12m) or turnover(12m where amount > 100)"
                raise self.error("the window is not closed", self.place, how)
        return tuple(words), where

    def _fact(self, token: Token) -> Field:
        """Return a field of the rows that a metric aggregates."""
        key = token.text.lower().replace("-", "_")
        if key not in self.facts:
            known = f"it knows {', '.join(sorted(self.facts))}"
            raise self.error("there is no such field inside this metric", token.at, known)
        self.named.add(key)
        return Field(key, f"f.{key}", self.facts[key])

    def _field(self, token: Token, *, is_own: bool = False) -> Field:
        if token.kind == "sign":
            raise self.error("a field is missing before this", token.at)
        found = fields.of_account(token.text) if is_own else fields.find(token.text, self.names.catalogue)
        if found is None:
            known = (*fields.names(self.names.catalogue), *sorted(_MEASURES))
            raise self.error("there is no such field", token.at, nearest(token.text, known))
        return found
