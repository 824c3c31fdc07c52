"""Small UBL documents, written by hand from the standard."""

from collections.abc import Mapping

import import_case

UBL = "urn:oasis:names:specification:ubl:schema:xsd"
HOME = ("Tulp & Zonen Handel B.V.", "NL 0000.00.000.B01", "00000000")  # the example administration, otherwise written
OTHER = ("Bakkerij De Korenaar", "NL123456789B01", "12345678")


def money(name: str, value: str, currency: str = "EUR") -> str:
    return f'<cbc:{name} currencyID="{currency}">{value}</cbc:{name}>'


def party(role: str, names: tuple[str, str, str] = OTHER, code: str = "", more: str = "") -> str:
    """Return a supplier or customer: name, VAT number and chamber of commerce, and the code that the other gave it."""
    name, vat, chamber = names
    giver = {"Supplier": "Customer", "Customer": "Supplier"}[role]
    assigned = f"<cbc:{giver}AssignedAccountID>{code}</cbc:{giver}AssignedAccountID>" if code else ""
    taxed = f"<cac:PartyTaxScheme><cbc:CompanyID>{vat}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
    entity = f'<cbc:CompanyID schemeID="0106">{chamber}</cbc:CompanyID>' if chamber else ""
    return f"""<cac:Accounting{role}Party>{assigned}<cac:Party>{more}
<cac:PostalAddress><cbc:StreetName>Molenweg</cbc:StreetName><cbc:BuildingNumber>7</cbc:BuildingNumber><cbc:CityName>Delft</cbc:CityName>
<cbc:PostalZone>2611 AB</cbc:PostalZone><cac:Country><cbc:IdentificationCode>NL</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
{taxed if vat else ""}<cac:PartyLegalEntity><cbc:RegistrationName>{name.replace("&", "&amp;")}</cbc:RegistrationName>{entity}</cac:PartyLegalEntity>
<cac:Contact><cbc:Telephone>015-555 0001</cbc:Telephone><cbc:ElectronicMail>info@korenaar.example</cbc:ElectronicMail></cac:Contact>
</cac:Party></cac:Accounting{role}Party>"""


def taxed(name: str, percent: str = "21", category: str = "S") -> str:
    rate = f"<cbc:Percent>{percent}</cbc:Percent>" if percent else ""
    return (
        f"<cac:{name}><cbc:ID>{category}</cbc:ID>{rate}<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:{name}>"
    )


def charge(value: str, *, is_charge: bool = False, reason: str = "", tax: str = "") -> str:
    words = f"<cbc:AllowanceChargeReason>{reason}</cbc:AllowanceChargeReason>" if reason else ""
    flag = str(is_charge).lower()
    return f"<cac:AllowanceCharge><cbc:ChargeIndicator>{flag}</cbc:ChargeIndicator>{words}{money('Amount', value)}{tax}</cac:AllowanceCharge>"


def line(  # noqa: PLR0913 - what a line has
    number: str, quantity: str, price: str, net: str, *, base: str = "", more: str = "", item: str = "", tax: str = "",
    is_credit: bool = False, currency: str = "EUR", name: str = "Tarwebloem",
) -> str:  # fmt: skip
    kind, word = ("CreditNote", "Credited") if is_credit else ("Invoice", "Invoiced")
    per = f'<cbc:BaseQuantity unitCode="KGM">{base}</cbc:BaseQuantity>' if base else ""
    return f"""<cac:{kind}Line><cbc:ID>{number}</cbc:ID><cbc:{word}Quantity unitCode="KGM">{quantity}</cbc:{word}Quantity>
{money("LineExtensionAmount", net, currency)}{more}<cac:Item><cbc:Name>{name}</cbc:Name>{item}{tax or taxed("ClassifiedTaxCategory")}</cac:Item>
<cac:Price>{money("PriceAmount", price, currency)}{per}</cac:Price></cac:{kind}Line>"""


def item(code: str, whose: str = "Sellers") -> str:
    return f"<cac:{whose}ItemIdentification><cbc:ID>{code}</cbc:ID></cac:{whose}ItemIdentification>"


def totals(net: str, vat: str, total: str, *, currency: str = "EUR", more: str = "") -> str:
    tax = f"<cac:TaxTotal>{money('TaxAmount', vat, currency)}</cac:TaxTotal>"
    return f"""{tax}<cac:LegalMonetaryTotal>{money("LineExtensionAmount", net, currency)}{money("TaxExclusiveAmount", net, currency)}
{money("TaxInclusiveAmount", total, currency)}{more}{money("PayableAmount", total, currency)}</cac:LegalMonetaryTotal>"""


def document(
    body: str, *, is_credit: bool = False, about: Mapping[str, str] | None = None, more: str = "", number: str = "F-1"
) -> str:
    """Return an invoice or credit note of 2 March 2026; `about` adds or (empty) leaves out elements of the head."""
    root = "CreditNote" if is_credit else "Invoice"
    head = {"ID": number, "IssueDate": "2026-03-02", f"{root}TypeCode": "381" if is_credit else "380",
            "DocumentCurrencyCode": "EUR", **(about or {})}  # fmt: skip
    elements = "\n".join(f"<cbc:{name}>{text}</cbc:{name}>" for name, text in head.items() if text)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="{UBL}:{root}-2" xmlns:cac="{UBL}:CommonAggregateComponents-2" xmlns:cbc="{UBL}:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
{elements}
{more}{body}
</{root}>"""


SOLD = party("Supplier", HOME) + party("Customer", code="K1")
BOUGHT = party("Supplier", code="S1") + party("Customer", HOME)
SIMPLE = totals("100.00", "21.00", "121.00") + line("1", "4", "25", "100.00")


def write(text: str | bytes, name: str = "invoice.xml") -> str:
    """Write a document and return the name of its file."""
    return import_case.write(text, name)
