"""Letters read back from the PDF: what stands where on the pages, and a file that is sound."""

import io
import re
import shutil
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from letter_case import LETTER, pdf, places, rows, texts
from PIL import Image
from pypdf import PdfReader

from segcli.base.errors import SegcliError
from segcli.output.documents.letter import Party
from segcli.output.documents.marks import MM, Piece, Rule
from segcli.output.documents.paginate import Frame, paginate
from segcli.output.documents.pdf import write
from segcli.output.documents.typeset import Typesetter


# The page
def test_address_stands_in_the_window_and_the_marks_at_the_folds() -> None:
    """A window of 85 x 45 mm, 20 mm from the left and 45 mm from the top; DIN 5008 form B folds at 105 and 210 mm."""
    recipient = Party("Afnemer " + "zeer lange naam " * 8, ("Dorpsstraat 2", "1234 AB Ons Dorp", "Nederland"))
    file = pdf(replace(LETTER, recipient=recipient))
    lines = [place for place in places(file) if 45 < place[2] < 92 and place[1] < 120]
    assert "Nederland" in [text for text, *_ in lines]
    setter = Typesetter(None)
    for text, x, y, size in lines:
        assert x >= 20
        assert x + setter.wrap(text, 1000, size)[0].width / MM <= 105
        assert 45 + size / MM <= y <= 90
    content = PdfReader(io.BytesIO(file)).pages[0].get_contents().get_data().decode("latin-1")
    levels = {297 - float(y) / MM for x, y in re.findall(r"n ([\d.]+) ([\d.]+) m", content) if float(x) < 5 * MM}
    assert any(abs(level - 105) < 0.1 for level in levels)
    assert any(abs(level - 210) < 0.1 for level in levels)


def test_amounts_end_at_the_same_place() -> None:
    setter = Typesetter(None)
    ends = [
        x + setter.wrap(text, 1000, size, bold=text.startswith("EUR"))[0].width / MM
        for text, x, _, size in places(pdf(LETTER))
        if text in {"100.00", "1,134.56", "EUR 1,234.56"}
    ]
    assert ends == [pytest.approx(190, abs=0.1)] * 3


@pytest.mark.parametrize("count", [0, 1, 20, 21, 22, 23, 24, 25, 26, 60, 300])
def test_a_long_table_runs_over_pages(count: int) -> None:
    pages = texts(pdf(replace(LETTER, rows=rows(count))))
    found = [row for page in pages for row in re.findall(r"F-\d{4}", page)]
    assert found == [f"F-{number:04}" for number in range(count)]
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert ("F-" in page) <= ("Invoice" in page), "each page of the table says its heading"
        assert ("Total to pay" in page) <= (count == 0 or "F-" in page), "the total follows a row"


def test_each_letter_counts_its_own_pages() -> None:
    pages = texts(pdf(LETTER, replace(LETTER, rows=rows(70)), LETTER))
    numbers = [re.search(r"Page (\d) of (\d)", page).groups() for page in pages]
    assert numbers == [("1", "1"), ("1", "3"), ("2", "3"), ("3", "3"), ("1", "1")]


@given(
    st.lists(st.tuples(st.floats(1, 400), st.booleans(), st.booleans(), st.booleans()), max_size=40),
    st.integers(0, 150),
)
def test_pages_hold_every_piece_once_and_within_the_frame(
    drawn: list[tuple[float, bool, bool, bool]], first: int
) -> None:
    rule = Rule(0, 0, 1, 1)
    heading = Piece(20, (rule,))
    pieces = [Piece(h, (rule,) if marks else (), keep, heading if head else None) for h, marks, keep, head in drawn]
    pages = paginate(pieces, Frame(first, 50, 500))
    placed = [piece for page in pages for _, piece in page if piece.marks and piece is not heading]
    assert [id(piece) for piece in placed] == [id(piece) for piece in pieces if piece.marks]
    assert all(y + piece.height <= 500.001 for page in pages for y, piece in page)
    assert all(a[0] + a[1].height <= b[0] + 0.001 for page in pages for a, b in pairwise(page))


def test_what_no_page_can_hold_begins_where_it_is() -> None:
    """A chain that fits on the next page goes there whole; one that fits on none begins on this one."""
    rule, frame = Rule(0, 0, 1, 1), Frame(0, 50, 500)
    for count, begins in ((20, 2), (30, 1)):
        chain = [Piece(20, (rule,), keep=True)] * count
        pages = paginate([Piece(200, (rule,)), *chain], frame)
        assert begins == next(
            number for number, page in enumerate(pages, 1) if chain[0] in [piece for _, piece in page]
        )


# The logo
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("size", [(400, 100), (10, 3000), (1, 1)])
def test_a_logo_is_drawn_in_proportion_and_stored_once(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    path = tmp_path / "logo"
    Image.new("RGB", size, (200, 0, 0)).save(path, kind)
    file = pdf(*[replace(LETTER, logo=path)] * 3)
    assert file.count(b"/Subtype /Image") == 1 + file.count(b"/SMask")
    content = PdfReader(io.BytesIO(file)).pages[2].get_contents().get_data().decode("latin-1")
    width, height = re.search(r"([\d.]+) 0 0 ([\d.]+) [\d.]+ [\d.]+ cm", content).groups()
    assert float(width) / float(height) == pytest.approx(size[0] / size[1], rel=0.001)


@pytest.mark.parametrize("content", [None, b"", b"no picture", b"\x89PNG\r\n\x1a\n1234", b"GIF89a"])
def test_a_bad_logo_is_told_before_anything_is_written(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "logo.png").write_bytes(content)
    file = io.BytesIO()
    with pytest.raises(SegcliError, match=r"logo\.png"):
        write([replace(LETTER, logo=tmp_path / "logo.png")], file)
    assert file.getvalue() == b""


def test_a_logo_of_more_pixels_than_paper_shows_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    Image.new("1", (6_000, 5_000)).save(tmp_path / "logo.png")
    with pytest.raises(SegcliError, match=r"logo\.png: the logo has 6,000 by 5,000 pixels") as told:
        pdf(replace(LETTER, logo=tmp_path / "logo.png"))
    assert told.value.hint == "save it smaller: 1600 a side show all that paper does"


# The file
@pytest.mark.repeats
def test_the_same_letters_give_the_same_bytes() -> None:
    """In this process and in another one, whose hashes differ."""
    script = "import sys; sys.path.insert(0, 'tests/support'); from letter_case import LETTER, pdf; sys.stdout.buffer.write(pdf(LETTER, LETTER))"
    other = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, cwd=ROOT)
    assert pdf(LETTER, LETTER) == pdf(LETTER, LETTER) == other.stdout
    assert pdf(LETTER) != pdf(replace(LETTER, subject="Another"))


def test_no_letter_writes_nothing() -> None:
    file = io.BytesIO()
    assert write([], file) == 0
    assert file.getvalue() == b""


class _Nowhere(io.RawIOBase):
    def write(self, data: Any) -> int:
        return len(data)


def _peak(count: int) -> int:
    letters = (replace(LETTER, subject=f"Reminder {number}", payment=None) for number in range(count))
    tracemalloc.start()
    try:
        write(letters, _Nowhere())
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.repeats
def test_memory_does_not_grow_with_the_letters() -> None:
    """Each letter's words are remembered too, up to a limit: 2 KB a letter at most."""
    _peak(3)  # the fonts are read
    assert _peak(300) - _peak(30) < 270 * 2048


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_the_file_is_sound(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(pdf(LETTER, replace(LETTER, rows=rows(100))))
    subprocess.run(["qpdf", "--check", tmp_path / "x.pdf"], check=True, capture_output=True)


def test_the_start_does_not_read_reportlab() -> None:
    script = "import sys, segcli.output.documents.pdf, segcli.cli.main; sys.exit('reportlab' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_subject_of_controls_is_a_title() -> None:
    file = pdf(replace(LETTER, subject="a)(\\ \ud800\x00 ő"))
    assert PdfReader(io.BytesIO(file)).metadata.title == r"a)(\ \ud800\x00 ő"


def test_a_foot_without_end_is_cut_and_told_once() -> None:
    warnings: list[str] = []
    pages = texts(pdf(*[replace(LETTER, sender_details=("x" * 10_000,))] * 2, warnings=warnings))
    assert [warning for warning in warnings if "foot" in warning] == warnings
    assert len(warnings) == 1
    assert all("x…" in page and "Please pay" in page for page in pages)
