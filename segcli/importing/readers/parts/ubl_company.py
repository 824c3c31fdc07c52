"""Mapping of a UBL party to the fields of an account: its numbers, names and address."""

from segcli.importing.party_matching import Company
from segcli.importing.readers.parts import invoice_company as companies
from segcli.importing.readers.parts.invoice_company import CHAMBERS, Stated
from segcli.importing.readers.parts.xml import Node

_TAXED = {"", "VAT", "GST"}


def company(role: Node, code_path: str) -> Company:
    """Return the supplier or customer; `code_path` is the path of the account code that we gave it."""
    party = role.find("Party") or role
    contact = party.find("Contact") or party
    address = party.find("PostalAddress") or party.find("PhysicalLocation/Address")  # as UBL 2.0 has it
    return companies.company(
        Stated(
            line=role.line,
            names=tuple(_texts(party, "PartyLegalEntity/RegistrationName", "PartyName/Name") or _person(party)),
            code=role.get(code_path),
            vat=_vat_number(party),
            chamber=_chamber(party),
            endpoint=party.get("EndpointID"),
            scheme=party.get("EndpointID@schemeID") or "",
            others=tuple(_identifications(party)),
            place=_place(address),
            phone=contact.get("Telephone"),
            email=contact.get("ElectronicMail"),
        )
    )


def receiver(delivery: Node) -> Company | None:
    """Return the receiver of the goods, None if only an address or nothing is stated."""
    names = _texts(delivery, "DeliveryParty/PartyName/Name", "DeliveryParty/PartyLegalEntity/RegistrationName")
    place = delivery.find("DeliveryLocation/Address") or delivery.find("DeliveryAddress")
    is_ours = not delivery.get("DeliveryLocation/ID@schemeID")
    code = delivery.get("DeliveryLocation/ID") if is_ours else None
    return Company(delivery.line, code, tuple(names), (), (), (), _place(place)) if names or code else None


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
        if node.key == "partyidentification" and (node.get("ID@schemeID") or "").upper() in CHAMBERS
    )
    endpoint = party.get("EndpointID") if (party.get("EndpointID@schemeID") or "").upper() in CHAMBERS else None
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
