"""An unsent e-mail with attachments, which mail programs open as a draft; equal contents give equal bytes."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from segcli.base.text import escape_controls, visible
from segcli.domain import email_addresses

# Media types (IANA) by extension; those that Python's mimetypes guesses differ by machine and version.
_KINDS = {
    "csv": "text/csv",
    "html": "text/html",
    "ics": "text/calendar",
    "json": "application/json",
    "md": "text/markdown",
    "pdf": "application/pdf",
    "tsv": "text/tab-separated-values",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
}


class Attached(NamedTuple):
    """An attached file."""

    name: str
    data: bytes


def draft(  # noqa: PLR0913 - what a message has
    to: Sequence[str],
    subject: str,
    text: str,
    attached: Iterable[Attached],
    *,
    mark: str,
    sender: str = "",
    cc: Sequence[str] = (),
    is_draft: bool = True,
) -> bytes:
    """Return the message. `mark` is the MIME boundary between its parts; nothing may depend on the clock."""
    from email.errors import MessageError
    from email.message import EmailMessage
    from email.policy import SMTP

    message = EmailMessage(policy=SMTP)
    receivers, copies = (", ".join(map(_address, those)) for those in (to, cc))
    for name, value in (("From", _address(sender)), ("To", receivers), ("Cc", copies), ("Subject", subject)):
        if value or name == "To":
            try:
                message[name] = visible(value)  # escapes line ends, which would start another header
            except (MessageError, ValueError, IndexError, AttributeError):  # Python's parser on an address such as `a@`
                message[name] = ""
    if is_draft:
        message["X-Unsent"] = "1"  # mail programs then open it as a draft
    message.set_content(escape_controls(text, "\n\t").rstrip("\n") + "\n", cte="quoted-printable")
    for file in attached:
        kind = _KINDS.get(Path(file.name).suffix.lower().removeprefix("."), "application/octet-stream")
        main, _, sub = kind.partition("/")
        message.add_attachment(file.data, maintype=main, subtype=sub, filename=visible(file.name))
    if message.is_multipart():
        message.set_boundary(f"segcli-{mark}")
    return message.as_bytes()


def _address(text: str) -> str:
    """Return an address in the form that mail servers take; another text as it is."""
    return email_addresses.sendable(text) or email_addresses.address(text) or text
