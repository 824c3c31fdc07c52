"""What the database holds of a person, and taking it away for good.

Bookkeeping is kept as the law asks: accounts, invoices and amounts stay, and what stands in their descriptions is told, not
changed. Backups are files of their own, which nothing here reaches.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from segcli.classification import nearest
from segcli.errors import UsageError
from segcli.functions import mail_key
from segcli.overview import Cell
from segcli.text import fold

GONE = "anonymised"
PERSONAL = ("first_name", "middle_name", "last_name", "job_title", "email", "phone", "mobile", "language", "notes", "consent_basis",
            "consent_source", "consent_date", "external_id")  # fmt: skip
WORDS = ("name", "email", "phone", "mobile")  # what is looked for where people write freely
# Free text outside bookkeeping; the accounts' own address is there too where it is that of the person.
_FREE = {
    "request": ("description", "notes", "assignee", "created_by"),
    "run": ("reason", "summary", "command"),
    "opt_out": ("source",),
    "account": ("email", "remarks"),
    "contact": ("notes",),
    "selection": ("flags", "description"),
    "marketing_list": ("flags", "description"),
    "subscription": ("remarks", "description", "your_reference"),
}
_KEPT = {"invoice": ("description", "your_reference"), "invoice_line": ("description",), "transaction_line": ("description",),
         "outstanding_item": ("description", "reference"), "allocation": ("reference",)}  # fmt: skip
_FEWEST = 4  # letters of a word that is looked for


class Person(NamedTuple):
    """A contact: its id, its account's code and its own."""

    id: int
    account: str
    code: str
    name: str
    email: str | None


def find(db: sqlite3.Connection, who: str) -> list[Person]:
    """Return the contacts that have an e-mail address, or the one of ACCOUNT:CODE. A UsageError where there is none."""
    sql = "SELECT c.id, a.code, c.code, c.name, c.email FROM contact AS c JOIN account AS a ON a.id = c.account_id"
    if "@" in who:
        rows = db.execute(f"{sql} WHERE mail_key(c.email) = ? ORDER BY a.code, c.id", (mail_key(who),)).fetchall()
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
    """Yield all that is known of a person: what it is part of, which one, the field and its value."""
    yield "account", person.account, "name", _one(db, "SELECT name FROM account WHERE code = ?", person.account)
    found = db.execute("SELECT * FROM contact WHERE id = ?", (person.id,))
    names = [column[0] for column in found.description]
    for name, value in zip(names, found.fetchone(), strict=True):
        if name not in {"id", "account_id", "search_text"} and value not in (None, ""):
            yield "contact", person.code, name, value
    for sql, section, fields in (
        ("""SELECT m.name, 'member' FROM marketing_list AS m JOIN marketing_list_member AS k ON k.marketing_list_id = m.id
             WHERE k.contact_id = ? ORDER BY 1""", "list", ("is",)),
        ("""SELECT m.name, r.started_at, CASE k.was_added WHEN 1 THEN 'came' ELSE 'went' END FROM marketing_list_change AS k
              JOIN marketing_list AS m ON m.id = k.marketing_list_id JOIN run AS r ON r.id = k.run_id
             WHERE k.contact_id = ? ORDER BY r.id""", "list history", ("when", "what")),
        ("""SELECT request_number, request_date, type, description, notes FROM request WHERE contact_id = ? ORDER BY id""",
         "request", ("date", "type", "description", "notes")),
    ):  # fmt: skip
        for key, *values in db.execute(sql, (person.id,)):
            yield from ((section, key, name, value) for name, value in zip(fields, values, strict=True) if value)
    if person.email:
        sql = "SELECT opt_out_date, source FROM opt_out WHERE address_hash = mail_hash(?)"
        for day, source in db.execute(sql, (person.email,)):
            yield from (("opt-out", None, name, value) for name, value in (("date", day), ("source", source)) if value)


def _one(db: sqlite3.Connection, sql: str, *values: Cell) -> Cell:
    row = db.execute(sql, values).fetchone()
    return None if row is None else row[0]


class Left(NamedTuple):
    """What was done beyond the contacts themselves, and what stays."""

    texts: int  # free texts in which the person was named
    accounts: tuple[str, ...]  # those that had the person's address as their own
    kept: int  # descriptions of bookkeeping in which the person is named


def anonymise(db: sqlite3.Connection, people: Sequence[Person], run_id: int, today: str) -> Left:
    """Take the data of these contacts away, in the open transaction. They stay as empty rows, to which others refer."""
    words: set[str] = set()
    for person in people:
        row = db.execute(f"SELECT {', '.join(WORDS)} FROM contact WHERE id = ?", (person.id,)).fetchone()
        words |= {value.strip() for value in row if value and len(value.strip()) >= _FEWEST}
        _remember(db, person, run_id)
        _block(db, person, people, run_id, today)
        empty = ", ".join(f"{column} = NULL" for column in PERSONAL)
        db.execute(
            f"UPDATE contact SET {empty}, code = ?, name = ?, search_text = '', is_mailing_excluded = 1, is_main_contact = 0,"
            " end_date = coalesce(end_date, ?) WHERE id = ?", (f"{GONE}-{person.id}", GONE, today, person.id),
        )  # fmt: skip
        db.execute("DELETE FROM marketing_list_member WHERE contact_id = ?", (person.id,))
    accounts = _accounts(db, words)
    changed = {table: _scrub(db, table, columns, words) for table, columns in _FREE.items()}
    _search_again(db, changed)
    kept = sum(_count(db, table, columns, words) for table, columns in _KEPT.items())
    return Left(sum(map(len, changed.values())), accounts, kept)


def _remember(db: sqlite3.Connection, person: Person, run_id: int) -> None:
    """Keep the hashes by which the person is known in the next file."""
    account, external = db.execute("SELECT account_id, external_id FROM contact WHERE id = ?", (person.id,)).fetchone()
    keys = [f"code|{account}|{person.code}", f"name|{account}|{person.name}"]
    keys += [
        f"{what}|{value}"
        for what, value in (("id", external), ("mail", person.email and mail_key(person.email)))
        if value
    ]
    db.executemany("INSERT OR IGNORE INTO anonymised (key_hash, contact_id, run_id) VALUES (mail_hash(?), ?, ?)",
                   [(key, person.id, run_id) for key in keys])  # fmt: skip


def _block(db: sqlite3.Connection, person: Person, people: Sequence[Person], run_id: int, today: str) -> None:
    """Let the address stay out of lists, unless others share it."""
    if not person.email:
        return
    ids = ", ".join(str(one.id) for one in people)
    if _one(db, f"SELECT 1 FROM contact WHERE mail_key(email) = ? AND id NOT IN ({ids})", mail_key(person.email)):
        return
    db.execute("INSERT INTO opt_out (address_hash, opt_out_date, source, run_id) VALUES (mail_hash(?), ?, ?, ?) ON CONFLICT DO NOTHING",
               (person.email, today, GONE, run_id))  # fmt: skip


def _holds(columns: Iterable[str], words: Iterable[str]) -> tuple[str, list[str]]:
    """Return the condition that one of the words stands in one of the columns, and what is bound in it."""
    pairs = [(column, fold(word)) for column in columns for word in words]
    return " OR ".join(f"instr(fold({column}), ?) > 0" for column, _ in pairs) or "0", [word for _, word in pairs]


def _count(db: sqlite3.Connection, table: str, columns: Iterable[str], words: Iterable[str]) -> int:
    condition, bound = _holds(columns, words)
    return int(db.execute(f"SELECT count(*) FROM {table} WHERE {condition}", bound).fetchone()[0])


def _accounts(db: sqlite3.Connection, words: Iterable[str]) -> tuple[str, ...]:
    condition, bound = _holds(("email",), (word for word in words if "@" in word))
    return tuple(row[0] for row in db.execute(f"SELECT code FROM account WHERE {condition} ORDER BY code", bound))


def _scrub(db: sqlite3.Connection, table: str, columns: Sequence[str], words: Iterable[str]) -> list[int | str]:
    """Take the words out of free text; return the keys of the rows that had them."""
    longest_first = sorted(words, key=len, reverse=True)
    condition, bound = _holds(columns, longest_first)
    key = "address_hash" if table == "opt_out" else "rowid"
    pattern = re.compile("|".join(_loosely(word) for word in longest_first) or "(?!)", re.IGNORECASE)
    rows = db.execute(f"SELECT {key}, {', '.join(columns)} FROM {table} WHERE {condition}", bound).fetchall()
    for number, *values in rows:
        cleaned = [_without(pattern, column, value) for column, value in zip(columns, values, strict=True)]
        db.execute(f"UPDATE {table} SET {', '.join(f'{c} = ?' for c in columns)} WHERE {key} = ?", (*cleaned, number))
    return [row[0] for row in rows]


def _without(pattern: re.Pattern[str], column: str, value: str | None) -> str | None:
    """Return a text without the words; an address or number that was nothing else is empty then."""
    if value is None:
        return None
    cleaned = pattern.sub(GONE, value)
    return None if column == "email" and cleaned != value else cleaned


def _loosely(word: str) -> str:
    """Return a pattern of a word that does not look at accents."""
    return "".join(
        f"[{re.escape(c + d)}]" if (d := fold(c)) != c.lower() and len(d) == 1 else re.escape(c) for c in word
    )


def _search_again(db: sqlite3.Connection, changed: Mapping[str, list[int | str]]) -> None:
    """Make the search texts of changed rows anew, and the indexes: what is deleted from these stays in them until then."""
    from segcli.kinds import account, contact, request

    makers: Mapping[str, tuple[Sequence[str], Callable[[Sequence[Cell]], str]]] = {
        "account": (
            ["code" if name == "account" else name for name in account.SEARCHED],
            account.search_text(account.SEARCHED),
        ),
        "contact": (
            contact.SEARCHED,
            lambda values: contact.search_text(dict(zip(contact.SEARCHED, values, strict=True))),
        ),
        "request": (
            request.SEARCHED,
            lambda values: request.search_text(dict(zip(request.SEARCHED, values, strict=True))),
        ),
    }
    for table, (columns, make) in makers.items():
        for number in changed[table]:
            values = db.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE id = ?", (number,)).fetchone()
            db.execute(f"UPDATE {table} SET search_text = ? WHERE id = ?", (make(values), number))
    for table in ("contact", "account") if changed["account"] else ("contact",):
        db.execute(f"INSERT INTO {table}_search ({table}_search) VALUES ('rebuild')")


def is_gone(db: sqlite3.Connection, who: str) -> bool:
    """Tell whether an address, or ACCOUNT:CODE, is that of a person who was anonymised, and of nobody else since."""
    if "@" in who:
        key, there = f"mail|{mail_key(who)}", _one(db, "SELECT 1 FROM contact WHERE mail_key(email) = ?", mail_key(who))
    else:
        account, _, code = (part.strip() for part in who.partition(":"))
        number = _one(db, "SELECT id FROM account WHERE code = ?", account)
        key = f"code|{number}|{code}"
        there = _one(db, "SELECT 1 FROM contact WHERE account_id = ? AND code = ?", number, code)
    return there is None and _one(db, "SELECT 1 FROM anonymised WHERE key_hash = mail_hash(?)", key) is not None


def clean(db: sqlite3.Connection) -> str:
    """Leave nothing of what was deleted in free pages or in the write-ahead log; return what kept it from that, or ''.

    Takes a while for a large database, and cannot be done while others read it.
    """
    db.execute("PRAGMA busy_timeout=1000")
    try:
        db.execute("VACUUM")
        is_busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if str(error) == "interrupted":
            raise
        is_busy = error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
        return "others are reading the database" if is_busy else f"the database could not be written anew ({error})"
    return "others are reading the database" if is_busy else ""
