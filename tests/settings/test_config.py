"""The configuration: which value is in force and why; and the example file, which is its documentation."""

from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT, Run

from segcli.base import dates
from segcli.base.errors import SegcliError, UsageError
from segcli.settings import config, plain_yaml


def test_the_example_file_is_every_setting_with_its_default() -> None:
    document = plain_yaml.load(ROOT / "config.example.yaml")
    assert set(document) == {*config.SETTINGS, *config.SECTIONS}
    for name, setting in config.SETTINGS.items():
        value = document[name]
        assert (",".join(value) if isinstance(value, list) else value) == setting.default
    text = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    for name in document:
        before = text.split(f"\n{name}:")[0].rsplit("\n", 1)[-1]
        assert before.startswith("# "), f"{name} has no comment"


def test_flag_over_environment_over_file_over_default(segcli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def in_force(*words: str) -> tuple[str, str]:
        rows = {row["setting"]: row for row in segcli("config", "show", "-f", "json", *words).rows}
        return rows["color"]["value"], rows["color"]["comes_from"]

    assert in_force() == ("auto", "default")
    Path("c.yaml").write_text("color: never\n")
    assert in_force("--config", "c.yaml") == ("never", "c.yaml")
    monkeypatch.setenv("SEGCLI_COLOR", "always")
    assert in_force("--config", "c.yaml") == ("always", "environment SEGCLI_COLOR")
    assert in_force("--config", "c.yaml", "--color", "auto") == ("auto", "flag")
    monkeypatch.setenv("SEGCLI_CONFIG", "missing.yaml")
    assert segcli("config", "show").status == 2


def test_the_users_file_is_found_and_the_current_folder_is_not(segcli: Run, tmp_path: Path) -> None:
    Path("config.yaml").write_text("color: never\n")
    assert segcli("config", "path", "-f", "json").rows[0]["note"] == "not there: defaults hold"
    folder = tmp_path / "home" / "config" / "segcli"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("wait: 5\n")
    rows = {row["setting"]: row["value"] for row in segcli("config", "show", "-f", "json").rows}
    assert rows["wait"] == "5"


@pytest.mark.parametrize(
    ("text", "words"),
    [("colour: never\n", "did you mean color?"), ("color: blue\n", "auto or always or never"), ("wait: soon\n", "is not a number"), ("- x\n", "list of"),
     ("color: auto\ncolor: never\n", "stands twice"), ("color: &a auto\nwait: *a\n", "alias"), ("color: !!python/name:os.system auto\n", "tag"), ("a: [\n", "not YAML"),
     ("wait: 5\n? [a, b]\n: never\n", "c.yaml:2: a key is a plain word")],
)  # fmt: skip
def test_what_is_wrong_in_it_is_said(segcli: Run, text: str, words: str) -> None:
    Path("c.yaml").write_text(text)
    done = segcli("config", "show", "--config", "c.yaml")
    assert done.status in {1, 2}
    assert words in done.err


def test_yaml_is_text() -> None:
    assert plain_yaml.parse(b"a: NO\nb: 007\nc: 12:30\nd: 1_000\ne: 2024-01-01\nf: ~\n", "x") == {
        "a": "NO", "b": "007", "c": "12:30", "d": "1_000", "e": "2024-01-01", "f": "~",
    }  # fmt: skip
    with pytest.raises(SegcliError, match=r"nested too deeply|not YAML"):
        plain_yaml.parse(b"[" * 20000, "x")
    # Python 3.11 counts the calls of libyaml as its own and stops early; later ones leave it to libyaml, which stops at 1,000.
    with pytest.raises(
        SegcliError, match=r"x: nested too deeply|x:1: this is not YAML: exceeded maximum nesting depth"
    ):
        plain_yaml.parse(b"[" * 1100 + b"]" * 1100, "x")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("2026", "2026-01-01", "2026-12-31"), ("2026Q1", "2026-01-01", "2026-03-31"), ("2026q4", "2026-10-01", "2026-12-31"), ("2024-02", "2024-02-01", "2024-02-29"),
     ("2026H2", "2026-07-01", "2026-12-31"), ("lastmonth", "2026-02-01", "2026-02-28"), ("last-month", "2026-02-01", "2026-02-28"),
     ("thisquarter", "2026-01-01", "2026-03-31"), ("lastquarter", "2025-10-01", "2025-12-31"), ("lastyear", "2025-01-01", "2025-12-31"),
     ("ytd", "2026-01-01", "2026-03-31"), ("yesterday", "2026-03-30", "2026-03-30")],
)  # fmt: skip
def test_periods(text: str, first: str, last: str) -> None:
    assert dates.period(text, date(2026, 3, 31)) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("text", ["2026Q5", "2026-13", "26", "2026-1", "lastweekday", "", "0026", "2026Q1x"])
def test_periods_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        dates.period(text, date(2026, 3, 31))


def test_months_do_not_drift() -> None:
    # 31 January, 29 February, 31 March, 30 April: from the anchor, never from the month before.
    assert [dates.add_months(date(2024, 1, 31), n).isoformat() for n in range(4)] == [
        "2024-01-31",
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
    ]
    assert dates.add_months(date(2024, 2, 29), -12) == date(2023, 2, 28)
    assert [dates.in_month(date(2023, 2, 7), day).day for day in (1, 28, 29, 31)] == [1, 28, 28, 28]


def test_the_calendar_ends_with_9999() -> None:
    assert dates.month_end(date(9999, 12, 5)) == date.max == dates.add_months(date(9999, 11, 30), 1).replace(day=31)
    with pytest.raises(UsageError, match="9999-12-32"):
        dates.parse("9999-12-32")
    assert dates.period("9999", date(2026, 3, 31)) == (date(9999, 1, 1), date.max)
