"""Erasure: anonymise what the database holds about a person.

Bookkeeping records are kept as the law requires: accounts, invoices and amounts stay, and mentions in their
descriptions are reported, not changed. Backups are separate files and are not touched.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from segcli.domain.email_addresses import same
from segcli.privacy import scrubbing
from segcli.privacy.held_data import Person, first_value
from segcli.privacy.scrubbing import GONE, Finder
from segcli.storage.sql_functions import name_key

PERSONAL = ("first_name", "middle_name", "last_name", "job_title", "email", "phone", "mobile", "language", "notes", "consent_basis",
            "consent_source", "consent_date", "external_id")  # fmt: skip
# Free text outside bookkeeping; the accounts' own address and numbers are there too where they are those of the person.
_FREE = {
    "request": ("description", "notes", "assignee", "created_by"),
    "request_change": ("old_assignee", "new_assignee"),
    "run": ("reason", "summary", "command"),
    "imported_file": ("name",),
    "opt_out": ("source",),
    "account": ("email", "phone", "fax", "remarks"),
    "contact": ("notes",),
    "selection": ("flags", "description"),
    "marketing_list": ("flags", "description"),
    "subscription": ("remarks", "description", "your_reference"),
    "bank_payment": ("counter_name", "counter_iban", "description", "end_to_end_id", "reference"),
    "subscription_line": ("description",),
    "subscription_change": ("old_values", "new_values"),
    "outstanding_item": ("dispute_reason",),
    "import_change": ("old_value", "new_value"),
    "sent_message": ("recipient", "file_name", "answer"),
}
# Nothing is better than half of one.
_EMPTIED = frozenset({("account", "email"), ("account", "phone"), ("account", "fax")})
_BOOKKEEPING = frozenset({"invoice", "invoice_line", "transaction_line", "outstanding_item", "allocation"})
_BATCH = 5000  # rowids whose texts are looked through as one
_MOST = 1 << 63  # rowids are below


class Left(NamedTuple):
    """The side effects of anonymising, and what remains."""

    texts: int  # scrubbed free texts
    accounts: tuple[str, ...]  # accounts whose own address or number was the person's
    kept: int  # bookkeeping rows that still name the person
    others: Mapping[str, int]  # other tables, and how many of their rows name the person: account names, codes


def anonymise(db: sqlite3.Connection, people: Sequence[Person], run_id: int, today: str) -> Left:
    """Anonymise these contacts in the open transaction. They stay as empty rows, because other rows refer to them."""
    sought = [_sought(db, person, people) for person in people]
    for person in people:
        alone = _is_alone(db, person, people)
        _remember(db, person, run_id, with_mail=alone)
        if person.email:
            _block(db, person.email, run_id, today)
        empty = ", ".join(f"{column} = NULL" for column in PERSONAL)
        db.execute(
            f"UPDATE contact SET {empty}, code = ?, name = ?, search_text = '', is_mailing_excluded = 1, is_main_contact = 0,"
            " end_date = coalesce(end_date, ?) WHERE id = ?", (f"{GONE}-{person.id}", GONE, today, person.id),
        )  # fmt: skip
        for table in ("marketing_list_member", "marketing_list_change"):  # undo of a list must not bring them back
            db.execute(f"DELETE FROM {table} WHERE contact_id = ?", (person.id,))
        db.execute(
            "DELETE FROM import_change WHERE table_name = 'contact' AND row_key = ?", (person.id,)
        )  # nor that of an import
    finder = scrubbing.everywhere(sought)
    db.create_function("names_them", -1, finder.stands_in)
    naming = _naming(db, finder.may_stand_in)
    accounts = [
        row[0]
        for row in db.execute(
            f"SELECT code FROM account WHERE {naming.get('account', '0')} AND names_them(email, phone, fax) ORDER BY code"
        )
    ]
    if "bank_payment" in naming:
        db.execute(
            f"UPDATE bank_payment SET counter_iban = NULL WHERE {naming['bank_payment']} AND names_them(counter_name)"
        )
    changed = {
        table: _scrub(db, table, columns, finder, naming[table]) if table in naming else []
        for table, columns in _FREE.items()
    }
    changed["request"] += _scrub_own(db, sought, people)
    changed["account_reference"] = _drop_references(db, naming)
    _search_again(db, changed)
    left = _left(db, naming)
    kept = sum(left.pop(table, 0) for table in _BOOKKEEPING)
    return Left(sum(map(len, changed.values())), tuple(accounts), kept, left)


def _sought(db: sqlite3.Connection, person: Person, people: Sequence[Person]) -> scrubbing.Person:
    """Return the texts to search for; an address or number shared with other contacts is not included."""
    first, last, phone, mobile = db.execute(
        "SELECT first_name, last_name, phone, mobile FROM contact WHERE id = ?", (person.id,)
    ).fetchone()
    ids = ", ".join(str(one.id) for one in people)
    shared = f"SELECT 1 FROM contact WHERE ? IN (phone, mobile) AND id NOT IN ({ids})"
    numbers = [number for number in (phone, mobile) if number and not first_value(db, shared, number)]
    addresses = [person.email] if person.email and _is_alone(db, person, people) else []
    return scrubbing.Person(person.name, first, last, addresses, numbers)


def _is_alone(db: sqlite3.Connection, person: Person, people: Sequence[Person]) -> bool:
    """Tell whether no other contact has the person's address."""
    ids = ", ".join(str(one.id) for one in people)
    sql = f"SELECT 1 FROM contact WHERE mail_key(email) = ? AND id NOT IN ({ids})"
    return person.email is None or first_value(db, sql, same(person.email)) is None


def _remember(db: sqlite3.Connection, person: Person, run_id: int, *, with_mail: bool) -> None:
    """Store hashes that identify the person's rows in future imports."""
    account, external = db.execute("SELECT account_id, external_id FROM contact WHERE id = ?", (person.id,)).fetchone()
    keys = [f"code|{account}|{person.code}", f"name|{account}|{name_key(person.name)}"]
    keys += [f"id|{external}"] if external else []
    keys += [f"mail|{same(person.email)}"] if person.email and with_mail else []
    db.executemany("INSERT OR IGNORE INTO anonymised (key_hash, contact_id, run_id) VALUES (mail_hash(?), ?, ?)",
                   [(key, person.id, run_id) for key in keys])  # fmt: skip


def _block(db: sqlite3.Connection, address: str, run_id: int, today: str) -> None:
    """Opt the address out for good, even if the run that opted it out before is undone."""
    db.execute("INSERT INTO opt_out (address_hash, opt_out_date, source, run_id)"
               " VALUES (mail_hash(mail_key(?1)), ?2, ?3, ?4)"
               " ON CONFLICT DO UPDATE SET run_id = excluded.run_id", (address, today, GONE, run_id))  # fmt: skip


def _scrub(db: sqlite3.Connection, table: str, columns: Sequence[str], finder: Finder, where: str) -> list[int | str]:
    """Remove the person's words from free text; return the keys of the changed rows."""
    key = "address_hash" if table == "opt_out" else "rowid"
    rows = db.execute(f"SELECT {key}, {', '.join(columns)} FROM {table} WHERE {where}").fetchall()
    done = []
    for number, *values in rows:
        cleaned = [_cleaned(finder, table, *pair) for pair in zip(columns, values, strict=True)]
        if cleaned != values:
            db.execute(
                f"UPDATE {table} SET {', '.join(f'{c} = ?' for c in columns)} WHERE {key} = ?", (*cleaned, number)
            )
            done.append(number)
    return done


def _cleaned(finder: Finder, table: str, column: str, value: str | int | None) -> str | int | None:
    if not isinstance(value, str) or not finder.stands_in(value):
        return value
    return None if (table, column) in _EMPTIED else finder.cleaned(value)


def _drop_references(db: sqlite3.Connection, naming: Mapping[str, str]) -> list[int | str]:
    """Delete the references of accounts that name the person: half of one would find nothing."""
    if "account_reference" not in naming:
        return []
    rows = db.execute(f"DELETE FROM account_reference WHERE {naming['account_reference']} RETURNING id").fetchall()
    return [number for (number,) in rows]


def _scrub_own(db: sqlite3.Connection, sought: Sequence[scrubbing.Person], people: Sequence[Person]) -> list[int | str]:
    """Also remove parts of their names from requests about these people."""
    found: list[int | str] = []
    for words, person in zip(sought, people, strict=True):
        finder = scrubbing.in_their_own([words])
        found += _scrub(db, "request", _FREE["request"][:2], finder, f"contact_id = {int(person.id)}")
    return found


def _naming(db: sqlite3.Connection, may_name: Callable[[str], bool]) -> dict[str, str]:
    """Return, per table with rows that contain the words, the SQL condition of these rows. It reads every row once.

    The texts of many rows are looked through as one; only where `may_name` is true of it are the rows looked at one by one.
    """
    found = {}
    for (table,) in db.execute(
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT GLOB '*_search*'"
    ).fetchall():
        texts = _texts(db, table)
        if not texts:
            continue
        condition = f"names_them({', '.join(texts)})"
        is_without_rowid = first_value(db, "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", table)
        if is_without_rowid:
            rows = f'(SELECT DISTINCT {", ".join(texts)} FROM "{table}")'
            if first_value(db, f"SELECT 1 FROM {rows} WHERE {condition}"):
                found[table] = condition
            continue
        ids = [
            str(number)
            for first, last in _batches(db, table, texts, may_name)
            for (number,) in db.execute(
                f'SELECT rowid FROM "{table}" WHERE rowid BETWEEN ? AND ? AND {condition}', (first, last)
            )
        ]
        if ids:
            found[table] = f"rowid IN (SELECT value FROM json_each('[{','.join(ids)}]'))"
    return found


def _batches(
    db: sqlite3.Connection, table: str, texts: Sequence[str], may_name: Callable[[str], bool]
) -> Iterator[tuple[int, int]]:
    """Yield the first and the last rowid of each batch of rows whose texts may name somebody."""
    joined = ", ".join(f"group_concat({name}, char(0))" for name in texts)
    following = f'SELECT rowid FROM "{table}" WHERE rowid >= ? ORDER BY rowid LIMIT 1'
    first = first_value(db, following, -_MOST)
    while first is not None:
        last = min(int(first) + _BATCH, _MOST) - 1
        columns = db.execute(f'SELECT {joined} FROM "{table}" WHERE rowid BETWEEN ? AND ?', (first, last)).fetchone()
        if may_name("\0".join(text for text in columns if text is not None)):
            yield int(first), last
        first = first_value(db, following, last + 1) if last < _MOST - 1 else None


def _texts(db: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns that may hold a person's words: not those whose form the schema checks, dates and currencies."""
    columns = [row[1] for row in db.execute(f'PRAGMA table_info("{table}")') if row[2] in {"TEXT", "ANY"}]
    return [name for name in columns if name != "currency" and not name.endswith("_date")]


def _left(db: sqlite3.Connection, naming: Mapping[str, str]) -> dict[str, int]:
    """Return, per table, the number of rows that still contain the words, of those that did."""
    found = {}
    for table, condition in naming.items():
        sql = f'SELECT count(*) FROM "{table}" WHERE {condition} AND names_them({", ".join(_texts(db, table))})'
        if count := first_value(db, sql):
            found[table] = int(count)
    return found


def _search_again(db: sqlite3.Connection, changed: Mapping[str, list[int | str]]) -> None:
    """Rebuild search texts and search indexes: deleted text stays in an index until it is rebuilt."""
    from segcli.importing.search_texts import searched

    for table, (columns, make) in searched().items():
        for number in changed[table]:
            values = db.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE id = ?", (number,)).fetchone()
            db.execute(f"UPDATE {table} SET search_text = ? WHERE id = ?", (make(values), number))
    for table in ("contact", "account") if changed["account"] else ("contact",):
        db.execute(f"INSERT INTO {table}_search ({table}_search) VALUES ('rebuild')")


def clean(db: sqlite3.Connection) -> str:
    """Remove deleted data from free pages and the write-ahead log; return what prevented it, or ''.

    It is slow on a large database and impossible while other processes read it.
    """
    db.execute("PRAGMA busy_timeout=1000")
    try:
        db.execute("VACUUM")
        is_busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if str(error) == "interrupted":
            raise
        is_busy = error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
        return "others are using the database" if is_busy else f"the database could not be written anew ({error})"
    return "others are using the database" if is_busy else ""
