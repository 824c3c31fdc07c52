"""Pricing: the worked cases PL-* of other systems, and what must hold of any price list."""

import ast
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcli.domain.prices import numbers
from segcli.domain.prices.answer import Answer, answer
from segcli.domain.prices.lists import Item, Line, PriceList, Question

DAY = "2026-06-30"
KG = Item("V", ("ALL",), "kg", "EUR", Fraction(10))


def line(price_list: str = "L", **fields: object) -> Line:
    """Return a line; numbers may be written as texts."""
    exact = {
        "minimum",
        "factor",
        "base_price",
        "new_price",
        "discount",
        "rounding",
        "surcharge",
        "minimum_margin",
        "maximum_margin",
    }
    return Line(price_list, **{k: Fraction(str(v)) if k in exact else v for k, v in fields.items()})  # type: ignore[arg-type]


def price_of(*lines: Line, item: Item = KG, quantity: object = 1, day: str = DAY, **fields: object) -> Answer:
    price_list = PriceList("L", lines=tuple(lines), **fields)  # type: ignore[arg-type]
    return answer(Question(item, Fraction(str(quantity)), day), [price_list], lambda _: None)


@pytest.mark.parametrize(
    ("item", "quantity", "expected"),
    [("P", 1, 10), ("V", 1, 11), ("P", 10, 9), ("P", -10, 9), ("V", 10, 8), ("P", "9.999", 10), ("V", -10, 8)],
)
def test_pl_01_breaks_returns_and_items_before_everything(item: str, quantity: object, expected: int) -> None:
    # PL-01: Tryton takes the first line that fits; here what says more about the item wins, in any order: the same prices.
    # Its 1000 g = 1 kg is below: quantities reach the pricing in the item's own unit.
    lines = [
        line(item="V", minimum=10, discount=20),
        line(minimum=10, discount=10),
        line(item="V", discount=-10),
        line(discount=0),
    ]
    for order in (lines, lines[::-1]):
        assert price_of(*order, item=replace(KG, code=item), quantity=quantity).price == expected


def test_pl_01_and_pl_06_units_of_the_line() -> None:
    per_dozen = line(unit="dozen", factor=12, minimum=1, new_price=200)
    found = price_of(per_dozen, quantity=12)
    assert found.price == Fraction(200, 12)
    assert numbers.amount(found.price, Fraction(12), "EUR") == 200_00, "what does not end is not rounded on the way"
    assert price_of(per_dozen, quantity=11).line is None
    grams = line(unit="g", factor="0.001", minimum=1000, discount=10)
    assert price_of(grams, quantity=1).price == 9
    assert price_of(grams, quantity="0.9").price == 10


@pytest.mark.parametrize(("groups", "expected"), [(("C",), 8), ((), 10), (("CHILD", "C"), 8), (("OTHER",), 10)])
def test_pl_02_groups_and_those_below_them(groups: tuple[str, ...], expected: int) -> None:
    assert (
        price_of(line(item_group="C", discount=20), line(discount=0), item=replace(KG, groups=groups)).price == expected
    )


def test_pl_02_from_the_cost_price() -> None:
    up = line(base="cost", discount=-20)
    for cost, expected in ((0, 0), (5, 6)):
        assert price_of(up, item=replace(KG, cost_price=Fraction(cost))).price == expected
    nothing = price_of(up, item=Item("V"))
    assert (nothing.price, nothing.line) == (None, None)
    assert nothing.verdicts[0].reason == "the item has no cost price"
    # PL-02 has a price of 8 for list_price*0.8 with base 0: its formula ignores the base it is given; ours has no such thing.


@pytest.mark.parametrize(
    ("start", "end", "day", "expected"),
    [
        ("2026-07-01", "", "2026-06-30", 10),
        ("2026-07-01", "", "2026-07-01", 9),
        ("", "2026-06-29", "2026-06-29", 9),
        ("", "2026-06-29", "2026-06-30", 10),
    ],
)
def test_pl_03_both_dates_are_included(start: str, end: str, day: str, expected: int) -> None:
    assert price_of(line(start=start, end=end, discount=10), day=day).price == expected


def test_pl_04_no_price_is_none() -> None:
    # PL-04: what is refused when it comes in (dates the wrong way, a line twice) is in test_price_lists.
    item = Item("D")
    assert (
        price_of(
            line(item="D", start="2017-04-10", end="2017-04-17", new_price=1000), item=item, day="2017-04-25"
        ).price
        is None
    )
    assert (
        price_of(line(item="D", start="2017-04-18", end="2017-04-26", new_price=20), item=item, day="2017-04-18").price
        == 20
    )
    assert price_of(line(item="D", new_price=10), item=item, day="2017-04-18").price == 10


@pytest.mark.parametrize(
    ("quantity", "unit", "expected"),
    [(3, 1, 20), (4, 1, 18), (5, 1, 18), (1, 12, 216), ("0.4", 12, 216), ("0.3", 12, 240)],
)
def test_pl_06_dozens(quantity: object, unit: int, expected: int) -> None:
    found = price_of(
        line(minimum=4, discount=10), item=Item("I", sales_price=Fraction(20)), quantity=Fraction(str(quantity)) * unit
    )
    assert found.price is not None
    assert found.price * unit == expected


def test_pl_08_periods_and_groups() -> None:
    item = Item("I", ("C",), sales_price=Fraction(1000))
    lines = [
        line(start="2011-12-27", end="2011-12-31", discount=30),
        # PL-08 has hours of the day (2020-04-06 09:00); our periods have whole days, the last one included.
        line(start="2020-04-06", end="2020-04-09", discount=50),
    ]
    days = ("2011-12-31", "2020-04-05", "2020-04-06", "2020-04-09", "2020-04-10")
    assert [price_of(*lines, item=item, day=day).price for day in days] == [700, 1000, 500, 500, 1000]
    five = line(item_group="C", minimum=2, discount=5)
    assert [price_of(five, item=item, quantity=n).price for n in (1, 5)] == [1000, 950]


def test_pl_09_a_list_on_top_of_another() -> None:
    item = Item("I", sales_price=Fraction(100))
    first = PriceList("A", lines=(line("A", discount=10),))
    second = PriceList("B", lines=(line("B", base="list", base_list="A", discount=10),))
    asked = Question(item, Fraction(1), DAY)
    found = answer(asked, [second], {"A": first}.get)
    assert found.price == 81
    assert [step.value for step in found.steps] == [90, 81]
    assert price_of(line(discount=-10), item=replace(item, sales_price=Fraction(20))).price == 22
    # The rate of a day is not ours: a list has its own, here the one that PL-09 has for that day.
    euros = price_of(line(discount=10), item=item, currency="USD", rate=Fraction(2))
    assert (euros.price, euros.currency) == (180, "USD")
    assert price_of(line(discount=10, factor=10), item=item, currency="USD", rate=Fraction(2)).price == 180


@pytest.mark.parametrize("codes", ["AB", "ABC", "ABCDEFGH"])
def test_lists_that_start_from_each_other_give_no_price(codes: str) -> None:
    pairs = zip(codes, codes[1:] + codes[0], strict=True)
    lists = {
        code: PriceList(code, lines=(line(code, base="list", base_list=base, discount=1),)) for code, base in pairs
    }
    asked = Question(Item("I", sales_price=Fraction(10)), Fraction(1), DAY)
    for code in codes:
        found = answer(asked, [lists[code]], lists.get)
        turned = codes[codes.index(code) :] + codes[: codes.index(code) + 1]
        reason = f"price lists start from each other: {' -> '.join(turned)}"
        assert (found.price, found.line, found.circle, found.verdicts[0].reason) == (None, None, reason, reason)


def test_a_circle_matters_only_where_its_line_counts() -> None:
    lists = {
        "A": PriceList(
            "A", lines=(line("A", base="list", base_list="B", discount=1), line("A", item="I", new_price=7))
        ),
        "B": PriceList("B", lines=(line("B", base="list", base_list="A", discount=1),)),
    }
    found = answer(Question(Item("I"), Fraction(1), DAY), [lists["A"]], lists.get)
    assert (found.price, found.circle) == (7, "")
    assert found.verdicts[1].reason == "price lists start from each other: A -> B -> A"
    other = answer(Question(Item("J", sales_price=Fraction(10)), Fraction(1), DAY), [lists["A"]], lists.get)
    assert (other.price, other.circle) == (None, "price lists start from each other: A -> B -> A")


def test_a_chain_of_lists_that_is_too_long_is_no_price() -> None:
    lists = {
        f"L{n}": PriceList(f"L{n}", lines=(line(f"L{n}", base="list", base_list=f"L{n + 1}", discount=0),))
        for n in range(500)
    }
    found = answer(Question(Item("I", sales_price=Fraction(10)), Fraction(1), DAY), [lists["L0"]], lists.get)
    assert (found.price, found.circle) == (None, "more than 100 price lists start from each other")
    near = answer(
        Question(Item("I", sales_price=Fraction(10)), Fraction(1), DAY),
        [lists["L450"]],
        {**lists, "L500": PriceList("L500")}.get,
    )
    assert near.price == 10


def test_pl_10_the_steps_in_their_order() -> None:
    item = Item("I", sales_price=Fraction("19.97"))
    found = price_of(line(discount=10, rounding=1, surcharge="-0.01", minimum_margin=0, maximum_margin=0), item=item)
    assert [(step.name, str(numbers.shown(step.value).normalize())) for step in found.steps] == [
        ("sales price", "19.97"), ("discount", "17.973"), ("rounding", "18"), ("surcharge", "17.99"),
    ]  # fmt: skip
    assert found.price == Fraction("17.99")
    limits = {"base": "cost", "surcharge": 1}
    made = replace(item, cost_price=Fraction(10))
    assert price_of(line(**limits, minimum_margin=3), item=made).price == 13
    assert price_of(line(**limits, minimum_margin=3, maximum_margin=2), item=made).price == 12, "the maximum comes last"


def test_pl_13_prices_keep_their_decimals() -> None:
    # PL-13 makes a new version of a list; here the next period is another row. What it says of 9.99 + 3.3 %: unrounded.
    assert price_of(line(discount="-3.3"), item=Item("I", sales_price=Fraction("9.99"))).price == Fraction("10.31967")


@pytest.mark.parametrize(("rate", "expected"), [("1.5", [210, 300]), ("2.0", [280, 400])])
def test_pl_14_the_rate_of_the_list(rate: str, expected: list[int]) -> None:
    # PL-14 takes the rate of the day, or the list's own; here a list has a rate, and without one there is no conversion.
    items = [Item("I", sales_price=Fraction(price)) for price in (140, 200)]
    assert [
        price_of(line(discount=0), item=item, currency="USD", rate=Fraction(rate)).price for item in items
    ] == expected
    without = price_of(line(discount=0), item=items[0], currency="USD")
    assert (without.price, without.currency, without.line) == (140, "EUR", None)
    assert "the list has no rate to USD" in without.verdicts[0].reason
    assert (
        price_of(line(discount=0), item=replace(items[0], currency="GBP"), currency="USD", rate=Fraction(2)).currency
        == "GBP"
    )


def test_what_comes_first() -> None:
    offer, basic = line(is_offer=True, discount=5), line(item="V", discount=50)
    found = price_of(basic, offer)
    assert (found.price, found.verdicts[1].reason) == (Fraction("9.5"), "a special offer wins")
    old, new = line(start="2025-01-01", discount=50), line(start="2026-01-01", discount=5)
    assert price_of(old, new).price == Fraction("9.5")
    own, standard = (
        PriceList("O", lines=(line("O", discount=1),)),
        PriceList("S", is_standard=True, lines=(line("S", item="V", discount=9),)),
    )
    asked = Question(KG, Fraction(1), DAY)
    assert answer(asked, [standard, own], lambda _: None).price == Fraction("9.9")
    assert answer(asked, [standard], lambda _: None).price == Fraction("9.1")


def test_less_than_nothing_is_no_price() -> None:
    found = price_of(line(surcharge=-11), line(minimum=5, discount=1))
    assert (found.price, found.line) == (10, None)
    assert "it comes to less than nothing (-1)" in {verdict.reason for verdict in found.verdicts}


NUMBER = st.decimals("0.000001", "1000000", places=6)
PERCENT = st.decimals("-50", "100", places=3)
LINES = st.builds(
    line,
    is_offer=st.booleans(),
    start=st.sampled_from(["", "2026-01-01", "2026-06-30", "2026-07-01"]),
    end=st.sampled_from(["", "2026-06-29", "2026-06-30", "2026-12-31"]),
    item=st.just(""),
    item_group=st.sampled_from(["", "ALL", "X"]),
    minimum=st.integers(0, 4),
    discount=PERCENT,
    rounding=st.sampled_from(["0", "0.05", "1"]),
    surcharge=st.sampled_from(["0", "-0.01", "2.5"]),
    minimum_margin=st.sampled_from(["0", "1"]),
    maximum_margin=st.sampled_from(["0", "3"]),
)


@given(st.lists(LINES, max_size=8), st.integers(-5, 5), st.randoms(use_true_random=False), NUMBER)
def test_the_order_of_rows_never_decides(
    lines: list[Line], quantity: int, chance: random.Random, price: object
) -> None:
    item = replace(KG, sales_price=Fraction(str(price)))
    shuffled = list(lines)
    chance.shuffle(shuffled)
    assert price_of(*lines, item=item, quantity=quantity) == price_of(*shuffled, item=item, quantity=quantity)
    assert price_of(*lines, item=item, quantity=quantity).price == price_of(*lines, item=item, quantity=-quantity).price


@given(LINES, PERCENT, NUMBER)
def test_a_larger_discount_never_raises_the_price(one: Line, discount: object, price: object) -> None:
    item = replace(KG, groups=("ALL", "X"), sales_price=Fraction(str(price)))
    always = {"start": "", "end": "", "minimum": Fraction(0), "surcharge": Fraction(1)}
    less, more = sorted((one.discount or Fraction(0), Fraction(str(discount))))
    dear, cheap = (price_of(replace(one, **always, discount=part), item=item).price for part in (less, more))  # type: ignore[arg-type]
    assert dear is not None
    assert cheap is not None
    assert cheap <= dear


@given(
    st.dictionaries(st.integers(0, 50), st.decimals("0", "100", places=2), min_size=1, max_size=6), st.integers(0, 60)
)
def test_breaks_that_give_more_never_cost_more(breaks: dict[int, object], quantity: int) -> None:
    discounts = sorted(Fraction(str(part)) for part in breaks.values())
    lines = [
        replace(line(minimum=minimum), discount=part) for minimum, part in zip(sorted(breaks), discounts, strict=True)
    ]
    here, above = (price_of(*lines, quantity=n).price for n in (quantity, quantity + 1))
    assert here is not None
    assert above is not None
    assert above <= here
    reached = [part for minimum, part in zip(sorted(breaks), discounts, strict=True) if minimum <= quantity]
    assert here == 10 * (100 - (reached[-1] if reached else 0)) / Fraction(100)


@given(NUMBER, PERCENT, st.sampled_from(["0.05", "0.25", "1", "0.000003"]), st.decimals("-1", "1", places=4))
def test_exact_against_fractions(price: object, discount: object, step: str, surcharge: object) -> None:
    base, part, to, more = (Fraction(str(value)) for value in (price, discount, step, surcharge))
    after = base - base * part / 100
    whole, rest = divmod(after, to)
    after = (whole + (1 if rest * 2 >= to else 0)) * to + more
    found = price_of(line(discount=discount, rounding=step, surcharge=surcharge), item=replace(KG, sales_price=base))
    assert found.price == (after if after >= 0 else base)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=9))
def test_numbers_there_and_back(value: object) -> None:
    text = numbers.canonical(f"{value:f}")
    assert Fraction(text) == Fraction(str(value))
    assert numbers.canonical(text) == text == numbers.words(Fraction(text))
    assert numbers.canonical(f"+00{abs(Fraction(text)).numerator}.000") == str(abs(Fraction(text)).numerator)


@pytest.mark.parametrize(
    ("price", "quantity", "minor"), [("0.0125", 1000, 1250), ("0.005", 1, 1), ("0.005", -1, -1), ("0.0049", 1, 0)]
)
def test_amounts_are_rounded_once(price: str, quantity: int, minor: int) -> None:
    assert numbers.amount(Fraction(price), Fraction(quantity), "EUR") == minor


def test_the_pricing_knows_no_database_and_no_float() -> None:
    for path in Path(numbers.__file__).parent.glob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        assert not {"sqlite3", "typer", "datetime", "random"} & names
        assert not [node for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, float)]
        assert not [node for node in nodes if isinstance(node, ast.Name) and node.id == "float"]
