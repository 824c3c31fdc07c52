"""--engine on the command line: every format, what is refused and how, the choice of auto, and the plan that --explain shows."""

import json
import sys
from pathlib import Path

import pytest
from conftest import Result, Run

from segcli.lake import choice


@pytest.fixture
def lake(segcli: Run, example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the lake of the example, which is configured."""
    assert example.exists()
    folder = tmp_path / "a lake [of] it's own"
    monkeypatch.setenv("SEGCLI_LAKE_FOLDER", str(folder))
    assert segcli("lake", "sync").status == 0
    return folder


@pytest.mark.usefixtures("lake")
@pytest.mark.parametrize(
    "words",
    [
        ("show", "debtor-ageing", "--group-by", "class1", "-f", "plain"),
        ("show", "sales-analysis", "--limit", "3", "-f", "table"),
        ("show", "outstanding-items", "-f", "json"),
        ("show", "account-overview", "000001"),
        ("show", "account-overview", "--subtotal", "country", "-f", "md"),
        ("show", "sales-analysis", "--group-by", "month", "--chart", "-f", "plain"),
        ("show", "marketing-list", "-f", "jsonl"),
        ("show", "account-search", "nothing at all", "--fail-if-empty"),
        ("show", "account-search", "--class1", "unknown"),
        ("show", "account-search", "--where", "turnover >"),
        ("show", "debtor-ageing", "--class1", "N", "--strict"),
        ("score", "abc", "--by", "margin", "-f", "csv"),
        ("score", "concentration"),
    ],
)
def test_everything_is_the_same(segcli: Run, words: tuple[str, ...]) -> None:
    assert segcli(*words, "--engine", "lake") == segcli(*words)


@pytest.mark.usefixtures("lake")
def test_rules_plan(segcli: Run, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "field: class3\nrules:\n- {id: large, set: A, when: 'turnover(12m) > 5k and abc = A'}\n"
        "- {id: owes, set: B, when: 'overdue > 0 or churn = lost'}\n- {id: rest, set: C, when: '*'}\n"
    )
    ours, theirs = segcli("rules", "plan", rules), segcli("rules", "plan", rules, "--engine", "lake")
    assert ours == theirs
    assert len(ours.table) > 100


@pytest.mark.usefixtures("lake")
def test_a_report(segcli: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.yaml"
    report.write_text(
        "title: R\nfiles:\n- file: a.html\n  parts:\n  - show: debtor-ageing\n  - score: abc\n  - run: print-reminders\n"
    )
    for engine in ("sqlite", "lake"):
        assert segcli("report", report, "--folder", tmp_path / engine, "--engine", engine).status == 0
    assert (tmp_path / "lake" / "a.html").read_bytes() == (tmp_path / "sqlite" / "a.html").read_bytes()


def told(found: Result, status: int, *texts: str) -> None:
    assert (found.status, found.out) == (status, ""), found
    for text in texts:
        assert text in found.err


def test_what_is_refused(segcli: Run, example: Path, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    show = ("show", "account-search", "--engine", "lake")
    told(segcli("show", "account-search", "--engine", "oracle"), 2, "there is no 'oracle'", "sqlite, lake, auto")
    told(segcli("show", "account-search", "--administration", "all"), 2, "add --engine lake")
    told(segcli(*show, "--administration", "north"), 2, "the lake has no 'north'", f"it has {example.stem}")
    told(segcli(*show, "--convert-to", "EUR"), 2, "--convert-to")
    assert segcli("tag", "000001", "--set", "class1=S").status == 0
    told(segcli(*show), 1, "the lake is of run", "the database at run", "segcli lake sync")
    assert segcli(*show, "--sync").status == 0
    assert segcli(*show).status == 0
    part = next(lake.rglob("account-*.parquet"))
    part.write_bytes(part.read_bytes()[:-50] + b"\0" * 50)
    told(segcli(*show), 1, "is not the file that segcli wrote")
    monkeypatch.setenv("SEGCLI_LAKE_FOLDER", str(lake.parent / "no lake"))
    told(segcli(*show), 1, "there is no lake")
    monkeypatch.delenv("SEGCLI_LAKE_FOLDER")
    told(segcli(*show), 2, "which lake?", "lake.folder")


@pytest.mark.usefixtures("lake")
def test_without_duckdb(segcli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    told(segcli("show", "account-search", "--engine", "lake"), 1, "needs the package duckdb", "segcli[lake]")


@pytest.mark.usefixtures("example")
def test_auto(segcli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def chosen(*words: str) -> str:
        return segcli("show", *words, "--engine", "auto", "--explain").out.splitlines()[0]

    assert "no lake is configured" in chosen("debtor-balance")
    monkeypatch.setenv("SEGCLI_LAKE_FOLDER", str(tmp_path / "lake"))
    assert "300 accounts are few" in chosen("debtor-balance")
    monkeypatch.setattr(choice, "FEW", 0)
    assert "there is no lake" in chosen("debtor-balance")
    assert segcli("lake", "sync").status == 0
    assert chosen("debtor-balance").startswith("engine: DuckDB")
    assert "it is as fast" in chosen("request-search")
    assert "it selects about 1 of 300 accounts" in chosen("debtor-balance", "--account", "000001")
    assert segcli("tag", "000001", "--set", "class1=S").status == 0
    assert "the lake is of run" in chosen("debtor-balance")


@pytest.mark.usefixtures("lake")
def test_the_engine_is_a_setting(segcli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    explain = ("show", "debtor-ageing", "--class1", "N", "--explain")
    assert segcli(*explain).out.startswith("engine: sqlite")
    monkeypatch.setenv("SEGCLI_ENGINE", "lake")
    assert segcli(*explain).out.startswith("engine: DuckDB")
    assert segcli(*explain, "--engine", "sqlite").out.startswith("engine: sqlite")
    monkeypatch.delenv("SEGCLI_ENGINE")
    config = tmp_path / "config.yaml"
    config.write_text("engine: lake\n")
    assert segcli(*explain, "--config", config).out.startswith("engine: DuckDB")


@pytest.mark.usefixtures("lake")
def test_the_plan(segcli: Run) -> None:
    words = ("show", "debtor-ageing", "--class1", "N", "--explain")
    ours, theirs = segcli(*words).out, segcli(*words, "--engine", "lake").out
    assert "a.class1 IN (:selected_0)" in ours
    assert "SEARCH" in ours
    assert "a.class1 IN ($selected_0)" in theirs
    assert "Hash Join" in theirs or "HASH_JOIN" in theirs
    assert ":as_of = '2026-06-30'" in ours
    assert json.loads(segcli("show", "debtor-ageing", "--class1", "N", "-f", "json").out)
