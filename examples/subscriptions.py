"""The subscriptions of the example administration: coffee by the month, machines by the quarter, service by the year."""

import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
SEED = 20260701
TYPES: Mapping[str, Row] = {
    "MONTH": {"description": "Monthly, in advance", "frequency": "monthly", "timing": "advance", "proration": "days"},
    "QUARTER": {"description": "Quarterly, in arrears", "frequency": "quarterly", "timing": "arrears", "proration": "days",
                "is_calendar": 1, "invoice_per": "account"},
    "YEAR": {"description": "Yearly, in advance", "frequency": "yearly", "timing": "advance", "proration": "full",
             "notice_days": 60},
    "WEEK": {"description": "Weekly, in arrears", "frequency": "weekly", "timing": "arrears", "proration": "zero"},
}  # fmt: skip
ITEMS = {"MONTH": ("KOF009", "THE001"), "QUARTER": ("SER020",), "YEAR": ("DIE032",), "WEEK": ("DIE031",)}
COUNT = 60
INVOICED = {"MONTH": date(2026, 5, 31), "QUARTER": date(2026, 3, 31), "WEEK": date(2026, 6, 21)}
_MONTHS = 12


class Subscriptions:
    """What some of the accounts have running, or had."""

    def __init__(self, accounts: Iterable[Row], items: Iterable[Row]) -> None:
        self.random = random.Random(SEED)
        self.accounts = [
            row for row in accounts if row["status"] == "C" and row["is_sales"] and row["currency"] in {"", "EUR"}
        ]
        self.items = {row["item"]: row for row in items}
        self.lines: list[Row] = []
        self.heads = [self.head(number) for number in range(1, COUNT + 1)]

    def files(self) -> dict[str, list[Row]]:
        """Return the rows of each file."""
        types = [{"subscription_type": code, **{f: row.get(f, "") for f in _FIELDS}} for code, row in TYPES.items()]
        return {"subscription_types": types, "subscriptions": self.heads, "subscription_lines": self.lines}

    def head(self, number: int) -> Row:
        """Return a subscription, and note its lines."""
        kind = ("MONTH", "MONTH", "QUARTER", "YEAR", "MONTH", "WEEK")[number % 6]
        start = self.start(number, kind)
        end = {7: date(2026, 3, 15), 8: date(2026, 7, 20), 9: date(2026, 12, 31)}.get(number % 10, "")
        end = "" if end and end <= start else end
        cancelled = date(2026, 5, 10) if number % 17 == 0 and start < date(2026, 5, 1) and not end else ""
        row = {
            "subscription": f"AB{number:04d}", "account": self.accounts[number * 7 % len(self.accounts)]["account"],
            "subscription_type": kind, "description": TYPES[kind]["description"], "start_date": start, "end_date": end,
            "cancellation_date": cancelled, "invoiced_to": self.invoiced(number, kind, start, cancelled or end),
            "invoice_day": 1 if kind == "MONTH" and self.has_day(number) else "", "is_blocked": int(number % 29 == 0),
            "your_reference": f"PO {number * 13}" if number % 5 == 0 else "",
        }  # fmt: skip
        self.lines += self.of(row, number, kind)
        return row

    def start(self, number: int, kind: str) -> date:
        """Return the first day; some begin in the summer, some on the last of a month."""
        if number % 13 == 0:
            return date(2026, 8, 1)
        if number % 11 == 0:
            return date(2026, 1, 31)
        return date(2024 + number % 2, 1 + number % _MONTHS, 1 if kind == "QUARTER" else 1 + number * 5 % 28)

    @staticmethod
    def has_day(number: int) -> bool:
        """Return whether months are invoiced on the first: three in four are, the others on the day of their start."""
        return number % 4 != 0

    def invoiced(self, number: int, kind: str, start: date, last: date | str) -> date | str:
        """Return the day up to which it was invoiced: for some a period is missing, for new ones all of them."""
        if start >= date(2026, 1, 1):
            return ""
        if kind == "YEAR":
            later = start.replace(year=2026) - timedelta(days=1)
            day = (
                later
                if later >= date(2026, 6, 30)
                else later.replace(year=2027 if self.random.random() < 0.8 else 2026)
            )
        elif kind == "WEEK":
            day = start + timedelta(days=(INVOICED[kind] - start).days // 7 * 7 - 1)
        elif kind == "MONTH" and not self.has_day(number):
            day = date(2026, 6, start.day) - timedelta(days=1)
        else:
            day = INVOICED[kind]
        return min(day, last) if isinstance(last, date) else day

    def of(self, head: Row, number: int, kind: str) -> Iterator[Row]:
        """Yield the lines of a subscription."""
        codes = ITEMS[kind][: 1 + number % 2]
        for code in codes:
            until = date(2025, 12, 31) if number % 9 == 0 and code == codes[0] else ""
            yield {**self.line(head, code, number), "end_date": until}
        if number % 9 == 0:  # the price went up at New Year
            yield {
                **self.line(head, codes[0], number),
                "unit_price": self.raised(codes[0]),
                "start_date": date(2026, 1, 1),
            }
        if number % 15 == 0:
            yield {**self.line(head, "DIE031", 1), "description": "Installation", "is_once": 1}

    def raised(self, code: str) -> str:
        """Return the price of an item and five per cent."""
        minor = round(float(self.items[code]["sales_price"]) * 100)
        return f"{minor * 105 // 100 / 100:.2f}"

    def line(self, head: Row, code: str, number: int) -> Row:
        """Return a line; those of every tenth subscription cost what the price lists say."""
        price = self.items[code]["sales_price"]
        is_automatic = number % 10 == 0 and number % 9 != 0
        return {
            "subscription": head["subscription"], "item": code, "description": "", "quantity": 1 + number % 4,
            "unit_price": "" if is_automatic else price, "discount_percent": 10 if number % 8 == 0 else "",
            "vat_percent": 21, "start_date": "", "end_date": "", "is_once": 0, "is_automatic_price": int(is_automatic),
            "is_never_revised": int(number % 14 == 0),
        }  # fmt: skip


_FIELDS = ("description", "frequency", "timing", "proration", "is_calendar", "invoice_per", "notice_days")
