"""A message to send, read from a draft. Its headers are validated; its body is sent unchanged."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import AddressHeader
from email.parser import BytesHeaderParser
from email.policy import SMTP
from email.utils import format_datetime, localtime
from typing import TYPE_CHECKING, Any

from segcli.base.errors import SegcliError
from segcli.base.text import visible
from segcli.domain import email_addresses

if TYPE_CHECKING:
    from email.message import Message as Parsed

ENDING = ".eml"
MOST = 100_000_000  # bytes; mail servers take a quarter of that at most
_MOST_LINE = 998  # bytes: RFC 5322, 2.1.1
_LINE_END = re.compile(rb"\r\n|\r|\n")
_FIELD = re.compile(rb"([!-9;-~]+):")  # RFC 5322, 2.2
_ONCE = ("from", "to", "cc", "subject", "reply-to", "mime-version", "content-type", "content-transfer-encoding")
_REFUSED = ("bcc", "sender", "return-path", "resent-from", "resent-sender", "resent-to", "resent-cc", "resent-bcc")
_REPLACED = ("x-unsent", "date", "message-id")
# Local addresses, such as root@localhost, which a mail server on this machine accepts.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Message:
    """A message with valid headers. Its content stays in its file: many messages with attachments would fill the memory."""

    name: str  # file name
    digest: str  # sha256 of its bytes
    sender: str  # the address in From; '': none
    recipients: tuple[str, ...]  # the addresses in To and Cc, each once
    subject: str


def parse(name: str, data: bytes) -> Message:
    """Return the message in `data`. Raises SegcliError for a message that cannot be sent."""
    fields, body = _parts(data)
    if any(len(line) > _MOST_LINE for line in (*b"".join(fields).split(b"\r\n"), *body.split(b"\r\n"))):
        raise SegcliError(f"a line is longer than {_MOST_LINE} bytes", "save the message again in a mail program")
    headers = BytesHeaderParser(policy=SMTP).parsebytes(b"".join(fields))
    senders = _addresses(headers, "From")
    if len(senders) > 1:
        raise SegcliError(f"From has {len(senders)} addresses", "keep one")
    recipients = tuple(dict.fromkeys((*_addresses(headers, "To"), *_addresses(headers, "Cc"))))
    if not recipients:
        raise SegcliError("To and Cc are empty", "give the account an e-mail address, or send it by post")
    subject = visible(str(headers.get("Subject", "")))
    return Message(name, digest(data), "".join(senders), recipients, subject)


def digest(data: bytes) -> str:
    """Return the sha256 of a draft, which identifies it."""
    return hashlib.sha256(data).hexdigest()


def ready(message: Message, data: bytes, sender: str, message_id: str) -> bytes:
    """Return the bytes to send: the draft with a Message-ID and the present time; its body is unchanged.

    A `sender` that is not the author is written to From if From is missing, else to Sender (RFC 5322, 3.6.2).
    """
    fields, body = _parts(data)
    own = [f"Message-ID: {message_id}", f"Date: {format_datetime(localtime())}"]
    if sender and sender != message.sender:
        own.append(f"{'Sender' if message.sender else 'From'}: {sender}")
    kept = (field for field in fields if _name(field) not in _REPLACED)
    return b"".join((*(f"{line}\r\n".encode("ascii") for line in own), *kept, b"\r\n", body))


def _parts(data: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """Return the header fields and the body. All line ends become CRLF, the only one that servers accept."""
    head, end, body = _LINE_END.sub(b"\r\n", data).partition(b"\r\n\r\n")
    if not end:
        raise SegcliError("this is not an e-mail message: no empty line ends its headers")
    return tuple(_fields(head)), body


def _fields(head: bytes) -> Iterator[bytes]:
    """Yield the header fields, including folded lines and line ends. Raises SegcliError for a line that is not a header."""
    if not head.isascii() or b"\0" in head:
        raise SegcliError("a header has characters that are not encoded", "save the message again in a mail program")
    found: list[bytes] = []
    for number, line in enumerate(head.split(b"\r\n"), 1):
        if line[:1] in {b" ", b"\t"} and found:
            found[-1] += line + b"\r\n"
        elif _FIELD.match(line):
            found.append(line + b"\r\n")
        else:
            raise SegcliError(f"this is not an e-mail message: line {number} is not a header")
    names = [_name(field) for field in found]
    for name in (*_ONCE, *_REFUSED):
        if names.count(name) > (name in _ONCE):
            why = "occurs more than once" if name in _ONCE else "is not allowed: recipients are those of To and Cc"
            raise SegcliError(f"the header {name.title()} {why}", "remove it")
    yield from found


def _name(field: bytes) -> str:
    return field.partition(b":")[0].decode("ascii").lower()


def _addresses(headers: "Parsed[Any, Any]", name: str) -> list[str]:
    """Return the addresses in a header. Raises SegcliError for a header that is not a plain list of addresses."""
    try:
        header = headers.get(name)
        if not isinstance(header, AddressHeader):
            return []
        groups = [group.display_name for group in header.groups if group.display_name is not None]
        found = [_address(address.addr_spec) for address in header.addresses]
        text = visible(str(header))
    except (MessageError, ValueError, IndexError, AttributeError):  # errors of Python's parser on malformed headers
        groups, found, text = [], [None], ""
    if groups or None in found or (header is not None and header.defects):
        raise SegcliError(f"{name} is not a list of e-mail addresses: '{text}'", "correct the address of the account")
    return [address for address in found if address]


def _address(text: str) -> str | None:
    return email_addresses.sendable(text) or (text if _LOCAL.fullmatch(text) else None)
