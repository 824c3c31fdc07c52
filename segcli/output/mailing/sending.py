"""Sends messages once: recorded as handed over before they leave, and with the answer after it.

A process that is killed leaves a message either unsent, or recorded with its answer, or recorded as unknown: handed over, and
nobody can say whether it arrived. The next run sends only the first kind.
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
_SETTLING = 300.0  # seconds that the answer waits for another writer: without it the message counts as unknown


@dataclass(slots=True)
class Item:
    """A message, and what is known of its recipients."""

    path: Path
    message: Message
    states: dict[str, record.Entry]

    def status(self, recipient: str) -> str:
        """Return SENT, REFUSED, UNKNOWN, or NOT_SENT where nothing is recorded."""
        return self.states[recipient].status if recipient in self.states else NOT_SENT

    def pending(self, *, again: bool) -> tuple[str, ...]:
        """Return the recipients to send to: all but those it was sent to, and unless `again` those of whom it is unknown."""
        done = {SENT} if again else {SENT, UNKNOWN}
        return tuple(one for one in self.message.recipients if self.status(one) not in done)


def items(db: sqlite3.Connection, messages: Iterable[tuple[Path, Message]]) -> list[Item]:
    """Return the messages with what is recorded of them. The same message in two files counts once."""
    found: dict[str, Item] = {}
    for path, message in messages:
        found.setdefault(message.digest, Item(path, message, record.entries(db, message)))
    return list(found.values())


def message_id(sender: str, known: str = "") -> str:
    """Return the Message-ID of a draft with a digest: always the same, so that receivers can tell a repetition. Else a new one."""
    return f"<{known[:32] or secrets.token_hex(16)}@{sender.rpartition('@')[2] or 'localhost'}>"


@dataclass(slots=True)
class Sender:
    """Sends messages through a transport and records them in one run, which begins with the first message."""

    db: sqlite3.Connection
    path: Path  # of the database
    transport: Transport
    wait: float
    reason: str | None
    run_id: int = 0
    said: dict[str, str] = field(default_factory=dict)  # why a message was not sent, by digest

    def send(self, item: Item, *, again: bool) -> None:
        """Send a message to its pending recipients and record the answer. LostError: nothing more can be sent."""
        message, transport = item.message, self.transport
        sender = transport.sender or message.sender
        if not sender and transport.needs_sender:
            self.said[message.digest] = "From names nobody: set smtp.from in the configuration"
            return
        try:
            draft = bounded_read.read(item.path, MOST)
        except SegcliError as error:
            self.said[message.digest] = error.message
            return
        if digest(draft) != message.digest:
            self.said[message.digest] = "the file was changed in the meantime"
            return
        own_id = message_id(sender, message.digest)
        data = ready(message, draft, transport.sender, own_id)
        wanted = item.pending(again=again)
        refused = transport.offer(sender, wanted, data)
        with signals.deferred():  # a signal waits for the answer: without it nobody would know
            taken = [one for one in wanted if one not in refused]
            answers = {one: (REFUSED, text) for one, text in refused.items()}
            answers |= dict.fromkeys(taken, (UNKNOWN, ""))
            unsure = {one for one in taken if item.status(one) == UNKNOWN}
            with self._writing(self.wait) as transaction:
                item.states = record.entries(self.db, message)
                transaction.keep = item.pending(again=again) == wanted  # else another process has sent it by now
                if not transaction.keep:
                    raise LostError(f"{item.path}: another process is sending the same message", "run this again later")
                self._record(item, own_id, answers)
            if taken:
                self._settle(item, own_id, taken, transport.complete(message, data), unsure)
        item.states = record.entries(self.db, message)

    def _settle(self, item: Item, own_id: str, taken: Sequence[str], answer: Answer, unsure: Container[str]) -> None:
        """Record the answer. What was not sent is not recorded any more, unless an earlier answer is unknown."""
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
