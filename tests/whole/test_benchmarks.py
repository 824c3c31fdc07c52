"""The benchmarks measure what they say: the generated files hold, the questions by hand have our answers, limits are judged right."""

import contextlib
import csv
import io
import sqlite3
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from conftest import ROOT, Run

sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))

import generate
import measure
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
    assert [case.name for case in found] == ["cohort --long"]
    assert made == ["csv_files", "administration"]  # neither DuckDB's file nor a lake


def test_each_area_names_its_cases() -> None:
    names = [(area, name) for area in run.AREAS for name in area.NAMES]
    assert len(names) == len(set(names)) > len(run.AREAS)
