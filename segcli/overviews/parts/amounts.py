"""The condition of --amount: one amount, or a range."""

from segcli.base import money
from segcli.base.errors import UsageError
from segcli.domain.clause import Clause, both


def amount_between(text: str, column: str) -> Clause:
    """Return the condition that an amount, ignoring its sign, equals a value or lies in an inclusive range."""
    low, dots, high = text.partition("..")
    ends = [_minor(part, text) if part.strip() else None for part in ((low, high) if dots else (low, low))]
    if ends == [None, None]:
        raise UsageError(f"--amount: '{text}' has no amount in it", "write --amount 100 or --amount 100..500")
    if None not in ends and ends[0] > ends[1]:  # type: ignore[operator]
        raise UsageError(f"--amount: '{text}' runs backwards", "the lower amount comes first")
    parts = [
        Clause(f"abs({column}) {sign} ?", (end,))
        for sign, end in zip((">=", "<="), ends, strict=True)
        if end is not None
    ]
    return both(parts)


def _minor(part: str, text: str) -> int:
    try:
        return abs(money.parse(part, "EUR"))
    except ValueError as error:
        raise UsageError(f"--amount: '{text}': {error}", "write --amount 100..499.99, with a decimal point") from error
