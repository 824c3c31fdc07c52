"""Access: find a person among the contacts, and report everything that the database holds about them."""

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from segcli.base.errors import UsageError
from segcli.domain.catalogue import nearest
from segcli.domain.email_addresses import same
from segcli.domain.table import Cell
from segcli.storage.sql_functions import name_key


class Person(NamedTuple):
    """A contact: its id, its account's code and its own code."""

    id: int
    account: str
    code: str
    name: str
    email: str | None


def find(db: sqlite3.Connection, who: str) -> list[Person]:
    """Return the contacts that `who` names: an e-mail address, or ACCOUNT:CODE. A UsageError if no contact matches."""
    sql = "SELECT c.id, a.code, c.code, c.name, c.email FROM contact AS c JOIN account AS a ON a.id = c.account_id"
    if "@" in who:
        rows = db.execute(f"{sql} WHERE mail_key(c.email) = ? ORDER BY a.code, c.id", (same(who),)).fetchall()
        hint = "search: segcli show contact-search WORDS"
    else:
        account, _, code = who.partition(":")
        rows = db.execute(f"{sql} WHERE a.code = ? AND c.code = ?", (account.strip(), code.strip())).fetchall()
        known = db.execute(
            "SELECT c.code FROM contact AS c JOIN account AS a ON a.id = c.account_id WHERE a.code = ?",
            (account.strip(),),
        )
        hint = (
            nearest(code.strip(), [row[0] for row in known])
            if code
            else "write an e-mail address, or ACCOUNT:CODE as in 000017:1"
        )
    if not rows:
        raise UsageError(f"there is no contact '{who}'", hint)
    return [Person(*row) for row in rows]


def held(db: sqlite3.Connection, person: Person) -> Iterator[tuple[str, Cell, str, Cell]]:
    """Yield everything stored about a person: kind of record, which record, field, value."""
    yield "account", person.account, "name", first_value(db, "SELECT name FROM account WHERE code = ?", person.account)
    found = db.execute("SELECT * FROM contact WHERE id = ?", (person.id,))
    names = [column[0] for column in found.description]
    for name, value in zip(names, found.fetchone(), strict=True):
        if name not in {"id", "account_id", "search_text"} and value not in (None, ""):
            yield "contact", person.code, name, value
    for sql, section, fields in (
        ("""SELECT m.name, 'member', (SELECT group_concat(DISTINCT g.group_name) FROM marketing_list_account AS g
               WHERE g.marketing_list_id = m.id AND g.account_id = c.account_id)
              FROM marketing_list AS m JOIN marketing_list_member AS k ON k.marketing_list_id = m.id
              JOIN contact AS c ON c.id = k.contact_id WHERE c.id = ? ORDER BY 1""", "list", ("is", "group")),
        ("""SELECT m.name, r.started_at, CASE k.was_added WHEN 1 THEN 'came' ELSE 'went' END FROM marketing_list_change AS k
              JOIN marketing_list AS m ON m.id = k.marketing_list_id JOIN run AS r ON r.id = k.run_id
             WHERE k.contact_id = ? ORDER BY r.id""", "list history", ("when", "what")),
        ("""SELECT request_number, request_date, type, description, notes FROM request WHERE contact_id = ? ORDER BY id""",
         "request", ("date", "type", "description", "notes")),
    ):  # fmt: skip
        for key, *values in db.execute(sql, (person.id,)):
            yield from ((section, key, name, value) for name, value in zip(fields, values, strict=True) if value)
    sql = "SELECT id, payment_date, counter_name, counter_iban, description FROM bank_payment WHERE name_key(counter_name) = ? ORDER BY id"
    for key, *values in db.execute(sql, (name_key(person.name),)):
        shown = zip(("date", "name", "iban", "text"), values, strict=True)
        yield from (("bank payment", key, name, value) for name, value in shown if value)
    if person.email:
        sql = "SELECT file_name, sent_at, status FROM sent_message WHERE mail_key(recipient) = ? ORDER BY id"
        for name, *found in db.execute(sql, (same(person.email),)):
            yield from (("e-mail", name, field, value) for field, value in zip(("when", "status"), found, strict=True))
        sql = "SELECT opt_out_date, source FROM opt_out WHERE address_hash IN (SELECT value FROM json_each(mail_hashes('', ?)))"
        for day, source in db.execute(sql, (person.email,)):
            yield from (("opt-out", None, name, value) for name, value in (("date", day), ("source", source)) if value)


def first_value(db: sqlite3.Connection, sql: str, *values: Cell) -> Cell:
    """Return the first value of the first row, None if there is no row."""
    row = db.execute(sql, values).fetchone()
    return None if row is None else row[0]


def is_gone(db: sqlite3.Connection, who: str) -> bool:
    """Tell whether an address, or ACCOUNT:CODE, belonged to an anonymised person and to nobody else since."""
    if "@" in who:
        there = first_value(db, "SELECT 1 FROM contact WHERE mail_key(email) = ?", same(who))
        key, known = who, "key_hash IN (SELECT value FROM json_each(mail_hashes('mail|', ?)))"
    else:
        account, _, code = (part.strip() for part in who.partition(":"))
        number = first_value(db, "SELECT id FROM account WHERE code = ?", account)
        key, known = f"code|{number}|{code}", "key_hash = mail_hash(?)"
        there = first_value(db, "SELECT 1 FROM contact WHERE account_id = ? AND code = ?", number, code)
    return there is None and first_value(db, f"SELECT 1 FROM anonymised WHERE {known}", key) is not None
