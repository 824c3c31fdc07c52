"""The day of the next order: by the rhythm by hand, by BG/NBD with figures of another program and by brute force."""

import random
from datetime import date
from fractions import Fraction

import pytest

from segcli.domain.scoring import bgnbd, churn, histories, next_order

# The published parameters of CDNOW, in days.
CDNOW = bgnbd.Fit(0.2426, 4.4135 * 7, 0.7929, 2.4258, 0, 0, is_converged=True, accounts=1, returned=1, triples=1)
# Equation 10 of Fader, Hardie and Lee (2005) with scipy.special.hyp2f1 (scipy 1.x): the first day with an expectation of 1.
BY_SCIPY = {
    (2, 213, 272): 216, (0, 0, 272): None, (0, 0, 30): 416, (7, 250, 272): 52, (26, 270, 272): 13, (5, 100, 272): 1175,
    (1, 1, 272): None, (12, 260, 265): 27,
}  # fmt: skip


def test_by_the_model_as_another_program_says() -> None:
    found = next_order.by_model(CDNOW)
    assert {triple: found(*triple) for triple in BY_SCIPY} == BY_SCIPY


@pytest.mark.parametrize("seed", range(3))
def test_by_the_model_is_the_first_day_that_reaches_one(seed: int) -> None:
    rnd = random.Random(seed)
    fit = bgnbd.Fit(*(rnd.uniform(*ends) for ends in ((0.1, 2), (5, 200), (0.1, 3), (0.5, 4))), 0, 0, True, 1, 1, 1)
    found = next_order.by_model(fit)
    for _ in range(150):
        until = rnd.randint(1, 1500)
        x = rnd.randint(0, min(until, 12))
        last = rnd.randint(x, until) if x else 0
        alive = bgnbd.alive(fit, x, last, until)
        day = found(x, last, until)
        if day is None:
            assert alive * bgnbd.while_alive(fit, x, until, 1826) < 1
        else:
            assert alive * bgnbd.while_alive(fit, x, until, day) >= 1 - 1e-12
            assert alive * bgnbd.while_alive(fit, x, until, day - 1) < 1 + 1e-12


@pytest.mark.parametrize(
    ("last", "gap", "expected"),
    [
        (date(2026, 1, 31), Fraction(28), date(2026, 2, 28)),
        (date(2024, 2, 1), Fraction(57, 2), date(2024, 3, 1)),  # 28.5 is rounded to 29
        (date(2026, 1, 1), Fraction(85, 3), date(2026, 1, 29)),  # 28.33 to 28
        (date(2026, 1, 1), Fraction(1, 3), date(2026, 1, 1)),
        (date(9999, 12, 30), Fraction(5), date.max),
    ],
)
def test_by_the_rhythm(last: date, gap: Fraction, expected: date) -> None:
    assert next_order.after(last, next_order.days_of(gap)) == expected


def test_a_rhythm_needs_three_days_of_its_own() -> None:
    bought = [date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 31)]
    three, two = (histories.History("x", tuple(bought[:count])) for count in (3, 2))
    (found,) = churn.churn([three], date(2026, 6, 30), others=50)
    assert found.next_order == date(2026, 2, 15)  # every 15 days; long past
    (found,) = churn.churn([two], date(2026, 6, 30), others=50)
    assert (found.gap, found.next_order) == (50, None)
