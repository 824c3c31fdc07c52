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
    plain = name.lower().replace("-", "_")
    if plain in TEXTS:
        return Field(plain, f"a.{TEXTS[plain]}", "text")
    if plain in FLAGS:
        return Field(plain, f"a.{FLAGS[plain]}", "flag")
    if plain in DATES or plain == "status":
        return Field(plain, f"a.{plain}", "status" if plain == "status" else "date")
    number = int(plain[5]) if plain in CLASSES else catalogue.labelled(name)
    return Field(f"class{number}", f"a.class{number}", "class") if number else None


def names(catalogue: Catalogue) -> tuple[str, ...]:
    """Return all names that fields have."""
    return (*TEXTS, *FLAGS, *DATES, "status", *CLASSES, *catalogue.labels.values())
