"""BG/NBD, Gamma-Gamma and lifetime value: against scipy, mpmath and integration (worked out elsewhere), and published figures.

The published ones need the CDNOW data: see support/published.py. What stands here as a number was worked out with scipy 1.17 and mpmath 1.4 from the definitions.
"""

import csv
import math
import random
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from purchases import histories_of
from support import published

from segcli.base.errors import SegcliError, UsageError
from segcli.base.text import counted
from segcli.domain.scoring import bgnbd, churn, gamma_gamma, lifetime
from segcli.domain.scoring.bgnbd_surface import Surface as Buying
from segcli.domain.scoring.fitting import doubts
from segcli.domain.scoring.gamma_gamma_surface import Surface as Spending
from segcli.domain.scoring.newton import Place, Top, climb
from segcli.domain.scoring.simplex import lowest
from segcli.domain.scoring.special import digamma, trigamma

# 60 accounts made by a simulation, in weeks: x, t, T
ACCOUNTS = [(int(x), float(t), float(until)) for x, t, until in (row.split(",") for row in ["0,0,23", "0,0,23", "0,0,28", "0,0,28", "0,0,31", "0,0,34", "0,0,41", "0,0,41", "0,0,42", "0,0,45", "0,0,48", "0,0,52", "1,1,39", "1,2,41", "1,2,41", "1,2,42", "1,3,22", "1,3,48", "1,4,29", "1,4,29", "1,5,28", "1,5,41", "1,7,35", "1,8,25", "1,9,27", "1,9,45", "1,11,35", "1,11,42", "1,16,24", "1,18,23", "1,19,28", "1,21,47", "1,24,43", "1,26,50", "1,29,35", "1,30,43", "1,47,48", "2,8,24", "2,11,45", "2,17,26", "2,19,40", "2,21,33", "2,32,32", "2,37,37", "2,38,52", "2,44,44", "3,7,34", "3,20,33", "3,23,52", "3,24,31", "3,39,44", "4,10,28", "4,46,46", "5,20,20", "5,40,50", "6,18,20", "6,23,47", "7,11,51", "7,19,20", "7,29,32"])]  # fmt: skip
# and what 48 of them spent on average: x, m
AMOUNTS = [(int(x), float(m)) for x, m in (row.split(",") for row in ["1,477", "1,1131", "1,1239", "1,1641", "1,1702", "1,1772", "1,1913", "1,1986", "1,2149", "1,3109", "1,3212", "1,3223", "1,3308", "1,3479", "1,3934", "1,4264", "1,4602", "1,5192", "1,6126", "1,7257", "1,8833", "1,9438", "1,9457", "1,12316", "1,12489", "2,1085", "2,1556", "2,1830", "2,1925", "2,1982", "2,2337", "2,2663", "2,3753", "2,12909", "3,2503", "3,2511", "3,4851", "3,5574", "3,6896", "4,4182", "4,6187", "5,2155", "5,8067", "6,1060", "6,4707", "7,1129", "7,1896", "7,8557"])]  # fmt: skip


def numbered(
    rows: list[tuple[int, ...]] | list[tuple[int, float, float]] | list[tuple[int, float]],
) -> list[tuple[int, ...]]:
    return [(at, *row) for at, row in enumerate(rows)]  # type: ignore[misc]


def bought(r: float, alpha: float, a: float, b: float) -> bgnbd.Fit:
    return bgnbd.Fit(r, alpha, a, b, 0.0, 0, True, 1, 1, 1)


def more_purchases(fit: bgnbd.Fit, x: int, last: float, until: float, time: float) -> float:
    """Return the expected purchases within `time` given the history: equation 10 of Fader, Hardie and Lee."""
    return bgnbd.alive(fit, x, last, until) * bgnbd.while_alive(fit, x, until, time)


def spent(p: float, q: float, v: float) -> gamma_gamma.Fit:
    return gamma_gamma.Fit(p, q, v, 0.0, 0, True, 1, 0, 1)


# the pieces
@pytest.mark.parametrize(
    ("x", "first", "second"),  # scipy.special.digamma and polygamma(1, x)
    [(0.1, -10.423754940411076, 101.43329915079275), (9.5, 2.1977378764029494, None), (1e-5, None, 10000000001.644913)],
)
def test_derivatives_of_lgamma(x: float, first: float | None, second: float | None) -> None:
    if first is not None:
        assert digamma(x) == pytest.approx(first, rel=1e-14)
    if second is not None:
        assert trigamma(x) == pytest.approx(second, rel=1e-14)
    assert digamma(1) == pytest.approx(-0.5772156649015329, rel=1e-14)  # less Euler's constant
    assert trigamma(1) == pytest.approx(math.pi**2 / 6, rel=1e-14)


def test_the_simplex_finds_the_bottom_of_a_bent_valley() -> None:
    found = lowest(
        lambda p: 100 * (p[1] - p[0] ** 2) ** 2 + (1 - p[0]) ** 2, (-1.2, 1.0), tolerance=1e-9
    )  # Rosenbrock's
    assert found.is_converged
    assert found.point == pytest.approx((1, 1), abs=1e-6)
    endless = lowest(lambda p: -p[0] - p[1], (0.0, 0.0), most=200)
    assert (endless.is_converged, endless.asked < 210) == (False, True)


def test_newton_stops_at_the_top_and_at_the_border() -> None:
    def hill(point: tuple[float, ...]) -> Place:
        x, y = point
        return Place(-math.cosh(x - 1) - (y + x) ** 2, [-math.sinh(x - 1) - 2 * (y + x), -2 * (y + x)],
                     [[-math.cosh(x - 1) - 2, -2.0], [-2.0, -2.0]])  # fmt: skip

    top = climb(hill, (4.0, 4.0), 12.0)
    assert (top.is_converged, top.is_at_border) == (True, False)
    assert top.point == pytest.approx((1, -1), abs=1e-6)
    assert top.errors == pytest.approx((1, math.sqrt(1.5)))  # the inverse of [[3, 2], [2, 2]] has 1 and 1.5
    slope = climb(lambda p: Place(-math.exp(-p[0]), [math.exp(-p[0])], [[-math.exp(-p[0])]]), (0.0,), 12.0)
    assert slope.is_converged or slope.is_at_border
    # every way leads down although the slope says up: steps become short, which is no top
    assert not climb(lambda p: Place(-float(p != (0.0,)), [1.0], [[-1.0]]), (0.0,), 12.0).is_converged


@pytest.mark.parametrize(
    ("make", "points"),
    [
        (lambda: Buying(Counter(ACCOUNTS)), [(0.1, 1.2, -0.3, 0.9), (-2.0, 3.0, 1.0, -1.0)]),
        (lambda: Spending(Counter(AMOUNTS)), [(0.3, 1.2, 8.0), (2.0, -0.5, 6.0)]),
    ],
)
def test_slope_and_curvature_are_those_of_the_height(
    make: Callable[[], Buying | Spending], points: list[tuple[float, ...]]
) -> None:
    surface, step = make(), 1e-5
    for point in points:
        here = surface(point)
        assert here.height == surface.height(point)
        for at in range(len(point)):
            up = tuple(p + step * (i == at) for i, p in enumerate(point))
            down = tuple(p - step * (i == at) for i, p in enumerate(point))
            assert here.slope[at] == pytest.approx(
                (surface.height(up) - surface.height(down)) / 2 / step, rel=1e-6, abs=1e-4
            )
            bent = [(u - d) / 2 / step for u, d in zip(surface(up).slope, surface(down).slope, strict=True)]
            assert here.curvature[at] == pytest.approx(bent, rel=1e-6, abs=1e-4)


# BG/NBD
def test_the_fit_is_the_one_that_scipy_finds() -> None:
    found = bgnbd.fit(bgnbd.counted(numbered(ACCOUNTS)))
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx(
        (1.02307191, 10.35208785, 0.85413603, 1.62941456), rel=1e-5
    )
    assert found.log_likelihood == pytest.approx(-410.83114916633485, abs=1e-6)
    assert (found.accounts, found.returned, found.triples, found.is_converged) == (60, 48, 55, True)
    assert found.errors == pytest.approx(
        (0.29615391, 0.38953931, 1.04826577, 1.314021), rel=1e-4
    )  # its second differences
    assert "hardly determine a parameter" in found.doubts[0]  # 60 accounts do not tell a and b apart
    assert found.doubts


def test_the_fit_knows_neither_order_nor_unit_of_time() -> None:
    one = bgnbd.fit(bgnbd.counted(numbered(ACCOUNTS)))
    mixed = numbered(ACCOUNTS)
    random.Random(4).shuffle(mixed)
    other = bgnbd.fit(bgnbd.counted(mixed))
    assert other == one  # to the last digit: sums of floats are made in one order
    days = bgnbd.fit(bgnbd.counted((at, x, 7 * t, 7 * until) for at, x, t, until in numbered(ACCOUNTS)))
    assert (days.r, days.alpha / 7, days.a, days.b) == pytest.approx((one.r, one.alpha, one.a, one.b), rel=1e-9)
    assert bgnbd.alive(days, 3, 140, 231) == pytest.approx(bgnbd.alive(one, 3, 20, 33))


def test_one_account_by_integrating_the_definition() -> None:
    """X 3, t 20, T 40: integrals over the purchase rate and the chance of leaving, by scipy.integrate.dblquad."""
    fit = bought(0.6, 8.0, 0.9, 2.1)
    assert bgnbd.alive(fit, 3, 20.0, 40.0) == pytest.approx(0.3955504396653579, rel=1e-8)
    assert more_purchases(fit, 3, 20.0, 40.0, 13.0) == pytest.approx(0.35389043507465606, rel=1e-8)
    height = Buying({(3, 20.0, 40.0): 1}).height(tuple(map(math.log, (0.6, 8.0, 0.9, 2.1))))
    assert height == pytest.approx(-11.656510430060202, rel=1e-8)


@pytest.mark.parametrize(
    ("r", "alpha", "a", "b", "time", "expected"),  # (a+b-1)/(a-1) (1 - (alpha/(alpha+t))^r 2F1(...)) with 40 digits by mpmath
    [
        (0.243, 4.414, 0.793, 2.426, 39, 1.1967231933208), (2.5, 10, 1, 3, 52, 4.957081058204), (0.5, 3, 0.2, 0.3, 1000, 39.520302913933),
        (1.2, 20, 3, 0.5, 0.01, 0.00059971727688841), (1000.5, 120, 0.8, 1002.4, 52, 373.5483706601),
        (20000, 100, 0.7, 20002, 30, 5459.3561799128),
    ],
)  # fmt: skip
def test_expected_purchases_with_many_digits(  # noqa: PLR0913 - a table of cases
    r: float, alpha: float, a: float, b: float, time: float, expected: float
) -> None:
    assert bgnbd.purchases(bought(r, alpha, a, b), time) == pytest.approx(expected, rel=1e-11)


@settings(max_examples=40)
@given(st.floats(0.05, 50), st.floats(0.5, 100), st.floats(0.3, 5), st.floats(0.3, 20), st.floats(0.1, 200))
def test_expected_purchases_by_integration(r: float, alpha: float, a: float, b: float, time: float) -> None:
    """The mean over p from Beta(a, b) of (1 - (alpha / (alpha + p t))^r) / p, by steps of the logit of p."""
    total, weights = 0.0, 0.0
    for step in range(-6000, 6001):
        u = step / 50
        p = 1 / (1 + math.exp(-u))
        weight = math.exp(a * math.log(p) - b * math.log1p(math.exp(u)))
        weights += weight
        total += weight * -math.expm1(-r * math.log1p(p * time / alpha)) / p
    assert bgnbd.purchases(bought(r, alpha, a, b), time) == pytest.approx(total / weights, rel=1e-8)


@given(st.integers(0, 60), st.floats(0.01, 1), st.floats(1, 400), st.floats(0.1, 50))
def test_predictions_keep_their_bounds(x: int, part: float, until: float, time: float) -> None:
    fit = bought(0.243, 4.414, 0.793, 2.426)
    last = part * until if x else 0.0
    alive, more = bgnbd.alive(fit, x, last, until), more_purchases(fit, x, last, until, time)
    assert 0 <= alive <= 1
    assert alive == 1 or x
    assert 0 <= more <= (fit.r + x) * time / (fit.alpha + until) * (1 + 1e-9)  # what would come if nobody left
    assert more_purchases(fit, x, last, until, 2 * time) >= more
    if x:
        assert bgnbd.alive(fit, x, min(until, last * 1.1), until) >= alive  # who bought later is rather alive


@pytest.mark.parametrize(
    "row",
    [
        (-1, 0.0, 5.0),
        (1, 6.0, 5.0),
        (0, 3.0, 5.0),
        (2, 0.0, 5.0),
        (1, -1.0, 5.0),
        (1, 1.0, math.inf),
        (1, math.nan, 5.0),
    ],
)
def test_what_cannot_be_is_named(row: tuple[int, float, float]) -> None:
    with pytest.raises(SegcliError, match="C17"):
        bgnbd.counted([("C17", *row)])


def test_nobody_came_back() -> None:
    with pytest.raises(SegcliError, match=r"second day \(5 accounts selected\)"):
        bgnbd.fit({(0, 0.0, 30.0): 5})
    with pytest.raises(SegcliError, match=r"second day \(0 accounts selected\)"):
        bgnbd.fit({})


EXTREME: dict[str, dict[tuple[int, float, float], int]] = {
    "one account": {(3, 50.0, 100.0): 1},
    "all the same": {(5, 60.0, 100.0): 1000},
    "nobody ever leaves": {(x, 100.0, 100.0): 50 for x in range(1, 20)},
    "huge counts": {(1_000_000, 700.0, 730.0): 5, (0, 0.0, 730.0): 100, (10, 100.0, 730.0): 7},
    "a huge count alone": {(10**9, 700.0, 730.0): 1},
    "since today": {(0, 0.0, 0.0): 1000, (1, 1.0, 1.0): 3},
    "no time at all": {(3, 1e-9, 1e-9): 10, (1, 5e-10, 1e-9): 3},
    "all of time": {(3, 1e12, 1e12): 10, (1, 5e11, 1e12): 3, (0, 0.0, 1e12): 5},
    "both": {(3, 1e-6, 1e9): 10, (1, 1e9, 1e9): 3, (0, 0.0, 1e9): 5},
    "a billion accounts": {
        (3, 10.0, 30.0): 10**9,
        (1, 20.0, 30.0): 10**9,
        (0, 0.0, 30.0): 10**9,
        (7, 30.0, 31.0): 10**8,
    },
    "one of many came back": {(0, 0.0, 300.0): 10**5, (1, 3.0, 300.0): 1},
}


@pytest.mark.parametrize("name", EXTREME)
def test_extreme_data_end_in_a_fit_that_is_not_trusted(name: str) -> None:
    found = bgnbd.fit(EXTREME[name])
    assert found.doubts
    assert found.doubts[0].startswith(f"only {counted(found.returned, 'account')} bought") == (found.returned < 30)
    assert found.iterations < 1000
    assert all(math.isfinite(value) and value > 0 for value in (found.r, found.alpha, found.a, found.b))
    x, last, until = max(EXTREME[name])
    assert 0 <= bgnbd.alive(found, x, last, until) <= 1


def test_what_cannot_be_reckoned_is_said() -> None:
    with pytest.raises(SegcliError, match="cannot be calculated"):
        bgnbd.purchases(bought(1e9, 1e-3, 1, 1), 365)
    with pytest.raises(SegcliError, match="no time"):
        bgnbd.purchases(bought(1, 1, 1, 1), -1)
    assert bgnbd.purchases(bought(1, 1, 1, 1), 0) == 0


# Gamma-Gamma
def test_the_amounts_are_fitted_as_scipy_does() -> None:
    found = gamma_gamma.fit(*gamma_gamma.counted(numbered([*AMOUNTS, (0, 0.0), (2, -5.0)])))
    assert (found.p, found.q, found.v) == pytest.approx((5.27604517, 2.65619889, 1418.1518035), rel=1e-5)
    assert found.log_likelihood == pytest.approx(-442.98970746317553, abs=1e-6)
    assert (found.accounts, found.left_out, found.pairs, found.is_converged) == (48, 2, 48, True)
    assert found.errors == pytest.approx((0.76550673, 0.29549193, 1.04447951), rel=1e-4)
    assert gamma_gamma.fit(*gamma_gamma.counted(numbered(AMOUNTS))).correlation == pytest.approx(-0.0533582461260147)


def test_the_amounts_know_no_unit() -> None:
    one = gamma_gamma.fit(Counter(AMOUNTS))
    cents = gamma_gamma.fit(Counter((x, m * 100) for x, m in AMOUNTS))
    assert (cents.p, cents.q, cents.v / 100) == pytest.approx((one.p, one.q, one.v), rel=1e-9)
    assert gamma_gamma.value(cents, 2, 50_000.0) == pytest.approx(100 * (gamma_gamma.value(one, 2, 500.0) or 0))


def test_the_amounts_know_no_order() -> None:
    mixed = [(x, m / 3) for x, m in AMOUNTS]
    one = gamma_gamma.fit(Counter(mixed))
    for seed in range(5):
        random.Random(seed).shuffle(mixed)
        assert gamma_gamma.fit(Counter(mixed)) == one


def test_the_value_of_a_purchase_by_integrating_the_definition() -> None:
    """P 2, q 3.5, v 15; three purchases of 20: integrals over the scale of an account, by scipy.integrate.quad."""
    fit = spent(2.0, 3.5, 15.0)
    assert gamma_gamma.value(fit, 3, 20.0) == pytest.approx(17.647058823529, rel=1e-11)
    assert Spending({(3, 20.0): 1}).height(tuple(map(math.log, (2, 3.5, 15)))) == pytest.approx(
        -4.266758199290453, rel=1e-10
    )
    assert gamma_gamma.value(fit, 0, 0.0) == fit.mean == 12  # 2 * 15 / 2.5
    assert 12 < (gamma_gamma.value(fit, 1, 20.0) or 0) < (gamma_gamma.value(fit, 3, 20.0) or 0) < 20
    assert gamma_gamma.value(spent(2.0, 0.9, 15.0), 0, 0.0) is None
    assert gamma_gamma.value(spent(0.05, 0.9, 15.0), 1, 20.0) is None


@pytest.mark.parametrize(
    "pairs",
    [
        {(3, 10.0): 1}, {(3, 10.0): 1000}, {(x, 10.0): 10 for x in range(1, 30)}, {(1, float(m)): 1 for m in range(1, 500)},
        {(10**6, 1e12): 10, (1, 1.0): 10, (3, 50.0): 100}, {(1, 1e-300): 1, (2, 1.0): 1}, {(1, 1e-3): 50, (1, 1e15): 50, (5, 1e4): 30},
    ],
)  # fmt: skip
def test_extreme_amounts_end_in_a_fit_that_is_not_trusted(pairs: dict[tuple[int, float], int]) -> None:
    found = gamma_gamma.fit(pairs)
    assert found.doubts
    assert found.iterations < 1000
    assert all(math.isfinite(value) and value > 0 for value in (found.p, found.q, found.v))


def test_no_amounts() -> None:
    with pytest.raises(SegcliError, match=r"more than zero \(1 account selected\)"):
        gamma_gamma.fit(*gamma_gamma.counted([("a", 0, 0.0)]))
    with pytest.raises(SegcliError, match="C17"):
        gamma_gamma.counted([("C17", 1, math.nan)])
    assert gamma_gamma.fit({(1, 5.0): 3}).correlation is None


# lifetime value
def test_lifetime_value_is_what_the_months_add_up_to() -> None:
    buying, spending = bought(0.243, 4.414, 0.793, 2.426), spent(6.25, 3.74, 15.44)
    rows = [("a", 2, 30.43, 38.86, 22.35), ("b", 0, 0.0, 38.86, 0.0)]
    first, second = lifetime.lifetimes(buying, spending, rows, lifetime.Terms(12, 0.01, 4.345))
    reached = [more_purchases(buying, 2, 30.43, 38.86, 4.345 * i) for i in range(13)]
    average = 6.25 * (15.44 + 2 * 22.35) / (6.25 * 2 + 3.74 - 1)
    assert first.average == pytest.approx(average)
    months = [after - before for before, after in pairwise(reached)]
    assert first.value == pytest.approx(sum(average * more / 1.01**i for i, more in enumerate(months, 1)))
    assert (first.purchases, second.alive) == (pytest.approx(reached[-1]), 1)
    assert second.average == spending.mean
    (plain,) = lifetime.lifetimes(buying, spending, rows[:1], lifetime.Terms(12, 0.0, 4.345))
    assert plain.value == pytest.approx(average * reached[-1])
    (none,) = lifetime.lifetimes(buying, spent(1, 0.5, 1), rows[1:], lifetime.Terms())
    assert (none.average, none.value) == (None, None)
    with pytest.raises(UsageError, match="no sense"):
        lifetime.Terms(months=0)


# the published figures
@pytest.fixture
def cdnow() -> Path:
    """Return the folder of the CDNOW data, or skip the test where it is not named."""
    return published.folder("CDNOW_FOLDER")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def summary(folder: Path) -> list[tuple[str, int, float, float]]:
    rows = read(folder / "cdnow_customers_summary.csv")
    return [(row["ID"], int(row["frequency"]), float(row["recency"]), float(row["T"])) for row in rows]


def test_cdnow_as_published(cdnow: Path) -> None:
    rows = summary(cdnow)
    found = bgnbd.fit(bgnbd.counted(rows))
    assert (found.accounts, found.returned, found.triples, found.doubts) == (2357, 946, 1016, ())
    assert [round(v, 3) for v in (found.r, found.alpha, found.a, found.b)] == [0.243, 4.414, 0.793, 2.426]
    assert [round(v, 4) for v in (found.r, found.a, found.b)] == [0.2426, 0.7929, 2.4258]
    assert round(found.log_likelihood, 4) == -9582.4256
    # Hardie's spreadsheet, as in the tests of lifetimes
    expected = {0.1429: 0.0078, 1.0: 0.0532, 3.0: 0.1506, 31.8571: 1.0405, 32.0: 1.0437, 78.0: 1.8576}
    assert [bgnbd.purchases(found, time) for time in expected] == pytest.approx(list(expected.values()), abs=5e-4)
    assert more_purchases(found, 2, 30.43, 38.86, 39) == pytest.approx(1.226, abs=5e-4)
    assert bgnbd.alive(found, 0, 0, 1) == 1
    assert round(sum(more_purchases(found, *row[1:], 39) for row in rows)) == 1653  # 1,882 came


def area(score: dict[str, float], again: set[str]) -> float:
    """Return the area under the ROC curve: how often one who bought again is scored above one who did not."""
    ascending = sorted(score.values())
    ranks = {
        value: (bisect_left(ascending, value) + bisect_right(ascending, value) + 1) / 2 for value in set(ascending)
    }
    found = [ranks[score[id_]] for id_ in score if id_ in again]
    return (sum(found) - len(found) * (len(found) + 1) / 2) / (len(found) * (len(score) - len(found)))


def test_cdnow_from_its_purchase_log(cdnow: Path) -> None:
    """39 weeks to fit, 39 to see who buys again; the areas were worked out apart from this code."""
    lines = [line.split() for line in (cdnow / "CDNOW_sample.txt").read_text().splitlines()]
    bought = [(id_, date(int(day[:4]), int(day[4:6]), int(day[6:]))) for _, id_, day, _, _ in lines]
    end = date(1997, 9, 30)
    found = histories_of(bought, end)
    fit = bgnbd.fit(bgnbd.counted((h.id, *h.triple(end)) for h in found))
    assert [round(v, 3) for v in (fit.r, fit.alpha / 7, fit.a, fit.b)] == [0.243, 4.414, 0.793, 2.426]
    later = {row for row in bought if row[1] > end}
    assert (len(found), len(later)) == (2357, 1882)
    again = {id_ for id_, _ in later}
    repeat = {h.id for h in found if len(h.days) > 1}
    assert (len(repeat), len(repeat & again)) == (946, 491)
    alive = {h.id: bgnbd.alive(fit, *h.triple(end)) for h in found}
    expected = {h.id: more_purchases(fit, *h.triple(end), 39 * 7) for h in found}
    risks = {risk.id: risk for risk in churn.churn(found, end, churn.usual_gap(found))}
    assert round(area({id_: -risks[id_].silent for id_ in repeat}, again), 3) == 0.712
    assert round(area({id_: alive[id_] for id_ in repeat}, again), 3) == 0.698
    assert round(area({id_: expected[id_] for id_ in repeat}, again), 3) == 0.728
    assert round(area({id_: -risk.silent for id_, risk in risks.items()}, again), 3) == 0.771
    assert round(area({h.id: len(h.days) for h in found}, again), 3) == 0.758


def test_cdnows_amounts_as_published(cdnow: Path) -> None:
    rows = [
        (r["ID"], int(r["x"]), float(r["zbar"])) for r in read(cdnow / "cdnow_customers_summary_with_transactions.csv")
    ]
    pairs, left_out = gamma_gamma.counted(rows)
    found = gamma_gamma.fit(pairs, left_out)
    assert (found.p, found.q, found.v) == pytest.approx((6.25, 3.74, 15.44), abs=0.01)
    assert [round(v, 3) for v in (found.p, found.q, found.v)] == [6.249, 3.745, 15.448]
    assert (found.accounts, found.left_out, found.doubts) == (946, 1411, ())
    fit = spent(6.25, 3.74, 15.44)
    expected = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]  # Hardie's spreadsheet
    assert [gamma_gamma.value(fit, x, mean) for _, x, mean in rows[:10]] == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(
    ("top", "said"),
    [
        (Top((0.0,), 0.0, 5, is_converged=True, is_at_border=False, errors=(0.1,)), []),
        (
            Top((0.0,), 0.0, 5, is_converged=False, is_at_border=False, errors=(0.1,)),
            ["the model did not converge; estimates are unreliable"],
        ),
        (
            Top((0.0,), 0.0, 5, is_converged=False, is_at_border=True, errors=()),
            ["the model did not converge; estimates are unreliable"],
        ),
        (
            Top((0.0,), 0.0, 5, is_converged=True, is_at_border=False, errors=()),
            ["the data hardly determine a parameter; estimates are unreliable"],
        ),
    ],
)
def test_what_speaks_against_a_fit_is_said_once(top: Top, said: list[str]) -> None:
    assert [text.partition(":")[0] for text in doubts(top, 100)] == said
