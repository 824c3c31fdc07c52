"""The fields of an account that --where and rules may name: what they are called and what they hold. Pure."""

from typing import Any, NamedTuple

from segcli.classification import CLASSES, Catalogue

TEXTS = {
    "account": "code", "code": "code", "name": "name", "search_code": "search_code", "city": "city", "postcode": "postcode",
    "state": "state", "country": "country", "email": "email", "phone": "phone", "website": "website",
    "language": "language", "manager": "manager", "sector": "sector", "currency": "currency", "vat_number": "vat_number",
    "chamber_of_commerce": "chamber_of_commerce", "remarks": "remarks", "address": "address",
}  # fmt: skip
FLAGS = {
    "blocked": "is_blocked", "is_blocked": "is_blocked", "is_sales": "is_sales", "is_supplier": "is_supplier",
    "is_mailing_excluded": "is_mailing_excluded", "mailing_excluded": "is_mailing_excluded",
}  # fmt: skip
DATES = ("start_date", "end_date")


class Field(NamedTuple):
    """What an expression compares: its SQL, what its values are, and what is bound in it."""

    name: str
    column: str
    kind: str  # text, date, flag, status, class, money or number
    values: tuple[Any, ...] = ()


def find(name: str, catalogue: Catalogue) -> Field | None:
    """Return the field of this name, a class by its number or label; None where there is none."""
    key = name.lower().replace("-", "_")
    if key in TEXTS:
        return Field(key, f"a.{TEXTS[key]}", "text")
    if key in FLAGS:
        return Field(key, f"a.{FLAGS[key]}", "flag")
    if key in DATES or key == "status":
        return Field(key, f"a.{key}", "status" if key == "status" else "date")
    labels = {label.casefold(): field for field, label in catalogue.labels.items()}
    if key in CLASSES or name.casefold() in labels:
        number = int(key[5]) if key in CLASSES else labels[name.casefold()]
        return Field(f"class{number}", f"a.class{number}", "class")
    return None


def names(catalogue: Catalogue) -> tuple[str, ...]:
    """Return all names that fields have."""
    return (*TEXTS, *FLAGS, *DATES, "status", *CLASSES, *catalogue.labels.values())
