"""The README is true: its tour runs, its table agrees with the packages, its test command is what CI runs."""

import re
import shlex
import shutil
from pathlib import Path

from conftest import Run

from segcli.command import first_line
from segcli.commands import run, show

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_tour_runs(segcli: Run) -> None:
    shutil.copytree(ROOT / "examples", "examples")
    tour = re.search(r"## A tour.*?```sh\n(.*?)```", TEXT, re.DOTALL)
    assert tour
    for line in tour[1].splitlines():
        words = shlex.split(line)
        assert words[0] == "segcli"
        done = segcli(*words[1:])
        assert done.status == 0, f"{line}\n{done.err}"
    assert Path("abroad.csv").read_text(encoding="utf-8").startswith("account,name")


def test_the_table_is_the_overviews() -> None:
    rows = re.findall(r"^\| ([a-z-]+) \| (.+) \|$", TEXT, re.MULTILINE)
    wanted = [(name, first_line(group.declared(name).help)) for group in (show, run) for name in group.names()]
    assert [row for row in rows if row[0] not in {"overview", "action"}] == wanted


def test_ci_runs_the_readmes_command() -> None:
    assert len(re.findall(r"^python3 -m venv \.venv-dev ", TEXT, re.MULTILINE)) == 1
    assert "eval" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_nothing_names_a_workplace() -> None:
    texts = [path for kind in ("md", "yaml", "toml", "sql") for path in ROOT.glob(f"*.{kind}")]
    for path in [*texts, *(ROOT / "segcli").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        assert "/wor" + "k/" not in text, path
