"""The default rounding of new subscription prices by currency, and their change in the preview."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Run

UPDATE = ("run", "update-subscription-prices", "--config", "config.yaml", "--from", "2026-07-01")
LINES = """subscription,line_number,description,quantity,unit_price
E,1,Cents,1,19.99
E,2,Finer than a cent,1000,0.0045
J,1,Yen,1,1050
S,1,Francs,1,10.00
S,2,Free,1,0
"""


@pytest.fixture
def priced(segcli: Run, empty: Path) -> Path:
    Path("config.yaml").write_text("letters: {name: Ours}\n")
    Path("a.csv").write_text("account,name\nA,Ann\n")
    Path("t.csv").write_text("subscription_type,frequency,timing\nM,monthly,advance\n")
    Path("s.csv").write_text(
        "subscription_number,account,subscription_type,start_date,currency\n"
        "E,A,M,2026-01-01,EUR\nJ,A,M,2026-01-01,JPY\nS,A,M,2026-01-01,CHF\n"
    )
    Path("l.csv").write_text(LINES)
    for name in "atsl":
        done = segcli("import", f"{name}.csv")
        assert done.status == 0, done.err
    return empty


def shown(segcli: Run, *flags: str) -> dict[tuple[str, int], tuple[Any, ...]]:
    done = segcli(*UPDATE, *flags, "-f", "json")
    assert done.status == 0, done.err
    names = ("new_price", "price_difference", "change_percent")
    return {(row["subscription"], row["line"]): tuple(row[name] for name in names) for row in done.rows}


def test_without_configuration_the_minor_unit_or_the_decimals_of_the_old_price(segcli: Run, priced: Path) -> None:
    """3.3 %: 19.99 is 20.64967, 0.0045 is 0.0046485, 1050 is 1084.65, 10 is 10.33. Percentages are of the rounded prices."""
    assert shown(segcli, "--percent", "3.3") == {
        ("E", 1): (20.65, 0.66, 3.3),  # 0.66 / 19.99 = 3.3016… %
        ("E", 2): (0.0046, 0.0001, 2.22),  # 0.0001 / 0.0045 = 2.222… %
        ("J", 1): (1085, 35, 3.33),  # 35 / 1050 = 3.333… %
        ("S", 1): (10.33, 0.33, 3.3),
        ("S", 2): (None, None, None),  # unchanged
    }


def test_the_configured_step_and_what_takes_its_place(segcli: Run, priced: Path) -> None:
    Path("config.yaml").write_text("rounding: {JPY: 10, CHF: 0.05}\n")
    found = shown(segcli, "--percent", "3.3")
    assert (found["J", 1][0], found["S", 1][0], found["E", 1][0]) == (1080, 10.35, 20.65)
    assert found["J", 1][2] == 2.86  # 30 / 1050 = 2.857… %
    assert shown(segcli, "--percent", "3.3", "--round-to", "0.5")["S", 1][0] == 10.5
    assert shown(segcli, "--percent", "3.3", "--ending", "0.95")["S", 1][0] == 9.95  # not from 10.35
    assert shown(segcli, "--amount", "0.12")["S", 1][:2] == (10.1, 0.1)
    assert shown(segcli, "--amount", "2.5")["S", 2] == (2.5, 2.5, None)  # no percentage of 0
    Path("p.csv").write_text("subscription,line,price\nS,1,10.33\n")
    assert shown(segcli, "--prices", "p.csv", "--subscription", "S")["S", 1][0] == 10.33  # a file says what it means


def test_people_read_two_decimals(segcli: Run, priced: Path) -> None:
    text = segcli(*UPDATE, "--percent", "3.3", "--columns", "subscription,change_percent", "-f", "plain").out
    assert "3.30 %" in text
    assert "2.22 %" in text


@pytest.mark.parametrize("given", ["EURO: 1", "EUR: 0", "EUR: many", "EUR: -1"])
def test_a_wrong_step_is_refused(segcli: Run, priced: Path, given: str) -> None:
    Path("config.yaml").write_text(f"rounding: {{{given}}}\n")
    done = segcli(*UPDATE, "--percent", "3")
    assert done.status == 1
    assert f"rounding.{given.partition(':')[0]}" in done.err
