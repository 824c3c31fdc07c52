"""Values for `in @file`, or from standard input for `in @-`, one per line."""

from pathlib import Path

from segcli.base.errors import SegcliError

MOST_VALUES = 10_000
MOST_BYTES = 2_000_000


def lines(name: str, *, may_read_input: bool = True) -> list[str]:
    """Return the non-empty lines of a file. Raise SegcliError for no values, too many values or invalid UTF-8.

    Standard input is read once per command, even if its expression is parsed several times.
    """
    from segcli.base import bounded_read, file_guard

    if name == "-" and not may_read_input:
        raise SegcliError("@- is for the command line", "what is saved names a file: in @FILE")
    try:
        data = file_guard.standard(MOST_BYTES) if name == "-" else bounded_read.read(Path(name), MOST_BYTES)
        name = file_guard.STDIN if name == "-" else name
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SegcliError(f"{name} is not UTF-8") from error
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found or len(found) > MOST_VALUES:
        raise SegcliError(f"{name} has {len(found)} values", f"1 to {MOST_VALUES:,} are taken")
    return found
