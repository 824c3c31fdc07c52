"""Documents as UBL, and the rules that each of them keeps, for the tests of UBL."""

import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction
from typing import Any

from paper_case import invoice

from segcli.actions.invoices.ubl import write
from segcli.domain.sales.document import DocumentLine, InvoiceDocument, VatLine

CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
# The order of UBL 2.1, as far as BIS Billing 3.0 uses it; what stands inside of what.
ORDER = {
    "Invoice": "CustomizationID ProfileID ID IssueDate DueDate InvoiceTypeCode CreditNoteTypeCode Note DocumentCurrencyCode BuyerReference"
    " OrderReference BillingReference AccountingSupplierParty AccountingCustomerParty Delivery PaymentMeans PaymentTerms TaxTotal"
    " LegalMonetaryTotal InvoiceLine CreditNoteLine",
    "Party": "EndpointID PartyName PostalAddress PartyTaxScheme PartyLegalEntity Contact",
    "PostalAddress": "StreetName AdditionalStreetName CityName PostalZone AddressLine Country",
    "Address": "StreetName AdditionalStreetName CityName PostalZone AddressLine Country",
    "PartyTaxScheme": "CompanyID TaxScheme",
    "PartyLegalEntity": "RegistrationName CompanyID",
    "Contact": "Name Telephone ElectronicMail",
    "OrderReference": "ID SalesOrderID",
    "InvoiceDocumentReference": "ID IssueDate",
    "Delivery": "ActualDeliveryDate DeliveryLocation DeliveryParty",
    "PaymentMeans": "PaymentMeansCode PaymentID PayeeFinancialAccount",
    "PayeeFinancialAccount": "ID Name FinancialInstitutionBranch",
    "TaxSubtotal": "TaxableAmount TaxAmount TaxCategory",
    "TaxCategory": "ID Percent TaxExemptionReasonCode TaxExemptionReason TaxScheme",
    "ClassifiedTaxCategory": "ID Percent TaxScheme",
    "LegalMonetaryTotal": "LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount PayableAmount",
    "InvoiceLine": "ID InvoicedQuantity LineExtensionAmount InvoicePeriod AllowanceCharge Item Price",
    "CreditNoteLine": "ID CreditedQuantity LineExtensionAmount InvoicePeriod AllowanceCharge Item Price",
    "InvoicePeriod": "StartDate EndDate",
    "AllowanceCharge": "ChargeIndicator AllowanceChargeReasonCode AllowanceChargeReason MultiplierFactorNumeric Amount BaseAmount",
    "Item": "Description Name SellersItemIdentification ClassifiedTaxCategory",
    "Price": "PriceAmount BaseQuantity",
}
ORDER["CreditNote"] = ORDER["Invoice"]


def document(*lines: DocumentLine, vat: tuple[VatLine, ...] = (), **fields: Any) -> InvoiceDocument:
    """Return a document of these lines; without `vat` all of them bear 21 %."""
    net = sum(one.net for one in lines)
    rates = vat or (VatLine("21", "S", net, (abs(net) * 21 + 50) // 100 * (1 if net > 0 else -1)),)
    tax = sum(rate.vat for rate in rates)
    made = invoice(lines=lines, your_reference="PO 7")
    return replace(made, vat=rates, net=net, vat_total=tax, total=net + tax, **fields)


def bytes_of(made: InvoiceDocument) -> bytes:
    file = io.BytesIO()
    write(made, file)
    return file.getvalue()


def parsed(made: InvoiceDocument) -> ET.Element:
    """Return the XML, held against every rule that is general."""
    root = ET.fromstring(bytes_of(made))
    check_order(root)
    check_sums(root, Fraction(1, 2) if made.currency == "JPY" else Fraction(1, 200))
    return root


def check_order(element: ET.Element) -> None:
    names = [child.tag.rpartition("}")[2] for child in element]
    known = ORDER.get(element.tag.rpartition("}")[2])
    if known:
        places = [known.split().index(name) for name in names]
        assert places == sorted(places), (element.tag, names)
    assert names or (element.text or "").strip(), f"{element.tag} is empty (PEPPOL-EN16931-R008)"
    for child in element:
        check_order(child)


def values(root: ET.Element, path: str) -> list[str]:
    """Return the texts at a path of names, a / between them; basic ones are the last."""
    *groups, last = path.split("/")
    return [
        found.text or "" for found in root.findall("/".join(["."] + [CAC + name for name in groups] + [CBC + last]))
    ]


def number(element: ET.Element, name: str) -> Fraction:
    return Fraction(values(element, name)[0])


def check_sums(root: ET.Element, half: Fraction) -> None:
    """BR-CO-10, 13, 14, 15, 16; PEPPOL-EN16931-R120 and R040; BR-27."""
    nets = Fraction(0)
    for one in [*root.iter(f"{CAC}InvoiceLine"), *root.iter(f"{CAC}CreditNoteLine")]:
        quantity = Fraction((values(one, "InvoicedQuantity") + values(one, "CreditedQuantity"))[0])
        net, price = number(one, "LineExtensionAmount"), number(one, "Price/PriceAmount")
        allowed = Fraction(0)
        for found in one.iter(f"{CAC}AllowanceCharge"):
            signed = number(found, "Amount") * (1 if values(found, "ChargeIndicator") == ["true"] else -1)
            share = number(found, "BaseAmount") * number(found, "MultiplierFactorNumeric") / 100
            assert abs(abs(signed) - abs(share)) <= Fraction(1, 50)
            allowed += signed
        assert price >= 0
        assert abs(quantity * price / number(one, "Price/BaseQuantity") + allowed - net) <= half
        nets += net
    tax = number(root, "TaxTotal/TaxAmount")
    assert sum(map(Fraction, values(root, "TaxTotal/TaxSubtotal/TaxAmount"))) == tax
    totals = root.find(f"{CAC}LegalMonetaryTotal")
    assert totals is not None
    assert [Fraction(found.text or "") for found in totals] == [nets, nets, nets + tax, nets + tax]
