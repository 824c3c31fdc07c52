"""Mapping of a party of a CII invoice to the fields of an account: its numbers, names and address."""

from segcli.importing.party_matching import Company
from segcli.importing.readers.parts import invoice_company as companies
from segcli.importing.readers.parts.invoice_company import CHAMBERS, Stated
from segcli.importing.readers.parts.xml import Node

_REGISTRATION = "SpecifiedLegalOrganization/ID"
_ENDPOINT = "URIUniversalCommunication/URIID"


def company(party: Node) -> Company:
    """Return the seller, buyer or receiver.

    Its identifiers (BT-29, BT-46) may be ours or its own: like those of UBL they identify an account only with its
    name.
    """
    contact = party.find("DefinedTradeContact") or party
    return companies.company(
        Stated(
            line=party.line,
            names=tuple(_names(party)),
            vat=_vat_number(party),
            chamber=party.get(_REGISTRATION) or _chamber(party),
            endpoint=party.get(_ENDPOINT),
            scheme=party.get(f"{_ENDPOINT}@schemeID") or "",
            others=tuple(text for node in _identifiers(party) if (text := node.text.strip())),
            place=_place(party.find("PostalTradeAddress")),
            phone=contact.get("TelephoneUniversalCommunication/CompleteNumber"),
            email=contact.get("EmailURIUniversalCommunication/URIID"),
        )
    )


def receiver(party: Node) -> Company | None:
    """Return the receiver of the goods, None if only an address or nothing is stated."""
    names, code = _names(party), party.get("ID")
    place = _place(party.find("PostalTradeAddress"))
    return Company(party.line, code, tuple(names), (), (), (), place) if names or code else None


def _names(party: Node) -> list[str]:
    paths = ("Name", "SpecifiedLegalOrganization/TradingBusinessName")
    return list(dict.fromkeys(text for path in paths if (text := party.get(path))))


def _identifiers(party: Node) -> list[Node]:
    return [node for node in party.children if node.key in {"id", "globalid"}]


def _vat_number(party: Node) -> str | None:
    """Return the registration with scheme VA; FC is a number of the local tax office."""
    taxed = [child for child in party.children if child.key == "specifiedtaxregistration"]
    return next((node.get("ID") for node in taxed if (node.get("ID@schemeID") or "").upper() in {"VA", "VAT"}), None)


def _chamber(party: Node) -> str | None:
    """Return an identifier or electronic address with a chamber of commerce scheme."""
    found = (*_identifiers(party), party.find(_ENDPOINT))
    schemes = (node for node in found if node and node.attributes.get("schemeID", "").strip().upper() in CHAMBERS)
    return next((text for node in schemes if (text := node.text.strip())), None)


def _place(address: Node | None) -> dict[str, str | None]:
    if address is None:
        return {}
    lines = [address.get(name) for name in ("LineOne", "LineTwo", "LineThree")]
    return {
        "address": ", ".join(line for line in lines if line) or None,
        "postcode": address.get("PostcodeCode"),
        "city": address.get("CityName"),
        "state": address.get("CountrySubDivisionName"),
        "country": address.get("CountryID"),
    }
