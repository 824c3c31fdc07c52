"""Edits subscriptions by hand (add, change, cancel) and records each change for undo."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from segcli.base import outcome
from segcli.base.errors import UsageError
from segcli.domain.catalogue import nearest
from segcli.domain.subscriptions.amounts import period_amount
from segcli.domain.units import MILLIONTHS
from segcli.query.lookup import near_codes

Row = Mapping[str, Any]  # column names come from the code, never from the user
_DERIVED = frozenset({"id", "period_amount", "subscription_number", "line_number"})  # not in the table of changes
_TABLES = {False: "subscription", True: "subscription_line"}


def find(db: sqlite3.Connection, number: str) -> dict[str, Any]:
    """Return a subscription. Raises UsageError with the nearest numbers."""
    found = _one(db, "SELECT * FROM subscription WHERE subscription_number = ?", number)
    if found is None:
        known = [row[0] for row in db.execute("SELECT subscription_number FROM subscription ORDER BY 1 LIMIT 5000")]
        raise UsageError(f"there is no subscription '{number}'", nearest(number, known))
    return found


def line(db: sqlite3.Connection, subscription: Row, number: int | None) -> dict[str, Any]:
    """Return the line with this number, or the only line. Raises UsageError with a list of the lines."""
    sql = "SELECT * FROM subscription_line WHERE subscription_id = ? AND line_number = coalesce(?, line_number)"
    names = [row[1] for row in db.execute("PRAGMA table_info(subscription_line)")]
    rows = db.execute(f"{sql} ORDER BY line_number", (subscription["id"], number)).fetchall()
    if len(rows) != 1:
        lines = db.execute(
            "SELECT line_number FROM subscription_line WHERE subscription_id = ? ORDER BY 1", (subscription["id"],)
        )
        there = ", ".join(str(row[0]) for row in lines) or "none"
        asked = "it has not one line" if number is None else f"it has no line {number}"
        raise UsageError(f"subscription {subscription['subscription_number']}: {asked}", f"--line N; there is: {there}")
    return dict(zip(names, rows[0], strict=True))


def item(db: sqlite3.Connection, code: str) -> int:
    """Return the id of an item. Raises UsageError with the nearest codes."""
    row = db.execute("SELECT id FROM item WHERE code = ?", (code,)).fetchone()
    if not row:
        raise UsageError(f"there is no item '{code}'", nearest(code, near_codes(db, "item", code)))
    return int(row[0])


def next_number(db: sqlite3.Connection) -> str:
    """Return the number after the highest one that is all digits, or digits after a prefix."""
    last = db.execute(
        "SELECT subscription_number FROM subscription WHERE subscription_number GLOB '*[0-9]'"
        " ORDER BY length(subscription_number) DESC, subscription_number DESC LIMIT 1"
    ).fetchone()
    if not last:
        return "1"
    head = last[0].rstrip("0123456789")
    digits = last[0][len(head) :]
    return f"{head}{int(digits) + 1:0{len(digits)}d}"


class Editor:
    """Changes subscriptions and their lines in one run, and records each change."""

    def __init__(self, db: sqlite3.Connection, run_id: int) -> None:
        self.db = db
        self.run_id = run_id

    def insert(self, values: Row, *, is_line: bool) -> int:
        """Add a subscription or a line; return its id."""
        columns, marks = ", ".join(values), ", ".join("?" * len(values))
        sql = f"INSERT INTO {_TABLES[is_line]} ({columns}) VALUES ({marks}) RETURNING id"
        made = int(self._execute(sql, values.values()).fetchone()[0])
        self._note(made, None, values, is_line=is_line)
        return made

    def update(self, row: Row, values: Row, *, is_line: bool) -> bool:
        """Change a subscription or a line; tell whether anything changed."""
        new = {column: value for column, value in values.items() if row[column] != value}
        if not new:
            return False
        assigned = ", ".join(f"{column} = ?" for column in new)
        self._execute(f"UPDATE {_TABLES[is_line]} SET {assigned} WHERE id = ?", (*new.values(), row["id"]))
        self._note(row["id"], {column: row[column] for column in new}, new, is_line=is_line)
        return True

    def _execute(self, sql: str, values: Iterable[object]) -> sqlite3.Cursor:
        try:
            return self.db.execute(sql, tuple(values))
        except OverflowError as error:
            raise UsageError(
                "this quantity times this price is more than can be kept", "2^63 of the smallest unit"
            ) from error

    def _note(self, number: int, old: Row | None, new: Row, *, is_line: bool) -> None:
        owner = "(SELECT subscription_id FROM subscription_line WHERE id = ?)" if is_line else "?"
        before = None if old is None else json.dumps(old)
        self.db.execute(
            "INSERT INTO subscription_change (run_id, subscription_id, line_id, old_values, new_values)"
            f" VALUES (?, {owner}, ?, ?, ?)",
            (self.run_id, number, number if is_line else None, before, json.dumps(dict(new))),
        )
        self._tell(number, old, new, is_line=is_line)

    def _tell(self, number: int, old: Row | None, new: Row, *, is_line: bool) -> None:
        """Record the change for the table of changes, without internal columns."""
        sql = "SELECT subscription_number, '' FROM subscription WHERE id = ?"
        if is_line:
            sql = (
                "SELECT s.subscription_number, ' line ' || l.line_number FROM subscription_line AS l"
                " JOIN subscription AS s ON s.id = l.subscription_id WHERE l.id = ?"
            )
        record = "subscription {}{}".format(*self.db.execute(sql, (number,)).fetchone())
        for column, value in new.items():
            if not column.endswith("_id") and column not in _DERIVED and (old is not None or value is not None):
                before = None if old is None else _shown(column, old[column])
                outcome.current().change(record, column, before, _shown(column, value))

    def change_line(self, head: Row, old: Row, values: Row, day: date | None) -> bool:
        """Change a line from a day on: in place if none of it was invoiced, else by a new line that follows it.

        Without a day it is the first day not invoiced yet. Raises UsageError for a day that was invoiced.
        """
        new = {**values, "period_amount": worth({**old, **values}, head["currency"])}
        if all(old[column] == value for column, value in new.items()):
            return False
        begins = date.fromisoformat(old["start_date"] or head["start_date"])
        day = _first_day(old, begins, day)
        if day <= begins:
            return self.update(old, new, is_line=True)
        follower = {column: value for column, value in {**old, **new}.items() if column not in {"id", "external_id"}}
        follower |= {
            "start_date": str(day), "line_number": next_line(self.db, old["subscription_id"]), "invoiced_to_date": None,
        }  # fmt: skip
        self.update(old, {"end_date": str(day - timedelta(days=1))}, is_line=True)
        self.insert(follower, is_line=True)
        return True


def _shown(column: str, value: object) -> object:
    """Return a database value as text for people."""
    if column != "quantity" or not isinstance(value, int):
        return value
    from decimal import Decimal

    return f"{Decimal(value).scaleb(-6).normalize():f}"


def _first_day(old: Row, begins: date, day: date | None) -> date:
    """Return the day from which a line can change."""
    invoiced = date.fromisoformat(old["invoiced_to_date"]) if old["invoiced_to_date"] else begins - timedelta(days=1)
    first = invoiced + timedelta(days=1)
    day = day or first
    if old["end_date"] and str(day) > old["end_date"]:
        raise UsageError(f"the line ends on {old['end_date']}, before {day}", "add a line instead: --add")
    if day <= invoiced and old["invoiced_to_date"]:
        raise UsageError(f"--from {day}: the line is invoiced up to {invoiced}", f"the first day is {first}")
    return day


def refuse_beyond(line: Row) -> None:
    """Raise UsageError for numbers that imports reject as well."""
    from segcli.importing.kinds.machinery import bounds

    for column, flag, bound in (
        ("discount_percent", "--discount", bounds.DISCOUNT),
        ("vat_percent", "--vat-percent", bounds.VAT),
    ):
        if column in line and bound.is_wrong(line[column]):
            raise UsageError(f"{flag}: '{line[column]}': {bound.reason}")


def refuse_before_start(heads: Iterable[Row], day: str | None) -> None:
    """Raise UsageError if a subscription would end before it begins."""
    for head in heads:
        number, start = head["subscription_number"], head["start_date"]
        if day is not None and day < start:
            raise UsageError(
                f"subscription {number} begins on {start}: its last day cannot be {day}", f"the first is --on {start}"
            )


def inside(head: Row, day: date) -> str:
    """Return the first day of a new line. Raises UsageError if its subscription does not run then."""
    if str(day) < head["start_date"]:
        raise UsageError(f"--from {day} lies before the start of the subscription, {head['start_date']}")
    if head["end_date"] and str(day) > head["end_date"]:
        raise UsageError(f"--from {day} lies after the end of the subscription, {head['end_date']}")
    return str(day)


def next_line(db: sqlite3.Connection, subscription_id: int) -> int:
    """Return the number of the next line."""
    sql = "SELECT coalesce(max(line_number), 0) + 1 FROM subscription_line WHERE subscription_id = ?"
    return int(db.execute(sql, (subscription_id,)).fetchone()[0])


def worth(row: Row, currency: str) -> int | None:
    """Return the price of one period of a line, in fine parts; None if its price is automatic."""
    if row["unit_price"] is None:
        return None
    quantity, discount = Fraction(row["quantity"], MILLIONTHS), Fraction(row["discount_percent"] or 0)
    return period_amount(quantity, Fraction(row["unit_price"]), discount, currency)


def take_back(db: sqlite3.Connection, run_id: int) -> tuple[int, int]:
    """Reverse the changes of a run that still stand, last first; return how many were reversed and how many stay."""
    done = stay = 0
    rows = db.execute(
        "SELECT subscription_id, line_id, old_values, new_values FROM subscription_change WHERE run_id = ? ORDER BY id DESC",
        (run_id,),
    ).fetchall()
    for subscription, line_id, old, new in rows:
        number = line_id or subscription
        is_line = line_id is not None
        taken = number is not None and _take_back(
            db, number, json.loads(old or "null"), json.loads(new), is_line=is_line
        )
        done, stay = done + taken, stay + (not taken)
    return done, stay


def _take_back(db: sqlite3.Connection, number: int, old: Row | None, new: Row, *, is_line: bool) -> bool:
    row = _one(db, f"SELECT * FROM {_TABLES[is_line]} WHERE id = ?", number)
    if row is None or any(row[column] != value for column, value in new.items()):
        return False
    if old is not None:
        assigned = ", ".join(f"{column} = ?" for column in old)
        db.execute(f"UPDATE {_TABLES[is_line]} SET {assigned} WHERE id = ?", (*old.values(), number))
        return True
    owner = "= ?" if is_line else "IN (SELECT id FROM subscription_line WHERE subscription_id = ?)"
    used = f"""SELECT 1 FROM subscription_period WHERE subscription_line_id {owner}
               UNION ALL SELECT 1 FROM subscription_line_change WHERE old_line_id {owner} OR new_line_id {owner}"""
    if db.execute(used, (number,) * 3).fetchone():
        return False
    db.execute(f"DELETE FROM {_TABLES[is_line]} WHERE id = ?", (number,))
    return True


def _one(db: sqlite3.Connection, sql: str, value: object) -> dict[str, Any] | None:
    found = db.execute(sql, (value,))
    row = found.fetchone()
    return None if row is None else dict(zip((column[0] for column in found.description), row, strict=True))
