"""Opening balances of SAF-T: those of ledger accounts, customers and suppliers as lines of one opening entry.

The balance of a control account is split over the customers or suppliers that state a balance on it; the rest is a line
without a relation. Balances that do not add up to zero are completed by a line on an account of its own, because an
entry balances. The balances of Norway's published example do not add up.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from segcli.importing.readers import Place
from segcli.importing.readers.parts.saft_rows import Record, named
from segcli.importing.readers.parts.values import UnreadableError, date, number
from segcli.importing.readers.parts.xml import Node

OPENING = "opening"
DIFFERENCE = "opening difference"
DIFFERENCE_ACCOUNT: Record = {
    "gl_account": DIFFERENCE,
    "description": "Difference of the opening balances",
    "type": "B",
}
_SIDES = ("Debit", "Credit")
_SUMMING = {"GR", "GA"}  # Portugal: accounts that add up others, which state the same balances
_MONTHS = 12
_MOST_DIGITS = 3  # of a period


class Start(NamedTuple):
    """The time of the balances: the first day, the financial year, and the period that they precede.

    Period 0 means the whole year. None means the first period of the entries, if that is not the first of the year.
    """

    day: str | None
    year: str | None
    period: int | None = 0


class Balance(NamedTuple):
    """A balance: debit less credit."""

    place: Place
    gl_account: str
    amount: Decimal
    account: str | None = None


class Openings:
    """The opening balances of a file."""

    def __init__(self) -> None:
        self.ledger: dict[str, Balance] = {}
        self.sums: dict[str, Balance] = {}  # of accounts that add up others
        self.parties: list[Balance] = []
        self.homeless = 0  # balances of customers and suppliers without a ledger account
        self.wrong: list[tuple[Place, UnreadableError]] = []

    def take_account(self, node: Node) -> None:
        """Take the balance of a ledger account."""
        code, amount = node.get("AccountID"), self._amount(node)
        if code and amount is not None:
            is_sum = (node.get("GroupingCategory") or "").upper() in _SUMMING
            (self.sums if is_sum else self.ledger).setdefault(code, Balance(node.line, code, amount))

    def take_party(self, node: Node, account: str | None) -> None:
        """Take the balances of a customer or supplier, one for each of its ledger accounts (1.3) or a single one."""
        for place in (node, *node.all("BalanceAccount")):
            amount, code = self._amount(place), named(place.get("AccountID"))
            if amount and code and account:
                self.parties.append(Balance(place.line, code, amount, account))
            elif amount:
                self.homeless += 1

    def _amount(self, node: Node) -> Decimal | None:
        texts = [node.get(f"Opening{side}Balance", f"Opening{side}Balance/Amount") for side in ("Debit", "Credit")]
        try:
            debit, credit = (number(text, f"Opening{side}Balance") for text, side in zip(texts, _SIDES, strict=True))
        except UnreadableError as error:
            self.wrong.append((node.line, error))
            return None
        return None if debit is None and credit is None else Decimal(debit or 0) - Decimal(credit or 0)

    def balances(self) -> Iterator[Balance]:
        """Yield the balances other than zero, which add up to zero."""
        by_account: dict[str, Decimal] = {}
        total = Decimal(0)
        for balance in self.parties:
            by_account[balance.gl_account] = by_account.get(balance.gl_account, Decimal(0)) + balance.amount
            total += balance.amount
            yield balance
        for balance in (self.ledger or self.sums).values():
            rest = balance.amount - by_account.get(balance.gl_account, Decimal(0))
            total += rest
            if rest:
                yield balance._replace(amount=rest)
        if total:
            yield Balance(1, DIFFERENCE, -total)

    def lines(self, start: Start) -> Iterator[tuple[Place, Record]]:
        """Yield the lines of the opening entry; one within the year has a number of its own."""
        entry = f"{OPENING} {start.period}" if start.period else OPENING
        for at, (place, gl_account, amount, account) in enumerate(self.balances(), 1):
            yield (
                place,
                {
                    "journal": OPENING,
                    "financial_year": start.year,
                    "period": str(start.period or 0),
                    "entry_number": entry,
                    "line_number": str(at),
                    "entry_date": start.day,
                    "gl_account": gl_account,
                    "account": account,
                    "description": DIFFERENCE_ACCOUNT["description"] if gl_account == DIFFERENCE else None,
                    "amount": f"{amount:f}",
                },
            )


def period_of(text: str | None) -> int | None:
    """Return the number of a period, None if it is none."""
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text or 0) or None if is_number else None


def start(header: Node, country: str) -> Start:
    """Return the time of the balances.

    Portugal states balances at the start of the year, Norway at the start of the selection, which may lie within the year.
    """
    chosen = header.find("SelectionCriteria") or header
    year, period = chosen.get("PeriodStartYear"), period_of(chosen.get("PeriodStart"))
    day = date(chosen.get("SelectionStartDate") or header.get("StartDate"))
    day = day or (f"{year}-{period if period and period <= _MONTHS else 1:02d}-01" if year else None)
    if country == "PT" or (period is None and (day is None or day.endswith("-01-01"))):
        period = 0
    whole = header.get("FiscalYear") or year or (day[:4] if day else None)
    return Start(day, whole, 0 if period == 1 else period)
