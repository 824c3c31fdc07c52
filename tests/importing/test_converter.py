"""Rows of a file become the same values whether a block of them is converted column by column or one by one."""

from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli.importing import readers
from segcli.importing.kinds.machinery import conversion, converter
from segcli.importing.kinds.machinery.converter import Converter
from segcli.importing.understanding import Understanding
from segcli.importing.wishes import Wishes
from segcli.storage import database

ADMINISTRATION = ROOT / "examples" / "administration"
ODD = """account,name,status,is_blocked,country,start_date,class1
 A1 ,  Blanks around ,C,ja, nl,2026-01-31, N
A2,Nothing else,,,,,
A3,None,p,0,NL,2026-02-01,none
A4,New value,klant,1,Nederland,2026-02-01,?
"""
WRONG = ODD + "A5,Wrong,x,0,NL,2026-02-30,N\n,Nobody,C,0,NL,,N\nA7,Right again,C,0,NL,2026-02-28,N\n"


def converted(path: Path, example: Path, monkeypatch: pytest.MonkeyPatch, *, by_column: bool) -> list[Any]:
    """Return the rows of a file, and what is wrong in it, as a loader would have them."""
    with monkeypatch.context() as patch:
        if not by_column:
            patch.setattr(Converter, "_by_column", lambda *_: ())
        db = database.connect(example)
        understanding = Understanding(db, Wishes(), "2026-06-30")
        source = readers.open_source(str(path))
        found: list[Any] = []
        for number, block in enumerate(readers.read(source), 1):
            stage, block = understanding.stage(source, block, number, understanding.options())  # noqa: PLW2901
            found += [
                list(converter.Converter(stage, block).rows(block.rows, lambda _: None)),
                stage.problems,
                stage.rejected,
            ]
        db.close()
        return found


@pytest.mark.repeats
@pytest.mark.parametrize("name", [*sorted(path.name for path in ADMINISTRATION.glob("*.csv")), "odd.csv", "wrong.csv"])
@pytest.mark.parametrize("at_once", [1, 3, 256])
def test_both_ways_give_the_same(example: Path, monkeypatch: pytest.MonkeyPatch, name: str, at_once: int) -> None:
    Path("odd.csv").write_text(ODD)
    Path("wrong.csv").write_text(WRONG)
    path = ADMINISTRATION / name if (ADMINISTRATION / name).exists() else Path(name)
    monkeypatch.setattr(converter, "_AT_ONCE", at_once)
    quick = converted(path, example, monkeypatch, by_column=True)
    assert quick == converted(path, example, monkeypatch, by_column=False)
    assert quick[0]


def test_so_do_columns_with_more_words_than_are_remembered(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("wrong.csv").write_text(WRONG)
    wanted = converted(Path("wrong.csv"), example, monkeypatch, by_column=True)
    assert wanted[0]
    monkeypatch.setattr(converter, "MOST_KNOWN", 1)
    for at_once in (1, 3, 256):
        monkeypatch.setattr(converter, "_AT_ONCE", at_once)
        for by_column in (True, False):
            assert converted(Path("wrong.csv"), example, monkeypatch, by_column=by_column) == wanted


def test_odd_cells(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The values by hand: blanks are off, what is blank is none, words are codes, an unknown value stays a word."""
    Path("odd.csv").write_text(ODD)
    monkeypatch.setattr(Converter, "_one_by_one", lambda *_: pytest.fail("nothing is wrong here"))
    rows, problems, _ = converted(Path("odd.csv"), example, monkeypatch, by_column=True)
    assert [row[2:7] for row in rows] == [
        ("A1", "Blanks around", "C", 1, "2026-01-31"),
        ("A2", "Nothing else", None, None, None),
        ("A3", "None", "P", 0, "2026-02-01"),
        ("A4", "New value", "C", 1, "2026-02-01"),
    ]
    assert [row[7] for row in rows] == ["NL", None, "NL", "NL"]
    assert [type(row[8]) for row in rows] == [int, type(None), type(None), str]
    assert problems == []


NUMBERS = ["0", "-1", "+2", "12.5", " 7 ", "1234567890123456", "0.123456789", "1.234,56", "-0,5", "00", "1.000"]
ODD_NUMBERS = [
    "",
    "  ",
    "1.",
    ".5",
    "--1",
    "1e5",
    "1_000",
    "nan",
    "٣",
    "12345678901234567",
    "0.1234567890",
    "1\n2",
    "\n",
    "1 2",
    "1,2,3",
]


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.sampled_from(NUMBERS + ODD_NUMBERS) | st.text("0123456789.,-+ \n", max_size=20) | st.none()),
    st.sampled_from(".,"),
)
def test_a_column_of_decimal_numbers_is_read_as_each_of_them(cells: list[str | None], sign: str) -> None:
    style = conversion.Style(decimal=sign)

    def one(cell: str | None) -> str | None:
        text = (cell or "").strip()
        return conversion.to_decimal(text, style) if text else None

    try:
        expected = list(map(one, cells))
    except ValueError:
        with pytest.raises(ValueError, match="not a number"):
            conversion.to_decimals(cells, style)
    else:
        assert conversion.to_decimals(cells, style) == expected
