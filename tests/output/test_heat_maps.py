"""Heat maps: shades by value, short numbers, and the same cells as text, SVG, PDF and a workbook's colour scale."""

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Run

from segcli.base.errors import UsageError
from segcli.domain.table import Chart, Column, Row, Table
from segcli.output.charts import Heat, HeatGatherer, colors, drawing, gatherer, heat, layout, svg, terminal_heat
from segcli.output.charts.shapes import Box, Text
from segcli.output.charts.terminal import Look

COLUMNS = (Column("cohort"), Column("accounts", "integer"), *(Column(f"p{n}", "percent", str(n)) for n in range(3)))
CHART = Chart(("p0", "p1", "p2"), "heat", ("cohort",))
ROWS: list[Row] = [
    ("2025-01", 10, 100.0, 50.0, 0.0),
    ("2025-02", 20, 100.0, 25.0, None),
    ("2025-03", 30, 100.0, None, None),
]


def picture(rows: list[Row] | None = None, **changes: object) -> Heat:
    held = ROWS if rows is None else rows
    table = replace(Table("Cohorts", COLUMNS, held), **changes)  # type: ignore[arg-type]
    found = gatherer(table, CHART)
    assert isinstance(found, HeatGatherer)
    assert list(found.watch(held)) == held
    return found.pictures()[0]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (0, "0"), (0.0, "0"), (7, "7"), (7.14, "7.1"), (-0.04, "0.0"), (24.49, "24"), (100.0, "100"), (999.4, "999"), (999.6, "1.0k"),
     (1234, "1.2k"), (12_345, "12k"), (999_999, "1.0M"), (-2500, "-2.5k"), (3_400_000_000, "3.4G")],
)  # fmt: skip
def test_short_numbers(value: float | None, text: str) -> None:
    assert heat.words(value) == text
    assert heat.words(value, ",") == text.replace(".", ",")


def test_shades() -> None:
    """The values 0 to 50 of the later columns set the limits 0, 10, 20, 30 and 40; the first column has the darkest shade."""
    found = picture()
    assert found.span == (0, 50)
    assert found.limits() == [0, 10, 20, 30, 40]
    assert found.steps() == [[4, 4, 0], [4, 2, None], [4, None, None]]
    assert picture([("a", 1, 5.0, None, None)]).span == (5, 5)
    assert picture([("a", 1, 5.0, None, None)]).steps() == [[0, None, None]]


def test_text() -> None:
    found = terminal_heat.lines(picture(), Look(40, is_ascii=True))
    assert found == [
        "Cohorts",
        "           0    1    2",
        "2025-01 #100 # 50 .  0",
        "2025-02 #100 + 25",
        "2025-03 #100",
        ". below 10  - from 10  + from 20  * from 30  # from 40",
    ]
    narrow = terminal_heat.lines(picture(), Look(20, is_ascii=True))
    assert narrow[-1] == "not drawn: 2"
    assert all(len(line) <= 20 for line in narrow[1:5])
    colored = terminal_heat.lines(picture(), Look(40, has_color=True))
    plain = [re.sub("\x1b\\[[0-9;]*m", "", line) for line in colored]
    assert plain == terminal_heat.lines(picture(), Look(40))
    assert len({line[:12] for line in re.findall("\x1b\\[48;5;[0-9]+", "".join(colored))}) == 5


def test_the_last_rows_are_drawn() -> None:
    rows: list[Row] = [(f"row {n}", 1, 100.0, float(n), None) for n in range(heat.MOST_ROWS + 7)]
    found = picture(rows)
    assert (len(found.rows), found.rows[0].label) == (heat.MOST_ROWS, "row 7")
    assert found.note == "7 rows above these are in the table only"
    assert found.note in terminal_heat.lines(found, Look(80))


def test_boxes_lie_on_a_grid() -> None:
    sheet = layout.sheet(picture(), 400, svg.measure)
    boxes = [shape for shape in sheet.shapes if isinstance(shape, Box) and shape.tip]
    assert [box.tip.split(" · ") for box in boxes] == [
        ["2025-01", "0", "100"], ["2025-01", "1", "50"], ["2025-01", "2", "0"], ["2025-02", "0", "100"], ["2025-02", "1", "25"],
        ["2025-03", "0", "100"],
    ]  # fmt: skip
    assert len({box.x for box in boxes}) == len({box.y for box in boxes}) == 3
    shades = colors.paints(heat.STEPS, is_scale=True)
    assert [box.paint for box in boxes] == [shades[at] for at in (4, 4, 0, 4, 2, 4)]
    for shape in sheet.shapes:
        assert 0 <= shape.x <= 400
        assert shape.y <= sheet.height
    words = {shape.text: shape.ink for shape in sheet.shapes if isinstance(shape, Text)}
    assert [word for word in words if " " in word] == ["below 10", "from 10", "from 20", "from 30", "from 40"]
    assert (words["100"], words["0"], words["2025-01"]) == (
        "#ffffff",
        "#222222",
        "",
    )  # white on dark; a label has the page's colour
    many = replace(picture(), columns=tuple(map(str, range(40))), rows=(heat.HeatRow("x" * 99, (123_456,) * 40),))
    wide = layout.sheet(many, 400, svg.measure)
    assert max(shape.x + shape.width for shape in wide.shapes if isinstance(shape, Box)) <= 400.01


def test_svg_and_drawing() -> None:
    page = svg.svg(picture(title="Cohorts & <more>"), 400, ",")
    assert "Cohorts &amp; &lt;more&gt;" in page
    assert "<desc>2025-01: 0 100, 1 50, 2 0; 2025-02: 0 100, 1 25; 2025-03: 0 100</desc>" in page
    assert page.count("<rect ") == 6 + heat.STEPS
    made = drawing.drawing(picture(), 400)
    assert len(made.contents) > 20
    assert {element.text for element in made.contents if hasattr(element, "text")} >= {"2025-01", "50", "25"}


def test_a_chart_needs_its_columns() -> None:
    with pytest.raises(UsageError, match="--chart draws x"):
        HeatGatherer(Table("T", COLUMNS, []), Chart(("x",), "heat"))
    with pytest.raises(UsageError, match="--chart draws cohort"):
        HeatGatherer(Table("T", COLUMNS, []), Chart(("cohort",), "heat"))


def test_every_format_of_cohorts(segcli: Run, example: Path) -> None:
    for form in ("table", "plain", "md"):
        out = segcli("cohort", "--chart", "-f", form).out
        assert "▓" in out
        assert out.count("2025-01") >= 2
    assert "<figure>" in segcli("cohort", "--chart", "-f", "html").out
    for figure in ("retention", "turnover", "accounts"):
        assert segcli("cohort", "--chart", "--figure", figure, "-o", "c.xlsx").status == 0
        with zipfile.ZipFile("c.xlsx") as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        scale = re.search(r'<conditionalFormatting sqref="C2:O20"><cfRule type="colorScale".*?</cfRule>', sheet)
        assert scale  # 18 cohorts and the average, from the first to the last period
        assert "MIN($D$2:$O$20)" in scale[0]
    assert segcli("cohort", "-o", "c.xlsx").status == 0
    with zipfile.ZipFile("c.xlsx") as book:
        assert "colorScale" not in book.read("xl/worksheets/sheet1.xml").decode()
    assert segcli("cohort", "--chart", "-o", "c.pdf").status == 0
    assert Path("c.pdf").read_bytes().startswith(b"%PDF")
