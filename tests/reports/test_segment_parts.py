"""Parts of a report that are methods of segments: the same tables as the commands, with their charts, in every form."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import python_calamine
from conftest import Run
from report_case import EXAMPLES, content

AVERAGE = re.compile(r">\(average\)</t[dh]")
ALONE = {
    "cohort --by quarter": ("cohort", "--by", "quarter"),
    "cohort --long --from 2025-10-01": ("cohort", "--long", "--from", "2025-10-01"),
    "profile --class3 A --limit 9": ("profile", "--class3", "A", "--limit", "9"),
    "profile --class3 A --figures": ("profile", "--class3", "A", "--figures"),
    "matrix churn --from 2025-12-31": ("matrix", "churn", "--from", "2025-12-31"),
    "list results mailing --from 2026-04-01": ("list", "results", "mailing", "--from", "2026-04-01"),
}


@pytest.fixture
def mailing(segcli: Run, example: Path) -> Path:
    assert segcli("list", "create", "mailing", "--country", "NL", "--holdout", "40").status == 0
    return example


def test_a_part_is_what_the_command_shows(segcli: Run, mailing: Path, write_report: Callable[[str], Path]) -> None:
    assert mailing.exists()
    files = "".join(f"- {{file: {at}.csv, segment: {words}}}\n" for at, words in enumerate(ALONE))
    done = segcli("report", str(write_report(f"files:\n{files}")), "--folder", "out")
    assert (done.status, "4.csv" in done.err, "5.csv: list: the groups are of" in done.err) == (0, False, True)
    for at, words in enumerate(ALONE.values()):
        assert Path(f"out/{at}.csv").read_text(encoding="utf-8") == segcli(*words, "-f", "csv").out, words


def test_charts_and_averages(segcli: Run, mailing: Path, write_report: Callable[[str], Path]) -> None:
    assert mailing.exists()
    parts = """  parts:
  - {segment: cohort --by quarter --chart, title: Retention}
  - {segment: cohort --by quarter --figure value}
"""
    text = f"""files:
- file: a.xlsx
{parts}- file: a.html
{parts}  - {{segment: profile --class3 A --limit 5 --chart}}
- dashboard: b.html
{parts}"""
    done = segcli("report", str(write_report(text)), "--folder", "out", "--as-of", "2026-05-31")
    assert done.status == 0, done.err
    for name in ("a.html", "b.html"):
        page = (Path("out") / name).read_text(encoding="utf-8")
        assert ("below " in page, len(AVERAGE.findall(page)), "as of 2026-05-31" in page) == (True, 2, True), name
    book = python_calamine.CalamineWorkbook.from_path("out/a.xlsx")
    rows = book.get_sheet_by_name("Retention").to_python()
    assert [row[0] for row in rows].count("(average)") == 1
    with zipfile.ZipFile("out/a.xlsx") as packed:
        sheets = [packed.read(name).decode() for name in packed.namelist() if "worksheets/sheet" in name]
    assert sum('type="colorScale"' in sheet for sheet in sheets) == 1  # the part with --chart


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("segment: cohorts", "'segment cohorts' is not known"),
        ("segment: profile --class3 A --explain", "--explain is not allowed in a part"),
        ("segment: profile --figures --limit 3", "--limit is for the values"),
        ("segment: profile --chart", "csv shows no chart"),
        ("segment: matrix churn", "from which day?"),
        ("segment: list results nobody --from 2026-01-01", "there is no list 'nobody'"),
        ("segment: list create x --all", "no"),
    ],
)
def test_mistakes_name_their_place(
    segcli: Run, example: Path, write_report: Callable[[str], Path], part: str, told: str
) -> None:
    assert example.exists()
    done = segcli("report", str(write_report(f"files:\n- {{file: a.csv, {part}}}\n")), "--folder", "out")
    assert (done.status, "r.yaml:2" in done.err, told in done.err, Path("out/a.csv").exists()) == (1, True, True, False)


def test_the_example_runs(segcli: Run, example: Path) -> None:
    assert example.exists()
    done = segcli("report", str(EXAMPLES / "segments.yaml"), "--folder", "out")
    assert (done.status, list(content(Path("out")))) == (
        0,
        ["segments-2026-06-30.html", "segments-2026-06-30.xlsx"],
    ), done.err
