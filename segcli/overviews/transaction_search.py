"""Search ledger transaction lines by date, journal, ledger account, account, amount and text.

Amounts are in the administration's currency; a foreign amount is shown beside them. A word of TEXT must occur in the
line's description. VALUES are as in the selection flags: 8000..8999, prefix:4, not:1300. --running adds the balance
after each line in date order, including what came before --from; without a line in the period, one row has the balance
at its start. Lines without an account (most bank and revenue lines)
are included unless accounts are selected; `none` and `not:` also match them.
"""

from collections.abc import Iterable
from itertools import starmap

from segcli.base import dates
from segcli.base.text import fold
from segcli.domain.catalogue import parse_values
from segcli.domain.clause import Clause, both, in_order, named, plain_words, text_values
from segcli.domain.table import Column, Expected, Overview
from segcli.overviews.parts.amounts import amount_between
from segcli.query.compose import Request

AREA = "Finance"
PARAMETERS = (
    "text",
    "journal",
    "type",
    "gl_account",
    "amount",
    "entry",
    "invoice",
    "reference",
    "in_currency",
    "running",
)
EXAMPLES = (
    "segcli show transaction-search --period 2026Q1 --gl-account 1300 --class1 N",
    "segcli show transaction-search --account 000017 --running --columns entry_date,description,debit,credit,balance",
)
COLUMNS = (
    Column("entry_date", "date"),
    Column("journal", "code"),
    Column("entry_number", "code", "Entry"),
    Column("gl_account", "code", "Ledger account"),
    Column("account", "code"),
    Column("name"),
    Column("description"),
    Column("invoice_number", "code", "Invoice"),
    Column("debit", "money", total="sum", is_base=True),
    Column("credit", "money", total="sum", is_base=True),
    Column("currency"),
    Column("foreign_amount", "money", "Foreign amount"),
    Column("gl_account_name", heading="Ledger account name", is_extra=True),
    Column("line_number", "code", "Line", is_extra=True),
    Column("period", "integer", is_extra=True),
    Column("financial_year", "integer", is_extra=True),
    Column("type", is_extra=True),
    Column("subledger", is_extra=True),
    Column("due_date", "date", is_extra=True),
    Column("reference", is_extra=True),
    Column("vat_code", "code", is_extra=True),
    Column("quantity", is_extra=True),
    Column("amount", "money", total="sum", is_base=True, is_extra=True),
)
BALANCE = Column("balance", "money", is_base=True)
# flag, its column, and the table of its known values ('' if any value is allowed)
_FILTERS = (
    ("journal", "j.code", "SELECT code FROM journal"),
    ("type", "e.type", "SELECT column1 FROM (VALUES ('sales'), ('purchase'), ('cash'), ('bank'), ('general'), ('opening'), ('other'))"),
    ("gl_account", "g.code", "SELECT code FROM gl_account"),
    ("entry", "e.entry_number", ""),
    ("invoice", "t.invoice_number", ""),
    ("reference", "t.reference", ""),
    ("in_currency", "coalesce(t.currency, (SELECT currency FROM administration))", ""),
)  # fmt: skip
_TEXTS = {"type", "reference", "in_currency"}  # the other filters are of codes
_JOINS = """JOIN entry AS e ON e.id = t.entry_id JOIN journal AS j ON j.id = e.journal_id
           JOIN gl_account AS g ON g.id = t.gl_account_id"""
# The balance at the start of a period without lines. It names the account and the ledger account if all lines have one.
_BROUGHT_FORWARD = """
UNION ALL
SELECT account_id, (SELECT code FROM account WHERE id = account_id), (SELECT name FROM account WHERE id = account_id), :start,
       NULL, NULL, NULL, NULL, NULL, 'opening', (SELECT code FROM gl_account WHERE id = gl_account_id),
       (SELECT description FROM gl_account WHERE id = gl_account_id), NULL, 'opening balance', NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, 0, balance
  FROM (SELECT CASE WHEN min(t.account_id) = max(t.account_id) AND count(t.account_id) = count(*) THEN min(t.account_id) END AS account_id,
               CASE WHEN min(t.gl_account_id) = max(t.gl_account_id) THEN min(t.gl_account_id) END AS gl_account_id,
               sum(t.amount) AS balance
          FROM ({lines}) AS found JOIN transaction_line AS t ON t.id = found.id
        HAVING count(*) > 0 AND max(t.entry_date) < :start)"""
_ORDER = f"t.entry_date, {in_order('j.code')}, {in_order('e.entry_number')}, t.id"


def overview(request: Request) -> Overview:
    """Return the overview with the request's filters."""
    condition, values = named(both(_clauses(request)), "line")
    is_running = bool(request.values.get("running"))
    shown, start = "TRUE", "TRUE"
    if request.start and is_running:
        shown, values["start"] = "l.entry_date >= :start", str(request.start)
    elif request.start:
        start, values["start"] = "t.entry_date >= :start", str(request.start)
    values["end"] = str(dates.earlier(request.end, request.known) or "9999-12-31")
    balance = f", sum(t.amount) OVER (ORDER BY {_ORDER}) AS balance" if is_running else ""
    # Every line has an entry, a journal and a ledger account, so these are joined only for conditions.
    joins = _JOINS if condition != "TRUE" else ""
    lines = f"""SELECT t.id FROM selection AS s JOIN transaction_line AS t ON t.account_id = s.id {joins}
     WHERE t.entry_date <= :end AND {start} AND ({condition})
    UNION ALL
    SELECT t.id FROM nobody CROSS JOIN transaction_line AS t {joins}
     WHERE t.account_id IS NULL AND t.entry_date <= :end AND {start} AND ({condition})"""
    return Overview(
        columns=(*COLUMNS, BALANCE) if is_running else COLUMNS,
        keeps=("gl_account", "account", "debit", "credit"),
        counts="lines",
        sql=f"""SELECT * FROM (
  SELECT t.account_id, s.code AS account, s.name, t.entry_date, j.code AS journal, e.entry_number, t.line_number, e.period,
         e.financial_year, e.type, g.code AS gl_account, g.description AS gl_account_name, g.subledger, t.description,
         t.invoice_number, t.due_date, t.reference, t.vat_code, t.quantity, t.amount, t.currency, t.foreign_amount,
         CASE WHEN t.amount > 0 THEN t.amount END AS debit, CASE WHEN t.amount < 0 THEN -t.amount END AS credit,
         t.id AS line_id{balance}
    FROM ({lines}) AS found JOIN transaction_line AS t ON t.id = found.id {_JOINS}
    LEFT JOIN account AS s ON s.id = t.account_id) AS l
 WHERE {shown}{_BROUGHT_FORWARD.format(lines=lines) if is_running and request.start else ""}""",
        sort=("entry_date", "journal", "entry_number", "line_number"),
        values=values,
        caption=dates.words(request.start, dates.earlier(request.end, request.known), "all entries"),
        has_nobody=True,
        expects=tuple(_expected(request)),
    )


def _clauses(request: Request) -> Iterable[Clause]:
    for name, column, _ in _FILTERS:
        lists = [parse_values(text, f"--{name.replace('_', '-')}") for text in request.values.get(name) or ()]
        if lists:
            yield text_values(column, lists, "text" if name in _TEXTS else "code")
    for word in fold(" ".join(request.values.get("text") or ())).split():
        yield Clause("t.description IS NOT NULL AND instr(fold(t.description), ?) > 0", (word,))
    if request.values.get("amount"):
        yield amount_between(request.values["amount"], "t.amount")


def _expected(request: Request) -> Iterable[Expected]:
    for name, _, sql in _FILTERS:
        flag = f"--{name.replace('_', '-')}"
        words = plain_words(parse_values(text, flag) for text in request.values.get(name) or ())
        yield from starmap(Expected, ((flag, word, sql) for word in words if sql))
