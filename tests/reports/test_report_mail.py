"""Reports in the mail: drafts, and messages that are handed over."""

import email
import os
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from conftest import Run
from report_case import MAIL, REPORT, content

from segcli.output.mailing import sendmail

SENT = "mail: {to: [a@example.com, b@example.com], from: me@example.com, subject: Hello, send: yes}\n"


# Messages


def message(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_draft_holds_the_files(segcli: Run, write_report: Callable[[str], Path]) -> None:
    segcli("report", write_report(REPORT + MAIL), "--folder", "out")
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


def test_a_message_is_handed_over(segcli: Run, write_report: Callable[[str], Path], mailer: Path) -> None:
    path = write_report(REPORT + SENT)
    assert segcli("report", path, "--folder", "out", "--if-changed") == (0, "", "")
    found = message(mailer.read_bytes())
    assert (found["From"], found["To"], found["X-Unsent"]) == ("me@example.com", "a@example.com, b@example.com", None)
    assert Path("called").read_text() == "-t -i\n"
    assert len(list(found.iter_attachments())) == 2
    assert segcli("report", path, "--folder", "out", "--if-changed").status == 0
    assert Path("called").read_text() == "-t -i\n"  # nothing had changed: nothing was sent
    assert set(content(Path("out"))) == {"a.csv", "sub/b.xlsx"}


def test_a_mailer_that_fails_gets_the_message_again(
    segcli: Run, write_report: Callable[[str], Path], mailer: Path
) -> None:
    path = write_report(REPORT + SENT)
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
    segcli: Run, write_report: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGCLI_SENDMAIL", "no-such-mailer -t")
    failed = segcli("report", write_report(REPORT + SENT), "--folder", "out")
    assert (failed.status, "no-such-mailer" in failed.err) == (1, True)
    assert not Path("out").exists()


def test_a_mailer_that_may_have_taken_it_is_not_asked_again(
    segcli: Run, write_report: Callable[[str], Path], mailer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sendmail, "_SECONDS", 0.3)
    program = mailer.parent / "bin" / "sendmail"
    works = program.read_text()
    program.write_text("#!/bin/sh\nexec sleep 30\n")
    failed = segcli("report", write_report(REPORT + SENT), "--folder", "out")
    assert failed.status == 1
    assert f"may have arrived or not: {program}: it did not finish within 0.3 seconds\n" in failed.err
    program.write_text(works)
    assert segcli("report", write_report(REPORT + SENT), "--folder", "out", "--if-changed") == (0, "", "")
    assert not mailer.exists()
    assert segcli("report", write_report(REPORT + SENT), "--folder", "out") == (0, "", "")
    assert message(mailer.read_bytes())["Subject"] == "Hello"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("no program", "Exec format error"),
        ("#!/bin/sh\necho first >&2\necho last >&2\nexit 1\n", "last"),
        ("#!/bin/sh\nexit 67\n", "it ended with status 67"),
    ],
)
def test_a_mailer_that_takes_nothing_is_told_and_asked_again(
    segcli: Run,
    write_report: Callable[[str], Path],
    mailer: Path,
    script: str,
    words: str,
) -> None:
    program = mailer.parent / "bin" / "sendmail"
    works = program.read_text()
    program.write_text(script)
    failed = segcli("report", write_report(REPORT + SENT), "--folder", "out")
    assert (failed.status, failed.err) == (
        1,
        f"segcli: the message was not sent: {program}: {words}\n  the files were written; the next run tries to send it again\n",
    )
    assert {"a.csv", "sub/b.xlsx"} < set(content(Path("out")))
    program.write_text(works)
    assert segcli("report", write_report(REPORT + SENT), "--folder", "out", "--if-changed") == (0, "", "")
    assert message(mailer.read_bytes())["Subject"] == "Hello"


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("msmtp 'x", "sendmail: 'msmtp 'x': a quote is not closed"),
        (" ", "the program that sends e-mail was not found: sendmail is empty"),
    ],
)
def test_a_mailer_that_is_none_is_told_before(
    segcli: Run, write_report: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, named: str, words: str
) -> None:
    monkeypatch.setenv("SEGCLI_SENDMAIL", named)
    failed = segcli("report", write_report(REPORT + SENT), "--folder", "out")
    assert (failed.status, words in failed.err) == (1, True)
    assert not Path("out").exists()
