"""Values of operands: formatted for people, and parsed from tests in a rule file. Pure."""

from segcli.base import dates
from segcli.base.errors import SegcliError, UsageError
from segcli.base.money import minor_units, to_text
from segcli.base.numbers import number
from segcli.domain.catalogue import Catalogue
from segcli.domain.table import Cell
from segcli.query.expressions.comparison import STATUS, YES_NO, period
from segcli.query.expressions.fields import Field
from segcli.query.names import Names
from segcli.settings.plain_yaml import Node


def shown(field: Field, value: Cell, names: Names) -> str:
    """Return an operand's value as text."""
    if value is None:
        return "none"
    if field.kind == "money":
        return to_text(int(value), names.currency)
    if field.kind == "class":
        return next(
            (found.code for found in names.catalogue.values(int(field.name[5])) if found.id == value), str(value)
        )
    if field.kind == "flag":
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def given(field: Field, node: Node, names: Names) -> Cell:
    """Return a test's value as the database stores it. Raises SegcliError with its place."""
    word = node.text
    try:
        return _given(field, word, names)
    except UsageError as error:
        raise SegcliError(f"{node.place}: {error.message}", error.hint) from error
    except (KeyError, ValueError) as error:
        raise SegcliError(f"{node.place}: '{word}' is no value of {field.name}", f"it is a {field.kind}") from error


def _given(field: Field, word: str, names: Names) -> Cell:
    if field.kind in {"money", "number"}:
        value = number(word)
        if value is None:
            raise ValueError(word)
        return minor_units(value, names.currency) if field.kind == "money" else float(value)
    if field.kind == "class":
        return _class(int(field.name[5]), word, names.catalogue)
    if field.kind == "date":
        return str(dates.day_of(word, names.day))
    if field.kind == "period":
        return period(field, word, names.day)
    if field.kind == "status":
        return STATUS[word.lower()]
    return YES_NO[word.lower()] if field.kind == "flag" else word


def _class(field: int, word: str, catalogue: Catalogue) -> Cell:
    return None if word.lower() == "none" else catalogue.assignable(field, word).id
