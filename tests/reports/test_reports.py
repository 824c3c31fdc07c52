"""Reports: files that hold what the commands show, of one day and one moment, and that stay where nothing changed."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import python_calamine
from conftest import Once, Run, connected
from report_case import EXAMPLES, MAIL, REPORT, content

from segcli.base import dates
from segcli.reports import making


def marks(folder: Path) -> Mapping[str, tuple[int, int]]:
    return {str(p): (p.stat().st_ino, p.stat().st_mtime_ns) for p in sorted(folder.rglob("*")) if p.suffix != ".lock"}


def test_files_hold_what_the_commands_show(segcli: Run, write_report: Callable[[str], Path]) -> None:
    assert segcli("report", write_report(REPORT + MAIL), "--folder", "out") == (0, "", "")
    assert segcli("show", "debtor-ageing", "--group-by", "class1", "-o", "own.csv").status == 0
    assert Path("out/a.csv").read_bytes() == Path("own.csv").read_bytes()
    book = python_calamine.CalamineWorkbook.from_path("out/sub/b.xlsx")
    assert book.sheet_names == ["Contents", "North", "ABC"]
    accounts = segcli("show", "account-search", "--class1", "N", "-f", "json").rows
    assert [row[0] for row in book.get_sheet_by_name("North").to_python()[1:]] == [row["account"] for row in accounts]
    scored = segcli("score", "abc", "-f", "json").rows
    rows = book.get_sheet_by_name("ABC").to_python()
    at = next(n for n, head in enumerate(rows[0]) if head == "Amount")
    assert [row[at] for row in rows[1 : len(scored) + 1]] == [float(row["amount"]) for row in scored]


def test_the_example_twice_touches_no_file(segcli: Run, example: Path) -> None:
    assert example.exists()
    first = segcli("report", EXAMPLES / "report.yaml", "--folder", "out", "--verbose")
    assert [line.split("\t")[:2] for line in first.out.splitlines()] == [
        ["written", "out/debtors-2026-05-31.xlsx"],
        ["written", "out/management-2026-05.html"],
        ["written", "out/management-2026-05.pdf"],
        ["written", "out/to-be-reminded-2026-05-31.csv"],
        ["written", "out/mail-2026-05.eml"],
    ]
    before = marks(Path("out"))
    assert segcli("report", EXAMPLES / "report.yaml", "--folder", "out", "--if-changed") == (0, "", "")
    assert marks(Path("out")) == before
    again = segcli("report", EXAMPLES / "report.yaml", "--folder", "out", "--if-changed", "--verbose")
    assert {line.split("\t")[0] for line in again.out.splitlines()} == {"the same"}
    assert segcli("report", EXAMPLES / "report.yaml", "--folder", "out").status == 0
    assert marks(Path("out")) != before


def test_only_what_changed_is_written(segcli: Run, write_report: Callable[[str], Path]) -> None:
    path = write_report(REPORT)
    segcli("report", path, "--folder", "out")
    before = marks(Path("out"))
    assert segcli("tag", "000001", "--set", "class1=X").status == 0
    found = segcli("report", path, "--folder", "out", "--if-changed", "--verbose")
    states = [line.split("\t")[0] for line in found.out.splitlines()]
    changed = [
        str(name)
        for name, mark in marks(Path("out")).items()
        if mark != before[name] and name.endswith((".csv", ".xlsx"))
    ]
    assert len(changed) == states.count("written") >= 1


def test_a_rehearsal_tells_and_writes_nothing(segcli: Run, write_report: Callable[[str], Path]) -> None:
    path = write_report(REPORT + MAIL)
    before = {found.name for found in Path().iterdir()}
    found = segcli("report", path, "--folder", "out", "--dry-run")
    assert [line[:2] for line in found.table] == [
        ["would change", "out/a.csv"],
        ["would change", "out/sub/b.xlsx"],
        ["would change", "out/m-2026-06-30.eml"],
    ]
    assert {found.name for found in Path().iterdir()} - before <= {"test.db-shm", "test.db-wal"}
    segcli("report", path, "--folder", "out")
    found = segcli("report", path, "--folder", "out", "-n")
    assert {line[0] for line in found.table} == {"the same"}


@pytest.mark.parametrize("flags", [["--as-of", "2026-03-31"], ["--period", "2026-03"], ["--to", "2026-03-31"]])
def test_the_day_goes_to_every_part_and_into_names(
    segcli: Run, write_report: Callable[[str], Path], flags: list[str]
) -> None:
    path = write_report(
        "files:\n- {file: 'x-{as_of}.csv', show: debtor-ageing}\n- {file: y.csv, show: debtor-ageing --as-of 2026-01-31}\n"
    )
    assert segcli("report", path, *flags).status == 0
    for name, day in (("x-2026-03-31.csv", "2026-03-31"), ("y.csv", "2026-01-31")):
        assert Path(name).read_text() == segcli("show", "debtor-ageing", "--as-of", day, "-f", "csv").out


def test_the_report_says_the_time_and_the_command_line_goes_before_it(
    segcli: Run, write_report: Callable[[str], Path]
) -> None:
    path = write_report("period: lastmonth\nfiles:\n- {file: 'x-{period}_{from}_{to}.csv', show: sales-analysis}\n")
    segcli("report", path)
    segcli("report", path, "--period", "2026Q1")
    for name, period in (
        ("x-2026-05_2026-05-01_2026-05-31.csv", "2026-05"),
        ("x-2026Q1_2026-01-01_2026-03-31.csv", "2026Q1"),
    ):
        assert Path(name).read_text() == segcli("show", "sales-analysis", "--period", period, "-f", "csv").out


@pytest.mark.parametrize("text", ["2026", "2026H1", "2026H2", "2026Q1", "2026Q4", "2026-02", "2026-12", "2025"])
def test_a_period_is_named_as_it_is_read(text: str) -> None:
    assert dates.name(*dates.period(text, dates.parse("2026-06-30"))) == text


def test_a_period_of_no_name_is_its_days() -> None:
    day = dates.parse
    assert dates.name(day("2026-02-01"), day("2026-04-30")) == "2026-02-01_2026-04-30"  # three months, and no quarter
    assert dates.name(day("2025-07-01"), day("2026-06-30")) == "2025-07-01_2026-06-30"
    assert dates.name(day("2026-02-03"), day("2026-02-03")) == "2026-02-03"


def test_all_parts_see_one_moment(
    segcli: Run, write_report: Callable[[str], Path], database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_report("files:\n- {file: a.csv, show: account-search}\n- {file: b.csv, show: account-search}\n")
    own = making.parts.table

    def meddling(*given: object, **more: object) -> object:
        found = own(*given, **more)  # type: ignore[arg-type]
        with connected(database) as db:
            db.execute("UPDATE account SET name = 'Changed meanwhile'")
            db.commit()
        return found

    monkeypatch.setattr(making.parts, "table", meddling)
    assert segcli("report", path).status == 0
    assert Path("a.csv").read_text() == Path("b.csv").read_text()
    assert "Changed meanwhile" not in Path("b.csv").read_text()
    monkeypatch.undo()


def test_parts_of_other_classes_and_of_actions_stand_side_by_side(
    segcli: Run, write_report: Callable[[str], Path]
) -> None:
    segcli("tag", "000001", "--set", "class1=X")
    text = """
files:
- file: all.html
  parts:
  - show: account-search --class1 W --as-of-class 2020-01-01
  - run: print-reminders --as-of 2026-06-30
  - show: account-search --class1 W
  - run: print-reminders --group-by class1 --as-of-class 2020-01-01
  - run: print-reminders --group-by class1
"""
    assert segcli("report", write_report(text)).status == 0
    shown = Path("all.html").read_text()
    rows = [len(re.findall("<tr>", part)) for part in re.findall("<tbody>(.*?)</tbody>", shown, re.DOTALL)]
    expected = [
        segcli("show", "account-search", "--class1", "W", "--as-of-class", "2020-01-01", "-f", "json").rows,
        segcli("run", "print-reminders", "-f", "json").rows,
        segcli("show", "account-search", "--class1", "W", "-f", "json").rows,
        segcli("run", "print-reminders", "--group-by", "class1", "--as-of-class", "2020-01-01", "-f", "json").rows,
        segcli("run", "print-reminders", "--group-by", "class1", "-f", "json").rows,
    ]
    assert len(expected[-2]) < len(expected[-1])  # nobody had a class then
    assert rows == [len(found) for found in expected]


# Nothing found


def test_nothing_found(segcli: Run, write_report: Callable[[str], Path]) -> None:
    nothing = "files:\n- {file: a.csv, show: account-search --where \"name = 'Nobody'\"}\n"
    some = nothing + "- {file: b.csv, show: account-search}\n"
    found = segcli("report", write_report(nothing), "--fail-if-empty", "--folder", "out")
    assert (found.status, content(Path("out"))) == (3, {})
    assert segcli("report", write_report(some), "--fail-if-empty", "--folder", "out").status == 0
    assert len(content(Path("out"))) == 2
    one = segcli(
        "report", write_report(some.replace("account-search --where", "account-search --fail-if-empty --where"))
    )
    assert (one.status, "r.yaml:2:23" in one.err) == (3, True)


# What a reader would miss


def test_what_a_part_doubts_and_what_no_font_has_is_told(segcli: Run, write_report: Callable[[str], Path]) -> None:
    Path("a.csv").write_text("account,name\nX1,Odd \U0010fffd\n", encoding="utf-8")
    assert segcli("import", "a.csv").status == 0
    parts = "files:\n- {file: a.pdf, show: account-search --account X1}\n- {file: b.csv, score: lifetime}\n"
    found = segcli("report", write_report(parts), "--folder", "out")
    assert found.status == 0
    assert "a.pdf: no font here has U+10FFFD: a mark stands for them" in found.err
    doubts = segcli("score", "lifetime").err.removeprefix("score lifetime: ").strip()
    assert doubts.startswith("BG/NBD: ")
    assert f"b.csv: lifetime: {doubts}" in found.err


def _remind_until(segcli: Run, day: str) -> None:
    """Send reminders of a day, so that there is none of an earlier one."""
    Path("letters.yaml").write_text("letters: {name: Ours}\n")
    done = segcli("run", "print-reminders", "--config", "letters.yaml", "--as-of", day, "--folder", "letters",
                  "--all", "--yes", "--apply")  # fmt: skip
    assert done.status in {0, 5}, done.err


def _reminded(segcli: Run) -> None:
    _remind_until(segcli, "2026-06-30")


@pytest.mark.repeats
@pytest.mark.parametrize(
    "ending", ["csv", "tsv", "json", "jsonl", "md", "html", "xlsx", "pdf", "txt", "parquet", "sqlite"]
)
def test_a_preview_that_cannot_be_made_for_a_day_is_a_note(
    segcli: Run, once: Once, write_report: Callable[[str], Path], ending: str
) -> None:
    once(_reminded)
    why = "the last reminders are of 2026-06-30: none can be dated 2026-05-31, before them"
    assert why in segcli("run", "print-reminders", "--as-of", "2026-05-31").err
    path = write_report(
        f"files:\n- {{file: r.{ending}, run: print-reminders}}\n- {{file: a.csv, show: debtor-ageing}}\n"
    )
    done = segcli("report", path, "--as-of", "2026-05-31", "--folder", "out")
    assert done.status == 0, done.err
    assert f"r.{ending}: print-reminders: no preview as of 2026-05-31: {why}" in done.err
    ageing = segcli("show", "debtor-ageing", "--as-of", "2026-05-31", "-f", "csv").out
    assert Path("out/a.csv").read_text() == ageing
    if ending in {"csv", "tsv", "json", "jsonl", "md", "html", "txt"}:
        assert f"no preview as of 2026-05-31: {why}" in Path(f"out/r.{ending}").read_text()
    if ending == "xlsx":
        (sheet,) = python_calamine.CalamineWorkbook.from_path("out/r.xlsx").sheet_names
        rows = python_calamine.CalamineWorkbook.from_path("out/r.xlsx").get_sheet_by_name(sheet).to_python()
        assert rows[1] == [f"no preview as of 2026-05-31: {why}"]


@pytest.mark.parametrize(
    ("words", "flags", "why"),
    [
        ("print-invoices", ("--as-of", "2025-01-31"), "none can be dated 2025-01-31, before it"),
        ("update-subscription-prices --percent 3", ("--period", "2026-05"), "without an end"),
        ("print-reminders", ("--as-of", "9998-12-31"), "lies too far ahead"),
    ],
)
def test_previews_that_have_no_such_day(
    segcli: Run, write_report: Callable[[str], Path], words: str, flags: tuple[str, ...], why: str
) -> None:
    path = write_report(
        f"files:\n- file: r.html\n  parts: [{{run: {words}}}, {{show: account-search --class1 N, title: North}}]\n"
    )
    done = segcli("report", path, *flags, "--folder", "out")
    assert done.status == 0, done.err
    assert why in Path("out/r.html").read_text()
    assert "North" in Path("out/r.html").read_text()


def test_a_wrong_flag_of_a_preview_still_ends_the_report(segcli: Run, write_report: Callable[[str], Path]) -> None:
    done = segcli("report", write_report("files: [{file: r.csv, run: print-reminders --level 9}]\n"), "--folder", "out")
    assert (done.status, "there is no level 9" in done.err, Path("out/r.csv").exists()) == (1, True, False)
