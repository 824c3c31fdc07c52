"""Mapping of a UBL party to the fields of an account: its numbers, names and address."""

import re
from collections.abc import Iterable

from segcli.importing.party_matching import Company
from segcli.importing.readers.parts.xml import Node

FIELDS = (
    "account", "name", "is_sales", "is_supplier", "address", "postcode", "city", "state", "country", "phone", "email",
    "vat_number", "chamber_of_commerce",
)  # fmt: skip
_ADDRESS = ("address", "postcode", "city", "state", "country")
_TAXED = {"", "VAT", "GST"}
# Endpoint schemes that are not trade register numbers: GLN, DUNS, OIN, e-mail address.
_NO_REGISTER = {"0088", "0060", "0190", "EM"}
_CHAMBERS = {"0106", "NL:KVK", "KVK"}
_VAT = re.compile(r"[A-Z]{2}[0-9A-Z .-]*[0-9][0-9A-Z .-]*")


def company(role: Node, code_path: str) -> Company:
    """Return the supplier or customer; `code_path` is the path of the account code that we gave it."""
    party = role.find("Party") or role
    contact = party.find("Contact") or party
    address = party.find("PostalAddress") or party.find("PhysicalLocation/Address")  # as UBL 2.0 has it
    vat, chamber = _vat_number(party), _chamber(party)
    names = _texts(party, "PartyLegalEntity/RegistrationName", "PartyName/Name") or _person(party)
    record = {
        "name": names[0] if names else None,
        **_place(address),
        "phone": contact.get("Telephone"),
        "email": contact.get("ElectronicMail"),
        "vat_number": vat,
        "chamber_of_commerce": chamber,
    }
    endpoint, scheme = party.get("EndpointID"), (party.get("EndpointID@schemeID") or "").upper()
    if endpoint and scheme == "EM":
        record["email"] = record["email"] or endpoint
    is_register = endpoint is not None and scheme not in _NO_REGISTER
    by_vat = (vat, endpoint if is_register and _VAT.fullmatch(endpoint or "") else None)
    by_chamber = (chamber, endpoint if is_register else None)
    others = (endpoint if scheme != "EM" else None, *_identifications(party))
    return Company(
        role.line, role.get(code_path), tuple(names), _filled(by_vat), _filled(by_chamber), _filled(others), record
    )


def receiver(delivery: Node) -> Company | None:
    """Return the receiver of the goods, None if only an address or nothing is stated."""
    names = _texts(delivery, "DeliveryParty/PartyName/Name", "DeliveryParty/PartyLegalEntity/RegistrationName")
    place = delivery.find("DeliveryLocation/Address") or delivery.find("DeliveryAddress")
    is_ours = not delivery.get("DeliveryLocation/ID@schemeID")
    code = delivery.get("DeliveryLocation/ID") if is_ours else None
    return Company(delivery.line, code, tuple(names), (), (), (), _place(place)) if names or code else None


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


def _identifications(party: Node) -> list[str | None]:
    return [node.get("ID") for node in party.children if node.key == "partyidentification"]


def _texts(node: Node, *paths: str) -> list[str]:
    return list(dict.fromkeys(text for path in paths if (text := node.get(path))))


def _person(party: Node) -> list[str]:
    parts = [party.get(f"Person/{part}") for part in ("FirstName", "MiddleName", "FamilyName")]
    return [name] if (name := " ".join(part for part in parts if part)) else []


def _vat_number(party: Node) -> str | None:
    schemes = [child for child in party.children if child.key == "partytaxscheme"]
    return next((s.get("CompanyID") for s in schemes if (s.get("TaxScheme/ID") or "").upper() in _TAXED), None)


def _chamber(party: Node) -> str | None:
    """Return the registration of the legal entity, else an identification with a chamber of commerce scheme."""
    found = party.get("PartyLegalEntity/CompanyID")
    numbers = (
        node.get("ID")
        for node in party.children
        if node.key == "partyidentification" and (node.get("ID@schemeID") or "").upper() in _CHAMBERS
    )
    endpoint = party.get("EndpointID") if (party.get("EndpointID@schemeID") or "").upper() in _CHAMBERS else None
    return found or next(numbers, None) or endpoint


def _place(address: Node | None) -> dict[str, str | None]:
    if address is None:
        return {}
    street = [address.get("StreetName"), address.get("BuildingNumber")]
    lines = [" ".join(part for part in street if part), address.get("AdditionalStreetName")]
    return {
        "address": ", ".join(line for line in lines if line) or address.get("AddressLine/Line"),
        "postcode": address.get("PostalZone"),
        "city": address.get("CityName"),
        "state": address.get("CountrySubentity"),
        "country": address.get("Country/IdentificationCode"),
    }
