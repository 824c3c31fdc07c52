"""Whether the values of a column look like the field that its heading names. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from segcli.importing.kinds.machinery import conversion
from segcli.importing.kinds.machinery.kind_definition import ColumnMap, Field

SAMPLE = 500  # rows that are looked at
_SIGNS = "€$£¥"
_AMOUNT = re.compile(
    rf"[+\-(]?\s*(?:[A-Z]{{3}}|[{_SIGNS}])?\s*[+-]?\d[\d.,'\u2019 \u00a0\u202f]*(?:[A-Z]{{3}}|[{_SIGNS}%])?\s*\)?[-+]?",
    re.ASCII,
)
# An amount, or a few digits: never a number by which a company or a person is known.
_SHORT = re.compile(
    rf"[+-]?\s*[{_SIGNS}]?\s*(?:\d{{1,4}}|\d+[.,]\d{{1,2}}|\d{{1,3}}(?:\.\d{{3}})+,\d{{1,2}}|\d{{1,3}}(?:[,' ]\d{{3}})+\.\d{{1,2}})",
    re.ASCII,
)
_DATE = re.compile(r"\d{1,4}[-/. ]\s?(?:\d{1,2}|[A-Za-z]{3,9}\.?)[-/. ]\s?\d{2,4}.*|\d{8}|/Date\(.*", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
Test = Callable[[str], bool]
Rows = Sequence[Sequence[str | None]]
Looked = dict[tuple[int, Test], str | None]  # column and test -> a value, if the column holds something else


@cache
def _converts(kind: str) -> Test:
    convert = conversion.converter(kind, conversion.Style())

    def test(text: str) -> bool:
        try:
            convert(text)  # type: ignore[misc]
        except ValueError:
            return False
        return True

    return test


def _is_amount(text: str) -> bool:
    return _AMOUNT.fullmatch(text) is not None or text in conversion.NO_AMOUNT


def _is_no_amount(text: str) -> bool:
    return not _SHORT.fullmatch(text)


_TYPES: Mapping[str, Test] = {
    **dict.fromkeys(("money", "base_money", "decimal", "exact"), _is_amount),
    "date": lambda text: _DATE.fullmatch(text) is not None,
    "integer": lambda text: _WHOLE.fullmatch(text) is not None,
    "currency": lambda text: len(text) == 3 and text.isalpha(),  # noqa: PLR2004 - ISO 4217
}
_NAMES: Mapping[str, Test] = {
    **dict.fromkeys(("vat_number", "chamber_of_commerce", "phone", "mobile"), _is_no_amount),
    "is_mailing_excluded": _converts("flag"),
}
# Other programs have columns of these names, with words of their own.
_WORDS = frozenset({"status", "invoice_status"})


def misfits(mapping: ColumnMap, rows: Rows, looked: Looked) -> tuple[dict[str, str], list[str]]:
    """Return the fields whose columns hold something else: those that are not read then, with a value; those whose rows are rejected.

    A column holds something else if fewer than half of its values look like the field. `looked` keeps what was found of these
    rows, since the kinds ask the same of the same columns.
    """
    soft: dict[str, str] = {}
    hard: list[str] = []
    for field in mapping.kind.fields:
        at = mapping.places.get(field.name)
        test = None if at is None else _test_of(field)
        if test is None or at is None:
            continue
        if (at, test) not in looked:
            looked[at, test] = _foreign(rows, at, test)
        text = looked[at, test]
        if text is None:
            continue
        if field.name in _NAMES or field.type in _WORDS:
            soft[field.name] = text
        else:
            hard.append(field.name)
    return soft, hard


def _foreign(rows: Rows, at: int, test: Test) -> str | None:
    """Return the first value of a column that fails a test, if more than half of them do."""
    texts = [text for row in rows if (text := (row[at] or "").strip())]
    foreign = [text for text in texts if not test(text)]
    return foreign[0] if 2 * len(foreign) > len(texts) else None


def _test_of(field: Field) -> Test | None:
    if field.type in _WORDS:
        return _converts(field.type)
    return _NAMES.get(field.name) or _TYPES.get(field.type)


def sampled(rows: Iterable[object]) -> list[Sequence[str | None]]:
    """Return the cells of the rows that could be read."""
    return [row[1] for row in rows if type(row) is tuple]
