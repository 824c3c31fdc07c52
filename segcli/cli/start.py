"""The start of the process: Ctrl-C ends it quietly, even during imports and interpreter shutdown.

Importing this module installs the handler before anything slow. It uses the built-in `_signal`, because importing
`signal` takes milliseconds.
"""

import _signal  # type: ignore[import-not-found]
import os
import sys

TYPE_CHECKING = False  # what type checkers see; typing is not imported yet
if TYPE_CHECKING:
    from types import FrameType, TracebackType

_INTERRUPTED = 130  # errors.INTERRUPTED, which is not imported yet


def leave(_number: int, _frame: "FrameType | None") -> None:
    """Exit at once, because nothing has started yet."""
    os._exit(_INTERRUPTED)


if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:  # unless it is ignored, as under nohup
    _signal.signal(_signal.SIGINT, leave)


def main() -> None:
    """Run segcli with the process's arguments and exit with its status."""
    sys.excepthook = _tell
    sys.unraisablehook = _tell_unraisable
    from segcli.cli.main import main as run

    run()


def _tell(kind: type[BaseException], error: BaseException, trace: "TracebackType | None") -> None:
    """Print the traceback of a bug; print nothing for an interrupt."""
    if issubclass(kind, KeyboardInterrupt):
        os._exit(_INTERRUPTED)
    sys.__excepthook__(kind, error, trace)


def _tell_unraisable(told: "sys.UnraisableHookArgs") -> None:
    if not issubclass(told.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(told)
