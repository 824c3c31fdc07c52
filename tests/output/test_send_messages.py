"""The messages that are sent: headers are validated, no address or header gets in unseen, line ends are those of SMTP."""

import re
from pathlib import Path

import pytest
from conftest import Run

from segcli.base.errors import SegcliError
from segcli.output.documents.draft import draft
from segcli.output.mailing import message

HEAD = "From: me@example.com\nTo: a@example.com\nSubject: S\n"


def parsed(text: str) -> message.Message:
    return message.parse("x.eml", text.encode())


def sent(text: str, sender: str = "") -> bytes:
    return message.ready(parsed(text), text.encode(), sender, "<id@example.com>")


@pytest.mark.parametrize("email", [
    "a@example.com\nBcc: evil@example.org", "a@example.com\r\nBcc: evil@example.org\r\n\r\nText", "a@example.com\rBcc: evil@example.org",
    "a@example.com\x0bBcc: evil@example.org", "a@example.com\u2028Bcc: evil@example.org", "a@example.com> <evil@example.org",
    "a@example.com; evil@example.org", "a b@example.com", "everybody: a@example.com, evil@example.org;", "@example.com", "nobody",
    "<>", "a@example.com,Bcc:evil@example.org", "a@[127.0.0.1]", '"a b"@example.com', "jörg@example.com", "a@@example.com",
])  # fmt: skip
def test_a_hostile_address_of_an_account_reaches_nobody(email: str) -> None:
    """Also one that would reach somebody, had it been split or cleaned."""
    data = draft([email], "S", "T", [], mark="x", sender="me@example.com")
    with pytest.raises(SegcliError) as caught:
        message.parse("x.eml", data)
    assert "To is not a list of e-mail addresses" in caught.value.message


@pytest.mark.parametrize("email", ["a@", "<", "a@example.com, b@", ""])
def test_an_address_that_no_header_can_hold_is_left_out(email: str) -> None:
    data = draft([email], "S", "T", [], mark="x", sender="me@example.com")
    with pytest.raises(SegcliError) as caught:
        message.parse("x.eml", data)
    assert re.match("To and Cc are empty|To is not a list", caught.value.message)


@pytest.mark.parametrize(
    "subject",
    ["S\nBcc: evil@example.org", "S\r\n\r\nBody", "S\rTo: evil@example.org", "S\0T", "S\x85Bcc: e@example.org"],
)
def test_a_hostile_subject_stays_a_subject(subject: str) -> None:
    data = draft(["a@example.com"], subject, "T", [], mark="x", sender="me@example.com")
    found = message.parse("x.eml", data)
    assert found.recipients == ("a@example.com",)
    ready = message.ready(found, data, "", "<i@example.com>")
    names = [
        line.partition(b":")[0] for line in ready.partition(b"\r\n\r\n")[0].split(b"\r\n") if line[:1] not in b" \t"
    ]
    assert sorted(names) == sorted(
        [
            b"Message-ID",
            b"Date",
            b"From",
            b"To",
            b"Subject",
            b"Content-Type",
            b"Content-Transfer-Encoding",
            b"MIME-Version",
        ]
    )


@pytest.mark.parametrize(("text", "words"), [
    (HEAD + "Bcc: x@example.com\n\nT", "the header Bcc is not allowed"),
    (HEAD + "bCC : x@example.com\n\nT", "line 4 is not a header"),
    (HEAD + "Resent-To: x@example.com\n\nT", "the header Resent-To is not allowed"),
    (HEAD + "Sender: x@example.com\n\nT", "the header Sender is not allowed"),
    (HEAD + "To: x@example.com\n\nT", "the header To occurs more than once"),
    (HEAD + "FROM: x@example.com\n\nT", "the header From occurs more than once"),
    ("From me\n" + HEAD + "\nT", "line 1 is not a header"),
    (HEAD + "No colon\n\nT", "line 4 is not a header"),
    (" To: a@example.com\n\nT", "line 1 is not a header"),
    ("To: a@example.com\nSubject: Übrig\n\nT", "characters that are not encoded"),
    ("To: a@example.com\nSubject: \0\n\nT", "characters that are not encoded"),
    (HEAD, "no empty line ends its headers"),
    ("", "no empty line ends its headers"),
    ("%PDF-1.7\n\nT", "line 1 is not a header"),
    ("Subject: S\n\nT", "To and Cc are empty"),
    ("To:\nSubject: S\n\nT", "To and Cc are empty"),
    ("To: undisclosed-recipients:;\n\nT", "To is not a list"),
    ("From: a@example.com, b@example.com\nTo: c@example.com\n\nT", "From has 2 addresses"),
    ("From: nobody\nTo: c@example.com\n\nT", "From is not a list"),
    ("To: a@example.com\nCc: =?utf-8?q?b=40example=2Ecom=0D=0ABcc=3A_e=40example=2Eorg?=\n\nT", "Cc is not a list"),
    (HEAD + "\n" + "x" * 999, "a line is longer than 998 bytes"),
    ("To: a@example.com\nSubject: " + "x" * 999 + "\n\nT", "a line is longer than 998 bytes"),
])  # fmt: skip
def test_what_cannot_be_sent_is_told(text: str, words: str) -> None:
    with pytest.raises(SegcliError) as caught:
        parsed(text)
    assert words in caught.value.message


@pytest.mark.parametrize(("header", "addresses"), [
    ("To: Jan de Boer <jan@example.com>", ("jan@example.com",)),
    ('To: "de Boer, Jan" <jan@example.com>, a@example.com', ("jan@example.com", "a@example.com")),
    ("To: a@example.com,\n b@example.com\nCc: c@example.com, a@example.com", ("a@example.com", "b@example.com", "c@example.com")),
    ("To: =?utf-8?q?J=C3=B6rg?= <j@example.com>", ("j@example.com",)),
    ("to: root@localhost", ("root@localhost",)),
    ("Cc: a@example.com", ("a@example.com",)),
])  # fmt: skip
def test_what_mail_programs_write_is_understood(header: str, addresses: tuple[str, ...]) -> None:
    assert parsed(f"{header}\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nT").recipients == addresses


def test_a_domain_outside_ascii_is_sent_in_ascii() -> None:
    """RFC 5891: münchen is xn--mnchen-3ya."""
    data = draft(["info@münchen.example"], "S", "T", [], mark="x", cc=["a@bücher.example"])
    assert message.parse("x", data).recipients == ("info@xn--mnchen-3ya.example", "a@xn--bcher-kva.example")


def test_every_line_ends_as_smtp_wants_it() -> None:
    """A bare return or newline before a dot would end the message at some servers, and what follows would be commands."""
    text = HEAD + "\nA\r.\rMAIL FROM:<x@example.org>\r\n.\n.\r\nB"
    body = sent(text).partition(b"\r\n\r\n")[2]
    assert body == b"A\r\n.\r\nMAIL FROM:<x@example.org>\r\n.\r\n.\r\nB"
    assert sent(text).replace(b"\r\n", b"").count(b"\r") == 0
    assert sent(text).replace(b"\r\n", b"").count(b"\n") == 0


def test_the_time_and_the_id_are_those_of_the_sending() -> None:
    text = (
        HEAD
        + "Date: Thu, 1 Jan 1970 00:00:00 +0000\nMessage-ID: <old@example.com>\nX-Unsent: 1\nX-Own: kept\n folded\n\nT"
    )
    found = sent(text)
    assert b"1970" not in found
    assert b"old@" not in found
    assert b"X-Unsent" not in found
    assert found.count(b"Message-ID: <id@example.com>\r\n") == found.count(b"\r\nDate: ") == 1
    assert b"X-Own: kept\r\n folded\r\n" in found


def test_the_configured_sender_is_from_or_sender() -> None:
    assert b"\r\nSender: sys@example.com\r\n" in sent(HEAD + "\nT", "sys@example.com")
    assert b"Sender" not in sent(HEAD + "\nT", "me@example.com")
    assert b"\r\nFrom: sys@example.com\r\n" in sent("To: a@example.com\n\nT", "sys@example.com")


def test_a_draft_that_cannot_be_sent_is_named_and_stops_no_other(
    segcli: Run, empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert empty.exists()
    folder = tmp_path / "drafts"
    folder.mkdir()
    (folder / "bad.eml").write_text("Subject: S\n\nT")
    (folder / "good.eml").write_text(HEAD + "\nT")
    (folder / "notes.txt").write_text("no message")
    got = tmp_path / "got"
    monkeypatch.setenv("SEGCLI_SENDMAIL", f"tee -a {got}")
    done = segcli("send", folder, "--yes")
    assert done.status == 5
    assert f"{folder}/bad.eml: To and Cc are empty" in done.err
    assert got.read_bytes().endswith(b"To: a@example.com\r\nSubject: S\r\n\r\nT")
    shown = segcli("send", folder, "--dry-run", "-f", "json")
    assert (shown.status, [row["status"] for row in shown.rows]) == (5, ["sent"])


@pytest.mark.parametrize(
    ("name", "status", "words"), [("none", 1, "there is no folder or file none"), ("empty", 0, "")]
)
def test_a_folder_without_drafts(segcli: Run, empty: Path, name: str, status: int, words: str) -> None:
    assert empty.exists()
    Path("empty").mkdir()
    done = segcli("send", name, "--yes")
    assert (done.status, words in done.err) == (status, True)
