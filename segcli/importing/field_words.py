"""Words about kinds and their fields: types, what a file needs, and the headings that name a field, as people write them."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path

from segcli.importing.kinds.machinery import conversion, kind_definition, recognition
from segcli.importing.kinds.machinery.kind_definition import Field, Kind, key_of
from segcli.interface.command import said
from segcli.settings import translations

TYPES = {
    "text": "text",
    "code": "code",
    "date": "date",
    "time": "time",
    "flag": "yes or no",
    "money": "amount",
    "base_money": "amount",
    "integer": "whole number",
    "decimal": "number",
    "exact": "number",
    "currency": "currency",
    "country": "country",
    "iban": "IBAN",
}
MOST_CLASSES = 8
# Words that a normalised heading is divided into: `accountcode` is written Account code. A heading with another word in it
# stays whole, as Dutch compounds do: Factuurnummer.
_KNOWN = """account accounts acc activity action address allocated allocation amount amounts assigned auto automatic balance base
    basis billing blocked body business by calendar cancellation category chamber city class classification closed code
    commerce company completed condition consent contact contract cost count country created creation creator credit
    currency customer date day days dc debit debtor debtors default delivery deliver denom description discount dispute
    disputed document due each effective email end entry every exchange excl external factor family fax fc financial first
    fiscal for foreign frequency from full function given gl group guid hid home id in incl industry installment interval
    invoice invoiced is issue item items job journal label language last ledger limit limits line lines mail mailing main
    manager margin marketing match max min minimum maximum middle mobile month monthly months name net never no not note
    notes notice number of on once one open optional order ordered original outstanding owner page paid parent part payment
    per percent percentage period phone po postal price printed product purchase qty quantity rate reason receipt received
    record ref reference region registration rejected relation remark reminder request required retired revise revised
    salesperson sales search sector sequence set since sku sort source standard start status street subject subscription
    supplier surname task tax template term text ticket time timing title to total town transaction type unit until url
    valid value vat web your year zip"""
_WORDS = frozenset(_KNOWN.split())
# Headings that do not follow this rule: names in audit files, and Dutch and French headings of several words.
_WRITTEN = {
    key_of(text): text
    for text in (
        "accDesc", "accID", "accTp", "commerceNr", "custSupID", "custSupName", "docRef", "effDate", "finYear", "invDt",
        "invDueDt", "invRef", "jrnID", "qnty", "recRef", "taxRegIdent", "trDt", "trLineNr", "trNr", "vatID", "OBS_VALUE",
        "Aangemaakt door", "Aangemaakt op", "Aantal perioden", "Aantal vanaf", "Afgedrukt op", "Afgesloten op",
        "Automatische prijs", "Btw-bedrag", "Btw-code", "Btw-nummer", "Btw-percentage", "CoC number", "E-mailadres",
        "A month", "CoC", "Encours autorisé", "Factureer aan", "Factuur per", "finPeriod", "Geen aanmaning", "Geen mailing",
        "Gefactureerd tot", "Gefactureerd tot en met", "Gereed op", "Homepage", "Is klant", "Is leverancier", "Klant sinds",
        "KvK", "KvK-nummer", "Limite de crédit", "Maximale marge", "Minimale marge", "Naar rato", "Netto", "Niet herzien",
        "Nieuwe prijs", "Openstaand bedrag", "Opgezegd per", "Plafond de crédit", "Prijs per maand", "Prijs per periode",
        "Reden betwisting", "Toegewezen aan", "Tot en met", "Uw referentie", "Vanaf aantal", "Volledige naam",
    )
}  # fmt: skip
_UPPER = frozenset({"btw", "coc", "dc", "fc", "gl", "gsm", "guid", "hid", "id", "kvk", "po", "sku", "url", "vat"})
_PIECES = re.compile(r"\d+|[a-z]+")


def type_words(field: Field) -> str:
    """Return the type of a field's values in words: `date`, `yes or no`, or the words that it may be."""
    choices = conversion.choices(field.type)
    return f"one of {', '.join(choices)}" if choices else TYPES.get(field.type, field.type.replace("_", " "))


def headings(kind: Kind, field: Field) -> tuple[str, ...]:
    """Return the other headings that name a field of a kind, as people write them, in order of precedence.

    They are the kind's own, then those that segcli writes in other languages. Case, spaces and punctuation do not matter.
    """
    found = {key_of(field.name): field.name}
    for heading in (*map(written, field.keys), *_translated(field)):
        if key_of(heading) not in found and _is_named(kind, field, heading):
            found[key_of(heading)] = heading
    return tuple(found.values())[1:]


def _is_named(kind: Kind, field: Field, heading: str) -> bool:
    """Tell whether this heading names this field; it may name another field of the kind instead."""
    header = recognition.Header((heading,))
    return field.name in recognition.map_columns(kind, header, is_sure=False).places


def _translated(field: Field) -> list[str]:
    return [
        word
        for words in translations.languages().values()
        for english, word in words.items()
        if key_of(english) in field.keys and "{" not in word
    ]


def written(key: str) -> str:
    """Return a normalised heading as people write it: `accountcode` is Account code, `factuurnummer` Factuurnummer."""
    if key in _WRITTEN:
        return _WRITTEN[key]
    words = [word for piece in _PIECES.findall(key) for word in _divided(piece)]
    shown = " ".join(word.upper() if word in _UPPER else word for word in words)
    return shown[:1].upper() + shown[1:]


@cache
def _divided(piece: str) -> tuple[str, ...]:
    """Return the fewest known words that make up a piece of a heading, else the piece itself."""
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(piece) + 1):
        ways = [
            (*before, piece[start:end])
            for start in range(end)
            if (before := best[start]) is not None and piece[start:end] in _WORDS
        ]
        best.append(min(ways, key=len, default=None))
    return best[-1] or (piece,)


def classes(kind: Kind) -> str:
    """Return a sentence about the class columns that a kind takes; '' if it takes none."""
    taken = recognition.map_columns(kind, recognition.Header(("class1",)), is_sure=False).places
    if "class1" not in taken:
        return ""
    return (
        f"A column class1 to class{MOST_CLASSES}, or one with the label of a classification, holds the code or the description of a"
        " value; none or an empty cell is no value."
    )


def about(kind: Kind) -> str:
    """Return one line about the records of a kind: the first line of its module."""
    path = Path(kind_definition.__file__).parents[1] / f"{kind.name}.py"
    return said(path)


def needs(kind: Kind) -> Iterator[tuple[str, ...]]:
    """Yield the further requirements of a kind. A file needs one field of each tuple; fields joined by `and` count as one."""
    have = [field.name for field in kind.fields if field.is_required]
    while kind.check and (missing := kind.check(have)):
        others = [name for name in _fields(kind) if name not in have]
        alone = [name for name in others if kind.check([*have, name]) != missing]
        rest = [name for name in others if name not in alone]
        both = [pair for pair in combinations(rest, 2) if kind.check([*have, *pair]) != missing]
        yield (*_shortened(alone), *(" and ".join(pair) for pair in both))
        have.append(missing)


def _fields(kind: Kind) -> Iterator[str]:
    yield from (field.name for field in kind.fields)
    if classes(kind):
        yield "class1"


def _shortened(names: Sequence[str]) -> Iterator[str]:
    return (f"class1 to class{MOST_CLASSES}" if name == "class1" else name for name in names)
