"""Subscriptions as Exact Online's REST answers hold them, and what a database has of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import Once, Run, select

ANN, BOB, TEA, TYPE = (f"{number}1111111-1111-1111-1111-111111111111" for number in range(1, 5))
ENTRY = "51111111-1111-1111-1111-111111111111"


def moment(year: int, month: int, day: int) -> str:
    """Return a day as Exact's answers have it, calculated by the calendar of Python's standard library."""
    import calendar

    return f"/Date({calendar.timegm((year, month, day, 0, 0, 0)) * 1000})/"


def record(kind: str, **cells: Any) -> Mapping[str, Any]:
    return {"__metadata": {"uri": "x", "type": f"Exact.Web.Api.Models.{kind}"}, **cells}


def answer(path: str, *records: Mapping[str, Any]) -> str:
    Path(path).write_text(json.dumps({"d": {"results": records}}))
    return path


TYPES = record(
    "SubscriptionType", ID=TYPE, Code="Q", Description="Per quarter", InvoicePeriod=1, InvoicePeriodUnit="qt",
    AutomaticGenerateInvoiceType=3, InvoiceCorrectionMethod=2, CancellationPeriod=2, CancellationPeriodUnit="mm",
)  # fmt: skip
LINE = record(
    "SubscriptionLine", ID="L1", EntryID=ENTRY, LineNumber=1, Item=TEA, ItemDescription="Tea", Quantity=0.3333333333333333,
    UnitPrice=30.0, NetPrice=27.0, Discount=0.1, UnitCode="box", VATCode="2", FromDate=moment(2026, 1, 1), ToDate=None,
)  # fmt: skip
HEAD = record(
    "Subscription", EntryID=ENTRY, Number=17, OrderedBy=ANN, InvoiceTo=BOB, InvoiceToName="Bob", StartDate=moment(2026, 1, 1),
    EndDate=None, InvoicedTo=moment(2026, 3, 31), InvoiceDay=0, Currency="EUR", PaymentCondition="30", SubscriptionType=TYPE,
    BlockEntry=True, Printed=True, CustomerPONumber="PO 1", Notes="by phone", Description="Tea, quarterly",
    SubscriptionLines={"results": [LINE]},
)  # fmt: skip


def _known_account(segcli: Run) -> None:
    Path("a.csv").write_text(f"account,name,external_id\nA,Ann,{ANN}\nB,Bob,{BOB}\n")
    Path("i.csv").write_text(f"item,description,sales_price,external_id\nTEA,Tea,30,{TEA}\n")
    assert segcli("import", "a.csv", "i.csv").status == 0


@pytest.fixture
def known_account(once: Once, empty: Path) -> Path:
    """An administration with two accounts and an item that Exact's answers name by their ids."""
    once(_known_account)
    return empty


def lines(database: Path) -> list[tuple[Any, ...]]:
    return select(
        database,
        "SELECT line_number, description, unit_price, invoiced_to_date, external_id FROM subscription_line ORDER BY 1",
    )
