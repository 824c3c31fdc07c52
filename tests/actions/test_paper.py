"""Invoices read back from the PDF: what stands on them, in what order, over how many pages."""

import io
import re
import shutil
import subprocess
import tracemalloc
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from letter_case import flat, places, texts
from paper_case import BUYER, CONFIG, LANGUAGES, SELLER, STYLE, invoice, line, printed
from PIL import Image
from pypdf import PdfReader

from segcli.actions.invoices import sums
from segcli.actions.invoices.paper import pages, write
from segcli.base.errors import SegcliError
from segcli.domain.sales.document import InvoiceDocument, Participant, VatLine
from segcli.output.documents import epc
from segcli.output.documents.code import squares
from segcli.output.documents.marks import Glyphs
from segcli.output.documents.typeset import Typesetter
from segcli.settings import letter_texts as reminder_texts
from segcli.settings import print_texts

EN = LANGUAGES["en"]


def test_an_invoice_says_what_the_law_asks_for_in_order() -> None:
    (page,) = texts(printed(invoice(2, your_reference="PO-7", order_number="SO-9")))
    for word in ("Afnemer N.V.", "Dorpsstraat 2", "1234 AB  Ons Dorp", "2 November 2026", "2 December 2026", "30 days", "10023", "PO-7",
                 "SO-9", "NL009876543B01", "VAT number NL001234567B01", "Chamber of Commerce 12345678", "NL91 ABNA 0417 1643 00",
                 "Page 1 of 1"):  # fmt: skip
        assert flat(word) in flat(page), word
    order = [
        "Invoice 26000012",
        "ART-0001",
        "123.46",
        "123.47",
        "Total without VAT",
        "246.93",
        "VAT 21% of 246.93",
        "51.86",
        "To be paid (EUR)",
        "298.79",
        "Please pay 298.79 EUR by 2 December 2026",
    ]
    found = [flat(page).find(flat(word)) for word in order]
    assert -1 not in found
    assert "COPY" not in page
    assert "DRAFT" not in page


@pytest.mark.parametrize("count", [0, 1, 12, 20, 24, 25, 26, 27, 28, 29, 30, 60, 300])
def test_what_is_carried_forward_adds_up(count: int) -> None:
    document = invoice(count)
    pages = texts(printed(document))
    found = [code for page in pages for code in re.findall(r"ART-\d{4}", page)]
    assert found == [one.item for one in document.lines]
    done = 0
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        here = len(re.findall(r"ART-\d{4}", page))
        assert (here > 0) <= ("Description" in page), "each page of the table says its heading"
        sums_here = [EN.amount(sum(one.net for one in document.lines[:at]), "EUR") for at in (done, done + here)]
        expected = [
            text
            for text, is_said in zip(sums_here, (done > 0 and here > 0, 0 < done + here < count), strict=True)
            if is_said
        ]
        assert page.count("Carried forward") == len(expected)
        for text in expected:
            assert text in page
        done += here


def test_a_row_parted_over_pages_is_carried_once() -> None:
    long = line(2, description=" ".join(f"w{n:03}" for n in range(500)))
    document = invoice(lines=(line(1, 100), long, line(3, 300)))
    pages = texts(printed(document))
    assert re.findall(r"w\d{3}", " ".join(pages)) == [f"w{n:03}" for n in range(500)]
    assert len(pages) > 1
    assert all("Carried forward" in page for page in pages[1:2])
    assert EN.amount(100 + long.net, "EUR") in pages[1]


def _boxes(file: bytes, page: int) -> list[tuple[float, float, float, float, str]]:
    """Return each text's box in mm, from its width in the font that it is set in."""
    setter = Typesetter(None)
    found = []
    for text, x, y, size in places(file, page):
        width = setter.wrap(text, 5000, size)[0].width * 25.4 / 72
        found.append((x, y - size * 0.25, x + width * 0.93, y, text))  # bold letters are wider: never seen as too wide
    return found


@pytest.mark.parametrize("document", [
    invoice(300),
    invoice(lines=(line(1, description="x" * 2000), line(2, item="I" * 100, description="word " * 400), line(3))),
    invoice(lines=(line(1, 10**17, quantity="123456789012.123456", unit_price="999999999999.999999", discount_percent="12.345678", unit="kilometre per hour", item="ABCDEFGHIJKLMNOP"),)),
    invoice(3, buyer=Participant("N" * 400, "street " * 60, "1" * 50, "City" * 40, "DE", "X" * 90), your_reference="r " * 200, order_number="O" * 150),
    invoice(3, number="9" * 80, is_copy=True, is_credit_note=True, original_number="8" * 90),
], ids=["300", "long", "wide", "names", "number"])  # fmt: skip
def test_nothing_overlaps_and_nothing_leaves_the_page(document: InvoiceDocument) -> None:
    file = printed(document)
    for page in range(len(PdfReader(io.BytesIO(file)).pages)):
        boxes = _boxes(file, page)
        assert all(x >= 3 and right <= 192 and y <= 292 for x, _, right, y, _ in boxes)
        for number, a in enumerate(boxes):
            for b in boxes[number + 1 :]:
                crossing = min(a[2], b[2]) - max(a[0], b[0]) > 0.3 and min(a[3], b[3]) - max(a[1], b[1]) > 0.3
                assert not crossing, (a, b)


def test_the_columns_that_no_line_needs_are_left_out() -> None:
    (plain,) = texts(printed(invoice(2)))
    assert "Discount" not in plain
    (with_one,) = texts(printed(invoice(lines=(line(1, discount_percent="12.5"), line(2)))))
    assert with_one.count("Discount") == 1
    assert "12.5%" in with_one
    (bare,) = texts(printed(invoice(lines=(line(1, item="", unit=""),))))
    assert "Unit" not in bare
    assert "Item" not in bare


@pytest.mark.parametrize(
    ("currency", "amount", "price"),
    [("EUR", "1,234.50", "41.15"), ("JPY", "123,450", "41.15"), ("KWD", "123.450", "41.150")],
)
def test_currencies_have_their_own_decimals(currency: str, amount: str, price: str) -> None:
    (page,) = texts(printed(invoice(lines=(line(1, 123450),), currency=currency)))
    assert amount in page
    assert price in page
    assert f"To be paid ({currency})" in page


def test_numbers_end_at_the_same_place_with_their_own_decimals() -> None:
    quantities = ("1", "1234.5", "-0.125")
    file = printed(invoice(lines=tuple(line(n, quantity=q) for n, q in enumerate(quantities, 1))))
    setter = Typesetter(None)
    ends = [
        x + setter.wrap(text, 1000, size)[0].width * 25.4 / 72
        for text, x, _, size in places(file)
        if text in {"1", "1,234.5", "-0.125"}
    ]
    assert ends == [pytest.approx(ends[0], abs=0.1)] * 3


def test_vat_stands_by_rate_with_the_reason_where_there_is_none() -> None:
    vat = (VatLine("21", "S", 10000, 2100), VatLine("9", "S", 5000, 450), VatLine("0", "AE", 7000, 0))
    document = replace(invoice(3), vat=vat)
    (page,) = texts(printed(document))
    for word in (
        "VAT 21% of 100.00",
        "VAT 9% of 50.00",
        "VAT 0% of 70.00",
        "VAT reverse charged to the recipient. VAT number: NL009876543B01",
    ):
        assert word in page
    (dutch,) = texts(printed(replace(document, language="nl")))
    for word in (
        "Factuur 26000012",
        "Btw 21% over 100,00",
        "Btw verlegd.",
        "2 november 2026",
        "Blad 1 van 1",
        "Te betalen (EUR)",
    ):
        assert word in dutch
    (own,) = texts(printed(replace(document, vat=(VatLine("0", "E", 100, 0, "Article 11(1)(c)"),))))
    assert "Article 11(1)(c)" in own


# Marks
def test_a_copy_differs_in_its_mark_alone() -> None:
    first, copy = (texts(printed(invoice(60, is_copy=is_copy))) for is_copy in (False, True))
    assert all("COPY" in page for page in copy)
    assert [flat(page.replace("COPY · ", "").replace("COPY", "")) for page in copy] == [flat(page) for page in first]


def test_a_draft_says_so_on_each_page_and_asks_for_nothing() -> None:
    file = printed(invoice(60, number="", is_draft=True))
    for number, page in enumerate(texts(file)):
        assert "DRAFT" in page
        assert max(size for text, *_, size in places(file, number) if "DRAFT" in text) > 80
        assert "Please pay 9" not in page
    assert "This is a draft and no invoice" in texts(file)[0]


def test_a_credit_note_says_what_it_is_for_and_asks_for_nothing() -> None:
    document = invoice(2, is_credit_note=True, due_date="", original_number="26000007", original_date="2026-10-01")
    (page,) = texts(printed(document))
    for word in (
        "Credit note 26000012",
        "Credit note for invoice 26000007",
        "26000007, 1 October 2026",
        "Total credited (EUR)",
        "298.79",
    ):
        assert flat(word) in flat(page)
    assert "Please pay" not in page
    assert "Due date" not in page
    assert _codes(printed(document)) == []


def test_who_ordered_and_where_the_goods_go_stand_where_they_differ() -> None:
    other = Participant("Magazijn Oost", "Havenweg 9", "3000 AA", "Rotterdam", "NL")
    (page,) = texts(printed(invoice(1, ordered_by=BUYER, deliver_to=other)))
    assert "Ordered by" not in page
    for word in ("Delivered to", "Magazijn Oost", "Havenweg 9"):
        assert word in page


# Payment
def _codes(file: bytes) -> list[str]:
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed")
    png = subprocess.run(["pdftoppm", "-r", "150", "-png", "-"], input=file, check=True, capture_output=True).stdout
    return [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))]


def test_the_code_asks_for_what_the_invoice_asks_for() -> None:
    document = invoice(2)
    (text,) = _codes(printed(document))
    assert text.split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "ABNANL2A",
        "Voorbeeld B.V.",
        "NL91ABNA0417164300",
        "EUR298.79",
        "",
        "",
        "26000012",
    ]
    assert squares(text) == squares(epc.payload(sums.payment(document)) or "")


@pytest.mark.parametrize(
    "fields", [{"currency": "USD"}, {"total": 0}, {"is_draft": True}, {"iban": ""}, {"is_credit_note": True}]
)
def test_there_is_no_code_where_it_cannot_be_paid_with_one(fields: dict[str, Any]) -> None:
    assert _codes(printed(invoice(1, **fields))) == []


def test_without_a_due_date_nothing_is_said_of_one() -> None:
    (page,) = texts(printed(invoice(1, due_date="")))
    assert "149.39EURtoIBAN" in flat(page)
    with pytest.raises(SegcliError, match="check digits"):
        printed(invoice(1, iban="NL92ABNA0417164300"))


@pytest.mark.parametrize("fields", [{"is_credit_note": True}, {"is_draft": True}, {"total": 0}, {"iban": ""}])
def test_where_nothing_is_asked_for_there_are_no_words_for_it(fields: dict[str, Any]) -> None:
    assert sums.payment_line(invoice(1, **fields), EN) == ""


# Text
@pytest.mark.repeats
@given(
    st.text(st.characters(blacklist_characters="\r\n\t "), min_size=1, max_size=30),
    st.sampled_from(["name", "item", "description", "unit", "number", "reference"]),
)
@settings(max_examples=60, deadline=None)
def test_any_text_is_shown_and_breaks_nothing(text: str, where: str) -> None:
    fields: dict[str, Any] = {
        "number": {"number": text},
        "reference": {"your_reference": text},
        "name": {"buyer": replace(BUYER, name=text)},
    }.get(where, {})
    lines = (line(1, **({where: text} if where in {"item", "description", "unit"} else {})), line(2))
    pages = texts(printed(invoice(lines=lines, **fields)))
    assert "246.90" in pages[-1]


@pytest.mark.parametrize(
    "text", ["<b>x</b>", "{total} {0!r}", "%s %(x)s", "[/x] [on hold]", "=1+1", "\\(x) (y", "&amp;", "'; DROP TABLE x"]
)
def test_hostile_text_stays_text(text: str) -> None:
    (page,) = texts(
        printed(invoice(lines=(line(1, description=text, item=text),), your_reference=text, payment_reference=text))
    )
    assert flat(page).count(flat(text)) >= 3


def test_names_from_right_to_left_are_drawn_from_the_left() -> None:
    """In the order of drawing: a reader of the file may turn it round again."""
    setter = Typesetter(None)
    document = invoice(1, buyer=replace(BUYER, name="חברה 12"))
    (page, *_) = pages(document, setter, STYLE, [])
    drawn = [
        mark.line for _, piece in page for mark in piece.marks if isinstance(mark, Glyphs) and "חברה" in mark.line.text
    ]
    assert drawn
    assert setter.missing or "".join(run.text for run in drawn[0].runs) == "12 הרבח"
    assert printed(document)


# The file
def test_the_same_invoice_gives_the_same_bytes() -> None:
    assert printed(invoice(40), invoice(2)) == printed(invoice(40), invoice(2))
    assert write([], io.BytesIO(), STYLE, []) == 0


def test_each_document_counts_its_own_pages() -> None:
    pages = texts(printed(invoice(1), invoice(60), invoice(1, language="nl")))
    assert [re.search(r"(?:Page|Blad) (\d) (?:of|van) (\d)", page).groups() for page in pages] == [
        ("1", "1"),
        ("1", "3"),
        ("2", "3"),
        ("3", "3"),
        ("1", "1"),
    ]


class _Nowhere(io.RawIOBase):
    def write(self, data: Any) -> int:
        return len(data)


def _peak(count: int) -> int:
    tracemalloc.start()
    try:
        write((invoice(3, number=f"{n:08}", iban="") for n in range(count)), _Nowhere(), STYLE, [])
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.repeats
def test_memory_does_not_grow_with_the_documents() -> None:
    _peak(3)
    assert _peak(300) - _peak(30) < 270 * 3072


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_the_file_is_sound(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(printed(invoice(60), invoice(1, is_draft=True)))
    subprocess.run(["qpdf", "--check", tmp_path / "x.pdf"], check=True, capture_output=True)


# The words
@pytest.mark.parametrize(("words", "told"), [
    ({"en": {"payment": "{wrong}"}}, r"words\.en\.payment: there is no field \{wrong\}"),
    ({"en": {"payment_at_once": "{due_date}"}}, "there is no field"),
    ({"nl": {"vat": "{base!r}"}}, "there is no field"),
    ({"nl": {"page": "{page"}}, "expected '}'"),
    ({"en": {"invoic": "x"}}, "there is no setting 'invoic'"),
    ({"en": {"invoice": ""}}, "this is no text"),
    ({"en": ["x"]}, "this is a list of words"),
    (["x"], "this is a list of languages"),
])  # fmt: skip
def test_wrong_words_are_told(words: Any, told: str) -> None:
    config = replace(CONFIG, sections={"invoices": {"words": words}})
    with pytest.raises(SegcliError, match=told):
        print_texts.read(config, "invoices", reminder_texts.read(CONFIG, 3), sums.FIELDS)


def test_own_words_stand_over_the_defaults() -> None:
    config = replace(CONFIG, sections={"invoices": {"words": {"en": {"invoice": "Bill"}}}})
    found = print_texts.read(config, "invoices", reminder_texts.read(CONFIG, 3), sums.FIELDS)
    assert (found["en"]["invoice"], found["en"]["number"], found["nl"]["invoice"]) == ("Bill", "Number", "Factuur")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_numbers_keep_their_value(number: Decimal) -> None:
    text = f"{number:f}"
    assert Decimal(EN.number(text).replace(",", "")) == number
    assert LANGUAGES["nl"].number(text).translate(str.maketrans(",.", ".,")) == EN.number(text)


def test_a_seller_with_details_of_its_own_says_its_numbers_once() -> None:
    (page,) = texts(printed(invoice(1), style=replace(STYLE, sender_details=("T 020", SELLER.vat_number))))
    assert page.count(SELLER.vat_number) == 1
    assert f"VAT number {SELLER.vat_number}" in page
