"""Charts in text, SVG and PDF: in proportion, within their room, and nothing but themselves."""

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from chart_case import AMOUNTS, ROWS, SINGLE, STACKED, pictures, table
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli.domain.table import Chart, Row, Table
from segcli.output import destinations
from segcli.output.charts import Bar, Picture, colors, svg, terminal
from segcli.output.charts.drawing import drawing
from segcli.output.charts.terminal import Look
from segcli.output.render import CHARTED, Style, renderer
from segcli.output.text_width import width

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script>&\x00\x1b[31m\u202egnp.exe\ud800\ufffe\"'"


def picture(*bars: Bar, series: tuple[str, ...] = ("one",), **changes: object) -> Picture:
    return replace(Picture("Ageing", series, bars, "EUR"), **changes)  # type: ignore[arg-type]


# As text


def bare(lines: Iterable[str]) -> list[str]:
    return [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]


@settings(max_examples=60)
@given(ROWS, st.integers(20, 200), st.booleans(), st.sampled_from([STACKED, SINGLE]))
def test_no_line_is_wider_than_its_room(rows: list[Row], size: int, is_ascii: bool, chart: Chart) -> None:
    for found in pictures(rows, chart):
        lines = terminal.lines(found, Look(size, is_ascii=is_ascii))
        words = [found.words_of(bar) for bar in found.bars]
        figures = {*words, *(found.words(total) for total in found.totals)}
        # A figure is never cut, and so may be wider than the narrowest of rooms; with a sign and a letter in the legend.
        wide = [line for line in lines if width(line) > size]
        assert all(re.fullmatch(r"(\S \S* )?([\d,.-]+)", line.strip())[2] in figures for line in wide)  # type: ignore[index]
        assert not wide or max(map(len, figures)) + 4 > size
        assert all(any(line.endswith(word) for line in lines) for word in words)
        assert not any("\x1b" in line for line in lines)
        assert bare(terminal.lines(found, Look(size, is_ascii=is_ascii, has_color=True))) == lines
        given = {sign for row in rows for cell in row[:2] for sign in str(cell)}  # a name is shown as it is
        assert not is_ascii or not (set("░▒▓█▚│▏▎▍▌▋▊▉▐▕…") - given).intersection("".join(lines))


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=20), st.integers(40, 200))
def test_bars_are_in_proportion_to_an_eighth_of_a_place(values: list[int], size: int) -> None:
    found = picture(*(Bar("x", (value,)) for value in values))
    lines = terminal.lines(found, Look(size))[1:]
    eighths = {sign: n for n, sign in enumerate("▏▎▍▌▋▊▉█", 1)}
    lengths = [sum(eighths.get(sign, 0) for sign in line) for line in lines]
    room = (size - 1 - max(len(found.words_of(bar)) for bar in found.bars) - 4) * 8
    for value, length in zip(values, lengths, strict=True):
        exact = room * value / max(*values, 1)
        assert abs(length - exact) <= (1 if exact < 1 else 0.501)
        assert (length > 0) == (value > 0)


@given(st.lists(st.tuples(*[st.integers(-1000, 1000)] * 3), min_size=1, max_size=20), st.integers(40, 200))
def test_credits_stand_to_the_left_of_zero(values: list[tuple[int, int, int]], size: int) -> None:
    found = picture(*(Bar("x", value) for value in values), series=("a", "b", "c"))
    lines = terminal.lines(found, Look(size, is_ascii=True))[1:-1][: len(values)]
    if found.span[0] == 0:
        assert not any("|" in line for line in lines)
        return
    assert len({line.index("|") for line in lines}) == 1
    for bar, line in zip(found.bars, lines, strict=True):
        left, _, right = line.partition("|")
        right = right.rsplit("  ", 1)[0]
        assert bool(re.search("[-=+.]", left)) == (bar.low < 0)
        assert bool(re.search("[-=+.]", right)) == (bar.high > 0)


def test_text_by_hand() -> None:
    bars = (Bar("ab", (400, 200)), Bar("c", (100, -300)), Bar("9 others", (99_900, 0), is_rest=True))
    found = picture(*bars, series=("new", "old"))
    # 40 places less a label of 8, a value of 6 and gaps of 4: 22, of which one is zero's, 7 for -3.00 and 14 for 6.00.
    assert terminal.lines(found, Look(40, is_ascii=True)) == [
        "Ageing",
        "ab               |---------=====    6.00",
        "c         =======|--               -2.00",
        "9 others  (off the scale)         999.00",
        "- new 1,004.00  = old -1.00",
    ]


def test_time_has_its_run_in_small() -> None:
    found = picture(*(Bar(str(n), (n,)) for n in (8, 4, 0, 1)), is_time=True)
    assert terminal.lines(found, Look(40))[0] == "Ageing  █▄ ▁"
    assert terminal.lines(found, Look(11))[0] == "Ageing"
    assert terminal.lines(found, Look(40, is_ascii=True))[0] == "Ageing"


def test_the_signs_of_the_series_differ() -> None:
    for signs in (terminal._BLOCKS.series, terminal._ASCII.series):
        assert len(set(signs)) == len(signs) == 8
    assert all(width(sign) == 1 for sign in terminal._BLOCKS.series)
    assert terminal._ASCII.series.isascii()


def test_ascii_where_the_locale_has_nothing_else() -> None:
    assert destinations.has_utf8({"LANG": "nl_NL.UTF-8"})
    assert destinations.has_utf8({"LC_ALL": "", "LC_CTYPE": "C.utf8", "LANG": "C"})
    assert not destinations.has_utf8({"LC_ALL": "C", "LANG": "nl_NL.UTF-8"})
    assert not destinations.has_utf8({"LANG": "nl_NL.ISO-8859-1"})
    assert not destinations.has_utf8({})


@pytest.mark.repeats
@pytest.mark.parametrize("form", CHARTED)
@pytest.mark.parametrize("count", [5, 1000, 1001])
def test_a_chart_changes_nothing_of_the_table(form: str, count: int) -> None:
    rows = [(str(n), "x", "EUR", n, 1) for n in range(count)]
    plain, charted = (rendered(form, table(iter(rows), chart=chart), count) for chart in (None, STACKED))
    if form == "html":
        assert re.sub("<figure>.*?</figure>\n", "", charted, flags=re.DOTALL) == plain
        assert (charted.index("<figure>") < charted.index("<table ")) == (count <= 1000)
    elif form == "pdf":
        lines = [[line for line in text.splitlines() if " EUR " in line] for text in (plain, charted)]
        assert lines[0] == lines[1]
        assert len(lines[0]) >= count
        assert (charted.index("Ageing, EUR") < charted.index(lines[0][0])) == (count <= 1000)
    else:
        assert "Ageing, EUR" in charted
        assert (charted.endswith(plain), charted.startswith(plain)) == (count <= 1000, count > 1000)


def rendered(form: str, shown: Table, count: int = 1) -> str:
    """Return the text of what a renderer writes; a PDF's is what a reader finds in it."""
    if form != "pdf":
        text = io.StringIO()
        assert renderer(form)(shown, text, Style()) == count
        return text.getvalue()
    from pypdf import PdfReader

    file = io.BytesIO()
    assert renderer(form)(shown, file, Style()) == count
    return "\n".join(page.extract_text() for page in PdfReader(file).pages)


# As SVG


def rectangles(text: str) -> Iterator[tuple[float, float]]:
    for element in ET.fromstring(text).iter(f"{SVG}rect"):
        if element.find(f"{SVG}title") is not None:  # a piece of a bar: the legend has no tip
            yield float(element.attrib["x"]), float(element.attrib["width"])


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), min_size=1, max_size=20))
def test_svg_is_in_proportion(values: list[tuple[int, int, int]]) -> None:
    found = picture(*(Bar("x", value) for value in values), series=("a", "b", "c"))
    drawn = list(rectangles(svg.svg(found)))
    pieces = [(min(start, end), abs(end - start)) for bar in found.bars for _, start, end in bar.pieces()]
    assert len(drawn) == len(pieces)
    low, high = found.span
    if not pieces:
        return
    longest = max(pieces, key=lambda piece: piece[1])
    scale = drawn[pieces.index(longest)][1] / longest[1]
    zero = drawn[pieces.index(longest)][0] - longest[0] * scale
    for (x, size), (start, value) in zip(drawn, pieces, strict=True):
        assert abs(size - value * scale) < 0.05
        assert abs(x - (zero + start * scale)) < 0.05
    assert scale * (high - low) >= 760 * 0.25 - 1


def test_svg_is_safe_and_can_be_read() -> None:
    found = picture(Bar(HOSTILE, (5, -3)), Bar("x" * 500, (1, 1)), series=(HOSTILE, "b"), title=HOSTILE)
    text = svg.svg(found)
    root = ET.fromstring(text)
    allowed = {"svg", "title", "desc", "rect", "path", "text"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == allowed
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e\ud800-\udfff\ufffe]", text)
    assert not {
        name
        for element in root.iter()
        for name in element.attrib
        if name.startswith("on") or name in {"id", "style", "href"}
    }
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert "0.02" in (root.findtext(f"{SVG}desc") or "")
    assert root.attrib["role"] == "img"


def test_hostile_names_come_out_harmless_in_every_format() -> None:
    rows = [(HOSTILE, HOSTILE, "EUR", 5, 3)]
    for form in CHARTED:
        text = rendered(form, table(rows, chart=STACKED))
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert form != "html" or text.count("<script") == 1  # the page's own
    file = io.StringIO()
    renderer("md")(table([("```", "# x", "EUR", 5, 3)], chart=STACKED), file, Style())
    assert all(line.startswith("    ") for line in file.getvalue().split("\n\n")[0].splitlines())


def luminance(color: colors.Color) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: colors.Color, b: colors.Color) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_scale_goes_from_light_to_dark_in_grey_too() -> None:
    assert round(contrast((255, 255, 255), (0, 0, 0)), 6) == 21  # as WCAG has it
    for count, least in ((2, 10), (5, 1.5), (8, 1.2)):
        steps = [paint.color for paint in colors.paints(count, is_scale=True)]
        assert [luminance(c) for c in steps] == sorted((luminance(c) for c in steps), reverse=True)
        assert min(contrast(a, b) for a, b in pairwise(steps)) > least


def test_kinds_differ_by_hatching_where_there_is_no_colour() -> None:
    paints = colors.paints(8, is_scale=False)
    assert len({(paint.hatch, paint.step) for paint in paints}) == 8
    for paint in paints:
        ink = tuple(int(paint.ink[at : at + 2], 16) for at in (1, 3, 5))
        assert not paint.hatch or contrast(ink, paint.color) > 2.5  # type: ignore[arg-type]


@given(st.tuples(*[st.floats(0, 500)] * 4), st.integers(0, 7))
def test_hatching_stays_in_its_box(box: tuple[float, float, float, float], at: int) -> None:
    x, y, size, height = box
    for x1, y1, x2, y2 in colors.strokes(colors.paints(8, is_scale=False)[at], (x, y, x + size, y + height)):
        assert all(x - 1e-6 <= found <= x + size + 1e-6 for found in (x1, x2))
        assert all(y - 1e-6 <= found <= y + height + 1e-6 for found in (y1, y2))


# As a drawing for PDF


def test_a_drawing_has_the_bars_of_the_svg_and_its_words() -> None:
    from pypdf import PdfReader
    from reportlab.graphics import renderPDF
    from reportlab.graphics.shapes import Rect

    bars = (Bar("Kříž", (500, -250)), Bar("Öztürk", (100, 0)))
    found = picture(*bars, series=("new", "old"))
    drawn = drawing(found, 480.0)
    assert drawn.width == 480
    rects = [shape for shape in drawn.contents if isinstance(shape, Rect)]
    assert len(rects) == 5  # three pieces of bars, two swatches
    assert rects[1].width == pytest.approx(5 * rects[2].width)
    assert rects[1].width == pytest.approx(2 * rects[0].width)
    assert all(shape.x >= 0 and shape.x + shape.width <= 480 and shape.y >= 0 for shape in rects)
    text = PdfReader(io.BytesIO(renderPDF.drawToString(drawn))).pages[0].extract_text()
    for word in ("Ageing", "Kříž", "Öztürk", "2.50", "1.00", "new 6.00", "old -2.50"):
        assert word in text
