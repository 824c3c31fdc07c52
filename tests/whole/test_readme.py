"""The README is true: its tables agree with the packages, its test command is what CI runs; neighbours get what they read."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, connected

from segcli import actions, overviews
from segcli.interface.command import first_line

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


NEIGHBOURS = re.search(
    r"## In a pipe.*?```sh\n(.*?)```", (ROOT / "docs/neighbours.md").read_text(encoding="utf-8"), re.DOTALL
)


@pytest.mark.parametrize("line", NEIGHBOURS[1].splitlines() if NEIGHBOURS else ())
def test_what_goes_into_a_pipe(example: Path, tmp_path: Path, line: str) -> None:
    program = re.split(r"\| |&& ", line, maxsplit=1)[1].split()[0]
    folder = tmp_path / "bin"
    folder.mkdir()
    path = f"{folder}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if not shutil.which(program, path=path) or program == "mutt":  # which would send a message
        pytest.skip(f"{program} is not tried here")
    segcli = folder / "segcli"
    segcli.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m segcli "$@"\n')
    segcli.chmod(0o700)
    environ = {**os.environ, "PATH": path, "SEGCLI_DATABASE": str(example)}
    done = subprocess.run(["sh", "-c", line], env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    if program == "sqlite-utils":
        with connected(tmp_path / "work.db") as db:
            found = dict(db.execute("SELECT currency, sum(open_minor) FROM outstanding_items GROUP BY currency"))
        assert found == {"EUR": 12460610, "GBP": 50473, "JPY": 373733, "USD": 593554}


def test_the_wheel_holds_all_that_is_needed(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling is not here")
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(words, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as found:
        names = {name for name in found.namelist() if ".dist-info/" not in name}
    inside = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "segcli").rglob("*")
        if path.is_file() and path.suffix in {".py", ".css", ".js", ".md", ".tsv", ".txt"}
    }
    example = {f"segcli/data/example/{path.name}" for path in (ROOT / "examples" / "administration").iterdir()}
    assert names == inside | example | {"segcli/data/schema.sql", "segcli/data/config.example.yaml"}


def test_the_table_is_the_overviews() -> None:
    rows = re.findall(r"^\| ([a-z-]+) \| (.+) \|$", TEXT, re.MULTILINE)
    wanted = [(name, first_line(group.declared(name).help)) for group in (overviews, actions) for name in group.names()]
    assert [row for row in rows if row[0] not in {"overview", "action", "command", "package", "document"}] == wanted


def test_ci_runs_the_readmes_command() -> None:
    assert len(re.findall(r"^python3 -m venv \.venv-dev ", TEXT, re.MULTILINE)) == 1
    assert "eval" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_nothing_names_a_workplace() -> None:
    texts = [path for kind in ("md", "yaml", "toml", "sql") for path in ROOT.glob(f"*.{kind}")]
    for path in [*texts, *(ROOT / "segcli").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        assert "/wor" + "k/" not in text, path
