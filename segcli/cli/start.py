"""The start of the process: Ctrl-C ends it quietly, even during imports and interpreter shutdown.

Importing this module installs the handler before anything slow. It uses the built-in `_signal`, because importing
`signal` takes milliseconds.
"""

import _signal  # type: ignore[import-not-found]
import gc
import os
import sys

TYPE_CHECKING = False  # what type checkers see; typing is not imported yet
if TYPE_CHECKING:
    from types import FrameType, TracebackType

# Rows form no reference cycles, and neither do modules: collection every 700 objects costs a tenth of a command.
gc.set_threshold(100_000, 50, 1000)
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

    try:
        run()
    except SystemExit as end:  # the output is flushed
        # Python's own end frees all objects one by one, which takes a tenth of a short command. It is for what a library has
        # registered with atexit.
        if "atexit" not in sys.modules and isinstance(end.code, int):
            os._exit(end.code)
        raise


def _tell(kind: type[BaseException], error: BaseException, trace: "TracebackType | None") -> None:
    """Print the traceback of a bug; print nothing for an interrupt."""
    if issubclass(kind, KeyboardInterrupt):
        os._exit(_INTERRUPTED)
    sys.__excepthook__(kind, error, trace)


def _tell_unraisable(told: "sys.UnraisableHookArgs") -> None:
    if not issubclass(told.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(told)
