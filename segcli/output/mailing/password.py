"""The password of the SMTP login, from the command that the configuration names."""

import subprocess
from collections.abc import Sequence

from segcli.base.errors import SegcliError
from segcli.base.text import visible

_SECONDS = 120  # a password store may ask for its own passphrase
_SETTING = "smtp.password_command"


def read(command: Sequence[str]) -> str:
    """Run the command and return its first line of output. Raises SegcliError if it fails, without its output."""
    name = visible(command[0])
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_SECONDS)  # noqa: S603 - the user's own
    except subprocess.TimeoutExpired as error:
        raise _failed(f"{name} did not end within {_SECONDS} seconds") from error
    except (OSError, ValueError) as error:
        raise _failed(f"{name} cannot be run: {getattr(error, 'strerror', None) or error}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise _failed(f"{name}: {visible(said[-1])}" if said else f"{name} ended with status {done.returncode}")
    found = done.stdout.decode(errors="replace").partition("\n")[0].removesuffix("\r")
    if not found:
        raise _failed(f"{name} printed nothing on its first line")
    if not (found.isascii() and found.isprintable()):
        raise _failed(f"the first line of {name} has characters other than printable ASCII")
    return found


def _failed(what: str) -> SegcliError:
    return SegcliError(f"{_SETTING}: {what}", "run the command by hand; its first line must be the password")
