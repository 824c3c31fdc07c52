"""The sender of letters and invoices: from `letters:` in the configuration, else from the administration's own data."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcli.base.errors import SegcliError
from segcli.settings import print_texts, sections
from segcli.settings.config import Config
from segcli.settings.letter_texts import Language


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender of letters and invoices."""

    name: str
    address: tuple[str, ...]
    details: tuple[str, ...]  # without the registration numbers, unless the configuration has them here
    vat_number: str
    chamber_of_commerce: str
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
    details = tuple(filter(None, lists["details"])) or tuple(filter(None, (own["phone"], own["email"], own["website"])))
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
        own["vat_number"] or "",
        own["chamber_of_commerce"] or "",
        found["email"] or own["email"] or "",
        bank_account.check_iban(iban) if iban else "",
        bic,
        _file(found["logo"], "logo"),
        _file(found["font"], "font"),
        own["country"] or "",
    )


def feet(config: Config, sender: Sender, languages: Mapping[str, Language]) -> dict[str, tuple[str, ...]]:
    """Return the foot of letters by language: the sender's details, and its numbers with the labels that invoices have."""
    words = print_texts.read(config, "invoices", languages, {})
    numbers = {"chamber_of_commerce": sender.chamber_of_commerce, "vat_number": sender.vat_number}
    return {code: with_numbers(sender.details, numbers, words[code].words) for code in languages}


def with_numbers(details: Iterable[str], numbers: Mapping[str, str], words: Mapping[str, str]) -> tuple[str, ...]:
    """Return the details and the labelled registration numbers, by name. A number that a detail states is not repeated."""
    legal = {_plain(number): f"{words[name]} {number}" for name, number in numbers.items() if number}
    given = [detail for detail in details if detail and _plain(detail) not in legal]
    stated = [_plain(detail) for detail in given]
    return (*given, *(text for number, text in legal.items() if not any(number in detail for detail in stated)))


def _plain(text: str) -> str:
    """Return a number without separators, as written in any way."""
    return re.sub(r"[\s.\-]", "", text).upper()


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
