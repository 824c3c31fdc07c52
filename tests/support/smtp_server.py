"""An SMTP server on this machine for the tests: what it takes, refuses and breaks off is said by the test."""

import base64
import re
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from segcli.output.documents.draft import Attached, draft

if TYPE_CHECKING:
    import socket

HANG_UP = ""  # an answer: the connection is closed instead

# Made for these tests by `openssl ca -selfsign`, valid from 2020 to 2120 for the name localhost.
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBYDCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPcyZV40u5MoJYvG
z25N13wkvptOaY2vn0jvKJnPAJ/sqD23SyGJdlUsCsIFQdSpZQ9Tnqf9F/Gor3hX
sIPO8cyjSDBGMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAPBgNVHRMBAf8EBTADAQH/
MB0GA1UdDgQWBBS9FoFSVYf1FpfVJzTmn6ni932f6zAKBggqhkjOPQQDAgNHADBE
AiAO3/bBqGhILQq9o5ZgQq1TQ8tamQuKXaKszZre/kCiAwIgY0hB3JTDXynzji0J
NlemsiYq9G2e0W/0bEBeIsBuynI=
-----END CERTIFICATE-----
"""
KEY = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMO+eF8K6RwF4680T
mEVtZIQz7RpN0RuA4yfE8H41YsShRANCAAT3MmVeNLuTKCWLxs9uTdd8JL6bTmmN
r59I7yiZzwCf7Kg9t0shiXZVLArCBUHUqWUPU56n/RfxqK94V7CDzvHM
-----END PRIVATE KEY-----
"""


class Taken(NamedTuple):
    """A message that the server has answered with 250, or has read in full before it hung up."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes


class Server:
    """What a server does, and what it was told. `answers` has the answer to a command by how it begins: 'RCPT TO:<a@'."""

    def __init__(self, folder: Path, *, security: str = "none", user: str = "", password: str = "") -> None:
        self.security = security
        self.login = base64.b64encode(f"\0{user}\0{password}".encode()).decode() if user else ""
        self.answers: dict[str, str] = {}
        self.extensions = ["SIZE 50000000", "8BITMIME"]
        self.on_data: Callable[[bytes], str] = lambda _: "250 queued as 1"
        self.most_read: int | None = None  # bytes of a message after which it hangs up
        self.commands: list[str] = []
        self.taken: list[Taken] = []
        self.connections = 0
        self.certificate = folder / "certificate.pem"
        self.certificate.write_text(CERTIFICATE)
        key = folder / "key.pem"
        key.write_text(KEY)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, key)

    def count(self, begin: str) -> int:
        """Return how many commands began so."""
        return sum(1 for command in self.commands if command.upper().startswith(begin.upper()))

    @property
    def messages(self) -> list[bytes]:
        """Return the messages as they were sent."""
        return [taken.data for taken in self.taken]

    def answer(self, command: str, usual: str) -> str:
        """Return the answer to a command: the test's own, else the usual one."""
        return next((said for begin, said in self.answers.items() if command.upper().startswith(begin.upper())), usual)


class _Talk(socketserver.BaseRequestHandler):
    """One connection."""

    def handle(self) -> None:
        self.does: Server = self.server.does  # type: ignore[attr-defined]
        self.does.connections += 1
        self.link: socket.socket = self.request
        self.is_safe = False
        with suppress(OSError, EOFError):
            if self.does.security == "tls":
                self._secure()
            self.file = self.link.makefile("rb")
            self._say(self.does.answer("CONNECT", "220 test"))
            while True:
                self._obey(self._line())

    def finish(self) -> None:
        with suppress(OSError):
            self.link.close()

    def _secure(self) -> None:
        self.link = self.does.context.wrap_socket(self.link, server_side=True)
        self.is_safe = True

    def _line(self) -> str:
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError
        return line.decode().rstrip("\r\n")

    def _say(self, text: str) -> None:
        if text == HANG_UP:
            raise EOFError
        self.link.sendall(f"{text}\r\n".encode())

    def _obey(self, line: str) -> None:
        self.does.commands.append(line)
        word = line.upper().partition(" ")[0]
        said = self.does.answer(line, "usual")
        if said != "usual":
            self._say(said)
        elif word == "EHLO":
            offered = [*self.does.extensions]
            offered += ["STARTTLS"] if self.does.security == "starttls" and not self.is_safe else []
            offered += ["AUTH PLAIN"] if self.does.login else []
            self._say("\r\n".join([f"250-{one}" for one in ("test", *offered)] + ["250 OK"]))
        elif word == "STARTTLS":
            self._say("220 go")
            self._secure()
            self.file = self.link.makefile("rb")
        elif word == "AUTH":
            self._say("235 welcome" if line == f"AUTH PLAIN {self.does.login}" else "535 5.7.8 wrong name or password")
        elif word == "MAIL":
            self.sender, self.recipients = re.findall("<(.*?)>", line)[0], []
            self._say("250 ok")
        elif word == "RCPT":
            self.recipients.append(re.findall("<(.*?)>", line)[0])
            self._say("250 ok")
        elif word == "DATA":
            self._say("354 go on")
            self._read()
        elif word == "QUIT":
            self._say("221 bye")
            raise EOFError
        else:
            self._say("250 ok")

    def _read(self) -> None:
        lines: list[bytes] = []
        while (line := self.file.readline()) != b".\r\n":
            if not line or (self.does.most_read is not None and sum(map(len, lines)) > self.does.most_read):
                raise EOFError
            lines.append(line[1:] if line.startswith(b".") else line)
        said = self.does.on_data(b"".join(lines))
        if said == HANG_UP or said.startswith("250"):
            self.does.taken.append(Taken(self.sender, tuple(self.recipients), b"".join(lines)))
        self._say(said)


class _Listening(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that breaks off is part of the tests."""


def settings(folder: Path, port: int, security: str = "none", **more: str) -> Path:
    """Write a configuration for the server on this port; return its path."""
    path = folder / "config.yaml"
    given = {"host": "localhost", "port": str(port), "security": security, **more}
    path.write_text("smtp:\n" + "".join(f"  {name}: {value}\n" for name, value in given.items()))
    return path


def write(
    folder: Path, *names: str, cc: Sequence[str] = (), sender: str = "me@example.com", text: str = "Hello"
) -> Path:
    """Write a draft NAME.eml to NAME@example.com for each name, as actions do; return the folder."""
    folder.mkdir(exist_ok=True)
    for name in names:
        attached = [Attached("a.pdf", b"%PDF-1 " + name.encode())]
        data = draft([f"{name}@example.com"], f"For {name}", text, attached, mark=name, sender=sender, cc=cc)
        (folder / f"{name}.eml").write_bytes(data)
    return folder


@contextmanager
def serving(does: Server) -> Iterator[int]:
    """Serve on a free port of this machine; give the port."""
    with _Listening(("127.0.0.1", 0), _Talk) as server:
        server.does = does  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
