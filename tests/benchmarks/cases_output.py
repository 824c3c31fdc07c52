"""Large answers as CSV, XLSX and a table, and reminder letters, against the same made barely."""

import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import generate
from cases_import import copied, imported, made
from cases_overviews import QUESTIONS, shell
from measure import OURS, Case, Contestant, run
from prepare import ENVIRON, SEGCLI, SQLITE, Ready

HERE = Path(__file__).parent
SHELL, XLSXWRITER, REPORTLAB = "sqlite3 shell", "XlsxWriter", "reportlab"
MEGABYTES = 150
LETTERS = 1000
_GAP = re.compile(r"\s{2,}")
CONFIG = """letters: {name: Voorbeeld B.V., address: [Straat 1, 1000 AA Amsterdam], iban: NL91ABNA0417164300}
reminders:
  mode: age
  levels:
    - {action: letter, start: due date, days: 7, fee: 0, interest: 0}
"""
NAMES = (
    "every account as CSV",
    "a tenth of the accounts as XLSX",
    "a tenth of the accounts as a table",
    f"{LETTERS} reminder letters",
)


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
    yield from (_xlsx(ready, show, everything, rows), _table(ready, show, everything, rows), _letters(ready))


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
    from python_calamine import CalamineWorkbook

    rows = iter(CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python())
    next(row for row in rows if sum(map(bool, row)) > 1)
    yield from ([str(cell) for cell in row] for row in rows)


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


def debtors(folder: Path) -> tuple[Path, Path]:
    """Write accounts that are to be reminded, and their items."""
    accounts, items = folder / "letter_accounts.csv", folder / "letter_items.csv"
    generate.write(
        accounts,
        ("account", "name", "address", "postcode", "city", "country"),
        ((f"{n:05d}", f"Bedrijf {n} B.V.", f"Straat {n}", f"{1000 + n} AB", "Utrecht", "NL") for n in range(LETTERS)),
    )
    generate.write(
        items,
        ("account", "invoice_number", "invoice_date", "due_date", "currency", "amount"),
        (
            (f"{n % LETTERS:05d}", n + 1, "2026-03-01", "2026-04-01", "EUR", generate.cents(1000 + n * 17))
            for n in range(LETTERS * 5)
        ),
    )
    return accounts, items


def _letters(ready: Ready) -> Case:
    folder = ready.folder / "letters"
    folder.mkdir(exist_ok=True)
    config = folder / "config.yaml"
    config.write_text(CONFIG)
    source = made(folder / "source.db", imported(*debtors(folder)))
    here, marks, out = folder / "ours.db", folder / "marks.bin", folder / "theirs.pdf"
    printed = folder / "printed"
    words_of_run = (
        "-d",
        str(here),
        "--config",
        str(config),
        "run",
        "print-reminders",
        "--all",
        "--apply",
        "--yes",
        "--merged",
        "--folder",
        str(printed),
    )

    def before() -> None:
        copied(source, here)()
        shutil.rmtree(printed, ignore_errors=True)
        printed.mkdir()

    if not marks.exists():  # what our letters consist of, for the bare contestant to draw
        recorder = (sys.executable, str(HERE / "record_letters.py"), str(marks), *words_of_run)
        run(Contestant(recorder, before=before, environ=ENVIRON), folder / "recorded.out")
    ours = Contestant(
        (SEGCLI, *words_of_run), before=before, environ=ENVIRON, result=lambda: pages(next(printed.rglob("*.pdf")))
    )
    theirs = Contestant(
        (sys.executable, str(HERE / "bare_letters.py"), str(marks), str(out)), result=lambda: pages(out)
    )
    return Case(f"{LETTERS} reminder letters", {OURS: ours, REPORTLAB: theirs}, {REPORTLAB: 1.3})


def pages(path: Path) -> Iterator[Sequence[str]]:
    """Yield the words of each page of a PDF file, in the order of the alphabet."""
    from pypdf import PdfReader

    for page in PdfReader(path).pages:
        yield sorted(page.extract_text().split())
