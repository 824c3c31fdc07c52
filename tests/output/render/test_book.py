"""Tables bound into one file: a workbook with totals as formulas, a document on paper; and dates in people's order."""

import io
import re
import zipfile

from pypdf import PageObject, PdfReader
from python_calamine import CalamineWorkbook
from tables import draw, draw_bytes, small, table

from segcli.domain.table import Column, Table
from segcli.output.render import Style, binder
from segcli.output.render.xlsx import sheet_names


def bind(form: str, *tables: Table, style: Style) -> bytes:
    file = io.BytesIO()
    binder(form)(tables, file, style)
    return file.getvalue()


def test_a_pack_has_contents_and_totals_as_formulas() -> None:
    two = Table("open", (Column("a", "code"), Column("open", "money", total="sum")),
                [("A", 100, "EUR"), ("B", 250, "USD"), ("C", 5, None)], currency_at=2)  # fmt: skip
    data = bind("xlsx", small(), two, style=Style())
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert book.sheet_names == ["Contents", "Open", "open 2"]
    assert book.get_sheet_by_name("Open").to_python()[-1][:3] == ["Total", "", 1234.06]
    assert book.get_sheet_by_name("open 2").to_python()[-2:] == [["Total EUR", 1.05, ""], ["Total USD", 2.5, ""]]
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        first, second = (made.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (2, 3))
    assert "<f>SUBTOTAL(109,$C$2:$C$3)</f><v>1234.06</v>" in first
    assert "SUMIFS($B$2:$B$4,$C$2:$C$4,&quot;USD&quot;)" in second.replace('"', "&quot;")


def test_names_of_sheets_differ_whatever_their_case() -> None:
    assert sheet_names(["A", "a", "x" * 40, "x" * 50]) == ["A", "a 2", "x" * 31, "x" * 29 + " 2"]


def test_a_document_says_everything_once_and_is_the_same_twice() -> None:
    style = Style(decimal=",", dates="dmy")
    data = bind("pdf", small(), table(), style=style)
    assert data == bind("pdf", small(), table(), style=style)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
    assert len(pages) == 2
    assert pages[1].startswith("2\n")  # the number of pages, drawn last and placed first
    assert "Page 2 of" in pages[1]
    for word in ("Bakker", "1.234", ",56", "De Wit", "as of 2026-03-31", "Total"):
        assert word in pages[0]
    assert "31-01-2026" in pages[1]


def test_dates_in_the_order_that_is_set() -> None:
    drawn = Table("T", (Column("d", "date"),), [("2026-03-31",), ("soon",)])
    assert draw("table", drawn, Style(dates="dmy")).split()[2:] == ["31-03-2026", "soon"]
    assert draw("table", drawn, Style(dates="mdy")).split()[2:] == ["03/31/2026", "soon"]
    assert draw("csv", drawn, Style(dates="dmy")) == "d\n2026-03-31\nsoon\n"
    assert b"dd-mm-yyyy" in zipfile.ZipFile(io.BytesIO(draw_bytes("xlsx", drawn, Style(dates="dmy")))).read(
        "xl/styles.xml")  # fmt: skip


def test_a_row_that_is_higher_than_a_page_goes_on_and_nothing_is_lost() -> None:
    words = [f"w{number:03}" for number in range(400)]  # 1,999 characters
    narrow = tuple(Column(f"column_{number}") for number in range(8))
    columns = (Column("account", "code"), Column("remarks"), Column("open", "money", total="sum"), *narrow)
    beside = ("some text beside it",) * 8
    rows = [("A1", "short", 100, *beside), ("A2", " ".join(words), 123456, *beside), ("A3", "last", -50, *beside)]
    style = Style()
    pages = PdfReader(io.BytesIO(bind("pdf", Table("Open", columns, rows), style=style))).pages
    texts = [page.extract_text() for page in pages]
    assert len(texts) > 2
    assert re.findall(r"w\d{3}", "".join(texts)) == words
    assert [sum(text.count(word) for text in texts) for word in ("A2", "1,234", "A3", "Remarks")] == [
        1,
        1,
        1,
        len(texts),
    ]
    assert style.told == []
    for page in pages:
        foot = next(y for text, y in heights(page) if text.startswith("Page"))
        assert all(y > foot + 6 for text, y in heights(page) if re.match(r"w\d", text))


def test_a_number_wider_than_its_column_is_smaller_and_whole() -> None:
    """Widths are those of the first thousand rows."""
    rows = [("A", 100)] * 1001 + [("B", 12_345_678_901_234)]
    pages = PdfReader(
        io.BytesIO(bind("pdf", Table("T", (Column("account"), Column("open", "money")), rows), style=Style()))
    ).pages
    found: dict[str, float] = {}
    pages[-1].extract_text(visitor_text=lambda text, _, __, ___, size: found.setdefault(text.strip(), size))
    assert found["123,456,789,012.34"] < found["B"]


def heights(page: PageObject) -> list[tuple[str, float]]:
    """Return each text of a page with its height above the lower edge."""
    found: list[tuple[str, float]] = []
    page.extract_text(
        visitor_text=lambda text, _, at, *__: found.append((text.strip(), at[5])) if text.strip() else None
    )
    return found


def test_a_cell_without_end_is_cut_and_that_is_told() -> None:
    style = Style()
    drawn = Table("T", (Column("name"),), [("é" * 2000,), ("x" * 2001,)])
    data = bind("pdf", drawn, style=style)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    flat = re.sub(r"\s", "", text)
    assert flat.count("é") == 2000
    assert "x…(2,001)" in flat
    assert style.told == ["cells of more than 2,000 characters are cut, with their length behind them"]
    assert style.told[0] in " ".join(text.split())
