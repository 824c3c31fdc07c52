"""How messages are sent: through the SMTP server of the configuration, else sendmail, in two steps.

`offer` names the sender and the recipients; nothing is sent yet. `complete` hands over the message. A caller that records the
message between the two steps never sends it twice, even if it is killed.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from segcli.base.errors import SegcliError
from segcli.output.mailing.message import Message

SENT, REFUSED, NOT_SENT, UNKNOWN = "sent", "refused", "not sent", "unknown"


class Answer(NamedTuple):
    """The outcome of a message: SENT, REFUSED, NOT_SENT (incomplete) or UNKNOWN (the answer was lost), with the reason."""

    status: str
    text: str


class LostError(SegcliError):
    """The connection is lost: no more messages can be sent. The offered message was not sent."""


class Transport(Protocol):
    """A way to send messages."""

    place: str  # the server or the program, for messages
    sender: str  # the address that the configuration gives; '': that of each message
    needs_sender: bool

    def open(self) -> None:
        """Connect. Raises SegcliError if that fails; nothing was sent then."""

    def close(self) -> None:
        """Disconnect."""

    def offer(self, sender: str, recipients: Sequence[str], data: bytes) -> Mapping[str, str]:
        """Name the sender and the recipients; return the answers for those that are refused. Raises LostError."""

    def complete(self, message: Message, data: bytes) -> Answer:
        """Hand over the offered message. A failure of the receiving side is returned, not raised."""
