"""Payments: receipts that name the invoice they pay, with a negative amount as in a subledger."""

from collections import Counter
from typing import NamedTuple

from segcli.base.text import counted
from segcli.importing.kinds.machinery import allocating, bank_booking, opening_items, receipts
from segcli.importing.kinds.machinery.account_headings import CUSTOMER
from segcli.importing.kinds.machinery.account_lookup import resolve
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.receipts import Paid, Surplus
from segcli.importing.kinds.machinery.stage import Counts, Row, Stage
from segcli.importing.kinds.machinery.stated_payments import StatedPayments

FIELDS = (
    Field("account", "code", f"accountcode {CUSTOMER}", is_required=True,
          about="Number of the account that paid"),
    Field("invoice_number", "code", "invoicenumber", is_required=True, about="Number of the invoice that is paid"),
    Field("journal", "code", "journalcode", about="Code of the journal of the receipt"),
    Field("entry_number", "code", "entrynumber", is_required=True, about="Number of the receipt's entry"),
    Field("line_number", "code", "linenumber", about="Number of the line in that entry"),
    Field("payment_date", "date", "paymentdate receiptdate ontvangstdatum", is_required=True,
          about="Date of the receipt"),
    Field("currency", "currency", "currencycode",
          about="Currency of the receipt as an ISO code; without it the administration's"),
    Field("amount", "money", "receiptamount", is_required=True,
          about="Amount received, negative as in a subledger: -100.00 pays 100.00"),
    Field("base_amount", "base_money", "amountdc", about="The same amount in the administration's currency"),
    Field("description", "text", about="Description of the receipt"),
    Field("reference", "text", about="Reference of the receipt"),
)  # fmt: skip
_OPTIONAL = ("journal", "line_number", "currency", "base_amount", "description", "reference")


class _Row(NamedTuple):
    account: int
    invoice_number: str
    entry: str
    day: str
    amount: int
    journal: str | None
    line: str | None
    currency: str | None
    base: int | None
    description: str | None
    reference: str | None
    year: int | None = None  # of its entry, if another year has a receipt with the same entry

    @property
    def key(self) -> str:
        """Return the identity key of the receipt across files."""
        entry = "entry " + "/".join(part for part in (self.journal, self.entry, self.line) if part)
        return opening_items.key_in_year(entry, self.year)


def merge(stage: Stage) -> Counts:
    """Allocate receipts by date, oldest term first; the rest stays an unallocated receipt.

    A payment of 0 is one that was cancelled: an earlier receipt of its number is taken back. If the block has only
    payments of known items, those of other invoices are left out and counted.
    """
    resolve(stage)
    if stage.only_known:
        _leave_out_unknown(stage)
    bank_booking.make_room(stage.db, stage.table)
    opening_items.name_years(stage)
    dropped = opening_items.drop_known_payments(stage)
    optional = [name if stage.has(name) else "NULL" for name in _OPTIONAL]
    rows = stage.execute(
        f"SELECT account_id, invoice_number, entry_number, payment_date, amount, {', '.join(optional)}"
        " FROM {stage} ORDER BY payment_date, n"
    ).fetchall()
    found: Counter[str] = Counter(unchanged=dropped)
    stated = StatedPayments(stage)
    by_invoice: dict[tuple[int, str, str], list[_Row]] = {}
    for row in (_in_year(stage, _Row(*values)) for values in rows):
        currency = row.currency or stage.options.currency
        known = _known(stage, row)
        is_known = known == (row.day, row.amount) and not _free(stage, row, currency)
        if is_known or (known is None and not row.amount):
            found["unchanged"] += 1
            continue
        found["added" if known is None else "changed"] += 1
        pending = by_invoice.setdefault((row.account, row.invoice_number, currency), [])
        stated.lift(allocating.of_invoice(stage, row.account, row.invoice_number))
        if known != (row.day, row.amount):
            for other in _forget(stage, row, stated):
                by_invoice.setdefault((row.account, *other), [])
            if row.amount:
                pending.append(row)
    for (account, number, currency), pending in by_invoice.items():
        _pay(stage, account, number, currency, pending)
    stated.settle()
    return Counts(found["added"], found["changed"], found["unchanged"])


def _leave_out_unknown(stage: Stage) -> None:
    name = stage.table.removeprefix("temp.")
    unknown = (
        f"FROM {stage.table} WHERE NOT EXISTS (SELECT 1 FROM outstanding_item AS i"
        f" WHERE i.account_id = {name}.account_id AND i.invoice_number = {name}.invoice_number)"
    )
    # An invoice that is its own receipt says nothing about other payments: its entry has its number.
    left = stage.execute(f"SELECT count(*) {unknown} AND amount <> 0 AND entry_number <> invoice_number").fetchone()[0]
    stage.execute(f"DELETE {unknown}")
    if left:
        stage.left_out.append(
            f"{counted(left, 'payment')} not taken: the invoices that they pay are not outstanding items here;"
            " import the receivables, then this file again"
        )


def _in_year(stage: Stage, row: _Row) -> _Row:
    """Return the receipt with its year, if another year has a receipt with the same entry; some programs restart entry numbers yearly."""
    if stage.year is None:
        return row
    own = row._replace(year=stage.year)
    if _known(stage, own):
        return own
    known = _known(stage, row)
    if known is None or known == (row.day, row.amount):
        return row
    receipt = "(SELECT ? AS journal, ? AS entry_number, ? AS day) AS r"
    sql = f"SELECT {opening_items.is_of_another_year('r', 'r.day', stage.year)} FROM {receipt}"
    return own if stage.execute(sql, row.journal, row.entry, known[0]).fetchone()[0] else row


def _known(stage: Stage, row: _Row) -> tuple[str, int] | None:
    """Return the date and amount of a stored receipt: its allocations plus its surplus."""
    found: Row = stage.execute(
        """SELECT max(day), sum(amount) FROM (
             SELECT l.allocation_date AS day, -l.amount AS amount FROM outstanding_item AS i
               JOIN allocation AS l ON l.item_id = i.id WHERE i.account_id = ? AND l.allocation_key = ?
             UNION ALL SELECT invoice_date, amount FROM outstanding_item WHERE account_id = ? AND item_key = ?)""",
        *(row.account, row.key, row.account, row.key),
    ).fetchone()
    return None if found[0] is None else (found[0], found[1])


def _free(stage: Stage, row: _Row, currency: str) -> bool:
    """Release a payment of an older segcli version for reallocation; tell whether there was one."""
    items = [i for i in allocating.of_invoice(stage, row.account, row.invoice_number) if i.currency == currency]
    return bool(items) and receipts.free(stage, items, row.invoice_number, row.key)


def _forget(stage: Stage, row: _Row, stated: StatedPayments) -> list[tuple[str, str]]:
    """Remove a receipt's earlier allocations; return the invoices it paid, with their currencies."""
    paid = stage.execute(
        "SELECT DISTINCT i.invoice_number, i.currency FROM allocation AS l JOIN outstanding_item AS i ON i.id = l.item_id"
        " WHERE i.account_id = ? AND l.allocation_key = ? AND i.invoice_number IS NOT NULL",
        *(row.account, row.key),
    ).fetchall()
    for number, _ in paid:
        stated.lift(allocating.of_invoice(stage, row.account, number))
    stage.execute(
        "DELETE FROM allocation WHERE allocation_key = ? AND item_id IN"
        " (SELECT id FROM outstanding_item WHERE account_id = ?)",
        *(row.key, row.account),
    )
    stage.execute("DELETE FROM outstanding_item WHERE account_id = ? AND item_key = ?", row.account, row.key)
    return paid


def _pay(stage: Stage, account: int, number: str, currency: str, rows: list[_Row]) -> None:
    """Allocate payments to the terms of an invoice; without terms each stays an unallocated receipt."""
    items = [item for item in allocating.of_invoice(stage, account, number) if item.currency == currency]
    if not items:
        for row in rows:
            _keep(stage, row, currency)
        return
    invoice = receipts.of(stage, items)
    for row in rows:
        base = row.amount if currency == stage.options.currency else row.base
        surplus = Surplus(row.key, row.description, row.journal, row.entry, row.line)
        invoice.paid[row.key] = Paid(
            row.key, row.day, -row.amount, None if base is None else -base, row.reference, surplus=surplus
        )
    invoice.write()


def _keep(stage: Stage, row: _Row, currency: str) -> None:
    """Store a receipt whose invoice is unknown."""
    base = row.amount if currency == stage.options.currency else row.base
    stage.execute(
        "INSERT INTO outstanding_item (account_id, item_key, invoice_number, journal, entry_number, line_number,"
        " invoice_date, currency, amount, open_amount, base_amount, description, reference)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(row.account, row.key, row.invoice_number, row.journal, row.entry, row.line, row.day, currency),
        *(row.amount, row.amount, base, row.description, row.reference),
    )


KIND = Kind("payment", "payments", FIELDS, merge, rank=5)
