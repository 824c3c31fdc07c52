"""What takes messages: the SMTP server of the configuration, else sendmail. Both do it in the same two steps.

`offer` names the sender and the recipients; until then nothing has left. `complete` hands the message over. A caller that
records the message between the two never sends it twice, whenever it is killed.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from segcli.base.errors import SegcliError
from segcli.output.mailing.message import Message

SENT, REFUSED, NOT_SENT, UNKNOWN = "sent", "refused", "not sent", "unknown"


class Answer(NamedTuple):
    """What became of a message: SENT, REFUSED, NOT_SENT (it was not complete) or UNKNOWN (its answer was lost), and why."""

    status: str
    text: str


class LostError(SegcliError):
    """The connection cannot be used any more: no further message can be sent. What was offered was not sent."""


class Transport(Protocol):
    """A way to send messages."""

    place: str  # the server or the program, for messages
    sender: str  # the address that the configuration gives; '': that of each message
    needs_sender: bool

    def open(self) -> None:
        """Connect. Where that fails nothing was sent: a SegcliError."""

    def close(self) -> None:
        """Disconnect."""

    def offer(self, sender: str, recipients: Sequence[str], data: bytes) -> Mapping[str, str]:
        """Name the sender and the recipients; return the answers for those that are refused. Raises LostError."""

    def complete(self, message: Message, data: bytes) -> Answer:
        """Hand over the message that was offered. Never raises for what the other side does."""
