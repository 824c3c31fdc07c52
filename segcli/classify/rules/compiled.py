"""Compilation of rule files to SQL conditions on `account AS a`, with each metric used once. Pure.

The metrics of all rules are computed first, in one scan per fact table, into temporary tables that the conditions
join.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from segcli.base.errors import SegcliError, in_file
from segcli.classify.rules import keys
from segcli.classify.rules.file import CLEAR, Rule, RuleFile
from segcli.domain.catalogue import Catalogue
from segcli.domain.clause import EVERYTHING, Clause, both, either
from segcli.query import class_history
from segcli.query.expressions import language
from segcli.query.expressions.collecting import Collector
from segcli.query.expressions.fields import Field
from segcli.query.expressions.language import Part
from segcli.query.names import Names
from segcli.settings.keys import names as names_of
from segcli.settings.plain_yaml import Node

Found = TypeVar("Found")
_READS = re.compile(r"\ba\.class([1-8])\b")
_PARTS = names_of(keys.WHEN)
_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule as SQL: its condition, its value, and the text pieces and operands of its reason."""

    rule: Rule
    value_id: int | None
    code: str  # code of the value; '' if the rule clears it
    condition: Clause
    when: Clause  # the condition without `hold`
    parts: tuple[Part, ...]  # the tests as written in the file; those of `hold` come last
    holding: int  # how many of the parts are tests of `hold`
    words: tuple[str, ...]
    operands: tuple[Field, ...]
    is_expired: bool


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one classification as SQL."""

    file: RuleFile
    field: int
    scope: Clause
    rules: tuple[CompiledRule, ...]
    otherwise: tuple[int | None, ...]  # the value if no rule matches; () keeps the current one
    otherwise_code: str

    @property
    def clauses(self) -> Iterable[Clause]:
        """Return all conditions of the set."""
        return (self.scope, *(rule.condition for rule in self.rules))

    @property
    def is_wavering(self) -> bool:
        """Tell whether its tests depend on its own class; the condition that `hold` adds does not count."""
        tests = (part.clause for rule in self.rules for part in rule.parts)
        return self.field in self.reads and self.field in _classes((self.scope, *tests))

    @property
    def reads(self) -> frozenset[int]:
        """Return the classes that its conditions depend on."""
        return _classes(self.clauses)


def _classes(clauses: Iterable[Clause]) -> frozenset[int]:
    """Return the classes that the conditions depend on."""
    return frozenset(int(found) for clause in clauses for found in _READS.findall(clause.sql))


def compile_files(files: Sequence[RuleFile], names: Names, collector: Collector) -> list[RuleSet]:
    """Return the rule sets in order of application: a set follows the sets whose classes it depends on."""
    names = replace(names, measured=collector)
    by_field: dict[int, RuleSet] = {}
    for file in files:
        with in_file():  # an expression says its place itself
            made = _compiled(file, names)
        if made.field in by_field:
            raise SegcliError(
                f"{file.field.place}: {by_field[made.field].file.path} has rules for class{made.field} already",
                "one file holds all rules of a classification",
            )
        by_field[made.field] = made
    return [by_field[number] for number in _ordered(by_field)]


def _ordered(by_field: Mapping[int, RuleSet]) -> list[int]:
    graph = {number: sorted((found.reads & by_field.keys()) - {number}) for number, found in sorted(by_field.items())}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " -> ".join(f"class{number} ({by_field[number].file.path})" for number in error.args[1])
        raise SegcliError(
            f"the rules look at each other's classes in a circle: {circle}", "let one of them ask something else"
        ) from error


def _compiled(file: RuleFile, names: Names) -> RuleSet:
    number = _at(file.field, names.catalogue.field)
    otherwise: tuple[int | None, ...] = ()
    code = ""
    if file.otherwise is not None:
        value_id, code = _value(file.otherwise, number, names.catalogue)
        otherwise = (value_id,)
    for value, node in file.max_share.items():
        _at(node, lambda _limit, value=value: names.catalogue.assignable(number, value))  # type: ignore[misc]
    scope = _expression(file.scope, names, []) if file.scope else EVERYTHING
    return RuleSet(file, number, scope, tuple(_rule(rule, number, names) for rule in file.rules), otherwise, code)


def _at(node: Node, find: Callable[[str], Found]) -> Found:
    """Resolve a text of the file; errors include its place."""
    with in_file(node.place):
        return find(node.text)


def _value(node: Node, number: int, catalogue: Catalogue) -> tuple[int | None, str]:
    """Return the id and code of a value; (None, '') for clear."""
    if node.text.lower() in {CLEAR, "none"}:
        return None, ""
    found = _at(node, partial(catalogue.assignable, number))
    return found.id, found.code


def _rule(rule: Rule, number: int, names: Names) -> CompiledRule:
    parts: list[Part] = []
    value_id, code = _value(rule.value, number, names.catalogue)
    condition = when = _condition(rule.when, names, parts)
    tests = len(parts)
    if rule.hold:
        stays = _expression(rule.hold, names, parts)
        condition = either((when, both((_held(number, value_id, names), stays))))
    is_expired = rule.until is not None and rule.until < names.day
    words, operands = _why(rule.why, names) if rule.why else ((f"rule {rule.id}",), ())
    never = Clause("0")
    return CompiledRule(
        rule, value_id, code, never if is_expired else condition, never if is_expired else when, tuple(parts),
        len(parts) - tests, words, operands, is_expired,
    )  # fmt: skip


def _held(number: int, value_id: int | None, names: Names) -> Clause:
    """Return the condition that an account has the rule's value, or had it on an as-of day in the past."""
    if not names.is_past:
        return Clause(f"a.class{number} IS ?", (value_id,))
    had = class_history.value_on(number, str(names.day))
    return Clause(f"{had.sql} IS ?", (*had.values, value_id or 0))


def _condition(node: Node, names: Names, parts: list[Part]) -> Clause:
    """Return the condition of an expression, a list, or a mapping of all, any and none."""
    if isinstance(node.value, str):
        return _expression(node, names, parts)
    if isinstance(node.value, list):
        if not node.value:
            raise SegcliError(f"{node.place}: the list is empty", 'an expression that always holds is "*"')
        return both([_condition(part, names, parts) for part in node.value])
    for key, value in node.value.items():
        if key not in _PARTS or not value.listed:
            raise SegcliError(
                f"{value.place}: '{key}' is not understood here", "write {all: [...], any: [...], none: [...]}"
            )
    made = {key: [_condition(part, names, parts) for part in value.listed] for key, value in node.value.items()}
    found = [both(made["all"])] if "all" in made else []
    found += [either(made["any"])] if "any" in made else []
    found += [either(made["none"]).negated()] if "none" in made else []
    if not found:
        raise SegcliError(f"{node.place}: there is no condition", "write {all: [...], any: [...], none: [...]}")
    return both(found)


def _expression(node: Node, names: Names, parts: list[Part]) -> Clause:
    *tests, whole = language.explained(node.text, replace(names, origin=node.place))
    parts.extend(tests)
    return whole.clause


def _why(node: Node, names: Names) -> tuple[tuple[str, ...], tuple[Field, ...]]:
    """Return the text pieces of a reason and the operands in braces between them."""
    pieces = _BRACES.split(node.text)
    operands = tuple(language.operand(piece, replace(names, origin=node.place)) for piece in pieces[1::2])
    return tuple(pieces[::2]), operands
