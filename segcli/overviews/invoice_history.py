"""Sales invoices and credit notes: number, dates, account, amounts, delivery and payment.

By default an account's invoices are those addressed to it; --role ordered-by or deliver-to selects by another role.
--from, --to and --period apply to the invoice date; with --as-of, later invoices are left out. open and paid_date are
as of that day; paid_date is the day of the last payment of a fully paid invoice. --lines shows the lines of each
invoice. --item keeps the invoices that have such a line; with --lines, only those lines. With --base-currency all
amounts are in the administration's currency, at the rate stated on the invoice, else at the rate of its date.
"""

from collections.abc import Iterable
from itertools import starmap

from segcli.base import dates
from segcli.domain.catalogue import parse_values
from segcli.domain.clause import Clause, both, named, plain_words, text_values
from segcli.domain.table import UNCONVERTED, Column, Expected, Overview
from segcli.domain.units import FINE
from segcli.overviews.parts.roles import ROLES
from segcli.query.compose import Request
from segcli.storage.exchange import OWN
from segcli.storage.summaries import in_base as exchanged

AREA = "Invoices, sales, purchase, prices"
PARAMETERS = (
    "role",
    "invoice",
    "state",
    "credit_notes",
    "unpaid",
    "item",
    "amount",
    "in_currency",
    "lines",
    "base_currency",
)
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
    UNCONVERTED,
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
    UNCONVERTED,
)
STATUSES = "SELECT 'draft' UNION ALL SELECT 'open' UNION ALL SELECT 'processed'"
_FILTERS = (("invoice", "i.invoice_number", ""), ("state", "i.status", STATUSES), ("in_currency", "i.currency", ""))
# The open amount of the invoice's terms on the as-of day, and the day of their last payment up to then.
_OPEN = """((SELECT sum(o.open_amount) FROM outstanding_item AS o WHERE o.account_id = i.account_id AND o.invoice_number = i.invoice_number)
         + CASE WHEN (SELECT max(allocation_date) FROM allocation) > :as_of THEN (
           SELECT coalesce(sum(l.amount), 0) FROM outstanding_item AS o JOIN allocation AS l ON l.item_id = o.id
            WHERE o.account_id = i.account_id AND o.invoice_number = i.invoice_number AND l.allocation_date > :as_of) ELSE 0 END)"""
_PAID = """(SELECT max(l.allocation_date) FROM outstanding_item AS o JOIN allocation AS l ON l.item_id = o.id
             WHERE o.account_id = i.account_id AND o.invoice_number = i.invoice_number AND l.allocation_date <= :as_of)"""


def overview(request: Request) -> Overview:
    """Return the invoices, or their lines."""
    role = ROLES[request.values.get("role") or "invoice-to"]
    condition, values = named(both(_clauses(request)), "asked")
    values |= {
        "start": str(request.start or "0000"),
        "end": str(dates.earlier(request.end, request.known) or "9999"),
        "as_of": str(request.as_of),
    }
    kept = f"i.kind = 'sales' AND i.invoice_date >= :start AND i.invoice_date <= :end AND ({condition})"
    is_open = f" AND coalesce({_OPEN}, 0) <> 0" if request.values.get("unpaid") else ""
    has_lines = bool(request.values.get("lines"))
    in_base = bool(request.values.get("base_currency"))
    select = (_LINES if has_lines else _HEADS).format(role=role, **_amounts(in_base=in_base))
    return Overview(
        columns=LINES if has_lines else COLUMNS,
        keeps=("invoice_date", "account", "total_amount", "item", "net_amount"),
        counts="lines" if has_lines else "invoices",
        sql=f"{select} WHERE {kept}{is_open}",
        sort=("invoice_date", "invoice_number", "invoice_id", *(("line_number",) if has_lines else ())),
        values=values,
        caption=dates.words(request.start, dates.earlier(request.end, request.known), "all invoices"),
        expects=tuple(_expected(request)),
        missing=_MISSING.format(role=role, kept=f"{kept}{is_open}") if in_base else "",
    )


def _amounts(*, in_base: bool) -> dict[str, str]:
    """Return the SQL of the amounts of invoice `i` and its line `l`, in its own or the administration's currency."""
    names = {
        "net": "i.net_amount",
        "vat": "i.vat_amount",
        "total": "i.total_amount",
        "line": "l.net_amount",
        "open": _OPEN,
    }
    if not in_base:
        return {**names, "currency": "i.currency"}
    found = {name: exchanged(sql) for name, sql in names.items()}
    # VAT is the remainder, so that net and VAT add up to the rounded total.
    return {**found, "vat": f"({found['total']} - {found['net']})", "currency": OWN}


_HEADS = """SELECT s.id AS account_id, s.account, s.name, i.id AS invoice_id, i.invoice_number, i.invoice_date, i.due_date, i.status,
       {currency} AS currency, {net} AS net_amount, {vat} AS vat_amount, {total} AS total_amount, i.sent_by, i.sent_date,
       {open} AS open, CASE WHEN {total} IS NULL THEN 1 ELSE 0 END AS unconverted,
       CASE WHEN %s = 0 THEN %s END AS paid_date, CASE WHEN i.total_amount < 0 THEN 1 ELSE 0 END AS is_credit_note, i.order_number,
       i.your_reference, i.original_number, i.description, (SELECT code FROM account WHERE id = i.ordered_by_id) AS ordered_by,
       (SELECT code FROM account WHERE id = i.deliver_to_id) AS deliver_to
  FROM selection AS s JOIN invoice AS i ON i.{role} = s.id""" % (_OPEN, _PAID)  # noqa: UP031 - {} are filled in later
_LINES = """SELECT s.id AS account_id, s.account, s.name, i.id AS invoice_id, i.invoice_number, i.invoice_date, i.due_date,
       i.status, {currency} AS currency, l.line_number, m.code AS item, l.description, l.quantity / 1e6 AS quantity, l.unit_price,
       l.discount_percent, {line} AS net_amount, CASE WHEN {line} IS NULL THEN 1 ELSE 0 END AS unconverted,
       l.unit, l.vat_percent, l.start_date, l.end_date
  FROM selection AS s JOIN invoice AS i ON i.{role} = s.id JOIN invoice_line AS l ON l.invoice_id = i.id
  LEFT JOIN item AS m ON m.id = l.item_id"""

_MISSING = """lacking AS (
  SELECT s.id AS account_id, i.currency, i.net_amount FROM selection AS s JOIN invoice AS i ON i.{role} = s.id
   WHERE i.exchange_rate IS NULL AND {kept}
)
SELECT 'invoices', currency, count(*), count(DISTINCT account_id), sum(net_amount) FROM lacking GROUP BY currency"""


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
        from segcli.overviews.parts.amounts import amount_between

        yield amount_between(request.values["amount"], "i.total_amount")


def _expected(request: Request) -> Iterable[Expected]:
    known = {"item": "SELECT code FROM item", **{name: sql for name, _, sql in _FILTERS if sql}}
    for name, sql in known.items():
        words = plain_words(parse_values(text, f"--{name}") for text in request.values.get(name) or ())
        yield from starmap(Expected, ((f"--{name}", word, sql) for word in words))
