"""The elements that UBL is made of: nothing empty, nothing that XML cannot hold, numbers as EN 16931 writes them. Pure."""

import re
import xml.etree.ElementTree as ET
from fractions import Fraction

from segcli.base.money import exponent, half_up, to_text
from segcli.domain.sales.document import InvoiceDocument

# What XML 1.0 cannot hold at all (its section 2.2).
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_DECIMALS = 12  # six of a quantity, six of a price


def clean(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return _NO_XML.sub("", text).strip()


def add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element | None:
    """Add an element that holds a text, where there is one: Peppol refuses empty elements (R008)."""
    kept = clean(text)
    if not kept:
        return None
    found = ET.SubElement(parent, tag, attributes)
    found.text = kept
    return found


def group(parent: ET.Element, tag: str) -> ET.Element:
    """Add an element that holds others."""
    return ET.SubElement(parent, tag)


def leave(parent: ET.Element, child: ET.Element) -> None:
    """Take a group out again where nothing came into it."""
    if len(child) == 0:
        parent.remove(child)


def amount(parent: ET.Element, tag: str, minor: int, currency: str) -> None:
    """Add an amount in the smallest unit."""
    add(parent, tag, amount_text(minor, currency), currencyID=currency)


def amount_text(minor: int, currency: str) -> str:
    """Return an amount with the currency's decimals; a third and a fourth one that say nothing are left out.

    EN 16931 allows two at most (BR-DEC), so a dinar's thousandths cannot be sent; its hundredths can.
    """
    text = to_text(minor, currency)
    for _ in range(2, exponent(currency)):
        text = text.removesuffix("0")
    return text


def number(value: Fraction) -> str:
    """Return a decimal number with what decimals it has, twelve at most."""
    scaled = half_up(value.numerator * 10**_MOST_DECIMALS, value.denominator)
    whole, rest = divmod(abs(scaled), 10**_MOST_DECIMALS)
    text = f"{'-' * (scaled < 0)}{whole}.{rest:0{_MOST_DECIMALS}}"
    return text.rstrip("0").rstrip(".")


def tax_category(parent: ET.Element, tag: str, category: str, percent: str, *, is_rate_due: bool = False) -> ET.Element:
    """Add a VAT category with its rate; what is outside of VAT has none (BR-O-05), unless one is due."""
    found = group(parent, tag)
    add(found, "cbc:ID", category)
    if category != "O" or is_rate_due:
        add(found, "cbc:Percent", number(Fraction(percent)))
    return found


def is_to_pay(document: InvoiceDocument) -> bool:
    """Tell whether the buyer has to pay: a credit note of less than nothing asks for money too (NL-R-007)."""
    return document.total < 0 if document.is_credit_note else document.total > 0


def vat_scheme(parent: ET.Element) -> None:
    """Add that VAT is meant, which stands last."""
    add(group(parent, "cac:TaxScheme"), "cbc:ID", "VAT")
