"""The code to pay with: its text by the standard, and what a reader reads of it."""

import shutil
import subprocess
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from letter_case import LETTER, PAYMENT, pdf
from PIL import Image
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from segcli.base.errors import SegcliError
from segcli.domain import bank_account
from segcli.output.documents import epc
from segcli.output.documents.code import penalty, squares
from segcli.output.documents.letter import Payment

# The code (EPC069-12)
# The two examples of the standard's chapter 2.3. Its second is in ISO 8859-1 (2), ours always in UTF-8 (1).
EXAMPLES = [
    (
        Payment(1230, "EUR", "DE71 1102 2033 0123 4567 89", "BHBLDEHHXXX", "Franz Mustermänn", "RF18 5390 0754 7034"),
        [
            "BCD",
            "001",
            "1",
            "SCT",
            "BHBLDEHHXXX",
            "Franz Mustermänn",
            "DE71110220330123456789",
            "EUR12.3",
            "GDDS",
            "RF18539007547034",
        ],
    ),
    (
        Payment(
            1230, "EUR", "FR1420041010050500013M02606", "", "François D'Alsace S.A.", "Client:Marie Louise La Lune"
        ),
        [
            "BCD",
            "002",
            "2",
            "SCT",
            "",
            "François D'Alsace S.A.",
            "FR1420041010050500013M02606",
            "EUR12.3",
            "",
            "",
            "Client:Marie Louise La Lune",
        ],
    ),
]


@pytest.mark.parametrize(("payment", "published"), EXAMPLES)
def test_code_agrees_with_the_standards_examples(payment: Payment, published: list[str]) -> None:
    """All but what we choose: version 002, UTF-8, no purpose, the amount with both its decimals."""
    lines = epc.payload(payment).split("\n")
    assert lines[:4] == ["BCD", "002", "1", "SCT"]
    assert lines[4:7] == published[4:7]
    assert (lines[7][:3], float(lines[7][3:])) == ("EUR", float(published[7][3:]))
    assert lines[9:] == published[9:]


@pytest.mark.parametrize("change", [{"currency": "USD"}, {"amount": 0}, {"amount": -1}, {"amount": 100_000_000_000}])
def test_no_code_for_what_the_standard_excludes(change: dict[str, Any]) -> None:
    assert epc.payload(replace(PAYMENT, **change)) is None


@pytest.mark.parametrize("cents", [1, 99_999_999_999])
def test_code_at_the_limits_of_the_amount(cents: int) -> None:
    assert epc.payload(replace(PAYMENT, amount=cents)).split("\n")[7] == f"EUR{cents // 100}.{cents % 100:02}"


@pytest.mark.parametrize(
    "iban",
    ["NL91 ABNA 0417 1643 01", "NL91ABNA041716430", "", "NL", "DE00", "GB82WEST1234569876543", "ＮL91ABNA0417164300"],
)
def test_wrong_ibans_are_refused(iban: str) -> None:
    with pytest.raises(SegcliError, match="not an IBAN"):
        bank_account.check_iban(iban)


@pytest.mark.parametrize(
    "iban", ["gb82 west 1234 5698 7654 32", "BE72000000001616", "NO93 8601 1117 947", "MT84MALT011000012345MTLCAST001S"]
)
def test_ibans_of_the_registry_are_taken(iban: str) -> None:
    assert bank_account.check_iban(iban) == iban.replace(" ", "").upper()


def test_wrong_bic_is_refused() -> None:
    with pytest.raises(SegcliError, match="BIC"):
        epc.payload(replace(PAYMENT, bic="ABN"))


@given(st.text(max_size=300), st.text(max_size=300))
def test_code_keeps_its_lines_and_its_limits(name: str, reference: str) -> None:
    text = epc.payload(replace(PAYMENT, name=name.encode(errors="replace").decode(), reference=reference))
    lines = text.split("\n")
    assert len(text.encode()) <= 331
    assert lines[6] == "NL91ABNA0417164300"
    assert len(lines) <= 11
    assert len(lines[5]) <= 70
    assert all(len(line) <= 140 for line in lines)


def _read_code(rows: tuple[tuple[bool, ...], ...]) -> list[str]:
    picture = Image.new("L", (len(rows) + 8, len(rows) + 8), 255)
    for y, row in enumerate(rows):
        for x, black in enumerate(row):
            picture.putpixel((x + 4, y + 4), 0 if black else 255)
    side = picture.width * 4
    return [code.text for code in zxingcpp.read_barcodes(picture.resize((side, side), Image.Resampling.NEAREST))]


@pytest.mark.repeats
@given(
    st.integers(1, 99_999_999_999),
    st.text(st.characters(categories=["L", "N", "P", "Zs"], max_codepoint=0x2000), max_size=140),
)
@settings(max_examples=60, deadline=None)
def test_a_reader_reads_the_code(cents: int, reference: str) -> None:
    text = epc.payload(replace(PAYMENT, amount=cents, reference=reference))
    assert _read_code(squares(text)) == [text]


def _score(rows: list[list[bool]]) -> int:
    """Return the score of ISO 18004, 7.8.3, counted square by square."""
    side = len(rows)
    score = 10 * int(abs(sum(map(sum, rows)) / side**2 * 100 - 50) / 5)
    for line in (*map(tuple, rows), *zip(*rows, strict=True)):
        lengths = [len(list(group)) for _, group in groupby(line)]
        score += sum(3 + length - 5 for length in lengths if length >= 5)
        text = "".join("01"[black] for black in line)
        score += 40 * sum(text[i : i + 11] in {"00001011101", "10111010000"} for i in range(side))
    around = [(0, 0), (0, 1), (1, 0), (1, 1)]
    alike = [len({rows[y + b][x + a] for a, b in around}) == 1 for y in range(side - 1) for x in range(side - 1)]
    return score + 3 * sum(alike)


@given(st.integers(11, 30).flatmap(lambda side: st.tuples(st.just(side), st.integers(0, 2 ** (side * side) - 1))))
@settings(max_examples=50, deadline=None)
def test_masks_are_scored_by_the_standard(pattern: tuple[int, int]) -> None:
    side, squares_ = pattern
    flat = f"{squares_:0{side * side}b}"
    for text in (flat, flat.replace("01", "00"), "0" * len(flat), ("10111010000" * len(flat))[: len(flat)]):
        rows = [[c == "1" for c in text[start : start + side]] for start in range(0, len(text), side)]
        assert penalty(int(text, 2), side) == _score(rows)


@pytest.mark.parametrize("cents", range(1, 400, 40))
def test_the_mask_has_the_lowest_score(cents: int) -> None:
    text = epc.payload(replace(PAYMENT, amount=cents))
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.version = code.calculate_version()
    scores = []
    for mask in range(8):
        code.makeImpl(False, mask)
        scores.append(_score([list(map(bool, row)) for row in code.modules]))
    assert _score([list(row) for row in squares(text)]) == min(scores) < max(scores)


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm (poppler) is not installed")
def test_a_reader_reads_the_code_on_paper(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(pdf(LETTER))
    subprocess.run(["pdftoppm", "-r", "150", "-png", tmp_path / "x.pdf", tmp_path / "x"], check=True)
    with Image.open(next(tmp_path.glob("x*.png"))) as page:
        (code,) = zxingcpp.read_barcodes(page)
    assert (code.text, code.ec_level) == (epc.payload(PAYMENT), "M")
