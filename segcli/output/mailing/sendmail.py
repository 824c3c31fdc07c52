"""Hands messages to the machine's mailer: sendmail, msmtp, or whatever the configuration names."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from segcli.base.errors import SegcliError
from segcli.base.text import visible
from segcli.output.mailing.message import Message
from segcli.output.mailing.transport import NOT_SENT, SENT, UNKNOWN, Answer
from segcli.settings.config import Config

_PLACES = ("/usr/sbin", "/usr/lib", "/usr/local/sbin")  # where a mailer lies, and cron's PATH does not look
_SECONDS = 120


class Mailer:
    """The mailer, which finds the recipients in the message. A mailer that is missing is a SegcliError."""

    sender = ""
    needs_sender = False  # the mailer has its own

    def __init__(self, config: Config) -> None:
        self._words = _command(config)
        self.place = self._words[0]
        self._recipients: tuple[str, ...] = ()

    def open(self) -> None:
        """Do nothing: the mailer is run for each message."""

    def close(self) -> None:
        """Do nothing."""

    def offer(self, sender: str, recipients: Sequence[str], data: bytes) -> Mapping[str, str]:  # noqa: ARG002 - in the message
        """Refuse nobody: a mailer answers for the whole message."""
        self._recipients = tuple(recipients)
        return {}

    def complete(self, message: Message, data: bytes) -> Answer:
        """Run the mailer. One that does not end in time may have taken the message."""
        if self._recipients != message.recipients:
            return Answer(NOT_SENT, "others have the message already, and sendmail would send it to them again")
        program = self.place
        try:
            done = subprocess.run(self._words, input=data, capture_output=True, check=False, timeout=_SECONDS)  # noqa: S603 - the user's own
        except subprocess.TimeoutExpired:
            return Answer(UNKNOWN, f"{program}: it did not finish within {_SECONDS} seconds")
        except OSError as error:
            return Answer(NOT_SENT, f"{program}: {error.strerror or error}")
        if done.returncode:
            said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
            return Answer(NOT_SENT, f"{program}: {visible(said[-1]) if said else f'it ended with {done.returncode}'}")
        return Answer(SENT, "")


def _command(config: Config) -> list[str]:
    """Return the mailer's command. One that is not there is a SegcliError."""
    try:
        words = shlex.split(config.values["sendmail"])
    except ValueError as error:
        raise SegcliError(f"sendmail: '{config.values['sendmail']}': a quote is not closed", "close it") from error
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *_PLACES))
    program = shutil.which(words[0], path=path) if words else None
    if program is None:
        raise SegcliError(
            f"there is no {words[0] if words else 'mailer'} to send the message with",
            "set smtp: or sendmail: in the configuration, such as sendmail: msmtp -t; or have a draft written",
        )
    return [program, *words[1:]]
