"""Allocations: what was paid or set off against outstanding items, each with its own date."""

from typing import NamedTuple

from segcli.kinds._account import resolve
from segcli.kinds._kind import Field, Kind
from segcli.kinds._stage import Counts, Stage

FIELDS = (
    Field("account", "code", "customer customercode debtor relatie relatiecode klant klantcode debiteurcode",
          is_required=True, surely="accountcode"),
    Field("invoice_number", "code", "invoicenumber invoice factuurnummer factuur", is_required=True),
    Field("term", "integer", "termijn"),
    Field("allocation_date", "date", "allocationdate paymentdate betaaldatum afletterdatum", is_required=True),
    Field("currency", "currency", "currencycode valuta"),
    Field("amount", "money", "bedrag allocated paid betaald", is_required=True),
    Field("reference", "text", "referentie paymentreference betalingskenmerk"),
)  # fmt: skip


class _Item(NamedTuple):
    id: int
    term: int
    amount: int
    open: int


def merge(stage: Stage) -> Counts:
    """Allocate each row to its invoice, the oldest term first where none is named.

    A row is known again by its invoice, day, amount and reference, and by the how manieth it is of such. More than
    is open is rejected with what is open.
    """
    resolve(stage)
    _key(stage)
    added = unchanged = 0
    optional = [name if stage.has(name) else "NULL" for name in ("term", "reference")]
    rows = stage.execute(
        f"SELECT n, place, account_id, invoice_number, allocation_date, amount, allocation_key, {', '.join(optional)}"
        " FROM {stage} ORDER BY allocation_date, n"
    ).fetchall()
    for n, place, account, number, day, amount, key, term, reference in rows:
        items = _items(stage, account, number, term)
        if not items:
            _refuse(
                stage,
                n,
                place,
                "invoice_number",
                number,
                "this account has no such item",
                "import the receivables first",
            )
        elif _is_known(stage, items, key):
            unchanged += 1
        elif shares := _shares(items, amount):
            stage.db.executemany(
                "INSERT INTO allocation (item_id, allocation_key, allocation_date, amount, reference) VALUES (?, ?, ?, ?, ?)",
                [(item, key, day, part, reference) for item, part in shares],
            )
            added += 1
        else:
            open_ = sum(item.open for item in items)
            _refuse(stage, n, place, "amount", None, f"this is more than is open: {open_} in the smallest unit", "")
    return Counts(added, 0, unchanged)


def _refuse(stage: Stage, n: int, place: object, column: str, value: str | None, reason: str, fix: str) -> None:  # noqa: PLR0913 - a problem's parts
    stage.refuse(place, column, value, reason, fix)
    stage.execute("DELETE FROM {stage} WHERE n = ?", n)
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


def _items(stage: Stage, account: int, number: str, term: int | None) -> list[_Item]:
    found = stage.execute(
        "SELECT id, term, amount, open_amount FROM outstanding_item WHERE account_id = ? AND invoice_number = ?"
        " AND term = coalesce(?, term) ORDER BY coalesce(due_date, invoice_date), term, id",
        account,
        number,
        term,
    )
    return [_Item(*row) for row in found]


def _is_known(stage: Stage, items: list[_Item], key: str) -> bool:
    marks = ", ".join("?" * len(items))
    sql = f"SELECT 1 FROM allocation WHERE item_id IN ({marks}) AND allocation_key = ?"
    return stage.execute(sql, *(item.id for item in items), key).fetchone() is not None


def _shares(items: list[_Item], amount: int) -> list[tuple[int, int]]:
    """Return how much of the amount goes to each item, the oldest first; nothing where it does not fit.

    An amount of the other sign takes back what was allocated, the newest first.
    """
    total = sum(item.amount for item in items)
    if not amount or not total:
        return []
    sign = 1 if total > 0 else -1
    left, shares = amount * sign, []
    for item in items if left > 0 else reversed(items):
        room = item.open * sign if left > 0 else -(item.amount - item.open) * sign
        part = min(left, max(room, 0)) if left > 0 else max(left, min(room, 0))
        if part:
            shares.append((item.id, part * sign))
            left -= part
    return shares if not left else []


KIND = Kind("allocation", "allocations", FIELDS, merge, rank=5)
