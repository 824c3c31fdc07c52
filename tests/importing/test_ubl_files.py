"""UBL files as they come: any prefix, encoding and envelope, large attachments; and those that are wrong or hostile."""

import tracemalloc
from pathlib import Path

import pytest
from conftest import Run, connected, fingerprint, is_sound
from ubl_files import BOUGHT, SIMPLE, SOLD, UBL, charge, document, line, party, totals, write

from segcli.importing import readers
from segcli.importing.readers import ubl

GOOD = document(SOLD + SIMPLE)


def sums(database: Path) -> list[tuple[str, int, int]]:
    with connected(database) as db:
        return db.execute(
            "SELECT invoice_number, total_amount, (SELECT count(*) FROM invoice_line WHERE invoice_id = i.id)"
            " FROM invoice AS i WHERE invoice_number GLOB 'F-*'"
        ).fetchall()


def renamed(text: str) -> str:
    """Return the document with a prefix on its root and none on the basic components."""
    text = text.replace("<cbc:", "<").replace("</cbc:", "</").replace("<Invoice ", "<q-1:Invoice ")
    return text.replace("</Invoice>", "</q-1:Invoice>").replace("xmlns=", "xmlns:q-1=").replace("xmlns:cbc=", "xmlns=")


def in_envelope(text: str) -> str:
    return (
        '<StandardBusinessDocument xmlns="urn:x"><StandardBusinessDocumentHeader/>'
        + text.partition("?>")[2]
        + "</StandardBusinessDocument>"
    )


def extended(text: str) -> str:
    """Return the document with another one, called alike, in its extensions."""
    other = (
        '<ext:UBLExtensions xmlns:ext="urn:e"><ext:UBLExtension><ext:ExtensionContent><i:Invoice xmlns:i="urn:i">'
        "<i:ID>X</i:ID><i:InvoiceLine/></i:Invoice></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
    )
    return text.replace("<cbc:CustomizationID>", f"{other}<cbc:CustomizationID>", 1)


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        extended(GOOD),
        renamed(GOOD),
        in_envelope(GOOD),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace("UTF-8", "UTF-16").encode("utf-16"),
        GOOD.replace("UTF-8", "UTF-16").encode("utf-16-le"),
        GOOD.replace("UTF-8", "ISO-8859-1").replace("Molenweg", "Café").encode("latin-1"),
        GOOD.replace("Molenweg", "Café").encode("cp1252"),  # its declaration lies
        GOOD.replace("\n", "\r\n"),
        GOOD.partition("?>")[2].strip(),
    ],
    ids=[
        "plain",
        "extended",
        "prefixes",
        "envelope",
        "BOM",
        "UTF-16",
        "UTF-16 without BOM",
        "Latin-1",
        "lies",
        "CRLF",
        "no head",
    ],
)
def test_however_it_is_written(segcli: Run, example: Path, content: str | bytes) -> None:
    found = segcli("import", write(content))
    assert (found.status, found.err) == (0, "")
    assert sums(example) == [("F-1", 12100, 1)]


def test_only_its_own_namespace_is_recognised() -> None:
    assert ubl.recognises(GOOD.encode())
    assert not ubl.recognises(b'<Invoice xmlns="urn:other"><ID>1</ID></Invoice>')
    assert not ubl.recognises(b'<eExact xmlns:xsi="x"><Invoices><Invoice/></Invoices></eExact>')
    assert not ubl.recognises(f'{{"text": "<Invoice xmlns=\\"{UBL}:Invoice-2\\">"}}'.encode())


def test_another_document_is_named(segcli: Run, example: Path) -> None:
    found = segcli("import", write(f'<Order xmlns="{UBL}:Order-2"><ID>1</ID></Order>'))
    assert found.status == 1
    assert "invoice.xml: a UBL Order is not taken" in found.err


@pytest.mark.parametrize("place", ["head", "line"])
def test_attachments_take_no_memory(segcli: Run, example: Path, place: str) -> None:
    reference = {"head": "AdditionalDocumentReference", "line": "DocumentReference"}[place]
    attached = (
        f"<cac:{reference}><cbc:ID>1</cbc:ID><cac:Attachment>"
        f'<cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf">{"QUJD" * 2_500_000}</cbc:EmbeddedDocumentBinaryObject>'
        f"</cac:Attachment></cac:{reference}>"
    )
    lines = line("1", "4", "25", "100.00", more=attached if place == "line" else "")
    file = write(document((attached if place == "head" else "") + SOLD + totals("100.00", "21.00", "121.00") + lines))
    tracemalloc.start()
    blocks = [(block.kind, list(block.rows)) for block in readers.read(readers.open_source(file))]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [kind for kind, _ in blocks] == ["account", "invoice", "invoice_line"]
    assert most < 4_000_000  # 10 MB are attached
    assert segcli("import", file).status == 0


def test_a_long_text_is_joined_once(tmp_path: Path) -> None:
    words = "maart " * 1_000_000  # some hundred pieces of what expat gives out
    found = list(readers.read(readers.open_source(write(document(SOLD + SIMPLE, about={"Note": words})))))
    heads = next(block for block in found if block.kind == "invoice")
    assert [row[1][heads.header.index("description")] for row in heads.rows] == [words.strip()]


@pytest.mark.repeats
def test_lines_without_end_take_bounded_memory(tmp_path: Path) -> None:
    lines = "".join(line(str(n), "1", "1", "1.00") for n in range(1, 4_001))
    file = write(document(SOLD + totals("4000.00", "840.00", "4840.00") + lines))
    tracemalloc.start()
    count = sum(
        1 for block in readers.read(readers.open_source(file)) if block.kind == "invoice_line" for _ in block.rows
    )
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 4_000
    assert most < 6_000_000  # as a tree the file takes three times that


def test_numbers_of_lines_that_are_no_numbers(segcli: Run, example: Path) -> None:
    lines = line("A", "1", "50", "50.00") + line("B", "1", "50", "50.00") + charge("0.00")
    assert segcli("import", write(document(SOLD + totals("100.00", "21.00", "121.00") + lines))).status == 0
    with connected(example) as db:
        sql = "SELECT line_number FROM invoice_line AS l JOIN invoice AS i ON i.id = invoice_id WHERE invoice_number = 'F-1'"
        assert [number for (number,) in db.execute(sql)] == [1, 2, 3]


WRONG = {
    "no number": (document(SOLD + SIMPLE, number=""), "invoice.xml:3:invoice_number: this is empty"),
    "no date": (document(SOLD + SIMPLE, about={"IssueDate": ""}), "invoice.xml:3:invoice_date: this is empty"),
    "no such day": (
        document(SOLD + SIMPLE, about={"IssueDate": "2026-02-30"}),
        "invoice.xml:3:invoice_date: '2026-02-30': this day does not exist; the last day of that month is 2026-02-28",
    ),
    "no currency": (
        document(SOLD + SIMPLE.replace(' currencyID="EUR"', ""), about={"DocumentCurrencyCode": ""}),
        "invoice.xml:3:currency: this is empty; an invoice states its DocumentCurrencyCode",
    ),
    "no currency code": (
        document(SOLD + SIMPLE.replace('"EUR"', '"E1"'), about={"DocumentCurrencyCode": "E1"}),
        "invoice.xml:3:currency: 'E1': this is not a currency",
    ),
    "two currencies": (
        document(SOLD + totals("100.00", "21.00", "121.00", currency="USD") + line("1", "4", "25", "100.00")),
        "invoice.xml:18:net_amount: '100.00': this is USD, the document is in EUR",
    ),
    "no amount": (
        document(SOLD + totals("abc", "21.00", "121.00") + line("1", "4", "25", "100.00")),
        "invoice.xml:18:net_amount: 'abc': this is not a number; write 1234.56",
    ),
    "no amount in a line": (
        document(SOLD + totals("100.00", "21.00", "121.00") + line("1", "4", "abc", "100.00")),
        "invoice.xml:21:unit_price: 'abc': this is not a number",
    ),
    "no quantity": (
        document(SOLD + totals("100.00", "21.00", "121.00") + line("1", "1e99", "25", "100.00")),
        "invoice.xml:19:quantity: '1e99': this is not a number",
    ),
    "too many decimals": (
        document(SOLD + totals("100.001", "21.00", "121.001") + line("1", "4", "25", "100.00")),
        "invoice.xml:3:net_amount: '100.001': EUR has 2 decimals, this has 3",
    ),
    "decimals of a yen": (
        document(SOLD + totals("100", "21", "121.5", currency="JPY") + line("1", "4", "25", "100", currency="JPY"),
                 about={"DocumentCurrencyCode": "JPY"}),
        "invoice.xml:3:total_amount: '121.5': JPY has no decimals, this has 1",
    ),
    "a head that does not add up": (
        document(SOLD + totals("100.00", "21.00", "120.00") + line("1", "4", "25", "100.00")),
        "invoice.xml:3:total_amount: net and VAT do not add up to the total",
    ),
    "a price for nothing": (
        document(SOLD + totals("100.00", "21.00", "121.00") + line("1", "4", "25", "100.00", base="0")),
        "unit_price: '0': no price is for so many (BaseQuantity)",
    ),
    "no customer": (document(party("Supplier", ("Tulp & Zonen Handel B.V.", "", "")) + SIMPLE), "there is no AccountingCustomerParty"),
    "nothing in it": (f'<Invoice xmlns="{UBL}:Invoice-2"></Invoice>', "invoice.xml: this document is empty; was the export cut off?"),
    "two documents": (
        f"<a>{GOOD.partition('?>')[2]}{GOOD.partition('?>')[2]}</a>", "a second document in one file; save each in its own file",
    ),
    "nested too deeply": (GOOD.replace("<cbc:IssueDate>", "<x>" * 200, 1), "nested deeper than 100 elements"),
    "cut off": (GOOD[:1500], "this is not well-formed XML"),
    "an entity bomb": (
        GOOD.replace("?>", '?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', 1).replace("F-1", "&b;"),
        "invoice.xml:1: a document type (DTD) is not taken",
    ),
    "a DTD from elsewhere": (
        GOOD.replace("?>", '?><!DOCTYPE Invoice SYSTEM "file:///etc/passwd">', 1), "a document type (DTD) is not taken",
    ),
    "no such encoding": (GOOD.replace("UTF-8", "x-none").replace("Molenweg", "Café").encode("latin-1"), "cannot be read in the encoding"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_and_nothing_comes_in(segcli: Run, example: Path, name: str) -> None:
    content, words = WRONG[name]
    before = fingerprint(example)
    found = segcli("import", write(content))
    assert found.status == 1
    assert words.partition(";")[0] in found.err
    assert words.partition(";")[2].strip() in found.err
    assert "Traceback" not in found.err
    assert fingerprint(example) == before
    assert is_sound(example)


def test_a_customer_without_number_and_name_is_nobody(segcli: Run, example: Path) -> None:
    nobody = "<cac:AccountingCustomerParty><cac:Party/></cac:AccountingCustomerParty>"
    file = write(document(SOLD.partition("<cac:AccountingCustomerParty>")[0] + nobody + SIMPLE))
    before = fingerprint(example)
    found = segcli("import", file, "--create-missing")
    assert found.status == 1
    assert "account: this company has neither number nor name; the document must state its parties" in found.err
    assert fingerprint(example) == before


def test_lines_that_do_not_add_up_come_in_as_they_are(segcli: Run, example: Path) -> None:
    body = totals("100.00", "21.00", "121.00") + line("1", "4", "25", "90.00")
    found = segcli("import", write(document(SOLD + body)), "-f", "json")
    assert "line 1: its quantity, price and allowances do not make its net, which stands" in found.err
    assert "the sales invoice F-1 is 100.00 EUR net, its lines add up to 90.00 EUR" in found.out
    assert sums(example) == [("F-1", 12100, 1)]


def test_one_wrong_file_among_others(segcli: Run, example: Path) -> None:
    files = [write(document(BOUGHT + SIMPLE, number="F-1"), "a.xml"), write(WRONG["no date"][0], "b.xml")]
    found = segcli("import", *files, "--on-error", "skip")
    assert found.status == 5
    assert [row[0] for row in sums(example)] == ["F-1"]
