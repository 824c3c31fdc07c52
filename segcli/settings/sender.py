"""The sender of letters and invoices: from `letters:` in the configuration, else from the administration's own data."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcli.base.errors import SegcliError
from segcli.settings import sections
from segcli.settings.config import Config


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender of letters and invoices."""

    name: str
    address: tuple[str, ...]
    details: tuple[str, ...]
    email: str
    iban: str
    bic: str
    logo: Path | None
    font: Path | None
    country: str


def read(config: Config, own: Mapping[str, Any]) -> Sender:
    """Return the sender: the configuration over the administration. A missing name or invalid IBAN is a SegcliError."""
    from segcli.domain import bank_account

    found = sections.section(config, "letters")
    lists = {name: tuple(map(str, found[name])) if isinstance(found[name], list) else (str(found[name]),) for name in
             ("address", "details")}  # fmt: skip
    address = tuple(filter(None, lists["address"])) or tuple(
        filter(None, (own["address"], " ".join(filter(None, (own["postcode"], own["city"])))))
    )
    details = tuple(filter(None, lists["details"])) or tuple(
        filter(None, (own["phone"], own["email"], own["website"], own["vat_number"], own["chamber_of_commerce"]))
    )
    name = found["name"] or own["name"]
    if not name:
        raise SegcliError(
            "nobody writes these letters: the administration has no name",
            "segcli administration set --name NAME, or set letters.name in the configuration",
        )
    iban, bic = _bank(found, own)
    return Sender(
        name,
        address,
        details,
        found["email"] or own["email"] or "",
        bank_account.check_iban(iban) if iban else "",
        bic,
        _file(found["logo"], "logo"),
        _file(found["font"], "font"),
        own["country"] or "",
    )


def _bank(found: Mapping[str, Any], own: Mapping[str, Any]) -> tuple[str, str]:
    """Return IBAN and BIC of the same account: the configured one, else the administration's."""
    if found["iban"]:
        return found["iban"], found["bic"]
    return own["iban"] or "", found["bic"] or own["bic"] or ""


def _file(name: str, what: str) -> Path | None:
    path = Path(name).expanduser() if name else None
    if path and not path.is_file():
        raise SegcliError(f"letters.{what}: there is no file {path}")
    return path
