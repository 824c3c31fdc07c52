"""Invoice lines in UBL: quantity, unit code, discount and price that give exactly the line's amount. Pure."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from fractions import Fraction

from segcli.actions.invoices.ubl_tree import add, amount, amount_text, clean, group, number, tax_category, vat_scheme
from segcli.base.money import exponent, half_up
from segcli.domain.sales.document import DocumentLine, InvoiceDocument

# UN/ECE Recommendation 20 codes (BR-CL-23) of the usual English, Dutch, German and French unit names.
_WORDS = {
    "H87": "pc pcs pce piece pieces ea each st stk stuk stuks stück pièce",
    "C62": "one unit units eenheid",
    "HUR": "h hr hrs hour hours uur uren stunde stunden heure",
    "MIN": "min minute minutes minuut minuten",
    "DAY": "d day days dag dagen tag tage jour",
    "WEE": "week weeks weken woche wochen",
    "MON": "month months maand maanden monat monate mois",
    "QAN": "quarter quarters kwartaal kwartalen",
    "ANN": "year years jaar jaren jahr jahre an",
    "GRM": "g gr gram grams",
    "KGM": "kg kilo kilogram kilograms",
    "TNE": "t ton tonne tonnes",
    "MLT": "ml",
    "LTR": "l ltr litre litres liter liters",
    "MMT": "mm",
    "CMT": "cm",
    "MTR": "m meter meters metre metres",
    "KMT": "km",
    "MTK": "m2 m²",
    "MTQ": "m3 m³",
    "KWH": "kwh",
    "SET": "set sets",
    "PR": "pair pairs paar",
    "DZN": "dozen dozijn",
    "LS": "lump job",
    "XBX": "box boxes doos dozen karton",
    "XPK": "pack packs pak pakken package",
    "XPX": "pallet pallets",
}
_CODES = frozenset(
    f"{' '.join(_WORDS)} SEC DMT GJ MWH XBG XBO XCT XCR XRO XSA XTU XCA XPA E48 E49 E51 MGM DTN INH FOT YRD SMI ONZ LBR GLL"
    " 2N KMH KWT MAW WTT AMP VLT 4L AD NAR P1".split()
)
_BY_WORD = {word: code for code, words in _WORDS.items() for word in words.split()}
_SLACK = Fraction(1, 100)  # Peppol allows a difference of 0.02 in lines and discounts (R120, R040)


@dataclass(frozen=True, slots=True)
class Calculated:
    """A line for which net = quantity x price / base - allowance + charge, exactly in minor units. The price is positive."""

    quantity: Fraction
    price: str
    base: Fraction = Fraction(1)
    gross: int = 0
    percent: Fraction = Fraction(0)  # negative for a surcharge; None if the gross is the net


def unit_code(unit: str) -> str:
    """Return the code of a unit; `one` (C62) if it is unknown."""
    word = unit.strip().casefold().rstrip(".")
    code = unit.strip().upper()
    return _BY_WORD.get(word) or (code if code in _CODES else "C62")


def calculate(line: DocumentLine, currency: str) -> Calculated:
    """Return quantity, price and discount of a line. A negative price negates the quantity instead (BR-27).

    If these do not give the net amount (no quantity, a net stated separately, a price finer than the currency), the net
    becomes the price of the whole quantity.
    """
    quantity, price = Fraction(line.quantity or "0"), Fraction(line.unit_price or "0")
    if price < 0:
        quantity, price = -quantity, -price
    unit = 10 ** exponent(currency)
    exact = quantity * price * unit
    gross, percent = half_up(exact.numerator, exact.denominator), Fraction(line.discount_percent or "0")
    less = gross * (1 - percent / 100)
    if abs(exact - gross) <= _SLACK * unit:
        if gross == line.net:
            return Calculated(quantity, number(price))
        is_coarse = gross % 10 ** max(exponent(currency) - 2, 0) == 0  # amounts have two decimals at most (BR-DEC-25)
        if percent and is_coarse and abs(less - line.net) <= _SLACK * unit:
            return Calculated(quantity, number(price), gross=gross, percent=percent)
    return _whole(quantity, line.net, currency)


def _whole(quantity: Fraction, net: int, currency: str) -> Calculated:
    """Return the net as the price of the whole quantity, or of 1 without a quantity."""
    base = abs(quantity) or Fraction(1)
    signed = -base if net < 0 else base if net else quantity
    return Calculated(signed, amount_text(abs(net), currency), base)


def line(parent: ET.Element, document: InvoiceDocument, one: DocumentLine) -> None:
    """Add a line."""
    found = calculate(one, document.currency)
    code = unit_code(one.unit)
    kind = "CreditNote" if document.is_credit_note else "Invoice"
    made = group(parent, f"cac:{kind}Line")
    add(made, "cbc:ID", str(one.number))
    add(
        made,
        f"cbc:{'Credited' if document.is_credit_note else 'Invoiced'}Quantity",
        number(found.quantity),
        unitCode=code,
    )
    amount(made, "cbc:LineExtensionAmount", one.net, document.currency)
    if one.start_date and one.end_date:
        period = group(made, "cac:InvoicePeriod")
        add(period, "cbc:StartDate", one.start_date)
        add(period, "cbc:EndDate", one.end_date)
    if found.percent:
        _discount(made, found, one.net, document.currency)
    _item(made, one)
    price = group(made, "cac:Price")
    add(price, "cbc:PriceAmount", found.price, currencyID=document.currency)
    add(price, "cbc:BaseQuantity", number(found.base), unitCode=code)


def _discount(parent: ET.Element, found: Calculated, net: int, currency: str) -> None:
    """Add the discount as an allowance, or a negative discount as a charge (UNCL5189 95, UNCL7161 ABL)."""
    is_charge = found.percent < 0
    made = group(parent, "cac:AllowanceCharge")
    add(made, "cbc:ChargeIndicator", "true" if is_charge else "false")
    if not is_charge:
        add(made, "cbc:AllowanceChargeReasonCode", "95")
    add(made, "cbc:AllowanceChargeReason", "Surcharge" if is_charge else "Discount")
    add(made, "cbc:MultiplierFactorNumeric", number(abs(found.percent)))
    amount(made, "cbc:Amount", net - found.gross if is_charge else found.gross - net, currency)
    amount(made, "cbc:BaseAmount", found.gross, currency)


def _item(parent: ET.Element, one: DocumentLine) -> None:
    """Add the item, which always needs a name (BR-25)."""
    made = group(parent, "cac:Item")
    text, item = clean(one.description), clean(one.item)
    name = text.partition("\n")[0].strip() or item or str(one.number)
    add(made, "cbc:Description", text if text != name else "")
    add(made, "cbc:Name", name)
    if item:
        add(group(made, "cac:SellersItemIdentification"), "cbc:ID", item)
    vat_scheme(tax_category(made, "cac:ClassifiedTaxCategory", one.vat_category, one.vat_percent))
