"""The squares of a quick response code (ISO 18004) at error correction M.

reportlab's encoder, but for the choice of the mask, which takes it most of its time: here the standard's four penalties
are counted on whole patterns as numbers, a bit for each square.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reportlab.graphics.barcode.qrencoder import QRCode

_FINDERS = ("00001011101", "10111010000")
_SWAPPED = str.maketrans("01", "10")

Rows = tuple[tuple[bool, ...], ...]


def squares(text: str) -> Rows:
    """Return the rows of squares, true for black, without the blank around them."""
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.version = code.calculate_version()
    first = _masked(code, 0)
    best = min(range(8), key=lambda mask: penalty(first ^ _change(code, mask), code.moduleCount))
    flat = f"{first ^ _change(code, best):0{code.moduleCount**2}b}"
    return tuple(
        tuple(c == "1" for c in flat[at : at + code.moduleCount]) for at in range(0, len(flat), code.moduleCount)
    )


def _masked(code: "QRCode", mask: int) -> int:
    code.makeImpl(False, mask)  # noqa: FBT003
    return int("".join(["1" if black else "0" for row in code.modules for black in row]), 2)


_changes: dict[tuple[int, int], int] = {}


def _change(code: "QRCode", mask: int) -> int:
    """Return the squares in which a mask differs from the first one, whatever the text: kept by the code's size."""
    key = (code.version, mask)
    if key not in _changes:
        _changes[key] = _masked(code, 0) ^ _masked(code, mask)
    return _changes[key]


def penalty(squares: int, side: int) -> int:
    """Return the standard's score for a mask, the less the better: runs, blocks, likeness to a finder, balance."""
    flat = f"{squares:0{side * side}b}"
    across = [flat[start : start + side] for start in range(0, len(flat), side)]
    down = [flat[start::side] for start in range(side)]
    lines = "/".join((*across, *down))
    score = 40 * sum(lines.count(finder) for finder in _FINDERS)  # neither of them can overlap itself
    for black in (lines, lines.translate(_SWAPPED)):  # of each colour, the ends of lines being of neither
        bits = int(black.replace("/", "0"), 2)
        score += _runs(bits) + 3 * _blocks(bits >> (side + 1) * side, side)
    return score + 10 * _imbalance(flat)


def _runs(bits: int) -> int:
    """Return the score of runs: three for five squares of one colour, one for each that follows."""
    fives = bits & bits >> 1 & bits >> 2 & bits >> 3 & bits >> 4
    return fives.bit_count() + 2 * (fives & ~(fives >> 1)).bit_count()


def _blocks(bits: int, side: int) -> int:
    """Return how many blocks of two by two squares are of one colour; they may overlap."""
    pairs = bits & bits >> 1
    return (pairs & pairs >> side + 1).bit_count()


def _imbalance(lines: str) -> int:
    """Return how far the share of black is from a half, in whole steps of five per cent."""
    return int(abs(lines.count("1") / len(lines) * 100 - 50) / 5)
