"""Cohorts: CPU of `segcli cohort` against one hand-written statement with the same figures. Prints the ratios of medians.

python tests/benchmarks/cohorts.py [SCALE] [FOLDER]

The statement reads the same table and knows that there are no filters. It finds the first and the second day of each account, and sums
active accounts, second days and turnover per cohort and month since; the figures of both are compared before they are timed.
"""

import csv
import io
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import generate

ROUNDS = 5
IS_SALE = f"i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= '{generate.DAY}'"
MONTH = "(CAST(substr({0}, 1, 4) AS INTEGER) * 12 + CAST(substr({0}, 6, 2) AS INTEGER))"
DAYS = f"SELECT i.account_id, i.invoice_date AS day FROM invoice AS i WHERE {IS_SALE} AND i.total_amount >= 0"
SQL = f"""WITH f AS (SELECT account_id, min(day) AS first FROM ({DAYS}) GROUP BY account_id),
g AS (SELECT f.account_id, min(f.first) AS first, min(d.day) AS second FROM f LEFT JOIN ({DAYS}) AS d
        ON d.account_id = f.account_id AND d.day > f.first GROUP BY f.account_id)
SELECT substr(g.first, 1, 7) AS cohort, {MONTH.format("i.invoice_date")} - {MONTH.format("g.first")} AS since,
       count(DISTINCT CASE WHEN i.total_amount >= 0 THEN i.account_id END) AS active,
       count(DISTINCT CASE WHEN substr(g.second, 1, 7) = substr(i.invoice_date, 1, 7) THEN i.account_id END) AS again,
       sum(i.base_revenue_amount) AS turnover
  FROM invoice AS i JOIN g ON g.account_id = i.account_id WHERE {IS_SALE} GROUP BY 1, 2"""


def _run(words: list[str], *, out: Path | None = None) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with (out or Path(os.devnull)).open("wb") as file:
        subprocess.run(words, stdout=file, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def fill(folder: Path, scale: float) -> Path:
    """Return a database with the accounts, items and sales invoices of a scale."""
    generate.generate(folder, scale)
    database = folder / "cohorts.db"
    segcli = [sys.executable, "-m", "segcli", "-d", str(database)]
    _run([*segcli, "init"])
    for name in ("values", "accounts", "items", "invoices", "invoice_lines"):
        _run([*segcli, "import", str(folder / f"{name}.csv")])
    return database


def compare(database: Path, table: Path) -> None:
    """Fail unless both have the same active accounts and turnover in every complete period."""
    with sqlite3.connect(database) as db:
        wanted = {
            (cohort, since): (active, turnover) for cohort, since, active, _, turnover in db.execute(SQL) if since >= 0
        }
    found = {}
    for row in csv.DictReader(io.StringIO(table.read_text())):
        cents = int(row["turnover"].replace(".", ""))
        found[row["cohort"], int(row["period"])] = (int(row["active"]), cents * 10_000)
    assert found, "no cohorts"
    for key, cells in found.items():
        assert wanted.get(key, (0, 0)) == cells, key


def main(scale: float, folder: Path) -> None:
    """Fill, compare, then let all take turns."""
    os.environ["SEGCLI_TODAY"] = str(generate.DAY)
    database = folder / "cohorts.db" if (folder / "cohorts.db").exists() else fill(folder, scale)
    segcli = [sys.executable, "-m", "segcli", "-d", str(database), "cohort"]
    by_hand = [sys.executable, "-c", f"import sqlite3; sqlite3.connect({str(database)!r}).execute({SQL!r}).fetchall()"]
    questions = {
        "long": [*segcli, "--long", "--periods", "60", "-f", "csv"],
        "retention": [*segcli, "-f", "csv"],
        "by class": [*segcli, "--by", "class1", "--figure", "value", "-f", "csv"],
        "by hand": by_hand,
    }
    _run(questions["long"], out=folder / "long.csv")
    compare(database, folder / "long.csv")
    times: dict[str, list[float]] = {name: [] for name in questions}
    for _ in range(ROUNDS):
        for name, words in questions.items():
            times[name].append(_run(words))
    medians = {name: statistics.median(found) for name, found in times.items()}
    hand = medians.pop("by hand")
    told = ", ".join(f"{name} {found:.2f} s (ratio {found / hand:.2f})" for name, found in medians.items())
    print(f"scale {scale}: {told}; by hand {hand:.2f} s; at most 3")


if __name__ == "__main__":
    at = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp())
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.1, at)
