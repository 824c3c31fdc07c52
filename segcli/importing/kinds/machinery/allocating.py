"""Allocation of an amount to outstanding items, oldest first, with the amounts in the administration's currency."""

from collections.abc import Sequence
from typing import NamedTuple

from segcli.base.money import half_up
from segcli.importing.kinds.machinery.stage import Stage


class Item(NamedTuple):
    """An outstanding item; amounts are in minor units of its currency."""

    id: int
    currency: str
    amount: int
    open: int
    base_amount: int | None
    date: str
    term: int
    account: int
    number: str | None  # invoice number


class Allocation(NamedTuple):
    """The attributes of an allocation: its identity key, date, reference and the item it was set off against."""

    key: str
    day: str
    reference: str | None = None
    counter: int | None = None
    is_stated: bool = True  # the file names the item


_COLUMNS = "id, currency, amount, open_amount, base_amount, invoice_date, term, account_id, invoice_number"


def of_invoice(stage: Stage, account: int, number: str) -> list[Item]:
    """Return the terms of an invoice, oldest first."""
    found = stage.execute(
        f"SELECT {_COLUMNS} FROM outstanding_item WHERE account_id = ? AND invoice_number = ?"
        " ORDER BY coalesce(due_date, invoice_date), term, id",
        account,
        number,
    )
    return [Item(*row) for row in found]


def of_ids(stage: Stage, numbers: Sequence[int]) -> list[Item]:
    """Return the items with these ids, as far as they exist."""
    marks = ", ".join("?" * len(numbers))
    found = stage.execute(f"SELECT {_COLUMNS} FROM outstanding_item WHERE id IN ({marks})", *numbers)
    return [Item(*row) for row in found]


def of_entry(stage: Stage, account: int, journal: str | None, entry: str, line: str | None) -> list[Item]:
    """Return the items that a journal entry created, oldest first."""
    found = stage.execute(
        f"SELECT {_COLUMNS} FROM outstanding_item WHERE account_id = ? AND entry_number = ?"
        " AND coalesce(journal, ?) IS coalesce(?, journal) AND coalesce(line_number, ?) IS coalesce(?, line_number)"
        " ORDER BY coalesce(due_date, invoice_date), term, id",
        *(account, entry, journal, journal, line, line),
    )
    return [Item(*row) for row in found]


def shares(items: list[Item], amount: int) -> tuple[list[tuple[Item, int]], int]:
    """Return the part of the amount per item, oldest first, and the unallocated rest.

    An amount of the opposite sign reverses earlier allocations, newest first.
    """
    total = sum(item.amount for item in items)
    sign = 1 if total > 0 else -1
    left, found = amount * sign, []
    for item in items if left > 0 else reversed(items):
        room = item.open * sign if left > 0 else -(item.amount - item.open) * sign
        part = min(left, max(room, 0)) if left > 0 else max(left, min(room, 0))
        if part:
            found.append((item, part * sign))
            left -= part
    return found, left * sign


def allocate(stage: Stage, item: Item, part: int, noted: Allocation, base: int | None = None) -> None:
    """Allocate a part of an item. `base` is the part in the administration's currency, if known."""
    stage.execute(
        "INSERT INTO allocation (item_id, allocation_key, allocation_date, amount, base_amount, counter_item_id, reference,"
        " is_stated, is_base_stated, account_id, currency) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(item.id, noted.key, noted.day, part, _base(stage, item, part, base), noted.counter, noted.reference),
        *(noted.is_stated, base is not None, item.account, item.currency),
    )


def _base(stage: Stage, item: Item, part: int, given: int | None) -> int | None:
    """Return a part in the administration's currency: as given, else at the item's own rate, else None."""
    if item.currency == stage.options.currency:
        return part
    if given is not None or item.base_amount is None or not item.amount:
        return given
    if part != item.open:
        return half_up(item.base_amount * part, item.amount)
    spent = stage.execute("SELECT coalesce(sum(base_amount), 0) FROM allocation WHERE item_id = ?", item.id)
    return item.base_amount - int(spent.fetchone()[0])


def spread(base: int | None, found: Sequence[tuple[object, int]], amount: int) -> list[int | None]:
    """Split a base amount in proportion to the shares; rounding differences go to later shares."""
    if base is None or not amount:
        return [None] * len(found)
    parts: list[int | None] = []
    done = spent = 0
    for _, part in found:
        done += part
        upto = half_up(base * done, amount)
        parts.append(upto - spent)
        spent = upto
    return parts
