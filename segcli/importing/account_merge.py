"""Merge of two accounts: all records of one move to the other, which keeps its own data.

The tables that refer to accounts are found by the foreign keys of the schema. The code and the GUID of the removed account
become references of the other one, so that later files find it by them. Every change is recorded for undo.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from segcli.base.errors import SegcliError
from segcli.base.text import counted
from segcli.domain.catalogue import CLASSES
from segcli.importing import search_texts
from segcli.importing.kinds.machinery.references import OF_CODE, OF_ID
from segcli.storage import change_notes, summaries
from segcli.storage.table_shapes import Shape, is_recorded, references, shapes

# The history of classes moves field by field, and with the class.
_CLASSES = "classification_change"
_ADDRESS = (
    "address",
    "postcode",
    "city",
    "state",
    "country",
)  # filled together, so that a street does not get the city of another address
_OWN = frozenset({"id", "code", "name", "status", "end_date", "search_text", "added_run_id", "invoice_by", "is_blocked",
                  "is_sales", "is_supplier", "is_mailing_excluded", *CLASSES, *_ADDRESS})  # fmt: skip
_EITHER = ("is_sales", "is_supplier", "is_mailing_excluded")  # true if it is true of either account
_SAME = frozenset({"account_iban"})  # rows that both accounts have are one


@dataclass(slots=True)
class Merged:
    """What a merge did, or would do."""

    moved: dict[str, int] = field(default_factory=dict)  # table -> rows
    renumbered: list[tuple[str, str]] = field(default_factory=list)  # contact codes, before and after
    filled: dict[str, tuple[object, object]] = field(default_factory=dict)  # column -> before and after
    referred: list[str] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)  # values of the removed account that are lost, and why

    @property
    def summary(self) -> str:
        """Return the result as text."""
        parts = [counted(count, table.replace("_", " ")) for table, count in self.moved.items()]
        parts += [counted(len(self.filled), "field") + " filled"] if self.filled else []
        return f"{', '.join(parts)}" if parts else "nothing was attached to it"


def merge(db: sqlite3.Connection, run_id: int, goes: int, stays: int) -> Merged:
    """Merge the account with id `goes` into the account with id `stays`, in the open transaction.

    Raises SegcliError if both have a record of the same number, or if persons of `goes` were anonymised.
    """
    _refuse_anonymised(db, goes, stays)
    every = shapes(db)
    places = [(ref.child, ref.column) for ref in references(db) if ref.parent == "account"]
    also = {table for table, _ in places if not is_recorded(table)}
    recording = change_notes.start(db, run_id, also)
    done, pair = Merged(), (goes, stays)
    ours, theirs = _row(db, stays), _row(db, goes)
    summaries.touch(db, "SELECT id FROM invoice WHERE ordered_by_id = ?", goes)
    _renumber(db, pair, str(theirs["code"]), done)
    _leave_mains(db, pair)
    _merge_classes(db, run_id, pair, done)
    for table, column in places:
        if table != _CLASSES:
            _move(db, every[table], column, pair, done)
    summaries.touch(db, "SELECT id FROM invoice WHERE ordered_by_id = ?", stays)
    summaries.refresh(db)
    db.execute(f"DELETE FROM {_CLASSES} WHERE account_id = ?", (goes,))
    db.execute("DELETE FROM account WHERE id = ?", (goes,))
    _fill(db, ours, theirs, done)
    _refer(db, stays, theirs, done)
    search_texts.refresh(db, "account", f"r.id = {int(stays)}")
    recording.finish(("account",))
    return done


def _row(db: sqlite3.Connection, number: int) -> Mapping[str, Any]:
    found = db.execute("SELECT * FROM account WHERE id = ?", (number,))
    return dict(zip((column[0] for column in found.description), found.fetchone(), strict=True))


def _refuse_anonymised(db: sqlite3.Connection, goes: int, stays: int) -> None:
    """Refuse to move anonymised persons: they are recognised in files by their account, and an import would restore them."""
    sql = "SELECT EXISTS (SELECT 1 FROM anonymised JOIN contact AS c ON c.id = contact_id WHERE c.account_id = ?)"
    if db.execute(sql, (goes,)).fetchone()[0]:
        code, other = (_row(db, number)["code"] for number in (goes, stays))
        raise SegcliError(
            f"account {code} has anonymised contacts; as contacts of {other} the next file would bring them back",
            f"merge the other way round: segcli account merge {other} {code}",
        )


def _renumber(db: sqlite3.Connection, pair: tuple[int, int], code: str, done: Merged) -> None:
    """Rename contacts whose code exists in both accounts to ACCOUNT-CODE, by which later files find them."""
    goes, stays = pair
    taken = {text for (text,) in db.execute("SELECT code FROM contact WHERE account_id IN (?, ?)", pair)}
    clashing = db.execute(
        "SELECT c.id, c.code FROM contact AS c JOIN contact AS o ON o.account_id = ? AND o.code = c.code"
        " WHERE c.account_id = ? ORDER BY c.id",
        (stays, goes),
    ).fetchall()
    for number, old in clashing:
        new = next(text for text in _codes(f"{code}-{old}") if text not in taken)
        taken.add(new)
        db.execute("UPDATE contact SET code = ? WHERE id = ?", (new, number))
        done.renumbered.append((old, new))


def _codes(first: str) -> Iterator[str]:
    yield first
    number = 1
    while True:
        number += 1
        yield f"{first}-{number}"


def _leave_mains(db: sqlite3.Connection, pair: tuple[int, int]) -> None:
    """Keep one main contact and one main entry template."""
    goes, stays = pair
    for table, column in (("contact", "is_main_contact"), ("entry_template_link", "is_main")):
        db.execute(
            f"UPDATE {table} SET {column} = 0 WHERE account_id = ?1 AND {column} = 1"
            f" AND EXISTS (SELECT 1 FROM {table} WHERE account_id = ?2 AND {column} = 1)",
            (goes, stays),
        )


def _merge_classes(db: sqlite3.Connection, run_id: int, pair: tuple[int, int], done: Merged) -> None:
    """Keep the classes of the account that stays; fill those that it lacks, with their history if it has none of its own."""
    goes, stays = pair
    names = ", ".join(CLASSES)
    mine, theirs = (db.execute(f"SELECT {names} FROM account WHERE id = ?", (n,)).fetchone() for n in (stays, goes))
    for number, (own, other) in enumerate(zip(mine, theirs, strict=True), 1):
        if own is None and other is not None:
            moved = db.execute(
                f"UPDATE {_CLASSES} SET account_id = ?2 WHERE account_id = ?1 AND field = ?3"
                f" AND NOT EXISTS (SELECT 1 FROM {_CLASSES} WHERE account_id = ?2 AND field = ?3)",
                (goes, stays, number),
            ).rowcount
            db.execute(
                f"INSERT INTO {_CLASSES} (run_id, account_id, field, old_value_id, new_value_id) VALUES (?, ?, ?, NULL, ?)",
                (run_id, stays, number, other),
            )
            db.execute(f"UPDATE account SET class{number} = ? WHERE id = ?", (other, stays))
            done.filled[f"class{number}"] = (None, _value(db, other))
            if moved:
                done.moved[_CLASSES] = done.moved.get(_CLASSES, 0) + moved
        elif other is not None and other != own:
            done.stays.append(f"class{number} stays {_value(db, own)}, not {_value(db, other)}")


def _value(db: sqlite3.Connection, number: int) -> str:
    return str(db.execute("SELECT code FROM classification_value WHERE id = ?", (number,)).fetchone()[0])


def _move(db: sqlite3.Connection, shape: Shape, column: str, pair: tuple[int, int], done: Merged) -> None:
    """Move the rows of a table that refer to the account by a column."""
    table, (goes, stays) = shape.table, pair
    if column in shape.key:  # undo identifies such a row by its key, so the moved row is a new one
        others = [name for name in shape.columns if name != column]
        listed = ", ".join((column, *others))
        count = db.execute(
            f"INSERT OR IGNORE INTO {table} ({listed}) SELECT {', '.join(('?2', *others))} FROM {table} WHERE {column} = ?1",
            (goes, stays),
        ).rowcount
        left = db.execute(f"DELETE FROM {table} WHERE {column} = ?", (goes,)).rowcount - count
    else:
        count = db.execute(f"UPDATE OR IGNORE {table} SET {column} = ?2 WHERE {column} = ?1", (goes, stays)).rowcount
        left = _left(db, shape, column, pair)
    if count:
        done.moved[table] = done.moved.get(table, 0) + count
    if left and table not in _SAME:
        done.stays.append(f"{counted(left, table.replace('_', ' '))} dropped: the account has its own")


def _left(db: sqlite3.Connection, shape: Shape, column: str, pair: tuple[int, int]) -> int:
    """Delete the rows that both accounts have, if they are the same; otherwise raise SegcliError."""
    goes, stays = pair
    table = shape.table
    if table in _SAME:
        return db.execute(f"DELETE FROM {table} WHERE {column} = ?", (goes,)).rowcount
    row = db.execute(f"SELECT * FROM {table} WHERE {column} = ? LIMIT 1", (goes,))
    found = row.fetchone()
    if found is None:
        return 0
    names = [description[0] for description in row.description]
    values = dict(zip(names, found, strict=True))
    number = values.get("invoice_number") or values.get("item_key") or values["id"]
    codes = [_row(db, n)["code"] for n in (stays, goes)]
    raise SegcliError(
        f"accounts {codes[0]} and {codes[1]} both have the {table.replace('_', ' ')} {number}",
        "if it is the same one, undo the import that brought it a second time; else give one of them another number",
    )


def _fill(db: sqlite3.Connection, ours: Mapping[str, Any], theirs: Mapping[str, Any], done: Merged) -> None:
    """Fill the empty fields of the account that stays."""
    new = {name: theirs[name] for name in ours if name not in _OWN and ours[name] in {None, ""} and theirs[name]}
    if all(ours[name] in {None, "", theirs[name]} for name in _ADDRESS):
        new |= {name: theirs[name] for name in _ADDRESS if not ours[name] and theirs[name]}
    new |= {name: 1 for name in _EITHER if theirs[name] and not ours[name]}
    if new:
        assigned = ", ".join(f"{name} = ?" for name in new)
        db.execute(f"UPDATE account SET {assigned} WHERE id = ?", (*new.values(), ours["id"]))
    done.filled |= {name: (ours[name], value) for name, value in new.items()}


def _refer(db: sqlite3.Connection, stays: int, theirs: Mapping[str, Any], done: Merged) -> None:
    """Store the code and the GUID of the removed account as references."""
    done.referred = [f"{OF_CODE}{theirs['code']}"]
    if theirs["external_id"]:
        done.referred.append(f"{OF_ID}{theirs['external_id']}")
    db.executemany(
        "INSERT INTO account_reference (account_id, reference) VALUES (?, ?) ON CONFLICT (reference) DO NOTHING",
        ((stays, reference) for reference in done.referred),
    )
