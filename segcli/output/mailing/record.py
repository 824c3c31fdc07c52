"""The record of sent e-mail in the database: one row per message and recipient, written before the message leaves."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from segcli.base.text import counted
from segcli.output.mailing.message import Message
from segcli.storage import runs

_BEGIN = """INSERT INTO sent_message (run_id, digest, position, recipient, message_id, file_name, status, answer, sent_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (digest, position) DO UPDATE SET run_id = excluded.run_id, recipient = excluded.recipient, message_id = excluded.message_id,
       file_name = excluded.file_name, status = excluded.status, answer = excluded.answer, sent_at = excluded.sent_at"""


class Entry(NamedTuple):
    """The record of one recipient of a message."""

    status: str  # sent, refused or unknown
    answer: str
    sent_at: str  # UTC


def entries(db: sqlite3.Connection, message: Message) -> dict[str, Entry]:
    """Return the records of a message, by recipient."""
    sql = "SELECT position, status, answer, sent_at FROM sent_message WHERE digest = ?"
    found = {place: Entry(*entry) for place, *entry in db.execute(sql, (message.digest,))}
    return {one: found[place] for place, one in enumerate(message.recipients) if place in found}


def write(
    db: sqlite3.Connection, run_id: int, message: Message, message_id: str, answers: Mapping[str, tuple[str, str]]
) -> None:
    """Record the status and answer of recipients, in place of earlier records."""
    now = runs.now()
    db.executemany(
        _BEGIN,
        [
            (run_id, message.digest, message.recipients.index(one), one, message_id, message.name, status, answer, now)
            for one, (status, answer) in answers.items()
        ],
    )


def forget(db: sqlite3.Connection, message: Message, recipients: Iterable[str]) -> None:
    """Remove the records of recipients to whom the message was not sent after all."""
    places = [(message.digest, message.recipients.index(one)) for one in recipients]
    db.executemany("DELETE FROM sent_message WHERE digest = ? AND position = ?", places)


def counts(db: sqlite3.Connection, run_id: int) -> dict[str, int]:
    """Return the numbers of a run: messages sent to at least one recipient, and recipients refused and unknown."""
    sent = db.execute(
        "SELECT count(DISTINCT digest) FROM sent_message WHERE run_id = ? AND status = 'sent'", (run_id,)
    ).fetchone()[0]
    sql = "SELECT status, count(*) FROM sent_message WHERE run_id = ? AND status <> 'sent' GROUP BY 1 ORDER BY 1"
    return {"sent": sent, **dict(db.execute(sql, (run_id,)).fetchall())}


def summary(numbers: Mapping[str, int]) -> str:
    """Return the summary of a run: `12 messages sent, 1 recipient refused`."""
    return ", ".join(_worded(numbers))


def _worded(numbers: Mapping[str, int]) -> Iterable[str]:
    yield f"{counted(numbers['sent'], 'message')} sent"
    for status in ("refused", "unknown"):
        number = numbers.get(status, 0)
        if number:
            yield f"{counted(number, 'recipient')} {status}"
