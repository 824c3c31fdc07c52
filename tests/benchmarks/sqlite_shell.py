"""Python's sqlite3 in the place of SQLite's shell, where there is none: the same options, and of its dot commands .import and .output."""

import csv
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

PRAGMAS = ("journal_mode", "synchronous")  # whose answers nobody asks for


def printed(rows: Iterable[Sequence[object]], heads: Sequence[str], out: TextIO, *, in_columns: bool) -> None:
    """Print rows as CSV, or in columns as wide as their widest cell."""
    if not in_columns:
        csv.writer(out, lineterminator="\n").writerows([heads, *rows] if heads else rows)
        return
    cells = [heads, *(["" if cell is None else str(cell) for cell in row] for row in rows)]
    form = "  ".join(f"{{:{max(map(len, column))}}}" for column in zip(*cells, strict=True)) + "\n"
    cells.insert(1, ["-" * max(map(len, column)) for column in zip(*cells, strict=True)])
    out.writelines(form.format(*row) for row in cells)


def loaded(db: sqlite3.Connection, words: list[str]) -> None:
    """Do what .import --csv [--skip 1] FILE TABLE does."""
    with open(words[-2], newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        if "--skip" in words:
            next(rows)
        first = next(rows)
        sql = f"INSERT INTO {words[-1]} VALUES ({', '.join('?' * len(first))})"
        with db:
            db.execute("BEGIN")
            db.execute(sql, first)
            db.executemany(sql, rows)


def pieces(lines: Iterable[str]) -> Iterator[str]:
    """Yield the dot commands and the statements."""
    gathered = ""
    for line in lines:
        if line.startswith("."):
            yield line
            continue
        *ended, rest = f"{line}\n".split(";")
        for part in ended:
            gathered += part + ";"
            if sqlite3.complete_statement(gathered):
                yield gathered
                gathered = ""
        gathered += rest
    if gathered.strip():
        yield gathered


def main(*words: str) -> None:
    """Run the statements of the command line, or of stdin."""
    flags = [word for word in words if word.startswith("-")]
    database, *statements = (word for word in words if not word.startswith("-"))
    db = sqlite3.connect(database, isolation_level=None)
    out = sys.stdout
    for piece in pieces(statements or sys.stdin):
        if piece.startswith(".import"):
            loaded(db, piece.split())
        elif piece.startswith(".output"):
            out = open(piece.split()[1], "w", encoding="utf-8")  # noqa: SIM115 - until the end
        else:
            found = db.execute(piece)
            heads = [column[0] for column in found.description or ()] if "-header" in flags else []
            if found.description and found.description[0][0] not in PRAGMAS:
                printed(found, heads, out, in_columns="-column" in flags)


if __name__ == "__main__":
    main(*sys.argv[1:])
