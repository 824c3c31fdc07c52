"""Mapping of Exact Online's REST records of price lists to segcli's fields: lists, periods, volume discounts, links.

Source: the API reference of SalesPriceLists (Type 1 customer, 2 standard), SalesPriceListPeriods (Type 1 basic, 2 special
offer), SalesPriceListVolumeDiscounts (EntryMethod 1 discount, 2 new price; Discount is a fraction) and
SalesPriceListLinkedAccounts (its ID is that of the account).
"""

from collections.abc import Callable, Mapping

from segcli.importing.readers.parts.values import decimal

Cells = Mapping[str, str | None]
Words = dict[str, str | None]

KINDS = {
    "SalesPriceList": "price_list",
    "SalesPriceListPeriod": "price_list_period",
    "SalesPriceListVolumeDiscount": "price_list_line",
    "SalesPriceListLinkedAccount": "price_list_link",
}
_NEW_PRICE, _STANDARD = "2", "2"


def _cell(cells: Cells, *names: str) -> str | None:
    """Return the first non-empty value of these keys."""
    return next((text.strip() for name in names if (text := cells.get(name)) and text.strip()), None)


def _list(cells: Cells) -> Words:
    kind = _cell(cells, "Type")
    return {
        "price_list": _cell(cells, "Code"),
        "description": _cell(cells, "Description"),
        "currency": _cell(cells, "Currency"),
        "is_standard": None if kind is None else str(int(kind == _STANDARD)),
        "external_id": _cell(cells, "ID"),
    }


def _period(cells: Cells) -> Words:
    return {
        "external_id": _cell(cells, "ID"),
        "price_list": _cell(cells, "PriceList"),
        "period_type": _cell(cells, "Type"),
        "start_date": _cell(cells, "StartDate"),
        "end_date": _cell(cells, "EndDate"),
    }


def _volume_discount(cells: Cells) -> Words:
    """Return a line: a new price, or a discount on the item's sales price or on the line's own base price."""
    found = {
        "external_id": _cell(cells, "ID"),
        "price_list_period": _cell(cells, "PriceListPeriod"),
        "item": _cell(cells, "ItemCode"),
        "minimum_quantity": decimal(_cell(cells, "Quantity")),
        "unit": _cell(cells, "Unit"),
        "unit_factor": decimal(_cell(cells, "NumberOfItemsPerUnit")),
    }
    if not found["item"]:
        found["item_group"] = _cell(cells, "ItemGroupCode")
    if _cell(cells, "EntryMethod") == _NEW_PRICE:
        return {**found, "new_price": decimal(_cell(cells, "NewPrice"))}
    # Without its own base price, the line is based on the item's current sales price.
    own = _cell(cells, "BasePriceAmount") if _cell(cells, "BasePrice") else None
    return {**found, "discount": decimal(_cell(cells, "Discount") or "0", 100), "base_price": decimal(own)}


def _linked_account(cells: Cells) -> Words:
    return {"price_list": _cell(cells, "PriceList"), "account": _cell(cells, "Code", "ID")}


TRANSLATIONS: dict[str, Callable[[Cells], Words]] = {
    "SalesPriceList": _list,
    "SalesPriceListPeriod": _period,
    "SalesPriceListVolumeDiscount": _volume_discount,
    "SalesPriceListLinkedAccount": _linked_account,
}
