"""Standard output: heard when it fails, the same bytes wherever it runs, and the format and colour that it gets."""

import errno
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from output_case import command, environment, run

from segcli.base.errors import UsageError
from segcli.output import destinations


@pytest.mark.parametrize(
    ("columns", "terminal", "width"),
    [("120", 90, 120), ("", 90, 90), ("5", 90, 90), ("wide", 90, 90), ("99999", 90, 90), ("", 0, 80), ("", None, 80)],
)
def test_the_width_of_a_terminal(
    monkeypatch: pytest.MonkeyPatch, columns: str, terminal: int | None, width: int
) -> None:
    """COLUMNS, else what the terminal says; one that says nothing, or no terminal, has 80."""

    def size(_number: int) -> os.terminal_size:
        if terminal is None:
            raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))
        return os.terminal_size((terminal, 24))

    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(os, "get_terminal_size", size)
    assert destinations.terminal_width() == width


@pytest.mark.parametrize("rows", [3, 50_000])
@pytest.mark.parametrize("form", ["csv", "json", "table", "xlsx"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_standard_output_is_heard(form: str, rows: int, unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run(form, rows=min(rows, 5_000) if form == "xlsx" else rows, stdout=full,
                   env=environment(PYTHONUNBUFFERED=unbuffered))  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == b"cannot write to standard output: No space left on device\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_pipe_is_left_to_the_caller(unbuffered: str) -> None:
    child = subprocess.Popen(
        command("csv", "", 10**7), env=environment(PYTHONUNBUFFERED=unbuffered),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == b"account,name\n"
    child.stdout.close()
    assert child.stderr is not None
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait() == 141


def test_a_closed_standard_output_is_heard() -> None:
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *command("csv", "", 3)], env=environment(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, b"cannot write to standard output: it is closed\n")


def test_the_same_bytes_in_every_locale() -> None:
    usual = run("tsv").stdout
    assert "Café 株式".encode() in usual
    for values in (
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX"},
        {"PYTHONUTF8": "0", "LC_ALL": "C"},
    ):
        done = run("tsv", env=environment(**values))
        assert (done.stdout, done.stderr) == (usual, b"")


def test_text_goes_to_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    destinations.write_stdout("Café\n")
    assert capfd.readouterr().out == "Café\n"


@pytest.mark.parametrize("path", ["", "/dev/fd/1"])
def test_a_workbook_is_not_for_a_terminal(path: str) -> None:
    master, terminal = pty.openpty()
    try:
        done = run("xlsx", path, stdout=terminal)
    finally:
        os.close(terminal)
        os.close(master)
    assert (done.returncode, done.stderr) == (2, b"xlsx is not for a terminal\n")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        *(("a.csv", "csv"), ("a.tsv", "tsv"), ("a.json", "json"), ("a.jsonl", "jsonl"), ("a.ndjson", "jsonl")),
        *(
            ("a.md", "md"),
            ("a.html", "html"),
            ("a.htm", "html"),
            ("a.xlsx", "xlsx"),
            ("a.txt", "table"),
            ("A.CSV", "csv"),
        ),
        *(("a.b.json", "json"), ("/dev/null", "tsv"), ("/dev/stdout", "tsv")),
    ],
)
def test_the_ending_gives_the_format(name: str, form: str) -> None:
    assert destinations.format_for(None, Path(name), on_terminal=False) == form
    assert destinations.format_for("json", Path(name), on_terminal=False) == "json"


@pytest.mark.parametrize("name", ["a", "a.odt", "a.table", "a.plain", ".csv", "csv", "a._cells"])
def test_an_ending_that_tells_nothing(name: str) -> None:
    with pytest.raises(UsageError, match="tells no format") as caught:
        destinations.format_for(None, Path(name), on_terminal=True)
    for ending in (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".md", ".html", ".htm", ".pdf", ".xlsx", ".txt"):
        assert ending in caught.value.hint


def test_the_default_format() -> None:
    assert destinations.format_for(None, None, on_terminal=True) == "table"
    assert destinations.format_for(None, None, on_terminal=False) == "tsv"


@pytest.mark.parametrize(
    ("choice", "on_terminal", "environ", "answer"),
    [
        *(("auto", True, {}, True), ("auto", False, {}, False), ("auto", True, {"NO_COLOR": "1"}, False)),
        *(("auto", True, {"NO_COLOR": ""}, True), ("auto", True, {"TERM": "dumb"}, False)),
        *(("always", False, {"NO_COLOR": "1"}, True), ("never", True, {}, False)),
    ],
)
def test_color(choice: str, on_terminal: bool, environ: dict[str, str], answer: bool) -> None:
    assert destinations.has_color(choice, environ, on_terminal=on_terminal) is answer


@pytest.mark.parametrize(("columns", "width"), [("120", 120), ("20", 20)])
def test_the_width_that_is_said(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert destinations.terminal_width() == width


@pytest.mark.parametrize("columns", ["5", "0", "-3", "abc", "", "²", "9" * 5000])
def test_a_width_that_is_none(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((77, 20)))
    assert destinations.terminal_width() == 77


def test_what_is_heavy_is_imported_when_it_is_needed() -> None:
    heavy = {"rich", "tabulate", "xlsxwriter", "tempfile", "html", "decimal", "yaml", "json", "csv", "typer", "sqlite3"}
    code = "import sys, segcli.output.destinations, segcli.output.render, segcli.base.money; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], env=environment(), capture_output=True, check=True, text=True
    )
    assert not heavy & set(done.stdout.split())
    assert "segcli.output.render.csv" not in done.stdout.split()
