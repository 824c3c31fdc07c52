"""Pipes that close, disks that are full, and files that are whole, private and left alone where equal."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest
from conftest import APPLY, APPLY_SELECTED, Run, fingerprint
from processes import SEGCLI, environment

AGEING = [*SEGCLI, "show", "debtor-ageing"]


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_pipe_is_141_and_silent(example: Path, unbuffered: str) -> None:
    environ = environment(example, PYTHONUNBUFFERED=unbuffered)
    command = [
        *SEGCLI,
        "show",
        "outstanding-items",
        "-f",
        "jsonl",
        "--columns",
        "account,name,open,class1_name",
    ]
    done = subprocess.run(
        ["bash", "-c", '"$@" | head -1; echo ${PIPESTATUS[0]}', "x", *command],
        capture_output=True,
        text=True,
        env=environ,
        check=True,
    )
    first, status = done.stdout.strip().split("\n")
    assert json.loads(first)["account"]
    assert status in {"0", "141"}  # 0 where all of it fitted into the pipe
    assert done.stderr == ""


def test_a_pipe_that_closes_early_is_141(example: Path) -> None:
    process = subprocess.Popen(
        [*AGEING, "-f", "html"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(example)
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("form", ["csv", "json", "table", "xlsx"])
def test_a_full_disk_is_said(example: Path, form: str, unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*AGEING, "-f", form], stdout=full, stderr=subprocess.PIPE, text=True, check=False,
                              env=environment(example, PYTHONUNBUFFERED=unbuffered))  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "segcli: cannot write to standard output: No space left on device\n"


def test_closed_standard_streams(example: Path) -> None:
    wrong = ("--class1", "Nope")
    for redirect, more, status in (
        (">&-", (), 1),
        ("2>&-", (), 0),
        ("2>&-", wrong, 2),
        ("2>/dev/full", wrong, 2),
        ("<&-", (), 0),
    ):
        done = subprocess.run(
            ["bash", "-c", f'"$@" {redirect}', "x", *AGEING, *more],
            capture_output=True,
            text=True,
            env=environment(example),
            check=False,
        )
        assert done.returncode == status, (redirect, done.stderr)
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"PYTHONIOENCODING": "ascii"}, {"COLUMNS": "5"}, {"TERM": "dumb"}]
)
def test_the_locale_changes_no_byte(example: Path, locale: dict[str, str]) -> None:
    command = [*SEGCLI, "show", "account-search"]
    plain = subprocess.run(command, capture_output=True, env=environment(example), check=True).stdout
    assert "Ελιά".encode() in plain
    assert subprocess.run(command, capture_output=True, env=environment(example, **locale), check=True).stdout == plain


def test_files_are_whole_private_and_left_alone_where_equal(segcli: Run, example: Path) -> None:
    old = os.umask(0)
    try:
        assert segcli("show", "debtor-ageing", "-o", "a.csv").status == 0
    finally:
        os.umask(old)
    path = Path("a.csv")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    os.utime(path, (1, 1))
    assert segcli("show", "debtor-ageing", "-o", "a.csv", "--if-changed").status == 0
    assert path.stat().st_mtime == 1
    assert segcli("show", "debtor-ageing", "-o", "a.csv").status == 0
    assert path.stat().st_mtime > 1
    assert not list(Path().glob(".*.tmp"))


def test_output_that_cannot_be(segcli: Run, example: Path) -> None:
    Path("folder").mkdir()
    for target, words in (
        ("folder", "is a folder"),
        ("missing/a.csv", "folder does not exist"),
        ("a.doc", "tells no format"),
        ("/dev/full", "disk is full"),
    ):
        more = ("-f", "csv") if target in {"folder", "/dev/full"} else ()
        done = segcli("show", "debtor-ageing", "-o", target, *more)
        assert done.status in {1, 2}
        assert words in done.err
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    assert segcli("show", "debtor-ageing", "--if-changed").status == 2


def test_a_link_is_replaced_and_its_target_kept(segcli: Run, example: Path) -> None:
    Path("victim").write_text("precious")
    Path("a.csv").symlink_to("victim")
    assert segcli("show", "debtor-ageing", "-o", "a.csv").status == 0
    assert Path("victim").read_text() == "precious"


def test_a_full_disk_leaves_the_old_file(example: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    done = subprocess.run(["bash", "-c", 'ulimit -f 40; "$@"', "x", *SEGCLI, "show", "contact-overview", "-f", "html", "-o", str(target)],
                          capture_output=True, text=True, env=environment(example, SEGCLI_TODAY="2025-12-31"), check=False)  # fmt: skip
    assert done.returncode == 1
    assert "larger than a file may be" in done.stderr
    assert target.read_text() == "old"
    assert not list(tmp_path.glob(".*tmp"))


def test_an_action_that_has_nothing_to_do_may_fail(segcli: Run, example: Path) -> None:
    before = fingerprint(example)
    for more in ((), APPLY):
        words = ("run", "generate-subscription-invoices", "--as-of", "2020-01-01", *more)
        assert segcli(*words).status == 0
        done = segcli(*words, "--fail-if-empty")
        assert (done.status, "generate-subscription-invoices: there" in done.err) == (3, True)
    assert fingerprint(example) == before


def test_what_is_done_is_said_where_its_table_cannot_be_written(segcli: Run, example: Path) -> None:
    line = ("run", "link-price-list", "RETAIL", "--account", "000017", *APPLY_SELECTED)
    before = fingerprint(example)
    early = segcli(*line, "-o", "missing/x.csv")
    assert (early.status, "missing/x.csv cannot be written: its folder does not exist" in early.err) == (1, True)
    assert fingerprint(example) == before
    words = (*line, "-f", "csv", "-o", "/dev/full")
    said = []
    for _ in range(2):  # then there is nothing to do
        done = segcli(*words)
        assert (done.status, "/dev/full cannot be written: the disk is full" in done.err) == (1, True), done.err
        said.append("link-price-list was completed nevertheless: see segcli log" in done.err)
    assert said == [True, False]
    assert segcli("log", "--limit", "1", "-f", "json").rows[0]["command"] == "run link-price-list"


def test_fail_if_empty_and_errors_as_json(segcli: Run, example: Path) -> None:
    assert segcli("show", "account-search", "zzzz", "--fail-if-empty").status == 3
    assert segcli("show", "account-search", "zzzz").status == 0
    done = segcli("show", "debtor-ageing", "--class1", "Nope", "--errors", "json")
    error = json.loads(done.err)
    assert (done.status, error["status"], error["error"]) == (2, 2, "usage")
    assert error["message"].startswith("unknown value 'Nope'")
    Path("f.csv").write_text("account,name\n1,A\n2\n")
    problem = json.loads(segcli("import", "f.csv", "--errors=json").err)["problems"][0]
    assert (problem["file"], problem["line"]) == ("f.csv", 3)
