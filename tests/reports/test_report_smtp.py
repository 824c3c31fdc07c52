"""Reports by mail through an SMTP server: sent once, kept where it was not taken, told where nobody knows."""

import email
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import smtp_server
from conftest import Run
from smtp_server import HANG_UP, Server, settings

REPORT = """title: R
files:
- {file: a.csv, show: account-search}
mail: {to: [a@example.com, b@example.com], from: me@example.com, subject: Hello, text: Look., send: yes}
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: Path) -> Iterator[Server]:
    assert example.exists()
    (tmp_path / "r.yaml").write_text(REPORT)
    monkeypatch.setenv("SEGCLI_SENDMAIL", "no-such-mailer")  # which is not asked
    does = Server(tmp_path)
    with smtp_server.serving(does) as port:
        monkeypatch.setenv("SEGCLI_CONFIG", str(settings(tmp_path, port)))
        yield does


WORDS = ("report", "r.yaml", "--folder", "out", "--if-changed")


def test_it_goes_to_the_server(segcli: Run, server: Server) -> None:
    assert segcli(*WORDS) == (0, "", "")
    (taken,) = server.taken
    assert (taken.sender, taken.recipients) == ("me@example.com", ("a@example.com", "b@example.com"))
    found = email.message_from_bytes(taken.data)
    assert (found["Subject"], found["From"], found["X-Unsent"]) == ("Hello", "me@example.com", None)
    attached = [part.get_payload(decode=True) for part in found.walk() if part.get_filename() == "a.csv"]
    assert attached == [Path("out/a.csv").read_bytes()]
    assert segcli(*WORDS).status == 0
    assert len(server.taken) == 1
    assert segcli(*WORDS[:-1]).status == 0  # written anew, sent anew: another message
    ids = {email.message_from_bytes(data)["Message-ID"] for data in server.messages}
    assert len(ids) == len(server.taken) == 2
    assert sorted(path.name for path in Path("out").iterdir() if not path.name.endswith(".lock")) == ["a.csv"]


@pytest.mark.parametrize(
    ("command", "answer"),
    [("CONNECT", "554 closed"), ("MAIL", "550 not you"), ("RCPT", "550 not them"), ("DATA", "451 later")],
)
def test_one_that_was_not_taken_goes_with_the_next_run(segcli: Run, server: Server, command: str, answer: str) -> None:
    server.answers[command] = answer
    failed = segcli(*WORDS)
    assert failed.status == 1
    assert "the message was not sent: " in failed.err
    assert answer in failed.err
    assert Path("out/a.csv").exists()
    server.answers.clear()
    assert segcli(*WORDS) == (0, "", "")
    assert len(server.taken) == 1


def test_a_refused_recipient_is_named_and_the_others_have_it(segcli: Run, server: Server) -> None:
    server.answers["RCPT TO:<b@"] = "550 no b"
    failed = segcli(*WORDS)
    assert failed.status == 5
    assert "r.yaml:b@example.com: refused: 550 no b" in failed.err
    assert [taken.recipients for taken in server.taken] == [("a@example.com",)]
    assert segcli(*WORDS).status == 0
    assert len(server.taken) == 1


def test_a_lost_answer_is_told_and_not_sent_again(segcli: Run, server: Server) -> None:
    server.on_data = lambda _: HANG_UP
    failed = segcli(*WORDS)
    assert failed.status == 1
    assert "the message was handed over, and may have arrived or not" in failed.err
    server.on_data = lambda _: "250 ok"
    assert segcli(*WORDS) == (0, "", "")
    assert len(server.taken) == 1


def test_killed_while_it_is_handed_over_it_is_told_and_not_sent_again(segcli: Run, server: Server) -> None:
    def killing(_: bytes) -> str:
        client.kill()
        client.wait()
        return HANG_UP

    server.on_data = killing
    client = subprocess.Popen([sys.executable, "-m", "segcli", *WORDS], stderr=subprocess.PIPE)
    client.communicate(timeout=60)
    assert client.returncode == -signal.SIGKILL
    server.on_data = lambda _: "250 ok"
    done = segcli(*WORDS)
    assert (done.status, done.out) == (0, "")
    assert "an earlier run was ended while it handed over its message: that may have arrived" in done.err
    assert segcli(*WORDS) == (0, "", "")
    assert len(server.taken) == 1


def test_killed_before_it_is_handed_over_it_goes_with_the_next_run(segcli: Run, server: Server) -> None:
    def killing(command: str, usual: str) -> str:
        if command.upper().startswith("RCPT") and client.poll() is None:
            client.kill()
            client.wait()
            return HANG_UP
        return Server.answer(server, command, usual)

    server.answer = killing  # type: ignore[method-assign]
    client = subprocess.Popen([sys.executable, "-m", "segcli", *WORDS], stderr=subprocess.PIPE)
    client.communicate(timeout=60)
    assert client.returncode == -signal.SIGKILL
    assert segcli(*WORDS) == (0, "", "")
    assert len(server.taken) == 1


def test_without_a_sender_it_says_so(segcli: Run, server: Server, tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(REPORT.replace("from: me@example.com, ", ""))
    failed = segcli(*WORDS)
    assert failed.status == 1
    assert "From is empty: set smtp.from" in failed.err
    with (tmp_path / "config.yaml").open("a") as file:
        file.write("  from: sys@example.com\n")
    assert segcli(*WORDS) == (0, "", "")
    assert (server.taken[0].sender, email.message_from_bytes(server.messages[0])["From"]) == ("sys@example.com",) * 2
