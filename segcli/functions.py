"""The SQL functions that our connections have, each in terms of the module that knows it."""

import sqlite3
from functools import partial
from typing import Any

from segcli.money import half_up
from segcli.text import fold


def register(db: sqlite3.Connection) -> None:
    """Give a connection its functions."""
    db.create_function("fold", 1, lambda text: None if text is None else fold(text), deterministic=True)
    db.create_function(
        "mail_key", 1, lambda address: None if address is None else mail_key(address), deterministic=True
    )
    db.create_function("mail_hash", 1, partial(_mail_hash, db, []))
    db.create_function("bucket", 2, bucket, deterministic=True)
    db.create_function("share", 3, share, deterministic=True)
    db.create_function("automatic_amount", 2, partial(_automatic_amount, db, []))


def mail_key(address: str) -> str:
    """Return an e-mail address as it is compared: without blanks around it, in one case."""
    return address.strip().casefold()


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


def bucket(seed: str, text: str) -> int:
    """Return one of 10,000 buckets: for the same seed and text always the same, whatever else there is."""
    import hashlib

    return int(hashlib.sha256(f"{seed}|{text}".encode()).hexdigest()[:8], 16) % 10_000


def share(whole: int | None, part: int, of: int) -> int | None:
    """Return the share of a whole that belongs to a part of something: exact, halves away from zero; none of nothing."""
    return half_up(whole * part, of) if whole is not None and of else None


def _automatic_amount(db: sqlite3.Connection, prices: list[Any], line: int, day: str) -> int | None:
    """Return what a subscription line of automatic price costs for a period on a day (SQL: automatic_amount)."""
    if not prices:
        from segcli.subscribing.automatic import Prices

        prices.append(Prices(db))
    amount: int | None = prices[0].amount(line, day)
    return amount
