"""E-mail addresses as a command line gives them: as words, or as lines of standard input."""

from collections.abc import Iterable

from segcli.base.errors import SegcliError, UsageError
from segcli.domain import email_addresses

MOST_ADDRESS = 1_000  # bytes of a line on standard input; an address has 254 at most (RFC 5321)
MOST_ADDRESSES = 1_000_000


def given(words: Iterable[str]) -> Iterable[str]:
    """Yield the addresses; - reads standard input, one per line. Raises UsageError for anything else."""
    for word in words:
        for number, text in enumerate(_lines() if word == "-" else (word,), 1):
            address = text.strip()
            if not address:
                continue
            if email_addresses.address(address) is None:
                where = f"<stdin>:{number}: " if word == "-" else ""
                kind = SegcliError if where else UsageError
                raise kind(f"{where}'{address}' is no e-mail address")
            yield address


def _lines() -> Iterable[str]:
    """Yield the lines of standard input, limited in length and number."""
    import sys

    number = 0
    while line := sys.stdin.buffer.readline(MOST_ADDRESS + 1):
        number += 1
        if len(line) > MOST_ADDRESS:
            raise SegcliError(f"<stdin>:{number}: this line is no e-mail address", "one address on each line")
        if number > MOST_ADDRESSES:
            raise SegcliError(f"<stdin>: there are more than {MOST_ADDRESSES:,} lines", "give them in parts")
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            raise SegcliError(f"<stdin>:{number}: this line is not UTF-8", "save the list in UTF-8") from error
