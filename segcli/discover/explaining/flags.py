"""The flags by which short expressions are learnt, and their check: --depth, --with, --without. Pure."""

from segcli.base.errors import UsageError
from segcli.discover.explaining.learning import Wanted
from segcli.domain.induction.search import DEPTH
from segcli.interface.command import Values
from segcli.interface.parameters import Parameter, flag

NAMES = ("depth", "with", "without")


def parameters(section: str) -> tuple[Parameter, ...]:
    """Return the flags under a heading."""
    return (
        flag("depth", "--depth", "At most this many tests per expression: 1 to 3 (default).", section, kind="integer", metavar="N"),
        flag("with", "--with", "Also use this field, metric or score.", section, metavar="FIELD", is_many=True),
        flag("without", "--without", "Do not use this field or metric.", section, metavar="FIELD", is_many=True),
    )  # fmt: skip


def wanted(values: Values) -> Wanted:
    """Return which features are used, and how many tests. Raise UsageError for another number of tests than 1 to 3."""
    return Wanted(
        tuple(values["with"] or ()), tuple(values["without"] or ()), depth=between(values, "depth", DEPTH, DEPTH)
    )


def between(values: Values, name: str, usual: int, most: int) -> int:
    """Return the number of a flag, `usual` if it is not given. Raise UsageError unless it is 1 to `most`."""
    found = values[name]
    if found is None:
        return usual
    if not 1 <= found <= most:
        raise UsageError(f"--{name}: {found} is not between 1 and {most}")
    return int(found)
