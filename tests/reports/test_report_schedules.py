"""Reports on a schedule: what the help topic says of cron and systemd works."""

import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run
from report_case import EXAMPLES

from segcli.manual import topics
from segcli.reports import file, keys
from segcli.settings.keys import names

# By the clock


def commands() -> Iterator[str]:
    for line in (EXAMPLES / "crontab").read_text().splitlines():
        if re.match(r"[0-9*]", line):
            yield line.split(None, 5)[5]


@pytest.mark.repeats
@pytest.mark.parametrize("command", list(commands()))
def test_the_crontab_does_what_it_says(example: Path, tmp_path: Path, command: str) -> None:
    home = tmp_path / "cron"
    (home / "reports").mkdir(parents=True)
    shutil.copy(EXAMPLES / "report.yaml", home / "reports")
    (home / ".local/bin").mkdir(parents=True)
    program = home / ".local/bin/segcli"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m segcli "$@"\n')
    program.chmod(0o700)
    (home / ".local/share/segcli").mkdir(parents=True)
    shutil.copy(example, home / ".local/share/segcli/segcli.db")
    environ = {"HOME": str(home), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "SEGCLI_TODAY": "2026-06-30"}
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=home, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    name = command.split("segcli ", 1)[1].split(" --", 1)[0]
    expected = {
        "report $HOME/reports/report.yaml": {"reports/management-2026-05.html", "reports/debtors-2026-05-31.xlsx"},
        "show sales-analysis": {"reports/sales.html"},
        "run print-statements": {
            "statements/statements-2026-05-31/000101.pdf",
            "statements/statements-2026-05-31/000101.eml",
        },
        "export classifications": set(),  # nothing was changed here since yesterday
        "run print-reminders": {"letters/reminders-2026-06-30/reminders.csv"},
    }[name]
    assert expected <= {str(path.relative_to(home)) for path in home.rglob("*")}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_takes_the_timer(tmp_path: Path) -> None:
    for name in ("segcli-report.service", "segcli-report.timer"):
        text = (EXAMPLES / name).read_text()
        (tmp_path / name).write_text(text.replace("%h/.local/bin/segcli", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", tmp_path / "segcli-report.timer"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "segcli-report" not in done.stderr
    calendar = re.findall("OnCalendar=(.*)", (EXAMPLES / "segcli-report.timer").read_text())[0]
    assert subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True, check=False).returncode == 0


def test_the_report_of_the_help_topic_works(segcli: Run, example: Path) -> None:
    assert example.exists()
    block = next(part for part in topics.text("reports").split("\n\n") if part.startswith("    title:"))
    Path("topic.yaml").write_text(textwrap.dedent(block), encoding="utf-8")
    assert segcli("report", "topic.yaml") == (0, "", "")
    assert {path.name for path in Path("reports").iterdir() if path.name[0] != "."} == {
        "debtors-2026-05-31.xlsx", "open-2026-05-31.csv", "mail-2026-05-31.eml",
    }  # fmt: skip
    for key in (*names(keys.REPORT), *names(keys.MAIL), *(f"{{{field}}}" for field in file.FIELDS), *file.COMMANDS):
        assert key in topics.text("reports")
