"""Total rows of a list: rows that add up the others and are not records.

A row is a total if its only text is a word for a total and the rest are numbers; or if it lacks its key and its only text begins
with such a word (Totaal Acme); or if it is the last row, lacks the fields that make a record, and each of its amounts equals the
sum of its column.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from segcli.base.money import to_text
from segcli.base.text import fold
from segcli.importing.kinds.machinery import conversion
from segcli.importing.kinds.machinery.kind_definition import MONEY, Field
from segcli.importing.kinds.machinery.stage import Stage

_SPELLED = ("Total", "Totals", "Totaal", "Totalen", "Eindtotaal", "Subtotaal", "Subtotal", "Summe", "Gesamtsumme", "Gesamt",
            "Gesamtbetrag", "Zwischensumme", "Totaux", "Som", "Sum", "Grand Total", "Grand total", "Total general")  # fmt: skip
# A cell that is one of these calls for a closer look at its row.
SUSPECT = frozenset(
    f"{form}{end}" for word in _SPELLED for form in (word, word.upper(), word.lower()) for end in ("", ":")
)
_WORDS = frozenset(word.replace(" ", "").lower() for word in _SPELLED)
_NUMBER = re.compile(
    r"[+\-(]?\s*(?:[A-Z]{3}|[€$£¥])?\s*[+-]?\d[\d.,'\u2019 \u00a0\u202f]*(?:[A-Z]{3}|[€$£¥%])?\s*\)?[-+]?", re.ASCII
)
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_AMOUNTS = frozenset({*MONEY, "decimal", "exact"})
_LONGEST = 40  # characters of a text that may be a word for a total


def is_total(cells: Sequence[str | None], keys: Iterable[int]) -> bool:
    """Tell whether a row has one word for a total and otherwise numbers, and the cells at `keys` name no record."""
    texts = [text for cell in cells if cell and (text := cell.strip())]
    words = _words(texts)
    if not (len(words) == 1 and len(texts) > 1 and _says_total(words[0])):
        return False
    named = {(cells[at] or "").strip() for at in keys}
    return named <= {"", words[0]}


def is_subtotal(cells: Sequence[str | None]) -> bool:
    """Tell whether the only text of a row begins with a word for a total, beside numbers: Totaal Acme, Total for Acme.

    A name may begin so, too: this is asked only of a row that is no record for want of its key.
    """
    texts = [text for cell in cells if cell and (text := cell.strip())]
    words = _words(texts)
    return len(words) == 1 and len(texts) > 1 and _says_total(re.split(r"[\s:]", words[0], maxsplit=1)[0])


def _words(texts: Iterable[str]) -> list[str]:
    """Return the texts that are no numbers."""
    return [text for text in texts if not _NUMBER.fullmatch(text) and text not in conversion.NO_AMOUNT]


def is_sum(stage: Stage, row: Sequence[str | None]) -> bool:
    """Tell whether a row has amounts and each of them is the sum of its column in the stage."""
    amounts = [
        (at, field)
        for field in stage.kind.fields
        if field.type in _AMOUNTS and (at := stage.mapping.places.get(field.name)) is not None
    ]
    stated = [(field, text) for at, field in amounts if (text := (row[at] or "").strip())]
    return bool(stated) and all(_is_sum(stage, field, text) for field, text in stated)


def differences(stage: Stage) -> list[str]:
    """Return a message for each amount of the last total row that is not the sum of its column.

    It may be the total of all rows or of those after the total before it. Nothing can be said if rows were rejected, or if
    rows have different currencies.
    """
    if not stage.total_rows or stage.rejected:
        return []
    currency = _currency(stage)
    if not currency:
        return []
    last = stage.total_rows[-1]
    before = stage.total_rows[-2].number if len(stage.total_rows) > 1 else 0
    found = []
    for field in stage.kind.fields:
        at = stage.mapping.places.get(field.name)
        text = (last.cells[at] or "").strip() if field.type in MONEY and at is not None else ""
        in_units = stage.options.currency if field.type == "base_money" else currency
        try:
            said = conversion.money(text, in_units, stage.options.number_format) if text else None
        except ValueError:  # the word for a total
            continue
        if said is None:
            continue
        values = stage.execute(f'SELECT n, "{field.name}" FROM {{stage}} WHERE n < ?', last.number).fetchall()
        sums = {sum(int(value or 0) for n, value in values if n > first) for first in (0, before)}
        if said not in sums:
            shown = to_text(sum(int(value or 0) for _, value in values), in_units)
            column = stage.header[at] if at is not None else field.name
            what = f"line {last.place}: the total of {column} is {to_text(said, in_units)}"
            found.append(f"{what}, but the rows add up to {shown}: is the file complete?")
    return found


def _currency(stage: Stage) -> str:
    """Return the one currency of the amounts of all rows, '' if there are several."""
    if not stage.has("currency"):
        return stage.options.currency
    found = stage.execute("SELECT DISTINCT coalesce(currency, ?) FROM {stage}", stage.options.currency).fetchall()
    return found[0][0] if len(found) == 1 else ""


def _is_sum(stage: Stage, field: Field, text: str) -> bool:
    style, values = (
        stage.options.number_format,
        (value for (value,) in stage.execute(f"SELECT {field.name} FROM {{stage}}")),
    )
    try:
        if field.type in MONEY:
            return conversion.money(text, stage.options.currency, style) == sum(int(value or 0) for value in values)
        return Decimal(conversion.to_decimal(text, style)) == sum(Decimal(value or 0) for value in values)
    except (ValueError, ArithmeticError):
        return False


def _says_total(text: str) -> bool:
    """Tell whether a text is a word for a total: Totaal, Grand Total:, Total EUR."""
    if len(text) > _LONGEST:
        return False
    plain = _NOT_LETTERS.sub("", fold(re.sub(r"\b[A-Z]{3}\b", "", text) or text))
    return plain in _WORDS
