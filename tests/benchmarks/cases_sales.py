"""A flat sales file against the sqlite3 shell's `.import` and INSERT … SELECT into the same tables, with their indexes built after it.

The shell validates nothing, knows that every amount has two decimals, and numbers the lines of an order by their content as segcli
does: a bound from below.
"""

from collections.abc import Iterator
from datetime import timedelta

import generate
from cases_import import MEGABYTES, asked, copied, made, theirs
from measure import OURS, Case, Contestant
from prepare import ENVIRON, SEGCLI, Ready, segcli

SHELL = "sqlite3 .import"
LIMIT = 3
ROWS, LINES, CUSTOMERS = 1_000_000, 5, 50_000
HEADER = ("customer", "date", "order_number", "item", "quantity", "unit_price", "amount")
_CENTS = "CAST(replace(s.amount, '.', '') AS INTEGER) * 10000"
SALES = f"""CREATE TABLE account (id INTEGER PRIMARY KEY, code TEXT UNIQUE, name TEXT, search_text TEXT);
CREATE TABLE item (id INTEGER PRIMARY KEY, code TEXT UNIQUE, description TEXT);
CREATE TABLE invoice (id INTEGER PRIMARY KEY, kind TEXT, account_id INTEGER, ordered_by_id INTEGER, deliver_to_id INTEGER, invoice_number TEXT UNIQUE,
  invoice_date TEXT, status TEXT, currency TEXT, net_amount INTEGER, vat_amount INTEGER, total_amount INTEGER, is_summed INTEGER,
  exchange_rate TEXT, is_rate_stated INTEGER, revenue_amount INTEGER, base_revenue_amount INTEGER, order_number TEXT);
CREATE TABLE invoice_line (id INTEGER PRIMARY KEY, invoice_id INTEGER, line_number INTEGER, item_id INTEGER, quantity INTEGER, unit_price TEXT,
  net_amount INTEGER, UNIQUE (invoice_id, line_number));
CREATE TABLE invoice_summary (kind TEXT, account_id INTEGER, month TEXT, item_id INTEGER, currency TEXT, quantity INTEGER, net_amount INTEGER,
  base_net_amount INTEGER, invoices INTEGER, PRIMARY KEY (account_id, kind, month, item_id, currency)) WITHOUT ROWID;
CREATE TEMP TABLE sale ({", ".join(f"{name} TEXT" for name in HEADER)});
.import --csv --skip 1 {{file}} sale
BEGIN;
INSERT INTO account (code, name, search_text) SELECT DISTINCT customer, customer, lower(customer || char(10) || customer) FROM sale;
INSERT INTO item (code, description) SELECT DISTINCT item, item FROM sale;
INSERT INTO invoice (kind, account_id, ordered_by_id, deliver_to_id, invoice_number, invoice_date, status, currency, net_amount, vat_amount,
  total_amount, is_summed, exchange_rate, is_rate_stated, revenue_amount, base_revenue_amount, order_number)
  SELECT 'sales', id, id, id, order_number, date, 'processed', 'EUR', net / 10000, 0, net / 10000, 1, '1', 1, net, net, order_number FROM (
    SELECT a.id, s.order_number, s.date, sum({_CENTS}) AS net FROM sale AS s JOIN account AS a ON a.code = s.customer GROUP BY s.order_number);
INSERT INTO invoice_line (invoice_id, line_number, item_id, quantity, unit_price, net_amount)
  SELECT i.id, row_number() OVER (PARTITION BY i.id ORDER BY s.item, s.unit_price, s.quantity), t.id,
         CAST(s.quantity AS INTEGER) * 1000000, s.unit_price, {_CENTS}
    FROM sale AS s JOIN invoice AS i ON i.invoice_number = s.order_number JOIN item AS t ON t.code = s.item;
INSERT INTO invoice_summary SELECT i.kind, i.ordered_by_id, substr(i.invoice_date, 1, 7), l.item_id, i.currency, sum(l.quantity),
    sum(l.net_amount), sum(l.net_amount), count(DISTINCT i.id)
  FROM invoice AS i JOIN invoice_line AS l ON l.invoice_id = i.id GROUP BY 2, 1, 3, 4, 5;
CREATE INDEX invoice_account ON invoice (account_id, invoice_date, currency, net_amount);
CREATE INDEX invoice_ordered_by ON invoice (ordered_by_id, invoice_date);
CREATE INDEX invoice_unstated ON invoice (id) WHERE is_rate_stated = 0;
CREATE INDEX invoice_line_item ON invoice_line (item_id, invoice_id) WHERE item_id IS NOT NULL;
CREATE VIRTUAL TABLE account_search USING fts5 (search_text, content = 'account', content_rowid = 'id', tokenize = 'trigram', detail = 'none',
  columnsize = 0);
INSERT INTO account_search (account_search) VALUES ('rebuild');
COMMIT;
"""
_RESULT = """SELECT i.invoice_number, a.code, i.invoice_date, i.net_amount, l.line_number, t.code, l.quantity, l.unit_price, l.net_amount
  FROM invoice_line AS l JOIN invoice AS i ON i.id = l.invoice_id JOIN account AS a ON a.id = i.ordered_by_id JOIN item AS t ON t.id = l.item_id;
  SELECT 'summary', a.code, s.month, t.code, s.quantity, s.net_amount, s.base_net_amount, s.invoices, 0
  FROM invoice_summary AS s JOIN account AS a ON a.id = s.account_id JOIN item AS t ON t.id = s.item_id"""
NAMES = ("import of flat sales",)


def rows(scale: float) -> Iterator[tuple[object, ...]]:
    """Yield orders of five lines, in no order of customer, date or number."""
    orders = generate.count(ROWS, scale) // LINES or 1
    customers = generate.count(CUSTOMERS, scale)
    for order in range(orders):
        chance = generate.mixed(order)
        day = generate.FIRST_DAY + timedelta(days=chance // customers % 1095)
        for line in range(LINES):
            drawn = generate.mixed(order * LINES + line + ROWS)
            quantity, price = drawn % 9 + 1, drawn // 9 % 9900 + 100
            item = drawn // 99_000 % generate.ITEMS
            yield (f"C{chance % customers:05d}", day, f"S{order * 7919 % orders:07d}", f"I{item:04d}", quantity,
                   generate.cents(price), generate.cents(quantity * price))  # fmt: skip


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the first import of a sales file."""
    folder = ready.folder
    file = made(folder / "sales.csv", lambda to: generate.write(to, HEADER, rows(ready.scale)))
    nothing = made(folder / "nothing.db", lambda to: segcli(to, "init"))
    here, there = folder / "ours.db", folder / "theirs_sales.db"
    ours = Contestant(
        (SEGCLI, "-d", str(here), "import", str(file), "--as", "sales"),
        before=copied(nothing, here),
        result=asked(here, _RESULT, folder),
        environ=ENVIRON,
    )
    shell = theirs(there, SALES.format(file=file), _RESULT)
    yield Case("import of flat sales", {OURS: ours, SHELL: shell}, {SHELL: LIMIT}, megabytes=MEGABYTES)
