"""Names and codes with characters that nobody sees."""

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
    """Find names and codes with what nobody sees: two of them can look the same, and no filter finds what was typed."""
    db.create_function("hides", 1, _hides, deterministic=True)
    return [
        f"the {column} of {table.replace('_', ' ')} '{visible(text)}'"
        for table, column in _NAMES
        for (text,) in db.execute(f"SELECT {column} FROM {table} WHERE hides({column}) LIMIT 100")
    ]


def _hides(text: str | None) -> bool:
    """Tell whether a text holds controls or hidden characters; joiners belong to Persian, to Indian scripts and to emoji."""
    return text is not None and escape_controls(text, "\t\n\r\u200c\u200d") != text
