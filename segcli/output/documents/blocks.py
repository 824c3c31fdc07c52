"""The parts of a letter or invoice as pieces: paragraphs, table, totals, label-value pairs, payment. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest

from segcli.output.documents.letter import LetterColumn
from segcli.output.documents.marks import MM, Glyphs, Mark, Piece, Rule, Squares, right_aligned
from segcli.output.documents.typeset import Line, Typesetter

LEFT, RIGHT = 25 * MM, 190 * MM
TEXT, SMALL = 10.0, 9.0
LEADING = 1.35  # line height, in font sizes
GREY, PALE = 0.35, 0.75
_BASE = 0.98  # distance from the top of a line to its baseline, in font sizes
_GUTTER = 4 * MM
_PADDING = 0.9 * MM
_WHOLE_LINES = 12  # a row of at most this many lines is not split over pages
_CODE = 27 * MM


def gap(height: float) -> Piece:
    """Return a gap of this height in points; it is left out at the top of a page."""
    return Piece(height)


def kept(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces, chained to stay on one page."""
    return [replace(piece, keep=True) for piece in pieces[:-1]] + list(pieces[-1:])


def paragraph(setter: Typesetter, text: str, size: float = TEXT, *, bold: bool = False) -> list[Piece]:
    """Return a paragraph, one piece per line, without widows and orphans (no single line alone on a page)."""
    width = RIGHT - LEFT
    parts = text.replace("\r\n", "\n").split("\n")
    lines = [line for part in parts for line in setter.wrap(part, width, size, bold=bold)]
    pieces = [Piece(size * LEADING, _body_line(line, size)) for line in lines]
    if len(pieces) <= 3:  # noqa: PLR2004
        return kept(pieces)
    return [*kept(pieces[:2]), *pieces[2:-2], *kept(pieces[-2:])]


def _body_line(line: Line, size: float) -> tuple[Mark, ...]:
    if not line.runs:
        return ()
    return (Glyphs(RIGHT - line.width if line.is_rtl else LEFT, size * _BASE, line, size),)


def paragraphs(setter: Typesetter, texts: Iterable[str]) -> list[Piece]:
    """Return paragraphs, each with a gap below it."""
    return [piece for text in texts for piece in (*paragraph(setter, text), gap(TEXT * 0.7))]


def pairs(setter: Typesetter, details: Iterable[tuple[str, str]], left: float, right: float) -> list[Piece]:
    """Return grey labels with their values beside them, between these x positions."""
    middle = left + (right - left) * 0.42
    pieces: list[Piece] = []
    for label, value in details:
        labels = setter.wrap(label, middle - left - 2 * MM, SMALL)
        values = setter.wrap(value, right - middle, SMALL)
        pieces += [_pair(a, b, left, middle) for a, b in zip_longest(labels, values)]
    return pieces


def _pair(label: Line | None, value: Line | None, left: float, middle: float) -> Piece:
    y = SMALL * _BASE
    marks = [Glyphs(left, y, label, SMALL, GREY)] if label else []
    return Piece(SMALL * LEADING, (*marks, *([Glyphs(middle, y, value, SMALL)] if value else [])))


def table(setter: Typesetter, columns: Sequence[LetterColumn], rows: Iterable[Sequence[str]]) -> list[Piece]:
    """Return a table; its heading repeats on each page, and only a very long row is split over pages."""
    if not columns:
        return []
    edges = column_edges(columns)
    heading = headings(setter, columns, edges)
    pieces = [replace(heading, keep=True)]
    for row in rows:
        pieces += [replace(piece, heading=heading) for piece in table_row(setter, columns, edges, row)]
    return pieces


def column_edges(columns: Sequence[LetterColumn]) -> list[tuple[float, float]]:
    """Return the left and right edge of each column, by its share of the width between the margins."""
    shares = [max(column.share, 0.001) for column in columns]
    room = (RIGHT - LEFT - _GUTTER * (len(columns) - 1)) / sum(shares)
    edges = []
    x = LEFT
    for share in shares:
        edges.append((x, x + share * room))
        x += share * room + _GUTTER
    return edges


def headings(setter: Typesetter, columns: Sequence[LetterColumn], edges: Sequence[tuple[float, float]]) -> Piece:
    """Return the column headings with a rule below; `edges` are the left and right edge of each column."""
    cells = [setter.wrap(c.heading, e[1] - e[0], SMALL, bold=True) for c, e in zip(columns, edges, strict=True)]
    count = max(len(lines) for lines in cells)
    marks: list[Mark] = []
    for i in range(count):  # headings are bottom-aligned
        above = [lines[i - count] if len(lines) >= count - i else None for lines in cells]
        marks += _cells(above, columns, edges, _PADDING + i * SMALL * LEADING)
    height = count * SMALL * LEADING + 2 * _PADDING
    return Piece(height, (*marks, Rule(LEFT, height, RIGHT, height, 0.8)))


def _cells(
    lines: Sequence[Line | None], columns: Sequence[LetterColumn], edges: Sequence[tuple[float, float]], top: float
) -> list[Mark]:
    y = top + SMALL * _BASE
    return [
        right_aligned(right, y, line, SMALL) if column.align == "right" else Glyphs(left, y, line, SMALL)
        for line, column, (left, right) in zip(lines, columns, edges, strict=True)
        if line and line.runs
    ]


def table_row(
    setter: Typesetter, columns: Sequence[LetterColumn], edges: Sequence[tuple[float, float]], row: Sequence[str]
) -> list[Piece]:
    """Return a row, one piece per line, with a rule below; only a very long row may be split over pages."""
    texts = (*row, *[""] * (len(columns) - len(row)))
    cells = [setter.wrap(text, e[1] - e[0], SMALL) for text, e in zip(texts, edges, strict=True)]
    lines = list(zip_longest(*cells))
    pieces = []
    for i, line in enumerate(lines):
        top, last = (_PADDING if i == 0 else 0.0), i == len(lines) - 1
        height = top + SMALL * LEADING + (_PADDING if last else 0.0)
        rule = (Rule(LEFT, height, RIGHT, height, 0.3, PALE),) if last else ()
        pieces.append(Piece(height, (*_cells(line, columns, edges, top), *rule)))
    return kept(pieces) if len(pieces) <= _WHOLE_LINES else pieces


def totals(setter: Typesetter, lines: Sequence[tuple[str, str]]) -> list[Piece]:
    """Return labels and amounts below the last column, the last one in bold, all on one page."""
    pieces = []
    for number, (label, amount) in enumerate(lines, 1):
        pieces += _total(setter, label, amount, bold=number == len(lines))
    return kept(pieces)


def _total(setter: Typesetter, label: str, amount: str, *, bold: bool) -> list[Piece]:
    amounts = setter.wrap(amount, 45 * MM, TEXT if bold else SMALL, bold=bold)
    size = TEXT if bold else SMALL
    room = RIGHT - max(line.width for line in amounts) - 2 * _GUTTER
    labels = setter.wrap(label, room - LEFT - 30 * MM, size, bold=bold)
    start = min(LEFT + (RIGHT - LEFT) * 0.55, room - max(line.width for line in labels))
    pieces = []
    for i, (word, number) in enumerate(zip_longest(labels, amounts)):
        y = _PADDING + size * _BASE
        marks: list[Mark] = [Rule(start, 0, RIGHT, 0, 0.8)] if bold and i == 0 else []
        marks += [Glyphs(start, y, word, size)] if word else []
        marks += [right_aligned(RIGHT, y, number, size)] if number else []
        pieces.append(Piece(size * LEADING + _PADDING, tuple(marks)))
    return pieces


def strip(setter: Typesetter, figures: Sequence[tuple[str, str]]) -> list[Piece]:
    """Return amounts side by side under their labels; below each other where a label or an amount is too wide for that."""
    columns = [LetterColumn(label, "right") for label, _ in figures]
    edges = column_edges(columns)
    room = edges[0][1] - edges[0][0]
    words = [word for label, _ in figures for word in label.split()]
    bold = (len(setter.wrap(word, room, SMALL, bold=True)) for word in words)
    if max(*bold, *(len(setter.wrap(amount, room, SMALL)) for _, amount in figures)) == 1:
        return kept(
            [headings(setter, columns, edges), *table_row(setter, columns, edges, [amount for _, amount in figures])]
        )
    below = (LetterColumn("", "left"), LetterColumn("", "right"))
    return kept([piece for figure in figures for piece in table_row(setter, below, column_edges(below), figure)])


def payment(setter: Typesetter, words: Sequence[str], code: tuple[tuple[bool, ...], ...] | None) -> list[Piece]:
    """Return the payment details with the QR code at their right; the code stays on the page of the first line."""
    width = RIGHT - LEFT - (_CODE + 8 * MM if code else 0)
    lines = [line for text in words for part in text.split("\n") for line in setter.wrap(part, width, TEXT)]
    step = TEXT * LEADING
    if code is None:
        return kept([Piece(step, _body_line(line, TEXT)) for line in lines])
    beside = int(_CODE / step)
    first = [Glyphs(LEFT, (i + 0.2) * step + TEXT * _BASE, line, TEXT) for i, line in enumerate(lines[:beside])]
    squares = Squares(RIGHT - _CODE, 0, _CODE, code)  # the gap between blocks serves as its quiet zone
    rest = [Piece(step, (Glyphs(LEFT, TEXT * _BASE, line, TEXT),)) for line in lines[beside:]]
    return kept([Piece(_CODE, (*first, squares)), *rest])
