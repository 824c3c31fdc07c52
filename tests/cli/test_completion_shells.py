"""Completion in real, interactive shells: a tab in a quoted or escaped word gives the word that the shell then passes on."""

import os
import pty
import re
import select
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import Run

pytestmark = pytest.mark.repeats

START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
# The command is a function: it completes as segcli does, notes that it has, and shows the words that it got otherwise.
_FUNCTION = """segcli() {{ if [[ $1 == __complete* ]]; then {real} "$@"; echo >> completed; return; fi
printf 'got:'; printf '<%s>' "$@"; echo :end; }}"""
SETUP = {
    "bash": f"source ./completion.bash\n{_FUNCTION}",
    "zsh": f"autoload -Uz compinit; compinit -u -D; source ./completion.zsh\n{_FUNCTION}",
    "fish": """source ./completion.fish
function segcli
  if string match -q '__complete*' -- $argv[1]; {real} $argv; echo >> completed; return; end
  printf 'got:'; printf '<%s>' $argv; echo :end
end""",
}
LINES = [
    ("segcli tag 1 --set Customer\\ va{tab}B", "<tag><1><--set><Customer value=B>"),
    ("segcli tag 1 --set Customer\\ value=B{tab}", "<tag><1><--set><Customer value=B>"),
    ('segcli tag 1 --set "Customer va{tab}B"', "<tag><1><--set><Customer value=B>"),
    ('segcli tag 1 --set "Customer value=B{tab}', "<tag><1><--set><Customer value=B>"),
    ("segcli tag 1 --set 'Customer value=B{tab}", "<tag><1><--set><Customer value=B>"),
    ('segcli tag --selection "my{tab}', "<tag><--selection><my best>"),
    ("segcli tag --selection 'my{tab}", "<tag><--selection><my best>"),
    ("segcli tag --selection my{tab}", "<tag><--selection><my best>"),
    ("segcli tag --selection my\\ b{tab}", "<tag><--selection><my best>"),
    ("segcli tag --selection a{tab}", '<tag><--selection><a "b" $c>'),
    ('segcli tag --selection "a{tab}', '<tag><--selection><a "b" $c>'),
    ("segcli show debtor-b{tab}", "<show><debtor-balance>"),
    ("segcli show debtor-ageing --sort -outst{tab}", "<show><debtor-ageing><--sort><-outstanding>"),
    ("segcli show debtor-ageing --columns account,outst{tab}", "<show><debtor-ageing><--columns><account,outstanding>"),
    ("segcli show debtor-ageing --group-by account,Regi{tab}", "<show><debtor-ageing><--group-by><account,Region>"),
    ("segcli show debtor-ageing --class Sector=HO{tab}", "<show><debtor-ageing><--class><Sector=HOR>"),
    ("segcli import my{tab}", "<import><my file.csv>"),
    ("segcli import --as acc{tab}", "<import><--as><account>"),
    ("segcli show account-search --class1=no{tab}", "<show><account-search><--class1=no"),
]


class Shell:
    """An interactive shell on a terminal of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ |= {"TERM": "xterm", "PS1": "$ ", "HOME": str(folder), "COLUMNS": "200", "LC_ALL": "C.UTF-8"}
            os.execvp(START[name][0], START[name])

    def until(self, wanted: str, seconds: float = 20) -> str:
        """Return what the shell shows until a pattern stands in it."""
        seen, end = "", time.monotonic() + seconds
        while time.monotonic() < end and not re.search(wanted, seen):
            if select.select([self.terminal], [], [], 0.2)[0]:
                with suppress(OSError):
                    seen += os.read(self.terminal, 65536).decode(errors="replace")
        assert re.search(wanted, seen), f"{self.name} showed {seen!r}"
        return seen

    def settle(self, seconds: float = 0.15) -> None:
        """Wait until the shell is quiet."""
        while select.select([self.terminal], [], [], seconds)[0]:
            os.read(self.terminal, 65536)

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self.terminal, text.encode())

    def close(self) -> None:
        """End the shell."""
        os.close(self.terminal)
        with suppress(OSError):
            os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest, segcli: Run, example: Path, tmp_path: Path) -> Iterator[Shell]:
    name = request.param
    if not shutil.which(name):
        pytest.skip(f"{name} is not here")
    assert segcli("selection", "save", "my best", "--class1", "N").status == 0
    assert segcli("selection", "save", 'a "b" $c', "--class1", "N").status == 0
    (tmp_path / "my file.csv").write_text("account\n")
    (tmp_path / f"completion.{name}").write_text(segcli("completion", name).out)
    (tmp_path / "setup").write_text(SETUP[name].format(real=f"{sys.executable} -m segcli"))
    found = Shell(name, tmp_path)
    found.type("source ./setup; echo rea''dy\n")
    found.until("ready")
    yield found
    found.close()


def test_a_tab_gives_the_word_that_is_meant(shell: Shell, tmp_path: Path) -> None:
    completed = tmp_path / "completed"
    for number, (line, wanted) in enumerate(LINES, 1):
        before, _, after = line.partition("{tab}")
        shell.settle()
        shell.type(f"{before}\t")
        end = time.monotonic() + 20
        while (not completed.exists() or completed.read_text().count("\n") < number) and time.monotonic() < end:
            time.sleep(0.02)
        shell.settle()
        shell.type(f"{after}\n")
        seen = shell.until("got:.*:end")
        assert f"got:{wanted}" in seen, (line, seen)
