"""Rules: CPU of `rules plan` with 30 rules against hand-written SQL that reads the same metrics once. Prints the ratio of medians.

python tests/benchmarks/rules.py [ACCOUNTS] [INVOICES] [FOLDER]
"""

import csv
import os
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

DAY = date(2026, 6, 30)
ROUNDS = 5
VALUES = "ABCDEFGH"
METRICS = (
    [f"turnover({n}m)" for n in (1, 3, 6, 12, 24)]
    + [f"invoices({n}d)" for n in (30, 90, 180, 365)]
    + ["credits(1y)", "last_invoice"]
)


def rules() -> str:
    """Return a file of 30 rules over eleven metrics."""
    tests = [f"turnover({m}m) >= {k}k and invoices({d}d) > {n}"
             for m, k, d, n in ((12, 90, 90, 5), (12, 60, 90, 3), (6, 40, 30, 1), (3, 20, 30, 0), (1, 9, 30, 0), (24, 120, 365, 9))]  # fmt: skip
    tests += [f"turnover({m}m) >= {k}k" for m in (1, 3, 6, 12, 24) for k in (30, 12, 5)]
    tests += [
        "last_invoice < 365d ago",
        "last_invoice < 180d ago",
        "credits(1y) > 3",
        "invoices(365d) = 0",
        "invoices(180d) between 1 and 2",
    ]
    tests += [
        f"invoices({d}d) > {n} and country = '{c}'"
        for d, n, c in ((30, 1, "NL"), (90, 2, "BE"), (180, 4, "DE"), (365, 8, "FR"))
    ]
    lines = [f'  - {{id: r{n}, set: {VALUES[n % 8]}, when: "{test}"}}' for n, test in enumerate(tests[:30])]
    return "version: 1\nfield: class1\nrules:\n" + "\n".join(lines) + "\n"


SQL = f"""WITH m AS (SELECT account_id,
 {", ".join(f"sum(CASE WHEN invoice_date > date('{DAY}', '-{n} months') THEN net_amount END) AS t{n}" for n in (1, 3, 6, 12, 24))},
 {", ".join(f"count(CASE WHEN total_amount >= 0 AND invoice_date > date('{DAY}', '-{n} days') THEN 1 END) AS i{n}" for n in (30, 90, 180, 365))},
 count(CASE WHEN total_amount < 0 AND invoice_date > date('{DAY}', '-1 year') THEN 1 END) AS c, max(invoice_date) AS l
 FROM invoice WHERE kind = 'sales' AND status = 'processed' AND currency = 'EUR' AND invoice_date <= '{DAY}' GROUP BY account_id)
SELECT count(*), sum(t1), sum(t3), sum(t6), sum(t12), sum(t24), sum(i30), sum(i90), sum(i180), sum(i365), sum(c), max(l)
  FROM account AS a LEFT JOIN m ON m.account_id = a.id"""


def fill(folder: Path, accounts: int, invoices: int) -> Path:
    """Return a database with so many accounts and invoices."""
    rnd = random.Random(7)
    database = folder / "rules.db"
    with (folder / "accounts.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("account", "name", "country", "class1"))
        writer.writerows(
            (f"A{n}", f"Account {n}", rnd.choice(("NL", "BE", "DE", "FR")), rnd.choice(VALUES)) for n in range(accounts)
        )
    with (folder / "invoices.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                "invoice_number",
                "invoice_date",
                "account",
                "status",
                "currency",
                "net_amount",
                "vat_amount",
                "total_amount",
            ]
        )
        for n in range(invoices):
            amount = rnd.randint(-200, 9000)
            day = DAY - timedelta(days=int(rnd.expovariate(1 / 400)) % 1200)
            writer.writerow((n, day, f"A{int(accounts * rnd.random() ** 1.5)}", "processed", "EUR", amount, 0, amount))
    run("-d", database, "init")
    run("-d", database, "import", folder / "accounts.csv", "--create-missing")
    run("-d", database, "import", folder / "invoices.csv")
    return database


def run(*words: object) -> float:
    """Run segcli and return the CPU seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-m", "segcli", *map(str, words)], stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, words
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def by_hand(database: Path) -> float:
    """Run the hand-written SQL in a process of its own and return the CPU seconds that it took."""
    script = f"import sqlite3; sqlite3.connect({str(database)!r}).execute({SQL!r}).fetchall()"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", script], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(accounts: int, invoices: int, folder: Path) -> None:
    """Fill, then let both take turns."""
    os.environ["SEGCLI_TODAY"] = str(DAY)
    database = folder / "rules.db" if (folder / "rules.db").exists() else fill(folder, accounts, invoices)
    (folder / "rules.yaml").write_text(rules())
    plans, hands = [], []
    for _ in range(ROUNDS):
        plans.append(run("-d", database, "rules", "plan", folder / "rules.yaml", "-o", folder / "plan.json"))
        hands.append(by_hand(database))
    plan, hand = statistics.median(plans), statistics.median(hands)
    with sqlite3.connect(database) as db:
        found = [db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("account", "invoice")]
    print(
        f"{found[0]:,} accounts, {found[1]:,} invoices: plan {plan:.2f} s, by hand {hand:.2f} s, ratio {plan / hand:.2f} (at most 3)"
    )


if __name__ == "__main__":
    at = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(tempfile.mkdtemp())
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, int(sys.argv[2]) if len(sys.argv) > 2 else 500_000, at)
