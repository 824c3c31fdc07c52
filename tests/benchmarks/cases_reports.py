"""A report of ten overviews as CSV files, against the sqlite3 shell with ten statements and as many files."""

import csv
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from cases_overviews import BY_HAND, filtered
from measure import OURS, Case, Contestant
from prepare import ENVIRON, SEGCLI, SQLITE, Ready
from questions import QUESTIONS

SHELL = "sqlite3 shell"
PARTS = QUESTIONS[:10]
NAMES = ("a report of ten overviews, 10.0%",)  # what cases() yields, so that run.py prepares no more than is asked for


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the report of a tenth of the accounts."""
    folder = ready.folder / "report"
    folder.mkdir(exist_ok=True)
    field, code = filtered(ready, 0.1)
    keep = f"a.class{field} = (SELECT id FROM classification_value WHERE field = {field} AND code = '{code}')"
    parts = "".join(
        f"- file: {part.name}.csv\n  parts:\n  - show: {' '.join((part.name, *part.words))} --class{field} {code}\n"
        for part in PARTS
    )
    (folder / "ten.yaml").write_text(f"title: Ten\nfiles:\n{parts}")
    here, there = folder / "ours", folder / "theirs"
    there.mkdir(exist_ok=True)
    script = folder / "ten.sql"
    statements = (f".output {there / part.name}.csv\n{part.sql.replace('{keep}', keep)};\n" for part in PARTS)
    script.write_text("".join(statements))
    command = (SEGCLI, "-d", str(ready.database), "report", str(folder / "ten.yaml"), "--folder", str(here))
    ours = Contestant(
        command, before=lambda: shutil.rmtree(here, ignore_errors=True), result=lambda: rows(here), environ=ENVIRON
    )
    theirs = Contestant(
        (*SQLITE, "-readonly", "-bail", "-csv", "-header", str(ready.database)), script, result=lambda: rows(there)
    )
    yield Case("a report of ten overviews, 10.0%", {OURS: ours, SHELL: theirs}, {SHELL: BY_HAND}, frozenset({SHELL}))


def rows(folder: Path) -> Iterator[Sequence[str]]:
    """Yield the rows of the ten files below their headings, each with its file."""
    for part in PARTS:
        with (folder / f"{part.name}.csv").open(newline="", encoding="utf-8-sig") as file:
            found = csv.reader(file)
            next(found, None)
            yield from ((part.name, *row) for row in found)
