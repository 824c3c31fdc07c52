"""Commands that come at once, are killed or interrupted: each has happened or not."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import Run, connected, fingerprint, is_sound
from processes import SEGCLI, environment

from segcli.storage import locking

pytestmark = pytest.mark.repeats


def test_a_busy_database_is_75_and_names_the_holder(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGCLI_WAIT", "0.2")
    before = fingerprint(example)
    with locking.lock(example, "import big.csv", 1):
        done = segcli("tag", "000017", "--set", "class7=IDLE")
        assert done.status == 75
        assert f"process {os.getpid()}, import big.csv" in done.err
        assert segcli("show", "debtor-ageing").status == 0  # readers go on
    assert fingerprint(example) == before
    assert segcli("tag", "000017", "--set", "class7=IDLE").status == 0


def test_many_writers_at_once(example: Path) -> None:
    accounts = [row[0] for row in sqlite3.connect(example).execute("SELECT code FROM account LIMIT 24")]
    running = [
        subprocess.Popen(
            [*SEGCLI, "tag", code, "--set", f"class8={value}"], env=environment(example), stderr=subprocess.PIPE
        )
        for code, value in zip(accounts, ["GOLD", "SILVER", "BASIC"] * 8, strict=True)
    ]
    assert [process.wait() for process in running] == [0] * 24
    with connected(example) as db:
        found = dict(db.execute("SELECT a.code, v.code FROM account a JOIN classification_value v ON v.id = a.class8"))
    assert [found[code] for code in accounts] == ["GOLD", "SILVER", "BASIC"] * 8
    assert is_sound(example)


def test_killed_in_the_middle_it_has_happened_or_not(example: Path, tmp_path: Path) -> None:
    lines = "".join(f"X{n:06d},Name {n}\n" for n in range(60_000))
    (tmp_path / "big.csv").write_text("account,name\n" + lines)
    for delay in (0.1, 0.3, 0.5, 0.8):
        process = subprocess.Popen([*SEGCLI, "import", str(tmp_path / "big.csv")], env=environment(example))
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with connected(example) as db:
            count = db.execute("SELECT count(*) FROM account WHERE code GLOB 'X*'").fetchone()[0]
        assert count in {0, 60_000}
        assert is_sound(example)
    assert (
        subprocess.run([*SEGCLI, "import", str(tmp_path / "big.csv")], env=environment(example), check=False).returncode
        == 0
    )
    with connected(example) as db:
        assert db.execute("SELECT count(*) FROM account WHERE code GLOB 'X*'").fetchone()[0] == 60_000


def test_a_database_that_may_grow_no_more(example: Path, tmp_path: Path) -> None:
    (tmp_path / "big.csv").write_text(
        "account,name\n" + "".join(f"X{n:06d},Name {n} {'x' * 80}\n" for n in range(20_000))
    )
    before = fingerprint(example)
    limit = example.stat().st_size // 1024 + 64
    done = subprocess.run(["bash", "-c", f'ulimit -f {limit}; "$@"', "x", *SEGCLI, "import", str(tmp_path / "big.csv")],
                          capture_output=True, text=True, env=environment(example, TMPDIR=str(tmp_path)), check=False)  # fmt: skip
    assert done.returncode == 1
    assert "nothing was changed" in done.stderr
    assert "Traceback" not in done.stderr
    assert fingerprint(example) == before


def test_interrupted_while_a_text_is_run_as_code_it_ends_with_its_own_status(tmp_path: Path) -> None:
    """As `python -m segcli`: named tuples are made so while modules are imported."""
    (tmp_path / "started.py").write_text(
        "import os, signal; from segcli.cli import main as cli\n"
        'cli._run = lambda words: exec("os.kill(os.getpid(), signal.SIGTERM); signal.pause()")\n'
        "cli.main()"
    )
    assert subprocess.run([sys.executable, "-m", "started"], cwd=tmp_path, check=False).returncode == 143


def wait_for_handlers(process: "subprocess.Popen[str]") -> None:
    """Wait until a process handles SIGTERM, which it does before anything else; where that cannot be seen, a second."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        time.sleep(1)
        return
    while process.poll() is None:
        caught = int(status.read_text().split("SigCgt:")[1].split()[0], 16)
        if caught >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.01)


def test_interrupted_it_rolls_back(example: Path, tmp_path: Path) -> None:
    (tmp_path / "big.csv").write_text("account,name\n" + "".join(f"X{n:06d},Name {n}\n" for n in range(200_000)))
    before = fingerprint(example)
    for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
        process = subprocess.Popen(
            [*SEGCLI, "import", str(tmp_path / "big.csv")], env=environment(example), stderr=subprocess.PIPE, text=True
        )
        wait_for_handlers(process)
        time.sleep(0.5)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
        assert process.returncode == status, err
        assert "Traceback" not in err
        assert fingerprint(example) == before
    shutil.rmtree(tmp_path / "home")
