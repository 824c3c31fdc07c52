"""Text in letters: the world's names, what no font has, and what would be more than text."""

import io
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from letter_case import LETTER, flat, font, pdf, places, texts
from pypdf import PdfReader

from segcli.base.errors import SegcliError
from segcli.output.documents import fonts
from segcli.output.documents.direction import is_rtl, visual
from segcli.output.documents.fonts import Fonts, load
from segcli.output.documents.joining import joined
from segcli.output.documents.letter import LetterColumn, Party
from segcli.output.documents.typeset import Typesetter


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
        # W4: a separator between digits is part of the number, others are not.
        (1, "A 1,234.50 B", "B 1,234.50 A"),
        (1, "A 5-3 B", "B 5-3 A"),
        (0, "A 12:30 B", "B 12:30 A"),
        (1, "A 1, 2 B", "B 2 ,1 A"),
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


@pytest.mark.repeats
@given(HOSTILE, HOSTILE, st.lists(HOSTILE, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_hostile_text_stays_text(name: str, paragraph: str, cells: list[str]) -> None:
    """Whatever is written is in the file, controls in their escaped form."""
    table = {"columns": (LetterColumn("Text"),), "rows": tuple((cell,) for cell in cells)}
    letter = replace(LETTER, recipient=Party(name), opening=(paragraph,), payment=None, **table)
    text = flat("".join(texts(pdf(letter))))
    for part in (name, *paragraph.replace("\r\n", "\n").split("\n"), *cells):
        assert _shown(part) in text


ANY = st.text(
    st.characters(exclude_categories=(), exclude_characters="\u25a1"), max_size=30
)  # it stands for what is missing


@pytest.mark.repeats
@given(ANY, ANY, ANY, ANY)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_shown_or_told(name: str, subject: str, paragraph: str, cell: str) -> None:
    """Surrogates, private and unassigned characters, directions mixed: a page, and what no font has is told."""
    warnings: list[str] = []
    letter = replace(LETTER, recipient=Party(name), subject=subject, opening=(paragraph,), rows=((cell,),))
    pages = texts(pdf(letter, warnings=warnings))
    marks = sum("".join(pages).count(mark) for mark in "\ufffd\u25a1")
    assert "Please pay" in "".join(pages)
    assert bool(warnings) == bool(marks), (warnings, marks)


def _shown(text: str) -> str:
    r"""Return what a reader must find: no blanks, composed, controls as \\x1b."""
    known = unicodedata.normalize("NFC", re.sub(r"[\t\n\r\u2028]", " ", text))
    escaped = "".join(f"\\x{ord(c):02x}" if unicodedata.category(c) == "Cc" else c for c in known)
    return flat(escaped)


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
    assert sum(page.count("x") for page in texts(pdf(replace(LETTER, **change)))) == 10_000


def test_a_name_without_end_is_cut_and_told() -> None:
    warnings: list[str] = []
    file = pdf(replace(LETTER, recipient=Party("N" * 2000, LETTER.recipient.lines)), warnings=warnings)
    assert len(warnings) == 1
    assert "NNN" in warnings[0]
    assert "N…" in texts(file)[0]
    assert all(y <= 90 for text, _, y, _ in places(file) if text.startswith("NNN"))


def test_empty_and_short_rows_keep_their_place() -> None:
    file = pdf(replace(LETTER, rows=(("F-1", "1.00"), (), ("",) * 2, ("F-2",))))
    heights = {text: y for text, _, y, _ in places(file) if text in {"F-1", "F-2"}}
    assert heights["F-2"] - heights["F-1"] > 3 * 4
    with pytest.raises(ValueError, match="more cells"):
        replace(LETTER, rows=(("1", "2", "3"),))


def test_a_letter_of_nothing_is_a_page() -> None:
    empty = replace(
        LETTER, sender=Party(""), sender_details=(), recipient=Party(""), place_and_date="", subject="", details=(),
        opening=(), columns=(), rows=(), totals=(), closing=(), payment=None, payment_words=(),
    )  # fmt: skip
    assert [text.strip() for text in texts(pdf(empty))] == ["Page 1 of 1"]


@pytest.mark.parametrize("name", ["Škoda Łódź ő ș ß €", "Αθήνα Ελληνικά", "Київ Москва", "שלום", "محمد السلام"])
def test_names_of_the_world_have_their_letters(name: str) -> None:
    fonts = Fonts(font("DejaVuSans.ttf"))
    warnings: list[str] = []
    file = pdf(replace(LETTER, recipient=Party(name)), fonts=fonts, warnings=warnings)
    found = unicodedata.normalize("NFKC", "".join(texts(file)))  # joined forms back to letters
    assert not warnings
    assert name in found  # the reader puts what goes from the right back into reading order


def test_what_no_font_has_is_marked_and_told() -> None:
    warnings: list[str] = []
    file = pdf(replace(LETTER, opening=("a\U0010fffdb",)), warnings=warnings)
    assert re.search("a[\ufffd\u25a1?]b", flat(texts(file)[0]))
    assert len(warnings) == 1
    assert "U+10FFFD" in warnings[0]
    assert "Afnemer" in warnings[0]


def test_a_font_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.ttf").write_bytes(b"no font")
    for path in (tmp_path / "x.ttf", tmp_path / "none.ttf"):
        with pytest.raises(SegcliError, match="font cannot be used"):
            pdf(LETTER, fonts=Fonts(path))


def test_the_font_that_is_named_is_embedded() -> None:
    file = pdf(replace(LETTER, rows=()), fonts=Fonts(font("DejaVuSerif.ttf")))
    fonts = PdfReader(io.BytesIO(file)).pages[0]["/Resources"]["/Font"].values()
    assert {font.get_object()["/BaseFont"].partition("+")[2] for font in fonts} == {"DejaVuSerif"}
    assert all("/FontFile2" in font.get_object()["/FontDescriptor"] for font in fonts)


def test_every_font_is_embedded() -> None:
    fonts = PdfReader(io.BytesIO(pdf(LETTER))).pages[0]["/Resources"]["/Font"].values()
    assert fonts
    assert all("/FontFile2" in font.get_object()["/FontDescriptor"] for font in fonts)


def test_fonts_are_read_once() -> None:
    assert load(font("DejaVuSans.ttf")) is load(font("DejaVuSans.ttf"))


def test_without_fonts_on_the_machine_western_europe_is_still_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_installed", fonts._installed.__wrapped__)
    monkeypatch.setattr(fonts, "_folders", lambda: ())
    warnings: list[str] = []
    text = texts(pdf(replace(LETTER, opening=("Zürich, Škofja: 5 € für Я",)), warnings=warnings))[0]
    assert "Zürich, Škofja: 5 € für" in text
    assert len(warnings) == 1
    assert "U+042F" in warnings[0]


def test_a_font_of_the_machine_that_cannot_be_embedded_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bad.ttf").write_bytes(b"no font")
    bundled = fonts._bundled() / fonts._BUNDLED[0]
    monkeypatch.setattr(fonts, "_installed", lambda: ((tmp_path / "bad.ttf", None), (bundled, None)))
    assert [family.regular.name for family in fonts.families(None)] == [str(bundled)]


def test_what_a_bold_face_lacks_is_set_in_the_regular_one() -> None:
    regular, bold = font("DejaVuSans.ttf"), fonts._bundled() / fonts._BUNDLED[1]
    (line,) = Typesetter(Fonts(regular, bold)).wrap("bold Я bold", 1000, 10, bold=True)
    assert [(run.font, run.text) for run in line.runs] == [
        (str(bold), "bold "), (str(regular), "Я"), (str(bold), " bold"),
    ]  # fmt: skip
    assert line.width == pytest.approx(10 * (load(bold).width("bold  bold") + load(regular).width("Я")))
