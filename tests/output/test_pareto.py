"""The Pareto line: the cumulative share beside each bar, and as a line over the bars of pictures."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from chart_case import SINGLE
from conftest import Run

from segcli.domain.table import Column, Table
from segcli.output.charts import Gatherer, Picture, shapes
from segcli.output.charts.svg import measure, svg
from segcli.output.charts.terminal import Look, lines

COLUMNS = (Column("account"), Column("new", "money", total="sum"), Column("share", "percent", "Cumulative"))
CHART = replace(SINGLE, label=("account",), note="share", line="share")
ROWS = [("a", 6000, 60.0), ("b", 3000, 90.0), ("c", 1000, 100.0)]


def drawn(rows: list[tuple[object, ...]], columns: tuple[Column, ...] = COLUMNS) -> Picture:
    gatherer = Gatherer(Table("Score", columns, rows), CHART)  # type: ignore[arg-type]
    assert list(gatherer.watch(rows)) == rows  # type: ignore[arg-type]
    (found,) = gatherer.pictures()
    return found


def test_the_line_passes_each_bar_at_its_share() -> None:
    picture = drawn(ROWS)
    sheet = shapes.sheet(picture, 760.0, measure)
    line, swatch = (shape for shape in sheet.shapes if isinstance(shape, shapes.Path))
    boxes = [shape for shape in sheet.shapes if isinstance(shape, shapes.Box)]
    left, plot = boxes[0].x, boxes[0].width  # the largest bar fills the plot
    assert [x for x, _ in line.points] == pytest.approx([left + plot * part for part in (0.6, 0.9, 1.0)])
    assert [y for _, y in line.points] == [box.y + box.height / 2 for box in boxes]
    assert swatch.points[0][1] > line.points[-1][1]
    assert "Cumulative (0–100 %)" in [shape.text for shape in sheet.shapes if isinstance(shape, shapes.Text)]
    text = svg(picture)
    assert text.count("<circle") == 3 + 2
    assert "a: 60.00 (60.0 %)" in text


def test_text_has_the_share_beside_each_bar() -> None:
    found = lines(drawn(ROWS), Look(60))
    assert [line.split()[-3:] for line in found[1:4]] == [
        ["60.00", "60.0", "%"],
        ["30.00", "90.0", "%"],
        ["10.00", "100.0", "%"],
    ]
    assert found[-1] == "% Cumulative"


@pytest.mark.parametrize(
    ("rows", "columns"),
    [([ROWS[1], ROWS[0], ROWS[2]], COLUMNS), ([row[:2] for row in ROWS], COLUMNS[:2]), ([(*row[:2], None) for row in ROWS], COLUMNS)],
)  # fmt: skip
def test_there_is_no_line_that_would_fall_or_that_nobody_shows(
    rows: list[tuple[object, ...]], columns: tuple[Column, ...]
) -> None:
    """In another order the shares stay beside the bars; without the column there are none."""
    picture = drawn(rows, columns)
    assert picture.passed == ()
    assert not any(isinstance(shape, shapes.Path) for shape in shapes.sheet(picture, 760.0, measure).shapes)
    assert "% Cumulative" not in lines(picture, Look(60))


def test_bars_that_are_left_out_have_no_point() -> None:
    rows = [(f"k{n:02}", 100 - n, float(n)) for n in range(30)]
    picture = drawn(rows)
    assert [at for at, _ in picture.passed] == list(range(20))
    assert picture.bars[-1].is_rest


def test_abc_of_the_example(segcli: Run, example: Path) -> None:
    rows = segcli("score", "abc", "--limit", "20", "-f", "json").rows
    text = segcli("score", "abc", "--limit", "20", "--chart", "-f", "plain").out.splitlines()
    assert [line.split()[-2] for line in text[1:21]] == [f"{float(str(row['cumulative'])):.1f}" for row in rows]
    for name in ("abc.html", "abc.pdf"):
        assert segcli("score", "abc", "--chart", "-o", name).status == 0
    page = Path("abc.html").read_text()
    assert page.count("<circle") == 20 + 2
    assert re.search(r"<text [^>]*>Cumulative \(0–100 %\)<", page)
