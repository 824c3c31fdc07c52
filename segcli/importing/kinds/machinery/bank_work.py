"""Which bank payments are decided anew, and which outstanding items their words name."""

import sqlite3
from collections.abc import Iterable, Iterator

from segcli.importing.kinds.machinery import bank_words
from segcli.importing.kinds.machinery.bank_words import REFERENCE, WEAK

_AT_ONCE = 5000


def collect(db: sqlite3.Connection) -> None:
    """Fill temp.bank_work with the payments to decide, and temp.bank_named with the items that their words name."""
    for name, columns in (
        ("bank_work", "id INTEGER PRIMARY KEY, is_named INTEGER NOT NULL DEFAULT 0)"),
        ("bank_word", "word TEXT, payment_id INTEGER, strength INTEGER, PRIMARY KEY (word, payment_id)) WITHOUT ROWID"),
        ("bank_named", "payment_id INTEGER, item_id INTEGER, strength INTEGER, PRIMARY KEY (payment_id, item_id)) WITHOUT ROWID"),
    ):  # fmt: skip
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")
        db.execute(f"CREATE TEMP TABLE {name} ({columns}")
    db.create_function("bank_number", 1, bank_words.number, deterministic=True)
    db.create_function("bank_short", 1, bank_words.short, deterministic=True)
    db.execute(
        """INSERT INTO temp.bank_work (id) SELECT p.id FROM bank_payment AS p WHERE p.is_batch = 0 AND p.decision IS NOT 'accepted'
             AND (p.state IN ('unmatched', 'proposed') OR p.state IN ('settled', 'reversed') AND NOT EXISTS
                  (SELECT 1 FROM bank_payment_item AS m WHERE m.bank_payment_id = p.id))"""
    )
    while db.execute("SELECT EXISTS (SELECT 1 FROM temp.bank_work WHERE is_named = 0)").fetchone()[0]:
        _name_items(db)
        db.execute(  # payments that hold what others name, and the two sides of a reversal
            """INSERT OR IGNORE INTO temp.bank_work (id) SELECT p.id FROM temp.bank_named AS n JOIN bank_payment_item AS m
                 ON m.item_id = n.item_id JOIN bank_payment AS p ON p.id = m.bank_payment_id
              WHERE p.state IN ('matched', 'reversed') AND p.decision IS NULL
              UNION SELECT p.reverses_id FROM temp.bank_work AS w JOIN bank_payment AS p ON p.id = w.id WHERE p.reverses_id IS NOT NULL
              UNION SELECT p.id FROM temp.bank_work AS w JOIN bank_payment AS p ON p.reverses_id = w.id"""
        )
    db.execute("CREATE INDEX temp.bank_named_item ON bank_named (item_id)")


def _name_items(db: sqlite3.Connection) -> None:
    """Find the items that the words of the new payments in temp.bank_work name: one pass over the items."""
    db.execute("DELETE FROM temp.bank_word")
    fresh = db.execute(
        "SELECT p.id, p.description, p.reference, p.end_to_end_id FROM temp.bank_work AS w JOIN bank_payment AS p ON p.id = w.id"
        " WHERE w.is_named = 0"
    )
    while block := fresh.fetchmany(_AT_ONCE):
        db.executemany(
            "INSERT OR IGNORE INTO temp.bank_word (word, payment_id, strength) VALUES (?, ?, ?)", _words(block)
        )
    named = f"min(w.strength, CASE WHEN length(w.word) < {bank_words.SHORT} THEN {WEAK} ELSE {REFERENCE} END)"
    for strength, where in (
        (named, "w.word = bank_number(i.invoice_number)"),
        (str(WEAK), "w.word = bank_short(i.invoice_number)"),
        (str(REFERENCE), f"w.word = bank_number(i.reference) AND w.strength = {REFERENCE}"),
    ):
        column = "i.reference" if "i.reference" in where else "i.invoice_number"
        db.execute(
            f"""INSERT INTO temp.bank_named SELECT w.payment_id, i.id, {strength} FROM outstanding_item AS i
                 CROSS JOIN temp.bank_word AS w ON {where} WHERE {column} IS NOT NULL AND i.item_key NOT GLOB 'bank *'
                ON CONFLICT DO UPDATE SET strength = max(strength, excluded.strength)"""
        )
    db.execute("UPDATE temp.bank_work SET is_named = 1 WHERE is_named = 0")


def _words(rows: Iterable[tuple[int, str | None, str | None, str | None]]) -> Iterator[tuple[str, int, int]]:
    for number, text, reference, end_to_end in rows:
        found = bank_words.words(text)
        for word, strength in bank_words.references(reference, end_to_end).items():
            found[word] = max(found.get(word, 0), strength)
        yield from ((word, number, strength) for word, strength in found.items())
