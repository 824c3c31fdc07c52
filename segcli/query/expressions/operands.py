"""The operands of an expression: fields, classes, scores and metrics with their windows. Pure."""

from collections.abc import Mapping

from segcli.base.errors import UsageError
from segcli.domain.catalogue import nearest
from segcli.domain.clause import Clause
from segcli.domain.scoring.columns import SCORES, Score
from segcli.query.expressions import fields, limits, metric_sql, metrics
from segcli.query.expressions.comparison import Comparer
from segcli.query.expressions.fields import Field
from segcli.query.expressions.lexer import Reader, Token
from segcli.query.names import Names

_MEASURES = frozenset((*metrics.CATALOGUE, *metrics.ALIASES, *SCORES, limits.OVER_LIMIT))
_OWN = frozenset(fields.own_names())


class OperandReader(Reader):
    """Reads the operands of one expression."""

    def __init__(self, text: str, names: Names) -> None:
        super().__init__(text, names.origin)
        self.names = names
        self.compare = Comparer(names, self.error)
        self.facts: Mapping[str, str] = {}  # inside a metric: its fields and their types
        self.named: set[str] = set()  # inside a metric: the fields used

    def condition(self) -> Clause:
        """Return the condition inside a metric. The parser of whole expressions sets it."""
        raise NotImplementedError

    def is_operand(self, *, is_text: bool) -> bool:
        """Tell whether the next word names an operand. If a text is allowed here, a word without brackets is text."""
        ahead = self.tokens[self.at : self.at + 2]
        if not ahead or ahead[0].kind != "word":
            return False
        has_brackets = len(ahead) > 1 and ahead[1][:2] == ("sign", "(")
        name = ahead[0].text.lower()
        if is_text or has_brackets:
            return has_brackets and (not is_text or name in _MEASURES)
        if self.facts:
            return name.replace("-", "_") in self.facts
        labels = {label.lower() for label in self.names.catalogue.labels.values()}
        return name in _MEASURES or name in labels or name.replace("-", "_") in _OWN or fields.is_own(name)

    def operand(self, token: Token) -> Field:
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
        words, _ = self._within_brackets({}, most=3)  # a window, and a method
        self.names.measures.add("turnover")  # scores of money are based on turnover
        try:
            column = self.names.scored(score, words)
        except ValueError as error:
            raise self.error(str(error), token.at) from error
        return Field(token.text.lower(), column, score.kind)

    def _within_brackets(
        self, facts: Mapping[str, str], source: str = "", most: int = 2
    ) -> tuple[tuple[str, ...], Clause | None]:
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
                where = self.condition()
                self.facts, self.compare.source = {}, ""
            if not self.take(")") or len(words) > most:  # from and to
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
