"""Letters read back from the PDF: what stands where, what a telephone reads, and what hostile text does."""

import io
import re
import shutil
import subprocess
import sys
import tracemalloc
import unicodedata
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from segcli.errors import SegcliError
from segcli.letters import epc
from segcli.letters.code import squares
from segcli.letters.direction import is_rtl, visual
from segcli.letters.fonts import Fonts, load
from segcli.letters.joining import joined
from segcli.letters.letter import Letter, LetterColumn, Party, Payment
from segcli.letters.marks import MM, Piece, Rule
from segcli.letters.paginate import Frame, paginate
from segcli.letters.pdf import write
from segcli.letters.typeset import Typesetter

PAYMENT = Payment(123456, "EUR", "NL91 ABNA 0417 1643 00", "ABNANL2A", "Voorbeeld B.V.", "account 10023")
LETTER = Letter(
    sender=Party("Voorbeeld B.V.", ("Keizersgracht 1", "1015 CN Amsterdam")),
    sender_details=("T +31 20 555 01 23", "KvK 12345678"),
    recipient=Party("Afnemer N.V.", ("Dorpsstraat 2", "1234 AB Ons Dorp")),
    place_and_date="Amsterdam, 2 November 2026",
    subject="Reminder",
    details=(("Account", "10023"),),
    opening=("Dear Sir,", "These invoices are open."),
    columns=(LetterColumn("Invoice", share=2), LetterColumn("Amount", "right")),
    rows=(("F-1", "100.00"), ("F-2", "1,134.56")),
    totals=(("Total to pay", "EUR 1,234.56"),),
    closing=("Yours faithfully,\nVoorbeeld",),
    payment=PAYMENT,
    payment_words=("Please pay EUR 1,234.56.",),
    language="en",
    logo=None,
)


def _pdf(*letters: Letter, **options: Any) -> bytes:
    file = io.BytesIO()
    write(letters, file, **options)
    return file.getvalue()


def _texts(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def _flat(text: str) -> str:
    return re.sub(r"\s", "", text)


def _places(pdf: bytes, page: int = 0) -> list[tuple[str, float, float, float]]:
    """Return each text with its left and base line in mm from the upper left corner, and its size."""
    found = []

    def visit(text: str, _matrix: object, tm: list[float], _font: object, size: float) -> None:
        if text.strip():
            found.append((text.strip(), tm[4] / MM, 297 - tm[5] / MM, size))

    PdfReader(io.BytesIO(pdf)).pages[page].extract_text(visitor_text=visit)
    return found


def _rows(count: int) -> tuple[tuple[str, ...], ...]:
    return tuple((f"F-{number:04}", "10.00") for number in range(count))


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
        epc.check_iban(iban)


@pytest.mark.parametrize(
    "iban", ["gb82 west 1234 5698 7654 32", "BE72000000001616", "NO93 8601 1117 947", "MT84MALT011000012345MTLCAST001S"]
)
def test_ibans_of_the_registry_are_taken(iban: str) -> None:
    assert epc.check_iban(iban) == iban.replace(" ", "").upper()


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


@given(
    st.integers(1, 99_999_999_999),
    st.text(st.characters(categories=["L", "N", "P", "Zs"], max_codepoint=0x2000), max_size=140),
)
@settings(max_examples=60, deadline=None)
def test_a_reader_reads_the_code(cents: int, reference: str) -> None:
    text = epc.payload(replace(PAYMENT, amount=cents, reference=reference))
    assert _read_code(squares(text)) == [text]


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm (poppler) is not installed")
def test_a_reader_reads_the_code_on_paper(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(_pdf(LETTER))
    subprocess.run(["pdftoppm", "-r", "150", "-png", tmp_path / "x.pdf", tmp_path / "x"], check=True)
    with Image.open(next(tmp_path.glob("x*.png"))) as page:
        (code,) = zxingcpp.read_barcodes(page)
    assert (code.text, code.ec_level) == (epc.payload(PAYMENT), "M")


# Right to left
def _hebrew(text: str) -> str:
    """Return the text as the standard's examples are meant: capitals stand for letters that go from the right."""
    return "".join(chr(0x05D0 + ord(c) - 65) if "A" <= c <= "Z" else c for c in text)


@pytest.mark.parametrize(
    ("base", "stored", "shown"),  # UAX 9, the examples of 3.3.5 and 3.4
    [
        (0, "car is THE CAR in arabic", "car is RAC EHT in arabic"),
        (1, "CAR IS the car IN ENGLISH", "HSILGNE NI the car SI RAC"),
        (0, "he said “IT IS 123, 456, OK”.", "he said “KO ,456 ,123 SI TI”."),
        (1, "smith (fabrikam ARABIC) HEBREW", "WERBEH (CIBARA fabrikam) smith"),
        (0, "car means CAR.", "car means RAC."),
    ],
)
def test_order_of_drawing_by_the_standard(base: int, stored: str, shown: str) -> None:
    assert visual(_hebrew(stored), base) == _hebrew(shown)


@given(st.text(st.sampled_from("ab אבש عربي 12٣ ()[]،,.-+%€/:\u200f\u0301"), max_size=30))
def test_order_of_drawing_loses_nothing(text: str) -> None:
    turned = str.maketrans("()[]", "((((")
    assert sorted(visual(text, int(is_rtl(text))).translate({**turned, 0x5D: "("})) == sorted(
        text.replace("\u200f", "").translate({**turned, 0x5D: "("})
    )


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("محمد", ["MEEM INITIAL", "HAH MEDIAL", "MEEM MEDIAL", "DAL FINAL"]),
        ("سلام", ["SEEN INITIAL", "LIGATURE LAM WITH ALEF FINAL", "MEEM ISOLATED"]),
        ("بَيت", ["BEH INITIAL", "FATHA", "YEH MEDIAL", "TEH FINAL"]),
        ("a ب", ["LATIN SMALL LETTER A", "SPACE", "BEH ISOLATED"]),
    ],
)
def test_arabic_is_joined(word: str, forms: list[str]) -> None:
    names = [
        unicodedata.name(c).removeprefix("ARABIC ").removeprefix("LETTER ").removesuffix(" FORM") for c in joined(word)
    ]
    assert names == forms


# The page
def test_address_stands_in_the_window_and_the_marks_at_the_folds() -> None:
    """A window of 85 x 45 mm, 20 mm from the left and 45 mm from the top; DIN 5008 form B folds at 105 and 210 mm."""
    recipient = Party("Afnemer " + "zeer lange naam " * 8, ("Dorpsstraat 2", "1234 AB Ons Dorp", "Nederland"))
    pdf = _pdf(replace(LETTER, recipient=recipient))
    lines = [place for place in _places(pdf) if 45 < place[2] < 92 and place[1] < 120]
    assert "Nederland" in [text for text, *_ in lines]
    setter = Typesetter(None)
    for text, x, y, size in lines:
        assert x >= 20
        assert x + setter.wrap(text, 1000, size)[0].width / MM <= 105
        assert 45 + size / MM <= y <= 90
    content = PdfReader(io.BytesIO(pdf)).pages[0].get_contents().get_data().decode("latin-1")
    levels = {297 - float(y) / MM for x, y in re.findall(r"n ([\d.]+) ([\d.]+) m", content) if float(x) < 5 * MM}
    assert any(abs(level - 105) < 0.1 for level in levels)
    assert any(abs(level - 210) < 0.1 for level in levels)


def test_amounts_end_at_the_same_place() -> None:
    setter = Typesetter(None)
    ends = [
        x + setter.wrap(text, 1000, size, bold=text.startswith("EUR"))[0].width / MM
        for text, x, _, size in _places(_pdf(LETTER))
        if text in {"100.00", "1,134.56", "EUR 1,234.56"}
    ]
    assert ends == [pytest.approx(190, abs=0.1)] * 3


@pytest.mark.parametrize("count", [0, 1, 20, 21, 22, 23, 24, 25, 26, 60, 300])
def test_a_long_table_runs_over_pages(count: int) -> None:
    pages = _texts(_pdf(replace(LETTER, rows=_rows(count))))
    rows = [row for page in pages for row in re.findall(r"F-\d{4}", page)]
    assert rows == [f"F-{number:04}" for number in range(count)]
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert ("F-" in page) <= ("Invoice" in page), "each page of the table says its heading"
        assert ("Total to pay" in page) <= (count == 0 or "F-" in page), "the total follows a row"


def test_each_letter_counts_its_own_pages() -> None:
    pages = _texts(_pdf(LETTER, replace(LETTER, rows=_rows(70)), LETTER))
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


# Text
BAD = [
    "<b>",
    "&amp;",
    "]]>",
    "</para>",
    "\\(",
    "%s",
    "{page}",
    "\n",
    "\r\n",
    "\t",
    "\x00",
    "\x1b[31m",
    "\x85",
    "\u2028",
    "€ő",
    "e\u0301",
]
HOSTILE = st.lists(st.one_of(st.sampled_from(BAD), st.characters(max_codepoint=0x17F)), max_size=40).map("".join)


@given(HOSTILE, HOSTILE, st.lists(HOSTILE, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_hostile_text_stays_text(name: str, paragraph: str, cells: list[str]) -> None:
    """Whatever is written is in the file, controls in their escaped form."""
    table = {"columns": (LetterColumn("Text"),), "rows": tuple((cell,) for cell in cells)}
    letter = replace(LETTER, recipient=Party(name), opening=(paragraph,), payment=None, **table)
    text = _flat("".join(_texts(_pdf(letter))))
    for part in (name, *paragraph.replace("\r\n", "\n").split("\n"), *cells):
        assert _shown(part) in text


def _shown(text: str) -> str:
    r"""Return what a reader must find: no blanks, composed, controls as \\x1b."""
    known = unicodedata.normalize("NFC", re.sub(r"[\t\n\r\u2028]", " ", text))
    escaped = "".join(f"\\x{ord(c):02x}" if unicodedata.category(c) == "Cc" else c for c in known)
    return _flat(escaped)


@pytest.mark.parametrize(
    "change",
    [
        {"opening": ("x" * 10_000,)},
        {"rows": (("x" * 10_000, "1"),)},
        {"rows": (("1", "x" * 10_000),)},
        {"payment_words": ("x" * 10_000,)},
        {"closing": ("x" * 10_000,)},
        {"totals": (("x" * 10_000, "1"),)},
        {"details": (("a", "x" * 10_000),)},
    ],
)
def test_a_word_without_end_is_broken_and_whole(change: dict[str, Any]) -> None:
    assert sum(page.count("x") for page in _texts(_pdf(replace(LETTER, **change)))) == 10_000


def test_a_name_without_end_is_cut_and_told() -> None:
    warnings: list[str] = []
    pdf = _pdf(replace(LETTER, recipient=Party("N" * 2000, LETTER.recipient.lines)), warnings=warnings)
    assert len(warnings) == 1
    assert "NNN" in warnings[0]
    assert "N…" in _texts(pdf)[0]
    assert all(y <= 90 for text, _, y, _ in _places(pdf) if text.startswith("NNN"))


def test_empty_and_short_rows_keep_their_place() -> None:
    pdf = _pdf(replace(LETTER, rows=(("F-1", "1.00"), (), ("",) * 2, ("F-2",))))
    heights = {text: y for text, _, y, _ in _places(pdf) if text in {"F-1", "F-2"}}
    assert heights["F-2"] - heights["F-1"] > 3 * 4
    with pytest.raises(ValueError, match="more cells"):
        replace(LETTER, rows=(("1", "2", "3"),))


def test_a_letter_of_nothing_is_a_page() -> None:
    empty = replace(
        LETTER, sender=Party(""), sender_details=(), recipient=Party(""), place_and_date="", subject="", details=(),
        opening=(), columns=(), rows=(), totals=(), closing=(), payment=None, payment_words=(),
    )  # fmt: skip
    assert [text.strip() for text in _texts(_pdf(empty))] == ["Page 1 of 1"]


def _font(name: str) -> Path:
    found = [
        p
        for folder in ("/usr/share/fonts", "/Library/Fonts", "/usr/local/share/fonts")
        for p in Path(folder).rglob(name)
    ]
    if not found:
        pytest.skip(f"the font {name} is not installed")
    return found[0]


@pytest.mark.parametrize("name", ["Škoda Łódź ő ș ß €", "Αθήνα Ελληνικά", "Київ Москва", "שלום", "محمد السلام"])
def test_names_of_the_world_have_their_letters(name: str) -> None:
    fonts = Fonts(_font("DejaVuSans.ttf"))
    warnings: list[str] = []
    pdf = _pdf(replace(LETTER, recipient=Party(name)), fonts=fonts, warnings=warnings)
    found = unicodedata.normalize("NFKC", "".join(_texts(pdf)))  # joined forms back to letters
    assert not warnings
    assert name in found  # the reader puts what goes from the right back into reading order


def test_what_no_font_has_is_marked_and_told() -> None:
    warnings: list[str] = []
    pdf = _pdf(replace(LETTER, opening=("a\U0010fffdb",)), warnings=warnings)
    assert re.search("a[\ufffd\u25a1?]b", _flat(_texts(pdf)[0]))
    assert len(warnings) == 1
    assert "U+10FFFD" in warnings[0]
    assert "Afnemer" in warnings[0]


def test_a_font_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.ttf").write_bytes(b"no font")
    for path in (tmp_path / "x.ttf", tmp_path / "none.ttf"):
        with pytest.raises(SegcliError, match="font cannot be used"):
            _pdf(LETTER, fonts=Fonts(path))


def test_the_font_that_is_named_is_embedded() -> None:
    pdf = _pdf(replace(LETTER, rows=()), fonts=Fonts(_font("DejaVuSerif.ttf")))
    fonts = PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values()
    assert {font.get_object()["/BaseFont"].partition("+")[2] for font in fonts} == {"DejaVuSerif"}
    assert all("/FontFile2" in font.get_object()["/FontDescriptor"] for font in fonts)


def test_every_font_is_embedded() -> None:
    fonts = PdfReader(io.BytesIO(_pdf(LETTER))).pages[0]["/Resources"]["/Font"].values()
    assert fonts
    assert all("/FontFile2" in font.get_object()["/FontDescriptor"] for font in fonts)


# The logo
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("size", [(400, 100), (10, 3000), (1, 1)])
def test_a_logo_is_drawn_in_proportion_and_stored_once(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    path = tmp_path / "logo"
    Image.new("RGB", size, (200, 0, 0)).save(path, kind)
    pdf = _pdf(*[replace(LETTER, logo=path)] * 3)
    assert pdf.count(b"/Subtype /Image") == 1 + pdf.count(b"/SMask")
    content = PdfReader(io.BytesIO(pdf)).pages[2].get_contents().get_data().decode("latin-1")
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


# The file
def test_the_same_letters_give_the_same_bytes() -> None:
    """In this process and in another one, whose hashes differ."""
    script = "import sys; sys.path.insert(0, 'tests'); from test_letters import _pdf, LETTER; sys.stdout.buffer.write(_pdf(LETTER, LETTER))"
    other = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, cwd=Path(__file__).parent.parent
    )
    assert _pdf(LETTER, LETTER) == _pdf(LETTER, LETTER) == other.stdout
    assert _pdf(LETTER) != _pdf(replace(LETTER, subject="Another"))


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


def test_memory_does_not_grow_with_the_letters() -> None:
    """Each letter's words are remembered too, up to a limit: 2 KB a letter at most."""
    _peak(3)  # the fonts are read
    assert _peak(300) - _peak(30) < 270 * 2048


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_the_file_is_sound(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(_pdf(LETTER, replace(LETTER, rows=_rows(100))))
    subprocess.run(["qpdf", "--check", tmp_path / "x.pdf"], check=True, capture_output=True)


def test_the_start_does_not_read_reportlab() -> None:
    script = "import sys, segcli.letters.letter, segcli.letters.epc, segcli.cli; sys.exit('reportlab' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_fonts_are_read_once() -> None:
    assert load(_font("DejaVuSans.ttf")) is load(_font("DejaVuSans.ttf"))
