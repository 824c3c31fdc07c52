"""Large answers as CSV, XLSX and a table, against the same made barely."""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import generate
from cases_overviews import QUESTIONS, shell
from measure import OURS, Case, Contestant, apart
from prepare import ENVIRON, SEGCLI, SQLITE, Ready

HERE = Path(__file__).parent
SHELL, XLSXWRITER = "sqlite3 shell", "XlsxWriter"
MEGABYTES = 150
_GAP = re.compile(r"\s{2,}")
NAMES = ("every account as CSV", "a tenth of the accounts as XLSX", "a tenth of the accounts as a table")


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the outputs."""
    everything = QUESTIONS[0].sql.replace("{keep}", "1 = 1").replace("a.is_blocked = 0", "1 = 1")
    show = (SEGCLI, "-d", str(ready.database), "show", "account-search", "--inactive")
    yield Case(
        "every account as CSV",
        {OURS: Contestant((*show, "-f", "csv"), environ=ENVIRON), SHELL: shell(ready, everything)},
        {SHELL: 2},
        megabytes=MEGABYTES,
    )
    rows = str(generate.count(100_000, ready.scale))
    yield from (_xlsx(ready, show, everything, rows), _table(ready, show, everything, rows))


def _xlsx(ready: Ready, show: tuple[str, ...], sql: str, rows: str) -> Case:
    here, there = ready.folder / "ours.xlsx", ready.folder / "theirs.xlsx"
    ours = Contestant((*show, "--limit", rows, "-o", str(here)), result=lambda: sheet(here), environ=ENVIRON)
    bare = (sys.executable, str(HERE / "bare_xlsx.py"), str(ready.database), f"{sql} LIMIT {rows}", str(there))
    theirs = Contestant(bare, result=lambda: sheet(there))
    return Case(
        "a tenth of the accounts as XLSX", {OURS: ours, XLSXWRITER: theirs}, {XLSXWRITER: 0.4}, megabytes=MEGABYTES
    )


def sheet(path: Path) -> Iterator[Sequence[str]]:
    """Yield the rows of a workbook's first sheet below its heading, what stands above that left out."""
    yield from apart(_SHEET, path)


_SHEET = """import json, sys
from python_calamine import CalamineWorkbook
rows = iter(CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python())
next(row for row in rows if sum(map(bool, row)) > 1)
for row in rows:
    print(json.dumps([str(cell) for cell in row]))
"""


def _table(ready: Ready, show: tuple[str, ...], sql: str, rows: str) -> Case:
    here, there = ready.folder / "ours.txt", ready.folder / "theirs.txt"
    ours = Contestant(
        (*show, "--limit", rows, "-f", "table", "-o", str(here)), result=lambda: words(here), environ=ENVIRON
    )
    command = (
        *SQLITE,
        "-readonly",
        "-column",
        "-header",
        str(ready.database),
        f".output {there}",
        f"{sql} LIMIT {rows}",
    )
    theirs = Contestant(command, result=lambda: words(there))
    return Case("a tenth of the accounts as a table", {OURS: ours, SHELL: theirs}, {SHELL: 1.2})


def words(path: Path) -> Iterator[Sequence[str]]:
    """Yield the cells of an aligned table below its rule, its caption left out."""
    with path.open(encoding="utf-8") as file:
        next(line for line in file if set(line.strip()) <= set("-─━ ") and line.strip())
        yield from (cells for line in file if len(cells := _GAP.split(line.strip())) > 1)
