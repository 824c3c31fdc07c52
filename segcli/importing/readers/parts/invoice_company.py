"""The companies of an electronic invoice of any syntax: their identifications, and the accounts that they become."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from segcli.importing.party_matching import Company

FIELDS = (
    "account", "name", "is_sales", "is_supplier", "address", "postcode", "city", "state", "country", "phone", "email",
    "vat_number", "chamber_of_commerce",
)  # fmt: skip
CHAMBERS = frozenset({"0106", "NL:KVK", "KVK"})  # schemes of a chamber of commerce
_ADDRESS = ("address", "postcode", "city", "state", "country")
# Endpoint schemes that are not trade register numbers: GLN, DUNS, OIN, e-mail address.
_NO_REGISTER = {"0088", "0060", "0190", "EM"}
_VAT = re.compile(r"[A-Z]{2}[0-9A-Z .-]*[0-9][0-9A-Z .-]*")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a document states of a company. `code` is our account code for it; `others` are identifiers of any kind."""

    line: int
    names: tuple[str, ...]
    code: str | None = None
    vat: str | None = None
    chamber: str | None = None
    endpoint: str | None = None  # its electronic address, in the scheme (EAS code list) below
    scheme: str = ""
    others: tuple[str | None, ...] = ()
    place: dict[str, str | None] = field(default_factory=dict)  # the fields of its address
    phone: str | None = None
    email: str | None = None


def company(stated: Stated) -> Company:
    """Return the company; an electronic address counts as the number that its scheme makes it."""
    endpoint, scheme, vat, chamber = stated.endpoint, stated.scheme.upper(), stated.vat, stated.chamber
    record = {
        "name": stated.names[0] if stated.names else None,
        **stated.place,
        "phone": stated.phone,
        "email": stated.email,
        "vat_number": vat,
        "chamber_of_commerce": chamber,
    }
    if endpoint and scheme == "EM":
        record["email"] = record["email"] or endpoint
    is_register = endpoint is not None and scheme not in _NO_REGISTER
    by_vat = (vat, endpoint if is_register and _VAT.fullmatch(endpoint or "") else None)
    by_chamber = (chamber, endpoint if is_register else None)
    others = (endpoint if scheme != "EM" else None, *stated.others)
    return Company(
        stated.line, stated.code, stated.names, _filled(by_vat), _filled(by_chamber), _filled(others), record
    )


def made_code(who: Company) -> str | None:
    """Return a code for a new account: ours if stated, else a registration number, else the name."""
    numbers = (who.code, *who.vat_numbers, *who.chamber_numbers, *who.other_numbers, *who.names)
    return next((text for text in numbers if text), None)


def lacking(known: dict[str, str | None], record: dict[str, str | None]) -> dict[str, str | None]:
    """Return the fields that a known account lacks; address fields only together, so that addresses are not mixed."""
    found: dict[str, str | None] = {name: text for name, text in record.items() if text and not known.get(name)}
    if any(known.get(name) for name in ("address", "postcode", "city")):
        found = {name: text for name, text in found.items() if name not in _ADDRESS}
    return found


def _filled(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
