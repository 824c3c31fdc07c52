"""Prices of subscription lines with an automatic price: the price list answer for the ordering account on a day."""

from fractions import Fraction
from typing import NamedTuple

from segcli.domain.reasons import Reason, Why
from segcli.domain.subscriptions.amounts import period_amount
from segcli.domain.units import MILLIONTHS
from segcli.query.price_book import Book
from segcli.storage.reader import Reader

_LINE = """SELECT s.ordered_by_id, m.code, l.quantity, coalesce(l.unit, m.unit, ''), s.currency, coalesce(l.discount_percent, '0')
  FROM subscription_line AS l JOIN subscription AS s ON s.id = l.subscription_id LEFT JOIN item AS m ON m.id = l.item_id
 WHERE l.id = ?"""


class Asked(NamedTuple):
    """A price request: account, item, unit, quantity and currency."""

    account_id: int
    item: str
    unit: str
    quantity: Fraction
    currency: str


class Prices:
    """The automatic prices of one database."""

    def __init__(self, db: Reader) -> None:
        self._db = db
        self._book = Book(db)
        self._lists: dict[int, str] = {}

    def price(self, asked: Asked, day: str) -> Fraction | Why:
        """Return the price per unit on a day, or why there is none."""
        if not asked.item:
            return Reason.AUTOMATIC_WITHOUT_ITEM.why()
        if asked.account_id not in self._lists:
            self._lists[asked.account_id] = self._book.of_account(asked.account_id)
        item = self._book.item(asked.item)
        factor = self._book.known_factor(item, asked.unit) if asked.unit else Fraction(1)
        if factor is None:
            return Reason.NOT_SOLD_BY_UNIT.why(item=asked.item, unit=asked.unit)
        answer = self._book.answer(self._lists[asked.account_id], item, abs(asked.quantity) * factor, day)
        if answer.price is None:
            because = f": {answer.circle}" if answer.circle else ""
            return Reason.NO_PRICE.why(item=asked.item, day=day, because=because)
        if answer.currency != asked.currency:
            return Reason.PRICED_IN_OTHER_CURRENCY.why(
                item=asked.item, currency=answer.currency, day=day, wanted=asked.currency
            )
        return answer.price * factor

    def amount(self, line: int, day: str) -> int | None:
        """Return the amount of a line for one period (see `period_amount`); None if it has no price."""
        account, item, quantity, unit, currency, discount = self._db.execute(_LINE, (line,)).fetchone()
        number = Fraction(quantity, MILLIONTHS)
        price = self.price(Asked(account, item or "", unit, number, currency), day)
        if isinstance(price, Why):
            return None
        return period_amount(number, price, Fraction(discount), currency)
