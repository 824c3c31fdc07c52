"""Price lists of an item, and what an account pays by them."""

from pathlib import Path

import pytest
from conftest import Once, Run
from import_case import bring

HEAD = "price_list,currency,period_type,start_date,end_date,item,item_group,minimum_quantity,new_price,discount,rounding,surcharge\n"
LISTS = (
    "RETAIL,EUR,basic,2026-01-01,2026-12-31,,Tea,0,,5,,\n"
    "RETAIL,EUR,basic,2026-01-01,2026-12-31,,Tea,10,,10,1,-0.01\n"
    "RETAIL,EUR,offer,2026-06-01,2026-06-30,T2,,0,1.2345,,,\n"
    "HOTELS,USD,basic,,,T1,,1,0.0125,,,\n"
)


def _prices(segcli: Run) -> None:
    Path("items.csv").write_text(
        "item,description,item_group,unit,sales_price,cost_price\nT1,One,Tea,kg,19.97,10.00\nT2,Two,Tea,piece,20.00,\nT3,Three,,piece,,\n"
    )
    Path("units.csv").write_text("item,unit,factor\nT1,g,0.001\nT2,dozen,12\n")
    Path("accounts.csv").write_text("account,name,country\nA,A,NL\nB,B,NL\nC,C,BE\n")
    Path("lists.csv").write_text(HEAD + LISTS)
    Path("links.csv").write_text("price_list,account\nRETAIL,A\nhotels,C\n")
    done = segcli("import", "links.csv", "lists.csv", "units.csv", "items.csv", "accounts.csv")
    assert done.status == 0, done.err


@pytest.fixture
def prices(once: Once, empty: Path) -> Path:
    once(_prices)
    return empty


def price(segcli: Run, *words: object) -> tuple[float | None, float | None, str | None]:
    done = segcli("price", "-f", "json", *words)
    assert done.status == 0, done.err
    (row,) = done.rows
    return row["price"], row["amount"], row["price_list"]


def imported(segcli: Run, text: str, *words: str, name: str = "more.csv") -> int:
    return bring(segcli, text, *words, name=name).status
