"""Payments of items whose paid amounts a receivables file states. The order of the files does not matter.

The file settles its items up to the day of its import. Until their payments are known, its paid amount is an allocation
`imported DAY`. A payment up to that day that comes in later replaces this allocation. The difference from the stated amount stays as
such an allocation.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from segcli.base.text import counted
from segcli.importing.kinds.machinery import allocating, receipts
from segcli.importing.kinds.machinery.allocating import Allocation, Item
from segcli.importing.kinds.machinery.bank_booking import OURS
from segcli.importing.kinds.machinery.item_sql import JOINED
from segcli.importing.kinds.machinery.receipts import Paid, Surplus
from segcli.importing.kinds.machinery.stage import Stage

IMPORTED = "allocation_key GLOB 'imported *'"
STATEMENT = """SELECT max(t.statement_date), max(t.import_date) FROM receivables_statement AS t
  WHERE {0} BETWEEN t.first_item_id AND t.last_item_id"""


class Stated(NamedTuple):
    """What a receivables file states of an item; amounts in minor units of its currency."""

    paid: int  # up to the day of the import, without bank payments
    last: str  # the last day in the file
    imported: str  # the day of the import
    lifted: tuple[tuple[str, str, int], ...]  # the allocations of the file: key, day and amount


class StatedPayments:
    """The stated amounts of the items whose payments a block changes."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.is_any = bool(stage.execute("SELECT EXISTS (SELECT 1 FROM receivables_statement)").fetchone()[0])
        self.found: dict[int, Stated] = {}
        self.beyond: set[int] = set()

    def lift(self, items: Iterable[Item]) -> None:
        """Note what is stated of these items, and take off the allocations that state it."""
        for item in items if self.is_any else ():
            if item.id in self.found:
                continue
            last, imported = self.stage.execute(STATEMENT.format("?"), item.id).fetchone()
            if imported is None:
                continue
            sql = f"SELECT allocation_key, allocation_date, amount FROM allocation WHERE item_id = ? AND {IMPORTED}"
            lifted = tuple(self.stage.execute(f"{sql} ORDER BY allocation_date, id", item.id))
            self.found[item.id] = Stated(self._paid(item.id, imported), last, imported, lifted)
            self.stage.execute(f"DELETE FROM allocation WHERE item_id = ? AND {IMPORTED}", item.id)

    def without(self, items: Sequence[Item]) -> list[Item]:
        """Lift what is stated of these items and of the other terms of their invoices; return them as they are then."""
        if not self.is_any:
            return list(items)
        for item in items:
            self.lift([item] if item.number is None else allocating.of_invoice(self.stage, item.account, item.number))
        return [found for item in items if (found := self._item(item.id)) is not None]

    def settle(self) -> None:
        """Allocate again what the payments lack of the stated amounts, or take off what they have too much."""
        for number, stated in self.found.items():
            item = self._item(number)
            if item is None:
                continue
            paid = self._paid(number, stated.imported)
            part = stated.paid - paid
            if part and part == sum(amount for *_, amount in stated.lifted) and not self._has_payment(number):
                for key, day, amount in stated.lifted:
                    allocating.allocate(self.stage, item, amount, Allocation(key, day))
                continue
            if part:
                day = self._day(item, stated)
                allocating.allocate(self.stage, item, part, Allocation(f"imported {day}", day))
            if part * item.amount < 0 and self._is_beyond(item, stated):
                self.beyond.add(number)
        if self.beyond:
            self.stage.warnings.append(beyond_text(len(self.beyond), max(self.found[n].last for n in self.beyond)))
        self.found.clear()

    def _day(self, item: Item, stated: Stated) -> str:
        """Return the day of the rest: that of the file, unless it is the invoice's, which stands for an unknown day."""
        day = max((day for _, day, _ in stated.lifted), default="")
        return stated.imported if day in {"", item.date} else day

    def _paid(self, item: int, until: str) -> int:
        sql = f"SELECT coalesce(sum(amount), 0) FROM allocation WHERE item_id = ? AND NOT {OURS}"
        return int(self.stage.execute(f"{sql} AND (allocation_date <= ? OR {IMPORTED})", item, until).fetchone()[0])

    def _has_payment(self, item: int) -> bool:
        sql = f"SELECT EXISTS (SELECT 1 FROM allocation WHERE item_id = ? AND NOT {OURS})"
        return bool(self.stage.execute(sql, item).fetchone()[0])

    def _is_beyond(self, item: Item, stated: Stated) -> bool:
        """Tell whether a payment may be later than the file: its day is after the last one in the file."""
        sql = f"SELECT EXISTS (SELECT 1 FROM allocation WHERE item_id = ? AND NOT {OURS} AND NOT {IMPORTED}"
        sql += " AND allocation_date > ? AND allocation_date <= ?)"
        return bool(self.stage.execute(sql, item.id, stated.last, stated.imported).fetchone()[0])

    def _item(self, number: int) -> Item | None:
        return next(iter(allocating.of_ids(self.stage, [number])), None)


def beyond_text(count: int, last: str) -> str:
    """Return the warning that payments of items were not counted, since the file of the open amounts may be older."""
    return (
        f"payments of {counted(count, 'item')} are more than the receivables file states as paid, and later than the last day in it"
        f" ({last}): its open amounts stand; if that file is older than these payments, import a newer one"
    )


def absorb(stage: Stage) -> None:
    """Make unallocated receipts payments of the invoices that they name, if the staged rows state what is paid of these.

    An audit file brings such a receipt if it comes before its invoice.
    """
    any_receipt = "SELECT EXISTS (SELECT 1 FROM outstanding_item WHERE amount < 0 AND item_key GLOB 'entry *')"
    if not stage.execute(any_receipt).fetchone()[0]:
        return
    rows = stage.execute(
        f"""SELECT DISTINCT r.id, r.account_id, r.invoice_number, r.currency FROM {JOINED}
             JOIN outstanding_item AS r ON r.account_id = t.account_id AND r.invoice_number = t.invoice_number
              AND r.currency = t.currency AND r.id <> t.id
            WHERE t.amount > 0 AND r.amount < 0 AND r.open_amount = r.amount AND r.item_key GLOB 'entry *'
              AND NOT EXISTS (SELECT 1 FROM {{stage}} AS o WHERE o.account_id = r.account_id AND o.item_key = r.item_key)
              AND NOT EXISTS (SELECT 1 FROM allocation AS a WHERE a.item_id = r.id OR a.counter_item_id = r.id)
              AND NOT EXISTS (SELECT 1 FROM reminder_line AS l WHERE l.item_id = r.id) ORDER BY r.id"""
    ).fetchall()
    for number, account, invoice_number, currency in rows:
        columns = (
            "item_key, invoice_date, amount, base_amount, reference, description, journal, entry_number, line_number"
        )
        key, day, amount, base, reference, *surplus = stage.execute(
            f"SELECT {columns} FROM outstanding_item WHERE id = ?", number
        ).fetchone()
        stage.execute("DELETE FROM outstanding_item WHERE id = ?", number)
        invoice = receipts.invoice(stage, account, invoice_number, currency)
        based = None if base is None else -base
        invoice.paid[key] = Paid(key, day, -amount, based, reference, surplus=Surplus(key, *surplus))
        invoice.write()


def tell_beyond(stage: Stage, part: str, day: str) -> None:
    """Warn of items whose stored payments exceed what the staged rows state as paid, and are later than the last day in the file.

    `part` is the SQL of the amount that the payments of item `t` lack of what its row `s` states.
    """
    later = f"NOT a.{OURS} AND NOT a.{IMPORTED} AND a.allocation_date > ?"
    if not stage.execute(f"SELECT EXISTS (SELECT 1 FROM allocation AS a WHERE {later})", day).fetchone()[0]:
        return
    count = stage.execute(
        f"""SELECT count(DISTINCT t.id) FROM {JOINED}
             WHERE {part} * sign(t.amount) < 0 AND EXISTS (SELECT 1 FROM allocation AS a
               WHERE a.item_id = t.id AND {later})""",
        day,
    ).fetchone()[0]
    if count:
        stage.warnings.append(beyond_text(count, day))


def tell_twice(stage: Stage) -> None:
    """Warn of staged allocations up to the day of a receivables file that states what is open of their items."""
    count, day = stage.execute(
        """SELECT count(DISTINCT t.id), max(r.import_date) FROM receivables_statement AS r
             JOIN outstanding_item AS t ON t.id BETWEEN r.first_item_id AND r.last_item_id
             JOIN {stage} AS s ON s.account_id = t.account_id AND s.invoice_number = t.invoice_number
            WHERE s.allocation_date <= r.import_date"""
    ).fetchone()
    if count:
        stage.warnings.append(
            f"payments of {counted(count, 'item')} come on top of what the receivables file of {day} states as paid:"
            " if it has these payments, they count twice; segcli undo takes them out"
        )
