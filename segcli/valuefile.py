"""A file of values for `in @file`: one a line."""

from pathlib import Path

from segcli.errors import SegcliError

MOST_VALUES = 10_000
MOST_BYTES = 2_000_000


def lines(name: str) -> list[str]:
    """Return the values of a file, empty lines left out. A SegcliError where there are none, too many, or no text."""
    from segcli import whole

    try:
        text = whole.read(Path(name), MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SegcliError(f"{name} is not UTF-8") from error
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found or len(found) > MOST_VALUES:
        raise SegcliError(f"{name} has {len(found)} values", f"1 to {MOST_VALUES:,} are taken")
    return found
