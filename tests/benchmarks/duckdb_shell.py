"""DuckDB's Python module in the place of its shell: FILE, then -readonly and SQL, or SQL on stdin; prints CSV."""

import csv
import sys

import duckdb


def main(file: str, *words: str) -> None:
    """Run the SQL and print what it finds."""
    db = duckdb.connect(file, read_only="-readonly" in words)
    found = db.execute(words[-1] if words else sys.stdin.read())
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([column[0] for column in found.description or ()])
    while rows := found.fetchmany(10_000):
        writer.writerows(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
