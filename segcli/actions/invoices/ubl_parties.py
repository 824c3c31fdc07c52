"""Seller and buyer in UBL: electronic address, identifiers, address and contact. Pure."""

import re
import xml.etree.ElementTree as ET
from typing import NamedTuple

from segcli.actions.invoices.ubl_tree import add, group, leave, vat_scheme
from segcli.domain.registers import COUNTRIES
from segcli.domain.sales.document import Participant

# The electronic address scheme (EAS) of a VAT number by country prefix.
_VAT_SCHEMES = """
AD9922 AL9923 AT9914 BA9924 BE9925 BG9926 CH9927 CY9928 CZ9929 DE9930 EE9931 EL9933 ES9920 FI0213 FR9957 GB9932 HR9934
HU9910 IE9935 IT0211 LI9936 LT9937 LU9938 LV9939 MC9940 ME9941 MK9942 MT9943 NL9944 PL9945 PT9946 RO9947 RS9948 SI9949
SK9950 SM9951 TR9952 VA9953
"""
_BY_PREFIX = {entry[:2]: entry[2:] for entry in _VAT_SCHEMES.split()}
# The schemes of company numbers, and their number of digits.
_CHAMBERS = {"NL": ("0106", 8), "DK": ("0184", 8), "SE": ("0007", 10), "IS": ("0196", 10)}
_VAT = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,13}", re.ASCII)


class Identifier(NamedTuple):
    """A number and its scheme (ISO 6523, or EAS); the scheme is None if unknown."""

    scheme: str
    number: str


def vat_number(party: Participant) -> str:
    """Return the VAT number as sent; '' without one or if it does not start with a country code (BR-CO-09)."""
    found = re.sub(r"[\s.\-/]", "", party.vat_number).upper()
    return found if _VAT.fullmatch(found) and found[:2] in {*COUNTRIES, "EL", "XI"} else ""


def legal(party: Participant) -> Identifier | None:
    """Return the registration number of a company. A Dutch company is sent only with a Dutch number (NL-R-003)."""
    given = re.sub(r"[\s.]", "", party.chamber_of_commerce)
    if party.country in {"SE", "IS"}:
        given = given.replace("-", "")
    if party.country == "BE":
        return _enterprise(given, vat_number(party))
    if party.country in _CHAMBERS:
        scheme, digits = _CHAMBERS[party.country]
        fits = re.fullmatch(rf"\d{{{digits}}}", given, re.ASCII) and (party.country != "SE" or _is_luhn(given))
        return Identifier(scheme, given) if fits else None
    return Identifier("", given) if given else None


def _enterprise(*given: str) -> Identifier | None:
    """Return the Belgian enterprise number: ten digits, of which the last two are a check mod 97."""
    for text in given:
        digits = text.upper().removeprefix("BE").zfill(10)
        if re.fullmatch(r"\d{10}", digits, re.ASCII) and 97 - int(digits[:8]) % 97 == int(digits[8:]):
            return Identifier("0208", digits)
    return None


def _is_luhn(digits: str) -> bool:
    """Tell whether the Luhn check digit is right, as Swedish company numbers require (SE-R-013)."""
    return sum(sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(digits)) % 10 == 0


def endpoint(party: Participant) -> Identifier | None:
    """Return the electronic address: the company number, else the VAT number. Peppol rejects e-mail addresses (CL008)."""
    number, vat = legal(party), vat_number(party)
    if number and number.scheme:
        return number
    return Identifier(_BY_PREFIX[vat[:2]], vat) if vat[:2] in _BY_PREFIX else None


def party(parent: ET.Element, role: str, who: Participant, *, has_vat: bool) -> None:
    """Add a party. Outside the scope of VAT, a VAT number is not allowed (BR-O-02)."""
    made = group(group(parent, role), "cac:Party")
    address_of = endpoint(who)
    if address_of:
        add(made, "cbc:EndpointID", address_of.number, schemeID=address_of.scheme)
    add(group(made, "cac:PartyName"), "cbc:Name", who.name)
    address(made, "cac:PostalAddress", who)
    if has_vat and vat_number(who):
        scheme = group(made, "cac:PartyTaxScheme")
        add(scheme, "cbc:CompanyID", vat_number(who))
        vat_scheme(scheme)
    entity, number = group(made, "cac:PartyLegalEntity"), legal(who)
    add(entity, "cbc:RegistrationName", who.name)
    if number:
        add(entity, "cbc:CompanyID", number.number, **({"schemeID": number.scheme} if number.scheme else {}))
    contact = group(made, "cac:Contact")
    if who.phone.strip() or who.email.strip():
        add(contact, "cbc:Name", who.name)
    add(contact, "cbc:Telephone", who.phone)
    add(contact, "cbc:ElectronicMail", who.email)
    leave(made, contact)


def address(parent: ET.Element, tag: str, who: Participant) -> None:
    """Add an address: two street lines, and further lines as one additional line."""
    made = group(parent, tag)
    first, second, *more = [*filter(None, (part.strip() for part in who.address.splitlines())), "", ""]
    add(made, "cbc:StreetName", first)
    add(made, "cbc:AdditionalStreetName", second)
    add(made, "cbc:CityName", who.city)
    add(made, "cbc:PostalZone", who.postcode)
    rest = group(made, "cac:AddressLine")
    add(rest, "cbc:Line", ", ".join(filter(None, more)))
    leave(made, rest)
    country = group(made, "cac:Country")
    add(country, "cbc:IdentificationCode", who.country)
    leave(made, country)
