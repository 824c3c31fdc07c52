"""Reads the configured steps to which new prices are rounded, by currency."""

import re
from collections.abc import Mapping
from fractions import Fraction

from segcli.base.errors import SegcliError
from segcli.settings.config import Config

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_STEP = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)


def read(config: Config) -> Mapping[str, Fraction]:
    """Return currency -> step. An invalid currency or step is a SegcliError that names it."""
    found: dict[str, Fraction] = {}
    for currency, text in (config.sections.get("rounding") or {}).items():
        where = f"{config.path}: rounding.{currency}"
        if not _CURRENCY.fullmatch(str(currency)):
            raise SegcliError(f"{where}: this is no currency", "write its three letters: CHF")
        if not _STEP.fullmatch(str(text)) or not Fraction(str(text)):
            raise SegcliError(f"{where}: '{text}' is no number above zero", "write it with a point: 0.05")
        found[currency] = Fraction(str(text))
    return found
