"""Rows of an electronic invoice, whatever its syntax (UBL or CII): the fields of a head, its lines and charges.

Both syntaxes state a credit note with positive amounts; segcli stores it with negative ones. `sign_of` is therefore -1
for a credit note, and every amount and quantity is multiplied by it. Amounts are exact fractions until they are
written as text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from segcli.importing.readers import BadRow
from segcli.importing.readers.parts.invoice_values import money_of, priced, text_of
from segcli.importing.readers.parts.spool import Row, Spool
from segcli.importing.readers.parts.values import UnreadableError

Record = dict[str, str | None]
HEAD = (
    "invoice_number", "account", "deliver_to", "invoice_date", "due_date", "currency", "net_amount", "vat_amount",
    "total_amount", "settled_amount", "order_number", "your_reference", "original_number", "description",
)  # fmt: skip
SALES_ONLY = ("your_reference", "deliver_to", "settled_amount")  # fields that the kind purchase_invoice lacks
LINE = (
    "invoice_number", "supplier", "line_number", "item", "description", "quantity", "unit", "unit_price",
    "discount_percent", "net_amount", "vat_code", "vat_percent",
)  # fmt: skip
# Document types (UNCL1001) that EN 16931 classifies as credit notes.
CREDITS = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})
CATEGORIES = frozenset({"S", "Z", "E", "AE", "K", "G", "O"})
_MOST_NUMBER = 15  # most digits of a line number


@dataclass(frozen=True, slots=True)
class Figures:
    """What a line states of itself: the price is for `base` pieces, `less` is its allowances minus its charges."""

    quantity: Fraction | None
    price: Fraction | None
    base: Fraction | None
    less: Fraction
    net: Fraction | None


class Entry(NamedTuple):
    """A line, or an allowance or charge of the whole document, with its VAT category if segcli knows it."""

    place: int
    record: Record
    category: str | None
    is_explained: bool = True  # price, quantity and allowances produce the net


def sign_of(*, is_credit: bool) -> int:
    """Return the sign of a document's amounts."""
    return -1 if is_credit else 1


def is_credit(code: str | None, totals: Iterable[Fraction | None]) -> bool:
    """Tell whether a document type is a credit note whose amounts are positive, by the first total that is not 0."""
    return code in CREDITS and next((value for value in totals if value), Fraction(0)) > 0


def line(figures: Figures, currency: str, sign: int) -> tuple[Record, bool]:
    """Return the figures of a line, and whether its price, quantity and allowances produce its net amount.

    A price for 0 or fewer pieces is an UnreadableError.
    """
    base, quantity = figures.base, Fraction(1) if figures.quantity is None else figures.quantity
    if base is not None and base <= 0:
        raise UnreadableError("unit_price", text_of(base), "no price is for so many (BaseQuantity)", "1 or more")
    worth = priced(quantity, figures.price, base or Fraction(1), figures.less, figures.net, currency)
    record = {
        "quantity": text_of(sign * quantity),
        "unit_price": worth.unit_price,
        "discount_percent": worth.discount_percent,
        "net_amount": signed_money(worth.net, sign, currency),
    }
    return record, worth.is_explained


def charge(value: Fraction, reason: str | None, code: str | None, currency: str, sign: int) -> Record:
    """Return the line for an allowance (negative) or charge (positive) of the whole document."""
    word = "charge" if value > 0 else "allowance"
    return {
        "description": reason or (f"{word} {code}" if code else word),
        "quantity": str(sign),
        "unit_price": money_of(value, currency),
        "net_amount": signed_money(value, sign, currency),
    }


def settled(total: Fraction | None, payable: Fraction | None, sign: int, currency: str) -> str | None:
    """Return the part of the total that need not be paid any more: total less payable (EN 16931, BR-CO-16).

    That is what was prepaid, less rounding; it is negative if more than the total is asked for.
    """
    if total is None or payable is None or total == payable:
        return None
    return signed_money(total - payable, sign, currency)


def signed_money(value: Fraction | None, sign: int, currency: str) -> str | None:
    """Return an amount with the sign of its document, None if there is none."""
    return None if value is None else money_of(sign * value, currency)


def numbered(lines: Spool) -> Iterator[Row | BadRow]:
    """Yield the lines with numbers: their own if all are whole and distinct, else 1, 2, 3 …; charges come last."""
    at = LINE.index("line_number")
    own = [text for row in lines.rows() if not isinstance(row, BadRow) and (text := row[1][at]) is not None]
    is_own = len(set(own)) == len(own) and all(_is_whole(text) for text in own)
    last = max(map(int, own), default=0) if is_own else 0
    for row in lines.rows():
        if not isinstance(row, BadRow) and not (is_own and row[1][at]):
            last += 1
            row[1][at] = str(last)
        yield row


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_NUMBER
