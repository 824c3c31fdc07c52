"""The modules (squares) of a QR code (ISO/IEC 18004) at error correction level M.

reportlab encodes the text. The mask is chosen here, because that takes reportlab most of its time: the four penalties of
the standard are computed on the whole pattern as one integer, one bit per module.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reportlab.graphics.barcode.qrencoder import QRCode

_FINDERS = ("00001011101", "10111010000")
_SWAPPED = str.maketrans("01", "10")

Rows = tuple[tuple[bool, ...], ...]


def squares(text: str) -> Rows:
    """Return the rows of modules, True for black, without the quiet zone."""
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
    """Return the modules in which a mask differs from mask 0. Cached by version (size), on which alone they depend."""
    key = (code.version, mask)
    if key not in _changes:
        _changes[key] = _masked(code, 0) ^ _masked(code, mask)
    return _changes[key]


def penalty(squares: int, side: int) -> int:
    """Return the penalty of a pattern by the standard: runs, blocks, finder-like patterns, imbalance. Lower is better."""
    flat = f"{squares:0{side * side}b}"
    across = [flat[start : start + side] for start in range(0, len(flat), side)]
    down = [flat[start::side] for start in range(side)]
    lines = "/".join((*across, *down))
    score = 40 * sum(lines.count(finder) for finder in _FINDERS)  # neither pattern can overlap itself
    for black in (lines, lines.translate(_SWAPPED)):  # each colour in turn; "/" between lines belongs to neither
        bits = int(black.replace("/", "0"), 2)
        score += _runs(bits) + 3 * _blocks(bits >> (side + 1) * side, side)
    return score + 10 * _imbalance(flat)


def _runs(bits: int) -> int:
    """Return the penalty of runs: 3 for five modules of one colour, plus 1 for each further module."""
    fives = bits & bits >> 1 & bits >> 2 & bits >> 3 & bits >> 4
    return fives.bit_count() + 2 * (fives & ~(fives >> 1)).bit_count()


def _blocks(bits: int, side: int) -> int:
    """Return the number of 2 x 2 blocks of one colour; blocks may overlap."""
    pairs = bits & bits >> 1
    return (pairs & pairs >> side + 1).bit_count()


def _imbalance(lines: str) -> int:
    """Return how far the share of black modules is from 50 %, in whole steps of 5 percentage points."""
    return int(abs(lines.count("1") / len(lines) * 100 - 50) / 5)
