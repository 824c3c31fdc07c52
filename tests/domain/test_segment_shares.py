"""Shares of a segment beside its base: index, z and bands. Figures of z: statsmodels 0.15, proportions_ztest; of quartiles: numpy."""

import math
from statistics import quantiles

import pytest

from segcli.domain.segments import shares as segment_shares
from segcli.domain.segments import stability
from segcli.domain.segments.shares import Band, Tally, bands, index, quartile_ranks, ranks, share, z


def test_index_is_the_ratio_of_the_shares() -> None:
    assert index(Tally(20, 45, 20), Tally(22, 300, 22)) == 606.06  # (20/22) / (45/300) = 6.0606
    assert index(Tally(30, 300, 30), Tally(100, 1000, 100)) == 100
    assert index(Tally(0, 5, 0), Tally(10, 20, 10)) == 0
    assert index(Tally(5, 0, 0), Tally(10, 20, 0)) is None
    assert index(Tally(0, 5, 0), Tally(0, 20, 0)) is None
    assert (share(1, 3), share(1, 0)) == (33.3333, None)


def test_z_of_a_selection_within_its_base_is_that_against_the_rest() -> None:
    # proportions_ztest([20, 25], [22, 278]): 20 of 22 selected, 45 of all 300
    assert z(Tally(20, 45, 20), Tally(22, 300, 22)) == pytest.approx(10.358294817905307, abs=1e-4)
    # the same question, asked as selection against rest
    assert z(Tally(20, 25, 0), Tally(22, 278, 0)) == z(Tally(20, 45, 20), Tally(22, 300, 22))


def test_z_of_groups_apart_and_of_groups_that_overlap() -> None:
    # statsmodels of 30 in 100 and 90 in 400
    assert z(Tally(30, 90, 0), Tally(100, 400, 0)) == pytest.approx(1.5707021560938577, abs=1e-4)
    # 200 and 400 accounts, 100 in both; in 20,000 samples at p = 0.3 the difference had a variance of 0.001058,
    # p (1 - p) (1/200 + 1/400 - 2 x 100 / 80,000) = 0.00105
    gap, p = 60 / 200 - 100 / 400, (60 + 100 - 30) / 500
    assert z(Tally(60, 100, 30), Tally(200, 400, 100)) == round(gap / math.sqrt(p * (1 - p) * 0.005), 4)


@pytest.mark.parametrize(("found", "whole"), [
    (Tally(3, 3, 3), Tally(5, 5, 5)), (Tally(5, 9, 5), Tally(5, 9, 5)), (Tally(0, 4, 0), Tally(0, 9, 0)),
    (Tally(4, 0, 0), Tally(9, 0, 0)),
])  # fmt: skip
def test_no_z_without_a_difference_to_measure(found: Tally, whole: Tally) -> None:
    assert z(found, whole) is None


def test_bands_keep_ties_together_and_have_no_gaps() -> None:
    assert ranks(10, 4) == [3, 5, 8, 10]
    assert ranks(0, 4) == []
    assert bands([1, 2, 3, 9]) == [Band("Q1", None, 1), Band("Q2", 1, 2), Band("Q3", 2, 3), Band("Q4", 3, None)]
    assert bands([1, 1, 3, 9]) == [Band("Q1-Q2", None, 1), Band("Q3", 1, 3), Band("Q4", 3, None)]
    assert bands([1, 5, 5, 5]) == [Band("Q1", None, 1), Band("Q2-Q4", 1, None)]
    assert bands([5, 5, 5, 5]) == [Band("Q1-Q4", None, None)]
    assert bands([]) == [Band("Q1", None, None)]
    words = [band.words("low", "high") for band in (*bands([1, 2, 3, 9])[1:], *bands([1, 2])[:1], *bands([]))]
    assert words == ["over low to high", "over low to high", "over low", "up to high", "any value"]


@pytest.mark.parametrize(("numbers", "expected"), [  # numpy.percentile(numbers, [25, 50, 75])
    ([1, 2, 3, 4, 10], [2, 3, 4]), ([5], [5, 5, 5]), ([3, 8], [4.25, 5.5, 6.75]),
    ([1, 1, 2, 2, 7, 9, 11, 100], [1.75, 4.5, 9.5]),
])  # fmt: skip
def test_quartiles_are_those_of_numpy(numbers: list[float], expected: list[float]) -> None:
    found = [
        numbers[low - 1] + (numbers[high - 1] - numbers[low - 1]) * quarters / 4
        for low, high, quarters in quartile_ranks(len(numbers))
    ]
    assert found == expected
    if len(numbers) > 1:
        assert found == quantiles(numbers, method="inclusive")


def test_stability_by_hand() -> None:
    # half and half becomes 40 % and 60 %: (0.4 - 0.5) ln 0.8 + (0.6 - 0.5) ln 1.2 = 0.1 ln 1.5 = 0.0405
    found = stability.stability([50, 50], [40, 60])
    assert found is not None
    assert found.psi == pytest.approx(0.1 * math.log(1.5))
    assert found.parts == pytest.approx((-0.1 * math.log(0.8), 0.1 * math.log(1.2)))
    assert found.verdict == "stable"
    same = stability.stability([3, 0, 5], [6, 0, 10])
    assert same is not None
    assert (same.psi, same.verdict) == (0, "stable")


@pytest.mark.parametrize(("after", "verdict"), [((40, 60), "stable"), ((30, 70), "moved"), ((20, 80), "changed")])
def test_limits_of_stability(after: tuple[int, int], verdict: str) -> None:
    # 0.1 ln 1.5 = 0.041; 0.2 ln(0.7 / 0.3) = 0.169; 0.3 ln 4 = 0.416
    found = stability.stability([50, 50], after)
    assert found is not None
    assert found.verdict == verdict


def test_an_empty_cell_counts_as_half_an_account() -> None:
    found = stability.stability([10, 0], [5, 5])
    assert found is not None
    # (0.5 - 1) ln 0.5 + (0.5 - 0.05) ln 10
    assert found.psi == pytest.approx(-0.5 * math.log(0.5) + 0.45 * math.log(10))
    assert stability.stability([0, 0], [1, 2]) is None
    assert segment_shares.share(0, 0) is None
