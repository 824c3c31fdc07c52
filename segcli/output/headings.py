"""A table with headings, title and caption in the language of the configuration. Column names stay English."""

from dataclasses import replace

from segcli.domain.catalogue import CLASSES
from segcli.domain.table import Column, Table
from segcli.settings import translations

_LABELLED = frozenset((*CLASSES, *(f"{name}_name" for name in CLASSES)))  # headed by the user's labels


def translated(table: Table, language: str) -> Table:
    """Return the table for people in a language. Formats for programs show nothing of it."""
    if language == translations.ENGLISH:
        return table
    words = translations.words(language)
    title, sign, rest = table.title.partition(": ")
    return replace(
        table,
        title=f"{translations.phrase(title, words)}{sign}{rest}",
        caption=translations.caption(table.caption, words),
        columns=tuple(_column(column, language) for column in table.columns),
        words=words,
    )


def _column(column: Column, language: str) -> Column:
    if column.name in _LABELLED:
        return column
    words = translations.words(language)
    heading = translations.phrase(column.title, words)
    return replace(column, heading=heading, empty=words.get(column.empty, column.empty))
