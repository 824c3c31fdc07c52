"""Machine formats: exact, readable again, and nothing in them that steers a terminal or a spreadsheet."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count, islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from tables import COLUMNS, ROWS, draw, draw_bytes, small, table

from segcli.base.errors import SegcliError, UsageError
from segcli.base.money import to_text
from segcli.domain.table import Column, Kind, Table
from segcli.importing.readers.csv import _GUARD
from segcli.interface import options
from segcli.output.render import BINARY, FORMATS, Style, renderer
from segcli.output.render.parts import worksheet

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
NAMES = [column.name for column in COLUMNS]


def escaped(text: str | None) -> str:
    """Return the text as an export holds it, by another way than the code's."""
    return CONTROLS.sub(lambda m: f"\\x{ord(m[0]):02x}" if ord(m[0]) < 256 else f"\\u{ord(m[0]):04x}", text or "")


def tabbed(text: str | None) -> str:
    """Return the text as a cell of tsv, by another way than the code's: one replacement after the other."""
    for character, escape in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = (text or "").replace(character, escape)
    return escaped(text)


def plain(value: float) -> str:
    digits = format(Decimal(repr(value)), "f").removesuffix(".0")
    return "0" if value == 0 else digits


def expected(row: tuple[Any, ...], text: Callable[[str | None], str] = escaped) -> list[str]:
    code, name, day, amount, days, share, factor, flag, currency = row
    numbers = ["" if n is None else plain(n) for n in (share, factor)]
    return [
        text(code), text(name), day or "", "" if amount is None else to_text(amount, currency or "EUR"),
        "" if days is None else str(days), *numbers, "" if flag is None else str(flag),
    ]  # fmt: skip


def test_formats_are_those_that_the_flag_offers() -> None:
    assert set(FORMATS) == set(options.FORMATS)
    assert set(FORMATS) > BINARY


def test_an_unknown_format_is_refused_before_anything_is_imported() -> None:
    for name in ("nosuch", "_cells", "", "../csv"):
        with pytest.raises(UsageError, match="is not known"):
            renderer(name)


def test_csv_comes_back() -> None:
    got = list(csv.reader(io.StringIO(draw("csv", table()), newline=""), strict=True))
    assert got[0] == NAMES
    unguarded = [[cell[1:] if _GUARD.match(cell) else cell for cell in row] for row in got[1:]]
    assert unguarded == [expected(tuple(row)) for row in ROWS]


def test_tsv_comes_back() -> None:
    got = [line.split("\t") for line in draw("tsv", table()).split("\n")]
    assert got == [NAMES, *(expected(tuple(row), tabbed) for row in ROWS), [""]]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        *(("=1+1", "'=1+1"), ("+1", "'+1"), ("-5", "'-5"), ("@SUM", "'@SUM"), ("\tx", "'\tx"), ("'=1", "''=1")),
        *(("a=1", "a=1"), ("'t Hof", "'t Hof"), ("", ""), ("'", "'"), ("\r=1", "\\x0d=1")),
    ],
)
def test_formulas_are_guarded(cell: str, written: str) -> None:
    drawn = Table("T", (Column("a"), Column("b", "code"), Column("c", "integer")), [(cell, cell, -5)])
    assert next(csv.reader([draw("csv", drawn, Style(with_header=False))])) == [written, written, "-5"]
    assert draw("tsv", drawn, Style(with_header=False)) == f"{tabbed(cell)}\t{tabbed(cell)}\t-5\n"


@pytest.mark.repeats
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1), min_size=1))
def test_any_text_comes_back_from_csv(texts: list[str]) -> None:
    drawn = Table("T", (Column("a"), Column("b")), [(text, "x") for text in texts])
    got = list(csv.reader(io.StringIO(draw("csv", drawn, Style(with_header=False)), newline=""), strict=True))
    assert [row[0][1:] if _GUARD.match(row[0]) else row[0] for row in got] == [escaped(text) for text in texts]


def test_csv_by_hand() -> None:
    assert draw("csv", small()) == "account,name,open,days\nA1,Bakker,1234.56,5\nB22,De Wit,-0.50,\n"
    assert draw("tsv", small(), Style(with_header=False)) == "A1\tBakker\t1234.56\t5\nB22\tDe Wit\t-0.50\t\n"


def test_json_by_hand() -> None:
    first = '{"account": "A1", "name": "Bakker", "open": 1234.56, "days": 5}'
    second = '{"account": "B22", "name": "De Wit", "open": -0.50, "days": null}'
    assert draw("json", small()) == f"[\n {first},\n {second}\n]\n"
    assert draw("jsonl", small()) == f"{first}\n{second}\n"
    empty = Table("T", (Column("a"),), [])
    assert (draw("json", empty), draw("jsonl", empty)) == ("[]\n", "")


def test_json_is_exact() -> None:
    got = json.loads(draw("json", table()), parse_float=Decimal)
    assert draw("jsonl", table()).splitlines() == [
        line.strip().removesuffix(",") for line in draw("json", table()).split("\n")[1:-2]
    ]
    for row, item in zip(ROWS, got, strict=True):
        assert list(item) == NAMES
        assert item["name"] == row[1]
        amount, currency = row[3], row[8]
        assert item["amount"] == (None if amount is None else Decimal(to_text(int(amount), str(currency))))
        assert item["share"] == (None if row[5] is None else Decimal(repr(row[5])))
        assert item["is_blocked"] is (None if row[7] is None else bool(row[7]))
    assert got[4]["amount"] == Decimal("92233720368547758.07")


def test_json_numbers_and_escapes_by_hand() -> None:
    text = draw("jsonl", table()).splitlines()
    assert '"amount": 12.30, "days": 3, "share": 12.5, "factor": 1.5, "is_blocked": true' in text[0]
    assert '"amount": 1234567, "days": 0, "share": 0, "factor": 3, "is_blocked": false' in text[1]
    assert '"amount": 0.00, "days": -1, "share": -0.04, "factor": 0.0000001' in text[3]
    assert '"factor": 10000000000000000000000,' in text[4]
    assert '"amount": 0.99' in text[5]
    assert '"factor": 0,' in text[5]
    assert "\\u001b]0;owned\\u0007\\u009b31mred\\u007f" in text[3]
    assert "\u202e" in text[2]
    assert "x\\ud800y" in text[8]
    assert draw("jsonl", Table("T", (Column("a"),), [("\u2028é",)])) == '{"a": "\\u2028é"}\n'


def test_json_has_no_infinity() -> None:
    drawn = Table("T", (Column("a", "decimal"),), [(float("inf"),), (float("-inf"),)])
    assert json.loads(draw("json", drawn), parse_constant=pytest.fail) == [{"a": None}, {"a": None}]


def test_a_percent_sign_in_a_name_is_no_template() -> None:
    assert draw("jsonl", Table("T", (Column("100%s"),), [("x",)])) == '{"100%s": "x"}\n'


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl"])
def test_rows_stream(form: str) -> None:
    """A renderer that collected its rows first would never come to the end of these."""

    class EnoughError(Exception):
        pass

    class File(io.StringIO):
        def write(self, text: str) -> int:
            if self.tell() > 10_000:
                raise EnoughError
            return super().write(text)

    endless = Table("T", (Column("a", "integer"), Column("b")), ((n, "x") for n in count()))
    with pytest.raises(EnoughError):
        renderer(form)(endless, File(), Style())


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "ics"])  # a calendar needs requests
@pytest.mark.parametrize("size", [0, 1, 999, 1000, 1001, 2001])
def test_the_number_of_rows(form: str, size: int) -> None:
    rows = ((f"c{n}", "x") for n in range(size))
    file: Any = io.BytesIO() if form in BINARY else io.StringIO()
    assert renderer(form)(Table("T", (Column("a", "code"), Column("b")), rows), file, Style()) == size
    if form not in BINARY:
        page = file.getvalue().partition("<script>")[0]
        assert len(re.findall(r"\bc[0-9]+\b", page)) == size


# A calendar needs requests; parquet and sqlite hold texts as they are, and are not looked at.
@pytest.mark.parametrize("form", [form for form in FORMATS if form not in {"ics", "parquet", "sqlite"}])
def test_no_byte_steers_a_terminal(form: str) -> None:
    hostile = "\x1b]52;c;x\x07\x9b2J\x00\x08\x7f\r"
    kinds: tuple[Kind, ...] = ("text", "code", "date")
    columns = tuple(Column(kind, kind, heading=hostile) for kind in kinds)
    drawn = Table(hostile, columns, [(hostile, hostile, hostile), (None, None, None)], caption=hostile)
    found = draw_bytes(form, drawn)
    if form == "pdf":
        found = PdfReader(io.BytesIO(found)).pages[0].extract_text().encode()
    elif form in BINARY:
        with zipfile.ZipFile(io.BytesIO(found)) as book:
            found = b"".join(book.read(name) for name in book.namelist())
        found = found.replace(b"\r\n", b"\n")
    text = found.decode("utf-8")
    assert re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text) is None
    assert re.search(r"\\x1b|\\u001b|\\\\x1b", text)


def read_xlsx(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def test_xlsx_comes_back() -> None:
    heads, *rows = read_xlsx(draw_bytes("xlsx", table(with_totals=False)))
    assert heads == [column.title for column in COLUMNS]
    assert len(rows) == len(ROWS)
    assert rows[0] == ["0001", "Café Zürich", date(2026, 1, 31), 12.3, 3, 12.5, 1.5, True]
    assert rows[1][3] == 1234567
    assert rows[4][3] == "92233720368547758.07"  # more digits than a number of Excel has
    assert rows[2] == ["0003", "a\u202egnp.exe", "", -0.05, "", "", "", ""]
    assert [row[:2] for row in rows[:-1]] == [[escaped(str(row[0])), escaped(str(row[1]))] for row in ROWS[:-1]]


def test_xlsx_has_no_formula_but_totals_and_no_link() -> None:
    drawn = table(rows=[("=1+1", "https://x.example", "2026-01-01", -500, 1, 1.0, 1.0, 1, "EUR")])
    with zipfile.ZipFile(io.BytesIO(draw_bytes("xlsx", replace(drawn, with_totals=False)))) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    with zipfile.ZipFile(io.BytesIO(draw_bytes("xlsx", drawn))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert re.findall("<f>(.*?)</f>", sheet) == ["SUBTOTAL(109,$D$2)", "SUBTOTAL(109,$E$2)"]
        assert "hyperlink" not in sheet
        assert "<v>-5</v>" in sheet
        assert "autoFilter" in sheet
        assert 'state="frozen"' in sheet
        styles = book.read("xl/styles.xml").decode()
    assert 'formatCode="#,##0.00"' in styles or 'numFmtId="4"' in styles
    assert "yyyy-mm-dd" in styles


def test_xlsx_is_the_same_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    first = draw_bytes("xlsx", table())
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert draw_bytes("xlsx", table()) == first
    with zipfile.ZipFile(io.BytesIO(first)) as book:  # two runs within a second would agree on the clock, too
        assert set(re.findall(rb"W3CDTF\">([^<]*)<", book.read("docProps/core.xml"))) == {b"2000-01-01T00:00:00Z"}


def test_xlsx_says_what_a_sheet_cannot_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Table("T", (Column("a"),), [("x" * 32_767,)])
    assert len(read_xlsx(draw_bytes("xlsx", one))[1][0]) == 32_767
    with pytest.raises(SegcliError, match="32,767 characters"):
        draw_bytes("xlsx", Table("T", (Column("a"),), [("x" * 32_768,)]))
    monkeypatch.setattr(worksheet, "MOST_ROWS", 2)
    assert len(read_xlsx(draw_bytes("xlsx", Table("T", (Column("a"),), [("x",)] * 2)))) == 3
    with pytest.raises(SegcliError, match="2 rows") as caught:
        draw_bytes("xlsx", Table("T", (Column("a"),), [("x",)] * 3))
    assert "csv" in caught.value.hint


def test_xlsx_leaves_nothing_behind(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    draw_bytes("xlsx", table())
    with pytest.raises(SegcliError):
        draw_bytes("xlsx", Table("T", (Column("a"),), [("x" * 40_000,)]))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("title", ["", "History", "a/b:c*d?[e]'", "x" * 50, "\x1b"])
def test_xlsx_takes_any_title(title: str) -> None:
    assert read_xlsx(draw_bytes("xlsx", Table(title, (Column("a"),), [("x",)]))) == [["A"], ["x"]]


def test_old_and_broken_dates_stay_text() -> None:
    drawn = Table("T", (Column("a", "date"),), [("1899-12-31",), ("2026-02-30",), ("2026-02-28",)])
    assert [row[0] for row in read_xlsx(draw_bytes("xlsx", drawn))[1:]] == [
        "1899-12-31",
        "2026-02-30",
        date(2026, 2, 28),
    ]


def test_rows_are_read_once() -> None:
    rows = iter(ROWS)
    draw("csv", table(rows=islice(rows, 3)))
    assert len(list(rows)) == len(ROWS) - 3
