"""Receivables from the ledger: items and payments made from the transaction lines on the ledger accounts of debtors.

They serve files without a subledger. Lines with an account and an invoice number make an item and its payments; the other lines
of an account make one open balance. They are derived from all stored lines of the invoices and accounts in the file, so that
the order of the files makes no difference and the items add up to the ledger.
"""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace

from segcli.importing.kinds.machinery import kind_definition
from segcli.importing.kinds.machinery.kind_definition import ColumnMap
from segcli.importing.kinds.machinery.stage import Counts, Stage

LEDGER, SUBLEDGER, NONE = "from-ledger", "from-subledger", "none"
CHOICES = (LEDGER, SUBLEDGER, NONE)
KINDS = frozenset({"outstanding_item", "payment", "match"})  # the kinds that a subledger is read as
_BALANCES = "ledger_balances"  # the temporary table of the open balances
_BALANCE = "balance"  # the entry number of an account's open balance
_YEARS = re.compile(r"\b[0-9]{4}\b")
_ITEM = (
    "account", "invoice_number", "journal", "entry_number", "line_number", "invoice_date", "due_date", "currency", "amount",
    "base_amount", "description", "reference",
)  # fmt: skip
_PAYMENT = (
    "account", "invoice_number", "journal", "entry_number", "line_number", "payment_date", "currency", "amount", "base_amount",
    "description", "reference",
)  # fmt: skip
# The lines that this import brought, and from them all lines of the same invoices, in one currency each.
_TOUCHED = """CREATE TEMP TABLE ledger_touched AS SELECT DISTINCT t.account_id, t.invoice_number
  FROM {stage} AS s JOIN transaction_line AS t ON t.entry_id = s.entry_id AND t.line_number = s.final_line
  JOIN gl_account AS g ON g.id = t.gl_account_id WHERE g.subledger = 'debtors' AND t.account_id IS NOT NULL"""
_LINES = """CREATE TEMP TABLE ledger_line AS
SELECT x.*, iif(is_foreign, x.foreign_currency, (SELECT currency FROM administration)) AS currency,
       iif(is_foreign, x.foreign_amount, x.base_amount) AS amount
  FROM (SELECT t.id, t.account_id, a.code AS account, t.invoice_number, j.code AS journal, e.entry_number, t.line_number,
               e.financial_year AS year, e.type, t.entry_date, t.due_date, t.amount AS base_amount, t.currency AS foreign_currency,
               t.foreign_amount, t.description, t.reference,
               count(t.currency) OVER w = count(*) OVER w AND min(t.currency) OVER w = max(t.currency) OVER w AS is_foreign
          FROM temp.ledger_touched AS n JOIN transaction_line AS t ON t.account_id = n.account_id AND t.invoice_number = n.invoice_number
          JOIN gl_account AS g ON g.id = t.gl_account_id JOIN entry AS e ON e.id = t.entry_id JOIN journal AS j ON j.id = e.journal_id
          JOIN account AS a ON a.id = t.account_id
         WHERE g.subledger = 'debtors' AND t.amount <> 0 WINDOW w AS (PARTITION BY t.account_id, t.invoice_number)) AS x"""
# A debit is what was invoiced. In a bank or cash journal it is a payment back, if the invoice was booked elsewhere.
_IS_ITEM = """l.amount > 0 AND (coalesce(l.type, '') NOT IN ('bank', 'cash') OR NOT EXISTS (SELECT 1 FROM temp.ledger_line AS o
  WHERE o.account_id = l.account_id AND o.invoice_number = l.invoice_number AND coalesce(o.type, '') NOT IN ('bank', 'cash')))"""
# A list that states what is open is another source, also where its items are those of the ledger.
_ELSEWHERE = f"""SELECT EXISTS (SELECT 1 FROM receivables_statement) OR EXISTS
  (SELECT 1 FROM outstanding_item AS i WHERE i.surplus_of IS NULL AND i.item_key <> 'entry {_BALANCE}'
  AND i.journal IS NOT 'opening' AND NOT EXISTS (SELECT 1 FROM journal AS j JOIN entry AS e ON e.journal_id = j.id
    JOIN transaction_line AS t ON t.entry_id = e.id WHERE j.code = i.journal AND e.entry_number = i.entry_number
     AND t.line_number = i.line_number))"""


def wish(wanted: str, stages: tuple[Stage, ...]) -> str:
    """Return where the receivables of a file come from; '' if it has no ledger lines.

    By default they come from its subledger. Without one they come from its ledger, if the file marks its ledger accounts of debtors
    and no item of another source is stored, because that item would then be stored twice.
    """
    kinds = {stage.kind.name for stage in stages}
    if "transaction_line" not in kinds:
        return ""
    if wanted:
        return wanted
    if kinds & KINDS:
        return SUBLEDGER
    return LEDGER if any(map(_states_debtors, stages)) else NONE


def _states_debtors(stage: Stage) -> bool:
    if stage.kind.name != "gl_account" or not stage.has("subledger"):
        return False
    return stage.is_any("subledger = 'debtors'")


def is_elsewhere(db: sqlite3.Connection) -> bool:
    """Tell whether an outstanding item is stored that does not come from the ledger."""
    return bool(db.execute(_ELSEWHERE).fetchone()[0])


def make(lines: Stage) -> Iterator[tuple[Stage, Counts]]:
    """Make items, payments and open balances of the lines of a merged stage; yield their stages and counts."""
    for table in ("ledger_touched", "ledger_line"):
        lines.execute(f"DROP TABLE IF EXISTS temp.{table}")
    lines.execute(_TOUCHED)
    lines.execute("CREATE INDEX temp.ledger_touched_account ON ledger_touched (account_id, invoice_number)")
    lines.execute(_LINES)
    lines.execute("CREATE INDEX temp.ledger_line_invoice ON ledger_line (account_id, invoice_number)")
    yield _merged(_items(lines))
    mine = {int(year) for (year,) in lines.execute("SELECT DISTINCT final_year FROM {stage}")}
    touched = "SELECT account_id FROM temp.ledger_touched WHERE invoice_number IS NULL"
    yield _merged(_balances(lines, touched, mine))
    _release_receipts(lines)
    years = lines.execute(
        f"SELECT DISTINCT year FROM temp.ledger_line AS l WHERE NOT ({_IS_ITEM}) ORDER BY 1"
    ).fetchall()
    for (year,) in years:
        yield _merged(_payments(lines, year))


def renew_balances(lines: Stage) -> tuple[Stage, Counts]:
    """Derive the stored open balances again, because merged lines may have changed what opening balances add."""
    return _merged(_balances(lines, "SELECT NULL AS account_id WHERE 0", set()))


def title(stage: Stage) -> str:
    """Return what a stage of `make` or `renew_balances` holds."""
    what = "open balances" if stage.table.endswith(_BALANCES) else stage.kind.title
    return f"{what} from the ledger"


def _merged(stage: Stage) -> tuple[Stage, Counts]:
    return stage, stage.kind.merge(stage)


def _staged(lines: Stage, kind: str, fields: tuple[str, ...], table: str, query: str) -> Stage:
    """Return a stage of records that a query yields, in the order of the fields."""
    lines.execute(f"DROP TABLE IF EXISTS temp.{table}")
    lines.execute(f"CREATE TEMP TABLE {table} (n INTEGER PRIMARY KEY, place, {', '.join(fields)})")
    found = kind_definition.find(kind)
    stage = Stage(
        lines.db, f"temp.{table}", found, ColumnMap(found, {}, ()), fields, lines.file,
        replace(lines.options, must_create=False), lines.catalogue, fields, run_id=lines.run_id,
    )  # fmt: skip
    stage.execute(f"INSERT INTO {{stage}} ({', '.join(fields)}) {query}")
    stage.execute("UPDATE {stage} SET place = 'ledger line ' || n")
    return stage


def _items(lines: Stage) -> Stage:
    """Return the stage of invoices: the debits of an invoice together, named by the first of them.

    A stored item with that number, currency and amount stays as it is: it may have more data, such as a due date.
    """
    first = "row_number() OVER (PARTITION BY l.account_id, l.invoice_number ORDER BY l.entry_date, l.id)"
    whole = "sum(l.{0}) OVER (PARTITION BY l.account_id, l.invoice_number)"
    query = f"""
SELECT account, invoice_number, journal, entry_number, line_number, entry_date, due_date, currency, amount, base_amount,
       description, reference
  FROM (SELECT l.account_id, l.account, l.invoice_number, l.journal, l.entry_number, l.line_number, l.entry_date,
               min(l.due_date) OVER (PARTITION BY l.account_id, l.invoice_number) AS due_date, l.currency,
               {whole.format("amount")} AS amount,
               {whole.format("base_amount")} AS base_amount, l.description, l.reference, {first} AS place
          FROM temp.ledger_line AS l WHERE {_IS_ITEM}) AS x
 WHERE place = 1 AND NOT EXISTS (SELECT 1 FROM outstanding_item AS t WHERE t.account_id = x.account_id
   AND t.invoice_number = x.invoice_number AND (t.currency, t.amount) = (x.currency, x.amount)
   AND (t.journal, t.entry_number, t.line_number) IS NOT (x.journal, x.entry_number, x.line_number) AND t.journal IS NOT 'opening')
 ORDER BY entry_date, account, invoice_number"""
    return _staged(lines, "outstanding_item", _ITEM, "ledger_items", query)


def _payments(lines: Stage, year: int) -> Stage:
    """Return the stage of the payments and credits of a year's entries."""
    query = f"""SELECT account, invoice_number, journal, entry_number, line_number, entry_date, currency, amount, base_amount,
      description, reference FROM temp.ledger_line AS l WHERE l.year = {int(year)} AND NOT ({_IS_ITEM}) ORDER BY l.entry_date, l.id"""
    stage = _staged(lines, "payment", _PAYMENT, "ledger_payments", query)
    stage.year = int(year)
    return stage


def _release_receipts(lines: Stage) -> None:
    """Remove unallocated receipts whose invoice is stored now; they are merged again as its payments."""
    lines.execute(
        """DELETE FROM outstanding_item WHERE item_key GLOB 'entry *' AND amount < 0 AND open_amount = amount
             AND (account_id, invoice_number) IN (SELECT account_id, invoice_number FROM temp.ledger_line)
             AND EXISTS (SELECT 1 FROM outstanding_item AS o WHERE o.account_id = outstanding_item.account_id AND o.amount > 0
                  AND o.invoice_number = outstanding_item.invoice_number AND o.currency = outstanding_item.currency)
             AND EXISTS (SELECT 1 FROM temp.ledger_line AS l WHERE l.account_id = outstanding_item.account_id
                  AND (l.journal, l.entry_number, l.line_number) = (outstanding_item.journal, outstanding_item.entry_number,
                       outstanding_item.line_number))
             AND NOT EXISTS (SELECT 1 FROM allocation AS a WHERE outstanding_item.id IN (a.item_id, a.counter_item_id))
             AND NOT EXISTS (SELECT 1 FROM reminder_line AS r WHERE r.item_id = outstanding_item.id)"""
    )


def _balances(lines: Stage, touched: str, mine: set[int]) -> Stage:
    """Return the stage of open balances: per account the sum of its lines without an invoice number.

    It contains the accounts of a query and those with a stored open balance, because lines of another year change what an opening
    balance adds. It sums the years whose receivables come from the ledger. The item's description names these years, so that a
    later import adds its own. The date is that of the last line.
    """
    currency = lines.options.currency
    stage = _staged(lines, "outstanding_item", _ITEM, _BALANCES, f"SELECT {', '.join(['NULL'] * len(_ITEM))} WHERE 0")
    accounts = lines.execute(
        f"""SELECT n.account_id, a.code, i.description, i.invoice_date
             FROM ({touched} UNION SELECT account_id FROM outstanding_item WHERE item_key = ?1) AS n
             JOIN account AS a ON a.id = n.account_id
             LEFT JOIN outstanding_item AS i ON i.account_id = n.account_id AND i.item_key = ?1 ORDER BY a.code""",
        f"entry {_BALANCE}",
    ).fetchall()
    for number, account, description, known in accounts:
        years = sorted(mine | {int(year) for year in _YEARS.findall(description or "")})
        amount, day = lines.execute(
            f"""SELECT coalesce(sum(t.amount), 0), max(t.entry_date) FROM transaction_line AS t
                 JOIN gl_account AS g ON g.id = t.gl_account_id JOIN entry AS e ON e.id = t.entry_id
                WHERE g.subledger = 'debtors' AND t.account_id = ? AND t.invoice_number IS NULL
                  AND t.amount <> 0 AND e.financial_year IN ({", ".join(map(str, years))})""",
            number,
        ).fetchone()
        if amount or known:
            text = f"balance without invoice numbers, {' '.join(map(str, years))}"
            values = (account, None, None, _BALANCE, None, day or known, None, currency, amount, amount, text, None)
            stage.execute(
                f"INSERT INTO {{stage}} (place, {', '.join(_ITEM)}) VALUES (?, {', '.join('?' * len(_ITEM))})",
                account,
                *values,
            )
    return stage
