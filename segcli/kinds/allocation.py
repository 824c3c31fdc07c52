"""Allocations: what was paid or set off against outstanding items, each with its own date."""

from typing import Any, NamedTuple

from segcli.kinds import _allocating
from segcli.kinds._account import resolve
from segcli.kinds._allocating import Allocation, Item
from segcli.kinds._kind import Field, Kind
from segcli.kinds._stage import Counts, Stage

FIELDS = (
    Field("account", "code", "customer customercode debtor relatie relatiecode klant klantcode debiteurcode",
          is_required=True, surely="accountcode"),
    Field("invoice_number", "code", "invoicenumber invoice factuurnummer factuur", is_required=True),
    Field("term", "integer", "termijn"),
    Field("allocation_date", "date", "allocationdate paymentdate betaaldatum afletterdatum", is_required=True),
    Field("currency", "currency", "currencycode valuta"),
    Field("amount", "money", "amountfc bedrag allocated paid betaald", is_required=True),
    Field("base_amount", "base_money", "amountdc basisbedrag"),
    Field("reference", "text", "referentie paymentreference betalingskenmerk"),
)  # fmt: skip


class _Row(NamedTuple):
    n: int
    place: Any
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
    """Allocate each row to its invoice, the oldest term first where none is named.

    A row is known again by its invoice, day, amount and reference, and by the how manieth it is of such. What is
    more than was open becomes a receipt that is not allocated.
    """
    resolve(stage)
    _key(stage)
    added = unchanged = surplus = 0
    for row in _rows(stage):
        items = _allocating.of_invoice(stage, row.account, row.number, row.term)
        reason = _objection(row, items)
        if reason:
            _refuse(stage, row, *reason)
        elif _is_known(stage, items, row):
            unchanged += 1
        else:
            left = _take(stage, items, row)
            added += left is not None
            surplus += bool(left)
    notes = (f"{surplus} paid more than was open: the rest is a receipt that is not allocated",) if surplus else ()
    return Counts(added, 0, unchanged, notes=notes)


def _rows(stage: Stage) -> list[_Row]:
    optional = [name if stage.has(name) else "NULL" for name in ("term", "reference", "currency", "base_amount")]
    found = stage.execute(
        f"SELECT n, place, account_id, invoice_number, allocation_date, amount, allocation_key, {', '.join(optional)}"
        " FROM {stage} ORDER BY allocation_date, n"
    )
    return [_Row(*row) for row in found.fetchall()]


def _objection(row: _Row, items: list[Item]) -> tuple[str, str, str, str] | None:
    """Return column, value, reason and what to do where a row cannot be taken."""
    if not items:
        return "invoice_number", row.number, "this account has no such item", "import the receivables first"
    if row.currency and row.currency != items[0].currency:
        return "currency", row.currency, f"this item is in {items[0].currency}", ""
    return None if row.amount else ("amount", "0", "there is nothing to allocate", "")


def _take(stage: Stage, items: list[Item], row: _Row) -> int | None:
    """Allocate a row, keep what is left over and return it; refuse what takes back more than was allocated."""
    shares, left = _allocating.shares(items, row.amount)
    is_credit = sum(item.amount for item in items) < 0
    if left and (left < 0) != is_credit:
        _refuse(stage, row, "amount", None, "this takes back more than was allocated", "")
        return None
    noted = Allocation(row.key, row.day, row.reference)
    bases = _allocating.spread(row.base, shares, row.amount)
    for (item, part), base in zip(shares, bases, strict=True):
        _allocating.allocate(stage, item, part, noted, base)
    if left:
        base_left = None if row.base is None else row.base - sum(base or 0 for base in bases)
        _keep_surplus(stage, items[0], row, left, base_left)
    return left


def _keep_surplus(stage: Stage, item: Item, row: _Row, left: int, base: int | None) -> None:
    """Make what was paid over and above an item of its own: a receipt, of the other sign."""
    if item.currency == stage.options.currency:
        base = left
    stage.execute(
        "INSERT INTO outstanding_item (account_id, item_key, invoice_date, currency, amount, open_amount, base_amount,"
        " description, reference) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(row.account, _surplus_key(row), row.day, item.currency, -left, -left, None if base is None else -base),
        *(f"more than was open of {row.number}", row.reference),
    )


def _surplus_key(row: _Row) -> str:
    return f"surplus {row.number} {row.key}"


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
