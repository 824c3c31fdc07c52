"""Reports: several overviews in several files, all of them or none, twice the same, killed at every step."""

import email
import errno
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import python_calamine
from conftest import Run, connected

from segcli.base import dates
from segcli.base.errors import SegcliError
from segcli.cli import main
from segcli.manual import topics
from segcli.reports import file, handing, making, publishing
from segcli.storage import locking

EXAMPLES = Path(__file__).parents[1] / "examples"
REPORT = """
title: Two
files:
- file: a.csv
  show: debtor-ageing --group-by class1
- file: sub/b.xlsx
  parts:
  - {show: account-search --class1 N, title: North}
  - {score: abc, title: ABC}
"""
MAIL = "mail: {to: a@example.com, subject: 'As of {as_of}', text: Look., draft: 'm-{as_of}.eml'}\n"
SENT = "mail: {to: [a@example.com, b@example.com], from: me@example.com, subject: Hello, send: yes}\n"


@pytest.fixture
def write(example: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Return what writes a report file."""
    assert example.exists()

    def written(text: str) -> Path:
        path = tmp_path / "r.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def content(folder: Path) -> Mapping[str, bytes]:
    """Return every file of a folder, hidden ones but the lock among them."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }


def marks(folder: Path) -> Mapping[str, tuple[int, int]]:
    return {str(p): (p.stat().st_ino, p.stat().st_mtime_ns) for p in sorted(folder.rglob("*")) if p.suffix != ".lock"}


def test_files_hold_what_the_commands_show(segcli: Run, write: Callable[[str], Path]) -> None:
    assert segcli("report", write(REPORT + MAIL), "--folder", "out") == (0, "", "")
    assert segcli("show", "debtor-ageing", "--group-by", "class1", "-o", "own.csv").status == 0
    assert Path("out/a.csv").read_bytes() == Path("own.csv").read_bytes()
    book = python_calamine.CalamineWorkbook.from_path("out/sub/b.xlsx")
    assert book.sheet_names == ["Contents", "North", "ABC"]
    accounts = segcli("show", "account-search", "--class1", "N", "-f", "json").rows
    assert [row[0] for row in book.get_sheet_by_name("North").to_python()[1:]] == [row["account"] for row in accounts]
    scored = segcli("score", "abc", "-f", "json").rows
    rows = book.get_sheet_by_name("ABC").to_python()
    at = next(n for n, head in enumerate(rows[0]) if head == "Amount")
    assert [row[at] for row in rows[1 : len(scored) + 1]] == [float(row["amount"]) for row in scored]


def test_the_example_twice_touches_no_file(segcli: Run, example: Path) -> None:
    assert example.exists()
    first = segcli("report", EXAMPLES / "report.yaml", "--folder", "out", "--verbose")
    assert [line.split("\t")[:2] for line in first.out.splitlines()] == [
        ["written", "out/debtors-2026-05-31.xlsx"],
        ["written", "out/management-2026-05.html"],
        ["written", "out/management-2026-05.pdf"],
        ["written", "out/to-be-reminded-2026-05-31.csv"],
        ["written", "out/mail-2026-05.eml"],
    ]
    before = marks(Path("out"))
    assert segcli("report", EXAMPLES / "report.yaml", "--folder", "out", "--if-changed") == (0, "", "")
    assert marks(Path("out")) == before
    again = segcli("report", EXAMPLES / "report.yaml", "--folder", "out", "--if-changed", "--verbose")
    assert {line.split("\t")[0] for line in again.out.splitlines()} == {"the same"}
    assert segcli("report", EXAMPLES / "report.yaml", "--folder", "out").status == 0
    assert marks(Path("out")) != before


def test_only_what_changed_is_written(segcli: Run, write: Callable[[str], Path]) -> None:
    path = write(REPORT)
    segcli("report", path, "--folder", "out")
    before = marks(Path("out"))
    assert segcli("tag", "000001", "--set", "class1=X").status == 0
    found = segcli("report", path, "--folder", "out", "--if-changed", "--verbose")
    states = [line.split("\t")[0] for line in found.out.splitlines()]
    changed = [
        str(name)
        for name, mark in marks(Path("out")).items()
        if mark != before[name] and name.endswith((".csv", ".xlsx"))
    ]
    assert len(changed) == states.count("written") >= 1


def test_a_rehearsal_tells_and_writes_nothing(segcli: Run, write: Callable[[str], Path]) -> None:
    path = write(REPORT + MAIL)
    before = {found.name for found in Path().iterdir()}
    found = segcli("report", path, "--folder", "out", "--dry-run")
    assert [line[:2] for line in found.table] == [
        ["would change", "out/a.csv"],
        ["would change", "out/sub/b.xlsx"],
        ["would change", "out/m-2026-06-30.eml"],
    ]
    assert {found.name for found in Path().iterdir()} - before <= {"test.db-shm", "test.db-wal"}
    segcli("report", path, "--folder", "out")
    found = segcli("report", path, "--folder", "out", "-n")
    assert {line[0] for line in found.table} == {"the same"}


@pytest.mark.parametrize("flags", [["--as-of", "2026-03-31"], ["--period", "2026-03"], ["--to", "2026-03-31"]])
def test_the_day_goes_to_every_part_and_into_names(segcli: Run, write: Callable[[str], Path], flags: list[str]) -> None:
    path = write(
        "files:\n- {file: 'x-{as_of}.csv', show: debtor-ageing}\n- {file: y.csv, show: debtor-ageing --as-of 2026-01-31}\n"
    )
    assert segcli("report", path, *flags).status == 0
    for name, day in (("x-2026-03-31.csv", "2026-03-31"), ("y.csv", "2026-01-31")):
        assert Path(name).read_text() == segcli("show", "debtor-ageing", "--as-of", day, "-f", "csv").out


def test_the_report_says_the_time_and_the_command_line_goes_before_it(
    segcli: Run, write: Callable[[str], Path]
) -> None:
    path = write("period: lastmonth\nfiles:\n- {file: 'x-{period}_{from}_{to}.csv', show: sales-analysis}\n")
    segcli("report", path)
    segcli("report", path, "--period", "2026Q1")
    for name, period in (
        ("x-2026-05_2026-05-01_2026-05-31.csv", "2026-05"),
        ("x-2026Q1_2026-01-01_2026-03-31.csv", "2026Q1"),
    ):
        assert Path(name).read_text() == segcli("show", "sales-analysis", "--period", period, "-f", "csv").out


@pytest.mark.parametrize("text", ["2026", "2026H1", "2026H2", "2026Q1", "2026Q4", "2026-02", "2026-12", "2025"])
def test_a_period_is_named_as_it_is_read(text: str) -> None:
    assert dates.name(*dates.period(text, dates.parse("2026-06-30"))) == text


def test_a_period_of_no_name_is_its_days() -> None:
    day = dates.parse
    assert dates.name(day("2026-02-01"), day("2026-04-30")) == "2026-02-01_2026-04-30"  # three months, and no quarter
    assert dates.name(day("2025-07-01"), day("2026-06-30")) == "2025-07-01_2026-06-30"
    assert dates.name(day("2026-02-03"), day("2026-02-03")) == "2026-02-03"


def test_all_parts_see_one_moment(
    segcli: Run, write: Callable[[str], Path], database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("files:\n- {file: a.csv, show: account-search}\n- {file: b.csv, show: account-search}\n")
    own = making.parts.table

    def meddling(*given: object, **more: object) -> object:
        found = own(*given, **more)  # type: ignore[arg-type]
        with connected(database) as db:
            db.execute("UPDATE account SET name = 'Changed meanwhile'")
            db.commit()
        return found

    monkeypatch.setattr(making.parts, "table", meddling)
    assert segcli("report", path).status == 0
    assert Path("a.csv").read_text() == Path("b.csv").read_text()
    assert "Changed meanwhile" not in Path("b.csv").read_text()
    monkeypatch.undo()


def test_parts_of_other_classes_and_of_actions_stand_side_by_side(segcli: Run, write: Callable[[str], Path]) -> None:
    segcli("tag", "000001", "--set", "class1=X")
    text = """
files:
- file: all.html
  parts:
  - show: account-search --class1 W --as-of-class 2020-01-01
  - run: print-reminders --as-of 2026-06-30
  - show: account-search --class1 W
  - run: print-reminders --group-by class1 --as-of-class 2020-01-01
  - run: print-reminders --group-by class1
"""
    assert segcli("report", write(text)).status == 0
    shown = Path("all.html").read_text()
    rows = [len(re.findall("<tr>", part)) for part in re.findall("<tbody>(.*?)</tbody>", shown, re.DOTALL)]
    expected = [
        segcli("show", "account-search", "--class1", "W", "--as-of-class", "2020-01-01", "-f", "json").rows,
        segcli("run", "print-reminders", "-f", "json").rows,
        segcli("show", "account-search", "--class1", "W", "-f", "json").rows,
        segcli("run", "print-reminders", "--group-by", "class1", "--as-of-class", "2020-01-01", "-f", "json").rows,
        segcli("run", "print-reminders", "--group-by", "class1", "-f", "json").rows,
    ]
    assert len(expected[-2]) < len(expected[-1])  # nobody had a class then
    assert rows == [len(found) for found in expected]


# All or nothing


def test_what_fails_in_the_middle_leaves_the_old_files(segcli: Run, write: Callable[[str], Path]) -> None:
    segcli("report", write(REPORT), "--folder", "out")
    before = content(Path("out"))
    segcli("tag", "000001", "--set", "class1=X")
    failed = segcli(
        "report", write(REPORT + "- {file: c.csv, show: account-search --class1 NOWHERE}\n"), "--folder", "out"
    )
    assert failed.status == 1
    assert "r.yaml:10:23: " in failed.err
    assert content(Path("out")) == before


def test_a_disk_that_is_full_leaves_the_old_files(segcli: Run, write: Callable[[str], Path]) -> None:
    path = write(REPORT + "- {file: c.html, show: contact-overview}\n")
    segcli("report", path, "--folder", "out")
    before = content(Path("out"))
    segcli("tag", "000001", "--set", "class1=X")
    limited = f"ulimit -f 40; exec {shlex.quote(sys.executable)} -B -m segcli report {path} --folder out"
    failed = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "larger than a file may be" in failed.stderr
    assert "out/" in failed.stderr
    assert ".r.new" not in failed.stderr
    assert content(Path("out")) == before


def test_a_file_that_cannot_be_written_leaves_the_old_ones(
    segcli: Run, write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(REPORT)
    segcli("report", path, "--folder", "out")
    before = content(Path("out"))

    def full(*_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(making.outbox, "writing", full)
    failed = segcli("report", path, "--folder", "out")
    assert (failed.status, failed.err) == (1, "segcli: out/a.csv cannot be written: the disk is full\n")
    assert content(Path("out")) == before


STEPS = ("mkdir", "rename", "replace", "unlink")


def killed(step: int, words: list[str]) -> bool:
    """Run segcli in a child that dies, as by SIGKILL, just before the given step; tell whether it came to that."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 99
    count = 0

    def counted(own: Callable[..., object]) -> Callable[..., object]:
        def one(*given: object, **named: object) -> object:
            nonlocal count
            count += 1
            if count == step:
                os._exit(99)
            return own(*given, **named)

        return one

    for name in STEPS:
        setattr(Path, name, counted(getattr(Path, name)))
    publishing.shutil.rmtree = counted(shutil.rmtree)  # type: ignore[assignment]
    os._exit(main.run(words))


def test_killed_at_every_step_it_is_all_old_or_becomes_all_new(segcli: Run, write: Callable[[str], Path]) -> None:
    path = write(REPORT + MAIL)
    segcli("report", path, "--folder", "new", "--as-of", "2026-03-31")
    segcli("report", path, "--folder", "old", "--as-of", "2026-06-30")
    new, old = content(Path("new")), content(Path("old"))
    seen = set()
    for step in range(1, 60):
        shutil.rmtree("out", ignore_errors=True)
        shutil.copytree("old", "out")
        was_killed = killed(step, ["report", str(path), "--folder", "out", "--as-of", "2026-03-31"])
        found = content(Path("out"))
        is_ready = Path("out/.r.ready").exists()
        shown = {name: data for name, data in found.items() if not name.startswith(".")}
        if not is_ready:
            assert shown == old or new.items() <= shown.items()
        publishing.Place(Path("out"), "r").recover()
        after = {name: data for name, data in content(Path("out")).items() if not name.startswith(".")}
        assert after in (old, {**old, **new})
        assert not is_ready or after == {**old, **new}
        seen.add((is_ready, after == old))
        if not was_killed:
            break
    assert not was_killed
    assert seen == {(False, True), (True, False), (False, False)}


def test_what_a_killed_run_left_is_no_hindrance(segcli: Run, write: Callable[[str], Path]) -> None:
    path = write(REPORT)
    Path("out/.r.new/sub").mkdir(parents=True)
    Path("out/.r.new/sub/half").write_text("half")
    Path("out/.r.ready").mkdir()
    Path("out/.r.ready/of-before.csv").write_text("whole")
    assert segcli("report", path, "--folder", "out") == (0, "", "")
    assert set(content(Path("out"))) == {"a.csv", "sub/b.xlsx", "of-before.csv"}


def test_two_at_once_exclude_each_other(segcli: Run, write: Callable[[str], Path]) -> None:
    path = write(REPORT)
    Path("out").mkdir()
    with locking.lock(Path("out/.r"), "report r.yaml", 0):
        busy = segcli("report", path, "--folder", "out")
    assert busy.status == 75
    assert f"process {os.getpid()}" in busy.err
    assert content(Path("out")) == {}
    assert segcli("report", path, "--folder", "out").status == 0


def test_a_target_that_cannot_be_is_told_before(segcli: Run, write: Callable[[str], Path]) -> None:
    path = write(REPORT)
    Path("out/a.csv").mkdir(parents=True)
    found = segcli("report", path, "--folder", "out")
    assert (found.status, "out/a.csv is a folder" in found.err) == (1, True)
    Path("out/a.csv").rmdir()
    Path("out/sub").write_text("")
    found = segcli("report", path, "--folder", "out")
    assert (found.status, "out/sub is a file" in found.err) == (1, True)
    assert set(content(Path("out"))) == {"sub"}


def test_a_target_that_cannot_be_when_a_killed_run_is_completed(segcli: Run, write: Callable[[str], Path]) -> None:
    Path("out/.r.ready").mkdir(parents=True)
    Path("out/.r.ready/a.csv").write_text("whole")
    Path("out/a.csv").mkdir()
    found = segcli("report", write(REPORT), "--folder", "out")
    assert (found.status, found.err) == (1, "segcli: out/a.csv cannot be written: Is a directory\n")
    assert content(Path("out")) == {".r.ready/a.csv": b"whole"}


def test_files_on_two_disks_are_not_put_in_place_together() -> None:
    if Path("/dev").stat().st_dev == Path("/").stat().st_dev:
        pytest.skip("one disk is all there is")
    publishing.check(Path("/"), ["a.csv"])
    with pytest.raises(SegcliError, match="/dev is on another disk than /"):
        publishing.check(Path("/"), ["a.csv", "dev/b.csv"])


def test_a_link_is_replaced_and_what_it_led_to_stays(segcli: Run, write: Callable[[str], Path]) -> None:
    Path("out").mkdir()
    Path("other").write_text("mine")
    Path("out/a.csv").symlink_to(Path("other").resolve())
    assert segcli("report", write(REPORT), "--folder", "out", "--if-changed").status == 0
    assert Path("other").read_text() == "mine"
    assert not Path("out/a.csv").is_symlink()


# Nothing found


def test_nothing_found(segcli: Run, write: Callable[[str], Path]) -> None:
    nothing = "files:\n- {file: a.csv, show: account-search --where \"name = 'Nobody'\"}\n"
    some = nothing + "- {file: b.csv, show: account-search}\n"
    found = segcli("report", write(nothing), "--fail-if-empty", "--folder", "out")
    assert (found.status, content(Path("out"))) == (3, {})
    assert segcli("report", write(some), "--fail-if-empty", "--folder", "out").status == 0
    assert len(content(Path("out"))) == 2
    one = segcli("report", write(some.replace("account-search --where", "account-search --fail-if-empty --where")))
    assert (one.status, "r.yaml:2:23" in one.err) == (3, True)


# Messages


def message(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_draft_holds_the_files(segcli: Run, write: Callable[[str], Path]) -> None:
    segcli("report", write(REPORT + MAIL), "--folder", "out")
    found = message(Path("out/m-2026-06-30.eml").read_bytes())
    assert (found["To"], found["Subject"], found["X-Unsent"]) == ("a@example.com", "As of 2026-06-30", "1")
    body = found.get_body()
    assert body is not None
    assert body.get_content().splitlines() == ["Look."]
    attached = {part.get_filename(): part.get_payload(decode=True) for part in found.iter_attachments()}
    assert attached == {"a.csv": Path("out/a.csv").read_bytes(), "b.xlsx": Path("out/sub/b.xlsx").read_bytes()}


@pytest.fixture
def mailer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where a mailer puts what it gets; it fails where a file `broken` stands."""
    program = tmp_path / "bin" / "sendmail"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nif [ -e {tmp_path}/broken ]; then echo "no route" >&2; exit 75; fi\n'
        f'echo "$@" >> {tmp_path}/called\ncat > {tmp_path}/sent\n'
    )
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return tmp_path / "sent"


def test_a_message_is_handed_over(segcli: Run, write: Callable[[str], Path], mailer: Path) -> None:
    path = write(REPORT + SENT)
    assert segcli("report", path, "--folder", "out", "--if-changed") == (0, "", "")
    found = message(mailer.read_bytes())
    assert (found["From"], found["To"], found["X-Unsent"]) == ("me@example.com", "a@example.com, b@example.com", None)
    assert Path("called").read_text() == "-t -i\n"
    assert len(list(found.iter_attachments())) == 2
    assert segcli("report", path, "--folder", "out", "--if-changed").status == 0
    assert Path("called").read_text() == "-t -i\n"  # nothing had changed: nothing was sent
    assert set(content(Path("out"))) == {"a.csv", "sub/b.xlsx"}


def test_a_mailer_that_fails_gets_the_message_again(segcli: Run, write: Callable[[str], Path], mailer: Path) -> None:
    path = write(REPORT + SENT)
    Path("broken").touch()
    failed = segcli("report", path, "--folder", "out", "--if-changed")
    assert failed.status == 1
    assert "no route" in failed.err
    assert {"a.csv", "sub/b.xlsx"} < set(content(Path("out")))
    assert segcli("report", path, "--folder", "out", "--if-changed").status == 1
    Path("broken").unlink()
    assert segcli("report", path, "--folder", "out", "--if-changed") == (0, "", "")
    assert mailer.exists()
    assert set(content(Path("out"))) == {"a.csv", "sub/b.xlsx"}


def test_without_a_mailer_nothing_is_begun(
    segcli: Run, write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGCLI_SENDMAIL", "no-such-mailer -t")
    failed = segcli("report", write(REPORT + SENT), "--folder", "out")
    assert (failed.status, "no-such-mailer" in failed.err) == (1, True)
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("#!/bin/sh\nexec sleep 30\n", "it said nothing for 0.3 seconds"),
        ("no program", "Exec format error"),
        ("#!/bin/sh\necho first >&2\necho last >&2\nexit 1\n", "last"),
        ("#!/bin/sh\nexit 67\n", "it ended with 67"),
    ],
)
def test_a_mailer_that_takes_nothing_is_told_and_asked_again(  # noqa: PLR0913 - the fixtures
    segcli: Run, write: Callable[[str], Path], mailer: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    monkeypatch.setattr(handing, "_SECONDS", 0.3)
    program = mailer.parent / "bin" / "sendmail"
    works = program.read_text()
    program.write_text(script)
    failed = segcli("report", write(REPORT + SENT), "--folder", "out")
    assert (failed.status, failed.err) == (
        1,
        f"segcli: the message was not handed over: {program}: {words}\n  the files stand; the next run tries it again\n",
    )
    assert {"a.csv", "sub/b.xlsx"} < set(content(Path("out")))
    program.write_text(works)
    assert segcli("report", write(REPORT + SENT), "--folder", "out", "--if-changed") == (0, "", "")
    assert message(mailer.read_bytes())["Subject"] == "Hello"


@pytest.mark.parametrize(
    ("named", "words"),
    [("msmtp 'x", "sendmail: 'msmtp 'x': a quote is not closed"), (" ", "there is no mailer to hand the message to")],
)
def test_a_mailer_that_is_none_is_told_before(
    segcli: Run, write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, named: str, words: str
) -> None:
    monkeypatch.setenv("SEGCLI_SENDMAIL", named)
    failed = segcli("report", write(REPORT + SENT), "--folder", "out")
    assert (failed.status, words in failed.err) == (1, True)
    assert not Path("out").exists()


# What a reader would miss


def test_what_a_part_doubts_and_what_no_font_has_is_told(segcli: Run, write: Callable[[str], Path]) -> None:
    Path("a.csv").write_text("account,name\nX1,Odd \U0010fffd\n", encoding="utf-8")
    assert segcli("import", "a.csv").status == 0
    parts = "files:\n- {file: a.pdf, show: account-search --account X1}\n- {file: b.csv, score: lifetime}\n"
    found = segcli("report", write(parts), "--folder", "out")
    assert found.status == 0
    assert "a.pdf: no font here has U+10FFFD: a mark stands for them" in found.err
    doubts = segcli("score", "lifetime").err.removeprefix("score lifetime: ").strip()
    assert doubts.startswith("BG/NBD: ")
    assert f"b.csv: lifetime: {doubts}" in found.err


# What is wrong in a report file

WRONG = (
    ("", 1, "is empty"),
    ("title: x\n", 1, "r.yaml:1:1: 'files' is missing"),
    ("files: []\n", 1, "there is no file"),
    ("file: []\n", 1, "there is: title, folder"),
    ("files:\n- {show: account-search}\n", 1, "r.yaml:2:3: 'file' is missing"),
    ("files:\n- {file: a.csv}\n", 1, "r.yaml:2:3: one of show, score, run"),
    ("files:\n- {file: a.csv, show: account-search, score: abc}\n", 1, "one of show, score, run"),
    ("files:\n- {file: a.csv, parts: []}\n", 1, "r.yaml:2:24: there is no part"),
    ("files:\n- {file: a.csv, show: x, parts: [{show: account-search}]}\n", 1, "in them"),
    ("files:\n- {file: a.csv, show: 'account-search \"'}\n", 1, "a quote is not closed"),
    ("files:\n- {file: a.doc, show: account-search}\n", 1, "r.yaml:2:10: the ending of a.doc"),
    ("files:\n- {file: a.csv, parts: [{show: account-search}, {show: account-search}]}\n", 1, "csv holds one table"),
    ("files:\n- {file: ../a.csv, show: account-search}\n", 1, "r.yaml:2:10: '../a.csv' is no name"),
    ("files:\n- {file: /tmp/a.csv, show: account-search}\n", 1, "is no name"),
    ("files:\n- {file: .a.csv, show: account-search}\n", 1, "is no name"),
    ("files:\n- {file: 'a-{day}.csv', show: account-search}\n", 1, "r.yaml:2:10: there is no field {day}"),
    ("files:\n- {file: 'a-{as_of.year}.csv', show: account-search}\n", 1, "there is no field {as_of.year}"),
    ("files:\n- {file: 'a-{period}.csv', show: account-search}\n", 2, "{period} of 'a-{period}.csv' has no value"),
    ("files:\n- {file: a.csv, show: account-search}\n- {file: A.CSV, show: account-search}\n", 1, "two files"),
    ("files:\n- {file: a.csv, show: account-searches}\n", 1, "r.yaml:2:23: 'show account-searches' is not known"),
    ("files:\n- {file: a.csv, show: account-search --nothing}\n", 1, "r.yaml:2:23: "),
    ("files:\n- {file: a.csv, show: account-search --limit x}\n", 1, "--limit"),
    ("files:\n- {file: a.xlsx, parts: [{show: account-search --no-header}, {show: account-search}]}\n", 1, "r.yaml:2:33: --no-header is for a file of one table"),
    (f"files:\n- {{file: {'x' * 300}.csv, show: account-search}}\n", 1, "File name too long"),
    ("files:\n- {file: a.csv, show: account-search -f json}\n", 1, "--format has no place in a part"),
    ("files:\n- {file: a.csv, run: print-reminders --apply}\n", 1, "--apply has no place in a part"),
    ("files:\n- {file: a.csv, show: account-search --help}\n", 1, "segcli show account-search --help"),
    ("files:\n- {file: a.csv, show: debtor-ageing --chart}\n", 1, "r.yaml:2:23: --chart: csv shows no chart"),
    ("files:\n- {file: a.csv, show: account-search --where 'nonsense = 1'}\n", 1, "r.yaml:2:23: "),
    ("as_of: soon\nfiles:\n- {file: a.csv, show: account-search}\n", 1, "soon"),
    ("files:\n- {file: a.csv, show: account-search}\nmail: {to: x, subject: y, draft: z.eml}\n", 1, "r.yaml:3:12: 'x' is no e-mail"),
    ("files:\n- {file: a.csv, show: account-search}\nmail: {to: a@b.c, subject: y}\n", 1, "goes nowhere"),
    ("files:\n- {file: a.csv, show: account-search}\nmail: {to: a@b.c, subject: y, send: perhaps}\n", 1, "neither yes nor no"),
    ("files:\n- {file: a.csv, show: account-search}\nmail: {to: a@b.c, subject: y, draft: z.eml, attach: [b.csv]}\n", 1, "there is no file 'b.csv'"),
    ("files:\n- {file: a.csv, show: account-search}\nmail: {to: a@b.c, subject: y, draft: a.csv}\n", 1, "two files"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "status", "words"), WRONG)
def test_what_is_wrong_is_told_with_its_place(
    segcli: Run, write: Callable[[str], Path], text: str, status: int, words: str
) -> None:
    found = segcli("report", write(text), "--folder", "out")
    assert (found.status, found.out) == (status, "")
    assert words in found.err
    assert not Path("out").exists() or content(Path("out")) == {}


def test_without_a_database_there_are_no_files(segcli: Run, tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(REPORT)
    found = segcli("report", "r.yaml", "--folder", "out")
    assert found.status != 0
    assert "init --example" in found.err
    assert not Path("out").exists() or content(Path("out")) == {}


# By the clock


def commands() -> Iterator[str]:
    for line in (EXAMPLES / "crontab").read_text().splitlines():
        if re.match(r"[0-9*]", line):
            yield line.split(None, 5)[5]


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
    for key in (*file.KEYS, *file.MAIL_KEYS, *(f"{{{field}}}" for field in file.FIELDS), *file.COMMANDS):
        assert key in topics.text("reports")


def _remind_until(segcli: Run, day: str) -> None:
    """Send reminders of a day, so that there is none of an earlier one."""
    Path("letters.yaml").write_text("letters: {name: Ours}\n")
    done = segcli("run", "print-reminders", "--config", "letters.yaml", "--as-of", day, "--folder", "letters",
                  "--all", "--yes", "--apply")  # fmt: skip
    assert done.status in {0, 5}, done.err


@pytest.mark.parametrize("ending", ["csv", "tsv", "json", "jsonl", "md", "html", "xlsx", "pdf", "txt", "parquet"])
def test_a_preview_that_cannot_be_made_for_a_day_is_a_note(
    segcli: Run, write: Callable[[str], Path], ending: str
) -> None:
    _remind_until(segcli, "2026-06-30")
    why = "the last reminders are of 2026-06-30: none can be dated 2026-05-31, before them"
    assert why in segcli("run", "print-reminders", "--as-of", "2026-05-31").err
    path = write(f"files:\n- {{file: r.{ending}, run: print-reminders}}\n- {{file: a.csv, show: debtor-ageing}}\n")
    done = segcli("report", path, "--as-of", "2026-05-31", "--folder", "out")
    assert done.status == 0, done.err
    assert f"r.{ending}: print-reminders: no preview as of 2026-05-31: {why}" in done.err
    ageing = segcli("show", "debtor-ageing", "--as-of", "2026-05-31", "-f", "csv").out
    assert Path("out/a.csv").read_text() == ageing
    if ending in {"csv", "tsv", "json", "jsonl", "md", "html", "txt"}:
        assert f"no preview as of 2026-05-31: {why}" in Path(f"out/r.{ending}").read_text()
    if ending == "xlsx":
        (sheet,) = python_calamine.CalamineWorkbook.from_path("out/r.xlsx").sheet_names
        rows = python_calamine.CalamineWorkbook.from_path("out/r.xlsx").get_sheet_by_name(sheet).to_python()
        assert rows[1] == [f"no preview as of 2026-05-31: {why}"]


@pytest.mark.parametrize(
    ("words", "flags", "why"),
    [
        ("print-invoices", ("--as-of", "2025-01-31"), "none can be dated 2025-01-31, before it"),
        ("update-subscription-prices --percent 3", ("--period", "2026-05"), "without an end"),
        ("print-reminders", ("--as-of", "9998-12-31"), "lies too far ahead"),
    ],
)
def test_previews_that_have_no_such_day(
    segcli: Run, write: Callable[[str], Path], words: str, flags: tuple[str, ...], why: str
) -> None:
    path = write(
        f"files:\n- file: r.html\n  parts: [{{run: {words}}}, {{show: account-search --class1 N, title: North}}]\n"
    )
    done = segcli("report", path, *flags, "--folder", "out")
    assert done.status == 0, done.err
    assert why in Path("out/r.html").read_text()
    assert "North" in Path("out/r.html").read_text()


def test_a_wrong_flag_of_a_preview_still_ends_the_report(segcli: Run, write: Callable[[str], Path]) -> None:
    done = segcli("report", write("files: [{file: r.csv, run: print-reminders --level 9}]\n"), "--folder", "out")
    assert (done.status, "there is no level 9" in done.err, Path("out/r.csv").exists()) == (1, True, False)
