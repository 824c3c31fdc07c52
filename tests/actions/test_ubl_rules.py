"""Invoices as UBL: the rules of EN 16931 and Peppol BIS Billing 3.0, restated."""

from dataclasses import replace
from typing import Any

import pytest
from paper_case import BUYER, SELLER, line
from ubl_case import CAC, CBC, bytes_of, document, parsed, values

from segcli.actions.invoices.ubl import problems
from segcli.actions.invoices.ubl_lines import unit_code
from segcli.actions.invoices.ubl_parties import endpoint
from segcli.domain.sales.document import Participant, VatLine

IN_GERMANY = replace(SELLER, country="DE", vat_number="DE123456789")
GERMAN = Participant("Käufer GmbH", "Weg 1", "10115", "Berlin", "DE", "DE 123456789")


def test_what_is_mandatory() -> None:
    made = document(line(1, 3333, quantity="1", unit_price="33.33"), order_number="4711", description="Tea & more")
    root = parsed(made)
    wanted = {
        "CustomizationID": "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
        "ProfileID": "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
        "ID": "26000012",
        "IssueDate": "2026-11-02",
        "DueDate": "2026-12-02",
        "InvoiceTypeCode": "380",
        "DocumentCurrencyCode": "EUR",
        "BuyerReference": "PO 7",
        "OrderReference/ID": "NA",
        "OrderReference/SalesOrderID": "4711",
        "AccountingSupplierParty/Party/EndpointID": "12345678",
        "AccountingSupplierParty/Party/PostalAddress/Country/IdentificationCode": "NL",
        "AccountingSupplierParty/Party/PartyTaxScheme/CompanyID": "NL001234567B01",
        "AccountingSupplierParty/Party/PartyLegalEntity/CompanyID": "12345678",
        "AccountingCustomerParty/Party/EndpointID": "NL009876543B01",
        "AccountingCustomerParty/Party/PartyLegalEntity/RegistrationName": "Afnemer N.V.",
        "PaymentMeans/PaymentMeansCode": "58",
        "PaymentMeans/PaymentID": "26000012",
        "PaymentMeans/PayeeFinancialAccount/ID": "NL91ABNA0417164300",
        "PaymentMeans/PayeeFinancialAccount/FinancialInstitutionBranch/ID": "ABNANL2A",
        "PaymentTerms/Note": "30 days",
        "TaxTotal/TaxSubtotal/TaxableAmount": "33.33",
        "TaxTotal/TaxAmount": "7.00",  # 6.9993
        "LegalMonetaryTotal/PayableAmount": "40.33",
        "InvoiceLine/Price/PriceAmount": "33.33",
    }
    assert {path: values(root, path) for path in wanted} == {path: [text] for path, text in wanted.items()}
    schemes = [found.get("schemeID") for found in root.iter(f"{CBC}EndpointID")]
    assert (problems(made), schemes) == ((), ["0106", "9944"])
    assert bytes_of(made) == bytes_of(replace(made, is_copy=True, language="nl"))
    assert b"Tea &amp; more" in bytes_of(made)


def test_a_credit_note() -> None:
    fields: dict[str, Any] = {
        "original_number": "26000001",
        "original_date": "2026-10-01",
        "due_date": "",
        "is_credit_note": True,
    }
    made = document(line(1, 3333, quantity="1", unit_price="33.33"), **fields)
    root = parsed(made)
    assert root.tag == "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote"
    assert values(root, "CreditNoteTypeCode") == ["381"]
    assert values(root, "BillingReference/InvoiceDocumentReference/ID") == ["26000001"]
    assert values(root, "BillingReference/InvoiceDocumentReference/IssueDate") == ["2026-10-01"]
    assert values(root, "CreditNoteLine/CreditedQuantity") == ["1"]
    assert values(root, "DueDate") + values(root, "PaymentMeans/PaymentMeansCode") == []
    assert problems(made) == ()
    (refused,) = problems(replace(made, original_number=""))
    assert "original_number" in refused


def test_a_german_credit_note_says_how_it_is_settled() -> None:
    """DE-R-001: every document has payment instructions; 97 is clearing between partners (UNCL4461)."""
    made = document(line(1, 3333, quantity="1", unit_price="33.33"), is_credit_note=True, original_number="26000001")
    german = replace(made, seller=replace(SELLER, country="DE", vat_number="DE123456789"))
    assert values(parsed(german), "PaymentMeans/PaymentMeansCode") == ["97"]
    assert values(parsed(german), "PaymentMeans/PaymentID") == []
    assert values(parsed(made), "PaymentMeans/PaymentMeansCode") == []


@pytest.mark.parametrize("is_credit_note", [False, True])
def test_the_period_of_a_line_stands_where_both_its_days_are_known(*, is_credit_note: bool) -> None:
    days = (("2026-11-01", "2026-11-30"), ("2026-11-01", ""), ("", "2026-11-30"), ("", ""))
    lines = (
        line(n, 5392, quantity="3", unit_price="19.97", discount_percent="10", start_date=start, end_date=end)
        for n, (start, end) in enumerate(days, 1)
    )
    root = parsed(document(*lines, is_credit_note=is_credit_note))
    kind = "CreditNoteLine" if is_credit_note else "InvoiceLine"
    assert values(root, f"{kind}/InvoicePeriod/StartDate") == ["2026-11-01"]
    assert values(root, f"{kind}/InvoicePeriod/EndDate") == ["2026-11-30"]


# quantity, price, discount, net; what stands in the XML: quantity, price, base, allowance (with -: a charge)
@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (("3", "33.33", "0", 9999), ("3", "33.33", "1", None)),
        (("3", "0.333333", "0", 100), ("3", "0.333333", "1", None)),  # 0.999999
        (("3", "19.97", "10", 5392), ("3", "19.97", "1", "5.99")),  # 53.919 of 59.91
        (("3", "10", "100", 0), ("3", "10", "1", "30.00")),
        (("7.5", "1.234567", "12.5", 810), ("7.5", "1.234567", "1", "1.16")),  # 8.1018 of 9.2593
        (("1", "0.01", "49", 1), ("1", "0.01", "1", None)),  # too little to be taken off
        (("3", "10", "-7.5", 3225), ("3", "10", "1", "-2.25")),  # a surcharge
        (("-1", "5.5", "10", -495), ("-1", "5.5", "1", "-0.55")),
        (("1", "-2.25", "0", -225), ("-1", "2.25", "1", None)),
        (("-2", "-1", "0", 200), ("2", "1", "1", None)),
        (("0", "5", "0", 500), ("1", "5.00", "1", None)),  # an amount and no quantity
        (("0", "0", "0", -250), ("-1", "2.50", "1", None)),
        (("0", "12.5", "0", 0), ("0", "12.5", "1", None)),
        (("3", "10", "0", 2500), ("3", "25.00", "3", None)),  # a net of its own
        (("7", "1", "10", 999), ("7", "9.99", "7", None)),
        (("-3", "10", "0", 2500), ("3", "25.00", "3", None)),
    ],
)
def test_a_line_gives_its_net(given: tuple[str, str, str, int], wanted: tuple[str, str, str, str | None]) -> None:
    quantity, price, discount, net = given
    root = parsed(document(line(1, net, quantity=quantity, unit_price=price, discount_percent=discount)))
    (found,) = root.iter(f"{CAC}InvoiceLine")
    amounts = values(found, "AllowanceCharge/Amount")
    if values(found, "AllowanceCharge/ChargeIndicator") == ["true"]:
        amounts = [f"-{amounts[0]}"]
    assert (
        values(found, "InvoicedQuantity")[0], values(found, "Price/PriceAmount")[0], values(found, "Price/BaseQuantity")[0],
        amounts[0] if amounts else None,
    ) == wanted  # fmt: skip
    codes = {element.get("unitCode") for element in found.iter() if element.get("unitCode")}
    assert codes == {"H87"}  # Peppol R130: both quantities alike


def test_a_yen_has_no_decimals_and_a_dinar_two() -> None:
    root = parsed(document(line(1, 100, quantity="3", unit_price="33.3"), currency="JPY"))
    assert values(root, "LegalMonetaryTotal/PayableAmount") == ["121"]
    assert values(root, "InvoiceLine/Price/PriceAmount") == ["100"]  # 99.9 is too far from 100 for R120
    made = document(line(1, 33330, quantity="1", unit_price="33.33"), currency="KWD")
    assert values(parsed(made), "LegalMonetaryTotal/LineExtensionAmount") == ["33.33"]
    (refused,) = problems(replace(made, currency="KWD"))
    assert "finer than hundredths of KWD" in refused  # its VAT: 6.999


def test_rates_and_categories() -> None:
    lines = (
        line(1, 1000, quantity="1", unit_price="10"),
        line(2, 200, quantity="1", unit_price="2", vat_percent="21.0"),
        line(3, 666, quantity="2", unit_price="3.33", vat_percent="9"),
        line(4, 700, quantity="1", unit_price="7", vat_percent="0", vat_category="Z"),
        line(5, 400, quantity="1", unit_price="4", vat_percent="0", vat_category="E"),
    )
    vat = (VatLine("21", "S", 1000, 210), VatLine("21.0", "S", 200, 42), VatLine("9", "S", 666, 60),
           VatLine("0", "Z", 700, 0), VatLine("0", "E", 400, 0, "Medical care"))  # fmt: skip
    made = document(*lines, vat=vat)
    root = parsed(made)
    path = "TaxTotal/TaxSubtotal/"
    assert values(root, path + "TaxCategory/ID") == ["S", "S", "Z", "E"]
    assert values(root, path + "TaxCategory/Percent") == ["21", "9", "0", "0"]
    assert values(root, path + "TaxableAmount") == ["12.00", "6.66", "7.00", "4.00"]
    assert values(root, path + "TaxAmount") == ["2.52", "0.60", "0.00", "0.00"]
    assert values(root, path + "TaxCategory/TaxExemptionReason") == ["Medical care"]
    assert problems(made) == ()


@pytest.mark.parametrize(
    ("category", "code"),
    [("AE", "VATEX-EU-AE"), ("K", "VATEX-EU-IC"), ("G", "VATEX-EU-G"), ("O", "VATEX-EU-O"), ("E", None)],
)
def test_why_there_is_no_vat(category: str, code: str | None) -> None:
    one = line(1, 1000, quantity="1", unit_price="10", vat_percent="0", vat_category=category)
    made = document(one, vat=(VatLine("0", category, 1000, 0),), buyer=GERMAN)
    root = parsed(made)
    assert values(root, "TaxTotal/TaxSubtotal/TaxCategory/TaxExemptionReasonCode") == ([code] if code else [])
    assert len(values(root, "TaxTotal/TaxSubtotal/TaxCategory/TaxExemptionReason")) == 1
    is_outside, is_supply = category == "O", category == "K"
    percents = values(root, "TaxTotal/TaxSubtotal/TaxCategory/Percent") + values(
        root, "InvoiceLine/Item/ClassifiedTaxCategory/Percent"
    )
    assert percents == ([] if is_outside else ["0", "0"])  # BR-O-05
    numbers = [
        text
        for role in ("Supplier", "Customer")
        for text in values(root, f"Accounting{role}Party/Party/PartyTaxScheme/CompanyID")
    ]
    assert numbers == ([] if is_outside else ["NL001234567B01", "DE123456789"])  # BR-O-02
    assert values(root, "Delivery/ActualDeliveryDate") == (["2026-11-02"] if is_supply else [])  # BR-IC-11
    where = values(root, "Delivery/DeliveryLocation/Address/Country/IdentificationCode")
    assert where == (["DE"] if is_supply else [])  # BR-IC-12
    assert problems(made) == ()
    without = problems(replace(made, buyer=replace(GERMAN, vat_number="")))
    assert any("account 10023 has no VAT number" in text for text in without) == (category in {"AE", "K"})


def test_where_the_goods_go() -> None:
    address = "Kade 1\nhoog\nachter\nlinks"
    made = document(
        line(1, 3333, quantity="1", unit_price="33.33"), deliver_to=replace(BUYER, name="Depot", address=address)
    )
    root = parsed(made)
    path = "Delivery/DeliveryLocation/Address/"
    found = [
        values(root, path + name) for name in ("StreetName", "AdditionalStreetName", "AddressLine/Line", "PostalZone")
    ]
    assert found == [["Kade 1"], ["hoog"], ["achter, links"], ["1234 AB"]]
    assert values(root, "Delivery/DeliveryParty/PartyName/Name") == ["Depot"]


def test_texts_that_xml_cannot_hold() -> None:
    texts = (line(1, 100, quantity="1", unit_price="1", description="Tea\x0b <b>\nsecond", item=""),
             line(2, 100, quantity="1", unit_price="1", description=" ", item="X"),
             line(3, 100, quantity="1", unit_price="1", description="\x02", item=" "))  # fmt: skip
    root = parsed(document(*texts, description="\x01 "))
    assert values(root, "InvoiceLine/Item/Name") == ["Tea <b>", "X", "3"]
    assert values(root, "InvoiceLine/Item/Description") == ["Tea <b>\nsecond"]
    assert values(root, "Note") == []


@pytest.mark.parametrize(
    ("party", "wanted"),
    [
        (Participant("a", country="NL", chamber_of_commerce="1234 5678", vat_number="NL1"), ("0106", "12345678")),
        (
            Participant("a", country="NL", chamber_of_commerce="1234", vat_number="NL001234567B01"),
            ("9944", "NL001234567B01"),
        ),
        (Participant("a", country="BE", vat_number="BE 0403.170.701"), ("0208", "0403170701")),
        (
            Participant("a", country="BE", vat_number="BE 0403.170.702"),
            ("9925", "BE0403170702"),
        ),  # its check digits do not fit
        (
            Participant("a", country="DE", chamber_of_commerce="HRB 1", vat_number="de123456789"),
            ("9930", "DE123456789"),
        ),
        (Participant("a", country="US", email="a@a.example"), None),
    ],
)
def test_the_electronic_address(party: Participant, wanted: tuple[str, str] | None) -> None:
    assert endpoint(party) == wanted


@pytest.mark.parametrize(
    ("unit", "code"),
    [("pc", "H87"), ("Stuk", "H87"), ("uur", "HUR"), ("Hour", "HUR"), ("day", "DAY"), ("kg", "KGM"), ("month", "MON"),
     ("year", "ANN"), ("st.", "H87"), ("KWH", "KWH"), ("mtk", "MTK"), ("thing", "C62"), ("", "C62")],
)  # fmt: skip
def test_units(unit: str, code: str) -> None:
    assert unit_code(unit) == code


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"your_reference": " "}, "your_reference or order_number"),
        ({"iban": ""}, "administration set --iban IBAN, or letters.iban"),
        ({"number": ""}, "no number"),
        ({"due_date": "", "payment_terms": ""}, "payment condition"),
        ({"seller": replace(SELLER, vat_number="")}, "administration has no VAT number"),
        ({"seller": replace(SELLER, city="")}, "administration has no city"),
        ({"seller": replace(SELLER, vat_number="001234567B01")}, "does not begin with its country"),
        ({"buyer": replace(BUYER, country="")}, "account 10023: country is none"),
        ({"buyer": replace(BUYER, country="Nederland")}, "account 10023: country is 'Nederland'"),
        ({"buyer": replace(BUYER, vat_number="")}, "account 10023 has no number that Peppol delivers to"),
        ({"buyer": replace(BUYER, postcode="")}, "account 10023 has no postcode"),
        ({"seller": replace(SELLER, name=" ")}, "the administration has no name"),
        ({"buyer": replace(BUYER, name="")}, "account 10023 has no name"),
        ({"seller": IN_GERMANY}, ""),
        ({"seller": replace(IN_GERMANY, phone="")}, "the administration has no phone"),
        ({"seller": replace(IN_GERMANY, email=" ")}, "the administration has no email"),
        ({"seller": replace(IN_GERMANY, address="")}, ""),
        ({"seller": IN_GERMANY, "buyer": GERMAN}, ""),
        ({"seller": IN_GERMANY, "buyer": replace(GERMAN, city="")}, "account 10023 has no city"),
        ({"seller": IN_GERMANY, "buyer": replace(GERMAN, postcode="")}, "account 10023 has no postcode"),
        ({"buyer": replace(GERMAN, postcode="")}, ""),
        ({"total": 1}, "do not add up"),
        ({"vat": (VatLine("20", "S", 3333, 700),)}, ""),
        ({"vat": (VatLine("9", "S", 3333, 700),)}, "its VAT of 7.00 is not 9 % of 33.33"),
        ({"lines": ()}, "no lines"),
        ({"lines": (line(1, 3333, vat_percent="0"),)}, "line 1: VAT code 1 has category S and 0 %"),
        ({"lines": (line(1, 3333, vat_category="E"),)}, "line 1: VAT code 1 has category E and 21 %"),
        ({"vat": (VatLine("21", "S", 3333, 700), VatLine("0", "O", 0, 0))}, "category O"),
    ],
)
def test_what_a_receiver_would_refuse(fields: dict[str, Any], words: str) -> None:
    made = document(line(1, 3333, quantity="1", unit_price="33.33"))
    assert problems(made) == ()
    found = problems(replace(made, **fields))
    if words:
        assert any(words in text for text in found)
    else:
        assert found == ()


def test_outside_of_vat_the_seller_is_known_by_its_registration() -> None:
    one = line(1, 1000, quantity="1", unit_price="10", vat_percent="0", vat_category="O")
    made = document(one, vat=(VatLine("0", "O", 1000, 0),))
    assert problems(made) == ()
    (found,) = problems(replace(made, seller=replace(SELLER, chamber_of_commerce="")))
    assert "the administration has no chamber of commerce number, which invoices outside of VAT need" in found
    assert found.endswith(": segcli administration set --chamber-of-commerce NUMBER")
