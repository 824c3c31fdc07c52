"""Sends messages through the program in the configuration: sendmail, msmtp or another."""

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

_PLACES = ("/usr/sbin", "/usr/lib", "/usr/local/sbin")  # folders of mailers that are not in cron's PATH
_SECONDS = 120


class Mailer:
    """The program that sends mail; it reads the recipients from the message. Raises SegcliError if it is missing."""

    sender = ""
    needs_sender = False  # the program sets it

    def __init__(self, config: Config) -> None:
        self._words = _command(config)
        self.place = self._words[0]
        self._recipients: tuple[str, ...] = ()

    def open(self) -> None:
        """Do nothing: the program is run for each message."""

    def close(self) -> None:
        """Do nothing."""

    def offer(self, sender: str, recipients: Sequence[str], data: bytes) -> Mapping[str, str]:  # noqa: ARG002 - in the message
        """Return no refusals: the program answers for the whole message."""
        self._recipients = tuple(recipients)
        return {}

    def complete(self, message: Message, data: bytes) -> Answer:
        """Run the program. If it does not end in time, it may have sent the message."""
        if self._recipients != message.recipients:
            return Answer(NOT_SENT, "sendmail would send it again to recipients who have it already")
        program = self.place
        try:
            done = subprocess.run(self._words, input=data, capture_output=True, check=False, timeout=_SECONDS)  # noqa: S603 - the user's own
        except subprocess.TimeoutExpired:
            return Answer(UNKNOWN, f"{program}: it did not finish within {_SECONDS} seconds")
        except OSError as error:
            return Answer(NOT_SENT, f"{program}: {error.strerror or error}")
        if done.returncode:
            said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
            return Answer(
                NOT_SENT, f"{program}: {visible(said[-1]) if said else f'it ended with status {done.returncode}'}"
            )
        return Answer(SENT, "")


def _command(config: Config) -> list[str]:
    """Return the words of the command. Raises SegcliError if the program does not exist."""
    try:
        words = shlex.split(config.values["sendmail"])
    except ValueError as error:
        raise SegcliError(f"sendmail: '{config.values['sendmail']}': a quote is not closed", "close it") from error
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *_PLACES))
    program = shutil.which(words[0], path=path) if words else None
    if program is None:
        raise SegcliError(
            f"the program that sends e-mail was not found: {words[0] if words else 'sendmail is empty'}",
            "set smtp: or sendmail: in the configuration, such as sendmail: msmtp -t; or write a draft instead",
        )
    return [program, *words[1:]]
