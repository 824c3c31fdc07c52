"""Sends each message once. It is recorded as handed over before it is sent, and its answer is recorded afterwards.

If the process is killed, a message is either unsent, recorded with its answer, or recorded as unknown: it was handed over, and
may have arrived. The next run sends only unsent messages.
"""

import secrets
import sqlite3
from collections.abc import Container, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from segcli.base import bounded_read, signals
from segcli.base.errors import SegcliError
from segcli.output.mailing import record
from segcli.output.mailing.message import MOST, Message, digest, ready
from segcli.output.mailing.transport import NOT_SENT, REFUSED, SENT, UNKNOWN, Answer, LostError, Transport
from segcli.storage import database, runs
from segcli.storage.database import Transaction

COMMAND = "send"
_SETTLING = (
    300.0  # seconds to wait for another writer before the answer is recorded; unrecorded, the message is unknown
)


@dataclass(slots=True)
class Item:
    """A message and the records of its recipients."""

    path: Path
    message: Message
    states: dict[str, record.Entry]

    def status(self, recipient: str) -> str:
        """Return SENT, REFUSED, UNKNOWN, or NOT_SENT if nothing is recorded."""
        return self.states[recipient].status if recipient in self.states else NOT_SENT

    def pending(self, *, again: bool) -> tuple[str, ...]:
        """Return the recipients to send to: all except SENT ones and, unless `again`, UNKNOWN ones."""
        done = {SENT} if again else {SENT, UNKNOWN}
        return tuple(one for one in self.message.recipients if self.status(one) not in done)


def items(db: sqlite3.Connection, messages: Iterable[tuple[Path, Message]]) -> list[Item]:
    """Return the messages with their records. The same message in two files counts once."""
    found: dict[str, Item] = {}
    for path, message in messages:
        found.setdefault(message.digest, Item(path, message, record.entries(db, message)))
    return list(found.values())


def message_id(sender: str, known: str = "") -> str:
    """Return the Message-ID for a digest, always the same so that receivers recognise a repetition; without one, a new ID."""
    return f"<{known[:32] or secrets.token_hex(16)}@{sender.rpartition('@')[2] or 'localhost'}>"


@dataclass(slots=True)
class Sender:
    """Sends messages through a transport and records them in one run, which starts with the first message."""

    db: sqlite3.Connection
    path: Path  # of the database
    transport: Transport
    wait: float
    reason: str | None
    run_id: int = 0
    said: dict[str, str] = field(default_factory=dict)  # why a message was not sent, by digest

    def send(self, item: Item, *, again: bool) -> None:
        """Send a message to its pending recipients and record the answer. Raises LostError if no more messages can be sent."""
        message, transport = item.message, self.transport
        sender = transport.sender or message.sender
        if not sender and transport.needs_sender:
            self.said[message.digest] = "From is empty: set smtp.from in the configuration"
            return
        try:
            draft = bounded_read.read(item.path, MOST)
        except SegcliError as error:
            self.said[message.digest] = error.message
            return
        if digest(draft) != message.digest:
            self.said[message.digest] = "the file was changed since it was read"
            return
        own_id = message_id(sender, message.digest)
        data = ready(message, draft, transport.sender, own_id)
        wanted = item.pending(again=again)
        refused = transport.offer(sender, wanted, data)
        with signals.deferred():  # signals wait until the answer is recorded
            taken = [one for one in wanted if one not in refused]
            answers = {one: (REFUSED, text) for one, text in refused.items()}
            answers |= dict.fromkeys(taken, (UNKNOWN, ""))
            unsure = {one for one in taken if item.status(one) == UNKNOWN}
            with self._writing(self.wait) as transaction:
                item.states = record.entries(self.db, message)
                transaction.keep = item.pending(again=again) == wanted  # else another process has sent it
                if not transaction.keep:
                    raise LostError(f"{item.path}: another process is sending the same message", "run this again later")
                self._record(item, own_id, answers)
            if taken:
                self._settle(item, own_id, taken, transport.complete(message, data), unsure)
        item.states = record.entries(self.db, message)

    def _settle(self, item: Item, own_id: str, taken: Sequence[str], answer: Answer, unsure: Container[str]) -> None:
        """Record the answer. For a message that was not sent, remove the record unless an earlier answer is unknown."""
        if answer.status == NOT_SENT:
            self.said[item.message.digest] = answer.text
        with self._writing(max(self.wait, _SETTLING)):
            if answer.status == NOT_SENT:
                record.forget(self.db, item.message, [one for one in taken if one not in unsure])
            else:
                self._record(item, own_id, dict.fromkeys(taken, answer))
            runs.finish(self.db, self.run_id, record.summary(record.counts(self.db, self.run_id)))

    def _record(self, item: Item, own_id: str, answers: Mapping[str, tuple[str, str]]) -> None:
        self.run_id = self.run_id or runs.start(self.db, COMMAND, "manual", self.reason)
        record.write(self.db, self.run_id, item.message, own_id, answers)
        runs.finish(self.db, self.run_id, record.summary(record.counts(self.db, self.run_id)))

    def _writing(self, wait: float) -> AbstractContextManager[Transaction]:
        return database.writing(self.db, self.path, COMMAND, wait=wait)
