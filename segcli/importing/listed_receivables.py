"""A list of receivables beside the receivables that were made from the ledger.

A list states what an account owes by invoice. It replaces the open balance without invoice numbers that the ledger gave the account.
A warning names the open balances and items of the ledger that the list lacks.
"""

import sqlite3
from collections.abc import Iterable

from segcli.base import money
from segcli.base.text import counted
from segcli.importing.kinds.machinery import bank_booking
from segcli.importing.kinds.machinery.bank_statements import states_paid
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.importing.readers import Source

BALANCE = "entry balance"  # the item key of an account's open balance
_MINE = "SELECT account_id FROM {stage}"
# A made item of the ledger has the place of a line on a ledger account of debtors.
_FROM_LEDGER = """i.journal IS NOT NULL AND EXISTS (SELECT 1 FROM journal AS j JOIN entry AS e ON e.journal_id = j.id
  JOIN transaction_line AS t ON t.entry_id = e.id WHERE j.code = i.journal AND e.entry_number = i.entry_number
   AND t.line_number = i.line_number)"""


def lists(stages: Iterable[Stage]) -> list[Stage]:
    """Return the blocks of outstanding items of a file that has no ledger lines."""
    found = list(stages)
    if any(stage.kind.name == "transaction_line" for stage in found):
        return []
    return [stage for stage in found if stage.kind.name == "outstanding_item"]


def replace_balances(stage: Stage, counts: Counts, source: Source) -> Counts:
    """Remove the open balances of the accounts in a list, and warn of receivables of the ledger that the list lacks.

    Return the counts with a note of what was removed.
    """
    if not stage.execute("SELECT EXISTS (SELECT 1 FROM transaction_line)").fetchone()[0]:  # nothing comes from a ledger
        return counts
    gone = f"""SELECT id FROM outstanding_item AS i WHERE item_key = '{BALANCE}' AND account_id IN ({_MINE})
      AND NOT EXISTS (SELECT 1 FROM reminder_line AS r WHERE r.item_id = i.id)"""
    gone = gone.replace("{stage}", stage.table)
    bank_booking.take_off_items(stage.db, gone)
    gone += " AND NOT EXISTS (SELECT 1 FROM allocation AS a WHERE a.item_id = i.id OR a.counter_item_id = i.id)"
    number = max(stage.execute(f"DELETE FROM outstanding_item WHERE id IN ({gone})").rowcount, 0)
    _tell(stage, source)
    if not number:
        return counts
    verb = stage.verb("replaced", "would be replaced")
    note = f"{counted(number, 'open balance')} of the ledger {verb}: the list names the invoices"
    return counts._replace(others=counts.others + number, notes=(*counts.notes, note))


def _tell(stage: Stage, source: Source) -> None:
    """Warn of open amounts that came from the ledger and that are not in the list, since they may be debts that it has."""
    balances = _sum(stage, f"i.item_key = '{BALANCE}'")
    if balances:
        source.warn(
            f"open balances of the ledger stand beside this list: {balances}; if the list has these debts, undo the import of"
            " the audit file and import it after the list"
        )
    if not states_paid(stage):
        return
    listed = "SELECT item_key FROM {stage} AS s WHERE s.account_id = i.account_id"
    items = _sum(stage, f"i.account_id IN ({_MINE}) AND i.item_key NOT IN ({listed}) AND {_FROM_LEDGER}")
    if items:
        source.warn(
            f"open items of the ledger that are not in this list, of accounts that are: {items}; if the list is complete, they are"
            " paid: import a list that has them with 0 open"
        )


def _sum(stage: Stage, condition: str) -> str:
    """Return the number and the amounts of open items, with the first of them; '' if there are none."""
    rows = stage.execute(
        f"""SELECT i.currency, count(*), sum(i.open_amount), min(a.code || coalesce(' ' || i.invoice_number, ''))
              FROM outstanding_item AS i JOIN account AS a ON a.id = i.account_id
             WHERE i.open_amount <> 0 AND {condition} GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    if not rows:
        return ""
    amounts = ", ".join(f"{money.to_text(amount, currency)} {currency}" for currency, _, amount, _ in rows)
    number = sum(count for _, count, *_ in rows)
    first = rows[0][3]
    return f"{number} of {amounts} ({first})" if number == 1 else f"{number} of {amounts} together ({first} is one)"


def tell_balances(db: sqlite3.Connection, source: Source) -> None:
    """Warn of open balances of accounts that also have items of another source, after an import that was told to make them."""
    number = db.execute(
        f"""SELECT count(*) FROM outstanding_item AS i WHERE i.item_key = '{BALANCE}' AND i.open_amount <> 0 AND EXISTS
             (SELECT 1 FROM outstanding_item AS o WHERE o.account_id = i.account_id AND o.id <> i.id AND o.surplus_of IS NULL
               AND o.journal IS NOT 'opening' AND NOT ({_FROM_LEDGER.replace("i.", "o.")}))"""
    ).fetchone()[0]
    if number:
        source.warn(
            f"{counted(number, 'open balance')} of the ledger made beside outstanding items of another source: the same debts may"
            " count twice; to have those items alone, undo this import and do it with --receivables none"
        )
