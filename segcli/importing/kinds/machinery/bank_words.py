"""The words of a payment's text that may be invoice numbers or payment references, and the form in which they are compared. Pure.

A number is strong if it is a whole word: 2026001 in 'invoice 2026-001' or 'inv2026001', but not in 12026001. A number that may be
a part of another one (001 in 2026-001) is weak: it is never decisive by itself.
"""

import re
from collections.abc import Iterator

from segcli.domain.bank_account import creditor_reference

REFERENCE, NUMBER, WEAK = 3, 2, 1  # strength of a word
SHORT = 3  # characters: shorter invoice numbers are weak
_MOST_PARTS = 8  # of a word
_MOST_WORDS = 200  # of a text
_ALIKE = 5  # digits: parts of one such length are a list, as in 2026001/2026002
_WORD = re.compile(r"[^\W_]+(?:[-./_\\][^\W_]+)*")
_PART = re.compile(r"[-./_\\]")
_PREFIX = re.compile(
    r"(?:F|FA|FAC|FACT|FACTUUR|FACTUURNR|FACTUURNUMMER|FACTNR|FAKT|FAKTUUR|FACTURE|INV|INVOICE|INVOICENR|INVNR|NR|NO|NUM|RE|RG|RNR|"
    r"RECH|RECHNUNG|RECHNUNGSNR|RECHNR|RGNR|RENR)(\d{3,}\w*)"
)
_LETTERS = re.compile(r"[^\W\d_]+(\d{4,}\w*)")
_BELGIAN = re.compile(r"[+*]{3} ?(\d{3}) ?/? ?(\d{4}) ?/? ?(\d{5}) ?[+*]{3}", re.ASCII)
_CREDITOR = re.compile(r"\bRF\d{2}(?: ?[A-Z0-9]{1,4}){1,6}\b", re.ASCII)
_BARE = re.compile(r"[\W_]+")


def number(text: str | None) -> str | None:
    """Return an invoice number or reference in the form in which it is compared: letters and digits, in capitals."""
    return _BARE.sub("", text).upper() or None if text else None


def short(text: str | None) -> str | None:
    """Return the digits of a number without leading letters and zeros, if payers may write it so; else None."""
    plain = number(text)
    if plain is None:
        return None
    match = _LETTERS.fullmatch(plain)
    found = (match[1] if match else plain).lstrip("0")
    return found if found != plain and len(found) >= SHORT else None


def words(text: str | None) -> dict[str, int]:
    """Return the words of a text with their strength."""
    found: dict[str, int] = {}
    if not text:
        return found
    upper = text.upper()
    for match in _BELGIAN.finditer(upper):
        _add(found, "".join(match.groups()), REFERENCE)
    for match in _CREDITOR.finditer(upper):
        reference = creditor_reference(match[0])
        if reference:
            _add(found, reference, REFERENCE)
            _add(found, reference[4:].lstrip("0"), NUMBER)
    before = ""
    for at, match in enumerate(_WORD.finditer(upper)):
        if at >= _MOST_WORDS:
            break
        for word, strength in _of_word(match[0]):
            _add(found, word, strength)
        if before.isdigit() and match[0].isdigit():
            _add(found, before + match[0], WEAK)  # 2026 001
        before = match[0]
    return found


def references(*texts: str | None) -> dict[str, int]:
    """Return the words of structured references with their strength."""
    found: dict[str, int] = {}
    for text in texts:
        plain = number(text)
        if plain and len(plain) >= SHORT:
            _add(found, plain, REFERENCE)
            if creditor_reference(plain):
                _add(found, plain[4:].lstrip("0"), NUMBER)
            bare = short(plain)
            if bare:
                _add(found, bare, WEAK)
    return found


def _of_word(word: str) -> Iterator[tuple[str, int]]:
    parts = _PART.split(word)
    yield from _whole("".join(parts))
    if len(parts) == 1 or len(parts) > _MOST_PARTS:
        return
    is_list = len(parts[0]) >= _ALIKE and len({(len(part), part.isdigit()) for part in parts}) == 1
    for first in range(len(parts)):
        for last in range(first + 1, len(parts) + 1):
            if last - first < len(parts):
                yield "".join(parts[first:last]), NUMBER if is_list and last - first == 1 else WEAK


def _whole(word: str) -> Iterator[tuple[str, int]]:
    yield word, NUMBER
    known = _PREFIX.fullmatch(word)
    if known:
        yield known[1], NUMBER
    elif other := _LETTERS.fullmatch(word):
        yield other[1], WEAK
    if word.startswith("0") and len(word.lstrip("0")) >= SHORT:
        yield word.lstrip("0"), WEAK


def _add(found: dict[str, int], word: str, strength: int) -> None:
    if len(word) > 1 or strength == REFERENCE:
        found[word] = max(found.get(word, 0), strength)
