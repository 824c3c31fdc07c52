"""CII invoices and credit notes: sold or bought, whose they are, and lines that add up to their heads."""

from pathlib import Path

import pytest
from cii_files import BOUGHT, DUE, HOME, ONE, SIMPLE, SOLD, charge, document, line, party, tax, totals, write
from conftest import Run, fingerprint, is_sound, select

from segcli.importing import readers
from segcli.importing.readers import cii

HEADS = (
    "SELECT kind, a.code, invoice_number, invoice_date, due_date, i.currency, net_amount, vat_amount, total_amount"
    " FROM invoice AS i JOIN account AS a ON a.id = account_id WHERE invoice_number GLOB 'F-*' ORDER BY 3"
)
LINES = (
    "SELECT line_number, l.description, quantity / 1000000.0, l.unit, unit_price, discount_percent, l.net_amount / 1000000.0,"
    " vat_percent, vat_code FROM invoice_line AS l JOIN invoice AS i ON i.id = invoice_id"
    " WHERE invoice_number GLOB 'F-*' ORDER BY 1"
)
NEW = ("--create-missing",)


def test_a_sales_invoice(segcli: Run, example: Path) -> None:
    order = "<ram:BuyerReference>Abt. 7</ram:BuyerReference>"
    more = "<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>PO-9</ram:IssuerAssignedID></ram:BuyerOrderReferencedDocument>"
    file = write(document(SOLD + more, agreement=order, settlement=DUE + SIMPLE, notes=("Lieferung März", "Danke")))
    found = segcli("import", file, *NEW)
    assert (found.status, found.err) == (0, "")
    assert select(example, HEADS) == [
        ("sales", "DE123456789", "F-1", "2026-03-02", "2026-04-01", "EUR", 10000, 1900, 11900)
    ]
    assert select(example, LINES) == [(1, "Roggenmehl", 4.0, "KGM", "25", None, 100.0, "19", None)]
    assert select(
        example, "SELECT order_number, your_reference, description FROM invoice WHERE invoice_number = 'F-1'"
    ) == [("PO-9", "Abt. 7", "Lieferung März Danke")]
    assert select(
        example,
        "SELECT name, address, postcode, city, country, phone, email, vat_number, chamber_of_commerce, is_sales, is_supplier"
        " FROM account WHERE code = 'DE123456789'",
    ) == [
        ("Bäckerei Kornblume GmbH", "Marktplatz 1, Hof 2", "40213", "Düsseldorf", "DE", "+49 211 1", "info@korn.example",
         "DE123456789", "HRB 4711", 1, 0),
    ]  # fmt: skip
    assert segcli("import", file, *NEW, "--again", "--exit-code").status == 0  # nothing changed


def test_a_purchase_invoice_has_our_item_codes(segcli: Run, example: Path) -> None:
    found = segcli("import", write(document(BOUGHT)), *NEW, "-f", "json")
    assert found.status == 0
    assert [row[:3] for row in select(example, HEADS)] == [("purchase", "DE123456789", "F-1")]
    assert select(example, "SELECT is_sales, is_supplier FROM account WHERE code = 'DE123456789'") == [(0, 1)]


def test_an_unknown_company_is_made_only_if_wished(segcli: Run, example: Path) -> None:
    before = fingerprint(example)
    found = segcli("import", write(document()))
    assert found.status == 1
    assert "there is no such account; import the accounts first, or use --create-missing" in found.err
    assert fingerprint(example) == before


def test_roles_that_are_not_clear_are_asked_for(segcli: Run, example: Path) -> None:
    file = write(document(party("Seller", ("A", "", "")) + party("Buyer", ("B", "", ""))))
    found = segcli("import", file)
    assert "neither company is this administration by VAT number, chamber of commerce or name" in found.err
    assert segcli("import", file, "--as", "purchase-invoice", *NEW).status == 0
    assert [row[:2] for row in select(example, HEADS)] == [("purchase", "A")]


@pytest.mark.parametrize("code", ["381", "261", "396", "83"])
def test_a_credit_note_is_negative(segcli: Run, example: Path, code: str) -> None:
    about = "<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>F-0</ram:IssuerAssignedID></ram:InvoiceReferencedDocument>"
    file = write(document(settlement=SIMPLE + about, about={"TypeCode": code}))
    assert segcli("import", file, *NEW).status == 0
    assert [row[6:] for row in select(example, HEADS)] == [(-10000, -1900, -11900)]
    assert [(row[2], row[4], row[6]) for row in select(example, LINES)] == [(-4.0, "25", -100.0)]
    assert select(example, "SELECT original_number FROM invoice WHERE invoice_number = 'F-1'") == [("F-0",)]


@pytest.mark.parametrize("code", ["384", "380", "381", "389"])
def test_negative_amounts_stand_whatever_the_type(segcli: Run, example: Path, code: str) -> None:
    """A corrected invoice (384) may state the reversal with its signs; a credit note with negative amounts is one already."""
    lines = line("1", "-4", "25", "-100.00")
    file = write(document(lines=lines, settlement=totals("-100.00", "-19.00", "-119.00"), about={"TypeCode": code}))
    assert segcli("import", file, *NEW).status == 0
    assert [row[6:] for row in select(example, HEADS)] == [(-10000, -1900, -11900)]
    assert [(row[2], row[6]) for row in select(example, LINES)] == [(-4.0, -100.0)]


def test_a_credit_note_that_is_settled_wholly_is_one(segcli: Run, example: Path) -> None:
    paid = totals(
        "100.00", "19.00", "119.00", more="<ram:TotalPrepaidAmount>119.00</ram:TotalPrepaidAmount>", due="0.00"
    )
    assert segcli("import", write(document(settlement=paid, about={"TypeCode": "381"})), *NEW).status == 0
    assert [row[8] for row in select(example, HEADS)] == [-11900]


def test_allowances_and_charges_of_line_and_document(segcli: Run, example: Path) -> None:
    """Line: 10 x 7.00 - 5.00 + 1.50 = 66.50; document: - 6.50 + 3.00 + 4.00 for transport (EXTENDED) = 67.00."""
    more = charge("5.00") + charge("1.50", is_charge=True)
    freight = f"<ram:SpecifiedLogisticsServiceCharge><ram:Description>Fracht</ram:Description><ram:AppliedAmount>4.00</ram:AppliedAmount>{tax('AppliedTradeTax')}</ram:SpecifiedLogisticsServiceCharge>"
    of_document = (
        charge("6.50", reason="Rabatt", vat=tax("CategoryTradeTax"))
        + charge("3.00", is_charge=True, code="ABL", vat=tax("CategoryTradeTax"))
        + freight
    )
    file = write(
        document(
            lines=line("1", "10", "7", "66.50", more=more), settlement=of_document + totals("67.00", "12.73", "79.73")
        )
    )
    found = segcli("import", file, *NEW)
    assert (found.status, found.err) == (0, "")
    assert [(row[1], row[2], row[6], row[7]) for row in select(example, LINES)] == [
        ("Roggenmehl", 10.0, 66.5, "19"), ("Rabatt", 1.0, -6.5, "19"), ("charge ABL", 1.0, 3.0, "19"), ("Fracht", 1.0, 4.0, "19"),
    ]  # fmt: skip
    assert sum(row[6] for row in select(example, LINES)) == 67.0


def test_a_price_for_a_hundred(segcli: Run, example: Path) -> None:
    file = write(document(lines=line("1", "250", "40", "100.00", base="100")))
    assert segcli("import", file, *NEW).err == ""
    assert [(row[2], row[4], row[6]) for row in select(example, LINES)] == [(250.0, "0.4", 100.0)]


def test_vat_in_another_currency_is_for_the_tax_office_only(segcli: Run, example: Path) -> None:
    """BT-110 is in the currency of the invoice, BT-111 in that of the tax office."""
    kroner = '<ram:TaxTotalAmount currencyID="SEK">209.00</ram:TaxTotalAmount>'
    both = totals("100.00", "19.00", "119.00", more=kroner)
    other = both.replace('<ram:TaxTotalAmount currencyID="EUR">19.00</ram:TaxTotalAmount>', "", 1)
    for number, settlement in (("F-1", both), ("F-2", other)):
        assert segcli("import", write(document(settlement=settlement, about={"ID": number})), *NEW).status == 0
    assert [row[6:] for row in select(example, HEADS)] == [(10000, 1900, 11900)] * 2


def test_an_untaxed_category_gets_a_code_with_its_reason(segcli: Run, example: Path) -> None:
    free = tax(percent="0", category="K")
    why = tax(
        percent="0", category="K", more="<ram:ExemptionReason>Innergemeinschaftliche Lieferung</ram:ExemptionReason>"
    )
    file = write(
        document(lines=line("1", "4", "25", "100.00", vat=free), settlement=why + totals("100.00", "0.00", "100.00"))
    )
    assert segcli("import", file, *NEW).status == 0
    assert select(example, LINES)[0][7:] == ("0", "K0")
    assert select(example, "SELECT description, percent, category FROM vat_code WHERE code = 'K0'") == [
        ("Innergemeinschaftliche Lieferung", "0", "K")
    ]


@pytest.mark.parametrize(("profile", "name"), [
    ("urn:factur-x.eu:1p0:minimum", "MINIMUM"), ("urn:zugferd.de:2p0:minimum", "MINIMUM"), ("urn:factur-x.eu:1p0:basicwl", "BASIC WL"),
])  # fmt: skip
def test_a_profile_without_lines_gives_a_head(segcli: Run, example: Path, profile: str, name: str) -> None:
    found = segcli("import", write(document(lines="", profile=profile)), *NEW)
    assert found.status == 0
    assert f"profile {name}: it has no lines" in found.err
    assert [row[6:] for row in select(example, HEADS)] == [(10000, 1900, 11900)]
    assert select(example, LINES) == []


def test_lines_that_only_group_others_are_not_added(segcli: Run, example: Path) -> None:
    lines = (
        line("1", "1", "100", "100.00", status="GROUP")
        + line("1.1", "4", "25", "100.00", status="DETAIL")
        + line("2", "0", "0", "0", status="INFORMATION")
    )
    found = segcli("import", write(document(lines=lines)), *NEW)
    assert found.status == 0
    assert "lines 1, 2 only group or explain others: they are not kept" in found.err
    assert [row[6] for row in select(example, LINES)] == [100.0]


def test_instalments_are_told(segcli: Run, example: Path) -> None:
    found = segcli("import", write(document(settlement=DUE + DUE.replace("20260401", "20260501") + SIMPLE)), *NEW)
    assert "it is due on 2026-04-01, 2026-05-01: the first is kept" in found.err
    assert select(example, HEADS)[0][4] == "2026-04-01"


def test_prepaid_and_rounding_are_told(segcli: Run, example: Path) -> None:
    more = "<ram:RoundingAmount>0.02</ram:RoundingAmount><ram:TotalPrepaidAmount>50.00</ram:TotalPrepaidAmount>"
    found = segcli(
        "import", write(document(settlement=totals("100.00", "19.00", "119.00", more=more, due="69.02"))), *NEW
    )
    assert "50.00 EUR is paid already: the invoice is kept with its total" in found.err
    assert "0.02 EUR is for rounding" in found.err
    assert select(example, HEADS)[0][8] == 11900


def test_the_buyers_number_finds_its_account_by_name_too(segcli: Run, example: Path) -> None:
    who = ("Bäckerei Kornblume GmbH", "", "")
    write("account,name\nK77,Bäckerei Kornblume GmbH\nK78,Bäckerei Kornblume GmbH\n", "a.csv")
    assert segcli("import", "a.csv").status == 0
    file = write(
        document(
            party("Seller", HOME) + party("Buyer", who, more="<ram:ID>K78</ram:ID>"),
            line("1", "4", "25", "100.00", item=""),
        )
    )
    assert segcli("import", file).status == 0
    assert [row[1] for row in select(example, HEADS)] == ["K78"]


def test_goods_that_go_elsewhere_are_told(segcli: Run, example: Path) -> None:
    there = party("ShipTo", ("Filiale Nord", "", ""))
    found = segcli("import", write(document(delivery=there)), *NEW)
    assert "goes to Filiale Nord, which is no account: that is left out" in found.err


LICENCE = "<!-- " + "Nutzungsrechte <rsm:Other> " * 400 + "-->"


@pytest.mark.parametrize("content", [
    document().replace("rsm:", "q-1:").replace("xmlns:rsm", "xmlns:q-1"),
    document().replace("ram:", "").replace("xmlns:ram", "xmlns").replace(":ram=", "="),
    document().replace("?>", f"?>{LICENCE}", 1),
    b"\xef\xbb\xbf" + document().encode(),
    document().replace("UTF-8", "UTF-16").encode("utf-16"),
    document().replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    document().replace('format="102">20260302', ">2026-03-02"),
    document().partition("?>")[2].strip(),
], ids=["prefix", "no prefix", "licence", "BOM", "UTF-16", "Latin-1", "ISO date", "no declaration"])  # fmt: skip
def test_files_as_they_come(segcli: Run, example: Path, content: str | bytes) -> None:
    found = segcli("import", write(content), *NEW)
    assert (found.status, found.err) == (0, "")
    assert [row[3:4] + row[6:] for row in select(example, HEADS)] == [("2026-03-02", 10000, 1900, 11900)]


def test_an_attachment_of_any_size_is_passed_over(segcli: Run, example: Path) -> None:
    big = f"<ram:AdditionalReferencedDocument><ram:IssuerAssignedID>X</ram:IssuerAssignedID><ram:AttachmentBinaryObject>{'QUJD' * 20_000_000}</ram:AttachmentBinaryObject></ram:AdditionalReferencedDocument>"
    assert segcli("import", write(document(agreement=big)), *NEW).status == 0
    assert [row[6:] for row in select(example, HEADS)] == [(10000, 1900, 11900)]


ZUGFERD_1 = '<rsm:CrossIndustryDocument xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0"><rsm:HeaderExchangedDocument/></rsm:CrossIndustryDocument>'
WRONG = {
    "ZUGFeRD 1": (ZUGFERD_1, "invoice.xml: ZUGFeRD 1 is not taken; ask for ZUGFeRD 2, Factur-X or XRechnung"),
    "an older CII": (document().replace("CrossIndustryInvoice:100", "CrossIndustryInvoice:2"), "version 2 of CII is not taken; version 100 is"),
    "nothing in it": ('<a:CrossIndustryInvoice xmlns:a="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"/>', "this document is empty; was the export cut off?"),
    "two documents": (f"<a>{document().partition('?>')[2] * 2}</a>", "a second document in one file; save each in its own file"),
    "no date": (document(about={"day": ""}), "invoice_date: this is empty"),
    "no number": (document(about={"ID": ""}), "invoice_number: this is empty"),
    "a day that is none": (document(about={"day": "20260230"}), "invoice_date: '2026-02-30'"),
    "a week as date": (document(about={"day": "202609"}), "invoice_date: '202609'"),
    "no currency": (document(currency="", settlement=totals("100.00", "19.00", "119.00", currency="")), "currency: this is empty; an invoice states its InvoiceCurrencyCode"),
    "an amount that is none": (document(settlement=totals("1OO.00", "19.00", "119.00")), "net_amount: '1OO.00': this is not a number"),
    "a line in dollars": (document(lines=ONE.replace("<ram:LineTotalAmount>", '<ram:LineTotalAmount currencyID="USD">')), "this is USD, the document is in EUR"),
    "a head that does not add up": (document(settlement=totals("100.00", "19.00", "120.00")), "total_amount: net and VAT do not add up to the total"),
    "a price for nothing": (document(lines=line("1", "4", "25", "100.00", base="0")), "no price is for so many (BaseQuantity)"),
    "no buyer": (document(party("Seller", HOME)), "there is no BuyerTradeParty"),
    "prepaid that is no number": (document(settlement=totals("100.00", "19.00", "119.00", more="<ram:TotalPrepaidAmount>x</ram:TotalPrepaidAmount>")), "TotalPrepaidAmount: 'x': this is not a number"),
    "cut off": (document()[:2500], "this is not well-formed XML"),
    "an entity bomb": (document().replace("?>", '?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', 1).replace("F-1", "&b;"), "a document type (DTD) is not taken"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_and_nothing_comes_in(segcli: Run, example: Path, name: str) -> None:
    content, words = WRONG[name]
    before = fingerprint(example)
    found = segcli("import", write(content), *NEW)
    assert found.status == 1
    assert words.partition(";")[0] in found.err
    assert words.partition(";")[2].strip() in found.err
    assert "Traceback" not in found.err
    assert fingerprint(example) == before
    assert is_sound(example)


def test_it_is_undone(segcli: Run, example: Path) -> None:
    tables = "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM invoice), (SELECT count(*) FROM invoice_line), (SELECT count(*) FROM vat_code)"
    before = select(example, tables)
    assert segcli("import", write(document()), *NEW).status == 0
    assert select(example, tables) != before
    assert segcli("undo", segcli("log", "-f", "json").rows[0]["run"], "--yes").status == 0
    assert select(example, tables) == before


def test_recognition_leaves_other_files_alone() -> None:
    assert cii.recognises(document().encode()[: readers.HEAD_BYTES])
    assert cii.recognises(ZUGFERD_1.encode())
    for other in (
        b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>",
        b"CrossIndustryInvoice",
        b"",
        b"a,b\n1,2\n",
    ):
        assert not cii.recognises(other)
