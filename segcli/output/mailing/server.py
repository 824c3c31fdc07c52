"""The SMTP server. Only this module imports smtplib and ssl, and only it opens connections, all to the configured server."""

import re
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress

from segcli.base.errors import SegcliError
from segcli.base.text import visible
from segcli.output.mailing import password
from segcli.output.mailing.message import Message
from segcli.output.mailing.smtp_settings import Smtp
from segcli.output.mailing.transport import NOT_SENT, REFUSED, SENT, UNKNOWN, Answer, LostError

SECONDS = 60.0  # for each answer
LAST_SECONDS = 300.0  # for the answer to a whole message, which the server may scan first
_OWN_NAME = "[127.0.0.1]"  # for EHLO: the name of this machine is neither sent nor looked up
_CLOSING = 421  # "service not available, closing": RFC 5321, 4.2.2
_MOST_SAID = 300  # characters of an answer that are shown and kept
_DOT = re.compile(rb"^\.", re.MULTILINE)


class _ClosingError(smtplib.SMTPException):
    """The server ends the connection with 421."""


class Server:
    """A connection to an SMTP server. If the server closes it between two messages, it is opened once more."""

    needs_sender = True

    def __init__(self, smtp: Smtp) -> None:
        self.place = smtp.place
        self.sender = smtp.sender
        self._smtp = smtp
        self._password = ""
        self._link: smtplib.SMTP | None = None

    def open(self) -> None:
        """Read the password, connect and log in. Raises SegcliError if that fails."""
        if self._smtp.user:
            self._password = password.read(self._smtp.password_command)
        self._link = self._connected()

    def offer(self, sender: str, recipients: Sequence[str], data: bytes) -> Mapping[str, str]:
        """Return the refused recipients with the server's answers: all of them if it refuses the sender."""
        for is_last in (False, True):
            try:
                return self._offer(sender, recipients, data)
            except smtplib.SMTPException as error:
                self.close()
                if is_last:
                    raise LostError(f"the connection to {self.place} was lost: {_reason(error)}") from error
                try:
                    self._link = self._connected()
                except SegcliError as refused:
                    raise LostError(refused.message, refused.hint) from refused
        raise AssertionError

    def _offer(self, sender: str, recipients: Sequence[str], data: bytes) -> Mapping[str, str]:
        link = self._connection
        options = [f"SIZE={len(data)}"] if link.has_extn("size") else []
        if not data.isascii():
            if not link.has_extn("8bitmime"):
                return dict.fromkeys(recipients, "the server accepts only ASCII, and the message has other characters")
            options.append("BODY=8BITMIME")
        answer = _said(link.mail(sender, options))
        if answer[:1] != "2":
            link.rset()
            return dict.fromkeys(recipients, answer)
        answers = {one: _said(link.rcpt(one)) for one in recipients}
        refused = {one: answer for one, answer in answers.items() if answer[:1] != "2"}
        if len(refused) == len(answers):
            link.rset()
        return refused

    def complete(self, message: Message, data: bytes) -> Answer:  # noqa: ARG002 - sendmail takes the message
        """Send the message. The outcome is UNKNOWN if the whole message was sent and no answer came."""
        link = self._connection
        try:
            begun = _said(link.docmd("DATA"))
            if begun[:3] != "354":
                return Answer(REFUSED, begun)
            link.send(_DOT.sub(b"..", data.removesuffix(b"\r\n")) + b"\r\n.\r\n")
        except smtplib.SMTPException as error:  # a server does not deliver an incomplete message: RFC 5321, 4.1.1.4
            return Answer(NOT_SENT, f"the connection was lost: {_reason(error)}")
        try:
            _wait_for(link, LAST_SECONDS)
            code, text = link.getreply()
            _wait_for(link, SECONDS)
        except smtplib.SMTPException as error:
            return Answer(UNKNOWN, f"the connection was lost before the answer came: {_reason(error)}")
        said = f"{code} {_text(text)}"
        return Answer(SENT if said[:1] == "2" else REFUSED, said)

    @property
    def _connection(self) -> smtplib.SMTP:
        if self._link is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        return self._link

    def close(self) -> None:
        """Close the connection."""
        if self._link is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._link.quit()
            self._link.close()
            self._link = None

    def _connected(self) -> smtplib.SMTP:
        """Return a connection, secured and logged in as configured. Raises SegcliError if that fails."""
        link = None
        try:
            link = self._opened()
            if self._smtp.security == "starttls":
                link.starttls(context=ssl.create_default_context())
            link.ehlo_or_helo_if_needed()
            if self._smtp.user:
                link.login(self._smtp.user, self._password)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            if link is not None:
                link.close()
            raise self._unusable(error) from error
        return link

    def _opened(self) -> smtplib.SMTP:
        smtp = self._smtp
        if smtp.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(smtp.host, smtp.port, _OWN_NAME, timeout=SECONDS, context=context)
        return smtplib.SMTP(smtp.host, smtp.port, _OWN_NAME, timeout=SECONDS)

    def _unusable(self, error: Exception) -> SegcliError:
        place, smtp = self.place, self._smtp
        if isinstance(error, ssl.SSLCertVerificationError):
            return SegcliError(
                f"{place}: the certificate is not trusted: {visible(error.verify_message)}",
                "smtp.host must be a name in the certificate; SSL_CERT_FILE=FILE trusts your own authority",
            )
        if isinstance(error, ssl.SSLError):
            other = "starttls" if smtp.security == "tls" else "tls"
            return SegcliError(
                f"{place}: TLS failed: {_reason(error)}", f"is smtp.security: {other} meant for this port?"
            )
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return SegcliError(
                f"{place} refused the login of {smtp.user}: {_reason(error)}", "see smtp.user and smtp.password_command"
            )
        if isinstance(error, smtplib.SMTPNotSupportedError):
            missing = "a login" if smtp.security != "starttls" or "STARTTLS" not in str(error) else "STARTTLS"
            return SegcliError(f"{place} does not offer {missing}", "see smtp.security, smtp.port and smtp.user")
        return SegcliError(f"{place} cannot be used: {_reason(error)}", "see smtp.host, smtp.port and smtp.security")


def _wait_for(link: smtplib.SMTP, seconds: float) -> None:
    """Set the time limit of the next answers."""
    if link.sock:
        link.sock.settimeout(seconds)


def _said(answer: tuple[int, bytes]) -> str:
    """Return an answer as text; raise if the server ends the connection with it."""
    code, text = answer
    if code == _CLOSING:
        raise _ClosingError(f"{code} {_text(text)}")
    return f"{code} {_text(text)}"


def _text(text: bytes) -> str:
    return visible(text.decode(errors="replace"))[:_MOST_SAID]


def _reason(error: Exception) -> str:
    """Return the reason why a connection or a command failed."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return f"{error.smtp_code} {_text(text if isinstance(text, bytes) else str(text).encode())}"
    if isinstance(error, TimeoutError):
        return f"no answer within {SECONDS:g} seconds"
    return visible(getattr(error, "strerror", None) or str(error) or type(error).__name__)[:_MOST_SAID]
