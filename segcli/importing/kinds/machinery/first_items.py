"""First load of outstanding items and their allocations into empty tables: rows go straight in, or nothing is kept."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from segcli.base.text import counted
from segcli.importing.kinds.machinery import bank_statements
from segcli.importing.kinds.machinery.account_lookup import lookup
from segcli.importing.kinds.machinery.bulk import clean, is_empty, without
from segcli.importing.kinds.machinery.item_sql import Given, base_of
from segcli.importing.kinds.machinery.kind_definition import FirstLoad
from segcli.importing.kinds.machinery.stage import Counts, Row, Stage

_TABLES = ("outstanding_item", "allocation")
_AT_ONCE = 10_000  # rows per batch: first their items, then their allocations
_PLAIN = ("journal", "entry_number", "line_number", "invoice_number", "description", "reference", "payment_condition",
          "is_disputed", "dispute_reason", "is_reminder_blocked", "external_id")  # fmt: skip
_FLAGS = ("is_disputed", "is_reminder_blocked")


def _fits(stage: Stage) -> bool:
    return stage.has("invoice_number") and all(is_empty(stage, name) for name in _TABLES)


def _load(stage: Stage, rows: Iterable[Row]) -> Counts:
    """Fill both tables batch by batch, then build their indexes. Filling an index with keys that come in no order is slow.

    The schema rejects rows that are not plain: unknown account, no amount, contradictory figures, no number, a
    second term of the same invoice. The INSERTs also set what the triggers maintain, because these are dropped:
    open_amount of the item, and account, currency and is_advance of the allocation.
    """
    item, allocation = _statements(stage)
    allocated = added = 0
    stated = [at for at, name in enumerate(stage.fields, 2) if name in {"open", "allocated"}]
    unstated: list[int] = []  # the items of which the file does not say what is paid
    with without(stage, _TABLES, ("index", "unique index", "trigger")):
        for block in _blocks(stage, rows):
            unstated += _unstated(stated, block) if stated else []
            added += stage.db.executemany(item, block).rowcount
            if allocation:
                allocated += stage.db.executemany(allocation, block).rowcount
    bank_statements.note_all(stage, unstated)
    return Counts(
        added=added,
        others=allocated,
        notes=(f"{counted(allocated, 'payment')} {stage.verb('matched', 'would be matched')}",) if allocated else (),
    )


def _unstated(places: Sequence[int], block: Sequence[Row]) -> list[int]:
    """Return the numbers of the rows that have no value in any of these places."""
    if any(None not in [row[at] for row in block] for at in places):  # the usual case; it takes a tenth of the time
        return []
    return [row[0] for row in block if all(row[at] is None for at in places)]


def _blocks(stage: Stage, rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield the rows in batches. Raises CloserLookError if a row was rejected."""
    source = clean(stage, rows)
    while block := list(islice(source, _AT_ONCE)):
        yield block


def _statements(stage: Stage) -> tuple[str, str]:
    """Return the SQL that inserts a row's item, and its allocation or '' if the file has no paid amounts.

    ?1 is the row number, which becomes the item's id, as it does when rows pass through a stage.
    """
    fields = {name: f"?{at}" for at, name in enumerate(stage.fields, 3)}
    account = lookup(fields["account"])
    given = Given(fields, account)
    bound = "?{0} IS ?{0}".format(len(fields) + 2)  # uses the last parameter: SQLite needs as many as are bound
    paid = given.paid(given.amount) if {"open", "allocated"} & set(fields) else ""
    columns = {
        name: f"coalesce({fields[name]}, 0)" if name in _FLAGS else fields[name] for name in _PLAIN if name in fields
    }
    columns |= {
        "id": "?1",
        "account_id": account,
        "item_key": given.key(given.amount, given.term),
        "term": given.term,
        "invoice_date": given.invoice_date,
        "due_date": given.due_date,
        "currency": given.currency,
        "amount": given.amount,
        "base_amount": given.base_amount,
        "open_amount": f"{given.amount} - coalesce({paid}, 0)" if paid else given.amount,
    }
    odd = " OR ".join(filter(None, (given.disagree, given.is_revaluation)))
    if odd:
        columns["amount"] = f"CASE WHEN {odd} THEN NULL ELSE {given.amount} END"  # the schema refuses NULL
    item = f"INSERT INTO outstanding_item ({', '.join(columns)}) SELECT {', '.join(columns.values())} WHERE {bound}"
    if not paid:
        return item, ""
    day = f"coalesce({fields.get('allocation_date', 'NULL')}, i.invoice_date)"
    base = base_of(paid, "i.amount", "i.base_amount")
    return item, (
        "INSERT INTO allocation"
        " (item_id, account_id, currency, allocation_key, allocation_date, amount, base_amount, is_advance)"
        f" SELECT i.id, i.account_id, i.currency, 'imported ' || {day}, {day}, {paid}, {base}, {day} < i.invoice_date"
        f" FROM outstanding_item AS i WHERE i.id = ?1 AND {paid} <> 0 AND {bound}"
    )


FIRST_LOAD = FirstLoad(_fits, _load, looks_up=True)
