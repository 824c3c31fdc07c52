"""The changes that rules would make, per account, with the deciding rule and its reason in words."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from segcli.classify.rules.compiled import RuleSet
from segcli.classify.rules.values import shown
from segcli.domain.clause import in_order
from segcli.query.expressions.collecting import Collector
from segcli.query.names import Names


class Change(NamedTuple):
    """A change of a classification by a rule; codes are '' where there is no value."""

    account: str
    name: str
    field: int
    old: str
    new: str
    rule: str  # '' if no rule matches and `otherwise` applies
    why: str


def changes(db: sqlite3.Connection, sets: Sequence[RuleSet], collector: Collector, names: Names) -> Iterator[Change]:
    """Yield the proposed changes by classification and account."""
    for found in sets:
        yield from _of(db, found, collector, names)


def _of(db: sqlite3.Connection, found: RuleSet, collector: Collector, names: Names) -> Iterator[Change]:
    operands = list(dict.fromkeys(field for rule in found.rules for field in rule.operands))
    columns = "".join(f", {field.column}" for field in operands)
    bound = tuple(value for field in operands for value in field.values)
    codes = {value.id: value.code for value in names.catalogue.values(found.field)}
    rows = db.execute(
        f"SELECT a.code, a.name, p.old_value_id, p.new_value_id, d.winner{columns} FROM temp.proposal AS p"
        f" JOIN temp.decision{found.field} AS d ON d.account_id = p.account_id JOIN account AS a ON a.id = p.account_id{collector.joins}"
        f" WHERE p.field = ? ORDER BY {in_order('a.code')}",
        (*bound, found.field),
    )
    for code, name, old, new, winner, *values in rows:
        rule = None if winner is None else found.rules[winner]
        why = "no rule matches"
        if rule:
            known = dict(zip(operands, values, strict=True))
            filled = [shown(field, known[field], names) for field in rule.operands]
            why = "".join(part for pair in zip(rule.words, (*filled, ""), strict=True) for part in pair)
        yield Change(code, name, found.field, codes.get(old, ""), codes.get(new, ""), rule.rule.id if rule else "", why)
