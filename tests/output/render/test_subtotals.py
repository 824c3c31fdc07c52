"""Subtotals in every format: lines that are no rows, formulas that the total does not count again, and their way back."""

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from tables import HtmlCells, draw, draw_bytes

from segcli.domain.table import Column, Grouping, Table, Whole
from segcli.importing.readers import Source, workbook
from segcli.output.render import Style

COLUMNS = (
    Column("account", "code"),
    Column("country"),
    Column("open", "money", total="sum"),
    Column("days", "integer"),
)
# account, country, open, days, the currency; the last cell is the value of the group
ROWS = (
    ("A1", "BE", 1000, 1, "EUR", "BE"),
    ("A2", "BE", 250, 2, "EUR", "BE"),
    ("A3", "NL", 400, 3, "EUR", "NL"),
    ("A4", "NL", 5, 4, "USD", "NL"),
    ("A5", "NL", 7, 5, "USD", "NL"),
    ("A6", None, 900, 6, "USD", None),
)
WANTED = [("Subtotal BE", "12.50"), ("Subtotal NL EUR", "4.00"), ("Subtotal NL USD", "0.12"), ("Subtotal (none) USD", "9.00"),
          ("Total EUR", "16.50"), ("Total USD", "9.12")]  # fmt: skip


def table(**changes: object) -> Table:
    made = Table("Open", COLUMNS, list(ROWS), currency_at=4, grouping=Grouping(COLUMNS[1], 5))
    return replace(made, **changes)  # type: ignore[arg-type]


def test_text_has_a_line_after_each_group_and_currency() -> None:
    for form in ("table", "plain"):
        lines = [line for line in draw(form, table()).splitlines() if "otal" in line]
        assert [tuple(re.split(r"\s{2,}", line.strip())) for line in lines] == WANTED
    names = [line.split()[0] for line in draw("plain", table()).splitlines()[2:]]
    assert names[:9] == ["A1", "A2", "Subtotal", "A3", "A4", "A5", "Subtotal", "Subtotal", "A6"]
    assert "| Subtotal NL USD" in draw("md", table())
    blocks = draw("vertical", table())
    assert re.findall(r"-\[ (.*?) \]", blocks)[2:4] == ["Subtotal BE", "3"]


def test_subtotals_are_not_counted_as_rows() -> None:
    from segcli.output.render import renderer

    for form in ("table", "plain", "md", "html", "vertical"):
        assert renderer(form)(table(), io.StringIO(), Style()) == len(ROWS)
    for form in ("xlsx", "pdf"):
        assert renderer(form)(table(), io.BytesIO(), Style()) == len(ROWS)


def test_without_totals_subtotals_stay_and_with_one_home_currency_no_code_is_told() -> None:
    home = [(*row[:4], "EUR", row[5]) for row in ROWS]
    drawn = draw("plain", table(rows=home, with_totals=False))
    assert "Subtotal NL   " in drawn
    assert "EUR" not in drawn
    assert "4.12" in drawn
    assert "\nTotal" not in drawn


def test_a_long_table_keeps_its_groups_across_blocks() -> None:
    """A group of 2,500 rows of 0.01 is read in three blocks and has one subtotal."""
    rows = [("A", "NL", 1, 1, "EUR", "NL")] * 2500 + [("B", "PL", 2, 1, "EUR", "PL")]
    for form in ("table", "plain", "md"):
        lines = [line for line in draw(form, table(rows=rows)).splitlines() if "Subtotal" in line]
        assert [re.findall(r"\d+\.\d+", line) for line in lines] == [["25.00"], ["0.02"]]


def test_with_a_limit_a_subtotal_is_that_of_all_rows() -> None:
    sums = {"NL": {"EUR": (None, None, 12345, None)}}
    whole = Whole(1, 9, {"EUR": (None, None, 99999, None)}, sums)
    drawn = draw("plain", table(rows=[ROWS[2]], whole=lambda: whole))
    assert "123.45" in drawn
    assert "999.99" in drawn


def test_html_marks_subtotals_and_machines_get_none() -> None:
    page = draw("html", table())
    parsed = HtmlCells()
    parsed.feed(page)
    assert page.count("<tr class=sum>") == 4
    assert ["Subtotal NL USD", "", "0.12", ""] in parsed.rows
    assert draw("csv", table()) == (
        "account,country,open,days\nA1,BE,10.00,1\nA2,BE,2.50,2\nA3,NL,4.00,3\nA4,NL,0.05,4\nA5,NL,0.07,5\nA6,,9.00,6\n"
    )
    for form in ("tsv", "json", "jsonl", "sqlite"):
        assert b"Subtotal" not in draw_bytes(form, table())


def test_a_workbook_has_formulas_that_the_total_leaves_out(tmp_path: Path) -> None:
    data = draw_bytes("xlsx", table())
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    # rows 2 and 3 are BE, 5 is NL in euros, 6 and 7 NL in dollars, 10 has no country
    assert re.findall(r"<f>(SUBTOTAL[^<]*)</f><v>([^<]*)", sheet) == [
        ("SUBTOTAL(109,$C$2:$C$3)", "12.5"), ("SUBTOTAL(109,$C$5)", "4.0"),
        ("SUBTOTAL(109,$C$6:$C$7)", "0.12"), ("SUBTOTAL(109,$C$10)", "9.0"),
    ]  # fmt: skip
    assert sheet.count("SUMIFS($C$2:$C$11,$E$2:$E$11,") == 2
    lines = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("Open").to_python()
    assert [line[4] for line in lines if "ubtotal" in str(line)] == [""] * 4  # SUMIFS finds rows by their currency
    path = tmp_path / "open.xlsx"
    path.write_bytes(data)
    (block,) = workbook.read(Source(path, path.name))
    assert [row[1][0] for row in block.rows if isinstance(row, tuple)] == [row[0] for row in ROWS]


def test_a_workbook_in_one_currency_sums_all_rows_with_subtotal() -> None:
    home = [(*row[:4], "EUR", row[5]) for row in ROWS]
    sheet = zipfile.ZipFile(io.BytesIO(draw_bytes("xlsx", table(rows=home)))).read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r"<f>([^<]*)</f><v>([^<]*)", sheet)[-1] == ("SUBTOTAL(109,$C$2:$C$10)", "25.62")


@pytest.mark.parametrize("amount", [10**15, 10**17])
def test_an_inexact_subtotal_makes_the_total_a_number(amount: int) -> None:
    rows = [("A", "NL", amount, 1, "EUR", "NL"), ("B", "PL", 2, 1, "EUR", "PL")]
    sheet = zipfile.ZipFile(io.BytesIO(draw_bytes("xlsx", table(rows=rows)))).read("xl/worksheets/sheet1.xml").decode()
    assert "SUBTOTAL" not in sheet
