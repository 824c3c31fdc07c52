"""Bank account numbers and references: IBAN (ISO 13616), BIC (ISO 9362) and structured creditor references (ISO 11649). Pure."""

import re

from segcli.base.errors import SegcliError

# IBAN lengths per country (SWIFT registry, ISO 13616); other countries may have 15 to 34 characters.
_COUNTRIES = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18
FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20
LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24
SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
"""
_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _COUNTRIES.split()}
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_CREDITOR_REFERENCE = re.compile(r"RF\d{2}[A-Z0-9]{1,21}", re.ASCII)


def check_iban(text: str) -> str:
    """Return the IBAN without spaces, in capitals. Raises SegcliError if the length or the check digits are wrong."""
    iban = re.sub(r"\s", "", text).upper()
    if not _IBAN.fullmatch(iban) or len(iban) != _LENGTHS.get(iban[:2], len(iban)):
        raise SegcliError(f"'{text}' is not an IBAN: its length or its characters are wrong")
    if not _checks(iban):
        raise SegcliError(f"'{text}' is not an IBAN: its check digits do not fit", "a digit may be mistyped")
    return iban


def in_fours(iban: str, space: str = "\u00a0") -> str:
    """Return an IBAN in groups of four characters, as it is printed (ISO 13616); the space is no-break unless given."""
    return space.join(re.findall(".{1,4}", iban))


def creditor_reference(text: str) -> str:
    """Return an ISO 11649 creditor reference (RF18 5390 0754 7034) without spaces; '' if the text is not one."""
    reference = re.sub(r"\s", "", text).upper()
    return reference if _CREDITOR_REFERENCE.fullmatch(reference) and _checks(reference) else ""


def _checks(code: str) -> bool:
    """Tell whether the check digits are right: ISO 7064 mod 97-10, letters as 10 to 35."""
    return int("".join(str(int(c, 36)) for c in code[4:] + code[:4])) % 97 == 1


def check_bic(text: str) -> str:
    """Return the BIC without spaces, in capitals; '' is allowed. Raises SegcliError for anything else."""
    bic = re.sub(r"\s", "", text).upper()
    if bic and not BIC.fullmatch(bic):
        raise SegcliError(f"'{text}' is not a BIC: 8 or 11 letters and digits", "it may be left out")
    return bic
