"""Payments: receipts that name the invoice they pay, as a subledger has them, with a minus."""

from typing import Any, NamedTuple

from segcli.kinds import _allocating
from segcli.kinds._account import resolve
from segcli.kinds._allocating import Allocation
from segcli.kinds._kind import Field, Kind
from segcli.kinds._stage import Counts, Stage

FIELDS = (
    Field("account", "code", "accountcode debtor debtorcode", is_required=True),
    Field("invoice_number", "code", "invoicenumber", is_required=True),
    Field("journal", "code", "journalcode"),
    Field("entry_number", "code", "entrynumber", is_required=True),
    Field("line_number", "code", "linenumber"),
    Field("payment_date", "date", "paymentdate receiptdate ontvangstdatum", is_required=True),
    Field("currency", "currency", "currencycode"),
    Field("amount", "money", "receiptamount", is_required=True),
    Field("base_amount", "base_money", "amountdc"),
    Field("description", "text"),
    Field("reference", "text"),
)
_OPTIONAL = ("journal", "line_number", "currency", "base_amount", "description", "reference")


class _Row(NamedTuple):
    account: int
    number: str
    entry: str
    day: str
    amount: int
    journal: str | None
    line: str | None
    currency: str | None
    base: int | None
    description: str | None
    reference: str | None

    @property
    def key(self) -> str:
        """Return what makes the receipt the same in the next file."""
        return "entry " + "/".join(part for part in (self.journal, self.entry, self.line) if part)


def merge(stage: Stage) -> Counts:
    """Pay the invoices, the oldest term first; what they do not take stays a receipt that is not allocated."""
    resolve(stage)
    optional = [name if stage.has(name) else "NULL" for name in _OPTIONAL]
    rows = stage.execute(
        f"SELECT account_id, invoice_number, entry_number, payment_date, amount, {', '.join(optional)}"
        " FROM {stage} ORDER BY payment_date, n"
    ).fetchall()
    added = changed = 0
    for row in map(_Row._make, rows):
        known = _known(stage, row)
        if known == (row.day, row.amount):
            continue
        added, changed = added + (known is None), changed + (known is not None)
        _forget(stage, row)
        _pay(stage, row)
    return Counts(added, changed, len(rows) - added - changed)


def _known(stage: Stage, row: _Row) -> tuple[str, int] | None:
    """Return day and amount of the receipt as it stands: its allocations and what is left of it."""
    found: tuple[Any, ...] = stage.execute(
        """SELECT max(day), sum(amount) FROM (
             SELECT l.allocation_date AS day, -l.amount AS amount FROM outstanding_item AS i
               JOIN allocation AS l ON l.item_id = i.id WHERE i.account_id = ? AND l.allocation_key = ?
             UNION ALL SELECT invoice_date, amount FROM outstanding_item WHERE account_id = ? AND item_key = ?)""",
        *(row.account, row.key, row.account, row.key),
    ).fetchone()
    return None if found[0] is None else (found[0], found[1])


def _forget(stage: Stage, row: _Row) -> None:
    """Take back what a receipt of this key did before."""
    stage.execute(
        "DELETE FROM allocation WHERE allocation_key = ? AND item_id IN"
        " (SELECT id FROM outstanding_item WHERE account_id = ?)",
        *(row.key, row.account),
    )
    stage.execute("DELETE FROM outstanding_item WHERE account_id = ? AND item_key = ?", row.account, row.key)


def _pay(stage: Stage, row: _Row) -> None:
    currency = row.currency or stage.options.currency
    items = [i for i in _allocating.of_invoice(stage, row.account, row.number) if i.currency == currency]
    shares, left = _allocating.shares(items, -row.amount) if items else ([], -row.amount)
    noted = Allocation(row.key, row.day, row.reference)
    base = row.amount if currency == stage.options.currency else row.base
    bases = _allocating.spread(None if base is None else -base, shares, -row.amount)
    for (item, part), share in zip(shares, bases, strict=True):
        _allocating.allocate(stage, item, part, noted, share)
    if left:
        rest = None if base is None else base + sum(share or 0 for share in bases)
        stage.execute(
            "INSERT INTO outstanding_item (account_id, item_key, invoice_number, journal, entry_number, line_number,"
            " invoice_date, currency, amount, open_amount, base_amount, description, reference)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(row.account, row.key, None if items else row.number, row.journal, row.entry, row.line, row.day, currency),
            *(-left, -left, rest, row.description, row.reference),
        )


KIND = Kind("payment", "payments", FIELDS, merge, rank=5)
