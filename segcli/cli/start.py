"""Where the process begins: Ctrl-C ends it quietly, also while modules are imported and while the interpreter shuts down.

To import it is to have the handler, before anything else takes time; `_signal` is built in, `signal` imports for milliseconds.
"""

import _signal  # type: ignore[import-not-found]
import os
import sys

TYPE_CHECKING = False  # as type checkers see it; typing itself is not imported yet
if TYPE_CHECKING:
    from types import FrameType, TracebackType

_INTERRUPTED = 130  # errors.INTERRUPTED, which is not imported yet


def leave(_number: int, _frame: "FrameType | None") -> None:
    """End at once: nothing was begun yet."""
    os._exit(_INTERRUPTED)


if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:  # not where it is ignored, as under nohup
    _signal.signal(_signal.SIGINT, leave)


def main() -> None:
    """Run segcli with the words of the process and exit with its status."""
    sys.excepthook = _tell
    sys.unraisablehook = _tell_unraisable
    from segcli.cli.main import main as run

    run()


def _tell(kind: type[BaseException], error: BaseException, trace: "TracebackType | None") -> None:
    """Show a bug with its traceback, and an interruption not at all."""
    if issubclass(kind, KeyboardInterrupt):
        os._exit(_INTERRUPTED)
    sys.__excepthook__(kind, error, trace)


def _tell_unraisable(told: "sys.UnraisableHookArgs") -> None:
    if not issubclass(told.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(told)
