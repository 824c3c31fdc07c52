"""A Dutch administration: people read decimal commas and days first wherever they read; machines read what they always read."""

import io
import re
from datetime import date
from pathlib import Path

import pytest
from conftest import Run
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

DUTCH = ("--config", "nl.yaml")
SHOWN = ("outstanding-items", "invoice-history", "debtor-balance", "subscription-search", "account-overview")
PEOPLE = ("table", "plain", "md", "html", "vertical", "pdf")


@pytest.fixture(autouse=True)
def _dutch(example: Path, tmp_path: Path) -> None:
    assert example.exists()
    (tmp_path / "nl.yaml").write_text("decimal: ','\ndates: dmy\n")


def text(path: Path) -> str:
    if path.suffix == ".pdf":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(path.read_bytes())).pages)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl", "parquet", "sqlite"])
@pytest.mark.parametrize("name", SHOWN)
def test_machine_formats_never_change(segcli: Run, name: str, form: str) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not here")
    assert segcli("show", name, "-o", f"a.{form}").status == 0
    assert segcli("show", name, *DUTCH, "-o", f"b.{form}").status == 0
    assert Path(f"a.{form}").read_bytes() == Path(f"b.{form}").read_bytes()


def test_a_calendar_never_changes(segcli: Run) -> None:
    assert (
        segcli("show", "request-search", "-f", "ics").out == segcli("show", "request-search", "-f", "ics", *DUTCH).out
    )


@pytest.mark.repeats
@pytest.mark.parametrize("form", PEOPLE)
@pytest.mark.parametrize("name", SHOWN)
def test_people_read_commas_and_days_first(segcli: Run, name: str, form: str) -> None:
    for words, file in (((), "a"), (DUTCH, "b")):
        assert segcli("show", name, *words, "-f", form, "-o", f"{file}.{form}").status == 0
    english, dutch = text(Path(f"a.{form}")), text(Path(f"b.{form}"))
    if form == "html":  # what the page holds besides its table is the same for all
        english, dutch = (found.split("<tbody>")[1].split("</table>")[0] for found in (english, dutch))
    cells = [
        line for line in dutch.splitlines() if not re.search("as of|vorderingen|ledger| to 2026-|all invoices", line)
    ]
    assert not [line for line in cells if re.search(r"(?<![\d.])\d{1,3}(,\d{3})*\.\d\d(?![\d.])", line)]
    assert not [line for line in cells if re.search(r"\b20\d\d-\d\d-\d\d\b", line)]
    amounts = re.findall(r"(?<![\d.,-])-?\d{1,3}(?:,\d{3})*\.\d\d(?![\d.,])", english)
    assert amounts
    swapped = {amount.translate(str.maketrans(",.", ".,")) for amount in amounts}
    assert all(amount in dutch for amount in swapped)


def test_a_workbook_shows_days_first_and_holds_real_dates(segcli: Run) -> None:
    assert segcli("show", "outstanding-items", *DUTCH, "-o", "b.xlsx").status == 0
    assert segcli("show", "outstanding-items", "-o", "a.xlsx").status == 0
    rows = [CalamineWorkbook.from_path(f"{name}.xlsx").get_sheet_by_index(0).to_python() for name in "ab"]
    assert rows[0] == rows[1]
    assert any(isinstance(cell, date) for cell in rows[0][1])
    assert Path("a.xlsx").read_bytes() != Path("b.xlsx").read_bytes()


def test_a_card_too(segcli: Run) -> None:
    shown = segcli("show", "account-overview", "000001", "-f", "table", *DUTCH).out
    assert re.search(r"^  Outstanding +4\.717,72$", shown, re.MULTILINE)
    assert "19-06-2026" in shown


@pytest.mark.repeats
def test_letters_are_in_the_accounts_language(segcli: Run) -> None:
    done = segcli("run", "print-reminders", "--apply", "--yes", "--all", "--folder", "out")
    assert done.status in {0, 5}, done.err
    drafts = [path.read_bytes().decode() for path in Path("out").rglob("*.eml")]
    letters = [text(path) for path in Path("out").rglob("*.pdf")]
    assert any("Subject: Herinnering" in draft for draft in drafts)
    assert any("Subject: Reminder" in draft for draft in drafts)
    assert len(letters) + len(drafts) > 20
