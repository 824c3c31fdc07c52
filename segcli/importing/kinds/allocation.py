"""Allocations: what was paid or set off against outstanding items, each with its own date."""

from collections import Counter
from typing import NamedTuple

from segcli.base.text import counted
from segcli.importing.kinds.machinery import allocating, bank_booking, receipts, stated_payments
from segcli.importing.kinds.machinery.account_headings import CUSTOMER
from segcli.importing.kinds.machinery.account_lookup import resolve
from segcli.importing.kinds.machinery.allocating import Allocation, Item
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.receipts import Paid
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("account", "code", CUSTOMER,
          is_required=True, surely="accountcode", about="Number of the account"),
    Field("invoice_number", "code", "invoicenumber invoice factuurnummer factuur", is_required=True,
          about="Number of the invoice that is paid"),
    Field("term", "integer", "termijn",
          about="Number of the invoice's term, counted from 1; without it the oldest is paid first"),
    Field("allocation_date", "date", "allocationdate paymentdate betaaldatum afletterdatum", is_required=True,
          about="Date on which the amount was paid or set off"),
    Field("currency", "currency", "currencycode valuta", about="Currency of the invoice as an ISO code, such as EUR"),
    Field("amount", "money", "amountfc bedrag allocated paid betaald", is_required=True,
          about="Amount paid or set off, in the invoice's currency"),
    Field("base_amount", "base_money", "amountdc basisbedrag",
          about="The same amount in the administration's currency"),
    Field("reference", "text", "referentie paymentreference betalingskenmerk",
          about="Reference of the payment, such as the bank statement"),
)  # fmt: skip


class _Row(NamedTuple):
    n: int
    place: int | str
    account: int
    number: str
    day: str
    amount: int
    key: str
    term: int | None
    reference: str | None
    currency: str | None
    base: int | None


def merge(stage: Stage) -> Counts:
    """Allocate each row to its invoice: to the term that it names, else by date, oldest term first.

    A row is identified across files by invoice, date, amount and reference, plus an ordinal among equal rows. The part
    that exceeds the open amount becomes an unallocated receipt.
    """
    resolve(stage)
    bank_booking.make_room(stage.db, stage.table)
    _key(stage)
    by_invoice: dict[tuple[int, str], list[_Row]] = {}
    for row in _rows(stage):
        by_invoice.setdefault((row.account, row.number), []).append(row)
    found: Counter[str] = Counter()
    for (account, number), rows in by_invoice.items():
        found += _merge_invoice(stage, account, number, rows)
    if found["added"]:
        stated_payments.tell_twice(stage)
    surplus = found["surplus"]
    notes = (
        (f"{counted(surplus, 'payment')} above the open amount: the rest is an unallocated receipt",) if surplus else ()
    )
    return Counts(found["added"], found["changed"], found["unchanged"], notes=notes)


def _merge_invoice(stage: Stage, account: int, number: str, rows: list[_Row]) -> Counter[str]:
    """Allocate the rows of one invoice; return the numbers of new rows, known rows and surpluses."""
    items = allocating.of_invoice(stage, account, number)
    found: Counter[str] = Counter()
    spread: list[_Row] = []
    named: list[_Row] = []
    back: list[_Row] = []
    for row in rows:
        meant = items if row.term is None else [item for item in items if item.term == row.term]
        reason = _objection(row, meant)
        if reason:
            _refuse(stage, row, *reason)
        elif _is_known(stage, meant, row):
            is_freed = row.term is None and receipts.free(stage, meant, number, row.key)
            found["changed" if is_freed else "unchanged"] += 1
        elif row.term is None:
            spread.append(row)
        else:
            (named if row.amount * meant[0].amount > 0 else back).append(row)
    found += _take_all(stage, named)
    if spread or named or found["changed"]:
        found += _spread(stage, account, number, spread)
    if back:  # a reversal needs an earlier allocation
        found += _take_all(stage, back)
        found += _spread(stage, account, number, [])
    return found


def _take_all(stage: Stage, rows: list[_Row]) -> Counter[str]:
    left = [amount for row in rows if (amount := _take(stage, row)) is not None]
    return Counter(added=len(left), surplus=sum(map(bool, left)))


def _spread(stage: Stage, account: int, number: str, rows: list[_Row]) -> Counter[str]:
    """Allocate rows without a term over the terms; reject one that reverses more than was allocated."""
    invoice = receipts.of(stage, allocating.of_invoice(stage, account, number))
    for row in rows:
        invoice.paid[row.key] = Paid(row.key, row.day, row.amount, row.base, row.reference)
    for row in rows:
        if row.amount * invoice.sign < 0 and invoice.laid()[row.key].left:
            del invoice.paid[row.key]
            _refuse(stage, row, "amount", None, "this reverses more than was paid", "")
    left = invoice.write()
    new = [row for row in rows if row.key in left]
    return Counter(added=len(new), surplus=sum(bool(left[row.key]) for row in new))


def _rows(stage: Stage) -> list[_Row]:
    optional = [name if stage.has(name) else "NULL" for name in ("term", "reference", "currency", "base_amount")]
    found = stage.execute(
        f"SELECT n, place, account_id, invoice_number, allocation_date, amount, allocation_key, {', '.join(optional)}"
        " FROM {stage} ORDER BY allocation_date, n"
    )
    return [_Row(*row) for row in found.fetchall()]


def _objection(row: _Row, items: list[Item]) -> tuple[str, str, str, str] | None:
    """Return column, value, reason and fix if a row must be rejected."""
    if not items:
        return "invoice_number", row.number, "this account has no such item", "import the receivables first"
    if row.currency and row.currency != items[0].currency:
        return "currency", row.currency, f"this item is in {items[0].currency}", ""
    return None if row.amount else ("amount", "0", "there is nothing to allocate", "")


def _take(stage: Stage, row: _Row) -> int | None:
    """Allocate a row to its term; store and return the surplus; reject a reversal that is too large."""
    items = allocating.of_invoice(stage, row.account, row.number)
    item = next(item for item in items if item.term == row.term)
    part = receipts.of(stage, [one for one in items if (one.amount < 0) == (item.amount < 0)]).room(item, row.amount)
    left = row.amount - part
    if left and (left < 0) != (item.amount < 0):
        _refuse(stage, row, "amount", None, "this reverses more than was paid", "")
        return None
    (base,) = allocating.spread(row.base, [(item, part)], row.amount)
    if part:
        allocating.allocate(stage, item, part, Allocation(row.key, row.day, row.reference), base)
    if left:
        _keep_surplus(stage, item, row, left, None if row.base is None else row.base - (base or 0))
    return left


def _keep_surplus(stage: Stage, item: Item, row: _Row, left: int, base: int | None) -> None:
    """Store a surplus as an item of its own: a receipt of the opposite sign."""
    if item.currency == stage.options.currency:
        base = left
    stage.execute(
        "INSERT INTO outstanding_item (account_id, item_key, invoice_date, currency, amount, open_amount, base_amount,"
        " description, reference) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(row.account, _surplus_key(row), row.day, item.currency, -left, -left, None if base is None else -base),
        *(f"more than was open of {row.number}", row.reference),
    )


def _surplus_key(row: _Row) -> str:
    return receipts.surplus_key(row.number, row.key)


def _refuse(stage: Stage, row: _Row, column: str, value: str | None, reason: str, fix: str) -> None:  # noqa: PLR0913 - a problem's parts
    stage.refuse(row.place, column, value, reason, fix)
    stage.execute("DELETE FROM {stage} WHERE n = ?", row.n)
    stage.rejected += 1


def _key(stage: Stage) -> None:
    stage.execute("ALTER TABLE {stage} ADD COLUMN allocation_key TEXT")
    reference = "coalesce(reference, '')" if stage.has("reference") else "''"
    term = "coalesce(term, '')" if stage.has("term") else "''"
    stage.execute(
        f"""UPDATE {{stage}} SET allocation_key = r.content || ' ' || r.occurrence FROM (
              SELECT n AS row, content, row_number() OVER (PARTITION BY account_id, invoice_number, content ORDER BY n) AS occurrence
                FROM (SELECT *, allocation_date || ' ' || amount || ' ' || {term} || ' ' || {reference} AS content
                        FROM {{stage}})) AS r WHERE r.row = n"""
    )


def _is_known(stage: Stage, items: list[Item], row: _Row) -> bool:
    marks = ", ".join("?" * len(items))
    sql = (
        f"SELECT EXISTS (SELECT 1 FROM allocation WHERE item_id IN ({marks}) AND allocation_key = ?)"
        " OR EXISTS (SELECT 1 FROM outstanding_item WHERE account_id = ? AND item_key = ?)"
    )
    values = (*(item.id for item in items), row.key, row.account, _surplus_key(row))
    return bool(stage.execute(sql, *values).fetchone()[0])


KIND = Kind("allocation", "allocations", FIELDS, merge, rank=5)
