"""A file of new prices for `update-subscription-prices --prices`: subscription and line, or item, and the price."""

import re
from collections.abc import Sequence
from fractions import Fraction

from segcli import readers
from segcli.errors import Problem, SegcliError
from segcli.kinds._kind import key_of
from segcli.readers import BadRow

_NAMES = {
    "subscription": {"subscription", "subscriptionnumber", "abonnement", "abonnementnummer"},
    "line": {"line", "linenumber", "regel", "regelnummer"},
    "item": {"item", "itemcode", "artikel", "artikelcode"},
    "price": {"price", "unitprice", "newprice", "prijs", "nieuweprijs"},
}
_NUMBER = re.compile(r"\d{1,15}(?:[.,]\d{1,9})?", re.ASCII)
_COMMA_OF_WHAT = re.compile(r"\d{1,3},\d{3}", re.ASCII)
Key = tuple[str, str, str]  # subscription, line, item; '' where the file does not say it


def read(name: str) -> dict[Key, Fraction]:
    """Return the new prices by what they are for. What is wrong in the file is a SegcliError that lists all of it."""
    source = readers.open_source(name)
    prices: dict[Key, Fraction] = {}
    problems: list[Problem] = []
    for block in readers.read(source):
        places = _places(block.header, source.name)
        for row in block.rows:
            if isinstance(row, BadRow):
                problems.append(row.problem)
                continue
            place, cells = row
            cell = {field: (cells[at] or "").strip() for field, at in places.items()}
            key = (cell.get("subscription", ""), cell.get("line", "").removesuffix(".0"), cell.get("item", ""))
            reason = _wrong(cell["price"]) or ("this is named twice" if key in prices else "")
            reason = reason or ("this says neither subscription nor item" if not (key[0] or key[2]) else "")
            if reason:
                problems.append(Problem(source.name, place, block.header[places["price"]], cell["price"], reason))
            else:
                prices[key] = Fraction(cell["price"].replace(",", "."))
    source.refuse_changed()
    if problems:
        raise SegcliError(f"{source.name}: {len(problems)} rows are wrong, nothing was changed", "mend it", problems)
    return prices


def _places(header: Sequence[str], file: str) -> dict[str, int]:
    places = {field: at for at, name in enumerate(header) for field, names in _NAMES.items() if key_of(name) in names}
    if "price" not in places or not {"subscription", "item"} & places.keys():
        columns = ", ".join(header[:12])
        raise SegcliError(f"{file}: prices need subscription or item, and price: {columns}", "name the columns so")
    return places


def _wrong(text: str) -> str:
    if not _NUMBER.fullmatch(text):
        return "this is no price"
    return "this comma may stand for thousands or decimals" if _COMMA_OF_WHAT.fullmatch(text) else ""


def find(prices: dict[Key, Fraction], subscription: str, line: str, item: str) -> Fraction | None:
    """Return the price of a line: what names it by subscription and line first, then by subscription and item, then by less."""
    keys = (
        (subscription, line, item),
        (subscription, line, ""),
        (subscription, "", item),
        (subscription, "", ""),
        ("", "", item),
    )
    return next((prices[key] for key in keys if key in prices), None)
