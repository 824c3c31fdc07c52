"""The price lists of the example administration: for retail, for hotels and cafés, abroad, and a standard one."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Row = dict[str, Any]
FIELDS = (
    "price_list", "description", "currency", "rate", "is_standard", "period_type", "start_date", "end_date", "item",
    "item_group", "minimum_quantity", "base", "base_price_list", "new_price", "discount", "rounding", "surcharge",
    "minimum_margin",
)  # fmt: skip
HEADS: Mapping[str, Row] = {
    "STANDARD": {"description": "For everyone, after the list of one's own", "is_standard": 1},
    "RETAIL": {"description": "Shops", "currency": "EUR"},
    "HORECA": {"description": "Hotels and cafés", "currency": "EUR"},
    "FRIENDS": {"description": "Retail prices and a little less", "currency": "EUR"},
    "EXPORT-USD": {"description": "In dollars", "currency": "USD", "rate": "1.10"},
    "OLD": {"description": "Prices of 2024", "currency": "EUR"},
}
YEAR, SUMMER = (
    {"start_date": "2026-01-01", "end_date": "2026-12-31"},
    {"start_date": "2026-06-01", "end_date": "2026-06-30"},
)
LINKS = {"RET": "RETAIL", "HOR": "HORECA"}  # by branch (class2)


class Prices:
    """The lists that follow from the items and the accounts of the administration."""

    def __init__(self, accounts: Iterable[Row], items: Iterable[Row]) -> None:
        self.accounts, self.items = list(accounts), list(items)
        self.groups = list(dict.fromkeys(item["item_group"] for item in self.items))

    def files(self) -> dict[str, list[Row]]:
        """Return the rows of each file."""
        return {
            "price_lists": [_row(code, line) for code, line in self.lines()],
            "price_list_links": list(self.links()),
        }

    def lines(self) -> Iterator[tuple[str, Row]]:
        """Yield each line with its list."""
        yield "STANDARD", {"minimum_quantity": 100, "discount": 2}
        for group in self.groups:
            for minimum, discount in ((0, 5), (10, "7.5"), (50, 12)):
                yield "RETAIL", {**YEAR, "item_group": group, "minimum_quantity": minimum, "discount": discount}
        for item in self.items[:3]:
            yield "RETAIL", {**SUMMER, "period_type": "offer", "item": item["item"], "discount": 20}
        yield "HORECA", {"discount": 10, "rounding": 1, "surcharge": "-0.01"}
        for item in self.items[::5]:
            price = _ten_thousandths(item["sales_price"])
            for minimum, share in ((0, 90), (24, 85)):
                text = f"{price * share // 100 / 10_000:.4f}"
                yield "HORECA", {**YEAR, "item": item["item"], "minimum_quantity": minimum, "new_price": text}
        yield "FRIENDS", {"base_price_list": "RETAIL", "discount": 1}
        yield "EXPORT-USD", {"base": "cost", "surcharge": 1, "minimum_margin": "2.50", "rounding": "0.05"}
        yield "OLD", {"start_date": "2024-01-01", "end_date": "2024-12-31", "discount": 3}

    def links(self) -> Iterator[Row]:
        """Yield which customer has which list."""
        for number, account in enumerate(self.accounts):
            code = "EXPORT-USD" if account["currency"] == "USD" else LINKS.get(account["class2"], "")
            if code and account["status"] == "C" and number % 3 == 0:
                yield {"price_list": code, "account": account["account"]}


def _ten_thousandths(text: str) -> int:
    return int(text.replace(".", "")) * 100


def _row(code: str, line: Row) -> Row:
    return {**dict.fromkeys(FIELDS, ""), "price_list": code, **HEADS[code], "period_type": "basic", **line}
