"""Findings of `check` on names in an upgraded database: names with the same key, and labels that are no longer allowed."""

import sqlite3
from collections.abc import Iterator

from segcli.base.spelling import label_problem, spelling
from segcli.base.text import key

_NAMES = (
    ("classification", "SELECT '', label FROM classification_label ORDER BY field"),
    ("value", "SELECT 'class' || field || ' ', code FROM classification_value ORDER BY field, id"),
    ("selection", "SELECT '', name FROM selection ORDER BY id"),
    ("list", "SELECT '', name FROM marketing_list ORDER BY id"),
)


def found(db: sqlite3.Connection) -> list[str]:
    """Describe the names that share a key and the labels that already mean something else."""
    return [*_doubles(db), *_labels(db)]


def _doubles(db: sqlite3.Connection) -> Iterator[str]:
    for what, sql in _NAMES:
        same: dict[tuple[str, str], list[str]] = {}
        for scope, name in db.execute(sql):
            same.setdefault((scope, key(name)), []).append(name)
        for (scope, _), names in same.items():
            if len(names) > 1:
                spelled = " and ".join(map(spelling, names))
                yield f"{scope}{what} {spelled}: only the exact spelling finds each; rename or merge them"


def _labels(db: sqlite3.Connection) -> Iterator[str]:
    for field, label in db.execute("SELECT field, label FROM classification_label ORDER BY field"):
        if label_problem(label, field):
            yield f"the label {spelling(label)} of class{field} means something else already: segcli classification label {field} TEXT"
