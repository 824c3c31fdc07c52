"""Invoices inside a PDF: which attachment is read, what a PDF without one is told, and PDFs that are damaged or hostile."""

import builtins
import random
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from cii_files import document, line, pdf, totals, write
from conftest import Run, connected, fingerprint, is_sound
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ubl_files import SIMPLE, SOLD
from ubl_files import document as ubl_document

from segcli.base.errors import SegcliError
from segcli.importing import readers
from segcli.importing.readers import pdf as reader

NEW = ("--create-missing",)
GOOD = document()
OTHER = document(lines=line("1", "2", "5", "10.00"), settlement=totals("10.00", "1.90", "11.90"), about={"ID": "F-2"})


def sums(database: Path) -> list[tuple[Any, ...]]:
    with connected(database) as db:
        return db.execute(
            "SELECT invoice_number, total_amount FROM invoice WHERE invoice_number GLOB 'F-*' ORDER BY 1"
        ).fetchall()


@pytest.mark.repeats
@pytest.mark.parametrize(
    "attached",
    [
        {"factur-x.xml": GOOD},
        {"ZUGFeRD-invoice.xml": GOOD},
        {"plan.png": b"\x89PNG", "xrechnung.xml": GOOD, "text.xml": "<a/>"},
        {"Rechnung 1.xml": GOOD},
        {"factur-x.xml": GOOD.replace("?>", f"?><!-- {'licence ' * 2000} -->", 1)},
        {"factur-x.xml": GOOD.replace("UTF-8", "UTF-16").encode("utf-16")},
    ],
    ids=["Factur-X", "ZUGFeRD", "XRechnung", "another name", "licence", "UTF-16"],
)
def test_the_attached_invoice_is_read(segcli: Run, example: Path, attached: dict[str, str | bytes]) -> None:
    found = segcli("import", write(pdf(attached), "invoice.pdf"), *NEW)
    assert (found.status, found.err) == (0, "")
    assert sums(example) == [("F-1", 11900)]
    before = fingerprint(example)
    assert segcli("import", "invoice.pdf", *NEW).status == 0
    assert fingerprint(example) == before
    assert is_sound(example)


def test_ubl_in_a_pdf(segcli: Run, example: Path) -> None:
    assert segcli("import", write(pdf({"invoice.xml": ubl_document(SOLD + SIMPLE)}), "invoice.pdf")).status == 0
    assert sums(example) == [("F-1", 12100)]


def test_of_two_invoices_the_standards_name_is_read_and_the_other_told(segcli: Run, example: Path) -> None:
    both = pdf({"xrechnung.xml": OTHER, "factur-x.xml": GOOD})
    found = segcli("import", write(both, "invoice.pdf"), *NEW)
    assert "the attachment factur-x.xml is read, not xrechnung.xml" in found.err
    assert sums(example) == [("F-1", 11900)]


def test_faults_name_the_attachment_and_its_line(segcli: Run, example: Path) -> None:
    wrong = document(settlement=totals("1x", "19.00", "119.00"))
    found = segcli("import", write(pdf({"factur-x.xml": wrong}), "invoice.pdf"), *NEW)
    assert found.status == 1
    assert "net_amount: '1x': this is not a number" in found.err
    cut = segcli("import", write(pdf({"factur-x.xml": GOOD[:2000]}), "cut.pdf"), *NEW)
    assert "cut.pdf:factur-x.xml:" in cut.err
    assert "this is not well-formed XML" in cut.err
    assert sums(example) == []


def test_rejected_rows_are_written(segcli: Run, example: Path) -> None:
    wrong = document(about={"day": ""})
    found = segcli(
        "import", write(pdf({"factur-x.xml": wrong}), "invoice.pdf"), *NEW, "--on-error", "skip", "--rejects", "r.csv"
    )
    assert found.status == 5
    assert Path("r.csv").exists()


WRONG = {
    "no attachment": (pdf({}), "invoice.pdf is a PDF without the data of an invoice: it has no attachment; ask its sender"),
    "no invoice": (pdf({"a.png": b"x", "b.xml": "<b/>"}), "its attachments are no invoice that segcli reads: a.png, b.xml"),
    "ZUGFeRD 1": (pdf({"ZUGFeRD-invoice.xml": '<r:CrossIndustryDocument xmlns:r="urn:ferd:CrossIndustryDocument:invoice:1p0"/>'}), "ZUGFeRD 1 is not taken"),
    "encrypted": (pdf({"factur-x.xml": GOOD}, password="secret"), "invoice.pdf is an encrypted PDF; save it without a password"),
    "cut off": (pdf({"factur-x.xml": GOOD})[:600], "invoice.pdf is a PDF"),
    "only a header": (b"%PDF-1.7\n", "invoice.pdf is a PDF that cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(segcli: Run, example: Path, name: str) -> None:
    content, words = WRONG[name]
    before = fingerprint(example)
    found = segcli("import", write(content, "invoice.pdf"), *NEW)
    assert found.status == 1
    assert words.partition(";")[0] in found.err
    assert words.partition(";")[2].strip() in found.err
    assert "Traceback" not in found.err
    assert fingerprint(example) == before


def test_without_pypdf_it_says_what_to_install(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = pdf({"factur-x.xml": GOOD})
    real = builtins.__import__

    def without(name: str, *words: Any, **more: Any) -> Any:
        if name.split(".", maxsplit=1)[0] == "pypdf":
            raise ImportError(name)
        return real(name, *words, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    found = segcli("import", write(content, "invoice.pdf"), *NEW)
    assert found.status == 1
    assert "needs the package pypdf" in found.err
    assert "pip install 'segcli[pdf]'" in found.err


def bombs() -> dict[str, tuple[bytes, str]]:
    """Return PDFs that ask for more than they should, written by hand where pypdf would not write them."""
    zeros = zlib.compress(b"<" + b" " * 300_000_000, 9)
    huge = _raw("<< /Names [(factur-x.xml) << /F (factur-x.xml) /EF << /F 3 0 R >> >>] >>", zeros)
    circle = _raw("<< /Kids [2 0 R 2 0 R] >>", b"")
    many = _raw("<< /Names [" + "(x) << /F (x) >> " * 1_001 + "] >>", b"")
    return {
        "unpacks to 300 MB": (huge, "invoice.pdf"),
        "a tree in a circle": (circle, "more than 1,000 attachments"),
        "many": (many, "more than 1,000 attachments"),
    }


def _raw(tree: str, stream: bytes) -> bytes:
    """Return a PDF with this tree of attachments as object 2 and this compressed stream as object 3."""
    parts = [
        b"1 0 obj << /Type /Catalog /Pages 4 0 R /Names << /EmbeddedFiles 2 0 R >> >> endobj\n",
        b"2 0 obj " + tree.encode() + b" endobj\n",
        b"3 0 obj << /Length %d /Filter /FlateDecode >> stream\n" % len(stream) + stream + b"\nendstream endobj\n",
        b"4 0 obj << /Type /Pages /Kids [] /Count 0 >> endobj\n",
    ]
    out, places = b"%PDF-1.7\n", []
    for part in parts:
        places.append(len(out))
        out += part
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in places)
    return out + table + b"trailer << /Root 1 0 R /Size 5 >>\nstartxref\n%d\n%%%%EOF\n" % len(out)


@pytest.mark.parametrize("name", ["unpacks to 300 MB", "a tree in a circle", "many"])
def test_bombs_are_refused_at_once(segcli: Run, example: Path, name: str) -> None:
    content, words = bombs()[name]
    before, start = fingerprint(example), time.monotonic()
    found = segcli("import", write(content, "invoice.pdf"), *NEW)
    assert found.status == 1
    assert words in found.err
    assert "Traceback" not in found.err
    assert time.monotonic() - start < 30
    assert fingerprint(example) == before


def test_sizes_have_a_most(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(pdf({"factur-x.xml": GOOD}), "invoice.pdf")
    monkeypatch.setattr(reader, "MOST_INVOICE", 1000)
    assert "the attachment factur-x.xml has" in segcli("import", "invoice.pdf", *NEW).err
    monkeypatch.setattr(reader, "MOST_BYTES", 100)
    assert "100 at most are read" in segcli("import", "invoice.pdf", *NEW).err
    assert sums(example) == []


SEEDS = (
    pdf({"factur-x.xml": GOOD, "a.txt": "x"}),
    GOOD.encode(),
    document(lines="", profile="urn:factur-x.eu:1p0:minimum").encode(),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.integers(0, len(SEEDS) - 1), seed=st.integers(0, 2**32))
def test_changed_bytes_give_rows_or_an_error(tmp_path: Path, which: int, seed: int) -> None:
    """Whatever is cut, doubled, moved or put in: rows or a SegcliError, in bounded time."""
    dice, content = random.Random(seed), bytearray(SEEDS[which])
    for _ in range(dice.randint(1, 8)):
        at, size = dice.randrange(len(content)), dice.choice((1, 1, 2, 8, 64))
        piece = bytes(content[(start := dice.randrange(len(content))) : start + size])
        changed = (b"", piece, dice.randbytes(size), b"<", b">>", b"/Kids", b"9" * size)
        content[at : at + size] = dice.choice(changed)
        content = content or bytearray(b"x")
    file = tmp_path / "f"
    file.write_bytes(content)
    start = time.monotonic()
    try:
        for block in readers.read(readers.open_source(str(file))):
            list(block.rows)
    except SegcliError:
        pass
    assert time.monotonic() - start < 20
