"""The plan of an invoice run in temporary tables, and what processing stores: numbers, dates, items and entries."""

import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from segcli.actions.parts.job import Job
from segcli.base.errors import DayError, Problem
from segcli.domain import email_addresses, reasons
from segcli.domain.sales import plan, series
from segcli.domain.sales.plan import Head, Line, Planned, VatCode
from segcli.domain.units import FINE
from segcli.query import lookup
from segcli.storage import exchange, summaries

_TABLES = (
    "DROP TABLE IF EXISTS temp.invoice_plan",
    """CREATE TEMP TABLE invoice_plan (invoice_id INTEGER PRIMARY KEY, account_id INTEGER, currency TEXT, net INTEGER,
         vat INTEGER, total INTEGER, due_date TEXT, sent_by TEXT, cause TEXT, reason TEXT)""",
    "CREATE INDEX temp.invoice_plan_account ON invoice_plan (account_id)",
    "DROP TABLE IF EXISTS temp.invoice_plan_line",
    "CREATE TEMP TABLE invoice_plan_line (line_id INTEGER PRIMARY KEY, net INTEGER, percent TEXT)",
)
_OPEN = """open_invoice AS (SELECT i.*, a.is_blocked, a.invoice_by, a.email, c.days FROM selection AS s
              JOIN invoice AS i ON i.account_id = s.id JOIN account AS a ON a.id = s.id
              LEFT JOIN payment_condition AS c ON c.code = coalesce(i.payment_condition, a.payment_condition)
             WHERE i.kind = 'sales' AND i.status = 'open')
SELECT i.id, i.currency, i.net_amount, i.vat_amount, i.total_amount, i.is_summed, i.is_blocked, i.account_id, i.days,
       i.invoice_by, i.email, l.id, l.line_number, l.net_amount, l.vat_code, l.vat_percent, l.vat_amount
  FROM open_invoice AS i LEFT JOIN invoice_line AS l ON l.invoice_id = i.id ORDER BY i.invoice_date, i.id, l.line_number"""


class Rules(NamedTuple):
    """How invoices are numbered, when they are due, and where they are posted."""

    number: str
    payment_days: int
    journal: str
    gl_accounts: dict[str, str]
    vat_percent: str = ""  # for lines without a rate


def prepare(job: Job, rules: Rules) -> None:
    """Plan which open invoices of the selected accounts can be processed on the request's day."""
    for sql in _TABLES:
        job.db.execute(sql)
    codes = {
        code: VatCode(percent, category)
        for code, percent, category in job.db.execute("SELECT code, percent, category FROM vat_code")
    }
    for planned, row in _planned(job, codes, rules.vat_percent):
        days = rules.payment_days if row[8] is None else row[8]
        due = str(job.request.as_of + timedelta(days=days)) if planned.net + planned.vat > 0 else None
        total = planned.net + planned.vat
        sent_by = row[9] if row[9] == "letter" or email_addresses.address(row[10] or "") else "letter"
        job.db.execute(
            "INSERT INTO temp.invoice_plan VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                planned.head.id,
                row[7],
                planned.head.currency,
                planned.net,
                planned.vat,
                total,
                due,
                sent_by,
                *reasons.cells(planned.why),
            ),
        )
        lines = (planned.lines or {}).items() if not planned.why else ()
        job.db.executemany(
            "INSERT INTO temp.invoice_plan_line VALUES (?, ?, ?)",
            [(line, net * FINE, rate.percent) for line, (net, rate) in lines],
        )


def _planned(job: Job, codes: dict[str, VatCode], usual: str) -> Iterator[tuple[Planned, tuple[Any, ...]]]:
    rows = job.select(_OPEN, {})
    for _, group in groupby(rows.fetchall(), key=lambda row: row[0]):
        members = list(group)
        head = Head._make(members[0][:7])
        lines = [Line(*row[11:]) for row in members if row[11] is not None]
        yield plan.plan(head, lines, codes, usual), members[0]


def last_of(db: sqlite3.Connection, prefix: str, digits: int) -> tuple[str | None, str | None]:
    """Return the last number of a series and its date; None if the series is new."""
    row = db.execute(
        "SELECT max(invoice_number), max(CASE status WHEN 'processed' THEN invoice_date END) FROM invoice"
        " WHERE kind = 'sales' AND invoice_number GLOB ? AND length(invoice_number) = ? AND substr(invoice_number, 1, ?) = ?",
        ("*" + "[0-9]" * digits, len(prefix) + digits, len(prefix), prefix),
    ).fetchone()
    return row[0], row[1]


def check_day(db: sqlite3.Connection, rules: Rules, day: date) -> None:
    """Raise SegcliError if the series has a later date, because numbers and dates rise together."""
    last, dated = last_of(db, *series.prefix_of(rules.number, day.year))
    if dated and dated > str(day):
        raise DayError(f"invoice {last} is dated {dated}: none can be dated {day}, before it", "choose a later --as-of")


def process(job: Job, rules: Rules, run_id: int) -> int:
    """Number and date the planned invoices, and create their items and entries; return how many."""
    db, day = job.db, job.request.as_of
    check_day(db, rules, day)  # under the lock: another run may have continued the series
    prefix, digits = series.prefix_of(rules.number, day.year)
    numbers = series.following(last_of(db, prefix, digits)[0], prefix, digits)
    chosen = "SELECT invoice_id FROM temp.invoice_plan WHERE reason = ''"
    order = db.execute(
        f"SELECT id, invoice_number FROM invoice WHERE id IN ({chosen}) ORDER BY invoice_date, id"
    ).fetchall()
    db.execute(
        "UPDATE invoice_line SET net_amount = p.net, vat_percent = p.percent FROM temp.invoice_plan_line AS p"
        " WHERE p.line_id = invoice_line.id"
    )
    for invoice, known in order:
        db.execute(
            """UPDATE invoice SET invoice_number = ?, invoice_date = ?, due_date = p.due_date, status = 'processed', net_amount = p.net,
                 vat_amount = p.vat, total_amount = p.total, sent_by = p.sent_by, sent_date = ?, processed_run_id = ?
                 FROM temp.invoice_plan AS p WHERE p.invoice_id = invoice.id AND invoice.id = ?""",
            (known or next(numbers), str(day), str(day), run_id, invoice),
        )
    summaries.touch(db, f"SELECT id FROM invoice WHERE processed_run_id = {int(run_id)}")
    summaries.refresh(db)
    exchange.convert(db)
    _owe(db, run_id, lookup.currency(db), rules.journal)
    if rules.journal:
        _book(db, run_id, lookup.currency(db), rules)
    return len(order)


def unbooked(db: sqlite3.Connection, run_id: int, journal: str) -> tuple[Problem, ...]:
    """Return the processed invoices of a run that have no entry in the journal because their exchange rate is unknown."""
    sql = "SELECT invoice_number, currency FROM invoice WHERE processed_run_id = ? AND exchange_rate IS NULL ORDER BY 1"
    return tuple(
        Problem("", None, f"invoice {number}", None, f"not booked in journal {journal}: no rate of {currency} is known",
                "its outstanding item was made; import the rates before the next run: segcli rates import FILE")
        for number, currency in (db.execute(sql, (run_id,)) if journal else ())
    )  # fmt: skip


def _owe(db: sqlite3.Connection, run_id: int, own: str, journal: str) -> None:
    """Create the outstanding item of each invoice of a run, with its base amount at the invoice's rate."""
    db.execute(
        """INSERT INTO outstanding_item (account_id, item_key, invoice_number, journal, invoice_date, due_date, currency, amount,
                                         base_amount, is_base_derived, open_amount, description)
           SELECT account_id, 'invoice ' || invoice_number || ' 1', invoice_number, nullif(?, ''), invoice_date, due_date, currency,
                  total_amount, in_base(total_amount, currency, exchange_rate, ?), is_rate_stated = 0 AND exchange_rate IS NOT NULL,
                  total_amount, description
             FROM invoice WHERE processed_run_id = ? AND total_amount <> 0 ORDER BY invoice_number
           ON CONFLICT (account_id, item_key) DO NOTHING""",
        (journal, own, run_id),
    )


def _book(db: sqlite3.Connection, run_id: int, own: str, rules: Rules) -> None:
    """Post each invoice of a run in the administration's currency: debtors against revenue and VAT.

    An invoice in another currency is posted at its rate, with its foreign amounts. Without a rate it is not posted.
    """
    db.execute("INSERT OR IGNORE INTO journal (code, type) VALUES (?, 'sales')", (rules.journal,))
    for code in rules.gl_accounts.values():
        db.execute("INSERT OR IGNORE INTO gl_account (code) VALUES (?)", (code,))
    db.execute(
        """INSERT INTO entry (journal_id, financial_year, entry_number, period, type)
           SELECT j.id, CAST(substr(i.invoice_date, 1, 4) AS INTEGER), i.invoice_number, CAST(substr(i.invoice_date, 6, 2) AS INTEGER),
                  'sales' FROM invoice AS i JOIN journal AS j ON j.code = ?
            WHERE i.processed_run_id = ? AND i.exchange_rate IS NOT NULL""",
        (rules.journal, run_id),
    )
    total, net = (f"in_base(i.{name}, i.currency, i.exchange_rate, :own)" for name in ("total_amount", "net_amount"))
    # VAT is the remainder, so that an entry balances exactly at any rate.
    sides = (
        ("debtors", total, "i.total_amount"),
        ("revenue", f"-{net}", "-i.net_amount"),
        ("vat", f"-({total} - {net})", "-i.vat_amount"),
    )
    for number, (name, amount, foreign) in enumerate(sides, 1):
        db.execute(
            f"""INSERT INTO transaction_line (entry_id, line_number, entry_date, gl_account_id, account_id, amount, currency,
                                              foreign_amount, description, invoice_number, due_date)
                SELECT e.id, :number, i.invoice_date, g.id, i.account_id, {amount}, nullif(i.currency, :own),
                       iif(i.currency = :own, NULL, {foreign}), i.description, i.invoice_number, i.due_date
                  FROM invoice AS i JOIN journal AS j ON j.code = :journal JOIN entry AS e ON e.journal_id = j.id
                   AND e.entry_number = i.invoice_number JOIN gl_account AS g ON g.code = :gl_account
                 WHERE i.processed_run_id = :run AND i.exchange_rate IS NOT NULL AND {amount} <> 0""",
            {
                "number": str(number),
                "journal": rules.journal,
                "gl_account": rules.gl_accounts[name],
                "run": run_id,
                "own": own,
            },
        )
