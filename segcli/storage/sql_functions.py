"""The SQL functions registered on every connection."""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

from segcli.base.deferred import on_first_call
from segcli.base.money import MOST, exponent, half_up, to_text
from segcli.base.spelling import label_problem
from segcli.base.text import fold, key, plain

_provided: dict[str, tuple[int, Callable[[sqlite3.Connection], Callable[..., Any]]]] = {}


def provide(name: str, count: int, make: Callable[[sqlite3.Connection], Callable[..., Any]]) -> None:
    """Register a function of `count` arguments, implemented above storage, on every later connection.

    `make` returns the function for a connection; it is called when SQL first calls the function.
    """
    _provided[name] = count, make


def provided(name: str, db: sqlite3.Connection) -> Callable[..., Any]:
    """Return a function that was provided from above storage, for a connection."""
    return _provided[name][1](db)


def register(db: sqlite3.Connection) -> None:
    """Register the functions on a connection to a segcli database."""
    register_pure(db)
    salts: list[str] = []
    db.create_function("mail_hash", 1, partial(_mail_hash, db, salts))
    db.create_function("mail_hashes", 2, partial(_mail_hashes, db, salts))
    db.create_function("is_opted_out", 1, partial(_is_opted_out, db, salts))
    for name, (count, make) in _provided.items():
        db.create_function(name, count, on_first_call(partial(make, db)))


def register_pure(db: sqlite3.Connection) -> None:
    """Register the functions whose results depend on their arguments alone, on a connection to any database."""
    db.create_function("fold", 1, lambda text: None if text is None else fold(text), deterministic=True)
    db.create_function("label_key", 1, lambda text: None if text is None else key(text), deterministic=True)
    db.create_function("label_problem", 2, label_problem, deterministic=True)
    db.create_function("mail_key", 1, _of_address("same"), deterministic=True)
    db.create_function("mail_address", 1, _of_address("address"), deterministic=True)
    db.create_function("name_key", 1, lambda name: None if name is None else name_key(name), deterministic=True)
    db.create_function("plain", 1, lambda text: plain(text) or None, deterministic=True)
    db.create_function("in_base", 4, in_base, deterministic=True)
    db.create_function("bucket", 2, bucket, deterministic=True)
    db.create_function("share", 3, share, deterministic=True)
    db.create_function("amount_text", 2, amount_text, deterministic=True)


def _of_address(name: str) -> Callable[[str | None], str | None]:
    """Return a function of email_addresses that imports the module when first called, because few commands need it."""

    def found(text: str | None) -> str | None:
        from segcli.domain import email_addresses

        made: str | None = getattr(email_addresses, name)(text) if text else text
        return made

    return found


def name_key(name: str) -> str:
    """Return the comparison key of a name: no case, no accents, single spaces between words."""
    return " ".join(fold(name).split())


def mail_hash(salt: str, text: str) -> str:
    """Return the salted hash that replaces an erased address, or another value stored only as a hash."""
    import hashlib

    return hashlib.sha256(f"{salt}|{text.strip().casefold()}".encode()).hexdigest()


def _mail_hash(db: sqlite3.Connection, salts: list[str], text: str | None) -> str | None:
    return None if text is None else mail_hash(_salt(db, salts), text)


def _is_opted_out(db: sqlite3.Connection, salts: list[str], address: str | None) -> int:
    """Return 1 if the address has opted out, in any spelling, else 0."""
    hashes = _hashes(db, salts, "", address)
    marks = ", ".join("?" * len(hashes))
    sql = f"SELECT EXISTS (SELECT 1 FROM opt_out WHERE address_hash IN ({marks}))"
    return int(db.execute(sql, hashes).fetchone()[0])


def _mail_hashes(db: sqlite3.Connection, salts: list[str], prefix: str, address: str | None) -> str:
    """Return as JSON the hashes under which an address may be stored, including those of earlier versions of segcli."""
    import json

    return json.dumps(_hashes(db, salts, prefix, address))


def _hashes(db: sqlite3.Connection, salts: list[str], prefix: str, address: str | None) -> list[str]:
    from segcli.domain import email_addresses

    salt = _salt(db, salts)
    return [mail_hash(salt, prefix + key) for key in email_addresses.keys(address or "")]


def _salt(db: sqlite3.Connection, salts: list[str]) -> str:
    if not salts:
        salts.append(db.execute("SELECT mailing_salt FROM administration").fetchone()[0])
    return salts[0]


def share(amount: int | None, part: int | None, whole: int | None) -> int | float | None:
    """Return amount * part / whole, exact and rounded half away from zero (SQLite's round() and / use floats).

    A result beyond SQLite's integer range is returned as a float, which the amount columns refuse.
    """
    if amount is None or part is None or not whole:
        return None
    found = half_up(amount * part, whole)
    return found if abs(found) <= MOST else float(found)


def in_base(amount: int | None, currency: str, rate: str | None, base: str) -> int | float | None:
    """Convert minor units of `currency` to minor units of `base`, rounded half away from zero; None without a rate.

    `rate` is the price of one unit of `base` in `currency`: '1.0583', or a fraction of two minor amounts: '2000/1890'.
    Fractions of a minor unit (FINE) are converted to the same fractions. Overflow gives a float, as in `share`.
    """
    if amount is None or rate is None:
        return None
    below, _, above = rate.partition("/")
    if above:
        return share(amount, int(above), int(below))
    digits, _, decimals = below.partition(".")
    scale = len(decimals) + exponent(base) - exponent(currency)
    rate_digits = int(digits + decimals)
    if scale >= 0:
        return share(amount, 10**scale, rate_digits)
    return share(amount, 1, rate_digits * 10**-scale)


def amount_text(amount: int | None, currency: str) -> str | None:
    """Format an amount with its decimals, for messages."""
    return None if amount is None else to_text(amount, currency)


def bucket(seed: str, text: str) -> int:
    """Return a bucket from 0 to 9,999 that depends only on the seed and the text."""
    import hashlib

    return int(hashlib.sha256(f"{seed}|{text}".encode()).hexdigest()[:8], 16) % 10_000
