"""The details of a payment in one text: :86: of MT940 and the descriptions of Dutch banks, in their structured forms.

The forms are those of the banks' format descriptions: /CODE/value/ (ABN AMRO, ING, Rabobank), ?20 to ?63 after a three-digit
code (the German DFÜ agreement, appendix 3), and `IBAN: … Naam: … Omschrijving: …` (ABN AMRO, ING). Any other text is free.
"""

import re
from collections.abc import Iterable, Mapping

from segcli.importing.readers.parts import bank

Details = dict[str, str | None]

_CODES = (
    "TRTP", "TRCD", "IBAN", "BIC", "NAME", "REMI", "EREF", "KREF", "PREF", "MARF", "CSID", "CNTP", "ORDP", "BENM", "ISDT", "PURP", "RTRN",
    "ULTC", "ULTB", "ULTD", "ADDR", "ACCW", "ID", "CUST", "SVCL", "BUSP", "IREF", "RREF", "INIT", "SWOC", "SWOD",
)  # fmt: skip
_SLASHED = re.compile(rf"/({'|'.join(_CODES)})/")
_GERMAN = re.compile(r"(\d{3})([?>~])(?=\d\d)")
_PURPOSE = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|COAM|OAMT|IBAN|BIC)[+:] ?")
_SEPA = re.compile(r"(?:EREF|KREF|MREF|SVWZ)\+")
_LABELS = {
    "iban": "counter_iban", "naam": "counter_name", "name": "counter_name", "omschrijving": "description", "description": "description",
    "kenmerk": "end_to_end_id", "reference": "end_to_end_id", "betalingskenmerk": "reference", "bic": "", "machtiging": "",
    "incassant": "", "valutadatum": "", "value date": "", "datum/tijd": "", "date/time": "", "transactie": "", "pasvolgnr": "",
    "mandate id": "", "creditor id": "", "voor": "",
}  # fmt: skip
_LABELLED = re.compile(rf"(?:^|(?<=\s))({'|'.join(re.escape(name) for name in _LABELS)})\s*:", re.IGNORECASE)
_PAYMENT_REFERENCE = re.compile(r"BETALINGSKENM(?:ERK|\.)\s*:?\s*((?:\d[ .]?){9,16})", re.IGNORECASE)
_WIDTH = 27  # characters of a part of the German purpose
_LINE = 65  # characters of a line of :86:


def of_lines(lines: Iterable[str]) -> Details:
    """Return the details in the lines of :86:. A full line continues on the next one, even within a word."""
    found = [line.rstrip("\r\n") for line in lines]
    whole = "".join(found)
    if _SLASHED.match(whole.lstrip()):
        return _slashed(whole.strip())
    german = _GERMAN.match(whole)
    if german:
        return _german(whole[german.end() - 1 :], german[2])
    text = "".join(f"{' ' * bool(_LABELLED.match(line))}{line}{' ' * (len(line) < _LINE)}" for line in found)
    return of_text(text)


def of_text(text: str) -> Details:
    """Return the details in a description: slashed, labelled or free."""
    if _SLASHED.match(text.lstrip()):
        return _slashed(text.strip())
    if _SEPA.match(text):
        return {**of_purpose(text), "is_reversal": "1" if bank.is_reversal(text) else "0"}
    parts = _LABELLED.split(text)
    fields: dict[str, str] = {}
    for name, value in zip(parts[1::2], parts[2::2], strict=True):
        fields.setdefault(_LABELS[name.lower()], value)
    found: Details = {name: bank.texts(fields.get(name)) for name in ("counter_name", "description")}
    if "counter_iban" not in fields and not found["description"]:
        found = {"description": bank.texts(text)}
    found["counter_iban"] = bank.iban(fields["counter_iban"].split("(")[0]) if "counter_iban" in fields else None
    found["end_to_end_id"] = bank.reference(fields.get("end_to_end_id"))
    number = _PAYMENT_REFERENCE.search(text)
    found["reference"] = bank.reference(fields.get("reference")) or (number and re.sub(r"\D", "", number[1])) or None
    found["is_reversal"] = "1" if bank.is_reversal(text) else "0"
    return found


def _slashed(text: str) -> Details:
    parts = _SLASHED.split(text)
    fields: dict[str, str] = {}
    for name, value in zip(parts[1::2], parts[2::2], strict=True):
        if value.strip("/ ") and name not in fields:
            fields[name] = value
    account, _, rest = fields.get("CNTP", "").partition("/")
    _, _, rest = rest.partition("/")  # the BIC
    remittance = fields.get("REMI", "")
    reference = None
    if remittance.startswith("STRD/"):
        reference = remittance.rstrip("/").rpartition("/")[2]
    for kind in ("USTD//", "USTD/"):
        remittance = remittance.removeprefix(kind)
    return {
        "counter_iban": bank.iban(_bare(fields.get("IBAN") or account or fields.get("ACCW", "").partition(",")[0])),
        "counter_name": bank.texts(_bare(fields.get("NAME") or rest.partition("/")[0])),
        "description": None if reference else bank.texts(remittance.strip("/")),
        "reference": bank.reference(reference),
        "end_to_end_id": bank.reference(_bare(fields.get("EREF"))),
        "is_reversal": "1" if "RTRN" in fields or bank.is_reversal(fields.get("TRTP")) else "0",
    }


def _bare(text: str | None) -> str | None:
    return text.strip("/ ") if text else None


def _german(text: str, sign: str) -> Details:
    """Return the details of ?NN fields: ?00 the kind of booking, ?20 to ?29 and ?60 to ?63 the purpose, ?31 to ?33 the other side."""
    fields: dict[str, str] = {}
    for part in text.split(sign)[1:]:
        fields.setdefault(part[:2], part[2:])
    names = [f"2{n}" for n in range(10)] + [f"6{n}" for n in range(4)]
    purpose = "".join(_joined(fields[name]) for name in names if name in fields).strip()
    found = of_purpose(purpose)
    return {
        **found,
        "counter_iban": bank.own_account(fields.get("31")) or found["counter_iban"],
        "counter_name": bank.texts(_glued(fields.get("32"), fields.get("33"))),
        "is_reversal": "1" if bank.is_reversal(fields.get("00")) else "0",
    }


def of_purpose(text: str) -> Details:
    """Return the details in a purpose with the keywords of SEPA: EREF+ the end-to-end id, SVWZ+ the text."""
    said = _purpose(text)
    return {
        "counter_iban": bank.own_account(said.get("IBAN")),
        "description": bank.texts(said.get("SVWZ") or said.get("")),
        "end_to_end_id": bank.reference(said.get("EREF") or said.get("KREF")),
    }


def _joined(part: str) -> str:
    return part if len(part) >= _WIDTH else f"{part} "


def _glued(first: str | None, second: str | None) -> str | None:
    return first if second is None else _joined(first or "") + second


def _purpose(text: str) -> Mapping[str, str]:
    """Return the parts of a SEPA purpose by their keyword; '' is the text before the first one."""
    parts = _PURPOSE.split(text)
    found = {"": parts[0]}
    for name, value in zip(parts[1::2], parts[2::2], strict=True):
        found.setdefault(name, value.strip())
    return found
