"""Templates: an empty file for a kind of record, with its headings and two sample rows that the importer accepts.

The columns and their descriptions are the fields that the kind declares. The samples of all kinds fit together: the invoices
belong to the sample accounts, their lines name the sample items. Imported in the order of the kinds' ranks, they make a small
administration.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from segcli.importing import field_words
from segcli.importing.kinds.machinery import conversion
from segcli.importing.kinds.machinery.kind_definition import Field, Kind

Pair = tuple[str, str]
NUMBERS = frozenset({"money", "base_money", "decimal", "exact", "integer"})
_NONE = ("", "")
# By field, for every kind without a sample of its own below. An optional field without a sample is empty.
_SAMPLES: Mapping[str, Pair] = {
    "account": ("1001", "1002"),
    "name": ("Bakker Bouw BV", "De Vries Advies"),
    "description": ("Garden chair", "Garden table"),
    "invoice_number": ("2026001", "2026002"),
    "invoice_date": ("2026-01-15", "2026-01-20"),
    "due_date": ("2026-02-14", "2026-02-19"),
    "currency": ("EUR", "EUR"),
    "payment_condition": ("30", "14"),
    "item": ("CHAIR", "TABLE"),
    "item_group": ("GARDEN", "GARDEN"),
    "unit": ("piece", "piece"),
    "vat_code": ("H", "H"),
    "line_number": ("1", "1"),
    "quantity": ("4", "1"),
    "unit_price": ("25.00", "121.50"),
    "journal": ("70", "70"),
    "email": ("info@bakkerbouw.example", "post@devries.example"),
    "language": ("nl", "en"),
    "entry_template": ("RENT", "PHONE"),
    "gl_account": ("4100", "4200"),
    "price_list": ("WHOLESALE", "SUMMER"),
    "subscription": ("S-1001", "S-1002"),
    "subscription_type": ("SERVICE", "SUPPORT"),
    "is_blocked": ("no", "no"),
    "entry_number": ("26700001", "26700002"),
}  # fmt: skip
_OF_KIND: Mapping[str, Mapping[str, Pair]] = {
    "account": {
        "status": ("C", "P"), "search_code": ("BAKKER", "VRIES"), "is_sales": ("yes", "yes"), "is_supplier": ("no", "no"),
        "is_mailing_excluded": ("no", "no"), "start_date": ("2024-03-01", ""),
        "address": ("Havenstraat 12", "Rue Haute 5"), "postcode": ("1011 AB", "1000"), "city": ("Amsterdam", "Brussel"),
        "country": ("NL", "BE"), "phone": ("020 123 4567", "02 123 45 67"), "website": ("www.bakkerbouw.example", ""),
        "vat_number": ("NL001234567B01", ""), "chamber_of_commerce": ("12345678", ""), "manager": ("Anna Smit", "Anna Smit"),
        "sector": ("Construction", "Services"), "credit_limit": ("5000.00", ""), "invoice_by": ("email", "letter"),
    },
    "allocation": {
        "account": ("1001", "1001"), "invoice_number": ("2026001", "2026001"), "term": ("1", "1"),
        "allocation_date": ("2026-02-10", "2026-02-17"), "amount": ("10.00", "15.00"),
        "reference": ("Bank 2026-02-10", "Bank 2026-02-17"),
    },
    "classification_label": {"field": ("1", "2"), "label": ("Segment", "Region")},
    "classification_value": {
        "field": ("1", "1"), "code": ("A", "B"), "description": ("Large customers", "Small customers"), "position": ("1", "2"),
        "is_retired": ("no", "no"),
    },
    "contact": {
        "contact": ("1", "1"), "name": ("Jan van der Berg", "Eva Vries"), "first_name": ("Jan", "Eva"),
        "middle_name": ("van der", ""), "last_name": ("Berg", "Vries"), "job_title": ("Buyer", "Owner"),
        "email": ("jan@bakkerbouw.example", "eva@devries.example"), "phone": ("020 123 4568", ""),
        "mobile": ("06 1234 5678", ""), "is_main_contact": ("yes", "yes"), "is_mailing_excluded": ("no", "no"),
        "consent_basis": ("customer", "consent"), "consent_source": ("Order", "Form on the website"),
        "consent_date": ("2026-01-05", "2026-01-12"),
    },
    "entry_template": {
        "description": ("Rent of the shop", "Telephone"), "journal": ("60", "60"), "line_description": ("Rent", "Telephone"),
        "amount": ("1250.00", ""), "weight": ("", "1"),
    },
    "entry_template_link": {"account": ("1001", "1002"), "is_main": ("yes", "yes")},
    "exchange_rate": {
        "rate_date": ("2026-01-15", "2026-01-15"), "currency": ("USD", "GBP"), "rate": ("1.0850", "0.8640"),
    },
    "gl_account": {
        "gl_account": ("4100", "1600"), "description": ("Rent", "Creditors"), "type": ("P", "B"),
        "subledger": ("", "creditors"),
    },
    "invoice": {
        "invoice_number": ("2026001", "2026002"), "status": ("processed", "processed"),
        "net_amount": ("100.00", "121.50"), "vat_amount": ("21.00", "25.52"), "total_amount": ("121.00", "147.02"),
        "order_number": ("O-501", ""), "your_reference": ("PO 4711", ""), "description": ("Garden chairs", "Garden table"),
    },
    "invoice_line": {
        "net_amount": ("100.00", "121.50"), "vat_percent": ("21", "21"), "vat_amount": ("21.00", "25.52"),
        "cost_amount": ("60.00", "80.00"),
    },
    "item": {"sales_price": ("25.00", "121.50"), "cost_price": ("15.00", "80.00")},
    "item_group": {"item_group": ("OUTDOOR", "GARDEN"), "description": ("Outdoor", "Garden furniture"),
                   "parent": ("", "OUTDOOR")},
    "item_unit": {"unit": ("box", "pallet"), "factor": ("4", "10")},
    "journal": {"journal": ("60", "70"), "description": ("Purchases", "Sales"), "type": ("purchase", "sales")},
    "match": {
        "account": ("1001", "1001"), "match": ("M1", "M1"), "amount": ("30.25", "-30.25"),
        "match_date": ("2026-02-20", "2026-02-20"),
    },
    "outstanding_item": {
        "account": ("1001", "1001"), "name": ("Bakker Bouw BV", "Bakker Bouw BV"), "invoice_number": ("2026001", "2026003"),
        "term": ("1", "1"), "payment_condition": ("30", "30"), "due_date": ("2026-02-14", "2026-02-19"),
        "amount": ("121.00", "-30.25"), "description": ("Garden chairs", "Credit note: one chair"), "reference": ("PO 4711", ""),
        "is_disputed": ("no", "no"), "is_reminder_blocked": ("no", "no"),
    },
    "payment": {
        "account": ("1001", "1001"), "invoice_number": ("2026001", "2026001"), "journal": ("20", "20"),
        "entry_number": ("26200001", "26200002"), "payment_date": ("2026-02-10", "2026-02-17"),
        "amount": ("-20.00", "-25.00"), "description": ("Receipt", "Receipt"), "reference": ("2026001", "2026001"),
    },
    "payment_condition": {
        "description": ("30 days", "14 days"), "days": ("30", "14"), "description_en": ("30 days", "14 days"),
        "description_nl": ("30 dagen", "14 dagen"), "description_de": ("30 Tage", "14 Tage"),
        "description_fr": ("30 jours", "14 jours"),
    },
    "price_list": {
        "description": ("Wholesale", "Summer offer"), "is_standard": ("no", "yes"), "period_type": ("basic", "offer"),
        "start_date": ("2026-01-01", "2026-06-01"), "end_date": ("", "2026-08-31"), "item": ("CHAIR", ""),
        "item_group": ("", "GARDEN"), "minimum_quantity": ("10", ""), "new_price": ("22.50", ""), "discount": ("", "10"),
        "rounding": ("", "0.05"), "unit_factor": _NONE, "unit": _NONE,
    },
    "price_list_line": {
        "external_id": ("L-1", "L-2"), "price_list_period": ("P-1", "P-2"), "item": ("CHAIR", ""), "item_group": ("", "GARDEN"),
        "minimum_quantity": ("10", ""), "new_price": ("22.50", ""), "discount": ("", "10"), "rounding": ("", "0.05"),
        "unit": _NONE,
    },
    "price_list_period": {
        "external_id": ("P-1", "P-2"), "period_type": ("basic", "offer"), "start_date": ("2026-01-01", "2026-06-01"),
        "end_date": ("", "2026-08-31"),
    },
    "purchase_invoice": {
        "invoice_number": ("V-88", "V-93"), "account": ("1001", "1002"), "status": ("processed", "processed"),
        "journal": ("60", "60"), "net_amount": ("1250.00", "80.00"), "vat_amount": ("262.50", "16.80"),
        "total_amount": ("1512.50", "96.80"), "description": ("Rent", "Telephone"),
    },
    "purchase_invoice_line": {
        "supplier": ("1001", "1002"), "invoice_number": ("V-88", "V-93"), "item": _NONE, "description": ("Rent", "Telephone"),
        "quantity": ("1", "1"), "unit": _NONE, "unit_price": ("1250.00", "80.00"), "net_amount": ("1250.00", "80.00"),
        "vat_percent": ("21", "21"), "vat_amount": ("262.50", "16.80"),
    },
    "request": {
        "request": ("T-1", "T-2"), "type": ("task", "complaint"), "status": ("open", "approved"),
        "description": ("Call about the order", "Chair with a broken leg"), "notes": ("After 10 o'clock", ""),
        "assignee": ("Anna Smit", "Anna Smit"), "request_date": ("2026-01-16", "2026-01-22"),
        "due_date": ("2026-01-20", "2026-01-29"),
    },
    "sale": {
        "sale_date": ("2026-01-15", "2026-01-20"), "amount": ("100.00", "-121.50"), "item_group": ("GARDEN", "GARDEN"),
        "quantity": ("4", "-1"), "unit_price": ("25.00", "121.50"), "order_number": ("S-501", "S-502"),
        "country": ("NL", "NL"),
    },
    "subscription": {
        "description": ("Yearly service", "Telephone support"), "start_date": ("2026-01-01", "2026-02-01"),
        "frequency": ("yearly", "monthly"), "item": ("CHAIR", "TABLE"), "quantity": ("1", "2"),
        "unit_price": ("240.00", "12.50"), "is_printed": _NONE, "unit": _NONE,
    },
    "subscription_line": {
        "line_number": ("2", "2"), "item": ("TABLE", "CHAIR"), "description": ("Call-out", "Second line"),
        "start_date": ("2026-01-01", "2026-02-01"), "unit": _NONE, "is_once": ("yes", "no"),
        "quantity": ("1", "1"), "unit_price": ("75.00", "5.00"),
    },
    "subscription_type": {
        "description": ("Service", "Support"), "frequency": ("yearly", "monthly"), "frequency_count": ("1", "1"),
        "timing": ("advance", "arrears"), "proration": ("days", "full"), "is_calendar": ("no", "yes"),
        "invoice_per": ("subscription", "account"), "notice_days": ("30", "30"),
    },
    "transaction_line": {
        "financial_year": ("2026", "2026"), "period": ("1", "1"), "entry_number": ("26600001", "26600001"), "journal": ("60", "60"),
        "line_number": ("1", "2"), "entry_date": ("2026-01-15", "2026-01-15"), "gl_account": ("4100", "1600"),
        "account": ("", "1001"), "description": ("Rent", "Rent"), "invoice_number": ("", "V-88"), "due_date": ("", "2026-02-14"),
        "debit": ("1250.00", ""), "credit": ("", "1250.00"), "type": ("purchase", "purchase"), "currency": _NONE,
        "gl_account_description": ("Rent", "Creditors"), "journal_description": ("Purchases", "Purchases"),
        "vat_code": _NONE, "quantity": _NONE,
    },
    "vat_code": {
        "vat_code": ("H", "L"), "description": ("High rate", "Low rate"), "percent": ("21", "9"), "category": ("S", "S"),
    },
}  # fmt: skip
# Headings that show the kind better than the field's name.
_HEADINGS: Mapping[str, Mapping[str, str]] = {"purchase_invoice": {"account": "supplier"}}
_BY_TYPE: Mapping[str, Pair] = {
    "date": ("2026-01-15", "2026-01-20"),
    "time": ("09:00", "14:30"),
    "flag": ("yes", "no"),
    "currency": ("EUR", "EUR"),
    "country": ("NL", "BE"),
}


class Heading(NamedTuple):
    """A column of a template: its heading, field and description, and its two samples."""

    name: str
    field: Field
    about: str
    samples: Pair


def columns(kind: Kind) -> Iterator[Heading]:
    """Yield the columns of a kind's template: all its fields, in the order in which it declares them."""
    for field in kind.fields:
        name = _HEADINGS.get(kind.name, {}).get(field.name, field.name)
        yield Heading(name, field, explained(field), _samples(kind, field))


def explained(field: Field) -> str:
    """Return the description of a column: its contents, the type of its values, and whether it is required."""
    words = conversion.choices(field.type)
    is_said = bool(words) and all(word in field.about for word in words)
    notes = [*([] if is_said else [field_words.type_words(field)]), *(["required"] if field.is_required else [])]
    return f"{field.about} ({', '.join(notes)})" if notes else field.about


def _samples(kind: Kind, field: Field) -> Pair:
    of_kind = _OF_KIND.get(kind.name, {})
    if field.name in of_kind:
        return of_kind[field.name]
    if field.name in _SAMPLES:
        return _SAMPLES[field.name]
    if not field.is_required:
        return _NONE
    default = ("1", "2") if field.type in NUMBERS else ("A", "B")
    return _BY_TYPE.get(field.type, default)
