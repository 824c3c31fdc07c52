"""Everything that the contestants ask of, made once per folder: the CSV files, the administration and the DuckDB file."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import generate
from measure import script

SEGCLI = script("segcli")
ENVIRON = {"SEGCLI_TODAY": str(generate.DAY), "SEGCLI_CONFIG": ""}

_COPY = "read_csv('{folder}/{name}.csv', header = true, all_varchar = true, nullstr = '')"
_CENTS = "CAST(round(CAST({} AS DECIMAL(18, 2)) * 100) AS BIGINT)"
_CLASSES = ", ".join(f"{n}000000 + CAST(substr(class{n}, 2) AS INTEGER) AS class{n}" for n in range(1, 9))
# The tables of schema.sql, as far as the questions need them, in DuckDB's own types: from the CSV files, not from our database.
DUCK = f"""
CREATE TABLE classification_value AS SELECT CAST(field AS INTEGER) * 1000000 + CAST(substr(code, 2) AS INTEGER) AS id,
  CAST(field AS INTEGER) AS field, code, description FROM {{values}};
CREATE TABLE account AS SELECT CAST(account AS INTEGER) AS id, account AS code, name, status, CAST(is_blocked AS INTEGER) AS is_blocked,
  CAST(NULL AS DATE) AS end_date, 0 AS is_mailing_excluded, city, country, phone, email, website, vat_number, search_code, language,
  manager, sector, {_CLASSES} FROM {{accounts}};
CREATE TABLE contact AS SELECT CAST(account AS INTEGER) + 1 AS id, CAST(account AS INTEGER) AS account_id, contact AS code, name, job_title,
  email, CAST(NULL AS VARCHAR) AS phone, mobile, CAST(is_main_contact AS INTEGER) AS is_main_contact, CAST(NULL AS VARCHAR) AS language,
  CAST(is_mailing_excluded AS INTEGER) AS is_mailing_excluded, CAST(NULL AS DATE) AS end_date, CAST(NULL AS VARCHAR) AS consent_basis,
  CAST(NULL AS VARCHAR) AS consent_source, CAST(NULL AS DATE) AS consent_date FROM {{contacts}};
CREATE TABLE item AS SELECT CAST(substr(item, 2) AS INTEGER) AS id, item AS code, description, item_group FROM {{items}};
CREATE TABLE outstanding_item AS SELECT CAST(invoice_number AS INTEGER) AS id, CAST(account AS INTEGER) AS account_id, invoice_number, 1 AS term,
  CAST(invoice_date AS DATE) AS invoice_date, CAST(due_date AS DATE) AS due_date, currency, {_CENTS.format("amount")} AS amount,
  {_CENTS.format("open")} AS open_amount FROM {{receivables}};
CREATE TABLE allocation AS SELECT CAST(invoice_number AS INTEGER) AS item_id, CAST(allocation_date AS DATE) AS allocation_date,
  {_CENTS.format("amount")} - {_CENTS.format("open")} AS amount FROM {{receivables}} WHERE allocation_date IS NOT NULL;
CREATE TABLE invoice AS SELECT CAST(invoice_number AS INTEGER) AS id, 'sales' AS kind, CAST(account AS INTEGER) AS account_id,
  CAST(account AS INTEGER) AS ordered_by_id, invoice_number, CAST(invoice_date AS DATE) AS invoice_date, CAST(due_date AS DATE) AS due_date,
  status, currency, {_CENTS.format("net_amount")} AS net_amount, {_CENTS.format("vat_amount")} AS vat_amount,
  {_CENTS.format("total_amount")} AS total_amount, CAST(NULL AS VARCHAR) AS sent_by FROM {{invoices}};
INSERT INTO invoice SELECT 100000000 + CAST(substr(supplier_invoice_number, 2) AS INTEGER), 'purchase', CAST(supplier AS INTEGER),
  CAST(supplier AS INTEGER), supplier_invoice_number, CAST(invoice_date AS DATE), NULL, 'processed', currency, {_CENTS.format("net_amount")},
  {_CENTS.format("vat_amount")}, {_CENTS.format("total_amount")}, NULL FROM {{purchases}};
CREATE TABLE invoice_line AS SELECT CAST(invoice_number AS INTEGER) AS invoice_id, CAST(line AS INTEGER) AS line_number,
  CAST(substr(item, 2) AS INTEGER) AS item_id, CAST(quantity AS BIGINT) * 1000000 AS quantity, {_CENTS.format("net_amount")} * 10000 AS net_amount,
  {_CENTS.format("cost_amount")} * 10000 AS cost_amount FROM {{invoice_lines}};
INSERT INTO invoice_line SELECT 100000000 + CAST(substr(supplier_invoice_number, 2) AS INTEGER), CAST(line AS INTEGER),
  CAST(substr(item, 2) AS INTEGER), CAST(quantity AS BIGINT) * 1000000, {_CENTS.format("net_amount")} * 10000, NULL FROM {{purchase_lines}};
CREATE TABLE journal AS SELECT 1 AS id, journal AS code FROM {{journals}};
CREATE TABLE gl_account AS SELECT CAST(gl_account AS INTEGER) AS id, gl_account AS code, description FROM {{gl_accounts}};
CREATE TABLE transaction_line AS SELECT CAST(entry_number AS INTEGER) * 2 + CAST(line_number AS INTEGER) AS id,
  CAST(entry_number AS INTEGER) AS entry_id, line_number, CAST(entry_date AS DATE) AS entry_date, CAST(gl_account AS INTEGER) AS gl_account_id,
  CAST(account AS INTEGER) AS account_id, coalesce({_CENTS.format("debit")}, -{_CENTS.format("credit")}) AS amount, description,
  CAST(NULL AS VARCHAR) AS invoice_number, CAST(NULL AS VARCHAR) AS currency, CAST(NULL AS BIGINT) AS foreign_amount FROM {{transactions}};
CREATE TABLE entry AS SELECT DISTINCT CAST(entry_number AS INTEGER) AS id, 1 AS journal_id, entry_number FROM {{transactions}};
CREATE TABLE subscription_type AS SELECT subscription_type AS code, frequency FROM {{subscription_types}};
CREATE TABLE subscription AS SELECT CAST(substr(subscription, 2) AS INTEGER) AS id, subscription AS subscription_number,
  CAST(account AS INTEGER) AS ordered_by_id, subscription_type, CAST(start_date AS DATE) AS start_date, CAST(end_date AS DATE) AS end_date,
  'EUR' AS currency FROM {{subscriptions}};
CREATE TABLE subscription_line AS SELECT CAST(substr(subscription, 2) AS INTEGER) AS subscription_id, CAST(NULL AS DATE) AS invoiced_to_date,
  CAST(quantity AS BIGINT) * {_CENTS.format("unit_price")} * 10000 AS period_amount FROM {{subscription_lines}};
CREATE TABLE request AS SELECT CAST(substr(request, 2) AS INTEGER) AS id, request AS request_number, type,
  CASE status WHEN 'open' THEN 20 ELSE 40 END AS status, description, CAST(account AS INTEGER) AS account_id, CAST(NULL AS INTEGER) AS contact_id,
  assignee, CAST(request_date AS DATE) AS request_date, CAST(due_date AS DATE) AS due_date, CAST(closed_date AS DATE) AS closed_date FROM {{requests}};
"""


@dataclass(frozen=True)
class Ready:
    """What stands ready in a folder: each part is made when it is first asked for. `duck` is none where there is no DuckDB."""

    folder: Path
    scale: float

    @cached_property
    def files(self) -> Path:
        """The folder with the CSV files."""
        return csv_files(self.folder, self.scale)

    @cached_property
    def database(self) -> Path:
        """The administration."""
        return administration(self.folder, self.files)

    @cached_property
    def duck(self) -> Path | None:
        """The DuckDB file."""
        return duck_file(self.folder, self.files) if self.duck_name else None

    @cached_property
    def duck_command(self) -> list[str]:
        """The command that runs SQL on the DuckDB file."""
        return (duckdb() or ([], ""))[0]

    @cached_property
    def duck_name(self) -> str:
        """What runs it; '' where there is no DuckDB."""
        return (duckdb() or ([], ""))[1]


def segcli(database: Path, *words: object) -> None:
    """Run segcli on a database; its messages are an error here."""
    done = subprocess.run(
        [SEGCLI, "--database", str(database), *map(str, words)],
        env=os.environ | ENVIRON,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"segcli {' '.join(map(str, words))}: {done.stderr.decode()[:2000]}")


def duckdb() -> tuple[list[str], str] | None:
    """Return the command that runs SQL on a DuckDB file and prints CSV, and what it is; None where there is no DuckDB.

    FILE and SQL follow the command. The shell (pip install duckdb-cli) where there is one, else the Python module.
    """
    shell = shutil.which(script("duckdb"))
    if shell:
        return [shell, "-batch", "-bail", "-csv", "-nullvalue", ""], "DuckDB's shell"
    asked = subprocess.run([sys.executable, "-c", "import duckdb"], capture_output=True, check=False)
    if asked.returncode:
        return None
    return [sys.executable, str(Path(__file__).with_name("duckdb_shell.py"))], "DuckDB's Python module"


def sqlite() -> tuple[tuple[str, ...], str]:
    """Return the command of SQLite's shell and what it is: Python's sqlite3 where there is no shell."""
    shell = shutil.which("sqlite3")
    if shell:
        return (shell,), "SQLite's shell"
    return (
        sys.executable,
        str(Path(__file__).with_name("sqlite_shell.py")),
    ), "Python's sqlite3 in the place of SQLite's shell"


SQLITE, SQLITE_NAME = sqlite()


def closed(database: Path) -> None:
    """Bring what waits beside a database into it, so that its file can be copied."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def csv_files(folder: Path, scale: float) -> Path:
    """Return the folder with the CSV files."""
    made = folder / "csv"
    if not (made / "requests.csv").exists():
        generate.generate(made, scale)
    return made


def administration(folder: Path, files: Path) -> Path:
    """Return segcli's database with all of the files."""
    made = folder / "segcli.db"
    if not made.exists():
        fresh = folder / "filling.db"
        fresh.unlink(missing_ok=True)
        segcli(fresh, "init")
        for name in generate.FILES:
            segcli(fresh, "import", files / f"{name}.csv")
        closed(fresh)
        fresh.rename(made)
    return made


def duck_file(folder: Path, files: Path) -> Path | None:
    """Return the DuckDB file with the same, or None where there is no DuckDB."""
    found, made = duckdb(), folder / "duck.db"
    if not found or made.exists():
        return made if found else None
    fresh = folder / "filling.duck"
    fresh.unlink(missing_ok=True)
    sql = DUCK.format(**{name: _COPY.format(folder=files, name=name) for name in generate.FILES})
    subprocess.run([*found[0], str(fresh)], input=sql.encode(), check=True, capture_output=True)
    fresh.rename(made)
    return made
