"""Import of many accounts against the sqlite3 shell's `.import` into a table of the same columns and indexes.

Prints the CPU of both and their ratio, and the most memory that ours took; judges nothing. Needs sqlite3.

    python tests/benchmarks/importing.py [ROWS]
"""

import csv
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

HEADER = ("account", "name", "status", "search_code", "address", "postcode", "city", "country", "phone", "email", "website",
          "vat_number", "manager", "sector", "class1", "class2")  # fmt: skip
CITIES = ("Amsterdam", "Rotterdam", "Utrecht", "Köln", "Liège", "Gent", "London")


def write(path: Path, rows: int) -> None:
    """Write accounts of 16 columns."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for n in range(rows):
            city = CITIES[n % 7]
            writer.writerow((f"{n:07d}", f"Company {n} {city} B.V.", "C", f"CMP{n}", f"Street {n % 200} {n % 90}", f"{1000 + n % 8999} AB",
                             city, "NL", f"020-{n:07d}", f"info@company{n}.example", f"www.company{n}.example", f"NL{n:09d}B01",
                             f"Manager {n % 20}", f"Sector {n % 9}", ("A", "B", "C", "")[n % 4], ("X", "Y")[n % 2]))  # fmt: skip


def cpu(command: list[str], environ: dict[str, str]) -> float:
    """Return the CPU seconds of a command, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def shell(folder: Path, name: str, *, with_search: bool) -> float:
    """Return what `.import` costs into the columns of the file with a unique code and an index for each class."""
    columns = ", ".join(f"{column} TEXT" for column in HEADER)
    indexes = "; ".join(f"CREATE INDEX i{n} ON account ({HEADER[-n]})" for n in range(1, 9))
    sql = f"CREATE TABLE account ({columns}, UNIQUE (account)); {indexes};"
    if with_search:
        sql += """CREATE VIRTUAL TABLE s USING fts5 (name, content = 'account', tokenize = 'trigram', detail = 'none', columnsize = 0);
                  CREATE TRIGGER t AFTER INSERT ON account BEGIN INSERT INTO s (rowid, name) VALUES (new.rowid, new.name || new.email
                  || new.account || new.search_code || new.city || new.phone || new.vat_number); END;"""
    path = folder / name
    subprocess.run(["sqlite3", str(path), sql], check=True)
    return cpu(["sqlite3", str(path), f".import --csv --skip 1 {folder}/accounts.csv account"], dict(os.environ))


def main(rows: int) -> None:
    """Measure and print."""
    script = str(Path(sys.executable).with_name("segcli"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "accounts.csv", rows)
        environ = {**os.environ, "SEGCLI_DATABASE": f"{folder}/ours.db"}
        subprocess.run([script, "init"], env=environ, check=True)
        for field, codes in ((1, "ABC"), (2, "XY")):
            for code in codes:
                subprocess.run([script, "classification", "value", "add", str(field), code], env=environ, check=True)
        first = cpu([script, "import", f"{folder}/accounts.csv"], environ)
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        again = cpu([script, "import", f"{folder}/accounts.csv"], environ)
        changed = cpu([script, "import", f"{folder}/accounts.csv", "--again"], environ)
        plain, searched = shell(folder, "plain.db", with_search=False), shell(folder, "searched.db", with_search=True)
    print(f"{rows:,} accounts of {len(HEADER)} columns; segcli took at most {memory:.0f} MB")
    for label, seconds in (("first", first), ("the same file again", again), ("--again, all compared", changed)):
        print(
            f"{label:24} {seconds:6.1f} s   {seconds / plain:5.2f} x .import   {seconds / searched:5.2f} x with a search index"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
