"""The SQL functions that our connections have, each in terms of the module that knows it."""

import sqlite3
from contextlib import suppress
from functools import partial
from typing import Any

from segcli.money import MOST, half_up
from segcli.spelling import label_problem
from segcli.text import fold, key


def register(db: sqlite3.Connection) -> None:
    """Give a connection its functions."""
    db.create_function("fold", 1, lambda text: None if text is None else fold(text), deterministic=True)
    db.create_function("label_key", 1, lambda text: None if text is None else key(text), deterministic=True)
    db.create_function("label_problem", 2, label_problem, deterministic=True)
    db.create_function(
        "mail_key", 1, lambda address: None if address is None else mail_key(address), deterministic=True
    )
    db.create_function("name_key", 1, lambda name: None if name is None else name_key(name), deterministic=True)
    db.create_function("mail_plain", 1, lambda address: address and mail_plain(address), deterministic=True)
    db.create_function("mail_hash", 1, partial(_mail_hash, db, []))
    db.create_function("bucket", 2, bucket, deterministic=True)
    db.create_function("share", 3, share, deterministic=True)
    db.create_function("automatic_amount", 2, partial(_automatic_amount, db, []))


def mail_key(address: str) -> str:
    """Return an e-mail address as it is compared: without blanks around it, in one case."""
    return address.strip().casefold()


def mail_plain(address: str) -> str | None:
    """Return the plain way to write an address: letters composed, hidden ones left out, its domain as it travels; None if it is."""
    if address.isascii():
        return None
    import unicodedata

    shown = "".join(letter for letter in address.strip() if unicodedata.category(letter) != "Cf")
    local, _, domain = unicodedata.normalize("NFKC", shown).rpartition("@")
    with suppress(UnicodeError):  # no domain at all
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}"


def name_key(name: str) -> str:
    """Return a name as it is known again: no case, no accents, one blank between its words."""
    return " ".join(fold(name).split())


def mail_hash(salt: str, address: str) -> str:
    """Return the salted hash by which an address is kept that must not be known any more."""
    import hashlib

    return hashlib.sha256(f"{salt}|{mail_key(address)}".encode()).hexdigest()


def _mail_hash(db: sqlite3.Connection, salts: list[str], address: str | None) -> str | None:
    if address is None:
        return None
    if not salts:
        salts.append(db.execute("SELECT mailing_salt FROM administration").fetchone()[0])
    return mail_hash(salts[0], address)


def share(amount: int | None, part: int | None, whole: int | None) -> int | float | None:
    """Return amount * part / whole, halves away from zero: exactly, where SQLite's own round() and / go by way of floats.

    What is larger than an integer of SQLite is a float, as in its own sums, which no column of amounts takes.
    """
    if amount is None or part is None or not whole:
        return None
    found = half_up(amount * part, whole)
    return found if abs(found) <= MOST else float(found)


def bucket(seed: str, text: str) -> int:
    """Return one of 10,000 buckets: for the same seed and text always the same, whatever else there is."""
    import hashlib

    return int(hashlib.sha256(f"{seed}|{text}".encode()).hexdigest()[:8], 16) % 10_000


def _automatic_amount(db: sqlite3.Connection, prices: list[Any], line: int, day: str) -> int | None:
    """Return what a subscription line of automatic price costs for a period on a day (SQL: automatic_amount)."""
    if not prices:
        from segcli.subscribing.automatic import Prices

        prices.append(Prices(db))
    amount: int | None = prices[0].amount(line, day)
    return amount
