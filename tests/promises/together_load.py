"""Eight processes at a time on one example administration: what each of them does, and what it must find of it afterwards."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from conftest import APPLY, connected

CONFIG = """letters: {iban: NL20INGB0001234567, email: us@example.com, name: Ours}
invoices: {journal: "70", ubl: no, vat_percent: "21"}
"""
REPORT = """title: One moment
files:
- {file: ageing.json, parts: [show: debtor-ageing]}
- {file: items.json, parts: [show: outstanding-items]}
- {file: by-class.json, parts: [show: debtor-ageing --group-by class1]}
"""
BUCKETS = ("not_due", "days_1_30", "days_31_60", "days_61_90", "days_over_90")


class Done(NamedTuple):
    """A command that ended."""

    words: tuple[str, ...]
    status: int
    out: str
    err: str


@dataclass
class Load:
    """A database, the folder that everything goes to, and how often each process does its part."""

    database: Path
    folder: Path
    rounds: int
    complaints: list[str] = field(default_factory=list)
    largest_log: int = 0  # bytes
    count: int = 0  # of commands

    def run(self, *words: object) -> Done:
        """Run segcli; whatever it says, and a status that is not 0, is a complaint."""
        command = tuple(str(word) for word in words)
        environ = {**os.environ, "SEGCLI_DATABASE": str(self.database), "SEGCLI_WAIT": "120",
                   "SEGCLI_CONFIG": str(self.folder / "config.yaml")}  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "segcli", *command], capture_output=True, text=True, env=environ, check=False,
            cwd=self.folder,
        )  # fmt: skip
        self.count += 1
        log = Path(f"{self.database}-wal")
        with suppress(FileNotFoundError):
            self.largest_log = max(self.largest_log, log.stat().st_size)
        if done.returncode or done.stderr:
            self.complaints.append(f"{' '.join(command)}: {done.returncode} {done.stderr[-2000:]}")
        return Done(command, done.returncode, done.stdout, done.stderr)

    def expect(self, holds: bool, what: str) -> None:
        """Note what does not hold."""
        if not holds:
            self.complaints.append(what)

    def together(self) -> None:
        """Run all eight, and let each look at the end whether all of its own is there."""
        (self.folder / "config.yaml").write_text(CONFIG)
        (self.folder / "report.yaml").write_text(REPORT)
        self.accounts = [code for (code,) in self.query("SELECT code FROM account WHERE class8 IS NULL ORDER BY id")]
        with ThreadPoolExecutor(8) as pool:
            running = [pool.submit(work, self) for work in WORK]
        for one in running:
            one.result()

    def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Return rows by a connection of our own."""
        with closing(sqlite3.connect(self.database)) as db:
            return db.execute(sql, values).fetchall()


def _receivables(load: Load, name: str, prefix: str) -> None:
    """Write 40 items of 40 accounts: what each owes, and as much to its credit."""
    lines = [
        f"{prefix}{n:02d},{prefix}{n:02d}{sign},2026-05-01,2026-05-31,{sign}{n + 1}.10" for n in range(20) for sign in ("", "-")
    ]  # fmt: skip
    text = "account,invoice_number,invoice_date,due_date,amount\n" + "\n".join(lines) + "\n"
    (load.folder / name).write_text(text)


def import_own(load: Load) -> None:
    """Import a file of its own in each round."""
    for turn in range(load.rounds):
        _receivables(load, f"own{turn}.csv", f"OWN{turn}-")
        load.run("import", f"own{turn}.csv", "--create-missing")
    found = load.query("SELECT count(*), sum(amount) FROM outstanding_item WHERE invoice_number GLOB 'OWN*'")
    load.expect(found == [(40 * load.rounds, 0)], f"own items: {found}")


def import_shared(load: Load) -> None:
    """Import the file that another process imports at the same time."""
    for turn in range(load.rounds):
        name, mine = f"shared{turn}.csv", f"{os.urandom(4).hex()}.tmp"
        _receivables(load, mine, f"SHARED{turn}-")
        with suppress(FileExistsError):  # once: a file that is replaced while it is read is refused
            (load.folder / name).hardlink_to(load.folder / mine)
        load.run("import", name, "--create-missing")
    found = load.query("SELECT count(*) FROM outstanding_item WHERE invoice_number GLOB 'SHARED*'")
    load.expect(found[0] == (40 * load.rounds,), f"shared items: {found}")


def tag(load: Load) -> None:
    """Give accounts of its own one value after the other; each change must stand in their history."""
    mine, values = load.accounts[:3], ("GOLD", "SILVER", "BASIC")
    for turn in range(load.rounds):
        for at, code in enumerate(mine):
            load.run("tag", code, "--set", f"class8={values[(turn + at) % 3]}")
    sql = """SELECT a.code, v.code, (SELECT count(*) FROM classification_change AS c WHERE c.account_id = a.id AND c.field = 8)
               FROM account AS a JOIN classification_value AS v ON v.id = a.class8"""
    found = {code: (value, changes) for code, value, changes in load.query(sql)}
    for at, code in enumerate(mine):
        wanted = (values[(load.rounds - 1 + at) % 3], load.rounds)
        load.expect(found.get(code) == wanted, f"{code} has {found.get(code)}, not {wanted}")


def tag_and_undo(load: Load) -> None:
    """Tag accounts of its own and take that back."""
    mine = load.accounts[3:5]
    for turn in range(load.rounds):
        load.run("tag", *mine, "--set", "class8=GOLD", "--yes", "--reason", f"turn {turn}")
        runs = [row["run"] for row in json.loads(load.run("log", "-f", "json").out) if row["reason"] == f"turn {turn}"]
        load.expect(len(runs) == 1, f"turn {turn} is in the log as {runs}")
        load.run("undo", runs[0], "--yes")
    sql = """SELECT a.class8, (SELECT count(*) FROM classification_change AS c WHERE c.account_id = a.id AND c.field = 8)
               FROM account AS a WHERE code IN (?, ?)"""
    found = load.query(sql, *mine)
    load.expect(found == [(None, 2 * load.rounds)] * 2, f"tagged and taken back: {found}")


def generate(load: Load) -> None:
    """Make the invoices of one day more in each round; another process makes the same."""
    for turn in range(load.rounds):
        load.run("run", "generate-subscription-invoices", "--as-of", f"2026-{6 + turn % 6:02d}-28", *APPLY)


def print_invoices(load: Load) -> None:
    """Number and print what there is, on one day."""
    for _ in range(load.rounds):
        load.run("run", "print-invoices", "--as-of", "2026-08-28", "--folder", "invoices", *APPLY)


def look(load: Load) -> None:
    """Look at one moment: the ledger agrees with the items, buckets add up, all files of a report say the same."""
    for _ in range(load.rounds):
        for row in json.loads(load.run("show", "debtor-ageing", "-f", "json").out):
            parts = sum(_cents(row[name]) for name in BUCKETS)
            load.expect(parts == _cents(row["outstanding"]), f"the buckets of {row} add up to {parts}")
        load.run("report", "report.yaml", "--folder", "reports")
        ageing, items, by_class = (
            json.loads((load.folder / "reports" / f"{name}.json").read_text()) for name in ("ageing", "items", "by-class")
        )  # fmt: skip
        sums = {sum(_cents(row[column]) for row in rows)
                for rows, column in ((ageing, "outstanding"), (items, "open"), (by_class, "outstanding"))}  # fmt: skip
        load.expect(len(sums) == 1, f"a report of several moments: {sums}")


def _cents(amount: float) -> int:
    return round(amount * 100)


WORK = (import_own, import_shared, import_shared, tag, tag_and_undo, generate, print_invoices, look)


def gaps(numbers: list[str]) -> list[str]:
    """Return the numbers after which one is missing or comes twice."""
    found = sorted(int(re.sub(r"\D", "", number)) for number in numbers)
    return [str(one) for one, following in pairwise(found) if following != one + 1]


def runs(path: Path) -> list[str]:
    with connected(path) as db:
        return [
            row[0] for row in db.execute("SELECT command FROM run WHERE id > 23 ORDER BY id")
        ]  # 23 made the example


def value(path: Path, account: str) -> str | None:
    with connected(path) as db:
        sql = "SELECT v.code FROM account AS a LEFT JOIN classification_value AS v ON v.id = a.class8 WHERE a.code = ?"
        found: str | None = db.execute(sql, (account,)).fetchone()[0]
        return found
