"""XML elements of UBL: no empty elements, no characters that XML forbids, numbers in the format of EN 16931. Pure."""

import re
import xml.etree.ElementTree as ET
from fractions import Fraction

from segcli.base.money import exponent, half_up, to_text
from segcli.domain.sales.document import InvoiceDocument

# Characters that XML 1.0 forbids (section 2.2).
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_DECIMALS = 12  # six for a quantity, six for a price


def clean(text: str) -> str:
    """Return a text without characters that XML forbids."""
    return _NO_XML.sub("", text).strip()


def add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element | None:
    """Add a text element unless the text is empty: Peppol rejects empty elements (R008)."""
    kept = clean(text)
    if not kept:
        return None
    found = ET.SubElement(parent, tag, attributes)
    found.text = kept
    return found


def group(parent: ET.Element, tag: str) -> ET.Element:
    """Add an element that contains others."""
    return ET.SubElement(parent, tag)


def leave(parent: ET.Element, child: ET.Element) -> None:
    """Remove the group if it is empty."""
    if len(child) == 0:
        parent.remove(child)


def amount(parent: ET.Element, tag: str, minor: int, currency: str) -> None:
    """Add an amount in minor units."""
    add(parent, tag, amount_text(minor, currency), currencyID=currency)


def amount_text(minor: int, currency: str) -> str:
    """Return an amount with the currency's decimals, without a third and fourth decimal that are zero.

    EN 16931 allows at most two decimals (BR-DEC), so thousandths of a dinar cannot be sent, but hundredths can.
    """
    text = to_text(minor, currency)
    for _ in range(2, exponent(currency)):
        text = text.removesuffix("0")
    return text


def number(value: Fraction) -> str:
    """Return a decimal number with as many decimals as it needs, at most twelve."""
    scaled = half_up(value.numerator * 10**_MOST_DECIMALS, value.denominator)
    whole, rest = divmod(abs(scaled), 10**_MOST_DECIMALS)
    text = f"{'-' * (scaled < 0)}{whole}.{rest:0{_MOST_DECIMALS}}"
    return text.rstrip("0").rstrip(".")


def tax_category(parent: ET.Element, tag: str, category: str, percent: str, *, is_rate_due: bool = False) -> ET.Element:
    """Add a VAT category with its rate; outside the scope of VAT there is none (BR-O-05), unless required."""
    found = group(parent, tag)
    add(found, "cbc:ID", category)
    if category != "O" or is_rate_due:
        add(found, "cbc:Percent", number(Fraction(percent)))
    return found


def is_to_pay(document: InvoiceDocument) -> bool:
    """Tell whether the buyer has to pay: a credit note with a negative total also requests payment (NL-R-007)."""
    return document.total < 0 if document.is_credit_note else document.total > 0


def vat_scheme(parent: ET.Element) -> None:
    """Add the tax scheme VAT as the last element."""
    add(group(parent, "cac:TaxScheme"), "cbc:ID", "VAT")
