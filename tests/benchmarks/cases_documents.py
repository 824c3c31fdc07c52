"""A thousand reminders, statements of account and invoices in one PDF, against bare reportlab pages with the same words and lines.

What our documents consist of is recorded first (record_letters.py); reportlab gets it ready to be drawn (bare_letters.py). It reads no
database, breaks no line and stores nothing.
"""

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import generate
from cases_import import copied, imported, made
from measure import OURS, Case, Contestant, apart, run
from prepare import ENVIRON, SEGCLI, Ready, segcli

HERE = Path(__file__).parent
REPORTLAB = "reportlab"
NUMBER, LINES = 1000, 5
CONFIG = """letters: {name: Voorbeeld B.V., address: [Straat 1, 1000 AA Amsterdam], iban: NL91ABNA0417164300}
reminders:
  mode: age
  levels:
    - {action: letter, start: due date, days: 7, fee: 0, interest: 0}
invoices: {ubl: no}
"""
NAMES = (
    "1000 reminder letters",
    "1000 statements of account",
    "1000 invoices",
)  # what cases() yields, so that run.py prepares no more than is asked for


def debtors(folder: Path) -> tuple[Path, Path]:
    """Write accounts that are to be reminded, and their items."""
    accounts, items = folder / "letter_accounts.csv", folder / "letter_items.csv"
    generate.write(
        accounts,
        ("account", "name", "address", "postcode", "city", "country"),
        ((f"{n:05d}", f"Bedrijf {n} B.V.", f"Straat {n}", f"{1000 + n} AB", "Utrecht", "NL") for n in range(NUMBER)),
    )
    generate.write(
        items,
        ("account", "invoice_number", "invoice_date", "due_date", "currency", "amount"),
        (
            (f"{n % NUMBER:05d}", n + 1, "2026-03-01", "2026-04-01", "EUR", generate.cents(1000 + n * 17))
            for n in range(NUMBER * LINES)
        ),
    )
    return accounts, items


def customers(folder: Path) -> tuple[Path, ...]:
    """Write the same accounts, and a subscription of some lines for each."""
    accounts = debtors(folder)[0]
    heads, lines = folder / "letter_subscriptions.csv", folder / "letter_subscription_lines.csv"
    generate.write(
        heads,
        ("subscription", "account", "start_date", "frequency", "currency"),
        ((f"S{n:05d}", f"{n:05d}", "2026-06-01", "monthly", "EUR") for n in range(NUMBER)),
    )
    generate.write(
        lines,
        ("subscription", "line", "description", "quantity", "unit_price", "vat_percent"),
        (
            (f"S{n:05d}", line, f"Dienst {line} van {n}", line, f"{10 + n % 50}.{n % 100:02d}", 21)
            for n in range(NUMBER)
            for line in range(1, LINES + 1)
        ),
    )
    return accounts, heads, lines


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the reminders, the statements and the invoices."""
    folder = ready.folder / "letters"
    folder.mkdir(exist_ok=True)
    (folder / "config.yaml").write_text(CONFIG)
    owing = made(folder / "source.db", imported(*debtors(folder)))

    def invoiced(to: Path) -> None:
        imported(*customers(folder))(to)
        segcli(to, "run", "generate-subscription-invoices", "--as-of", "2026-06-30", "--all", "--apply", "--yes")

    invoices = made(folder / "invoices.db", invoiced)
    yield _case(folder, "reminder letters", owing, 1.3, ("print-reminders",))
    yield _case(
        folder, "statements of account", owing, 1.3, ("print-statements", "--from", "2026-01-01", "--to", "2026-06-30")
    )
    yield _case(folder, "invoices", invoices, 1.5, ("print-invoices", "--as-of", "2026-06-30"))


def _case(folder: Path, name: str, source: Path, limit: float, words: tuple[str, ...]) -> Case:
    here, printed = folder / "ours.db", folder / "printed"
    marks, out = folder / f"{words[0]}.bin", folder / "theirs.pdf"
    flags = ("--all", "--apply", "--yes", "--merged", "--folder", str(printed))
    command = ("-d", str(here), "--config", str(folder / "config.yaml"), "run", *words, *flags)
    before = _fresh(source, here, printed)
    if not marks.exists():  # what our documents consist of, for the bare contestant to draw
        recorder = (sys.executable, str(HERE / "record_letters.py"), str(marks), *command)
        run(Contestant(recorder, before=before, environ=ENVIRON), folder / "recorded.out")
    ours = Contestant(
        (SEGCLI, *command), before=before, environ=ENVIRON, result=lambda: pages(next(printed.rglob("*.pdf")))
    )
    bare = Contestant((sys.executable, str(HERE / "bare_letters.py"), str(marks), str(out)), result=lambda: pages(out))
    return Case(f"{NUMBER} {name}", {OURS: ours, REPORTLAB: bare}, {REPORTLAB: limit})


def _fresh(source: Path, database: Path, printed: Path) -> Callable[[], None]:
    """Return what copies the database and empties the folder."""

    def before() -> None:
        copied(source, database)()
        shutil.rmtree(printed, ignore_errors=True)
        printed.mkdir()

    return before


def pages(path: Path) -> Iterator[Sequence[str]]:
    """Yield the words of each page of a PDF file, in the order of the alphabet."""
    yield from apart(_PAGES, path)


_PAGES = """import json, sys
from pypdf import PdfReader
for page in PdfReader(sys.argv[1]).pages:
    print(json.dumps(sorted(page.extract_text().split())))
"""
