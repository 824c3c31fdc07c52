"""Names and codes with invisible characters."""

import sqlite3

from segcli.base.text import escape_controls, visible

_NAMES = (
    ("account", "code"),
    ("account", "name"),
    ("contact", "name"),
    ("contact", "email"),
    ("item", "code"),
    ("classification_value", "description"),
)


def found(db: sqlite3.Connection) -> list[str]:
    """Return the names and codes with invisible characters: two can look the same, and filters do not find a typed name."""
    db.create_function("hides", 1, _hides, deterministic=True)
    return [
        f"the {column} of {table.replace('_', ' ')} '{visible(text)}'"
        for table, column in _NAMES
        for (text,) in db.execute(f"SELECT {column} FROM {table} WHERE hides({column}) LIMIT 100")
    ]


def _hides(text: str | None) -> bool:
    """Tell whether a text has control or invisible characters. Joiners are allowed: Persian, Indian scripts and emoji use them."""
    return text is not None and escape_controls(text, "\t\n\r\u200c\u200d") != text
