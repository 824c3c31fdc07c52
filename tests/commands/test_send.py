"""`segcli send` against a mail server on this machine: what is sent, what is refused, and that each message is sent once."""

import email
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import smtp_server
from conftest import APPLY, Run, connected
from smtp_server import HANG_UP, Server, settings, write

ALL = {"a@example.com", "b@example.com", "c@example.com"}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty: Path) -> Iterator[Server]:
    """Serve without TLS, and configure segcli for it."""
    does = Server(tmp_path)
    with smtp_server.serving(does) as port:
        monkeypatch.setenv("SEGCLI_CONFIG", str(settings(tmp_path, port)))
        yield does


@pytest.fixture
def drafts(tmp_path: Path) -> Path:
    """Return a folder with drafts to a, b and c."""
    return write(tmp_path / "drafts", "a", "b", "c")


def recorded(database: Path) -> list[tuple[str, str, str]]:
    """Return recipient, status and answer of what is recorded, by plain SQL."""
    with connected(database) as db:
        return db.execute("SELECT recipient, status, answer FROM sent_message ORDER BY recipient").fetchall()


def parsed(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def test_each_message_is_sent_once(segcli: Run, server: Server, drafts: Path, database: Path) -> None:
    assert segcli("send", drafts, "--yes") == (0, "", "")
    assert {one for taken in server.taken for one in taken.recipients} == ALL
    assert {taken.sender for taken in server.taken} == {"me@example.com"}
    assert recorded(database) == [(one, "sent", "250 queued as 1") for one in sorted(ALL)]
    before = len(server.taken), server.connections, database.read_bytes()
    assert segcli("send", drafts, "--yes") == (0, "", "")
    assert segcli("send", drafts, "--yes", "--again") == (0, "", "")
    assert (len(server.taken), server.connections, database.read_bytes()) == before  # nobody is even asked
    (drafts / "copy of a.eml").write_bytes((drafts / "a.eml").read_bytes())
    assert segcli("send", drafts / "copy of a.eml", "--yes") == (0, "", "")
    assert len(server.taken) == 3
    log = segcli("log", "--limit", "1", "-f", "json").rows[0]
    assert (log["command"], log["summary"]) == ("send", "3 messages sent")


def test_what_is_sent_is_the_draft_with_a_time_and_an_id(segcli: Run, server: Server, tmp_path: Path) -> None:
    drafts = write(tmp_path / "drafts", "a", text=".\n..dots\nÉén\n.")
    assert segcli("send", drafts, "--yes").status == 0
    draft, sent = ((drafts / "a.eml").read_bytes(), server.messages[0])
    assert sent.partition(b"\r\n\r\n")[2] == draft.partition(b"\r\n\r\n")[2]
    found = parsed(sent)
    assert (found["From"], found["To"], found["Subject"], found["Bcc"]) == (
        "me@example.com",
        "a@example.com",
        "For a",
        None,
    )
    assert found["X-Unsent"] is None
    assert found["Date"].datetime is not None
    assert found["Message-ID"].endswith("@example.com>")
    body = found.get_body()
    assert body is not None
    assert body.get_content().splitlines() == [".", "..dots", "Één", "."]
    with connected(tmp_path / "test.db") as db:
        assert db.execute("SELECT message_id, file_name FROM sent_message").fetchall() == [
            (found["Message-ID"], "a.eml")
        ]


def test_a_dry_run_shows_recipients_and_subjects_and_asks_nobody(
    segcli: Run, server: Server, drafts: Path, database: Path
) -> None:
    before = database.read_bytes()
    shown = segcli("send", drafts, "--dry-run", "-f", "json")
    assert (shown.status, shown.err) == (0, "")
    assert [(row["recipient"], row["subject"], row["status"]) for row in shown.rows] == [
        (f"{name}@example.com", f"For {name}", "to send") for name in "abc"
    ]
    assert segcli("send", drafts, "--dry-run", "--exit-code").status == 4
    assert (server.connections, database.read_bytes()) == (0, before)
    assert segcli("send", drafts / "a.eml", "--yes").status == 0
    assert [row["status"] for row in segcli("send", drafts, "-n", "-f", "json").rows] == ["sent", "to send", "to send"]


def test_off_a_terminal_it_needs_yes_and_keeps_to_the_limit(segcli: Run, server: Server, drafts: Path) -> None:
    asked = segcli("send", drafts)
    assert asked.status == 2
    assert "this sends 3 messages; this needs --yes off a terminal: nothing was changed" in asked.err
    many = segcli("send", drafts, "--yes", "--max-changes", "2")
    assert many.status == 6
    assert "3 of 3 messages would be sent, more than --max-changes 2" in many.err
    assert server.connections == 0
    assert segcli("send", drafts, "--yes", "--max-changes", "3").status == 0


def test_a_refused_recipient_is_named_and_tried_again(
    segcli: Run, server: Server, drafts: Path, database: Path
) -> None:
    server.answers["RCPT TO:<b@"] = "550 5.1.1 no b here"
    failed = segcli("send", drafts, "--yes")
    assert failed.status == 5
    assert f"{drafts}/b.eml:b@example.com: refused: 550 5.1.1 no b here\n" in failed.err
    assert {taken.recipients for taken in server.taken} == {("a@example.com",), ("c@example.com",)}
    assert recorded(database)[1] == ("b@example.com", "refused", "550 5.1.1 no b here")
    server.answers.clear()
    assert segcli("send", drafts, "--yes") == (0, "", "")
    assert [taken.recipients for taken in server.taken[2:]] == [("b@example.com",)]


def test_of_two_recipients_only_the_refused_one_gets_it_later(segcli: Run, server: Server, tmp_path: Path) -> None:
    drafts = write(tmp_path / "drafts", "a", cc=["z@example.com"])
    server.answers["RCPT TO:<z@"] = "450 4.2.1 later"
    assert segcli("send", drafts, "--yes").status == 5
    again = segcli("send", drafts, "--yes", "--result", "json")
    assert (again.status, json.loads(again.out)["counts"]) == (5, {"changed": 0, "unchanged": 0, "rejected": 1})
    server.answers.clear()
    assert segcli("send", drafts, "--yes").status == 0
    assert [taken.recipients for taken in server.taken] == [("a@example.com",), ("z@example.com",)]
    ids = {parsed(data)["Message-ID"] for data in server.messages}
    assert len(ids) == 1


@pytest.mark.parametrize(("command", "answer"), [("MAIL", "550 5.7.1 not you"), ("DATA", "554 no")])
def test_a_refused_message_is_told_and_the_others_go_on(  # noqa: PLR0913 - the fixtures
    segcli: Run, server: Server, drafts: Path, database: Path, command: str, answer: str
) -> None:
    server.answers[command] = answer
    failed = segcli("send", drafts, "--yes")
    assert failed.status == 5
    assert failed.err.count(f"refused: {answer}") == 3
    assert {row[1:] for row in recorded(database)} == {("refused", answer)}
    assert server.taken == []


def test_a_refusal_after_the_message_is_a_refusal(segcli: Run, server: Server, drafts: Path) -> None:
    server.on_data = lambda data: "552 too big" if b"For b" in data else "250 ok"
    failed = segcli("send", drafts, "--yes")
    assert failed.status == 5
    assert "b@example.com: refused: 552 too big" in failed.err
    assert len(server.taken) == 2


@pytest.mark.repeats
def test_a_connection_lost_within_a_message_leaves_it_unsent(
    segcli: Run, server: Server, tmp_path: Path, database: Path
) -> None:
    drafts = write(tmp_path / "drafts", "a", text=f"{'x' * 50}\n" * 200_000)  # more than the system buffers
    server.most_read = 1000
    failed = segcli("send", drafts, "--yes")
    assert failed.status == 5
    assert "not sent: the connection was lost" in failed.err
    assert recorded(database) == []
    server.most_read = None
    assert segcli("send", drafts, "--yes").status == 0
    assert len(server.taken) == 1


def test_an_answer_that_is_lost_is_not_sent_again_unasked(
    segcli: Run, server: Server, drafts: Path, database: Path
) -> None:
    server.on_data = lambda data: HANG_UP if b"For b" in data else "250 ok"
    failed = segcli("send", drafts, "--yes")
    assert failed.status == 5
    assert "b@example.com: handed over at 2026-06-30T12:00:00Z, outcome unknown: the connection was lost" in failed.err
    assert [row[:2] for row in recorded(database)] == [
        ("a@example.com", "sent"), ("b@example.com", "unknown"), ("c@example.com", "sent"),
    ]  # fmt: skip
    assert server.connections == 2  # one more for c
    server.on_data = lambda _: "250 ok"
    again = segcli("send", drafts, "--yes")
    assert again.status == 5
    assert "send it with --again, else remove the file" in again.err
    assert len(server.taken) == 3
    assert segcli("send", drafts, "--yes", "--again") == (0, "", "")
    assert [taken.recipients for taken in server.taken[3:]] == [("b@example.com",)]
    ids = [parsed(data)["Message-ID"] for data in server.messages if b"For b" in data]
    assert len(ids) == 2
    assert ids[0] == ids[1]  # by which the receiver can tell
    assert segcli("send", drafts, "--yes") == (0, "", "")


def test_an_unknown_answer_stays_unknown_where_the_next_attempt_fails(
    segcli: Run, server: Server, tmp_path: Path, database: Path
) -> None:
    drafts = write(tmp_path / "drafts", "a")
    server.on_data = lambda _: HANG_UP
    assert segcli("send", drafts, "--yes").status == 5
    server.answers["DATA"] = HANG_UP
    assert segcli("send", drafts, "--yes", "--again").status == 5
    assert [row[1] for row in recorded(database)] == ["unknown"]


def test_a_server_that_closes_between_messages_is_called_again(segcli: Run, server: Server, drafts: Path) -> None:
    def closing(_: bytes) -> str:
        server.answers["MAIL"] = "421 too many messages"
        return "250 ok"

    def opened(command: str, usual: str) -> str:
        if command == "CONNECT":
            server.answers.clear()
        return Server.answer(server, command, usual)

    server.on_data = closing
    server.answer = opened  # type: ignore[method-assign]
    assert segcli("send", drafts, "--yes") == (0, "", "")
    assert (len(server.taken), server.connections) == (3, 3)


def test_a_server_that_stays_closed_ends_it_and_the_rest_is_for_the_next_run(
    segcli: Run, server: Server, drafts: Path
) -> None:
    def closing(_: bytes) -> str:
        server.answers.update({"MAIL": "421 busy", "CONNECT": "421 busy"})
        return "250 ok"

    server.on_data = closing
    failed = segcli("send", drafts, "--yes")
    assert failed.status == 5
    assert "421 busy" in failed.err
    assert "2 messages not sent" in failed.err
    assert len(server.taken) == 1
    server.answers.clear()
    server.on_data = lambda _: "250 ok"
    assert segcli("send", drafts, "--yes") == (0, "", "")
    assert {one for taken in server.taken for one in taken.recipients} == ALL
    assert len(server.taken) == 3


def test_without_a_server_nothing_is_begun(
    segcli: Run, server: Server, drafts: Path, tmp_path: Path, database: Path
) -> None:
    server.answers["CONNECT"] = "554 go away"
    failed = segcli("send", drafts, "--yes")
    assert failed.status == 1
    assert "cannot be used: 554 go away" in failed.err
    assert recorded(database) == []
    assert [row["command"] for row in segcli("log", "-f", "json").rows] == []


def test_two_processes_do_not_send_the_same_message(
    segcli: Run, server: Server, tmp_path: Path, database: Path
) -> None:
    """The other one has recorded the message between our look and our turn."""
    drafts = write(tmp_path / "drafts", "a")

    def recorded_by_another(command: str, usual: str) -> str:
        if command.upper().startswith("RCPT"):
            with sqlite3.connect(database) as db:
                run = db.execute(
                    "INSERT INTO run (command, source, user_name, started_at) VALUES ('send', 'manual', 'x', 'x') RETURNING id"
                ).fetchone()[0]
                digest = hashlib.sha256((drafts / "a.eml").read_bytes()).hexdigest()
                db.execute(
                    "INSERT INTO sent_message VALUES (NULL, ?, ?, 0, 'a@example.com', '<x>', 'a.eml', 'unknown', '', 'x')",
                    (run, digest),
                )
        return Server.answer(server, command, usual)

    server.answer = recorded_by_another  # type: ignore[method-assign]
    failed = segcli("send", drafts, "--yes")
    assert failed.status == 5
    assert "another process is sending the same message" in failed.err
    assert server.taken == []


def test_the_drafts_of_an_action_go_out(segcli: Run, server: Server, example: Path, tmp_path: Path) -> None:
    assert segcli("administration", "set", "--email", "finance@example.com").status == 0
    assert segcli("run", "print-reminders", "--folder", "letters", "--country", "BE", *APPLY[::2]).status == 0
    (folder,) = Path("letters").iterdir()
    drafts = sorted(folder.glob("*.eml"))
    assert drafts
    assert segcli("send", "letters", "--yes").status == 2  # the folder in it is meant
    assert segcli("send", folder, "--yes") == (0, "", "")
    with connected(example) as db:
        wanted = db.execute(
            "SELECT a.email FROM reminder AS r JOIN account AS a ON a.id = r.account_id WHERE r.action = 'email' AND a.country = 'BE'"
        ).fetchall()
    assert sorted(one for taken in server.taken for one in taken.recipients) == sorted(row[0] for row in wanted)
    assert len(server.taken) == len(drafts)
