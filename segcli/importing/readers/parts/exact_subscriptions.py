"""Mapping of Exact Online's subscriptions, their types and lines, in REST and XML, to segcli's fields.

Sources: the API reference of subscription/Subscriptions, SubscriptionLines and SubscriptionTypes, and eExact-XML.xsd.
Prices are per invoice period. BlockEntry blocks only the entry of hours and costs, so it is ignored.
"""

from collections.abc import Callable, Mapping
from datetime import date as day
from datetime import timedelta

from segcli.importing.readers.parts.spool import Spool
from segcli.importing.readers.parts.values import date, decimal, number, percent
from segcli.importing.readers.parts.xml import Node

Cells = Mapping[str, str | None]  # key of a REST record -> value as canonical text
Record = dict[str, str | None]
KINDS = {
    "Subscription": "subscription",
    "SubscriptionLine": "subscription_line",
    "SubscriptionType": "subscription_type",
}
NESTED = "SubscriptionLines"
_PERIODS = {"wk": "weekly", "mm": "monthly", "qt": "quarterly", "hy": "half-yearly", "yy": "yearly"}
_DAYS = {"wk": 7, "mm": 30, "qt": 91, "hy": 182, "yy": 365}
_TIMINGS = {"2": "advance", "3": "arrears"}  # AutomaticGenerateInvoiceType: before or after the period; 1 is never
_PRORATIONS = {"1": "days", "2": "zero", "3": "zero"}  # InvoiceCorrectionMethod: pro rata, free of charge, not invoiced
_QUANTITY = 6  # decimals of a quantity in segcli; Exact's doubles show more digits than are exact
HEADERS = {
    "subscription_type": ("subscription_type", "description", "frequency", "frequency_count", "notice_days"),
    "subscription": (
        "subscription", "account", "ordered_by", "name", "subscription_type", "description", "start_date", "end_date",
        "cancellation_date", "payment_condition", "your_reference", "remarks", "external_id",
    ),
    "subscription_line": (
        "subscription", "line_number", "item", "description", "quantity", "unit", "unit_price", "discount_percent",
        "vat_code", "start_date", "end_date",
    ),
}  # fmt: skip
# Record element -> the topic that contains it.
TOPICS = {"subscriptiontype": "subscriptiontypes", "subscription": "subscriptions"}


def _cell(cells: Cells, *names: str) -> str | None:
    """Return the first non-empty value of these keys."""
    return next((text.strip() for name in names if (text := cells.get(name)) and text.strip()), None)


def _rhythm(period: str | None, unit: str | None) -> Record:
    """Return frequency and frequency_count: every N weeks, months …; an unknown unit is kept for the kind to reject."""
    if not unit or not (period or "").strip("0"):
        return {"frequency": None, "frequency_count": None}
    return {"frequency": _PERIODS.get(unit.lower(), unit), "frequency_count": period}


def _notice(period: str | None, unit: str | None) -> str | None:
    """Return the notice period in days; a month counts as 30 days."""
    days = _DAYS.get((unit or "").lower())
    return str(int(period) * days) if days and period and period.isascii() and period.isdigit() else None


def _type(cells: Cells) -> Record:
    return {
        "subscription_type": _cell(cells, "Code"),
        "description": _cell(cells, "Description"),
        **_rhythm(_cell(cells, "InvoicePeriod"), _cell(cells, "InvoicePeriodUnit")),
        "timing": _TIMINGS.get(_cell(cells, "AutomaticGenerateInvoiceType") or ""),
        "proration": _PRORATIONS.get(_cell(cells, "InvoiceCorrectionMethod") or ""),
        "notice_days": _notice(_cell(cells, "CancellationPeriod"), _cell(cells, "CancellationPeriodUnit")),
        "external_id": _cell(cells, "ID"),
    }


def _subscription(cells: Cells) -> Record:
    invoice_day = _cell(cells, "InvoiceDay")
    return {
        "subscription": _cell(cells, "Number"),
        "account": _cell(cells, "InvoiceToCode", "InvoiceTo", "OrderedByCode", "OrderedBy"),
        "ordered_by": _cell(cells, "OrderedByCode", "OrderedBy"),
        "deliver_to": _cell(cells, "DeliverToCode", "DeliverTo"),
        "name": _cell(cells, "InvoiceToName", "OrderedByName"),
        "subscription_type": _cell(cells, "SubscriptionTypeCode", "SubscriptionType"),
        "description": _cell(cells, "Description"),
        "start_date": _cell(cells, "StartDate"),
        "end_date": _cell(cells, "EndDate"),
        "cancellation_date": _cell(cells, "CancellationDate"),
        "invoiced_to": _cell(cells, "InvoicedTo")
        or _before(_cell(cells, "InvoicingStartDate"), _cell(cells, "StartDate")),
        "invoice_day": None if invoice_day == "0" else invoice_day,  # if weekly: the weekday, 0 for Monday
        "currency": _cell(cells, "Currency"),
        "payment_condition": _cell(cells, "PaymentCondition"),
        "your_reference": _cell(cells, "CustomerPONumber", "YourRef"),
        "is_printed": _cell(cells, "Printed"),
        "remarks": _cell(cells, "Notes"),
        "external_id": _cell(cells, "EntryID"),
    }


def _before(first: str | None, start: str | None) -> str | None:
    """Return the day before invoicing begins if that is after the start: earlier periods are not invoiced."""
    try:
        begins = day.fromisoformat(first) if first else day.min
        return str(begins - timedelta(days=1)) if begins > day.fromisoformat(start or "") else None
    except ValueError:
        return first  # not a date; the kind rejects it


def _line(cells: Cells) -> Record:
    """Return a line. Its discount is a fraction; the net price already includes it."""
    price, discount = _cell(cells, "UnitPrice"), decimal(_cell(cells, "Discount"), 100)
    return {
        "subscription": _cell(cells, "SubscriptionNumber"),
        "subscription_id": _cell(cells, "EntryID"),
        "line_number": _cell(cells, "LineNumber"),
        "item": _cell(cells, "ItemCode", "Item"),
        "description": _cell(cells, "Description", "ItemDescription"),
        "quantity": decimal(_cell(cells, "Quantity"), places=_QUANTITY),
        "unit": _cell(cells, "UnitCode", "Unit"),
        "unit_price": decimal(price or _cell(cells, "NetPrice")),
        "discount_percent": discount if price else None,
        "vat_code": _cell(cells, "VATCode"),
        "start_date": _cell(cells, "FromDate"),
        "end_date": _cell(cells, "ToDate"),
        "external_id": _cell(cells, "ID"),
    }


TRANSLATIONS: dict[str, Callable[[Cells], Record]] = {
    "Subscription": _subscription,
    "SubscriptionLine": _line,
    "SubscriptionType": _type,
}


class Subscriptions:
    """Converts subscription elements of XML and adds them to the spools of their kinds."""

    def __init__(self, spools: Mapping[str, Spool]) -> None:
        self.spools = spools

    def take(self, node: Node) -> None:
        """Add one record element."""
        if node.key == "subscriptiontype":
            self.spools["subscription_type"].add(node.line, _type_of(node))
            return
        self.spools["subscription"].add(node.line, _head_of(node))
        for place, line in enumerate(node.all("SubscriptionLine"), 1):
            self.spools["subscription_line"].take(line.line, lambda line=line, place=place: _line_of(line, node, place))  # type: ignore[misc]


def _type_of(node: Node) -> Record:
    return {
        "subscription_type": node.get("@code"),
        "description": node.get("Description"),
        **_rhythm(node.get("InvoicePeriod@period"), node.get("InvoicePeriod/PeriodUnit")),
        "notice_days": _notice(node.get("CancellationPeriod@period"), node.get("CancellationPeriod/PeriodUnit")),
    }


def _head_of(node: Node) -> Record:
    """Return the head of a subscription; its InvoicedTo element is an account, not a date."""
    return {
        "subscription": _number(node),
        "account": node.get("InvoicedTo@code", "OrderedBy@code"),
        "ordered_by": node.get("OrderedBy@code"),
        "name": node.get("InvoicedTo/Name", "OrderedBy/Name"),
        "subscription_type": node.get("SubscriptionType@code"),
        "description": node.get("Description"),
        "start_date": date(node.get("StartDate")),
        "end_date": date(node.get("EndDate")),
        "cancellation_date": date(node.get("CancellationDate")),
        "payment_condition": node.get("PaymentCondition@code"),
        "your_reference": node.get("CustomerPONumber"),
        "remarks": node.get("Notes"),
        "external_id": (node.get("@entryID") or "").strip("{}").lower() or None,
    }


def _line_of(line: Node, subscription: Node, place: int) -> Record:
    price, net = (number(line.get(name), "unit_price") for name in ("UnitPrice", "NetPrice"))
    discount = percent(line.get("DiscountPercentage"), "discount_percent")
    return {
        "subscription": _number(subscription),
        "line_number": line.get("@line") or str(place),
        "item": line.get("Item@code"),
        "description": line.get("Description", "Item/Description"),
        "quantity": decimal(number(line.get("Quantity"), "quantity"), places=_QUANTITY),
        "unit": line.get("Unit@code", "Unit@unit"),
        "unit_price": decimal(price or net),
        "discount_percent": decimal(discount) if price else None,
        "vat_code": line.get("VAT@code"),
        "start_date": date(line.get("StartDate")),
        "end_date": date(line.get("EndDate")),
    }


def _number(node: Node) -> str | None:
    return node.get("@Number", "@number")
