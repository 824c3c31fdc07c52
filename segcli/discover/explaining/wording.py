"""Tests and conjunctions as expressions of --where, and texts as YAML of a rule file. Pure."""

import json
import re
from collections.abc import Hashable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from segcli.base.money import exponent
from segcli.domain.account_status import STATUS
from segcli.domain.induction.candidates import Test
from segcli.domain.induction.search import Conjunction
from segcli.query.expressions.metrics import CATALOGUE

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_KEPT = frozenset(
    ("and", "or", "not", "in", "is", "empty", "none", "any", "today", "start", "between", "was", "changed")
)
_YAML = re.compile(
    r"[A-Za-z][\w .,;()%<>='/&+-]*|-?\d+(\.\d+)?|\d{4}-\d\d-\d\d"
)  # plain scalars; anything else is quoted
_YAML_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_MOST_DAYS = 9999  # of `90d ago`
_STATUS: dict[Hashable, str] = {letter: word for word, letter in STATUS.items() if word != "none"}
_THOUSAND, _MILLION = 1_000, 1_000_000


class Operand(NamedTuple):
    """What a test compares: its text in an expression, its name, and its type, with the spelling of its values."""

    text: str
    name: str
    kind: str  # as in Feature
    spelled: dict[Hashable, str]  # text and class: cell -> value

    @property
    def is_count(self) -> bool:
        """Tell whether it is a number of rows, which is never negative."""
        return self.name in CATALOGUE and CATALOGUE[self.name].aggregate == "count"


class Wording:
    """The words for tests on operands, in an administration's currency and as of a day."""

    def __init__(self, operands: Sequence[Operand], currency: str, day: date) -> None:
        self.operands = operands
        self.day = day
        self.minor = 10 ** exponent(currency)

    def joined(self, found: Sequence[Conjunction]) -> str:
        """Return conjunctions as one expression."""
        return " or ".join(map(self.of, found))

    def of(self, one: Conjunction) -> str:
        """Return a conjunction as an expression, with its tests in the order of the operands."""
        return " and ".join(map(self.test, in_order(one)))

    def test(self, test: Test) -> str:
        """Return a test as an expression."""
        operand = self.operands[test.column]
        if test.sign in {"empty", "known"}:
            return f"{operand.text} is {'not ' * (test.sign == 'known')}empty"
        values = [self.value(operand, value) for value in test.values]
        if test.sign == "in":
            return f"{operand.text} in ({', '.join(values)})"
        sign = test.sign
        if operand.kind == "date":
            sign = {"<=": ">=", ">": "<"}[sign]  # so many days ago or fewer is that day or later
        elif sign == "<=" and operand.is_count and test.values == (0,):
            sign = "="
        return f"{operand.text} {sign} {values[0]}"

    def value(self, operand: Operand, value: Hashable) -> str:
        """Return a value or limit as it is written in an expression."""
        if operand.kind == "flag":
            return "yes" if value else "no"
        if operand.kind == "status":
            return _STATUS.get(value, str(value))
        if operand.kind == "date" and isinstance(value, int):
            is_ago = 0 < value <= _MOST_DAYS
            return f"{value}d ago" if is_ago else str(self.day - timedelta(value))
        if isinstance(value, int | float) and operand.kind in {"money", "number"}:
            return number(value, self.minor if operand.kind == "money" else 1)
        return word(operand.spelled.get(value, str(value)))


def in_order(one: Conjunction) -> list[Test]:
    """Return the tests of a conjunction in the order of the operands."""
    return sorted(one.tests, key=lambda test: (test.column, test.sign))


def number(value: float, parts: int) -> str:
    """Return a number of parts of a unit in units: 5000000 cents is 50k."""
    if isinstance(value, float):
        return f"{value / parts:.9f}".rstrip("0").rstrip(".")
    whole, rest = divmod(abs(value), parts)
    text = str(whole)
    if rest:
        text += f".{rest:0{len(str(parts)) - 1}d}".rstrip("0")
    elif whole >= _MILLION and not whole % (_MILLION // 10):
        text = f"{whole / _MILLION:.1f}".removesuffix(".0") + "m"
    elif whole >= 10 * _THOUSAND and not whole % _THOUSAND:
        text = f"{whole // _THOUSAND}k"
    return f"-{text}" if value < 0 else text


def word(text: str) -> str:
    """Return a text as a word of an expression, in quotes where it needs them."""
    if _PLAIN.fullmatch(text) and text.lower() not in _KEPT:
        return text
    return "'" + text.replace("'", "''") + "'"


def scalar(text: str) -> str:
    """Return a text as a YAML scalar on one line."""
    is_plain = _YAML.fullmatch(text) and text == text.strip() and text.lower() not in _YAML_WORDS
    return text if is_plain and ": " not in text and " #" not in text else json.dumps(text, ensure_ascii=False)


def when(parts: Sequence[str]) -> list[str]:
    """Return the lines of `when:` of a rule: one expression, or any of several."""
    if len(parts) == 1:
        return [f"when: {scalar(parts[0])}"]
    return ["when:", "  any:", *(f"    - {scalar(part)}" for part in parts)]
