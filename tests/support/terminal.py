"""Run segcli at a terminal of its own, and answer what it asks."""

import os
import pty
import select
import signal
import subprocess
import sys

from processes import SEGCLI

# A bar comes after a moment: here at once.
AT_ONCE = [
    sys.executable,
    "-c",
    "from segcli.cli import main as cli; from segcli.interface import progress; progress.PATIENCE = 0; cli.main()",
]
PATIENCE = 60  # seconds after which something hangs
QUESTION = b" [y/N] "
CTRL_D = b"\x04"


def at_terminal(
    *words: str, answer: bytes | signal.Signals | None = None, command: list[str] = SEGCLI, **environ: str
) -> tuple[int, str]:
    """Run segcli at a terminal; when it asks, type the answer or send the signal. Return its status and all that was shown."""
    here, terminal = pty.openpty()
    process = subprocess.Popen([*command, *words], stdin=terminal, stdout=terminal, stderr=terminal,
                               env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **environ})  # fmt: skip
    os.close(terminal)
    shown = b""
    try:
        while more := _read(here):
            shown += more
            if answer is not None and shown.endswith(QUESTION):
                if isinstance(answer, bytes):
                    os.write(here, answer)
                else:
                    process.send_signal(answer)
                answer = None
        status = process.wait(PATIENCE)
    finally:
        process.kill()
        os.close(here)
    assert answer is None, f"it did not ask: {shown!r}"
    return status, shown.decode(errors="replace").replace("\r\n", "\n")


def _read(here: int) -> bytes:
    """Return what a terminal shows next; nothing where nobody writes to it any more."""
    assert select.select([here], [], [], PATIENCE)[0], "it hangs"
    try:
        return os.read(here, 4096)
    except OSError:
        return b""
