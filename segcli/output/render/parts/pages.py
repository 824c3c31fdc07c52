"""The pages of one table: rows are collected until a page is full, which is then drawn once per group of columns."""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

from segcli.output.documents.typeset import Line as Set
from segcli.output.render.parts.people import Line, Shown, SumLine
from segcli.output.render.parts.style import Style
from segcli.output.render.parts.widths import FOOT, GREY, MARGIN, TITLE, Place, Plan, needs, parts, plan

if TYPE_CHECKING:
    from reportlab.pdfgen.textobject import PDFTextObject

    from segcli.output.render.parts.document import Document

SAMPLE = 1000
LONGEST = 2_000  # characters of a cell; longer cells are cut
_LEADING = 1.28
_PADDING = 0.25
_CAPTION = 8.5
_SHOWN = 12
_PAIR = 2  # a number has two parts: before its decimal sign, and from that sign on

Row = tuple[list[list[Set]], bool]  # the lines of each cell; whether the row is a total


class Pages:
    """The pages of one table."""

    def __init__(self, document: "Document", found: Shown, style: Style) -> None:
        self._document = document
        self._found = found
        self._style = style
        self._is_cut = False
        self._plan, self._lines = self._prepare()
        size = self._plan.size
        self._step, self._pad = size * _LEADING, size * _PADDING
        self._places = [place for group in self._plan.groups for place in group]
        self._heads = self._headings() if style.with_header else []
        self._gathered: list[tuple[float, Row]] = []
        self._is_first = True
        self._has_total = False  # whether the page that is being drawn has a total
        self._y = self._start()

    def _prepare(self) -> tuple[Plan, Iterator[Line]]:
        """Return the plan of the columns, made from the first SAMPLE rows, and an iterator over all rows."""
        sample = list(islice(self._found.rows, SAMPLE + 1))
        has_more = len(sample) > SAMPLE
        ends: list[Line] = []
        if not has_more:
            self._found.ends = list(self._found.ends)
            ends = self._found.totals()
        wanted = needs(self._document.setter, self._found, [*sample, *ends], self._style.decimal, has_more=has_more)
        return plan(wanted), chain(sample, self._found.rows)

    def fill(self) -> int:
        """Typeset all rows and totals; return the number of rows."""
        count = 0
        for line in self._lines:
            is_sum = isinstance(line, SumLine)
            self._add([self._row(line, is_total=is_sum)])
            count += not is_sum
        self._add([self._row(line, is_total=True) for line in self._found.totals()])
        self._flush(self._notes())
        return count

    # Rows

    def _row(self, line: Line, *, is_total: bool) -> Row:
        """Return the lines of each cell; a number is one line in two parts (see _PAIR)."""
        return [self._cell(place, line[place.at], bold=is_total) for place in self._places], is_total

    def _cell(self, place: Place, text: str, *, bold: bool) -> list[Set]:
        if self._found.rights[place.at]:
            return [self._document.line(part, self._plan.size, bold=bold) for part in parts(text, self._style.decimal)]
        if len(text) > LONGEST:
            self._is_cut = True
            text = f"{text[:LONGEST]}… ({len(text):,})"
        return self._document.setter.wrap(text, place.right - place.left + 0.01, self._plan.size, bold=bold)

    def _count(self, row: Row) -> int:
        return max(
            1 if self._found.rights[place.at] else len(cell) for place, cell in zip(self._places, row[0], strict=True)
        )

    def _add(self, rows: list[Row]) -> None:
        """Put rows together on this page, else on the next; a row that is higher than a page is split."""
        heights = [self._count(row) * self._step + 2 * self._pad for row in rows]
        if self._y + sum(heights) > self._bottom() and self._gathered:
            self._flush([])
        for row, height in zip(rows, heights, strict=True):
            rest = row
            while self._y + height > self._bottom() and self._count(rest) > 1:
                fits = max(int((self._bottom() - self._y - 2 * self._pad) / self._step), 1)
                first, rest = _parted(rest, fits)
                self._gathered.append((self._y, first))
                self._flush([])
                height = self._count(rest) * self._step + 2 * self._pad  # noqa: PLW2901 - the height of the rest
            self._gathered.append((self._y, rest))
            self._y += height

    # Pages

    def _bottom(self) -> float:
        return self._plan.height - MARGIN - 2 * FOOT

    def _start(self) -> float:
        """Return the y position of a page's first row, from its top."""
        y = MARGIN
        if self._is_first:
            y += TITLE * 1.3 * len(self._title()) + _CAPTION * _LEADING * len(self._caption()) + 4
        return y + max((len(head) for head in self._heads), default=0) * self._step + 2 * self._pad

    def _title(self) -> list[Set]:
        return self._document.setter.wrap(self._found.title, self._plan.width - 2 * MARGIN, TITLE, bold=True)

    def _caption(self) -> list[Set]:
        text = self._found.caption[:LONGEST]
        return self._document.setter.wrap(text, self._plan.width - 2 * MARGIN, _CAPTION) if text else []

    def _headings(self) -> list[list[Set]]:
        wrap = self._document.setter.wrap
        return [
            wrap(self._found.heads[place.at], place.right - place.left + 0.01, self._plan.size, bold=True)
            for place in self._places
        ]

    def _flush(self, notes: Sequence[str]) -> None:
        """Draw the page once per group of columns, and begin the next page."""
        start = 0
        for group in self._plan.groups:
            self._draw(slice(start, start + len(group)), notes if group is self._plan.groups[-1] else ())
            start += len(group)
        self._gathered, self._is_first = [], False
        self._y = self._start()

    def _draw(self, part: slice, notes: Sequence[str]) -> None:
        paper, height = self._document.canvas, self._plan.height
        paper.setPageSize((self._plan.width, height))
        text = paper.beginText()
        y = self._top(text)
        self._headline(text, y, part)
        self._has_total = False
        for top, row in self._gathered:
            self._set(text, top, row, part)
            self._has_total = row[1]
        for number, note in enumerate(notes, 1):
            line = self._document.setter.fit(note, self._plan.width - 2 * MARGIN, FOOT)
            self._document.put(
                text, line, MARGIN, height - min(self._y, self._bottom() - 12) - 10 * number, (FOOT, GREY)
            )
        self._document.foot(text, self._plan.width)
        paper.drawText(text)
        paper.showPage()

    def _top(self, text: "PDFTextObject") -> float:
        """Set title and caption on the table's first page; return the y position of the headings, from the top."""
        y = MARGIN
        if self._is_first:
            for line in self._title():
                self._document.put(text, line, MARGIN, self._plan.height - y - TITLE, (TITLE, 0))
                y += TITLE * 1.3
            for line in self._caption():
                self._document.put(text, line, MARGIN, self._plan.height - y - _CAPTION, (_CAPTION, GREY))
                y += _CAPTION * _LEADING
            y += 4
        return y

    def _headline(self, text: "PDFTextObject", y: float, part: slice) -> None:
        size, count = self._plan.size, max((len(head) for head in self._heads), default=0)
        for place, head in zip(self._places[part], self._heads[part] if self._heads else [], strict=False):
            for number, line in enumerate(head, count - len(head)):  # headings are bottom-aligned
                x = place.right - line.width if self._found.rights[place.at] else place.left
                self._document.put(
                    text, line, x, self._plan.height - y - self._pad - number * self._step - size, (size, 0)
                )
        self._rule(y + count * self._step + 2 * self._pad, part, 0.8)

    def _set(self, text: "PDFTextObject", top: float, row: Row, part: slice) -> None:
        size, cells = self._plan.size, row[0][part]
        base = self._plan.height - top - self._pad - size
        for place, cell in zip(self._places[part], cells, strict=True):
            if self._found.rights[place.at]:
                self._number(text, place, cell, base)
                continue
            for number, line in enumerate(cell):
                x = place.right - line.width if line.is_rtl else place.left
                self._document.put(text, line, x, base - number * self._step, (size, 0))
        if row[1] and not self._has_total:
            self._rule(top, part, 0.8)
        elif not row[1]:
            self._rule(top + self._count(row) * self._step + 2 * self._pad, part, 0.25)

    def _number(self, text: "PDFTextObject", place: Place, cell: list[Set], base: float) -> None:
        """Set a number aligned on its decimal sign; one that is too wide is right-aligned, and shrunk if needed."""
        if not cell:
            return  # the continuation of a row that was split
        front, behind = cell
        x = place.right - place.behind
        room = place.right - place.left
        if behind.width <= place.behind + 0.01 and front.width <= room - place.behind + 0.01:
            scale = 1.0
        else:
            scale = min(1.0, room / max(front.width + behind.width, 0.01))
            x = place.right - behind.width * scale
        look = (self._plan.size * scale, 0)
        self._document.put(text, front, x - front.width * scale, base, look)
        self._document.put(text, behind, x, base, look)

    def _rule(self, y: float, part: slice, weight: float) -> None:
        places = self._places[part]
        paper = self._document.canvas
        paper.setLineWidth(weight)
        paper.setStrokeGray(0.0 if weight > 0.5 else 0.75)  # noqa: PLR2004 - a rule of the table, or between rows
        paper.line(places[0].left, self._plan.height - y, places[-1].right, self._plan.height - y)

    def _notes(self) -> list[str]:
        """Return notes about missing content: characters that no font has, cells that were cut."""
        found = []
        if missing := list(self._document.setter.missing):
            named = ", ".join(f"U+{ord(c):04X} {unicodedata.name(c, '')}".strip() for c in missing[:_SHOWN])
            more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
            found.append(f"no font here has {named}{more}: a mark stands for them")
        if self._is_cut:
            found.append(f"cells of more than {LONGEST:,} characters are cut, with their length behind them")
        self._style.told.extend(note for note in found if note not in self._style.told)
        return found


def _parted(row: Row, count: int) -> tuple[Row, Row]:
    """Split a row after `count` lines; return both parts. Numbers stay in the first."""
    cells, is_total = row
    first = [cell if len(cell) <= _PAIR else cell[:count] for cell in cells]
    return (first, is_total), ([cell[count:] if len(cell) > _PAIR else [] for cell in cells], is_total)
