"""Ctrl-C at any moment ends quietly: while modules are imported, before the handlers of a command stand, and at the very end."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run

POINTS = int(os.environ.get("PROMISE_POINTS", "2"))
START = "from segcli.cli import start"
LISTED = f"""{START}
import os, signal, sys
class Finder:
    def find_spec(self, name, *_): os.write(2, (name + " ").encode())
sys.meta_path.insert(0, Finder())
start.main()
"""
STRUCK = f"""{START}
import os, signal, sys
name = sys.argv.pop(1)
class Finder:
    def find_spec(self, wanted, *_):
        if wanted == name: os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
start.main()
"""
LAST = f"""{START}
import atexit, os, signal
class Late:
    def __del__(self): os.kill(os.getpid(), signal.SIGINT)
late = Late()
atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))
start.main()
"""
WRAPPED = f"""{START}
import os, signal
from segcli.cli import main as cli
class Name:
    def __set_name__(self, *_): os.kill(os.getpid(), signal.SIGINT)
def run(words):
    cli._on_termination()
    class Named: name = Name()  # Python 3.11 makes a RuntimeError of what is raised there
cli.run = run
start.main()
"""
SHOW = ("show", "account-search", "-f", "csv", "--limit", "1")


def python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_an_import_that_is_interrupted_is_an_interruption(example: Path) -> None:
    done = python(LISTED, *SHOW)
    assert done.returncode == 0, done.stderr
    names = done.stderr.split()
    always = [
        "segcli.cli.main",
        "segcli.interface.command",
        "segcli.storage.database",
        "segcli.query.compose",
        "sqlite3",
    ]
    assert set(always) <= set(names)
    for name in dict.fromkeys([*always, *random.Random(5).sample(names, 4 * POINTS)]):
        struck = python(STRUCK, name, *SHOW)
        assert (struck.returncode, struck.stdout, struck.stderr) == (130, "", ""), name


@pytest.mark.parametrize("words", [SHOW, ("--version",), ("show", "account-search", "--class1", "Nope")])
def test_a_signal_while_the_interpreter_shuts_down_changes_nothing(example: Path, words: tuple[str, ...]) -> None:
    done, plain = python(LAST, *words), python(f"{START}\nstart.main()", *words)
    assert (done.returncode, done.stdout, done.stderr) == (plain.returncode, plain.stdout, plain.stderr)


def test_what_python_makes_of_an_interruption_is_one_all_the_same() -> None:
    done = python(WRAPPED, *SHOW)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_bug_keeps_its_traceback() -> None:
    done = python(f"{START}\nfrom segcli.cli import main as cli\ncli.run = lambda _: 1 // 0\nstart.main()", "check")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def test_an_ignored_ctrl_c_stays_ignored(example: Path) -> None:
    code = f"import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n{STRUCK}"
    done = python(code, "segcli.storage.database", *SHOW)
    assert done.returncode == 0
    assert done.stdout.startswith("account,")


def test_a_file_of_a_process_that_was_interrupted_goes_with_it(example: Path, tmp_path: Path) -> None:
    room = tmp_path / "rooms"
    room.mkdir()
    command = [sys.executable, "-m", "segcli", "import", "-"]
    environ = {**os.environ, "TMPDIR": str(room)}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environ)
    assert process.stdin
    process.stdin.write(b"account,name\n" + b"X,Y\n" * 1_000_000)  # until then it reads
    process.stdin.flush()
    assert list(room.iterdir())
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert process.stderr
    assert process.stderr.read() == b""
    assert list(room.iterdir()) == []


@pytest.mark.parametrize("text", ["a" * 50_000, "[" * 30_000, "*" + "a" * 60_000])
@pytest.mark.parametrize("flag", ["--search", "--country", "--where"])
def test_a_pattern_of_any_length_is_an_answer_or_a_usage_error(
    segcli: Run, example: Path, flag: str, text: str
) -> None:
    word = f"name contains '{text}'" if flag == "--where" else f"{text}*"
    done = segcli("show", "account-search", flag, word, "-f", "csv")
    assert done.status in {0, 2}
    assert len(done.err) < 10_000
    if done.status == 0:
        assert len(done.out.splitlines()) == 1  # nobody is called so


@pytest.mark.repeats
def test_more_preview_dates_than_anybody_reads_are_refused(segcli: Run, example: Path) -> None:
    done = segcli("run", "generate-subscription-invoices", "--preview-dates", "100000")
    assert (done.status, done.out) == (2, "")
    assert "--preview-dates: 100000 is too many" in done.err
    assert segcli("run", "generate-subscription-invoices", "--preview-dates", "1000", "--limit", "1").status == 0
