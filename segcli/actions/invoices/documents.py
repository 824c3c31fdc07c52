"""Reads invoices from the database as documents."""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from segcli.base.money import exponent, half_up
from segcli.domain.sales.document import DocumentLine, InvoiceDocument, Participant, VatLine
from segcli.domain.sales.plan import vat_of
from segcli.domain.units import FINE, whole
from segcli.query import translations

_LANGUAGE = translations.language_of("a")
_HEADS = f"""SELECT i.id, i.invoice_number, i.invoice_date, i.due_date, i.currency, i.net_amount, i.vat_amount, i.total_amount,
       i.order_number, i.your_reference, i.original_number, i.description, i.account_id, i.ordered_by_id, i.deliver_to_id,
       i.status, i.sent_by, a.code, coalesce({_LANGUAGE}, '') AS language,
       coalesce({translations.of_condition("c", _LANGUAGE)}, c.description, '') AS terms, o.invoice_date AS original_date
  FROM invoice AS i JOIN account AS a ON a.id = i.account_id
  LEFT JOIN payment_condition AS c ON c.code = coalesce(i.payment_condition, a.payment_condition)
  LEFT JOIN invoice AS o ON o.kind = 'sales' AND o.invoice_number = i.original_number
 WHERE i.id IN ({{chosen}}) ORDER BY i.invoice_number, i.invoice_date, i.id"""
_LINES = f"""SELECT l.line_number, m.code, coalesce(l.description, {translations.of_item("m", ":language")}, m.description, ''),
       l.quantity, coalesce(l.unit, m.unit, ''),
       l.unit_price, coalesce(l.discount_percent, '0'), l.net_amount,
       coalesce(l.vat_code, ''),
       coalesce(l.vat_percent, v.percent, CASE WHEN coalesce(l.vat_code, '') = '' THEN nullif(:vat_percent, '') END, '0'),
       coalesce(v.category, ''), coalesce(l.start_date, ''), coalesce(l.end_date, ''), l.vat_amount
  FROM invoice_line AS l LEFT JOIN item AS m ON m.id = l.item_id LEFT JOIN vat_code AS v ON v.code = trim(l.vat_code)
 WHERE l.invoice_id = :invoice ORDER BY l.line_number"""
_PARTY = """SELECT name, coalesce(address, ''), coalesce(postcode, ''), coalesce(city, ''), coalesce(country, ''),
       coalesce(vat_number, ''), coalesce(chamber_of_commerce, ''), coalesce(email, ''), coalesce(phone, '') FROM account WHERE id = ?"""


@dataclass(frozen=True, slots=True)
class Source:
    """The source of documents: the database, the seller, and the available languages."""

    db: sqlite3.Connection
    seller: Mapping[str, str]
    languages: Collection[str]
    language: str  # for accounts in another language
    vat_percent: str = ""  # for lines without a rate, so that a draft shows the final VAT

    def documents(self, chosen: str, values: Sequence[object], *, is_copy: bool) -> Iterator[InvoiceDocument]:
        """Yield the invoices whose ids a query returns, by number. The amounts of a credit note are negated."""
        found = self.db.execute(_HEADS.format(chosen=chosen), tuple(values))
        names = [column[0] for column in found.description]
        for row in found:
            yield self._document(dict(zip(names, row, strict=True)), is_copy=is_copy)

    def _document(self, head: Mapping[str, Any], *, is_copy: bool) -> InvoiceDocument:
        sign = -1 if head["total_amount"] < 0 else 1
        asked = {"invoice": head["id"], "language": head["language"], "vat_percent": self.vat_percent}
        rows = self.db.execute(_LINES, asked).fetchall()
        lines = tuple(_line(row, sign, head["currency"]) for row in rows)
        vat = _vat(lines, [None if row[-1] is None else sign * row[-1] for row in rows])
        net, tax = sum(line.base for line in vat), sum(line.vat for line in vat)
        return InvoiceDocument(
            number=head["invoice_number"] or "",
            date=head["invoice_date"],
            due_date=(head["due_date"] or "") if sign > 0 else "",
            currency=head["currency"],
            seller=Participant(**{name: self.seller.get(name) or "" for name in Participant.__dataclass_fields__}),
            buyer=self._party(head["account_id"]),
            account=head["code"],
            lines=lines,
            vat=vat,
            net=net,
            vat_total=tax,
            total=net + tax,
            is_credit_note=sign < 0,
            original_number=head["original_number"] or "",
            original_date=head["original_date"] or "",
            ordered_by=self._other(head, "ordered_by_id"),
            deliver_to=self._other(head, "deliver_to_id"),
            your_reference=head["your_reference"] or "",
            order_number=head["order_number"] or "",
            description=head["description"] or "",
            payment_terms=head["terms"],
            iban=self.seller.get("iban") or "",
            bic=self.seller.get("bic") or "",
            payment_reference=head["invoice_number"] or "",
            language=head["language"] if head["language"] in self.languages else self.language,
            is_copy=is_copy,
            is_draft=head["status"] != "processed",
        )

    def _other(self, head: Mapping[str, Any], role: str) -> Participant | None:
        """Return the party in a role, or None if it is the party invoiced."""
        return self._party(head[role]) if head[role] != head["account_id"] else None

    def _party(self, account: int) -> Participant:
        return Participant(*self.db.execute(_PARTY, (account,)).fetchone())


def _line(row: tuple[Any, ...], sign: int, currency: str) -> DocumentLine:
    number, item, text, quantity, unit, price, discount, net, code, percent, category, start, end, _ = row
    amount = Fraction(quantity * sign, 1_000_000)
    each = price if price is not None else _decimal(_each(sign * net, amount, Fraction(discount), currency))
    kind = category or ("S" if Fraction(percent) else "Z")
    return DocumentLine(
        number,
        item or "",
        text,
        _decimal(amount),
        unit,
        each,
        discount,
        sign * whole(net),
        code,
        percent,
        kind,
        start,
        end,
    )


def _each(net: int, quantity: Fraction, discount: Fraction, currency: str) -> Fraction:
    """Return the unit price before discount of a line that only has an amount; 0 if no price gives the amount."""
    factor = quantity * (100 - discount) / 100 * FINE * 10 ** exponent(currency)
    return Fraction(net) / factor if factor else Fraction(0)


def _decimal(number: Fraction) -> str:
    """Return a number with at most six decimals, without trailing zeros."""
    millionths = half_up(number.numerator * 10**6, number.denominator)
    text = f"{'-' * (millionths < 0)}{abs(millionths) // 10**6}.{abs(millionths) % 10**6:06d}"
    return text.rstrip("0").rstrip(".")


def _vat(lines: Sequence[DocumentLine], given: Sequence[int | None]) -> tuple[VatLine, ...]:
    """Return the VAT per rate, highest rate first."""
    bases: dict[tuple[str, str], int] = {}
    brought: dict[tuple[str, str], list[int | None]] = {}
    for line, vat in zip(lines, given, strict=True):
        key = (line.vat_percent, line.vat_category)
        bases[key] = bases.get(key, 0) + line.net
        brought.setdefault(key, []).append(vat)
    order = sorted(bases, key=lambda key: (-Fraction(key[0]), key[1]))
    return tuple(VatLine(*key, bases[key], vat_of(bases[key], key[0], brought[key])) for key in order)
