"""Sends an e-mail through sendmail, msmtp or another configured program."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from segcli.base.errors import SegcliError
from segcli.settings.config import Config

_PLACES = ("/usr/sbin", "/usr/lib", "/usr/local/sbin")  # where mailers are installed, but not in cron's PATH
_SECONDS = 120


def command(config: Config) -> list[str]:
    """Return the mail command. Raises SegcliError if the program is missing."""
    try:
        words = shlex.split(config.values["sendmail"])
    except ValueError as error:
        raise SegcliError(f"sendmail: '{config.values['sendmail']}': a quote is not closed", "close it") from error
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *_PLACES))
    program = shutil.which(words[0], path=path) if words else None
    if program is None:
        raise SegcliError(
            f"there is no {words[0] if words else 'mailer'} to send the message with",
            "name one that is in the setting sendmail, such as msmtp -t; or say draft: instead of send:",
        )
    return [program, *words[1:]]


def hand_over(message: Path, words: list[str]) -> None:
    """Send the message. Raises SegcliError with the program's message if that fails."""
    try:
        with message.open("rb") as file:
            done = subprocess.run(words, stdin=file, capture_output=True, check=False, timeout=_SECONDS)  # noqa: S603 - the user's own
    except subprocess.TimeoutExpired as error:
        raise _failed(words, f"it did not finish within {_SECONDS} seconds") from error
    except OSError as error:
        raise _failed(words, error.strerror or str(error)) from error
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        raise _failed(words, said[-1] if said else f"it ended with {done.returncode}")


def _failed(words: list[str], reason: str) -> SegcliError:
    return SegcliError(
        f"the message was not sent: {words[0]}: {reason}", "the files were written; the next run tries to send it again"
    )
