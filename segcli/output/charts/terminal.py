"""Pictures as text: bars of block characters or ASCII that fit the width and differ without colour too."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from segcli.output.charts.model import Bar, Picture
from segcli.output.text_width import pad, width

_LEAST_BAR = 10  # columns; with less room, a bar gets its own line below its label
_LEAST_LABEL = 12
_LABEL_SHARE = 3  # the labels take at most 1/3 of the width
_GAP = 2
_OFF = "(off the scale)"


class _Signs(NamedTuple):
    """The characters of bars: those for partial columns, and one character per series for stacked bars."""

    steps: str  # partial columns in ascending size; the last one fills a column
    least_left: str  # the smallest visible bar to the left
    half_left: str  # half a column, at the end of a bar to the left
    zero: str  # the axis, if there are negative values
    cut: str  # the end of a text that was cut
    series: str  # one character per series
    spark: str  # levels of a sparkline, ascending; '' for no sparkline


_BLOCKS = _Signs("▏▎▍▌▋▊▉█", "▕", "▐", "│", "…", "░▒▓█▚┼━·", "▁▂▃▄▅▆▇█")
_ASCII = _Signs(".#", ".", "#", "|", "~", "-=+#xo:*", "")
_COLORS = (36, 34, 33, 31, 35, 32, 37, 90)
_ONE_COLOR = 36


@dataclass(frozen=True, slots=True)
class Look:
    """The settings of the text: its width and style."""

    width: int = 80
    decimal: str = "."
    is_ascii: bool = False
    has_color: bool = False


class _Axis:
    """The axis: the position of zero and the scale, for a width in terminal columns."""

    def __init__(self, span: tuple[int, int], room: int) -> None:
        low, high = -span[0], span[1]
        self.has_zero = low > 0
        room -= self.has_zero
        self.left = min(max(_rounded(room * low, low + high), 1), room - (high > 0)) if low else 0
        self.right = room - self.left
        # Columns per unit: the smaller of right / high and left / low, so that both sides fit.
        self._places, self._unit = self.right, high
        if low and (not high or self.left * high < self.right * low):
            self._places, self._unit = self.left, low

    def length(self, value: int, steps: int = 1) -> int:
        """Return the length of a value in units of 1/steps column."""
        return _rounded(abs(value) * self._places * steps, self._unit) if self._unit else 0


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def lines(picture: Picture, look: Look) -> list[str]:
    """Return the lines of a picture: title, bars with their values, and legend."""
    signs = _ASCII if look.is_ascii else _BLOCKS
    draw = _Drawer(picture, look, signs)
    return [line.rstrip() for line in (draw.title(), *draw.bars(), *draw.legend())]


class _Drawer:
    def __init__(self, picture: Picture, look: Look, signs: _Signs) -> None:
        self._picture, self._look, self._signs = picture, look, signs
        notes = max(len(bar.note) for bar in picture.bars)
        self._values = [_beside(picture, bar, look.decimal, notes) for bar in picture.bars]
        self._value_size = max(map(width, self._values))
        longest = max(width(bar.label) for bar in picture.bars)
        self._label_size = min(longest, max(_LEAST_LABEL, look.width // _LABEL_SHARE))
        room = look.width - self._label_size - self._value_size - 2 * _GAP
        self._is_wide = room >= _LEAST_BAR
        self._axis = _Axis(picture.span, room if self._is_wide else max(look.width, _LEAST_BAR))

    def title(self) -> str:
        """Return the title; in a time chart with a sparkline of the values."""
        title = cut(self._picture.title, self._look.width, self._signs.cut)
        small = self._small()
        fits = small and width(title) + _GAP + len(small) <= self._look.width
        return f"{title}{' ' * _GAP}{small}" if fits else title

    def _small(self) -> str:
        bars = [bar.total for bar in self._picture.bars if not bar.is_rest]
        top = max(bars, default=0)
        if not self._picture.is_time or not self._signs.spark or min(bars, default=0) < 0 or not top:
            return ""
        last = len(self._signs.spark)
        return "".join(self._signs.spark[(value * last - 1) // top] if value else " " for value in bars)

    def bars(self) -> Iterator[str]:
        """Yield one line per bar, or two if there is little room: label and value above the bar."""
        for bar, value in zip(self._picture.bars, self._values, strict=True):
            if self._is_wide:
                label = pad(cut(bar.label, self._label_size, self._signs.cut), self._label_size)
                room = self._axis.left + self._axis.right + self._axis.has_zero
                gap = " " * _GAP
                yield f"{label}{gap}{self._bar(bar, room)}{gap}{pad(value, self._value_size, right=True)}"
            else:
                yield from self._narrow(bar, value)

    def _narrow(self, bar: Bar, value: str) -> Iterator[str]:
        room = self._look.width - width(value) - _GAP
        if room < min(width(bar.label), _LEAST_BAR):
            yield cut(bar.label, self._look.width, self._signs.cut)
            yield pad(value, max(self._look.width, width(value)), right=True)
        else:
            yield f"{pad(cut(bar.label, room, self._signs.cut), room + _GAP)}{value}"
        yield self._bar(bar, self._look.width)

    def _bar(self, bar: Bar, room: int) -> str:
        """Return a bar, padded with blanks to `room` columns."""
        axis = self._axis
        if not self._picture.is_drawn(bar):
            words = _OFF if len(_OFF) <= room else ""
            return pad(" " * (axis.left + axis.has_zero) + words if axis.left + len(words) < room else words, room)
        is_single = len(self._picture.series) == 1
        side = self._single if is_single else self._stacked
        zero = self._signs.zero if axis.has_zero else ""
        left, right = side(bar, -1), side(bar, 1)
        return f"{' ' * (axis.left - left[1])}{left[0]}{zero}{right[0]}{' ' * (axis.right - right[1])}"

    def _single(self, bar: Bar, sign: int) -> tuple[str, int]:
        """Return one side of a single-series bar and its width in columns; a nonzero value is always visible."""
        value = bar.values[0] * sign
        if value <= 0:
            return "", 0
        if sign < 0:
            return self._leftwards(value)
        steps = self._signs.steps
        parts = max(1, self._axis.length(value, len(steps)))
        whole, more = divmod(parts, len(steps))
        text = steps[-1] * whole + (steps[more - 1] if more else "")
        return self._colored(text, _ONE_COLOR), len(text)

    def _leftwards(self, value: int) -> tuple[str, int]:
        """Return a bar that grows to the left, and its width; Unicode has only half blocks for this direction."""
        whole, half = divmod(self._axis.length(value, 2), 2)
        if self._look.is_ascii:
            whole, half = whole + half, 0
        text = (self._signs.half_left if half else "") + self._signs.steps[-1] * whole
        text = text[-self._axis.left :] or self._signs.least_left
        return self._colored(text, _ONE_COLOR), len(text)

    def _stacked(self, bar: Bar, sign: int) -> tuple[str, int]:
        """Return one side of a stacked bar and its width in columns; each series has its character and colour."""
        pieces, used = [], 0
        for at, start, end in bar.pieces():
            if (end - start) * sign > 0:
                size = self._axis.length(end) - self._axis.length(start)
                pieces.append((at, size))
                used += size
        if pieces and not used:
            return (self._signs.steps[0] if sign > 0 else self._signs.least_left), 1
        pieces = pieces if sign > 0 else pieces[::-1]
        return "".join(self._colored(self._signs.series[at] * size, _COLORS[at]) for at, size in pieces), used

    def _colored(self, text: str, color: int) -> str:
        return f"\x1b[{color}m{text}\x1b[0m" if self._look.has_color and text else text

    def legend(self) -> list[str]:
        """Return the legend: the total of each series, if there are several, and what the percentages are."""
        series = self._picture.series if len(self._picture.series) > 1 else ()
        words = [self._picture.words(total, self._look.decimal) for total in self._picture.totals]
        texts = [f"{self._name(name, width(total))} {total}" for name, total in zip(series, words, strict=False)]
        items = [(2 + width(text), f"{self._sign(at)} {text}") for at, text in enumerate(texts)]
        items += [
            (2 + width(line), f"% {line}")
            for line in (self._name(self._picture.line, 0),)
            if line and self._picture.passed
        ]
        return list(_flowed(items, self._look.width))

    def _name(self, name: str, figure: int) -> str:
        room = self._look.width - figure - 3  # 3: the character of the series and two blanks
        return cut(name, max(room, 1), self._signs.cut)

    def _sign(self, at: int) -> str:
        return self._colored(self._signs.series[at], _COLORS[at])


def _beside(picture: Picture, bar: Bar, decimal: str, notes: int) -> str:
    """Return the value of a bar, padded with room for a note so that the values of all bars align."""
    note = f"{' ' * _GAP}{pad(bar.note.replace('.', decimal), notes, right=True)}" if notes else ""
    return "" if bar.is_empty else picture.words(bar.total, decimal) + note


def _flowed(items: Iterable[tuple[int, str]], room: int) -> Iterator[str]:
    """Yield lines with as many items as fit; each item comes with its width in columns."""
    line, used = "", 0
    for size, text in items:
        if line and used + _GAP + size > room:
            yield line
            line, used = "", 0
        line, used = (f"{line}{' ' * _GAP}{text}", used + _GAP + size) if line else (text, size)
    if line:
        yield line


def cut(text: str, size: int, mark: str) -> str:
    """Return the text cut to `size` columns, with `mark` at the end if it was cut."""
    if width(text) <= size:
        return text
    kept, used = "", width(mark)
    for character in text:
        used += width(character)
        if used > size:
            break
        kept += character
    return kept + mark
