"""The connection to the mail server: encrypted, verified, logged in; and nothing is sent where one of these fails."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import smtp_server
from conftest import Result, Run
from smtp_server import Server, settings, write

from segcli.output.mailing import password, server


@pytest.fixture
def drafts(empty: Path, tmp_path: Path) -> Path:
    assert empty.exists()
    return write(tmp_path / "drafts", "a")


@contextmanager
def configured(does: Server, folder: Path, monkeypatch: pytest.MonkeyPatch, **more: str) -> Iterator[None]:
    """Serve, and configure segcli for the server."""
    with smtp_server.serving(does) as port:
        given = {"security": does.security, **more}
        monkeypatch.setenv("SEGCLI_CONFIG", str(settings(folder, port, given.pop("security"), **given)))
        yield


def refused(does: Server, done: Result, *words: str) -> None:
    """Check that the command failed with these words, and that the server got neither a message nor a name."""
    assert done.status == 1
    for word in words:
        assert word in done.err
    assert does.taken == []
    assert does.count("MAIL") == 0
    assert does.count("AUTH") == 0


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_must_be_trusted(
    segcli: Run, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    does = Server(tmp_path, security=security, user="me", password="pw")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with configured(does, tmp_path, monkeypatch, user="me", password_command="echo pw"):
        refused(does, segcli("send", drafts, "--yes"), "the certificate is not trusted: self", "SSL_CERT_FILE=FILE")
        monkeypatch.setenv("SSL_CERT_FILE", str(does.certificate))
        assert segcli("send", drafts, "--yes") == (0, "", "")
    assert [taken.recipients for taken in does.taken] == [("a@example.com",)]
    assert does.count("AUTH PLAIN") == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_must_be_of_that_name(
    segcli: Run, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    """It is for localhost, not for 127.0.0.1."""
    does = Server(tmp_path, security=security)
    monkeypatch.setenv("SSL_CERT_FILE", str(does.certificate))
    with configured(does, tmp_path, monkeypatch, host="127.0.0.1"):
        refused(does, segcli("send", drafts, "--yes"), "the certificate is not trusted", "not valid for '127.0.0.1'")


def test_a_server_without_starttls_is_refused(
    segcli: Run, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    does = Server(tmp_path, user="me", password="pw")
    with configured(does, tmp_path, monkeypatch, security="starttls", user="me", password_command="echo pw"):
        refused(does, segcli("send", drafts, "--yes"), "does not offer STARTTLS")


def test_a_server_that_refuses_starttls_is_refused(
    segcli: Run, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    does = Server(tmp_path, security="starttls", user="me", password="pw")
    does.answers["STARTTLS"] = "454 not now"
    with configured(does, tmp_path, monkeypatch, user="me", password_command="echo pw"):
        refused(does, segcli("send", drafts, "--yes"), "454 not now")


def test_plain_text_where_tls_is_wanted_is_told(
    segcli: Run, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    does = Server(tmp_path)
    with configured(does, tmp_path, monkeypatch, security="tls"):
        refused(does, segcli("send", drafts, "--yes"), "TLS failed", "is smtp.security: starttls meant")


def test_a_wrong_login_is_told_without_the_secret(
    segcli: Run, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    does = Server(tmp_path, user="me", password="right")
    with configured(does, tmp_path, monkeypatch, user="me", password_command="echo wr0ng"):
        done = segcli("send", drafts, "--yes")
    assert done.status == 1
    assert "refused the login of me: 535 5.7.8 wrong name or password" in done.err
    assert "wr0ng" not in done.err
    assert does.count("MAIL") == 0


def test_a_server_without_a_login_is_told(
    segcli: Run, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    does = Server(tmp_path)
    with configured(does, tmp_path, monkeypatch, user="me", password_command="echo pw"):
        refused(does, segcli("send", drafts, "--yes"), "does not offer a login")


def test_a_silent_server_is_left_after_the_time(
    segcli: Run, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "SECONDS", 0.2)
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv("SEGCLI_CONFIG", str(settings(tmp_path, port)))
        done = segcli("send", drafts, "--yes")
    assert done.status == 1
    assert f"localhost:{port} cannot be used: " in done.err
    assert "timed out" in done.err or "no answer within 0.2 seconds" in done.err


@pytest.mark.repeats
def test_a_server_that_takes_its_time_over_a_message_is_waited_for(
    segcli: Run, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "SECONDS", 0.3)
    does = Server(tmp_path)

    def slow(_: bytes) -> str:
        time.sleep(0.9)
        return "250 ok"

    does.on_data = slow
    with configured(does, tmp_path, monkeypatch):
        assert segcli("send", drafts, "--yes") == (0, "", "")
        monkeypatch.setattr(server, "LAST_SECONDS", 0.3)
        write(drafts, "b")
        late = segcli("send", drafts, "--yes")
    assert late.status == 5
    assert "outcome unknown: the connection was lost before the answer came" in late.err
    assert "timed out" in late.err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("no-such-program", "no-such-program cannot be run"),
        ("'false'", "false ended with status 1"),
        ("'true'", "true printed nothing on its first line"),
        ("sh -c 'echo hush-hush; echo store is locked >&2; exit 3'", "sh: store is locked"),
        ("printf 'p\\303\\244ss'", "characters other than printable ASCII"),
        ("sleep 5", "sleep did not end within 0.3 seconds"),
    ],
)
def test_a_password_command_that_fails_is_told(  # noqa: PLR0913 - the fixtures
    segcli: Run, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, words: str
) -> None:
    monkeypatch.setattr(password, "_SECONDS", 0.3)
    does = Server(tmp_path, user="me", password="pw")
    with configured(
        does, tmp_path, monkeypatch, user="me", password_command=f'"{command}"' if "\\" not in command else command
    ):
        done = segcli("send", drafts, "--yes")
    assert done.status == 1
    assert words in done.err
    assert "hush-hush" not in done.err
    assert does.connections == 0


def test_the_first_line_is_the_password(
    segcli: Run, drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home" / "store").write_text("pw with blanks\r\nurl: example.com\n")
    does = Server(tmp_path, user="me", password="pw with blanks")
    with configured(does, tmp_path, monkeypatch, user="me", password_command="cat ~/store"):
        assert segcli("send", drafts, "--yes") == (0, "", "")


def test_no_other_address_is_contacted(tmp_path: Path, drafts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter itself tells of each connection and each look-up."""
    does = Server(tmp_path)
    guard = """
import sys
def guard(event, found):
    if event == "socket.connect":
        sys.stderr.write(f"CONNECT {found[1][0]}\\n")
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.gethostname"}:
        sys.stderr.write(f"LOOK {found[0] if found else event}\\n")
sys.addaudithook(guard)
from segcli.cli import main
sys.exit(main.run(sys.argv[1:]))
"""
    with configured(does, tmp_path, monkeypatch, host="127.0.0.1"):
        words = [sys.executable, "-c", guard, "send", str(drafts), "--yes"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert set(done.stderr.splitlines()) == {"LOOK 127.0.0.1", "CONNECT 127.0.0.1"}
    assert len(does.taken) == 1


def test_what_sends_is_imported_by_what_sends_alone() -> None:
    root = Path(server.__file__).parents[2]
    users = [
        p.name
        for p in root.rglob("*.py")
        if any(f"import {n}" in p.read_text() for n in ("smtplib", "ssl\n", "socket"))
    ]
    assert sorted(users) == ["server.py", "spark_session.py"]  # what --engine sc:// asks for, and no other engine
    code = "import sys; from segcli.cli import main; main.run(['send', '--help']); print({'smtplib', 'ssl'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
