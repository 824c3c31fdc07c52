"""What starting segcli costs, against Python that does nothing."""

import sys
from collections.abc import Iterator

from measure import OURS, Case, Contestant
from prepare import ENVIRON, SEGCLI, Ready, segcli

PYTHON = "python -c pass"
SHOW = "piped show on a small database"
COMMANDS = (
    (SHOW, ("show", "outstanding-items", "--class1", "N"), 4, 0),
    ("--help", ("--help",), 4.5, 0),
    ("show debtor-ageing --help", ("show", "debtor-ageing", "--help"), 4.5, 0),
    ("usage error: an unknown option", ("show", "debtor-ageing", "--clas1", "N"), 8, 2),
    ("usage error: an unknown value", ("show", "debtor-ageing", "--class1", "nothing"), 8, 2),
    ("completion of a value", ("__complete", "show", "debtor-ageing", "--class1", ""), 6, 0),
)
NAMES = tuple(name for name, *_ in COMMANDS)


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the commands; what they print is not compared, since Python prints nothing."""
    small = ready.folder / "example.db"
    if not small.exists():
        segcli(small, "init", "--example")
    environ = {**ENVIRON, "SEGCLI_DATABASE": str(small)}
    nothing = Contestant((sys.executable, "-c", "pass"))
    for name, words, limit, status in COMMANDS:
        ours = Contestant((SEGCLI, *words), status=status, environ=environ)
        yield Case(name, {OURS: ours, PYTHON: nothing}, {PYTHON: limit}, is_compared=False)
