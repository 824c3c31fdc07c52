"""Tax audit files that are refused by name: other countries' SAF-T, cash registers, France's FEC."""

import re

from segcli.base.errors import SegcliError

_NAMESPACE = re.compile(r"StandardAuditFile[\w-]*:([A-Z]{2})(?![A-Za-z])")
_CASH_REGISTER = re.compile(r"StandardAuditFile-Taxation-CashRegister")
_ROMANIA = re.compile(r"mfp:anaf:dgti:d406")
_LITHUANIA = re.compile(r"//www\.vmi\.lt/")
_POLAND = re.compile(r"<(?:[\w.-]+:)?JPK[\s>]")
_FEC = re.compile(r"\"?JournalCode\"?[\t|;]\"?JournalLib\"?[\t|;]\"?EcritureNum\"?[\t|;]")
# Countries with a SAF-T of their own that differs from that of the OECD.
_COUNTRIES = {
    "AO": "Angola's SAF-T", "AT": "Austria's SAF-T", "BG": "Bulgaria's SAF-T", "CV": "Cape Verde's SAF-T",
    "DK": "Denmark's SAF-T", "LT": "Lithuania's SAF-T", "LU": "Luxembourg's FAIA", "MZ": "Mozambique's SAF-T",
    "PL": "Poland's SAF-T", "RO": "Romania's SAF-T (D406)", "UA": "Ukraine's SAF-T",
}  # fmt: skip
_FIX = (
    "export the customers, the ledger and the invoices as CSV or Excel; segcli reads the SAF-T of Norway and Portugal"
)


def is_other(start: str) -> bool:
    """Tell whether a text begins like a refused file whose root element differs from that of SAF-T."""
    return any(pattern.search(start) for pattern in (_CASH_REGISTER, _POLAND)) or _FEC.match(start) is not None


def country(start: str) -> str:
    """Return the country that the namespace states, '' if none."""
    found = _NAMESPACE.search(start)
    if found:
        return found[1]
    return "RO" if _ROMANIA.search(start) else "LT" if _LITHUANIA.search(start) else ""


def refuse(name: str, start: str) -> None:
    """Raise SegcliError if the text begins like a refused file; `name` is the name of the file."""
    if _CASH_REGISTER.search(start):
        raise SegcliError(
            f"{name}: Norway's SAF-T of a cash register is not taken",
            "take the SAF-T Financial of the accounting program, which has the ledger and the customers",
        )
    if _POLAND.search(start):
        raise SegcliError(f"{name}: Poland's JPK is not taken", _FIX)
    if _FEC.match(start):
        raise SegcliError(f"{name}: France's FEC is not taken", _FIX)
    refuse_country(name, country(start))


def refuse_country(name: str, code: str) -> None:
    """Raise SegcliError if the country has a SAF-T of its own that is not taken."""
    if code.upper() in _COUNTRIES:
        raise SegcliError(f"{name}: {_COUNTRIES[code.upper()]} is not taken", _FIX)
