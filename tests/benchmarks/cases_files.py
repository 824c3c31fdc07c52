"""Imports of invoices, their lines, entries and subscriptions, and of accounts whose values are new, against the sqlite3 shell.

The shell has a copy of the same database: its `.import` fills a temporary table, INSERT … SELECT the same tables, whose indexes are
dropped before and built after it; the summary of invoices is made, too. It validates nothing, keeps nothing for undo, and is told the
shape of every amount: a bound from below. One row in a thousand is changed on a database that holds the file; the shell and the first
import get the changed file.
"""

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import generate
from cases_import import (
    ACCOUNTS,
    MEGABYTES,
    OUR_ACCOUNTS,
    PRAGMAS,
    SHELL,
    THEIR_ACCOUNTS,
    asked,
    copied,
    imported,
    made,
    theirs,
)
from measure import OURS, Case, Contestant
from prepare import ENVIRON, SEGCLI, SQLITE, Ready, segcli

FIRST = "segcli, first import"
_CENTS = "CAST(replace({}, '.', '') AS INTEGER)"
# Each invoice counts once per item, once per item group and once in all, at its first item.
SUMMARY = """DELETE FROM invoice_summary;
INSERT INTO invoice_summary SELECT kind, account_id, month, item_id, currency, sum(quantity), sum(net_amount), sum(cost_amount), 0, 0,
    sum(net_amount), sum(cost_amount), 0, 0, count(DISTINCT id), count(DISTINCT CASE WHEN item_id = of_group THEN id END),
    count(DISTINCT CASE WHEN item_id = of_all THEN id END)
  FROM (SELECT i.kind, i.ordered_by_id AS account_id, substr(i.invoice_date, 1, 7) AS month, l.item_id, i.currency, l.quantity, l.net_amount,
          l.cost_amount, i.id, min(l.item_id) OVER (PARTITION BY i.id, t.item_group) AS of_group, min(l.item_id) OVER (PARTITION BY i.id) AS of_all
     FROM invoice AS i JOIN invoice_line AS l ON l.invoice_id = i.id JOIN item AS t ON t.id = l.item_id) GROUP BY 2, 1, 3, 4, 5;
"""
INVOICES = f"""INSERT INTO invoice (kind, account_id, ordered_by_id, deliver_to_id, invoice_number, invoice_date, due_date, status, currency,
  net_amount, vat_amount, total_amount, exchange_rate, is_rate_stated, revenue_amount, base_revenue_amount)
  SELECT 'sales', a.id, a.id, a.id, g.invoice_number, g.invoice_date, g.due_date, g.status, g.currency, {_CENTS.format("g.net_amount")},
         {_CENTS.format("g.vat_amount")}, {_CENTS.format("g.total_amount")}, '1', 1, {_CENTS.format("g.net_amount")} * 10000,
         {_CENTS.format("g.net_amount")} * 10000 FROM given_0 AS g JOIN account AS a ON a.code = g.account;
INSERT INTO invoice_summary SELECT kind, account_id, substr(invoice_date, 1, 7), 0, currency, 0, sum(net_amount) * 10000, 0,
  sum(net_amount) * 10000, sum(net_amount <> 0), sum(net_amount) * 10000, 0, sum(net_amount) * 10000, 0, count(*), count(*), count(*)
  FROM invoice GROUP BY 2, 1, 3, 5;
"""
LINES = f"""INSERT INTO invoice_line (invoice_id, line_number, item_id, quantity, unit_price, net_amount, cost_amount, vat_percent)
  SELECT i.id, CAST(g.line AS INTEGER), t.id, CAST(g.quantity AS INTEGER) * 1000000, g.unit_price, {_CENTS.format("g.net_amount")} * 10000,
         {_CENTS.format("g.cost_amount")} * 10000, g.vat_percent
    FROM given_0 AS g JOIN invoice AS i ON i.kind = 'sales' AND i.invoice_number = g.invoice_number JOIN item AS t ON t.code = g.item;
UPDATE invoice SET revenue_amount = x.net, base_revenue_amount = x.net
  FROM (SELECT invoice_id, sum(net_amount) AS net FROM invoice_line GROUP BY 1) AS x WHERE x.invoice_id = invoice.id;
{SUMMARY}"""
ENTRIES = f"""INSERT INTO entry (journal_id, financial_year, entry_number, period, type)
  SELECT j.id, CAST(g.financial_year AS INTEGER), g.entry_number, CAST(g.period AS INTEGER), j.type
    FROM given_0 AS g JOIN journal AS j ON j.code = g.journal WHERE g.line_number = '1';
INSERT INTO transaction_line (entry_id, line_number, entry_date, gl_account_id, account_id, amount, description)
  SELECT e.id, g.line_number, g.entry_date, l.id, a.id, {_CENTS.format("g.debit")} - {_CENTS.format("g.credit")}, g.description
    FROM given_0 AS g JOIN journal AS j ON j.code = g.journal
    JOIN entry AS e ON e.journal_id = j.id AND e.financial_year = CAST(g.financial_year AS INTEGER) AND e.entry_number = g.entry_number
    JOIN gl_account AS l ON l.code = g.gl_account LEFT JOIN account AS a ON a.code = g.account;
"""
SUBSCRIPTIONS = f"""INSERT INTO subscription (subscription_number, account_id, ordered_by_id, deliver_to_id, subscription_type, start_date, end_date,
  currency) SELECT g.subscription, a.id, a.id, a.id, g.subscription_type, g.start_date, nullif(g.end_date, ''), 'EUR'
    FROM given_0 AS g JOIN account AS a ON a.code = g.account;
INSERT INTO subscription_line (subscription_id, line_number, item_id, quantity, unit_price, period_amount, vat_percent)
  SELECT s.id, 1, t.id, CAST(g.quantity AS INTEGER) * 1000000, g.unit_price,
         CAST(g.quantity AS INTEGER) * {_CENTS.format("g.unit_price")} * 10000, g.vat_percent
    FROM given_1 AS g JOIN subscription AS s ON s.subscription_number = g.subscription JOIN item AS t ON t.code = g.item;
"""
_SUMMED = """SELECT 'summary', a.code, s.month, count(*), sum(s.quantity), sum(s.net_amount), sum(s.cost_amount), sum(s.base_net_amount),
  sum(s.uncosted_amount), sum(s.uncosted_lines), sum(s.invoices), sum(s.group_invoices), sum(s.all_invoices)
  FROM invoice_summary AS s JOIN account AS a ON a.id = s.account_id GROUP BY s.account_id, s.month"""
_HEADS = """SELECT a.code, i.invoice_number, i.invoice_date, i.due_date, i.status, i.currency, i.net_amount, i.vat_amount, i.revenue_amount,
  i.base_revenue_amount FROM invoice AS i JOIN account AS a ON a.id = i.ordered_by_id"""
_LINES = """SELECT i.invoice_number, count(*), sum(l.net_amount), sum(l.cost_amount), sum(l.line_number * l.quantity), sum(l.line_number * l.net_amount),
  sum(l.line_number * t.sales_price), min(l.unit_price), max(l.unit_price), min(l.vat_percent), i.revenue_amount
  FROM invoice_line AS l JOIN invoice AS i ON i.id = l.invoice_id JOIN item AS t ON t.id = l.item_id GROUP BY i.id"""
_ENTRIES = """SELECT j.code, e.financial_year, e.period, e.entry_number, e.type, l.line_number, l.entry_date, g.code, a.code, l.amount, l.description
  FROM transaction_line AS l JOIN entry AS e ON e.id = l.entry_id JOIN journal AS j ON j.id = e.journal_id
  JOIN gl_account AS g ON g.id = l.gl_account_id LEFT JOIN account AS a ON a.id = l.account_id"""
_SUBSCRIPTIONS = """SELECT a.code, s.subscription_number, s.subscription_type, s.start_date, s.end_date, s.currency, l.line_number, t.code, l.quantity,
  l.unit_price, l.period_amount, l.vat_percent FROM subscription_line AS l JOIN subscription AS s ON s.id = l.subscription_id
  JOIN account AS a ON a.id = s.ordered_by_id JOIN item AS t ON t.id = l.item_id"""
NAMES = (
    "import of invoices, first time",
    "import of the same invoices again",
    "import of invoices, one row in a thousand changed",
    "import of invoice lines, first time",
    "import of the same invoice lines again",
    "import of invoice lines, one row in a thousand changed",
    "import of entries, first time",
    "import of the same entries again",
    "import of entries, one row in a thousand changed",
    "import of subscriptions, first time",
    "import of the same subscriptions again",
    "import of subscriptions, one row in a thousand changed",
    "import of accounts with 3,653 new values",
)  # what cases() yields, so that run.py prepares no more than is asked for


class Kind(NamedTuple):
    """Files that are imported together: what must be there before, the shell's statements, its tables, the result, and a changed column."""

    name: str
    files: tuple[str, ...]
    before: tuple[str, ...]
    script: str
    tables: tuple[str, ...]
    result: str
    column: str  # of the last file
    changed: str


KINDS = (
    Kind("invoices", ("invoices",), ("items",), INVOICES, ("invoice",), f"{_HEADS}; {_SUMMED}", "due_date", str(generate.DAY)),
    Kind("invoice lines", ("invoice_lines",), ("items", "invoices"), LINES, ("invoice_line",), f"{_LINES}; {_SUMMED}", "cost_amount", "1.00"),
    Kind("entries", ("transactions",), ("gl_accounts", "journals"), ENTRIES, ("entry", "transaction_line"), _ENTRIES, "description", "Changed"),
    Kind("subscriptions", ("subscriptions", "subscription_lines"), ("items", "subscription_types"), SUBSCRIPTIONS,
         ("subscription", "subscription_line"), _SUBSCRIPTIONS, "quantity", "7"),
)  # fmt: skip


def cases(ready: Ready) -> Iterator[Case]:
    """Yield for each kind the first import, the same file again, and one row in a thousand changed; and new values of classes."""
    folder, files = ready.folder, ready.files
    accounts = made(folder / "accounts.db", imported(files / "values.csv", files / "accounts.csv"))
    for kind in KINDS:
        yield from _three(ready, kind, accounts)
    nothing = made(folder / "nothing.db", lambda to: segcli(to, "init"))
    script = ACCOUNTS.format(file=files / "accounts.csv")
    shell = theirs(folder / "theirs.db", script, THEIR_ACCOUNTS)
    given = _import(nothing, folder / "ours.db", [files / "accounts.csv"], OUR_ACCOUNTS, "--create-missing")
    name = f"import of accounts with {sum(generate.SIZES):,} new values"
    yield Case(name, {OURS: given, SHELL: shell}, {SHELL: 1.8}, megabytes=MEGABYTES)


def _three(ready: Ready, kind: Kind, accounts: Path) -> Iterator[Case]:
    folder = ready.folder
    stem = kind.files[-1]
    given = [ready.files / f"{name}.csv" for name in kind.files]
    base = made(
        folder / f"before_{stem}.db", imported(*(ready.files / f"{name}.csv" for name in kind.before), on=accounts)
    )
    loaded = made(folder / f"with_{stem}.db", imported(*given, on=base))
    elsewhere = folder / "changed"
    elsewhere.mkdir(exist_ok=True)
    place = generate.FILES[stem][1].index(kind.column)
    last = made(elsewhere / given[-1].name, lambda to: every_thousandth(given[-1], to, place, kind.changed))
    changed = [*given[:-1], last]
    here = folder / "ours.db"
    shell = {name: _shell(folder, kind, base, files, name) for name, files in (("plain", given), ("changed", changed))}
    yield Case(f"import of {kind.name}, first time", {OURS: _import(base, here, given, kind.result), SHELL: shell["plain"]},
               {SHELL: 1.8}, megabytes=MEGABYTES)  # fmt: skip
    yield Case(f"import of the same {kind.name} again", {OURS: _import(loaded, here, given, kind.result), SHELL: shell["plain"]},
               {SHELL: 0.1}, megabytes=MEGABYTES)  # fmt: skip
    contestants = {
        OURS: _import(loaded, here, changed, kind.result),
        SHELL: shell["changed"],
        FIRST: _import(base, folder / "first.db", changed, kind.result),
    }
    limits = {SHELL: 1.2, FIRST: 0.5}
    yield Case(f"import of {kind.name}, one row in a thousand changed", contestants, limits, megabytes=MEGABYTES)


def _import(source: Path, to: Path, files: list[Path], sql: str, *flags: str) -> Contestant:
    """Return our import of files into a copy of a database."""
    command = (SEGCLI, "-d", str(to), "import", *map(str, files), *flags)
    return Contestant(command, before=copied(source, to), result=asked(to, sql, to.parent), environ=ENVIRON)


def _shell(folder: Path, kind: Kind, base: Path, files: list[Path], name: str) -> Contestant:
    """Return the shell's import of the same files into a copy of the same database."""
    to = folder / "theirs.db"
    script = folder / f"{kind.files[-1]}_{name}.sql"
    tables = "".join(
        f"CREATE TEMP TABLE given_{at} ({', '.join(f'{column} TEXT' for column in generate.FILES[stem][1])});\n"
        f".import --csv --skip 1 {file} given_{at}\n"
        for at, (stem, file) in enumerate(zip(kind.files, files, strict=True))
    )
    drop, build = indexes(base, kind.tables)
    script.write_text(f"{PRAGMAS}{tables}BEGIN IMMEDIATE;\n{drop}{kind.script}{build}COMMIT;\n")
    return Contestant((*SQLITE, "-bail", str(to)), script, copied(base, to), asked(to, kind.result, folder))


def indexes(database: Path, tables: tuple[str, ...]) -> tuple[str, str]:
    """Return what drops the indexes of tables and what builds them; those that follow from the tables stay."""
    with closing(sqlite3.connect(database)) as db:
        marks = ", ".join("?" * len(tables))
        sql = f"SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})"
        found = db.execute(sql, tables).fetchall()
    drop = "".join(f"DROP INDEX {name};\n" for name, _ in found)
    return drop, "".join(f"{sql};\n" for _, sql in found)


def every_thousandth(source: Path, to: Path, place: int, value: str) -> None:
    """Write a file in which one row in a thousand has another value in a column."""
    with source.open(newline="") as old, to.open("w", newline="") as new:
        writer = csv.writer(new, lineterminator="\n")
        for n, row in enumerate(csv.reader(old)):
            writer.writerow([*row[:place], value, *row[place + 1 :]] if n % 1000 == 500 else row)
