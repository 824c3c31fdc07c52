"""Lines of subscriptions: item, quantity, price, and first and last day."""

from collections.abc import Sequence

from segcli.importing.kinds.machinery.kind_definition import Kind
from segcli.importing.kinds.machinery.subscription_fields import LINE
from segcli.importing.kinds.machinery.subscription_lines import merge_lines


def check(fields: Sequence[str]) -> str:
    """Return what is missing, else '': a line needs its subscription and a price."""
    if not {"subscription", "subscription_id"} & set(fields):
        return "subscription"
    return "" if {"unit_price", "is_automatic_price"} & set(fields) else "unit_price"


KIND = Kind(
    "subscription_line", "subscription lines", LINE, merge_lines, rank=6, check=check,
    never="account accountcode customer klant relatie debtor", spans=(("start_date", "end_date"),),
)  # fmt: skip
