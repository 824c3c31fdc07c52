"""Comparisons of a field with a value, as SQL conditions by the field's type. Pure."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from segcli.base import dates
from segcli.base.errors import UsageError
from segcli.base.money import minor_units
from segcli.base.numbers import number
from segcli.base.text import fold
from segcli.base.windows import before
from segcli.domain import account_status
from segcli.domain.catalogue import Values
from segcli.domain.clause import FEW, Clause, either
from segcli.query import class_history, list_groups
from segcli.query.expressions import periods, vocabulary
from segcli.query.expressions.fields import Field
from segcli.query.expressions.lexer import Token
from segcli.query.expressions.metrics import CATALOGUE
from segcli.query.names import Names

STATUS = account_status.STATUS | {code.lower(): code for code in account_status.STATUS.values()}
YES_NO = {"true": 1, "yes": 1, "1": 1, "false": 0, "no": 0, "0": 0}
_AGO = re.compile(r"(\d{1,4})([dwmqy]) ago", re.ASCII | re.IGNORECASE)
_QUARTER = 3
COMPARABLE = frozenset({"money", "number", "date", "text"})  # kinds of which two operands can be compared
ONCE = Fraction(1)
_FACTOR = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,3})?", re.ASCII)  # an amount times its digits stays an exact integer
_IN = "coalesce({0} IN (SELECT value FROM json_each(?)), FALSE)"


class Other(NamedTuple):
    """The operand on the right of a comparison, its factor, and where it stands."""

    field: Field
    factor: Fraction
    token: Token


def empty(field: Field) -> Clause:
    """Return the condition that a field has no value."""
    return Clause(f"{field.column} IS NULL", field.values)


def period(field: Field, text: str, day: date) -> str:
    """Return a period of a field as it is compared; lastmonth and the like count from the day. Raise UsageError for another unit."""
    word = text.lower()
    named = dates.name(*dates.period(word, day)) if word in dates.NAMED else text
    return periods.parse(named, CATALOGUE[field.name].part)


class Comparer:
    """Builds conditions. `fail` builds an error that points at a position in the expression."""

    def __init__(self, names: Names, fail: Callable[..., UsageError]) -> None:
        self.names = names
        self.fail = fail
        self.source = ""  # source of the metric being parsed, '' outside a metric

    def __call__(self, field: Field, sign: str, token: Token | Other) -> Clause:
        """Return the condition of one comparison, with a value or with another operand."""
        if isinstance(token, Other):
            return self._other(field, sign, token)
        if token.kind == "sign":
            raise self.fail("a value is missing before this", token.at)
        make = {
            "text": self._text,
            "date": self._date,
            "period": self._period,
            "flag": self._flag,
            "status": self._status,
            "class": self._class,
            "money": self._number,
            "number": self._number,
        }
        if sign == "!=":
            return self(field, "=", token).negated()
        return make[field.kind](field, sign, token)

    def _other(self, field: Field, sign: str, right: Other) -> Clause:
        """Return the comparison of two operands of one kind; it is false where one of them is empty or unknown."""
        other, times = right.field, right.factor
        if field.kind != other.kind:
            what = f"{field.name} ({field.kind}) cannot be compared with {other.name} ({other.kind})"
            raise self.fail(what, right.token.at, "compare two amounts, two numbers or two dates")
        if sign == "!=":
            return self._other(field, "=", right).negated()
        sides = [field.column, other.column]
        if field.kind == "text":
            sides = [f"fold({side})" for side in sides]
        elif times != ONCE:
            sides = [f"({sides[0]}) * {times.denominator}", f"({sides[1]}) * {times.numerator}"]
        return Clause(f"coalesce({sides[0]} {sign} {sides[1]}, FALSE)", (*field.values, *other.values))

    def factor(self, token: Token) -> Fraction:
        """Return a factor such as 1.2. Raise UsageError if it is no number or has too many digits."""
        if token.kind != "word" or not _FACTOR.fullmatch(token.text):
            what = "write 1.2 * turnover(12m): a number below 1,000 with at most three decimals"
            raise self.fail(f"'{token.text}' is no factor", token.at, what)
        return Fraction(token.text)

    def among(self, field: Field, tokens: Sequence[Token]) -> Clause:
        """Return the condition that a field is one of the values; many are bound together as one list."""
        if len(tokens) <= FEW:
            return either([self(field, "=", token) for token in tokens])
        import json

        if field.kind == "class":
            ids = [self._ids(field, token) for token in tokens]
            found = [Clause(_IN.format(field.column), (json.dumps([i for some in ids for i in some or ()]),))]
            return either([*found, *([empty(field)] if None in ids else [])])
        if field.kind in {"flag", "status"}:  # few distinct values, however long the list
            return either(list(dict.fromkeys(self(field, "=", token) for token in tokens)))
        values = [self(field, "=", token).values[-1] for token in tokens]
        column = f"fold({field.column})" if field.kind == "text" and field.column != "a.code" else field.column
        return Clause(_IN.format(column), (*field.values, json.dumps(values)))

    def _text(self, field: Field, sign: str, token: Token) -> Clause:
        if field.column == "a.code":
            return Clause(f"{field.column} {sign} ?", (token.text,))
        if sign == "=":
            self._refuse_unknown(field, token)
        return Clause(f"{field.column} IS NOT NULL AND fold({field.column}) {sign} ?", (fold(token.text),))

    def _refuse_unknown(self, field: Field, token: Token) -> None:
        """Raise UsageError for a value in neither the list of the field or score nor the data; for a saved expression only warn."""
        values = vocabulary.of(field.name, self.source)
        hint = self.names.unknown(values, token.text) if values else None
        if hint is None:
            return
        what = vocabulary.missing(values, token.text)
        if not self.names.is_stored or self.names.is_strict:
            raise self.fail(what, token.at, hint)
        self.names.warn(f"{self.names.origin}: {what}" + (f"; {hint}" if hint else ""))

    def day(self, token: Token) -> date:
        """Return the day of a value; relative days count from the as-of day."""
        text, today = token.text.lower(), self.names.day
        match = _AGO.fullmatch(text)
        if match:
            try:
                return before(today, int(match[1]), match[2])
            except ValueError as error:
                raise self.fail(str(error), token.at) from error
        starts = {
            "start of month": today.replace(day=1),
            "start of year": today.replace(month=1, day=1),
            "start of quarter": today.replace(month=(today.month - 1) // _QUARTER * _QUARTER + 1, day=1),
        }
        if text in starts:
            return starts[text]
        try:
            return dates.day_of(token.text, today, "date")
        except UsageError as error:
            hint = f"{error.hint}; or write today, 90d ago, start of month"
            raise self.fail(error.message, token.at, hint) from error

    def _date(self, field: Field, sign: str, token: Token) -> Clause:
        return Clause(f"coalesce({field.column} {sign} ?, FALSE)", (*field.values, self.day(token).isoformat()))

    def _period(self, field: Field, sign: str, token: Token) -> Clause:
        """Return the condition on a month, quarter or year, whose texts have the order of time."""
        try:
            found = period(field, token.text, self.names.day)
        except UsageError as error:
            raise self.fail(error.message, token.at, error.hint) from error
        return Clause(f"coalesce({field.column} {sign} ?, FALSE)", (*field.values, found))

    def _number(self, field: Field, sign: str, token: Token) -> Clause:
        """Return the condition on a number; money is written in units of the currency, 10k is 10,000."""
        value = number(token.text)
        if value is None:
            raise self.fail(f"{field.name} is a number", token.at, "write 250, 12.50 or 10k")
        bound: int | float = float(value)
        if field.kind == "money":
            try:
                bound = minor_units(value, self.names.currency)
            except ValueError as error:
                what = f"{token.text} is no amount in {self.names.currency}"
                raise self.fail(what, token.at, str(error)) from error
        return Clause(f"coalesce({field.column} {sign} ?, FALSE)", (*field.values, bound))

    def _flag(self, field: Field, sign: str, token: Token) -> Clause:
        if token.text.lower() not in YES_NO or sign != "=":
            raise self.fail(f"{field.name} is true or false", token.at)
        return Clause(
            f"({field.column}) IS ?" if field.values else f"{field.column} = ?",
            (*field.values, YES_NO[token.text.lower()]),
        )

    def _status(self, field: Field, sign: str, token: Token) -> Clause:
        if token.text.lower() not in STATUS or sign != "=":
            raise self.fail("this is no status", token.at, "A none, S suspect, P prospect, C customer")
        return Clause(f"{field.column} = ?", (STATUS[token.text.lower()],))

    def _class(self, field: Field, sign: str, token: Token) -> Clause:
        if sign != "=":
            raise self.fail("a class has no order", token.at - 1, "use =, != or in")
        ids = self._ids(field, token)
        if ids is None:
            return empty(field)
        marks = ", ".join("?" * len(ids))
        return Clause(f"{field.column} IS NOT NULL AND {field.column} IN ({marks})", ids)

    def _ids(self, field: Field, token: Token) -> tuple[int, ...] | None:
        """Return the ids of the class values that a word matches; None for the word none."""
        if token.kind == "word" and token.text.lower() == "none":
            return None
        words = Values(is_negated=False, words=(token.text,), text=token.text)
        try:
            ids, with_none = self.names.catalogue.matching(int(field.name[5]), words)
        except UsageError as error:
            raise self.fail(error.message, token.at, error.hint) from error
        return None if with_none else tuple(sorted(ids))

    def like(self, field: Field, left: str, right: str, token: Token) -> Clause:
        """Return the condition that a field contains, starts with or ends with a text; `left` and `right` are '%' or ''."""
        if field.kind != "text":
            raise self.fail(f"{field.name} is not a text", token.at)
        escaped = fold(token.text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return Clause(
            f"{field.column} IS NOT NULL AND fold({field.column}) LIKE ? ESCAPE '\\'", (f"{left}{escaped}{right}",)
        )

    def was(self, field: Field, token: Token, way: str, days: Sequence[Token]) -> Clause:
        """Return the condition that a class had a value: ever, before or after a day, or between two."""
        return class_history.was(int(field.name[5]), self._ids(field, token), way, [str(self.day(day)) for day in days])

    def changed(self, field: Field, old: Token | None, new: Token | None, since: Token | None) -> Clause:
        """Return the condition that a class changed, with the old value, new value and first day if given."""
        ends = [class_history.ANY if token is None else self._ids(field, token) for token in (old, new)]
        return class_history.changed(
            int(field.name[5]), ends[0], ends[1], "" if since is None else str(self.day(since))
        )

    def in_list(self, token: Token) -> Clause:
        """Return the condition that a contact of the account is on a marketing list and may be written to, or a group: NAME:A."""
        name, group = token.text, ""
        if not self.names.has_list(name) and ":" in name:
            name, _, group = name.rpartition(":")
        if not self.names.has_list(name):
            raise self.fail(f"there is no list '{name}'", token.at, "see: segcli list list")
        return list_groups.on_list(self.names.list_name(name), group)

    def in_selection(self, token: Token) -> Clause:
        """Return the condition that the account is in a saved selection."""
        try:
            return self.names.saved_clause(token.text, self.names)
        except UsageError as error:
            raise self.fail(error.message, token.at, error.hint) from error
