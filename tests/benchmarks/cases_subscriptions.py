"""Catching up subscriptions: 24 missed months of each, invoiced at once, against bare statements in the sqlite3 shell."""

from collections.abc import Iterator
from pathlib import Path

import generate
from cases_import import asked, copied, imported, made
from measure import OURS, Case, Contestant
from prepare import ENVIRON, SEGCLI, SQLITE, Ready

SHELL = "sqlite3 shell"
LIMIT = 4.0
MEGABYTES = 150
MONTHS = 24
_RESULT = """SELECT 'invoices', count(*), sum(net_amount), sum(vat_amount), min(invoice_date), max(invoice_date) FROM invoice
UNION ALL SELECT 'lines', count(*), sum(net_amount), sum(line_number), min(start_date), max(end_date) FROM invoice_line
UNION ALL SELECT 'periods', count(*), count(invoice_id), sum(line_number), min(start_date), max(end_date) FROM subscription_period
UNION ALL SELECT 'invoiced to', count(*), 0, 0, min(invoiced_to_date), max(invoiced_to_date) FROM subscription_line"""
# The months of each line, its invoice, line and period; the price is in cents and VAT is 21 %.
BY_HAND = f"""PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;
BEGIN IMMEDIATE;
INSERT INTO run (command, source, user_name, started_at) VALUES ('run', 'manual', 'me', '2026-06-30T00:00:00Z');
CREATE TEMP TABLE due AS WITH RECURSIVE month(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM month WHERE n < {MONTHS - 1})
SELECT row_number() OVER (ORDER BY date(s.start_date, '+' || n || ' months'), s.account_id) AS invoice_id, l.id AS line_id, s.account_id,
       date(s.start_date, '+' || n || ' months') AS day, date(s.start_date, '+' || (n + 1) || ' months', '-1 day') AS last,
       CAST(round(l.unit_price * 100) AS INTEGER) AS cents, l.unit_price, l.description, s.subscription_number
  FROM subscription AS s JOIN subscription_line AS l ON l.subscription_id = s.id, month;
INSERT INTO invoice (id, kind, account_id, ordered_by_id, deliver_to_id, invoice_date, status, currency, net_amount, vat_amount, total_amount,
  is_summed, exchange_rate, is_rate_stated, order_number, description) SELECT invoice_id, 'sales', account_id, account_id, account_id, day, 'open',
  'EUR', cents, (cents * 21 + 50) / 100, cents + (cents * 21 + 50) / 100, 1, '1', 1, subscription_number, subscription_number FROM due ORDER BY 1;
INSERT INTO invoice_line (invoice_id, line_number, description, quantity, unit_price, net_amount, vat_percent, start_date, end_date)
  SELECT invoice_id, 1, description, 1000000, unit_price, cents * 10000, '21', day, last FROM due ORDER BY invoice_id;
INSERT INTO subscription_period (subscription_line_id, start_date, end_date, invoice_id, line_number, run_id)
  SELECT line_id, day, last, invoice_id, 1, (SELECT max(id) FROM run) FROM due ORDER BY line_id, day;
UPDATE subscription_line SET invoiced_to_date = d.last FROM (SELECT line_id, max(last) AS last FROM due GROUP BY 1) AS d WHERE d.line_id = id;
COMMIT;
"""
NAMES = (f"subscriptions over {MONTHS} missed months",)


def write(folder: Path, number: int) -> tuple[Path, ...]:
    """Write accounts with a monthly subscription of one line each, none of which was invoiced."""
    files = tuple(folder / f"catching_up_{name}.csv" for name in ("accounts", "subscriptions", "subscription_lines"))
    heads = (
        ("account", "name"),
        ("subscription", "account", "start_date", "frequency", "currency"),
        ("subscription", "line", "description", "quantity", "unit_price", "vat_percent"),
    )
    rows = (
        ((f"{n:07d}", f"Klant {n}") for n in range(number)),
        ((f"S{n:07d}", f"{n:07d}", f"2024-07-{n % 28 + 1:02d}", "monthly", "EUR") for n in range(number)),
        ((f"S{n:07d}", 1, "Service", 1, f"{10 + n % 50}.{n % 100:02d}", 21) for n in range(number)),
    )
    for file, head, found in zip(files, heads, rows, strict=True):
        generate.write(file, head, found)
    return files


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the generation of all missed invoices."""
    folder = ready.folder
    number = generate.count(100_000, ready.scale)
    loaded = made(folder / "subscriptions.db", imported(*write(folder, number)))
    here, there, script = folder / "ours.db", folder / "theirs.db", folder / "catching_up.sql"
    script.write_text(BY_HAND)
    words = ("run", "generate-subscription-invoices", "--as-of", "2026-06-30", "--all", "--apply", "--yes")
    ours = Contestant(
        (SEGCLI, "-d", str(here), *words),
        before=copied(loaded, here),
        result=asked(here, _RESULT, folder),
        environ=ENVIRON,
    )
    theirs = Contestant((*SQLITE, "-bail", str(there)), script, copied(loaded, there), asked(there, _RESULT, folder))
    yield Case(NAMES[0], {OURS: ours, SHELL: theirs}, {SHELL: LIMIT}, frozenset({SHELL}), MEGABYTES)
