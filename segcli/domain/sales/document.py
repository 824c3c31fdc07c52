"""A complete invoice or credit note as printed and sent, as plain data. Pure.

Amounts are in minor units of the currency. They are positive on a credit note too: the document type reverses the sign.
Decimal numbers are text with a decimal point, exactly as entered.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Participant:
    """A party of the invoice: the seller, the buyer or the delivery address."""

    name: str
    address: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""  # ISO 3166-1 alpha-2
    vat_number: str = ""
    chamber_of_commerce: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A line: net = quantity x unit price less discount, rounded half up to minor units."""

    number: int
    item: str  # item code; empty on a text line
    description: str
    quantity: str  # '300', '-2.5'
    unit: str  # 'pc', 'hour'
    unit_price: str  # without VAT; up to six decimals
    discount_percent: str  # '0', '12.5'
    net: int
    vat_code: str
    vat_percent: str  # '21'
    # UNCL5305: S standard, Z zero, E exempt, AE reverse charge, K intra-community, G export, O none.
    vat_category: str = "S"
    start_date: str = ""  # ISO; the invoiced period
    end_date: str = ""


@dataclass(frozen=True, slots=True)
class VatLine:
    """The VAT of one rate: base = sum of the net amounts of its lines; vat = base x percent, rounded half up once."""

    percent: str
    category: str
    base: int
    vat: int
    reason: str = ""  # exemption reason, for E, AE, K, G, O


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """An invoice or credit note."""

    number: str  # empty on a draft
    date: str  # ISO
    due_date: str  # ISO; empty on a credit note
    currency: str
    seller: Participant
    buyer: Participant  # invoiced to
    account: str  # the buyer's code
    lines: tuple[DocumentLine, ...]
    vat: tuple[VatLine, ...]
    net: int
    vat_total: int
    total: int
    is_credit_note: bool = False
    original_number: str = ""  # number of the credited invoice
    original_date: str = ""
    ordered_by: Participant | None = None  # if it is not the buyer
    deliver_to: Participant | None = None
    your_reference: str = ""
    order_number: str = ""
    description: str = ""
    payment_terms: str = ""  # '30 days'
    iban: str = ""
    bic: str = ""
    payment_reference: str = ""
    language: str = "en"
    is_copy: bool = False  # printed before
    is_draft: bool = False
