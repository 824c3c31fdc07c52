"""The README's tour and the guide run as they are pasted into a terminal; the pictures show what the commands show."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

pytestmark = pytest.mark.repeats

PATIENCE = 300  # seconds
TRAP = "trap 'echo \"FAILED: $BASH_COMMAND\" >>failed' ERR\n"
END = "if test -e failed; then exit 1; else exit 0; fi\n"


def blocks(name: str, start: str = "") -> str:
    """Return the shell lines of a document, from a heading on if there is one."""
    text = (ROOT / name).read_text(encoding="utf-8")
    text = text[text.index(start) :] if start else text
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


def run_in_shell(lines: str, folder: Path, *, is_pasted: bool = False) -> tuple[int, str]:
    """Run lines in an interactive shell on a terminal, or paste them there; return its status and what it showed.

    A command that asks would take the next of the pasted lines for its answer.
    """
    commands = folder / "bin"
    commands.mkdir()
    (commands / "segcli").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m segcli "$@"\n')
    (commands / "segcli").chmod(0o700)
    shutil.copytree(ROOT / "examples", folder / "examples")
    here, terminal = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEGCLI_")}
    process = subprocess.Popen(
        ["bash", "--norc", "--noprofile", "-i"], cwd=folder, stdin=terminal, stdout=terminal, stderr=terminal,
        env={**kept, "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}", "TERM": "xterm", "COLUMNS": "100"},
    )  # fmt: skip
    os.close(terminal)
    script = folder / "lines"
    script.write_text(f"{TRAP}{lines}\n{END}")
    os.write(here, (script.read_bytes() if is_pasted else b". ./lines\n"))
    shown = b""
    while more := _read(here):
        shown += more
    os.close(here)
    failed = folder / "failed"
    told = failed.read_text() if failed.exists() else ""
    return process.wait(PATIENCE), f"{told}{shown.decode(errors='replace')}"


def _read(here: int) -> bytes:
    assert select.select([here], [], [], PATIENCE)[0], "it hangs"
    try:
        return os.read(here, 65536)
    except OSError:
        return b""


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_the_guide_runs(tmp_path: Path) -> None:
    status, shown = run_in_shell(blocks("docs/guide.md"), tmp_path)
    assert status == 0, shown
    for name in ("reports/debtors-2026-06-30.xlsx", "reports/sales.html", "reports/monday.eml", "call.xlsx", "copy.db"):
        assert (tmp_path / name).stat().st_size > 1000
    assert list((tmp_path / "letters").rglob("*.pdf"))


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_the_tour_runs_when_it_is_pasted(tmp_path: Path) -> None:
    setup = "export SEGCLI_DATABASE=$PWD/example.db\nsegcli init --example\n"
    tour = blocks("README.md", "## A tour").partition("\n\n")[0]
    assert len(tour.splitlines()) == 8
    status, shown = run_in_shell(setup + tour, tmp_path, is_pasted=True)
    assert status == 0, shown
    assert (tmp_path / "abroad.xlsx").exists()
    assert list((tmp_path / "reports").glob("*.pdf"))


def test_the_pictures_show_what_the_commands_show(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, pathlib, runpy; runpy.run_path(sys.argv[1])['main'](pathlib.Path(sys.argv[2]))",
         str(ROOT / "docs/pictures.py"), str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for path in (ROOT / "docs/images").glob("*.svg"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), f"{path.name}: run python docs/pictures.py"
        assert "http" not in path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
