"""Price lists read from the database for pricing, each with the lines that can apply to an item."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from segcli.base.errors import UsageError
from segcli.base.money import exponent
from segcli.domain.catalogue import nearest
from segcli.domain.prices.answer import Answer, answer
from segcli.domain.prices.lists import Item, Line, PriceList, Question
from segcli.query import lookup
from segcli.storage.reader import Reader

_LINES = """SELECT p.type, p.start_date, p.end_date, i.code, l.item_group, l.minimum_quantity, l.unit, l.unit_factor,
       l.base, l.base_price, b.code, l.new_price, l.discount, l.rounding, l.surcharge, l.minimum_margin, l.maximum_margin
  FROM price_list_period AS p JOIN price_list_line AS l ON l.price_list_period_id = p.id
  LEFT JOIN item AS i ON i.id = l.item_id LEFT JOIN price_list AS b ON b.id = l.base_price_list_id
 WHERE p.price_list_id = ? AND coalesce(l.item_id, 0) IN (0, ?)"""


class ItemRow(NamedTuple):
    """An item with its database id and description."""

    id: int
    item: Item
    description: str


class Book:
    """The prices of one database, read on demand and cached."""

    def __init__(self, db: Reader) -> None:
        self._db = db
        self.home = lookup.currency(db)
        rows = db.execute("SELECT id, code, currency, rate, is_standard FROM price_list ORDER BY code").fetchall()
        self._heads = {
            code: (number, currency or self.home, rate, standard) for number, code, currency, rate, standard in rows
        }
        self._folded = {code.casefold(): code for code in self._heads}
        self._standard = tuple(code for code, head in self._heads.items() if head[3])
        self._parents = dict(db.execute("SELECT code, parent FROM item_group WHERE parent IS NOT NULL").fetchall())
        self._items: dict[str, ItemRow] = {}
        self._lists: dict[tuple[str, str], PriceList] = {}

    def code(self, text: str) -> tuple[int, str]:
        """Return the id and code of a price list. The UsageError for an unknown code suggests the nearest."""
        found = self._folded.get(text.casefold())
        if found is None:
            hint = nearest(text, self._heads) or "import some: segcli import --as price_list FILE"
            raise UsageError(f"there is no price list '{text}'", hint)
        return self._heads[found][0], found

    def of_account(self, account_id: int) -> str:
        """Return the code of the account's own price list, '' if it has none."""
        row = self._db.execute(
            "SELECT p.code FROM price_list_link AS l JOIN price_list AS p ON p.id = l.price_list_id WHERE l.account_id = ?",
            (account_id,),
        ).fetchone()
        return str(row[0]) if row else ""

    def item(self, code: str) -> ItemRow:
        """Return an item. The UsageError for an unknown code suggests the nearest."""
        if code not in self._items:
            row = self._db.execute(
                "SELECT id, code, description, item_group, unit, currency, sales_price, cost_price FROM item WHERE code = ?",
                (code,),
            ).fetchone()
            if not row:
                raise UsageError(f"there is no item '{code}'", nearest(code, lookup.near_codes(self._db, "item", code)))
            number, code, description, group, unit, currency, sales, cost = row
            currency = currency or self.home
            prices = (_amount(sales, currency), _amount(cost, currency))
            made = Item(code, self._groups(group), unit or "", currency, *prices)
            self._items[code] = ItemRow(number, made, description)
        return self._items[code]

    def _groups(self, group: str | None) -> tuple[str, ...]:
        """Return a group and its ancestors; a cycle ends the list."""
        found: list[str] = []
        while group and group not in found:
            found.append(group)
            group = self._parents.get(group)
        return tuple(found)

    def factor(self, item: ItemRow, unit: str) -> Fraction:
        """Return the number of the item's own units in this unit. The UsageError for an unknown unit suggests the nearest."""
        found = self.known_factor(item, unit)
        if found is None:
            units = self._db.execute("SELECT unit FROM item_unit WHERE item_id = ? ORDER BY unit", (item.id,))
            known = [name for name in (item.item.unit, *(row[0] for row in units)) if name]
            raise UsageError(f"item {item.item.code} is not sold by '{unit}'", nearest(unit, known))
        return found

    def known_factor(self, item: ItemRow, unit: str) -> Fraction | None:
        """Return the number of the item's own units in this unit, None if it is not recorded."""
        if unit.casefold() == item.item.unit.casefold():
            return Fraction(1)
        sql = "SELECT factor FROM item_unit WHERE item_id = ? AND unit = ?"
        row = self._db.execute(sql, (item.id, unit)).fetchone()
        return Fraction(row[0]) if row else None

    def answer(self, price_list: str, item: ItemRow, quantity: Fraction, day: str) -> Answer:
        """Return the price answer for an account with this list ('' for none) and a quantity in the item's own unit."""
        lists = [self._list(code, item, is_own=False) for code in self._standard if code != price_list]
        if price_list:
            lists.insert(0, self._list(price_list, item, is_own=True))
        asked = Question(item.item, quantity, day, self.home)
        return answer(asked, lists, lambda code: self._list(code, item, is_own=True))

    def looked_at(self, price_list: str) -> Sequence[tuple[str, str]]:
        """Return the lists that apply to an account with this list, each with the reason."""
        own = [(price_list, "the account's own list")] if price_list else []
        return [*own, *((code, "a standard list") for code in self._standard if code != price_list)]

    def _list(self, code: str, item: ItemRow, *, is_own: bool) -> PriceList:
        key = (code, item.item.code)
        if key not in self._lists:
            number, currency, rate, _ = self._heads[code]
            groups = set(item.item.groups)
            rows = self._db.execute(_LINES, (number, item.id)).fetchall()
            lines = tuple(_line(code, row) for row in rows if row[4] is None or row[4] in groups)
            self._lists[key] = PriceList(code, currency, _number(rate), is_standard=False, lines=lines)
        found = self._lists[key]
        return (
            found if is_own else PriceList(found.code, found.currency, found.rate, is_standard=True, lines=found.lines)
        )


def _number(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _amount(minor: int | None, currency: str) -> Fraction | None:
    return None if minor is None else Fraction(minor, 10 ** exponent(currency))


def _line(code: str, row: Sequence[Any]) -> Line:
    kind, start, end, item, group, minimum, unit, factor, base, base_price, base_list, *prices = row
    return Line(
        code, kind == "offer", start or "", end or "", item or "", group or "", Fraction(minimum), unit or "",
        Fraction(factor), "price" if base_price else "list" if base_list else base, _number(base_price), base_list or "",
        *(_number(price) for price in prices),
    )  # fmt: skip
