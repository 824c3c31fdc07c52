"""Items in files of several years: open items of opening balances, and entry numbers that restart each year.

Readers call the journal of an opening balance `opening`, and its entry `opening`, or `opening 7` if it precedes period 7. Its
items are those of the year before, so nothing is added if that year is stored. Each year opens with other items, so their
entry gets the year: `opening 2025`, `opening 2025-7`.
"""

import re
import sqlite3

from segcli.importing.kinds.machinery.stage import Stage
from segcli.storage import openings

_IS_STATED = "{0}.journal = 'opening' AND {0}.entry_number GLOB 'opening [0-9]*'"
_ENTRY = re.compile(r"opening ([0-9]{4})(?:-([0-9]{1,3}))?")


def name_years(stage: Stage) -> None:
    """Add the year to the entry of items that an opening balance states."""
    if stage.year is not None and _states_openings(stage):
        stage.execute(
            f"""UPDATE {{stage}} SET entry_number = iif(entry_number = 'opening', 'opening {stage.year}',
                  'opening {stage.year}-' || substr(entry_number, 9))
                 WHERE journal = 'opening' AND (entry_number = 'opening' OR entry_number GLOB 'opening [0-9]*')
                   AND entry_number NOT GLOB 'opening [0-9][0-9][0-9][0-9]*'"""
        )


def drop_known(stage: Stage) -> int:
    """Remove the items that are stored already from a stage with item keys; return their number.

    A number identifies an item. An item without a number belongs to the year before, if that year is stored.
    """
    if not _states_openings(stage):
        return 0
    name = stage.table.removeprefix("temp.")
    mine = _IS_STATED.format(name)
    is_rest = f"({name}.invoice_number IS NULL OR {name}.final_amount < 0)" if stage.has("invoice_number") else "1"
    dropped = 0
    if stage.has("invoice_number"):
        dropped += stage.execute(
            f"""DELETE FROM {{stage}} WHERE {mine} AND EXISTS (SELECT 1 FROM outstanding_item AS t
                 WHERE t.account_id = {name}.account_id AND t.invoice_number = {name}.invoice_number
                   AND (t.amount < 0) = ({name}.final_amount < 0)
                   AND NOT ({_IS_STATED.format("t")} AND t.entry_number >= {name}.entry_number))"""
        ).rowcount
    for entry, before in _before(stage.db, stage.table):
        same = f"""EXISTS (SELECT 1 FROM outstanding_item AS t WHERE t.account_id = {name}.account_id
                    AND t.open_amount = {name}.final_amount AND t.entry_number IS NOT {name}.entry_number)"""
        condition = {"year": "1", "gap": same}.get(before, "0")
        dropped += stage.execute(
            f"DELETE FROM {{stage}} WHERE {mine} AND entry_number = ? AND {is_rest} AND {condition}", entry
        ).rowcount
    return dropped


def drop_known_payments(stage: Stage) -> int:
    """Remove the payments of an opening balance from a stage if earlier years are stored; return their number."""
    if not _states_openings(stage):
        return 0
    return sum(
        stage.execute("DELETE FROM {stage} WHERE journal = 'opening' AND entry_number = ?", entry).rowcount
        for entry, before in _before(stage.db, stage.table)
        if before != "nothing"
    )


def supersede(db: sqlite3.Connection) -> int:
    """Remove items without a number, and receipts, of opening balances whose earlier year is stored now.

    Set-offs against them go too, since the items of the earlier year take their place. Returns the number of removed items.
    """
    removed = 0
    for entry, before in _before(db, "outstanding_item"):
        if before != "year":
            continue
        gone = f"""SELECT t.id FROM outstanding_item AS t WHERE {_IS_STATED.format("t")} AND t.entry_number = ?
                      AND (t.amount < 0 OR t.invoice_number IS NULL)
                      AND NOT EXISTS (SELECT 1 FROM reminder_line AS r WHERE r.item_id = t.id)"""
        db.execute(f"DELETE FROM allocation WHERE counter_item_id IN ({gone}) OR item_id IN ({gone})", (entry, entry))
        removed += db.execute(f"DELETE FROM outstanding_item WHERE id IN ({gone})", (entry,)).rowcount
    return removed


def tell_years_apart(stage: Stage) -> None:
    """Add the year to the key of an item that its entry identifies, if another year has an item with the same entry."""
    if stage.year is None:
        return
    name = stage.table.removeprefix("temp.")
    key = f"{name}.item_key || {_suffix(stage.year)}"
    stage.execute(
        f"""UPDATE {{stage}} SET item_key = {key} WHERE item_key GLOB 'entry *' AND EXISTS (
              SELECT 1 FROM outstanding_item AS t WHERE t.account_id = {name}.account_id AND (t.item_key = {key}
                OR (t.item_key = {name}.item_key AND {is_of_another_year("t", "t.invoice_date", stage.year)}
                    AND (t.invoice_date, t.amount) IS NOT ({name}.final_invoice_date, {name}.final_amount))))"""
    )


def is_of_another_year(item: str, day: str, year: int) -> str:
    """Return the SQL condition that an item, or one of its days, belongs to another year by its date and by the ledger."""
    return f"""(substr({day}, 1, 4) <> '{int(year)}' AND NOT EXISTS (SELECT 1 FROM journal AS j JOIN entry AS e ON e.journal_id = j.id
      JOIN transaction_line AS l ON l.entry_id = e.id WHERE j.code = {item}.journal AND e.financial_year = {int(year)}
        AND e.entry_number = {item}.entry_number AND l.entry_date = {day}))"""


def key_in_year(key: str, year: int | None) -> str:
    """Return the key of an entry with its year."""
    return key if year is None else f"{key} of {year}"


def _suffix(year: int) -> str:
    return f"' of {int(year)}'"


def _states_openings(stage: Stage) -> bool:
    return stage.has("journal") and stage.has("entry_number")


def _before(db: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    """Return the opening balances of a table's items, with the state of the ledger before each."""
    rows = db.execute(f"SELECT DISTINCT entry_number FROM {table} AS t WHERE {_IS_STATED.format('t')}").fetchall()
    found = [(entry, match) for (entry,) in rows if (match := _ENTRY.fullmatch(entry))]
    return [(entry, openings.what_is_before(db, int(match[1]), int(match[2] or 0))) for entry, match in found]
