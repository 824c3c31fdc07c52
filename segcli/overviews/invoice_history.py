"""Sales invoices and credit notes: number, dates, who, amounts, how they were sent and when they were paid.

An account's invoices are those that it is invoiced for; --role ordered-by or deliver-to looks at the other roles. --from, --to
and --period are about the invoice date. paid_date is the day of the last payment of an invoice of which nothing is open. --lines
shows the lines of each invoice; --item keeps the invoices that have such a line (with --lines those lines).
"""

from collections.abc import Iterable
from itertools import starmap

from segcli import dates
from segcli.classification import parse_values
from segcli.clause import Clause, both, named, plain_words, text_values
from segcli.overview import Column, Expected, Overview
from segcli.query import Request
from segcli.summaries import FINE

AREA = "Invoices, sales, purchase, prices"
PARAMETERS = ("role", "invoice", "state", "credit_notes", "unpaid", "item", "amount", "in_currency", "lines")
EXAMPLES = (
    "segcli show invoice-history --period 2026Q1 --class1 N --unpaid",
    "segcli show invoice-history --account 000017 --lines --sort -invoice_date --limit 20",
)
HEAD = (
    Column("invoice_number", "code", "Invoice"),
    Column("invoice_date", "date"),
    Column("due_date", "date"),
    Column("account", "code"),
    Column("name"),
    Column("status"),
    Column("currency"),
)
COLUMNS = (
    *HEAD,
    Column("net_amount", "money", "Net", total="sum"),
    Column("vat_amount", "money", "VAT", total="sum"),
    Column("total_amount", "money", "Total", total="sum"),
    Column("sent_by"),
    Column("paid_date", "date"),
    Column("open", "money", total="sum", is_extra=True),
    Column("is_credit_note", "flag", "Credit note", is_extra=True),
    Column("ordered_by", "code", is_extra=True),
    Column("deliver_to", "code", is_extra=True),
    Column("order_number", "code", "Order", is_extra=True),
    Column("your_reference", is_extra=True),
    Column("original_number", "code", "Credit note for", is_extra=True),
    Column("description", is_extra=True),
    Column("sent_date", "date", is_extra=True),
    Column("invoice_id", "integer", is_extra=True),
)
LINES = (
    *HEAD,
    Column("line_number", "integer", "Line"),
    Column("item", "code"),
    Column("description"),
    Column("quantity", "decimal"),
    Column("unit_price"),
    Column("discount_percent", heading="Discount %"),
    Column("net_amount", "money", "Net", total="sum", parts=FINE),
    Column("unit", is_extra=True),
    Column("vat_percent", heading="VAT %", is_extra=True),
    Column("start_date", "date", is_extra=True),
    Column("end_date", "date", is_extra=True),
    Column("invoice_id", "integer", is_extra=True),
)
ROLES = {"ordered-by": "ordered_by_id", "invoice-to": "account_id", "deliver-to": "deliver_to_id"}
STATUSES = "SELECT column1 FROM (VALUES ('draft'), ('open'), ('processed'))"
_FILTERS = (("invoice", "i.invoice_number", ""), ("state", "i.status", STATUSES), ("in_currency", "i.currency", ""))
# Nothing open of its terms, and the last day on which one of them was paid.
_OPEN = "(SELECT sum(o.open_amount) FROM outstanding_item AS o WHERE o.account_id = i.account_id AND o.invoice_number = i.invoice_number)"
_PAID = """(SELECT max(l.allocation_date) FROM outstanding_item AS o JOIN allocation AS l ON l.item_id = o.id
             WHERE o.account_id = i.account_id AND o.invoice_number = i.invoice_number)"""


def overview(request: Request) -> Overview:
    """Return the invoices, or their lines."""
    role = ROLES[request.values.get("role") or "invoice-to"]
    condition, values = named(both(_clauses(request)), "asked")
    values |= {"start": str(request.start or "0000"), "end": str(request.end or "9999")}
    kept = f"i.kind = 'sales' AND i.invoice_date >= :start AND i.invoice_date <= :end AND ({condition})"
    is_open = f" AND coalesce({_OPEN}, 0) <> 0" if request.values.get("unpaid") else ""
    has_lines = bool(request.values.get("lines"))
    select = _LINES if has_lines else _HEADS
    return Overview(
        columns=LINES if has_lines else COLUMNS,
        keeps=("invoice_date", "account", "total_amount", "item", "net_amount"),
        counts="lines" if has_lines else "invoices",
        sql=f"{select.format(role=role)} WHERE {kept}{is_open}",
        sort=("invoice_date", "invoice_number", "invoice_id", *(("line_number",) if has_lines else ())),
        values=values,
        caption=dates.words(request.start, request.end, "all invoices"),
        expects=tuple(_expected(request)),
    )


_HEADS = f"""SELECT s.id AS account_id, s.account, s.name, i.id AS invoice_id, i.invoice_number, i.invoice_date, i.due_date, i.status,
       i.currency, i.net_amount, i.vat_amount, i.total_amount, i.sent_by, i.sent_date, {_OPEN} AS open,
       CASE WHEN {_OPEN} = 0 THEN {_PAID} END AS paid_date, i.total_amount < 0 AS is_credit_note, i.order_number,
       i.your_reference, i.original_number, i.description, (SELECT code FROM account WHERE id = i.ordered_by_id) AS ordered_by,
       (SELECT code FROM account WHERE id = i.deliver_to_id) AS deliver_to
  FROM selection AS s JOIN invoice AS i ON i.{{role}} = s.id"""
_LINES = """SELECT s.id AS account_id, s.account, s.name, i.id AS invoice_id, i.invoice_number, i.invoice_date, i.due_date,
       i.status, i.currency, l.line_number, m.code AS item, l.description, l.quantity / 1000000.0 AS quantity, l.unit_price,
       l.discount_percent, l.net_amount, l.unit, l.vat_percent, l.start_date, l.end_date
  FROM selection AS s JOIN invoice AS i ON i.{role} = s.id JOIN invoice_line AS l ON l.invoice_id = i.id
  LEFT JOIN item AS m ON m.id = l.item_id"""


def _clauses(request: Request) -> Iterable[Clause]:
    for name, column, _ in _FILTERS:
        lists = [parse_values(text, f"--{name.replace('in_', '')}") for text in request.values.get(name) or ()]
        if lists:
            yield text_values(column, lists, "code" if name == "invoice" else "text")
    items = [parse_values(text, "--item") for text in request.values.get("item") or ()]
    if items:
        clause = text_values("m.code", items)
        if not request.values.get("lines"):
            inside = (
                "i.id IN (SELECT l.invoice_id FROM invoice_line AS l LEFT JOIN item AS m ON m.id = l.item_id WHERE "
            )
            clause = Clause(f"{inside}{clause.sql})", clause.values)
        yield clause
    if request.values.get("credit_notes"):
        yield Clause("i.total_amount < 0")
    if request.values.get("amount"):
        from segcli.overviews.transaction_search import amount_between

        yield amount_between(request.values["amount"], "i.total_amount")


def _expected(request: Request) -> Iterable[Expected]:
    known = {"item": "SELECT code FROM item", **{name: sql for name, _, sql in _FILTERS if sql}}
    for name, sql in known.items():
        words = plain_words(parse_values(text, f"--{name}") for text in request.values.get(name) or ())
        yield from starmap(Expected, ((f"--{name}", word, sql) for word in words))
