"""Findings of `check` on accounts that are probably one: the same VAT or chamber of commerce number, or name and address."""

import json
import sqlite3
from collections.abc import Iterator

MANY = 100  # findings of a kind that are read
_SHOWN = 5  # accounts of a finding
_HINT = "if they are one, segcli account merge joins them"


def found(db: sqlite3.Connection) -> list[str]:
    """Describe the accounts that have a number, or a name and an address, in common, at most MANY of each kind.

    Texts are compared without blanks, dots, hyphens and case. SQLite sorts the keys, which takes about a second for a million
    accounts; the accounts themselves are read only where keys are equal.
    """
    place = f"{_key('address')} || '|' || {_key('coalesce(postcode, city)')}"
    return [
        *_sharing(db, _key("vat_number"), "have the same VAT number"),
        *_sharing(db, _key("chamber_of_commerce"), "have the same chamber of commerce number"),
        *_sharing(db, f"{_key('name')} || '|' || nullif({place}, '|')", "have the same name and address"),
    ]


def _sharing(db: sqlite3.Connection, key: str, what: str) -> Iterator[str]:
    """Yield a finding for each key that several accounts have; no key is NULL."""
    keyed = f"SELECT {key} AS shared, code FROM account WHERE {key} <> ''"
    shared = [
        text
        for (text,) in db.execute(
            f"SELECT shared FROM ({keyed}) GROUP BY shared HAVING count(*) > 1 ORDER BY min(code) LIMIT {MANY}"
        )
    ]
    if not shared:
        return
    codes: dict[str, list[str]] = {text: [] for text in shared}
    rows = f"SELECT shared, code FROM ({keyed}) WHERE shared IN (SELECT value FROM json_each(?)) ORDER BY code"
    for text, code in db.execute(rows, (json.dumps(shared),)):
        codes[text].append(code)
    yield from (f"accounts {_listed(same)} {what}: {_HINT}" for same in codes.values())


def _key(column: str) -> str:
    """Return the SQL of a text as it is compared."""
    made = column
    for sign in (" ", ".", "-"):
        made = f"replace({made}, '{sign}', '')"
    return f"lower({made})"


def _listed(codes: list[str]) -> str:
    if len(codes) > _SHOWN:
        return f"{', '.join(codes[:_SHOWN])} and {len(codes) - _SHOWN} more"
    return f"{', '.join(codes[:-1])} and {codes[-1]}"
