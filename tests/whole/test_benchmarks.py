"""The benchmarks measure what they say: the generated files hold, the questions by hand have our answers, limits are judged right."""

import contextlib
import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from conftest import ROOT, Run

sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))

import budget
import cases_storage
import figures
import generate
import measure
import page
import prepare
import questions
import run

SCALE = 0.0004


@pytest.fixture
def filled(segcli: Run, empty: Path, tmp_path: Path) -> Path:
    """Return a database with the generated files in it; none of their rows is rejected."""
    generate.generate(tmp_path, SCALE)
    for name in generate.FILES:
        done = segcli("import", tmp_path / f"{name}.csv")
        assert (done.status, done.err) == (0, ""), name
    return empty


def test_the_same_scale_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        generate.generate(tmp_path / name, SCALE)
    for name in generate.FILES:
        assert (tmp_path / f"one/{name}.csv").read_bytes() == (tmp_path / f"two/{name}.csv").read_bytes()


def test_a_value_is_used_the_less_the_later_it_comes() -> None:
    column = generate.ACCOUNT.index("class1")
    codes = [row[column] for row in generate.accounts(0.02)]
    # 6 values, 1/k each over 1 + 1/2 + ... + 1/6 = 2.45, of the 95 % that have one: 38.8 %, 19.4 %, ..., 6.5 %
    shares = [codes.count(f"V{k:04d}") / len(codes) for k in range(1, 7)]
    assert shares == pytest.approx([0.95 / 2.45 / k for k in range(1, 7)], abs=0.01)


def test_the_files_come_in_as_they_are(filled: Path) -> None:
    with contextlib.closing(sqlite3.connect(filled)) as db:
        (items,), (lines,), (heads,) = (
            db.execute(f"SELECT {sql}").fetchone()
            for sql in (
                "count(*) FROM outstanding_item",
                "sum(net_amount) / 10000 FROM invoice_line",
                "sum(net_amount) FROM invoice",
            )
        )
        is_open = db.execute("SELECT count(*) FROM outstanding_item WHERE open_amount <> 0").fetchone()[0]
    assert items == 2000
    assert lines == heads  # the lines of the invoices add up to their heads
    assert is_open / items == pytest.approx(0.046, abs=0.01)


def test_the_questions_by_hand_have_our_answers(segcli: Run, filled: Path) -> None:
    keep, flags = "a.class1 IN (1000001, 1000002)", ("--class1", "V0001,V0002")
    with contextlib.closing(sqlite3.connect(filled)) as db:
        for question in questions.QUESTIONS:
            ours = segcli("show", question.name, *flags, *question.words, "-f", "csv").out
            theirs = db.execute(question.sql.replace("{keep}", keep)).fetchall()
            assert texts(csv.reader(io.StringIO(ours)))[1:] == texts(theirs), question.name


def texts(rows: Iterable[Iterable[object]]) -> list[list[str]]:
    """Return rows as the benchmarks compare them, in their order."""
    return [[measure.plain("" if cell is None else str(cell)) for cell in row] for row in rows]


def test_a_digest_is_of_the_rows_and_not_of_their_order() -> None:
    assert measure.digest([["a", "1.50"], ["b", ""]]) == measure.digest([["b", ""], ["a", "1.5"]])
    assert measure.digest([["a", "1.50"]]) != measure.digest([["a", "1.51"]])
    assert measure.digest([["a"], ["a"], ["b"], ["b"]]) != measure.digest([["a"], ["a"]])
    assert measure.digest([["007"]]) != measure.digest([["7"]])


def spent(cpu: float, memory: float = 10) -> measure.Spent:
    return measure.Spent(cpu, cpu, memory)


@pytest.mark.parametrize(
    ("cpu", "memory", "starts", "is_kept"),
    [
        (2.0, 10, frozenset(), True),  # twice theirs, which is the limit
        (2.1, 10, frozenset(), False),
        (2.1, 10, frozenset({"theirs"}), True),  # 0.2 s of start-up on top
        (2.3, 10, frozenset({"theirs"}), False),
        (1.0, 151, frozenset(), False),  # too much memory
    ],
)
def test_limits_are_judged(cpu: float, memory: float, starts: frozenset[str], is_kept: bool) -> None:
    case = measure.Case("a case", {}, {"theirs": 2.0}, starts=starts, megabytes=150)
    (verdict,) = measure.judge(case, {measure.OURS: spent(cpu, memory), "theirs": spent(1.0)}, start=0.2)
    assert verdict.is_kept is is_kept
    assert verdict.ratio == pytest.approx(cpu)


def test_other_results_are_no_race(tmp_path: Path) -> None:
    def says(text: str) -> measure.Contestant:
        return measure.Contestant((sys.executable, "-c", f"print('heading'); print({text!r})"))

    measure.compare(measure.Case("same", {measure.OURS: says("1.50"), "theirs": says("1.5")}, {}), tmp_path)
    with pytest.raises(RuntimeError, match="the results differ"):
        measure.compare(measure.Case("other", {measure.OURS: says("1"), "theirs": says("2")}, {}), tmp_path)


def test_the_whole_tree_of_processes_is_measured(tmp_path: Path) -> None:
    work = "sum(range(3_000_000))"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"
    alone, within = (
        measure.run(measure.Contestant((sys.executable, "-c", text)), tmp_path / "out").cpu for text in ("pass", child)
    )
    assert within > alone * 2


def test_only_what_the_cases_need_is_prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def stands(name: str) -> Callable[..., Path]:
        return lambda *_: made.append(name) or tmp_path / name

    for name in ("csv_files", "administration", "duck_file"):
        monkeypatch.setattr(prepare, name, stands(name))
    found = run.chosen(prepare.Ready(tmp_path, SCALE), ["cohorts: cohort --long", "reminder letter of nobody"])
    assert [case.name for _, case in found] == ["cohort --long"]
    assert made == ["csv_files", "administration"]  # neither DuckDB's file nor a lake


def test_each_area_names_its_cases_once() -> None:
    names = [(area, name) for area in run.AREAS for name in area.NAMES]
    assert len(names) == len(set(names)) > len(run.AREAS)


RUN = ROOT / "tests/benchmarks/run.py"
AREAS = ("files", "rules", "lists", "prices", "cards", "clusters", "reports", "upgrade")


def benchmarked(*words: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the benchmarks as a developer does."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("SEGCLI_")}
    command = [sys.executable, str(RUN), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environ)


@pytest.mark.repeats
def test_the_contestants_have_the_same_results(tmp_path: Path) -> None:
    only = [word for area in AREAS for word in ("--only", f"{area}: ")]
    done = benchmarked("--scale", 0.001, "--budget", "1h", "--rounds", 1, "--json", "run.json", *only, folder=tmp_path)
    assert "0 cases failed" in done.stderr, done.stderr
    assert "left out" not in done.stderr
    assert done.returncode in {0, 1}  # limits are for large data
    assert done.stdout.count("\n") > 35
    kept = json.loads((tmp_path / "run.json").read_text())
    assert len(kept["verdicts"]) == done.stdout.count("\n") - 1  # a heading
    text = "\n".join(page.results(kept, run.captions()))
    assert re.findall("### (.*)", text) == [name.capitalize() for name in run.captions() if name in AREAS]
    assert text.count("\n| ") == len(kept["verdicts"]) + len(AREAS)  # and a heading each


def case(name: str) -> measure.Case:
    return measure.Case(name, {}, {})


def figure(comparing: float, one_round: float, cpu: float = 1.0) -> figures.Figure:
    return figures.Figure(cpu, 20.0, comparing, one_round)


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        """Return what it shows."""
        return self.now


@pytest.mark.parametrize(
    ("text", "seconds"), [("600", 600), ("90s", 90), ("10m", 600), ("1.5h", 5400), ("0", 0), ("10 m", 0), ("m", 0)]
)
def test_a_budget_is_read(text: str, seconds: float) -> None:
    if seconds:
        assert budget.seconds(text) == seconds
    else:
        with pytest.raises(ValueError, match=text):
            budget.seconds(text)


def test_within_a_budget_the_areas_take_turns_and_large_cases_come_last() -> None:
    cases = [("one", case("a")), ("one", case("b")), ("one", case("c")), ("two", case("d")), ("two", case("e"))]
    known = {
        "a": figure(6, 5),
        "b": figure(5, 5),
        "d": figure(1, 1),
    }  # 11 of 100 seconds are more than a tenth, 10 are not
    plan = budget.Budget(100, 5, cases, known, Clock())
    assert [found.name for found in plan] == ["d", "b", "e", "c", "a"]
    assert plan.left_out == []


def test_a_case_has_the_rounds_that_its_share_of_the_time_allows() -> None:
    clock = Clock()
    cases = [("one", case(name)) for name in "abcd"]
    plan = budget.Budget(40, 5, cases, {"a": figure(1, 3)}, clock)
    rounds = []
    for found, comparing, passed in zip(plan, (1.0, 1.0, 9.0, 30.0), (10, 5, 9, 10), strict=True):
        rounds.append(plan.rounds(found, comparing))
        clock.now += passed
    # a quarter of 40 s in rounds of 3 s as last time; a third of 30 s is more than 5 rounds of 1 s; half of 25 s in rounds of 9 s; 16 s
    # are no round of 30 s
    assert rounds == [3, 5, 1, None]
    assert plan.left_out == ["d: the results are equal; a round takes 30 s, 16 s were left"]


def test_a_run_of_minutes_is_not_repeated() -> None:
    plan = budget.Budget(1000, 5, [("one", case("a"))], {}, Clock())
    assert [plan.rounds(found, 61.0) for found in plan] == [0]
    assert plan.left_out == []


def test_what_does_not_fit_in_a_budget_is_named() -> None:
    clock = Clock()
    plan = budget.Budget(
        20, 5, [("one", case("a")), ("one", case("b")), ("one", case("c"))], {"b": figure(8, 8)}, clock
    )
    seen = []
    for found in plan:
        seen.append(found.name)
        clock.now += 7
    assert seen == ["a", "c"]
    assert plan.left_out == ["b: needs 16 s, 6 s were left"]


def test_figures_are_kept_by_case_and_scale(tmp_path: Path) -> None:
    assert figures.read(tmp_path) == (0.0, {})
    figures.keep(tmp_path, 0.1, {"a": figure(1, 2), "b": figure(3, 4)})
    figures.keep(tmp_path, 0.1, {"b": figure(5, 6)})
    assert figures.read(tmp_path) == (0.1, {"a": figure(1, 2), "b": figure(5, 6)})
    figures.keep(tmp_path, 0.2, {"c": figure(7, 8)})
    assert figures.read(tmp_path) == (0.2, {"c": figure(7, 8)})


def test_growth_is_held_against_twelve_times(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    for folder, scale, times in ((small, 0.1, 1), (large, 1, 12.1)):
        folder.mkdir()
        found = {"steep": figure(1, 1, times), "flat": figure(1, 1, 2.0), f"only {scale}": figure(1, 1)}
        figures.keep(folder, scale, found)
    done = benchmarked(
        "--scale",
        1,
        "--growth",
        "--folder",
        large,
        "--smaller",
        small,
        folder=tmp_path,
    )
    assert done.returncode == 1
    assert done.stdout.splitlines()[2:] == [
        "| steep | 1,000 | 12,100 | 12.10 | **12.0** | 20 | 20 |",
        "| flat | 2,000 | 2,000 | 1.00 | 12.0 | 20 | 20 |",
    ]
    assert done.stderr.splitlines() == [
        "measured in one folder only: only 0.1",
        "measured in one folder only: only 1",
        "2 cases at both scales, 1 grew too much",
    ]
    wrong = benchmarked("--scale", 1, "--growth", "--folder", small, "--smaller", large, folder=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "of a smaller and of a larger scale" in wrong.stderr
    kept = json.loads((small / figures.NAME).read_text())
    assert kept["scale"] == pytest.approx(0.1)


def test_the_results_stand_between_the_marks_of_the_page() -> None:
    before = f"# Speed\n\n{page.BEGIN}old\n{page.END}\nAfter\n"
    after = page.replaced(before, "new\n")
    assert after == f"# Speed\n\n{page.BEGIN}\nnew\n\n{page.END}\nAfter\n"
    assert page.replaced(after, "new\n") == after
    with pytest.raises(ValueError, match="lacks"):
        page.replaced("# Speed\n", "new\n")


def test_runs_at_the_same_time_are_one() -> None:
    one = {"scale": 1, "rounds": 3, "machine": "two cores", "versions": "SQLite 3", "began": "10:02", "ended": "11:00", "load": (0.5, 2.1),
           "verdicts": [{"case": "a"}], "areas": ["rules"], "left_out": [], "failed": []}  # fmt: skip
    other = one | {
        "began": "10:00",
        "ended": "10:58",
        "load": (0.1, 2.5),
        "verdicts": [{"case": "b"}],
        "areas": ["lists"],
        "left_out": ["c"],
    }
    both = page.together([one, other])
    assert (both["began"], both["ended"]) == ("10:00", "11:00")
    assert [found["case"] for found in both["verdicts"]] == ["a", "b"]
    assert (both["areas"], both["left_out"], both["load"]) == (["rules", "lists"], ["c"], (0.1, 2.5))
    assert page.together([one])["verdicts"] == one["verdicts"]
    again = other | {
        "verdicts": [{"case": "a", "against": "x"}, {"case": "c: d"}],
        "areas": ["rules", "rows"],
        "left_out": [],
    }
    every = page.together([one, other | {"left_out": ["c: d: no time was left", "e: no time was left"]}, again])
    assert every["verdicts"] == [*other["verdicts"], *again["verdicts"]]
    assert (every["areas"], every["left_out"]) == (["lists", "rules", "rows"], ["e: no time was left"])
    with pytest.raises(ValueError, match="these runs differ in scale"):
        page.together([one, other | {"scale": 0.1}])


def test_a_limit_that_was_missed_is_bold_in_the_page() -> None:
    spent = {"cpu": 2.0, "wall": 3.0, "memory": 40.0}
    found = {
        "case": "a",
        "against": "b",
        "ours": spent,
        "theirs": spent | {"cpu": 1.0},
        "ratio": 2.0,
        "limit": 1.8,
        "is_kept": False,
    }
    kept = {"began": "2026-01-01 10:00", "ended": "2026-01-01 11:00", "scale": 1.0, "rounds": 1, "machine": "m", "versions": "v",
            "load": [0.5, 1.25], "verdicts": [found], "areas": ["x"], "left_out": ["c: no time was left"], "failed": []}  # fmt: skip
    head, table, left = page.results(kept, {"w": "Nothing.", "x": "What is compared."})
    assert "from 2026-01-01 10:00 to 2026-01-01 11:00 UTC at scale 1: m, v." in head
    assert "was 0.5 at the start and 1.2 at the end. Figures are one pair. 1 limits, 1 missed." in head
    assert table.splitlines()[0] == "### X"
    assert table.splitlines()[-1] == "| a | b | 2,000 | 1,000 | 2.00 | **1.80** | 40 |"
    assert left == "### Not measured\n\n- c: no time was left\n"


@pytest.mark.parametrize("at", [0, 7, (1 << 20) - 3, 1 << 20, (2 << 20) - 4])
def test_a_text_is_found_wherever_it_lies_in_a_file(tmp_path: Path, at: int) -> None:
    path = tmp_path / "large.db"
    path.write_bytes(b"x" * at + b"Zwartjes" + b"x" * 5)
    assert cases_storage.holds(path, b"Zwartjes")
    assert not cases_storage.holds(path, b"Zwartjesx" * 2)
