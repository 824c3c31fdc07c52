"""Selections and lists: how they overlap, a list brought up to date, and the results of its groups, against statements by hand."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from cases_import import asked, copied, imported, made
from measure import OURS, Case, Contestant, picked
from prepare import ENVIRON, SEGCLI, SQLITE, Ready, segcli

SHELL = "sqlite3 shell"
LIMIT = 3
COUNTRY = "BE"  # an eighth of the accounts have it and a contact
_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;\n"
_TURNOVER = """SELECT account_id FROM invoice WHERE kind = 'sales' AND status = 'processed' AND invoice_date > '2025-06-30'
  AND invoice_date <= '2026-06-30' GROUP BY account_id HAVING sum(base_revenue_amount) > 1000000000"""
OVERLAP = f"""WITH r AS (SELECT a.id, a.country = 'NL' AS one, a.id IN ({_TURNOVER}) AS two, a.id IN (SELECT c.account_id
  FROM marketing_list_member AS m JOIN contact AS c ON c.id = m.contact_id) AS three FROM account AS a),
n AS (SELECT one, two, three, count(*) AS accounts FROM r WHERE one OR two OR three GROUP BY 1, 2, 3)
SELECT substr(iif(one, ' & dutch', '') || iif(two, ' & large', '') || iif(three, ' & list:belgians', ''), 4), one + two + three, accounts
  FROM n ORDER BY 3 DESC"""
SYNC = f"""BEGIN IMMEDIATE;
INSERT INTO run (command, source, user_name, started_at) VALUES ('list sync', 'manual', 'me', '2026-06-30T00:00:00Z');
INSERT INTO marketing_list_change (run_id, marketing_list_id, contact_id, was_added)
  SELECT (SELECT max(id) FROM run), (SELECT id FROM marketing_list WHERE name = 'belgians'), c.id, 1 FROM contact AS c JOIN account AS a ON a.id = c.account_id
   WHERE a.country = '{COUNTRY}';
INSERT INTO marketing_list_member (marketing_list_id, contact_id)
  SELECT marketing_list_id, contact_id FROM marketing_list_change WHERE run_id = (SELECT max(id) FROM run) ORDER BY contact_id;
COMMIT;
"""
_SYNCED = """SELECT a.code, c.code, 'in' FROM marketing_list_member AS m JOIN contact AS c ON c.id = m.contact_id JOIN account AS a ON a.id = c.account_id
  UNION ALL SELECT 'changes', count(*), sum(contact_id) FROM marketing_list_change WHERE run_id = (SELECT max(id) FROM run)"""
RESULTS = """WITH sold AS (SELECT account_id, sum(base_revenue_amount) / 1000000.0 AS turnover, count(CASE WHEN total_amount >= 0 THEN 1 END) AS invoices
  FROM invoice WHERE kind = 'sales' AND status = 'processed' AND invoice_date BETWEEN '2026-07-01' AND '2026-12-31' GROUP BY account_id),
g AS (SELECT m.group_name, count(*) AS accounts, avg(coalesce(s.turnover, 0)) AS turnover, avg(coalesce(s.invoices, 0) > 0) * 100 AS rate
        FROM marketing_list_account AS m JOIN marketing_list AS l ON l.id = m.marketing_list_id AND l.name = 'tested'
        LEFT JOIN sold AS s ON s.account_id = m.account_id GROUP BY 1)
SELECT 'invoices > 0', g.group_name, g.accounts, g.rate, h.rate FROM g, g AS h WHERE g.group_name <> 'holdout' AND h.group_name = 'holdout'
UNION ALL SELECT 'turnover', g.group_name, g.accounts, g.turnover, h.turnover FROM g, g AS h
 WHERE g.group_name <> 'holdout' AND h.group_name = 'holdout'"""
NAMES = (
    "overlap of three",
    "list sync adds an eighth of the contacts",
    "list sync, nothing changed",
    "list results",
)  # what cases() yields, so that run.py prepares no more than is asked for


def fill(database: Path) -> None:
    """Save two selections, and make a list and one with groups; move the invoices half a year ahead, after the draw."""
    segcli(database, "selection", "save", "dutch", "--country", "NL")
    segcli(database, "selection", "save", "large", "--where", "turnover(12m) > 1k")
    segcli(database, "list", "create", "belgians", "--country", COUNTRY)


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the overlap, the update of a list that has no contacts yet and of one that is current, and the results."""
    folder, files = ready.folder, ready.files
    accounts = made(folder / "accounts.db", imported(files / "values.csv", files / "accounts.csv"))

    def listed(database: Path) -> None:
        imported(files / "contacts.csv", files / "items.csv", files / "invoices.csv", on=accounts)(database)
        fill(database)

    source = made(folder / "lists.db", listed)
    here, there = folder / "ours.db", folder / "theirs.db"

    def ours(*words: str, database: Path = source) -> tuple[str, ...]:
        return (SEGCLI, "-d", str(database), *words)

    def theirs(sql: str, database: Path = source) -> Contestant:
        return Contestant((*SQLITE, "-readonly", "-csv", "-header", str(database), sql))

    overlap = Contestant(ours("overlap", "dutch", "large", "list:belgians", "-f", "csv"), environ=ENVIRON)
    yield Case("overlap of three", {OURS: overlap, SHELL: theirs(OVERLAP)}, {SHELL: LIMIT}, frozenset({SHELL}))
    yield _sync(folder, source, here, there)
    current = Contestant(ours("list", "sync", "belgians"), environ=ENVIRON)
    count = theirs(
        "SELECT count(*) FROM contact AS c JOIN account AS a ON a.id = c.account_id JOIN marketing_list_member AS m ON m.contact_id = c.id"
    )
    yield Case(
        "list sync, nothing changed",
        {OURS: current, SHELL: count},
        {SHELL: LIMIT},
        frozenset({SHELL}),
        is_compared=False,
    )
    tested = made(folder / "tested.db", lambda to: _tested(source, to))
    words = ("list", "results", "tested", "--from", "2026-07-01", "--to", "2026-12-31", "-f", "csv")

    def compared() -> Iterator[list[str]]:
        rows = picked(folder, "metric", "test_group", "accounts", "value", "control")()
        return ([*row] for row in rows if row[0] != "sample ratio")

    results = Contestant(
        ours(*words, database=tested), result=compared, environ=ENVIRON | {"SEGCLI_TODAY": "2026-12-31"}
    )
    yield Case("list results", {OURS: results, SHELL: theirs(RESULTS, tested)}, {SHELL: LIMIT}, frozenset({SHELL}))


def _tested(source: Path, to: Path) -> None:
    """Make a list with groups on the day of the benchmarks, and date the invoices half a year later."""
    copied(source, to)()
    segcli(to, "list", "create", "tested", "--country", "NL", "--split", "45:45", "--holdout", "10", "--seed", "x")
    with closing(sqlite3.connect(to)) as db:
        db.execute("UPDATE invoice SET invoice_date = date(invoice_date, '+184 days')")
        db.commit()


def _sync(folder: Path, source: Path, here: Path, there: Path) -> Case:
    def without(to: Path) -> None:
        copied(source, to)()
        with closing(sqlite3.connect(to)) as db:
            db.executescript("DELETE FROM marketing_list_member; DELETE FROM marketing_list_change;")

    emptied = made(folder / "emptied.db", without)
    script = folder / "sync.sql"
    script.write_text(_PRAGMAS + SYNC)
    ours = Contestant(
        (SEGCLI, "-d", str(here), "list", "sync", "belgians"),
        before=copied(emptied, here),
        result=asked(here, _SYNCED, folder),
        environ=ENVIRON,
    )
    theirs = Contestant((*SQLITE, "-bail", str(there)), script, copied(emptied, there), asked(there, _SYNCED, folder))
    return Case(
        "list sync adds an eighth of the contacts", {OURS: ours, SHELL: theirs}, {SHELL: LIMIT}, frozenset({SHELL})
    )
