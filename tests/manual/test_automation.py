"""The scripts of `segcli help automation`, each run by a real shell as it is printed."""

import os
import re
import shutil
import stat
import subprocess
import sys
import textwrap
import time
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, connected

from segcli.manual import topics

pytestmark = pytest.mark.repeats

RULES = """version: 1
field: Sector
keep: []
rules:
  - {id: belgian, set: SRV, when: country = BE, why: in Belgium}
"""


def scripts() -> dict[str, str]:
    """Return the scripts of the topic by the name in their comment."""
    text = topics.wrapped(topics.text("automation"), 80)
    found = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    named = {}
    for block in map(textwrap.dedent, found):
        match = re.match(r"(?:#!/bin/sh\n)?# (?:make -f )?([a-z]+\.(?:sh|mk)) ", block)
        if match:
            named[match[1]] = block
    return named


def test_there_are_five() -> None:
    assert list(scripts()) == ["import.sh", "monday.sh", "reclassify.sh", "tag.sh", "close.mk"]


@pytest.fixture
def place(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the scripts, in which `segcli` is the one under test."""
    for name, text in scripts().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "segcli"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m segcli "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def shell(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run words as a shell's child, without a terminal."""
    return subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, **environment}, timeout=300,
    )  # fmt: skip


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def value_of(database: Path, account: str, field: int = 1) -> Any:
    with connected(database) as db:
        sql = f"SELECT v.code FROM account AS a LEFT JOIN classification_value AS v ON v.id = a.class{field} WHERE a.code = ?"
        return db.execute(sql, (account,)).fetchone()[0]


def test_nightly_import(place: Path, example: Path) -> None:
    drop = place / "drop"
    drop.mkdir()
    (drop / "a.csv").write_text("account,name\nNEW1,One\n")
    (drop / "b c.csv").write_text("account,name,status\nNEW2,Two,C\nNEW3,Three,?\n")
    (drop / "d.csv").write_text("nothing,known\n1,2\n")
    (drop / "e.csv.part").write_text("account,name\nNEW4,Fo")
    done = shell("sh", "import.sh", drop)
    assert (done.returncode, done.stdout) == (1, "")
    assert "d.csv" in done.stderr
    assert "b c.csv:3:status" in done.stderr
    assert names(drop) == {"d.csv", "e.csv.part"}
    assert names(drop / "done") == {"a.csv", "b c.csv"}
    assert "NEW3" in (drop / "rejected/b c.csv.csv").read_text()
    with connected(example) as db:
        found = [code for (code,) in db.execute("SELECT code FROM account WHERE code LIKE 'NEW%' ORDER BY 1")]
    assert found == ["NEW1", "NEW2"]
    (drop / "d.csv").unlink()
    (drop / "a.csv").write_text("account,name\nNEW1,One\n")
    again = shell("sh", "import.sh", drop)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_monday_report(place: Path, example: Path) -> None:
    mailer = place / "bin" / "fake-sendmail"
    mailer.write_text(f"#!/bin/sh\ncat > {place}/mail.$$\n")
    mailer.chmod(0o755)
    folder = place / "reports"
    folder.mkdir()
    for sent in (1, 1):  # the second time nothing has changed
        done = shell("sh", "monday.sh", folder, SEGCLI_SENDMAIL=str(mailer))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        mails = list(place.glob("mail.*"))
        assert len(mails) == sent
    mail = message_from_bytes(mails[0].read_bytes())
    assert (mail["To"], mail["Subject"]) == ("board@example.com", "Debtors as of 2026-06-30")
    attached = {part.get_filename(): part.get_payload(decode=True) for part in mail.walk() if part.get_filename()}
    assert attached == {name: (folder / name).read_bytes() for name in ("debtors.xlsx", "items.csv")}
    with connected(example) as db:
        db.execute("UPDATE account SET name = 'Renamed' WHERE id IN (SELECT account_id FROM outstanding_item)")
        db.commit()
    assert shell("sh", "monday.sh", folder, SEGCLI_SENDMAIL=str(mailer)).returncode == 0
    assert len(list(place.glob("mail.*"))) == 2


def test_reclassification_by_two(place: Path, example: Path, segcli: Run) -> None:
    (place / "r.yaml").write_text(RULES)
    segcli("tag", "--country", "BE", "--clear", "Sector", "--yes")
    with connected(example) as db:
        belgian = [code for (code,) in db.execute("SELECT code FROM account WHERE country = 'BE'")]
    proposed = shell("sh", "reclassify.sh", "propose", "r.yaml", "plan.json")
    assert (proposed.returncode, proposed.stdout, proposed.stderr) == (4, "", "")
    listed = [line.split(",")[0] for line in (place / "plan.json.csv").read_text().splitlines()[1:]]
    assert sorted(listed) == sorted(belgian)
    assert value_of(example, belgian[0], 2) is None
    own = shell("sh", "reclassify.sh", "apply", "plan.json")
    assert (own.returncode, "your own plan" in own.stderr) == (1, True)
    assert value_of(example, belgian[0], 2) is None
    if os.geteuid():
        pytest.skip("only root can give a plan to another user")
    os.chown(place / "plan.json", 65534, -1)
    done = shell("sh", "reclassify.sh", "apply", "plan.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {value_of(example, code, 2) for code in belgian} == {"SRV"}
    assert segcli("log", "-f", "json").rows[0]["reason"].startswith("approved by ")
    assert shell("sh", "reclassify.sh", "apply", "plan.json").returncode == 6
    assert shell("sh", "reclassify.sh", "propose", "r.yaml", "plan.json").returncode == 0


@pytest.mark.parametrize("is_wrong", [False, True])
def test_parallel_tagging(place: Path, example: Path, segcli: Run, *, is_wrong: bool) -> None:
    with connected(example) as db:
        codes = [code for (code,) in db.execute("SELECT code FROM account ORDER BY code LIMIT 12")]
    segcli("tag", *codes, "--set", "class1=N", "--yes")
    folder = place / "batch"
    folder.mkdir()
    for number, code in enumerate(codes):
        value = "NOWHERE" if is_wrong and number == 5 else "S"
        (folder / f"{number:02} x.csv").write_text(f"account,class1\n{code},{value}\n")
    segcli("tag", codes[0], "--set", "class2=SRV", "--reason", "another")
    kept = value_of(example, codes[0], 2)
    done = shell("sh", "tag.sh", folder, "batch 7")
    assert (done.returncode, done.stdout) == (int(is_wrong), "")
    assert ("NOWHERE" in done.stderr) == is_wrong
    assert {value_of(example, code) for code in codes} == {"N" if is_wrong else "S"}
    assert value_of(example, codes[0], 2) == kept == "SRV"
    runs = segcli("log", "-f", "json").rows
    tagged = [run for run in runs if run["reason"] == "batch 7"]
    assert (len(tagged), {bool(run["undone_by"]) for run in tagged}) == (11 if is_wrong else 12, {is_wrong})


@pytest.mark.skipif(not shutil.which("make"), reason="make is not here")
def test_monthly_close(place: Path, example: Path, segcli: Run) -> None:
    words = ("make", "-f", "close.mk", "MONTH=2026-05", "DAY=2026-05-31")
    done = shell(*words)
    assert done.returncode == 0, done.stderr
    out = place / "close-2026-05"
    assert names(out) == {"backup.db", "check.tsv", "sales.csv", "ageing.xlsx", "balance.csv"}
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    with connected(out / "backup.db") as copy, connected(example) as db:
        sql = "SELECT count(*) FROM account"
        assert copy.execute(sql).fetchone() == db.execute(sql).fetchone()
    assert "Nothing to be done" in shell(*words, LC_ALL="C").stdout
    kept = {name: (out / name).read_bytes() for name in names(out)}
    time.sleep(0.05)
    os.utime(example)  # as any writer does: make looks again, and nothing is different
    assert "segcli show" in shell(*words).stdout
    assert "Nothing to be done" in shell(*words, LC_ALL="C").stdout
    assert {name: (out / name).read_bytes() for name in names(out)} == kept


DAEMON = """
for folder in /etc/cron.d /var/spool/cron /run; do mount -t tmpfs none $folder; done
mkdir -m 1730 /var/spool/cron/crontabs
cp "$1" /etc/cron.d/segcli
exec cron -f
"""


def test_a_real_cron_runs_the_nightly_import(place: Path, example: Path) -> None:
    """A daemon of our own, which sees no other crontab than ours; no other daemon sees that one."""
    if os.geteuid() or not (shutil.which("cron") and shutil.which("unshare")):
        pytest.skip("cron or unshare is not installed, or we are not root")
    if subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine gives no namespaces")
    drop, table = place / "drop", place / "crontab"
    drop.mkdir()
    (drop / "a.csv").write_text("account,name\nNEW1,One\n")
    table.write_text(
        f"PATH={place / 'bin'}:/usr/bin:/bin\nSEGCLI_DATABASE={example}\n"
        f"* * * * * root sh {place}/import.sh {drop} > {place}/said 2>&1\n"
    )
    daemon = subprocess.Popen(
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", DAEMON, "sh", str(table)]
    )
    try:
        end = time.monotonic() + 150
        while daemon.poll() is None and time.monotonic() < end and not (drop / "done/a.csv").exists():
            time.sleep(1)
    finally:
        daemon.kill()
        daemon.wait()
    assert names(drop / "done") == {"a.csv"}
    assert (place / "said").read_text() == ""
