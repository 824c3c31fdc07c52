"""Charts: what is drawn adds up to the table, fits its room, is in proportion and shows nothing but itself."""

import io
import random
import re
import subprocess
import sys
import tracemalloc
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import Run, connected
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli import overviews
from segcli.base.errors import UsageError
from segcli.domain.table import Chart, Column, Row, Table
from segcli.output import destinations
from segcli.output.charts import Bar, Gatherer, Picture, colors, svg, terminal
from segcli.output.charts.drawing import drawing
from segcli.output.charts.steps import following
from segcli.output.charts.terminal import Look
from segcli.output.render import CHARTED, Style, renderer
from segcli.output.render.parts.aligned import width

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script>&\x00\x1b[31m\u202egnp.exe\ud800\ufffe\"'"
COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("currency"),
    *(Column(name, "money", total="sum") for name in ("new", "old")),
)
STACKED = Chart(("new", "old"), "stacked", ("account", "name"))
SINGLE = Chart(("new",), "bar", ("account", "name"))


def table(rows: Iterable[Row], **changes: object) -> Table:
    return replace(Table("Ageing", COLUMNS, rows, currency_at=2), **changes)  # type: ignore[arg-type]


def pictures(rows: Iterable[Row], chart: Chart = STACKED, **changes: object) -> list[Picture]:
    gatherer = Gatherer(table(rows, **changes), chart)
    for _ in gatherer.watch(rows):
        pass
    return gatherer.pictures()


def picture(*bars: Bar, series: tuple[str, ...] = ("one",), **changes: object) -> Picture:
    return replace(Picture("Ageing", series, bars, "EUR"), **changes)  # type: ignore[arg-type]


AMOUNTS = st.integers(-(2**62), 2**62) | st.integers(-300, 300)
ROWS = st.lists(
    st.tuples(st.text(max_size=6), st.none() | st.text(max_size=40), st.sampled_from(["EUR", "JPY"]), AMOUNTS, AMOUNTS),
    max_size=60,
)


# Figures


@given(ROWS)
def test_what_is_drawn_adds_up_to_the_table(rows: list[Row]) -> None:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        sums[row[2]][0] += row[3]  # type: ignore[index,operator]
        sums[row[2]][1] += row[4]  # type: ignore[index,operator]
    found = pictures(rows)
    assert {p.currency: list(p.totals) for p in found} == dict(sums)
    assert all(len(p.bars) <= 21 for p in found)


def test_the_largest_come_first_and_the_others_are_one() -> None:
    rows = [(str(n), None, "EUR", n * 100, -n) for n in random.Random(1).sample(range(1, 51), 50)]
    (found,) = pictures(rows)
    assert [bar.label for bar in found.bars] == [*(str(n) for n in range(50, 30, -1)), "30 others"]
    assert found.bars[-1].values == (sum(range(1, 31)) * 100, -sum(range(1, 31)))
    assert not found.is_drawn(found.bars[-1])
    assert found.is_drawn(found.bars[0])


def test_as_many_as_fit_keep_their_order() -> None:
    (found,) = pictures([("b", "B", "EUR", 1, 0), ("a", None, "EUR", 5, 0), (None, None, "EUR", None, -7)])
    assert [(bar.label, bar.total) for bar in found.bars] == [("b B", 1), ("a", 5), ("(none)", -7)]
    assert found.span == (-7, 5)


def test_currencies_are_never_added_up() -> None:
    found = pictures([("1", "A", "USD", 5, 1), ("2", "B", "EUR", 7, 1), ("3", "C", "JPY", 9, 1)])
    assert [(p.title, p.totals, p.words(p.bars[0].total)) for p in found] == [
        ("Ageing, EUR", (7, 1), "0.08"),
        ("Ageing, JPY", (9, 1), "10"),
        ("Ageing, USD", (5, 1), "0.06"),
    ]


def test_parts_of_a_cent_are_rounded_when_they_are_shown_and_never_before() -> None:
    columns = (*COLUMNS[:3], Column("new", "money", parts=10_000))
    rows = [(str(n), None, "EUR", 4_000) for n in range(25)]  # 0.4 of a cent each: 25 are ten cents
    (found,) = pictures(rows, SINGLE, columns=columns)
    assert sum(found.totals) == 100_000
    assert found.words(found.totals[0]) == "0.10"
    assert found.words_of(found.bars[0]) == "0.00"
    assert found.words_of(found.bars[-1]) == "0.02"


def test_in_the_currency_of_the_administration() -> None:
    columns = (*COLUMNS[:3], Column("new", "money", is_base=True))
    (found,) = pictures([("1", "A", "USD", 5), ("2", "B", "EUR", 7)], SINGLE, columns=columns, currency="GBP")
    assert (found.currency, found.totals) == ("GBP", (12,))


TIME = Table("Sales", (Column("month"), Column("revenue", "money")), [])


def by_time(rows: list[Row]) -> Picture:
    gatherer = Gatherer(TIME, Chart(("revenue",), "time", ("month",)))
    list(gatherer.watch(rows))
    return gatherer.pictures()[0]


def test_time_stays_in_order_and_has_no_gaps() -> None:
    found = by_time([("2026-02", 3), ("2025-11", 1), ("2025-12", 2)])
    assert [(bar.label, bar.total) for bar in found.bars] == [
        ("2025-11", 1),
        ("2025-12", 2),
        ("2026-01", 0),
        ("2026-02", 3),
    ]


@given(st.lists(st.integers(0, 9998 * 12), unique=True, min_size=1, max_size=80))
def test_of_time_the_latest_steps_are_kept_and_the_earlier_added_up(months: list[int]) -> None:
    found = by_time([(f"{n // 12 + 1:04}-{n % 12 + 1:02}", n + 1) for n in months])
    named = [bar for bar in found.bars if not bar.is_rest]
    assert len(named) <= 36
    assert sum(found.totals) == sum(months) + len(months)
    first = max(months) - len(named) + 1
    assert [bar.total for bar in named] == [n + 1 if n in months else 0 for n in range(first, max(months) + 1)]
    earlier = sum(n < first for n in months)
    assert [bar.label for bar in found.bars if bar.is_rest] == ([f"{earlier} earlier"] if earlier else [])


def test_steps_of_time() -> None:
    pairs = [
        ("2026-09", "2026-10"),
        ("2026-12", "2027-01"),
        ("2026Q1", "2026Q2"),
        ("2026Q4", "2027Q1"),
        ("2026", "2027"),
    ]
    assert [following(before) for before, _ in pairs] == [after for _, after in pairs]
    assert following("(none)") == ""


def test_rows_of_one_label_are_one_bar_with_a_piece_for_each_value() -> None:
    columns = (Column("source"), Column("target"), Column("value", "integer"))
    rows = [("A", "A", 5), ("A", "B", 2), ("B", "B", 4), ("B", None, 1)]
    (found,) = pictures(rows, Chart(("value",), "stacked", ("source",), by="target"), columns=columns, currency_at=None)
    assert found.series == ("A", "B", "(none)")
    assert [(bar.label, bar.values) for bar in found.bars] == [("A", (5, 2, 0)), ("B", (0, 4, 1))]
    assert (found.currency, found.words(12345)) == ("", "12345")


def test_more_series_than_can_be_told_apart_are_added_up() -> None:
    columns = (Column("account"), *(Column(f"b{n}", "money") for n in range(20)))
    chart = Chart(tuple(f"b{n}" for n in range(20)), "stacked")
    (found,) = pictures([("x", *range(20))], chart, columns=columns, currency_at=None)
    assert found.series == (*(f"B{n}" for n in range(13, 20)), "13 others")
    assert found.bars[0].values == (*range(13, 20), sum(range(13)))


def test_a_row_that_adds_up_others_is_no_bar_among_them() -> None:
    (found,) = pictures(
        [("x", None, "EUR", 5, 0), ("(the rest)", None, "EUR", 900, 0)], replace(STACKED, rest="(the rest)")
    )
    assert [(bar.label, bar.total, bar.is_rest) for bar in found.bars] == [("x", 5, False), ("the rest", 900, True)]


def test_memory_is_that_of_the_bars() -> None:
    gatherer = Gatherer(table([]), STACKED)
    rows = ((str(n), "a name", "EUR", n, -n) for n in range(50_000))
    tracemalloc.start()
    count = sum(1 for _ in gatherer.watch(rows))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, len(gatherer.pictures()[0].bars)) == (50_000, 21)
    assert peak < 200_000


def test_columns_that_are_not_shown_cannot_be_drawn() -> None:
    with pytest.raises(UsageError, match="--chart draws new, old: none is shown"):
        Gatherer(table([], columns=COLUMNS[:3]), STACKED)


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


# From the command line


def test_overviews_that_take_the_flag_have_a_chart(segcli: Run, example: Path) -> None:
    taking = [name for name in overviews.names() if "chart" in overviews.declared(name).parameters]
    assert taking == ["debtor-ageing", "debtor-balance", "purchase-analysis", "sales-analysis", "subscription-search"]
    for name in taking:
        for more in ((), ("--group-by", "country")):
            done = segcli("show", name, "--chart", "-f", "html", *more)
            assert (done.status, done.out.count("<svg") >= 1) == (0, True)


def test_movements_of_subscriptions_as_bars(segcli: Run, example: Path) -> None:
    words = ("show", "subscription-search", "--movements", "--group-by", "class1")
    text = segcli(*words, "--chart", "-f", "plain").out
    with connected(example) as db:
        places = dict(db.execute("SELECT code, position FROM classification_value WHERE field = 1"))
    rows = [row for row in segcli(*words, "-f", "json").rows if row["currency"] == "EUR"]
    rows.sort(key=lambda row: (row["class1"] is None, places.get(row["class1"], 0)))  # as people see them
    for name in ("New", "Grown", "Shrunk", "Lost"):
        total = sum(round(100 * row[name.lower()]) for row in rows)
        assert f"{name} {total / 100:,.2f}" in text
    assert figures(text)[: len(rows)] == [
        sum(round(100 * row[n]) for n in ("new", "grown", "shrunk", "lost")) for row in rows
    ]


def test_abc_as_bars(segcli: Run, example: Path) -> None:
    text = segcli("score", "abc", "--chart", "-f", "plain").out
    rows = segcli("score", "abc", "-f", "json").rows
    for letter in "ABC":
        total = sum(round(100 * row["amount"]) for row in rows if row["abc"] == letter)
        assert f"{letter} {total / 100:,.2f}" in text
    assert segcli("score", "rfm", "--chart").status == 2


def figures(text: str) -> list[int]:
    """Return the values that stand at the end of the bars of the first picture, in cents."""
    first = text.split("\n\n", maxsplit=1)[0].splitlines()[1:]
    return [
        int(match[1].replace(",", "").replace(".", ""))
        for line in first
        if (match := re.search(r" (-?[\d,]+\.\d\d)$", line))
    ]


def test_the_bars_of_the_example_are_its_outstanding_items(segcli: Run, example: Path) -> None:
    text = segcli("show", "debtor-ageing", "--chart", "-f", "plain", "--as-of", "9999-12-31").out
    with connected(example) as db:
        sums = db.execute(
            "SELECT sum(open_amount) FROM outstanding_item WHERE currency = 'EUR' GROUP BY account_id"
        ).fetchall()
    lines = text.split("\n\n")[0].splitlines()
    shown = [
        float(match[1].replace(",", "")) for line in lines[1:22] if (match := re.search(r"(-?[\d,]+\.\d\d)$", line))
    ]
    assert len(shown) == 21
    assert round(sum(shown) * 100) == sum(n for (n,) in sums)


def test_revenue_by_month_is_that_of_the_invoices(segcli: Run, example: Path) -> None:
    text = segcli("show", "sales-analysis", "--group-by", "month", "--chart", "-f", "plain").out
    with connected(example) as db:
        rows = db.execute(
            """SELECT substr(i.invoice_date, 1, 7), sum(l.net_amount) FROM invoice AS i JOIN invoice_line AS l ON l.invoice_id = i.id
                WHERE i.kind = 'sales' AND i.status = 'processed' AND i.currency = 'EUR' GROUP BY 1 ORDER BY 1"""
        ).fetchall()
    lines = text.split("\n\n")[0].splitlines()[1:]
    assert [line.split()[0] for line in lines] == [month for month, _ in rows]
    assert figures(text) == [(2 * amount + 10_000) // 20_000 for _, amount in rows]


def test_abc_has_its_classes_as_pieces(segcli: Run, example: Path) -> None:
    rows = segcli("show", "sales-analysis", "--group-by", "item", "--abc", "-f", "json").rows
    text = segcli("show", "sales-analysis", "--group-by", "item", "--abc", "--chart", "-f", "plain").out
    sums: dict[str, float] = defaultdict(float)
    for row in rows:
        if row["currency"] == "EUR":
            sums[row["abc"]] += row["revenue"]
    legend = text.split("\n\n")[0].splitlines()[-1]
    found = {name: float(value.replace(",", "")) for name, value in re.findall(r"\b([ABC]) ([\d,.]+)", legend)}
    assert found == pytest.approx(dict(sums), abs=0.01 * len(rows))


def test_a_matrix_is_a_bar_for_each_value_it_starts_from(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        count = db.execute("SELECT count(*) FROM account").fetchone()[0]
    done = segcli("matrix", "class1", "--from", "2000-01-01", "--chart", "-f", "plain")
    assert done.out.splitlines()[0] == "Matrix: accounts"
    assert re.fullmatch(rf"\(new\)  [░▒▓█▚┼]+  {count}", done.out.splitlines()[1])


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl", "xlsx", "vertical"])
def test_formats_without_a_chart_say_so(segcli: Run, example: Path, tmp_path: Path, form: str) -> None:
    for words in (("show", "debtor-ageing"), ("matrix", "class1", "--from", "2026-01-01")):
        done = segcli(*words, "--chart", "-f", form, "-o", tmp_path / "x")
        assert (done.status, done.out) == (2, "")
        assert f"--chart: {form} shows no chart" in done.err
    assert not (tmp_path / "x").exists()


def test_nothing_of_charts_is_read_where_none_is_asked_for(example: Path) -> None:
    code = (
        "import sys; from segcli.cli import main as cli; cli.run(['show', 'debtor-ageing', '-f', 'html', *sys.argv[1:]]);"
        "print(sorted(n for n in sys.modules if n in ('segcli.output.charts', 'reportlab', 'rich')), file=sys.stderr)"
    )
    for words, seen in (([], "[]"), (["--chart"], "['segcli.output.charts']")):
        done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
        assert done.stderr.strip() == seen
