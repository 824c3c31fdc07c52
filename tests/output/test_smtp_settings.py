"""The section smtp of the configuration: defaults, and what is wrong is told with its place."""

from pathlib import Path

import pytest
from conftest import Run

from segcli.base.errors import SegcliError
from segcli.output.mailing import smtp_settings
from segcli.settings import config


def read(tmp_path: Path, text: str) -> smtp_settings.Smtp | None:
    path = tmp_path / "c.yaml"
    path.write_text(text)
    return smtp_settings.read(config.load({"config": str(path)}))


@pytest.mark.parametrize(("security", "port"), [("tls", 465), ("starttls", 587), ("none", 25)])
def test_the_port_follows_from_the_security(tmp_path: Path, security: str, port: int) -> None:
    found = read(tmp_path, f"smtp: {{host: localhost, security: {security}}}\n")
    assert found
    assert (found.port, found.user, found.password_command, found.sender) == (port, "", (), "")


def test_all_of_it(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "smtp:\n  host: mail.example.com\n  port: 2525\n  security: starttls\n  user: me\n"
        "  password_command: pass show 'my smtp'\n  from: me@bücher.example\n",
    )
    assert found == smtp_settings.Smtp(
        "mail.example.com", 2525, "starttls", "me", ("pass", "show", "my smtp"), "me@xn--bcher-kva.example"
    )


@pytest.mark.parametrize("text", ["", "smtp: {}\n", 'smtp: {host: ""}\n', "wait: 3\n"])
def test_without_a_host_there_is_no_server(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.yaml").write_text(text or "wait: 30\n")
    assert read(tmp_path, text or "wait: 30\n") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{host: h, password: secret}", "smtp.password: a password does not belong in the configuration"),
        ("{host: h, pasword_command: x}", "there is no setting 'pasword_command'"),
        ("{port: 465}", "smtp.host is missing"),
        ("{host: 'h:465'}", "smtp.host: 'h:465' is not the name of a server"),
        ("{host: 'h x'}", "is not the name of a server"),
        ("{host: [h]}", "smtp.host is one text, no list"),
        ("{host: h, port: x}", "smtp.port: 'x' is no whole number"),
        ("{host: h, port: 70000}", "smtp.port: 70000 is not a port"),
        ("{host: h, port: 0}", "smtp.port: 0 is not a port"),
        ("{host: h, security: ssl}", "smtp.security: 'ssl' is none of tls, starttls, none"),
        ("{host: mail.example.com, security: none}", "none is only for a server on this machine"),
        ("{host: localhost.example.com, security: none}", "none is only for a server on this machine"),
        ("{host: h, user: me}", "smtp.password_command is missing"),
        ("{host: h, password_command: x}", "smtp.user is missing"),
        ('{host: h, user: me, password_command: "x \'y"}', "a quote is not closed"),
        ("{host: h, from: nobody}", "smtp.from: 'nobody' is not an e-mail address"),
        ('{host: h, from: "a@example.com\\nBcc: b@example.com"}', "is not an e-mail address"),
        ("yes", "smtp is a list of"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SegcliError) as caught:
        read(tmp_path, f"smtp: {text}\n")
    assert words in caught.value.message
    assert str(tmp_path / "c.yaml") in caught.value.message
    assert "secret" not in f"{caught.value.message}{caught.value.hint}"


def test_it_is_told_before_anything_is_done(segcli: Run, empty: Path, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("smtp: {host: h, security: ssl}\n")
    done = segcli("--config", "c.yaml", "send", "missing.eml", "--dry-run")
    assert (empty.exists(), done.status) == (True, 1)
    assert "smtp.security" in done.err
