"""Imports against the sqlite3 shell's `.import` into a table of the same columns, with the same indexes built after it.

The shell validates nothing, keeps codes of classes as text, and is given amounts in cents, ids of accounts and dates that are
right: a bound from below. It builds indexes after the load, and the search index at once, since that is twice as fast.
"""

import csv
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import generate
from measure import OURS, Case, Contestant, printed
from prepare import ENVIRON, SEGCLI, SQLITE, Ready, closed, segcli

SHELL, CODED = "sqlite3 .import", "segcli, coded CSV"
MEGABYTES = 150
PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;\n"
_SEARCHED_COLUMNS = ("account", "name", "search_code", "postcode", "city", "phone", "email", "website", "vat_number")
_SEARCHED = " || char(10) || ".join(_SEARCHED_COLUMNS)
ACCOUNTS = f"""CREATE TABLE account ({", ".join(f"{name} TEXT" for name in generate.ACCOUNT)}, UNIQUE (account));
CREATE VIEW searched AS SELECT rowid AS id, lower({_SEARCHED}) AS search_text FROM account;
.import --csv --skip 1 {{file}} account
{"".join(f"CREATE INDEX account_class{n} ON account (class{n}) WHERE class{n} <> '';" for n in range(1, 9))}
CREATE VIRTUAL TABLE account_search USING fts5 (search_text, content = 'searched', content_rowid = 'id', tokenize = 'trigram',
  detail = 'none', columnsize = 0);
INSERT INTO account_search (account_search, rank) VALUES ('hashsize', 33554432);
INSERT INTO account_search (account_search) VALUES ('rebuild');
"""
RECEIVABLES = """CREATE TABLE outstanding_item (id INTEGER PRIMARY KEY, account_id INTEGER, item_key TEXT, invoice_number TEXT, term INTEGER,
  invoice_date TEXT, due_date TEXT, currency TEXT, amount INTEGER, base_amount INTEGER, open_amount INTEGER, UNIQUE (account_id, item_key));
CREATE TABLE allocation (id INTEGER PRIMARY KEY, item_id INTEGER, allocation_key TEXT, allocation_date TEXT, amount INTEGER, base_amount INTEGER,
  account_id INTEGER, currency TEXT, UNIQUE (item_id, allocation_key));
.import --csv {folder}/items.csv outstanding_item
.import --csv {folder}/allocations.csv allocation
CREATE INDEX outstanding_item_open
  ON outstanding_item (account_id, due_date, invoice_date, currency, amount, open_amount) WHERE open_amount <> 0;
CREATE INDEX outstanding_item_balance ON outstanding_item (account_id, currency, invoice_date, amount, base_amount);
CREATE INDEX outstanding_item_invoice ON outstanding_item (account_id, invoice_number);
CREATE INDEX allocation_item ON allocation (item_id, allocation_date, amount);
CREATE INDEX allocation_balance ON allocation (account_id, currency, allocation_date, amount, base_amount);
CREATE INDEX allocation_date ON allocation (allocation_date, item_id);
"""
_WORD = generate.RARE.lower()
_FOUND = f"SELECT 'found', count(*) FROM account_search WHERE search_text GLOB '*{_WORD}*'"
THEIR_ACCOUNTS = f"SELECT {', '.join(generate.ACCOUNT)} FROM account; {_FOUND}"
OUR_ACCOUNTS = f"""SELECT a.code, {", ".join(f"a.{name}" for name in generate.ACCOUNT[1:16])}, {", ".join(f"v{n}.code" for n in range(1, 9))}
  FROM account AS a {" ".join(f"LEFT JOIN classification_value AS v{n} ON v{n}.id = a.class{n}" for n in range(1, 9))}; {_FOUND}"""
_THEIR_ITEMS = """SELECT printf('%07d', i.account_id), i.invoice_number, i.invoice_date, i.due_date, i.amount, i.open_amount, l.allocation_date, l.amount
  FROM outstanding_item AS i LEFT JOIN allocation AS l ON l.item_id = i.id"""
_OUR_ITEMS = (
    _THEIR_ITEMS.replace("printf('%07d', i.account_id)", "a.code") + " JOIN account AS a ON a.id = i.account_id"
)
NAMES = ("import of accounts, first time", "import of the same accounts again", "import, one row in a thousand changed",
         "import of receivables", "import of accounts without numbers", "import of a bank statement")  # fmt: skip


def asked(database: Path, sql: str, folder: Path) -> Callable[[], Iterator[Sequence[str]]]:
    """Return what reads rows from a database once a contestant has filled it."""

    def rows() -> Iterator[Sequence[str]]:
        answer = folder / "asked.csv"
        with answer.open("wb") as file:
            subprocess.run([*SQLITE, "-csv", "-header", str(database), sql], stdout=file, check=True)
        yield from printed(answer)

    return rows


def copied(source: Path | None, to: Path) -> Callable[[], object]:
    """Return what puts a copy of a database in a place, or nothing there."""

    def before() -> None:
        for ending in ("", "-wal", "-shm", ".lock"):
            to.with_name(to.name + ending).unlink(missing_ok=True)
        if source:
            shutil.copyfile(source, to)

    return before


def made(path: Path, fill: Callable[[Path], None]) -> Path:
    """Return a file that is made once, whole or not at all."""
    if not path.exists():
        fresh = path.with_name("filling-" + path.name)
        copied(None, fresh)()
        fill(fresh)
        if fresh.suffix == ".db":
            closed(fresh)
        fresh.rename(path)
    return path


def imported(*files: Path, on: Path | None = None) -> Callable[[Path], None]:
    """Return what fills a database with files, from nothing or from a copy of another."""

    def fill(database: Path) -> None:
        if on:
            shutil.copyfile(on, database)
        else:
            segcli(database, "init")
        for file in files:
            segcli(database, "import", file)

    return fill


def ours(source: Path, to: Path, file: Path, sql: str) -> Contestant:
    """Return our import of a file into a copy of a database."""
    command = (SEGCLI, "-d", str(to), "import", str(file))
    return Contestant(command, before=copied(source, to), result=asked(to, sql, to.parent), environ=ENVIRON)


def theirs(to: Path, script: str, sql: str) -> Contestant:
    """Return the shell's."""
    given = to.with_suffix(".sql")
    given.write_text(PRAGMAS + script)
    command = (*SQLITE, "-bail", str(to))
    return Contestant(command, given, copied(None, to), asked(to, sql, to.parent))


def every_thousandth(source: Path, to: Path) -> None:
    """Write a file of accounts in which one row in a thousand has another city."""
    with source.open(newline="") as old, to.open("w", newline="") as new:
        writer = csv.writer(new, lineterminator="\n")
        city = generate.ACCOUNT.index("city")
        for n, row in enumerate(csv.reader(old)):
            writer.writerow([*row[:city], "Elders", *row[city + 1 :]] if n % 1000 == 500 else row)


def ready_rows(ready: Ready) -> None:
    """Write the receivables as the shell's tables want them."""
    source, folder = ready.files / "receivables.csv", ready.folder
    if (folder / "allocations.csv").exists():
        return
    with (
        source.open(newline="") as file,
        (folder / "items.csv").open("w", newline="") as items,
        (folder / "filling.csv").open("w", newline="") as paid,
    ):
        out, allocations = csv.writer(items, lineterminator="\n"), csv.writer(paid, lineterminator="\n")
        for n, (account, number, day, due, currency, amount, rest, when) in enumerate(_below(file), 1):
            cents, left = (int(text.replace(".", "")) for text in (amount, rest))
            out.writerow((n, int(account), f"invoice {number} 1", number, 1, day, due, currency, cents, cents, left))
            if cents != left:
                allocations.writerow(
                    (n, n, f"imported {when}", when, cents - left, cents - left, int(account), currency)
                )
    (folder / "filling.csv").rename(folder / "allocations.csv")


def odoo_partners(source: Path, to: Path) -> None:
    """Write the accounts as Odoo's export of partners, which has ids and no numbers of accounts."""
    place = {name: at for at, name in enumerate(generate.ACCOUNT)}
    fields = ("name", "address", "postcode", "city", "phone", "email", "vat_number")
    with source.open(newline="") as old, to.open("w", newline="") as new:
        writer = csv.writer(new, lineterminator="\n")
        writer.writerow(("External ID", "Name", "Street", "Zip", "City", "Phone", "Email", "Tax ID"))
        for n, row in enumerate(_below(old), 1):
            writer.writerow((f"__export__.res_partner_{n}", *(row[place[name]] for name in fields)))


def bank_statement(source: Path, to: Path) -> None:
    """Write a CAMT.053 statement that pays each open receivable in full, by its invoice number."""
    with source.open(newline="") as file, to.open("w") as out:
        out.write(_STATEMENT)
        for account, number, _, due, currency, _, rest, _ in _below(file):
            if rest not in {"0.00", ""} and not rest.startswith("-"):
                out.write(_ENTRY.format(account=account, number=number, due=due, currency=currency, amount=rest))
        out.write("</Stmt></BkToCstmrStmt></Document>\n")


_STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>1</Id>
<Acct><Id><IBAN>NL91ABNA0417164300</IBAN></Id><Ccy>EUR</Ccy></Acct>
"""
_ENTRY = """<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>{due}</Dt></BookgDt>
<AcctSvcrRef>{number}</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Account {account}</Nm></Dbtr></RltdPties>
<RmtInf><Ustrd>Invoice {number}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
"""


def _below(file: Iterator[str]) -> Iterator[list[str]]:
    rows = csv.reader(file)
    next(rows)
    yield from rows


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the imports."""
    folder, files = ready.folder, ready.files
    empty = made(folder / "empty.db", imported(files / "values.csv"))
    loaded = made(folder / "accounts.db", imported(files / "accounts.csv", on=empty))
    elsewhere = folder / "changed"
    elsewhere.mkdir(exist_ok=True)
    changed = made(elsewhere / "accounts.csv", lambda to: every_thousandth(files / "accounts.csv", to))
    here, there = folder / "ours.db", folder / "theirs.db"
    shell = theirs(there, ACCOUNTS.format(file=files / "accounts.csv"), THEIR_ACCOUNTS)
    other = theirs(folder / "theirs_changed.db", ACCOUNTS.format(file=changed), THEIR_ACCOUNTS)
    plain = files / "accounts.csv"
    yield Case(
        "import of accounts, first time",
        {OURS: ours(empty, here, plain, OUR_ACCOUNTS), SHELL: shell},
        {SHELL: 1.8},
        megabytes=MEGABYTES,
    )
    yield Case(
        "import of the same accounts again",
        {OURS: ours(loaded, here, plain, OUR_ACCOUNTS), SHELL: shell},
        {SHELL: 0.1},
        megabytes=MEGABYTES,
    )
    yield Case(
        "import, one row in a thousand changed",
        {OURS: ours(loaded, here, changed, OUR_ACCOUNTS), SHELL: other},
        {SHELL: 1.2},
        megabytes=MEGABYTES,
    )
    ready_rows(ready)
    bare = theirs(folder / "theirs_items.db", RECEIVABLES.format(folder=folder), _THEIR_ITEMS)
    items = ours(loaded, here, files / "receivables.csv", _OUR_ITEMS)
    yield Case("import of receivables", {OURS: items, SHELL: bare}, {SHELL: 1.8}, megabytes=MEGABYTES)
    yield from _other_files(ready, empty, loaded)


def _other_files(ready: Ready, empty: Path, loaded: Path) -> Iterator[Case]:
    """Yield imports that have no counterpart in the shell, against an import of the accounts or receivables with their numbers."""
    folder, files = ready.folder, ready.files
    here, there = folder / "ours.db", folder / "coded.db"
    partners = made(folder / "partners.csv", lambda to: odoo_partners(files / "accounts.csv", to))
    statement = made(folder / "statement.xml", lambda to: bank_statement(files / "receivables.csv", to))
    with_items = made(folder / "with_items.db", imported(files / "receivables.csv", on=loaded))
    for name, source, file, other, base, limit in (
        ("import of accounts without numbers", empty, partners, files / "accounts.csv", empty, 2.0),
        ("import of a bank statement", with_items, statement, files / "receivables.csv", loaded, 2.0),
    ):
        contestants = {OURS: ours(source, here, file, "SELECT 1"), CODED: ours(base, there, other, "SELECT 1")}
        yield Case(name, contestants, {CODED: limit}, is_compared=False)
