"""A suggestion as the text of a rule file, with its accuracy in comments and tests taken from real accounts."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace

from segcli.base.money import exponent
from segcli.base.text import counted
from segcli.classify.rules.suggestions.counts import Suggested
from segcli.classify.rules.suggestions.suggesting import Suggestion
from segcli.discover.explaining.learning import TABLE
from segcli.discover.explaining.wording import number, scalar
from segcli.domain.account_status import STATUS
from segcli.domain.clause import in_order
from segcli.domain.table import Cell
from segcli.query.expressions import language, limits
from segcli.query.expressions.fields import Field
from segcli.query.expressions.metrics import CATALOGUE
from segcli.query.names import Names

_WHOLE = 100
_STATUS = {letter: word for word, letter in STATUS.items()}


def lines(db: sqlite3.Connection, names: Names, found: Suggestion) -> Iterator[str]:
    """Yield the lines of the file."""
    yield from (f"# {text}" for text in _about(names, found))
    yield "version: 1"
    yield f"field: {scalar(names.catalogue.label(found.asked.field))}"
    if found.asked.scope:
        yield f"scope: {scalar(found.asked.scope)}"
    yield "keep: [manual]"
    *rules, rest = found.rules
    yield f"# {_fares(found, rest)}"
    yield f"otherwise: {scalar(rest.code)}"
    yield "rules:"
    for rule in rules:
        yield f"  # {_fares(found, rule)}"
        yield f"  - id: {scalar(rule.id)}"
        yield f"    set: {scalar(rule.code)}"
        yield f"    when: {scalar(rule.when)}"
        yield f"    why: {scalar(', '.join(f'{text} {{{text}}}' for text in rule.operands))}"
    yield from _tests(db, names, found)


def _about(names: Names, found: Suggestion) -> Iterator[str]:
    held, right = found.held
    wrong, every = found.wrong
    code, frequent = found.most_frequent
    changed, empty = found.changes
    label = names.catalogue.label(found.asked.field)
    yield _one_line(f"Suggested rules for {label}, as of {names.day}: {found.about}.")
    if held:
        yield f"Held-out accuracy {_percent(right, held)}; {code} for all would have {_percent(frequent, held)}."
    if found.cross_validated is not None:
        yield f"Cross-validated accuracy {_WHOLE * found.cross_validated:.1f} %."
    yield f"{wrong} of {counted(every, 'classified account')} would get another value."
    if found.unreached:
        listed = ", ".join(f"{value} ({counted(count, 'account')})" for value, count in found.unreached)
        yield f"No short rule reaches {listed}."
    if found.retired:
        yield f"{counted(found.retired, 'account')} with a retired value left out."
    yield f"rules plan would change {counted(changed + empty, 'account')}: {changed} with another value, {empty} without one."
    if found.kept:
        yield f"{counted(found.kept, 'value')} set by hand would differ and stay: keep: [manual]."


def _fares(found: Suggestion, rule: Suggested) -> str:
    """Return how a rule fares: its accounts, its accuracy and coverage on held-out accounts, and counter-examples."""
    held = found.held[0]
    parts = [counted(rule.accounts, "account")]
    if held:
        parts.append(f"held-out accuracy {_percent(rule.held_right, rule.held)}, coverage {_percent(rule.held, held)}")
    if rule.examples:
        listed = ", ".join(f"{one.account} ({one.value})" for one in rule.examples)
        parts.append(f"{counted(rule.accounts - rule.right, 'counter-example')}: {listed}")
    return _one_line("; ".join(parts))


def _percent(part: int, whole: int) -> str:
    return f"{_WHOLE * part / whole:.1f} % ({part} of {whole})" if whole else "unknown (0 accounts)"


def _one_line(text: str) -> str:
    """Return a text for a comment: codes and labels hold no line break there."""
    return " ".join(text.split())


def _tests(db: sqlite3.Connection, names: Names, found: Suggestion) -> Iterator[str]:
    """Yield a test per rule: the values of the first account that the rule decides rightly."""
    if found.scope_operands is None:
        yield "# No tests: the scope asks for more than the values of an account."
        return
    used = dict.fromkeys((*found.scope_operands, *(text for rule in found.rules for text in rule.operands)))
    fields = [language.operand(text, replace(names, measures=set())) for text in used]
    if any(field.name == limits.OVER_LIMIT for field in fields):
        yield "# No tests: over_limit follows from other values."
        return
    columns = {feature.text: feature.column for feature in found.features}
    made = [
        (rule, values)
        for at, rule in enumerate(found.rules)
        if (values := _values(db, [columns[text] for text in used], fields, at, rule))
    ]
    if made:
        yield "tests:"
    for rule, values in made:
        yield "  - given:" if any(value is not None for value in values) else "  - given: {}"
        for text, field, value in zip(used, fields, values, strict=True):
            if value is not None:
                yield f"      {scalar(text)}: {scalar(_shown(field, value, names))}"
        yield f"    expect: {scalar(rule.code)}"


def _values(
    db: sqlite3.Connection, columns: Sequence[str], fields: Sequence[Field], at: int, rule: Suggested
) -> tuple[Cell, ...] | None:
    """Return the values of the first account that a rule decides rightly, None for no such account. Its amounts are known."""
    shown = "".join(f", k.{column}" for column in columns)
    known = "".join(
        f" AND k.{column} IS NOT NULL"
        for column, field in zip(columns, fields, strict=True)
        if field.name in CATALOGUE and CATALOGUE[field.name].lacks
    )
    row = db.execute(
        f"SELECT a.code{shown} FROM temp.suggested AS s JOIN temp.{TABLE} AS k ON k.account_id = s.account_id"
        " JOIN account AS a ON a.id = s.account_id JOIN classification_value AS v ON v.id = k.value"
        f" WHERE k.is_used AND s.winner = ? AND v.code = ?{known} ORDER BY {in_order('a.code')} LIMIT 1",
        (at, rule.code),
    ).fetchone()
    return tuple(row[1:]) if row else None


def _shown(field: Field, value: Cell, names: Names) -> str:
    """Return a value as a test of a rule file states it."""
    if field.kind == "class":
        return next(found.code for found in names.catalogue.values(int(field.name[5])) if found.id == value)
    if field.kind == "flag":
        return "yes" if value else "no"
    if field.kind == "status":
        return _STATUS[str(value)]
    if field.kind == "money" and isinstance(value, int):
        whole, rest = divmod(abs(value), 10 ** exponent(names.currency))
        decimals = f".{rest:0{exponent(names.currency)}d}" if rest else ""
        return f"{'-' * (value < 0)}{whole}{decimals}"
    return number(value, 1) if field.kind == "number" and isinstance(value, float) else str(value)
