"""DuckDB's Python module in the place of its shell: [-readonly] FILE and SQL, or SQL on stdin; prints CSV."""

import csv
import sys

import duckdb


def main(*words: str) -> None:
    """Run the SQL and print what it finds."""
    file, *sql = (word for word in words if word != "-readonly")
    db = duckdb.connect(file, read_only="-readonly" in words)
    found = db.execute(sql[0] if sql else sys.stdin.read())
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([column[0] for column in found.description or ()])
    while rows := found.fetchmany(10_000):
        writer.writerows(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
