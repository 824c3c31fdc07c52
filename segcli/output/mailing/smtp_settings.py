"""The section `smtp` of the configuration: the one server that segcli sends e-mail through."""

import os
import re
import shlex
from dataclasses import dataclass

from segcli.base.errors import SegcliError
from segcli.domain import email_addresses
from segcli.settings import sections
from segcli.settings.config import Config

PORTS = {
    "tls": 465,
    "starttls": 587,
    "none": 25,
}  # the usual port of each kind of security: RFC 8314, RFC 6409, RFC 5321
_LOCAL = ("localhost", "127.0.0.1", "::1")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]+:[0-9A-Fa-f:.]*", re.ASCII)
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Smtp:
    """An SMTP server, how to connect and log in to it, and the address that messages come from."""

    host: str
    port: int
    security: str  # one of PORTS
    user: str  # '': no login
    password_command: tuple[str, ...]
    sender: str  # of the envelope; '': that of each message

    @property
    def place(self) -> str:
        """Return host:port, for messages."""
        return f"{self.host}:{self.port}"


def read(config: Config) -> Smtp | None:
    """Return the server; None if none is configured. Raises SegcliError for a wrong setting."""
    where = f"{config.path}: smtp"
    given = config.sections.get("smtp") or {}
    if "password" in given:
        raise SegcliError(
            f"{where}.password: a password does not belong in the configuration",
            "set a command that prints it, such as password_command: pass show smtp",
        )
    found = sections.section(config, "smtp")
    if not found["host"]:
        if any(given.values()):
            raise SegcliError(f"{where}.host is missing", "set the server, such as host: smtp.example.com")
        return None
    host, user = found["host"], found["user"]
    security = found["security"]
    if not _HOST.fullmatch(host):
        raise SegcliError(
            f"{where}.host: '{host}' is not the name of a server",
            "write only the name; the setting for the port is port",
        )
    if security == "none" and host.lower() not in _LOCAL:
        raise SegcliError(
            f"{where}.security: none is only for a server on this machine ({', '.join(_LOCAL)})", "use tls or starttls"
        )
    command = _command(found["password_command"], where)
    if bool(user) != bool(command):
        missing, other = ("password_command", "user") if user else ("user", "password_command")
        raise SegcliError(f"{where}.{missing} is missing", f"set both for a login, or remove {other}")
    return Smtp(host, _port(found["port"], security, where), security, user, command, _sender(found["from"], where))


def _port(text: str, security: str, where: str) -> int:
    number = sections.whole_number(text, f"{where}.port") if text else PORTS[security]
    if not 1 <= number <= _LAST_PORT:
        raise SegcliError(f"{where}.port: {text} is not a port", f"use a number from 1 to {_LAST_PORT}")
    return number


def _command(text: str, where: str) -> tuple[str, ...]:
    """Return the words of a command, which is run without a shell. ~ at the start of a word is the home folder."""
    try:
        return tuple(os.path.expanduser(word) for word in shlex.split(text))  # noqa: PTH111 - any word, not a path
    except ValueError as error:
        raise SegcliError(f"{where}.password_command: '{text}': a quote is not closed", "close it") from error


def _sender(text: str, where: str) -> str:
    found = email_addresses.sendable(text) if text else ""
    if found is None:
        raise SegcliError(f"{where}.from: '{text}' is not an e-mail address", "write one, such as invoices@example.com")
    return found
