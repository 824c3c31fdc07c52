"""Matches: sets of items that the ledger has set off against each other; one row per item of a set."""

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from segcli.base.text import counted
from segcli.importing.kinds.machinery import allocating, opening_items, receipts
from segcli.importing.kinds.machinery.account_lookup import resolve
from segcli.importing.kinds.machinery.allocating import Allocation, Item
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.importing.kinds.machinery.stated_payments import StatedPayments

FIELDS = (
    Field("account", "code", "accountcode debtor debtorcode", is_required=True, about="Number of the account"),
    Field("match", "code", "matchid matchset recref afletternummer", is_required=True,
          about="Number or code of the set, the same for all its items"),
    Field("journal", "code", "journalcode", about="Code of the journal of the item's entry"),
    Field("entry_number", "code", "entrynumber", is_required=True, about="Number of the item's entry"),
    Field("line_number", "code", "linenumber", about="Number of the line in that entry"),
    Field("amount", "base_money", "amountdc", about="Amount of the item in the set, in the administration's currency"),
    Field("match_date", "date", "matchdate afletterdatum", about="Date of the set; without it that of its last item"),
)  # fmt: skip


class _Row(NamedTuple):
    account: int
    match: str
    journal: str | None
    entry: str
    line: str | None
    day: str | None


def merge(stage: Stage) -> Counts:
    """Set off the open amounts of each set, oldest item first, on the date of the set or of its last item.

    A set with items on only one side (debit or credit) changes nothing; a note counts such sets.
    """
    resolve(stage)
    opening_items.name_years(stage)
    optional = {name: name if stage.has(name) else "NULL" for name in ("journal", "line_number", "match_date")}
    rows = stage.execute(
        f"SELECT account_id, match, {optional['journal']}, entry_number, {optional['line_number']},"
        f" {optional['match_date']} FROM {{stage}} ORDER BY account_id, match, n"
    ).fetchall()
    stated = StatedPayments(stage)
    added = unchanged = alone = 0
    for (_, code), members in groupby(map(_Row._make, rows), key=lambda row: (row.account, row.match)):
        state = _set_off(stage, f"match {code}", list(members), stated)
        added += state == "new"
        unchanged += state == "known"
        alone += state == "alone"
    stated.settle()
    notes = (f"{counted(alone, 'set')} skipped: no open items to set off against each other",) if alone else ()
    return Counts(added, 0, unchanged + alone, notes=notes)


def _set_off(stage: Stage, key: str, members: list[_Row], stated: StatedPayments) -> str:
    items = list(dict.fromkeys(_items(stage, members)))
    if any(_is_known(stage, item, key) for item in items):
        return "known"
    items = stated.without(items)
    plus = [item for item in items if item.open > 0]
    minus = [item for item in items if item.open < 0]
    amount = min(sum(item.open for item in plus), -sum(item.open for item in minus))
    if not amount:
        return "alone"
    day = max(member.day or "" for member in members) or max(item.date for item in items)
    for side, other, part in ((plus, minus, amount), (minus, plus, -amount)):
        for item, share in allocating.shares(side, part)[0]:
            spread = item.number is not None and _is_whole(stage, item, items)
            noted = Allocation(key, day, counter=other[0].id, is_stated=not spread)
            allocating.allocate(stage, item, share, noted)
    for account, number, currency in dict.fromkeys((i.account, i.number, i.currency) for i in items if i.number):
        receipts.lay_again(stage, account, number, currency)
    return "new"


def _is_whole(stage: Stage, item: Item, items: list[Item]) -> bool:
    """Tell whether a set has all terms of an invoice with several terms; then the invoice as a whole was set off."""
    terms = [
        one.id for one in allocating.of_invoice(stage, item.account, item.number or "") if one.amount * item.amount > 0
    ]
    return len(terms) > 1 and {one.id for one in items}.issuperset(terms)


def _items(stage: Stage, members: Iterable[_Row]) -> Iterable[Item]:
    """Yield the items of a set that are in the currency of its first item."""
    currency = None
    for row in members:
        for item in _of_year(stage, allocating.of_entry(stage, row.account, row.journal, row.entry, row.line)):
            currency = currency or item.currency
            if item.currency == currency:
                yield item


def _of_year(stage: Stage, items: list[Item]) -> list[Item]:
    """Return the items of the file's year if there are any, because entry numbers may restart each year."""
    return [item for item in items if item.date.startswith(f"{stage.year}-")] or items


def _is_known(stage: Stage, item: Item, key: str) -> bool:
    sql = "SELECT 1 FROM allocation WHERE item_id = ? AND allocation_key = ?"
    return stage.execute(sql, item.id, key).fetchone() is not None


KIND = Kind("match", "matches", FIELDS, merge, rank=6, also=("matches", "matchset", "matchsets"))
