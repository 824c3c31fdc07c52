"""Golden files: a case is a file; see tests/golden/README.md for how it is read."""

import getpass
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT, Run

CASES = sorted((ROOT / "tests" / "golden").glob("*.test"))


def steps(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each command with the lines that follow it."""
    command, lines = "", []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("$ "):
            if command:
                yield command, lines
            command, lines = line[2:], []
        else:
            lines.append(line)
    yield command, lines


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_golden(segcli: Run, path: Path) -> None:
    count = 0
    for command, lines in steps(path):
        words = shlex.split(command)
        if words[0] == "cat":
            Path(words[2]).write_text("\n".join(lines[: lines.index("EOF")]) + "\n", encoding="utf-8")
            continue
        if words[0] == "show":
            seen = Path(words[1]).read_text(encoding="utf-8").splitlines()
        else:
            done = segcli(*words[1:])
            seen = [
                *done.out.replace(getpass.getuser(), "USER").splitlines(),
                *(f"! {line}" for line in done.err.splitlines()),
            ]
            seen += [f"= {done.status}"] if done.status else []
        assert seen == lines, command
        count += 1
    assert count >= 3
