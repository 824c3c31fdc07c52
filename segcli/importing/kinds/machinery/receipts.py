"""An invoice's payments in the database: read them, allocate them to its terms again, and write the differences."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from segcli.base.money import half_up
from segcli.importing.kinds.machinery import allocating
from segcli.importing.kinds.machinery.allocating import Item
from segcli.importing.kinds.machinery.laying import Fixed, Laid, Receipt, Term, lay
from segcli.importing.kinds.machinery.stage import Row as Values
from segcli.importing.kinds.machinery.stage import Stage

_ENTRY, _MATCH = "entry ", "match "


class Paid(NamedTuple):
    """A payment of an invoice as a whole, as stated in its file; a positive amount pays an invoice."""

    key: str  # identity key
    day: str
    amount: int
    base: int | None  # in the administration's currency, if the file states it
    reference: str | None = None
    counter: int | None = None  # the item it was set off against
    surplus: "Surplus | None" = None


class Surplus(NamedTuple):
    """The outstanding item that holds the unallocated rest of a payment."""

    key: str
    description: str | None = None
    journal: str | None = None
    entry: str | None = None
    line: str | None = None
    id: int | None = None  # id of the existing item


class Row(NamedTuple):
    """An allocation as it is in the database."""

    id: int
    item: int
    key: str
    day: str
    amount: int
    base: int | None
    reference: str | None
    counter: int | None
    is_stated: int
    is_base_stated: int


class Invoice:
    """The terms of an invoice in one currency, and their allocations."""

    def __init__(self, stage: Stage, account: int, number: str, items: Sequence[Item]) -> None:
        is_credit = all(item.amount <= 0 for item in items)
        self.stage, self.account, self.number = stage, account, number
        self.sign = -1 if is_credit else 1
        self.items = [item for item in items if is_credit or item.amount > 0]
        self.currency = items[0].currency
        self.rows = [Row(*row) for row in _rows(stage, self.items)]
        self.paid = {paid.key: paid for paid in self._known()}

    def _known(self) -> Iterable[Paid]:
        """Yield the payments that segcli allocated to the terms, each with its surplus."""
        parts: dict[str, list[Row]] = {}
        for row in self.rows:
            if not row.is_stated:
                parts.setdefault(row.key, []).append(row)
        left = {
            row[1].removeprefix(f"surplus {self.number} "): row
            for row in _left_over(self.stage, self.account, self.number)
        }
        for key in dict.fromkeys((*parts, *left)):
            yield self._paid(key, parts.get(key, []), left.get(key))

    def _paid(self, key: str, rows: Sequence[Row], left: Values | None) -> Paid:
        amount = sum(row.amount for row in rows)
        base = sum(row.base or 0 for row in rows) if rows and all(row.is_base_stated for row in rows) else None
        surplus = None
        if left is not None:
            number, item_key, _, more, more_base, _ = left
            base = (base or 0) - more_base if more_base is not None and (base is not None or not rows) else None
            amount -= more
            surplus = _surplus_of(self.number, key)._replace(id=number, key=item_key)
        day, reference = (rows[0].day, rows[0].reference) if rows else (left[2], left[5]) if left else ("", None)
        return Paid(key, day, amount, base, reference, rows[0].counter if rows else None, surplus)

    @property
    def _fixed(self) -> list[Fixed]:
        return [Fixed(row.item, row.day, row.amount * self.sign) for row in self.rows if row.is_stated]

    def laid(self) -> dict[str, Laid]:
        """Return the allocation of each payment by key, in the sign of the invoice."""
        terms = [Term(item.id, item.amount * self.sign) for item in self.items]
        receipts = [
            Receipt(paid.key, paid.day, paid.amount * self.sign, paid.key.startswith(_MATCH))
            for paid in self.paid.values()
        ]
        return lay(terms, self._fixed, receipts)

    def room(self, item: Item, amount: int) -> int:
        """Return the part of an amount that fits the term it names; payments that name no term make room for it."""
        on_term = sum(fixed.amount for fixed in self._fixed if fixed.term == item.id)
        if amount * self.sign < 0:
            held = sum(row.amount for row in self.rows if row.item == item.id) * self.sign
            return max(amount * self.sign, -max(held, 0)) * self.sign
        reserved = sum(paid.amount * self.sign for paid in self.paid.values() if paid.key.startswith(_MATCH))
        whole = (
            sum(one.amount for one in self.items) * self.sign - sum(fixed.amount for fixed in self._fixed) - reserved
        )
        return min(amount * self.sign, max(min(item.amount * self.sign - on_term, whole), 0)) * self.sign

    def write(self) -> dict[str, int]:
        """Write the allocation of each payment to the database; return the unallocated rest by key."""
        laid = self.laid()
        left = {key: found.left * self.sign for key, found in laid.items()}
        parts = {
            key: {item: part * self.sign for item, part in found.parts.items() if part} for key, found in laid.items()
        }
        bases = self._bases(parts)
        there = {(row.item, row.key): row for row in self.rows if not row.is_stated}
        for key, shares in parts.items():
            for item, part in shares.items():
                self._write_part(self.paid[key], item, part, bases[item, key], there.pop((item, key), None))
        for row in there.values():
            self.stage.execute("DELETE FROM allocation WHERE id = ?", row.id)
        for key, amount in left.items():
            self._write_surplus(self.paid[key], amount, bases.get((0, key)))
        return left

    def _bases(self, parts: Mapping[str, Mapping[int, int]]) -> dict[tuple[int, str], int | None]:
        """Return the parts in the administration's currency by (item, key), with item 0 for the unallocated rest.

        A base amount stated with the payment is split over its parts; otherwise each part is converted at the
        item's own rate.
        """
        found: dict[tuple[int, str], int | None] = {}
        for key, shares in parts.items():
            paid = self.paid[key]
            base = paid.amount if self.currency == self.stage.options.currency else paid.base
            given = allocating.spread(base, list(shares.items()), paid.amount)
            found |= {(item, key): share for item, share in zip(shares, given, strict=True)}
            found[0, key] = None if base is None else base - sum(share or 0 for share in given)
        for item in self.items:
            self._at_own_rate(item, parts, found)
        return found

    def _at_own_rate(
        self, item: Item, parts: Mapping[str, Mapping[int, int]], found: dict[tuple[int, str], int | None]
    ) -> None:
        """Convert the parts without a base amount at the item's rate; the part that closes the item takes the rest."""
        if item.base_amount is None or not item.amount or self.currency == self.stage.options.currency:
            return
        held = [(row.day, row.key, row.amount, row.base) for row in self.rows if row.is_stated and row.item == item.id]
        held += [
            (self.paid[key].day, key, shares[item.id], found[item.id, key])
            for key, shares in parts.items()
            if item.id in shares
        ]
        left, rest = item.amount, item.base_amount
        for _, key, part, base in sorted(held, key=lambda one: one[:2]):
            if base is None and (item.id, key) in found:
                base = rest if part == left else half_up(item.base_amount * part, item.amount)  # noqa: PLW2901
                found[item.id, key] = base
            left, rest = left - part, rest - (base or 0)

    def _write_part(self, paid: Paid, item: int, part: int, base: int | None, row: Row | None) -> None:
        if row is None:
            self.stage.execute(
                "INSERT INTO allocation (item_id, allocation_key, allocation_date, amount, base_amount, counter_item_id, reference,"
                " is_base_stated, account_id, currency, is_stated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                *(item, paid.key, paid.day, part, base, paid.counter, paid.reference, paid.base is not None),
                *(self.account, self.currency),
            )
        elif (row.amount, row.base) != (part, base):
            self.stage.execute("UPDATE allocation SET amount = ?, base_amount = ? WHERE id = ?", part, base, row.id)

    def _write_surplus(self, paid: Paid, left: int, base: int | None) -> None:
        """Keep the unallocated rest as an outstanding item of the opposite sign."""
        surplus = paid.surplus or _surplus_of(self.number, paid.key)
        amount, base = -left, None if base is None else -base
        if surplus.id is not None and left:
            self.stage.execute(
                "UPDATE outstanding_item SET amount = ?1, open_amount = ?1, base_amount = ?2 WHERE id = ?3"
                " AND (amount, base_amount) IS NOT (?1, ?2)",
                *(amount, base, surplus.id),
            )
        elif surplus.id is not None:
            self.stage.execute("DELETE FROM outstanding_item WHERE id = ?", surplus.id)
        elif left:
            self.stage.execute(
                "INSERT INTO outstanding_item (account_id, item_key, journal, entry_number, line_number, invoice_date, currency,"
                " amount, open_amount, base_amount, description, reference, surplus_of) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (account_id, item_key) DO UPDATE SET amount = amount + excluded.amount,"
                " open_amount = open_amount + excluded.open_amount, base_amount = base_amount + excluded.base_amount",
                *(self.account, surplus.key, surplus.journal, surplus.entry, surplus.line, paid.day, self.currency),
                *(amount, amount, base, surplus.description, paid.reference, self.number),
            )


def invoice(stage: Stage, account: int, number: str, currency: str | None = None) -> Invoice:
    """Return an invoice with existing terms, in the given currency or that of its first term."""
    return of(stage, allocating.of_invoice(stage, account, number), currency)


def of(stage: Stage, items: Sequence[Item], currency: str | None = None) -> Invoice:
    """Return the invoice of these terms, in the given currency or that of the first term."""
    first = items[0]
    wanted = currency or first.currency
    return Invoice(stage, first.account, first.number or "", [item for item in items if item.currency == wanted])


def lay_again(stage: Stage, account: int, number: str, currency: str) -> None:
    """Reallocate the payments that segcli allocated to the terms of an invoice, if any."""
    found = invoice(stage, account, number, currency)
    if found.paid:
        found.write()


def free(stage: Stage, items: Sequence[Item], number: str, key: str) -> bool:
    """Release allocations of an older segcli version whose file names no term; tell whether there were any."""
    marks = ", ".join("?" * len(items))
    freed = stage.execute(
        f"UPDATE allocation SET is_stated = 0 WHERE is_stated = 1 AND allocation_key = ? AND item_id IN ({marks})",
        *(key, *(item.id for item in items)),
    ).rowcount
    if freed > 0:
        stage.execute(
            "UPDATE outstanding_item SET surplus_of = ? WHERE item_key = ? AND account_id IN"
            f" (SELECT account_id FROM outstanding_item WHERE id IN ({marks}))",
            *(number, surplus_key(number, key), *(item.id for item in items)),
        )
    return freed > 0


def _rows(stage: Stage, items: Sequence[Item]) -> Iterable[Values]:
    return stage.execute(
        "SELECT id, item_id, allocation_key, allocation_date, amount, base_amount, reference, counter_item_id, is_stated,"
        f" is_base_stated FROM allocation WHERE item_id IN ({', '.join('?' * len(items))}) ORDER BY id",
        *(item.id for item in items),
    )


def _left_over(stage: Stage, account: int, number: str) -> list[Values]:
    """Return the surpluses of an invoice's payments that have no allocation and no reminder."""
    return stage.execute(
        "SELECT id, item_key, invoice_date, amount, base_amount, reference FROM outstanding_item AS i WHERE account_id = ?"
        " AND surplus_of = ? AND NOT EXISTS (SELECT 1 FROM allocation AS l WHERE l.item_id = i.id)"
        " AND NOT EXISTS (SELECT 1 FROM reminder_line AS r WHERE r.item_id = i.id)",
        *(account, number),
    ).fetchall()


def surplus_key(number: str, key: str) -> str:
    """Return the key of the item that holds a payment's surplus; a payment of an entry uses its own key."""
    return key if key.startswith(_ENTRY) else f"surplus {number} {key}"


def _surplus_of(number: str, key: str) -> Surplus:
    entry = tuple(key.removeprefix(_ENTRY).split("/")) if key.startswith(_ENTRY) else ()
    journal, name, line = {1: (None, *entry, None), 2: (*entry, None), 3: entry}.get(len(entry), (None, None, None))
    return Surplus(surplus_key(number, key), f"more than was open of {number}", journal, name, line)
