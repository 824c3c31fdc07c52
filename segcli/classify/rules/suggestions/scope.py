"""Selection flags as an expression for `scope:` of a rule file, and the operands of an expression."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace

from segcli.base.errors import UsageError
from segcli.discover.explaining.wording import Operand, Wording, word
from segcli.domain.catalogue import Values
from segcli.query import selection
from segcli.query.expressions import language
from segcli.query.expressions.lexer import Reader
from segcli.query.names import Names
from segcli.query.selection import Filters

_SIGNS = frozenset(("=", "!=", "<>", "<", "<=", ">", ">="))
_WORDS = frozenset(("is", "not", "in", "between", "contains", "starts", "ends"))


def text(db: sqlite3.Connection, filters: Filters, names: Names) -> str:
    """Return the selection as an expression; '' for everyone. Raise UsageError for --search, which no expression states."""
    if filters.search:
        raise UsageError("--search cannot be written as scope: of a rule file", "use --where \"name contains 'TEXT'\"")
    codes = [*filters.codes, *(code for given in filters.accounts for code in given.split(","))]
    parts = [f"account in ({', '.join(word(code.strip()) for code in codes)})"] if codes else []
    parts += [_united(found) for found in _grouped(_classes(filters, names))]
    parts += [_united(found) for found in _grouped(_texts(db, filters, names))]
    parts += [f"in selection {word(name)}" for name in filters.selections]
    parts += [f"({expression})" for expression in filters.where] if len(filters.where) > 1 or parts else filters.where
    return " and ".join(parts)


_Part = tuple[str, bool, str]  # the field, whether it is negated, the expression


def _classes(filters: Filters, names: Names) -> Iterator[_Part]:
    for name, values in filters.classes:
        number = names.catalogue.field(name)
        ids, with_none = names.catalogue.matching(number, values)
        known = [word(value.code) for value in names.catalogue.values(number) if value.id in ids]
        yield f"class{number}", values.is_negated, _one_of(f"class{number}", known, has_empty=with_none)


def _texts(db: sqlite3.Connection, filters: Filters, names: Names) -> Iterator[_Part]:
    """Yield the filters on text columns, with the values that they have in the data."""
    for column, values in filters.texts:
        positive = Values(is_negated=False, words=values.words, text=values.text)
        clause = selection.compile_filters(Filters(texts=((column, positive),)), names)
        found = db.execute(
            f"SELECT DISTINCT a.{column} FROM account AS a WHERE {clause.sql} ORDER BY 1", clause.values
        ).fetchall()
        operand = Operand(f"account.{column}" if names.catalogue.labelled(column) else column, column, column, {})
        shown = [
            Wording((), names.currency, names.day).value(operand, value) for (value,) in found if value is not None
        ]
        yield column, values.is_negated, _one_of(operand.text, shown, has_empty=(None,) in found)


def _one_of(field: str, values: Sequence[str], *, has_empty: bool) -> str:
    parts = [f"{field} in ({', '.join(values)})" if len(values) > 1 else f"{field} = {values[0]}"] if values else []
    parts += [f"{field} is empty"] if has_empty else []
    return " or ".join(parts) if parts else f"not {field} is empty and {field} is empty"  # no account has such a value


def _grouped(parts: Iterator[_Part]) -> list[list[_Part]]:
    found: dict[str, list[_Part]] = {}
    for part in parts:
        found.setdefault(part[0], []).append(part)
    return list(found.values())


def _united(parts: Sequence[_Part]) -> str:
    """Return the lists of one field: any plain one, and no negated one."""
    plain = [expression for _, is_negated, expression in parts if not is_negated]
    negated = [f"not ({expression})" for _, is_negated, expression in parts if is_negated]
    joined = " or ".join(plain)
    return " and ".join([*([f"({joined})" if " or " in joined else joined] if plain else []), *negated])


def operands(expression: str, names: Names) -> list[str] | None:
    """Return the operands of an expression as text; None if it asks for something else: a list, a selection, the history."""
    found = []
    for part in language.explained(expression, replace(names, measures=set()))[:-1]:
        operand = _operand(part.text)
        if part.field is None or operand is None:
            return None
        found.append(operand)
    return list(dict.fromkeys(found))


def _operand(test: str) -> str | None:
    """Return the text of a test before its comparison; None if no comparison follows."""
    depth = 0
    for number, token in enumerate(Reader(test, "").tokens):
        if token.kind == "sign" and token.text in "()":
            depth += 1 if token.text == "(" else -1
        elif number and not depth and token.kind != "text":
            is_end = token.text in _SIGNS if token.kind == "sign" else token.text.lower() in _WORDS
            if is_end:
                return (
                    None
                    if " was " in f" {test[token.at :]} " or " changed" in test[token.at :]
                    else test[: token.at].strip()
                )
            return None
    return None
