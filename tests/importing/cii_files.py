"""Small CII documents, written by hand from EN 16931-3-3 and Factur-X, and PDFs that carry them."""

import io
from collections.abc import Mapping, Sequence

import import_case

URN = "urn:un:unece:uncefact:data:standard"
HOME = ("Tulp & Zonen Handel B.V.", "NL 0000.00.000.B01", "00000000")  # the example administration, otherwise written
OTHER = ("Bäckerei Kornblume GmbH", "DE123456789", "HRB 4711")
EN16931 = "urn:cen.eu:en16931:2017"


def party(role: str, names: tuple[str, str, str] = OTHER, more: str = "") -> str:
    """Return a seller or buyer: name, VAT number and registration."""
    name, vat, register = names
    tax = f'<ram:SpecifiedTaxRegistration><ram:ID schemeID="FC">201/1</ram:ID></ram:SpecifiedTaxRegistration><ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">{vat}</ram:ID></ram:SpecifiedTaxRegistration>'
    entity = f"<ram:SpecifiedLegalOrganization><ram:ID>{register}</ram:ID></ram:SpecifiedLegalOrganization>"
    return f"""<ram:{role}TradeParty>{more}<ram:Name>{name.replace("&", "&amp;")}</ram:Name>{entity if register else ""}
<ram:DefinedTradeContact><ram:TelephoneUniversalCommunication><ram:CompleteNumber>+49 211 1</ram:CompleteNumber></ram:TelephoneUniversalCommunication>
<ram:EmailURIUniversalCommunication><ram:URIID>info@korn.example</ram:URIID></ram:EmailURIUniversalCommunication></ram:DefinedTradeContact>
<ram:PostalTradeAddress><ram:PostcodeCode>40213</ram:PostcodeCode><ram:LineOne>Marktplatz 1</ram:LineOne><ram:LineTwo>Hof 2</ram:LineTwo><ram:CityName>Düsseldorf</ram:CityName><ram:CountryID>DE</ram:CountryID></ram:PostalTradeAddress>
{tax if vat else ""}</ram:{role}TradeParty>"""


def tax(name: str = "ApplicableTradeTax", percent: str = "19", category: str = "S", more: str = "") -> str:
    rate = f"<ram:RateApplicablePercent>{percent}</ram:RateApplicablePercent>" if percent else ""
    return f"<ram:{name}><ram:TypeCode>VAT</ram:TypeCode>{more}<ram:CategoryCode>{category}</ram:CategoryCode>{rate}</ram:{name}>"


def charge(value: str, *, is_charge: bool = False, reason: str = "", code: str = "", vat: str = "") -> str:
    about = f"<ram:ReasonCode>{code}</ram:ReasonCode>" if code else ""
    words = f"<ram:Reason>{reason}</ram:Reason>" if reason else ""
    flag = f"<ram:ChargeIndicator><udt:Indicator>{str(is_charge).lower()}</udt:Indicator></ram:ChargeIndicator>"
    return f"<ram:SpecifiedTradeAllowanceCharge>{flag}<ram:ActualAmount>{value}</ram:ActualAmount>{about}{words}{vat}</ram:SpecifiedTradeAllowanceCharge>"


def line(  # noqa: PLR0913 - what a line has
    number: str, quantity: str, price: str, net: str, *, base: str = "", more: str = "", vat: str = "", status: str = "", item: str = "246",
) -> str:  # fmt: skip
    per = f'<ram:BasisQuantity unitCode="C62">{base}</ram:BasisQuantity>' if base else ""
    kind = f"<ram:LineStatusReasonCode>{status}</ram:LineStatusReasonCode>" if status else ""
    return f"""<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument><ram:LineID>{number}</ram:LineID>{kind}</ram:AssociatedDocumentLineDocument>
<ram:SpecifiedTradeProduct><ram:SellerAssignedID>{item}</ram:SellerAssignedID><ram:BuyerAssignedID>OURS-1</ram:BuyerAssignedID><ram:Name>Roggenmehl</ram:Name></ram:SpecifiedTradeProduct>
<ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>{price}</ram:ChargeAmount>{per}</ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
<ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="KGM">{quantity}</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
<ram:SpecifiedLineTradeSettlement>{vat or tax()}{more}<ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>{net}</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>
</ram:IncludedSupplyChainTradeLineItem>"""


def totals(  # noqa: PLR0913 - what a document states of itself
    net: str, vat: str, total: str, *, currency: str = "EUR", more: str = "", due: str = "",
) -> str:  # fmt: skip
    return f"""<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:TaxBasisTotalAmount>{net}</ram:TaxBasisTotalAmount>
<ram:TaxTotalAmount currencyID="{currency}">{vat}</ram:TaxTotalAmount>{more}<ram:GrandTotalAmount>{total}</ram:GrandTotalAmount>
<ram:DuePayableAmount>{due or total}</ram:DuePayableAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation>"""


SOLD = party("Seller", HOME) + party("Buyer")
BOUGHT = party("Seller") + party("Buyer", HOME)
DUE = '<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime><udt:DateTimeString format="102">20260401</udt:DateTimeString></ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>'
SIMPLE = totals("100.00", "19.00", "119.00")
ONE = line("1", "4", "25", "100.00")


def document(  # noqa: PLR0913 - the parts of a document
    parties: str = SOLD, lines: str = ONE, settlement: str = SIMPLE, *, about: Mapping[str, str] | None = None,
    profile: str = EN16931, agreement: str = "", delivery: str = "", currency: str = "EUR", notes: Sequence[str] = (),
) -> str:  # fmt: skip
    """Return an invoice of 2 March 2026; `about` replaces or (empty) leaves out elements of ExchangedDocument."""
    head = {"ID": "F-1", "TypeCode": "380", **(about or {})}
    day = head.pop("day", "20260302")
    elements = "".join(f"<ram:{name}>{text}</ram:{name}>" for name, text in head.items() if text)
    date = (
        f'<ram:IssueDateTime><udt:DateTimeString format="102">{day}</udt:DateTimeString></ram:IssueDateTime>'
        if day
        else ""
    )
    said = "".join(f"<ram:IncludedNote><ram:Content>{text}</ram:Content></ram:IncludedNote>" for text in notes)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="{URN}:CrossIndustryInvoice:100" xmlns:ram="{URN}:ReusableAggregateBusinessInformationEntity:100" xmlns:udt="{URN}:UnqualifiedDataType:100">
<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>{profile}</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument>{elements}{date}{said}</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>{lines}
<ram:ApplicableHeaderTradeAgreement>{agreement}{parties}</ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery>{delivery}</ram:ApplicableHeaderTradeDelivery>
<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>{currency}</ram:InvoiceCurrencyCode>{settlement}</ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""


def write(content: str | bytes, name: str = "invoice.xml") -> str:
    """Write a document and return the name of its file."""
    return import_case.write(content, name)


def pdf(attached: Mapping[str, str | bytes], password: str = "") -> bytes:
    """Return a PDF of one empty page with these attachments, compressed."""
    import pypdf

    writer = pypdf.PdfWriter()
    writer.add_blank_page(width=72, height=72)
    for name, content in attached.items():
        file = writer.add_attachment(name, content.encode() if isinstance(content, str) else content)
        stream = file.pdf_object["/EF"]["/F"].get_object()
        file.pdf_object["/EF"][pypdf.generic.NameObject("/F")] = writer._add_object(stream.flate_encode())
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
