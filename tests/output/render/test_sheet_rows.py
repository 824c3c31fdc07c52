"""Rows of a sheet written at once are, to the byte, what XlsxWriter writes cell by cell."""

import io
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from segcli.domain.table import Column, Row, Table
from segcli.output.render import Style, xlsx
from segcli.output.render.parts import cell_text, sheet_rows, worksheet

COLUMNS = (
    Column("account", "code"), Column("name"), Column("day", "date"), Column("amount", "money", total="sum"),
    Column("exact", "money", parts=10_000), Column("base", "money", is_base=True), Column("days", "integer", total="sum"),
    Column("share", "percent"), Column("factor", "decimal"), Column("is_open", "flag"),
)  # fmt: skip
PLAIN: Row = ("A-1", "Müller & Söhne <GmbH>", "2026-01-31", 12345, 99_995_000, -1, 7, 12.5, 1e-7, 1, "EUR")


def drawn(rows: Sequence[Row], monkeypatch: pytest.MonkeyPatch | None = None, **changes: object) -> bytes:
    table = Table("T", COLUMNS, list(rows), currency_at=10, **changes)  # type: ignore[arg-type]
    file = io.BytesIO()
    if monkeypatch is None:
        assert xlsx.render(table, file, Style()) == len(rows)
    else:
        with monkeypatch.context() as patch:
            patch.setattr(sheet_rows, "is_known", lambda _sheet: False)
            xlsx.render(table, file, Style())
    return file.getvalue()


CELLS = st.tuples(
    st.none() | st.text(max_size=6), st.none() | st.text(alphabet=" &<>\"'_x0041_ABé株\n\t\r\x1b\ud800", max_size=12),
    st.none() | st.dates().map(str) | st.sampled_from(["2026-02-30", "soon"]),
    st.none() | st.integers(-(10**16), 10**16) | st.integers(-999, 999), st.none() | st.integers(-(10**12), 10**12),
    st.none() | st.integers(-999, 999), st.none() | st.integers(-(10**16), 10**16),
    st.none() | st.floats(allow_nan=False), st.none() | st.floats(allow_nan=False), st.none() | st.sampled_from([0, 1]),
    st.none() | st.sampled_from(["EUR", "JPY", "KWD"]),
)  # fmt: skip


@pytest.mark.repeats
@settings(max_examples=40, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=30))
def test_whatever_the_rows_hold_the_book_is_the_same(special: list[Row]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cell_text, "BLOCK", 100)
        patch.setattr(worksheet, "_SAMPLE", 100)
        rows = [PLAIN] * 101 + special + [PLAIN] * 90
        assert drawn(rows) == drawn(rows, patch)


@pytest.mark.repeats
@pytest.mark.parametrize(
    ("at", "cell", "back"),
    [
        (1, "#N/A", "'#N/A"),  # marked, so that it comes back as a text
        (1, "'#REF!", "''#REF!"),
        (1, " x ", " x "),
        (1, "_x0041_", "_x0041_"),
        (1, "x" * 32_767, "x" * 32_767),
        (2, "1899-12-31", "1899-12-31"),
        (2, "2026-02-30", "2026-02-30"),
        (2, "soon", "soon"),
        (3, 10**15, "10000000000000.00"),
        (6, -(10**15), "-1000000000000000"),
    ],
)
def test_one_cell_out_of_the_ordinary_is_written_as_ever(
    monkeypatch: pytest.MonkeyPatch, at: int, cell: str | int, back: str
) -> None:
    rows = [PLAIN] * 1500 + [(*PLAIN[:at], cell, *PLAIN[at + 1 :])] + [PLAIN] * 10
    book = drawn(rows)
    assert book == drawn(rows, monkeypatch)
    assert CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()[1501][at] == back


def test_blocks_of_both_kinds_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)
    odd = ("x", "two\nlines", "1899-12-31", 10**15, 1, 1, 10**15, 1.0, 1.0, 0, "USD")
    rows = [odd if chance.random() < 0.0004 else PLAIN for _ in range(9000)]
    book = drawn(rows)
    assert book == drawn(rows, monkeypatch)
    cells = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert len(cells) == 1 + 9000 + 2
    assert cells[5000][1] in {"Müller & Söhne <GmbH>", "two\nlines"}


def test_a_table_that_hides_its_currency_shows_it_for_the_totals(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(*PLAIN[:10], "EUR" if n % 3 else "USD") for n in range(3000)]
    assert drawn(rows) == drawn(rows, monkeypatch)


def test_the_fast_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    poured: list[int] = []
    own = sheet_rows.pour
    monkeypatch.setattr(sheet_rows, "pour", lambda *given: (poured.append(given[2]), own(*given)))  # type: ignore[arg-type]
    drawn([PLAIN] * 3500)
    assert poured == [1001, 2001, 3001]


def test_where_the_library_is_another_it_writes_every_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = drawn([PLAIN] * 2500)
    monkeypatch.setattr(sheet_rows, "_INSIDE", (*sheet_rows._INSIDE, "what_it_has_no_more"))
    assert drawn([PLAIN] * 2500) == whole
