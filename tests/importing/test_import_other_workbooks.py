"""Imports of workbooks that are not .xlsx: .ods, .xls and .xlsb."""

import random
import struct
import zipfile
from pathlib import Path

import pytest
from conftest import Run, fingerprint
from import_case import accounts

from segcli.base.errors import SegcliError
from segcli.importing import readers


def ods(rows: str, **parts: str) -> None:
    """Write an OpenDocument workbook of one sheet with these rows."""
    names = " ".join(f'xmlns:{name}="urn:{name}"' for name in ("office", "table", "text", "calcext"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="One">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    with zipfile.ZipFile("b.ods", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", parts.get("manifest", "<manifest/>"))
        archive.writestr("content.xml", content)


def cells(*texts: str, more: str = "") -> str:
    """Return a row of an OpenDocument workbook."""
    made = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in texts
    )
    return f"<table:table-row>{made}{more}</table:table-row>"


FAR_AND_BARE = '<table:table-cell table:style-name="bold" table:number-columns-repeated="16000"/>'


def test_an_ods_workbook(segcli: Run, empty: object) -> None:
    amount = '<table:table-cell office:value-type="float" office:value="12.5"><text:p>12,50</text:p></table:table-cell>'
    bare = f'<table:table-row table:number-rows-repeated="1048000">{FAR_AND_BARE}</table:table-row>'
    ods(cells("account", "name", "credit_limit") + cells("1", "A", more=amount + FAR_AND_BARE) + bare)
    assert segcli("import", "b.ods").err == ""
    assert accounts(segcli, "account,name,credit_limit") == [["1", "A", 12.5]]


ODS_BOMBS = {
    "a cell far away": (
        cells("account", "name", "city") + '<table:table-row table:number-rows-repeated="1000000"/>' + cells("1"),
        "a sheet spans 1,000,002 rows",
    ),
    "a wide row": (
        f"<table:table-row>{FAR_AND_BARE.replace('table:style-name', 'office:value')}</table:table-row>",
        "a sheet spans 1 rows and 16,000 columns",
    ),
    "a long text, repeated": (
        f'<table:table-row table:number-rows-repeated="1000000">{cells("x" * 1000)[17:]}',
        "the texts of a sheet have",
    ),
    "many spaces": (cells('<text:s text:c="999999999"/>'), "the texts of a sheet have"),
    "a repeat that is none": (cells('<text:s text:c="99999999999"/>'), "b.ods is damaged: text:c="),
    "a table within a table": ('<table:table table:name="Two"/>', "a table within a table"),
}


@pytest.mark.parametrize("case", ODS_BOMBS)
def test_bombs_of_the_ods_kind(segcli: Run, empty: Path, case: str) -> None:
    rows, said = ODS_BOMBS[case]
    ods(rows)
    before = fingerprint(empty)
    done = segcli("import", "b.ods")
    assert done.status == 1
    assert said in done.err
    assert fingerprint(empty) == before


def test_an_error_and_a_password_of_an_ods_workbook(segcli: Run, empty: object) -> None:
    wrong = (
        '<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error">'
        "<text:p>#N/A</text:p></table:table-cell>"
    )
    ods(cells("account", "name", "city") + cells("1", "A", more=wrong))
    assert "b.ods:One!2:city: the cell contains an Excel error" in segcli("import", "b.ods").err
    ods(cells("account", "name"), manifest="<m><manifest:encryption-data xmlns:manifest='urn:m'/></m>")
    assert "b.ods is a protected workbook" in segcli("import", "b.ods").err


def record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def label(row: int, column: int, text: str) -> bytes:
    return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 0) + text.encode("latin-1"))


def xls(*records: bytes, name: str = "Workbook", book: bytes = b"") -> None:
    """Write an old workbook of one sheet: a compound file of 512-byte sectors whose one stream is its records."""
    bof = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 16, 0, 0, 0, 0)) + b"".join(records) + record(0x000A)
    front = len(bof) + len(book) + 4 + 8 + 3 + 4
    bound = record(0x0085, struct.pack("<IBBBB", front, 0, 0, 3, 0) + b"One")
    stream = (bof + book + bound + record(0x000A) + sheet).ljust(4096, b"\0")
    stream = stream.ljust(-(-len(stream) // 512) * 512, b"\0")
    count = len(stream) // 512
    assert count < 126
    chain = [*range(1, count), 0xFFFFFFFE, 0xFFFFFFFE, 0xFFFFFFFD]
    fat = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", header, 44, 1, count, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, count + 1)
    header[80:512] = b"\xff" * 432

    def entry(title: str, kind: int, start: int, size: int) -> bytes:
        made = bytearray(128)
        coded = f"{title}\0".encode("utf-16-le")
        made[: len(coded)] = coded
        struct.pack_into("<HBB", made, 64, len(coded), kind, 1)
        struct.pack_into("<IIQ", made, 112, 0, start, size)
        return bytes(made)

    directory = entry("Root Entry", 5, 0xFFFFFFFE, 0) + entry(name, 2, 0, len(stream))
    Path("b.xls").write_bytes(bytes(header) + stream + directory.ljust(512, b"\0") + fat)


HEADINGS = (label(0, 0, "account"), label(0, 1, "name"), label(0, 2, "city"))


def test_an_old_workbook(segcli: Run, empty: object) -> None:
    blank = record(0x0201, struct.pack("<HHH", 65_000, 255, 0))
    number = record(0x0203, struct.pack("<HHHd", 1, 2, 0, 77777))
    xls(*HEADINGS, label(1, 0, "007"), label(1, 1, "Caf\xe9"), number, blank)
    assert segcli("import", "b.xls").err == ""
    assert accounts(segcli) == [["007", "Café", "77777"]]


def test_errors_of_an_old_workbook(segcli: Run, empty: object) -> None:
    error = record(0x0205, struct.pack("<HHHBB", 1, 2, 0, 0x2A, 1))
    formula = record(0x0006, struct.pack("<HHH", 2, 2, 0) + b"\2\0\x2a\0\0\0\xff\xff" + bytes(8))
    xls(*HEADINGS, label(1, 0, "1"), label(1, 1, "A"), error, label(2, 0, "2"), label(2, 1, "B"), formula)
    done = segcli("import", "b.xls")
    assert "b.xls:One!2:city: the cell contains an Excel error" in done.err
    assert "b.xls:One!3:" in done.err


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ((label(65_535, 65_535, "x"),), "a sheet spans 65,536 rows and 65,536 columns"),
        ((label(65_535, 200, "x"),), "stray cell"),
        ((record(0x0200, struct.pack("<IIHHH", 0, 2**32 - 1, 0, 256, 0)),), "impossible dimensions"),
        ((b"\x04\x02\xff\xff",), "a record is cut off"),
    ],
)
def test_bombs_of_the_old_kind(segcli: Run, empty: Path, records: tuple[bytes, ...], said: str) -> None:
    xls(*HEADINGS, *records)
    before = fingerprint(empty)
    done = segcli("import", "b.xls")
    assert (done.status, said in done.err) == (1, True), done.err
    assert fingerprint(empty) == before


def test_other_documents_are_named(segcli: Run, empty: object) -> None:
    xls(name="WordDocument")
    assert "b.xls is a Word document" in segcli("import", "b.xls").err
    xls(name="EncryptedPackage")
    assert "b.xls is a protected workbook" in segcli("import", "b.xls").err
    xls(book=record(0x002F, b"\1\0\0\0"))
    assert "b.xls is a protected workbook" in segcli("import", "b.xls").err


def binary(kind: int, content: bytes = b"") -> bytes:
    """Return a record of a binary workbook of fewer than 16,384 bytes."""
    code = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return code + bytes([len(content) & 0x7F | 0x80, len(content) >> 7]) + content


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(*records: bytes) -> None:
    """Write a binary workbook of one sheet."""
    sheet = [
        binary(0x81), binary(0x94, struct.pack("<IIII", 0, 1, 0, 1)), binary(0x91), *records, binary(0x92), binary(0x82),
    ]  # fmt: skip
    book = [
        binary(0x8F),
        binary(0x9C, struct.pack("<II", 0, 1) + wide("rId1") + wide("One")),
        binary(0x90),
        binary(0x84),
    ]
    links = '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.bin"/></Relationships>'
    with zipfile.ZipFile("b.xlsb", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.bin", b"".join(book))
        archive.writestr("xl/_rels/workbook.bin.rels", links)
        archive.writestr("xl/worksheets/sheet1.bin", b"".join(sheet))


def line(number: int, *texts: str) -> bytes:
    made = [binary(0x06, struct.pack("<II", at, 0) + wide(text)) for at, text in enumerate(texts)]
    return binary(0x00, struct.pack("<I", number) + bytes(13)) + b"".join(made)


def test_a_binary_workbook(segcli: Run, empty: object) -> None:
    blank = binary(0x01, struct.pack("<II", 16_383, 0))
    xlsb(line(0, "account", "name", "city"), line(1, "1", "A", "Ede"), blank)
    assert segcli("import", "b.xlsb").err == ""
    assert accounts(segcli) == [["1", "A", "Ede"]]
    xlsb(line(0, "account", "name", "city"), line(1, "1", "A"), binary(0x03, struct.pack("<IIB", 2, 0, 0x2A)))
    assert "b.xlsb:One!2:city: the cell contains an Excel error" in segcli("import", "b.xlsb").err
    xlsb(line(0, "account", "name"), line(1_000_000, "1", "A"))
    assert "a sheet spans 1,000,001 rows" in segcli("import", "b.xlsb").err
    xlsb(line(0, "account"), binary(0x07, struct.pack("<III", 1, 0, 9)))
    assert "b.xlsb is damaged: a text is missing" in segcli("import", "b.xlsb").err


@pytest.mark.parametrize("kind", ["xls", "ods", "xlsb"])
def test_mutated_workbooks_are_read_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.chdir(tmp_path)
    if kind == "xls":
        xls(*HEADINGS, label(1, 0, "1"), label(1, 1, "A"))
    elif kind == "ods":
        ods(cells("account", "name") + cells("1", "A", more=FAR_AND_BARE))
    else:
        xlsb(line(0, "account", "name"), line(1, "1", "A"))
    data = Path(f"b.{kind}").read_bytes()
    for seed in range(200):
        chance = random.Random(seed)
        found = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(found))
            found[at : at + chance.choice([1, 1, 4])] = chance.choice(
                [bytes([chance.randrange(256)]), b"\xff\xff\xff\xff"]
            )
        Path(f"m.{kind}").write_bytes(found[: chance.choice([len(found), chance.randrange(1, len(found))])])
        try:
            for source in readers.open_sources(f"m.{kind}"):
                for block in readers.read(source):
                    list(block.rows)
        except SegcliError:
            continue
