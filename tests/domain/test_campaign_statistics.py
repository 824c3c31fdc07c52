"""The statistics of campaigns against scipy 1.17.1 and statsmodels 0.15.0, whose figures are written down with the call that gave them."""

import math
from itertools import product

import pytest

from segcli.base.errors import UsageError
from segcli.domain.campaigns import comparing, distributions, power, split
from segcli.domain.campaigns.comparing import Sample

# Rows of value, degrees and scipy's 2 * stats.t.sf; then of stats.t.ppf, and of stats.chi2.sf.
T_TAILS = [
    (0.01, 1, 0.993634014470186),
    (1, 1, 0.5000000000000001),
    (12.7, 1.5, 0.016580941751976695),
    (2, 3, 0.13932596855884305),
    (0.5, 10, 0.627893605742973),
    (2.5, 29.7, 0.018176990085151484),
    (10, 29.7, 5.101144692435924e-11),
    (1.96, 99.9, 0.052781697102340604),
    (1.96, 100.1, 0.05277611123483329),
    (5.3, 36671.15797736051, 1.1647093374361054e-07),
    (2, 1000000.0, 0.04550053385131924),
    (30, 500, 7.214288888428143e-114),
]
T_QUANTILES = [
    (0.975, 1, 12.706204736174694),
    (0.9995, 1.5, 82.84744670366369),
    (0.6, 3, 0.2766706623326898),
    (0.95, 10, 1.8124611228116756),
    (0.975, 49.9, 2.0086588479360388),
    (0.975, 50.1, 2.008459783928655),
    (0.975, 36671.15797736051, 1.9600286770213076),
    (0.995, 1000000.0, 2.5758342201053344),
    (0.5, 7, 0.0),
]
CHI_SQUARE = [
    (0.0001, 1, 0.9920212873707368),
    (3.84, 1, 0.05004352124870519),
    (0.20253125, 2, 0.9036929575604196),
    (50, 2, 1.3887943864964e-11),
    (1, 3, 0.8012519569012009),
    (10, 5, 0.07523524614651217),
    (200, 25, 3.0673491634731327e-29),
    (70, 100, 0.9901544975235914),
    (600, 10, 1.7609176946831897e-122),
]
# (treated for each of the control, treated accounts, standardized difference)
POWER_MEANS = [
    (1, 1569.7721019023288, 0.1),
    (0.5, 1177.3290763655693, 0.1),
    (4, 15697.721019023285, 0.05),
    (9, 1962.2151273559657, 0.2),
]
# (rate, other rate, ratio, treated accounts of the formula in numpy, power_proportions_2indep of these)
POWER_RATES = [
    (0.1, 0.12, 1, 3841, 0.800017),
    (0.1, 0.12, 4, 9779, 0.800031),
    (0.05, 0.055, 9, 158360, 0.800003),
    (0.3, 0.4, 0.5, 265, 0.800932),
    (0.106167, 0.1167837, 1, 13794, 0.800019),
]
# Hillstrom's e-mail test (64,000 customers, 2008): accounts, visits, conversions, and spend in cents: its sum and sum of squares.
MENS = (21307, 3894, 267, 3031169, 67590244973)
WOMENS = (21387, 3238, 189, 2303811, 49114465763)
NOBODY = (21306, 2262, 122, 1390833, 28700503621)


def rate(group: tuple[int, ...], at: int) -> Sample:
    return Sample(group[0], group[at], group[at])


def spend(group: tuple[int, ...]) -> Sample:
    return Sample(group[0], group[3], group[4], 100)


@pytest.mark.parametrize(("value", "degrees", "expected"), T_TAILS)
def test_tails_of_t(value: float, degrees: float, expected: float) -> None:
    assert distributions.t_both_tails(value, degrees) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("probability", "degrees", "expected"), T_QUANTILES)
def test_quantiles_of_t(probability: float, degrees: float, expected: float) -> None:
    assert distributions.t_quantile(probability, degrees) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("value", "degrees", "expected"), CHI_SQUARE)
def test_tails_of_chi_square(value: float, degrees: int, expected: float) -> None:
    assert distributions.chi_square_tail(value, degrees) == pytest.approx(expected, rel=1e-9)


def test_normal() -> None:
    assert distributions.normal_quantile(0.975) == pytest.approx(1.959963984540054, abs=1e-12)  # norm.ppf(.975)
    assert distributions.normal_both_tails(5) == pytest.approx(5.733031437583878e-07, rel=1e-9)  # 2 * norm.sf(5)


def test_tails_agree_with_each_other() -> None:
    """A t variable of many degrees is nearly normal; the square of a normal one is chi-square; quantiles invert tails."""
    for value in (0.1, 1.0, 3.0, 6.0):
        assert distributions.t_both_tails(value, 1e6) == pytest.approx(distributions.normal_both_tails(value), rel=1e-3)
        assert distributions.chi_square_tail(value**2, 1) == pytest.approx(
            distributions.normal_both_tails(value), rel=1e-10
        )
    for probability, degrees in product((0.6, 0.95, 0.9999), (1.0, 4.5, 49.9, 50.1, 3e4)):
        value = distributions.t_quantile(probability, degrees)
        assert distributions.t_both_tails(value, degrees) == pytest.approx(2 * (1 - probability), rel=1e-9)


@pytest.mark.parametrize(("group", "at", "expected"), [
    (MENS, 1, (0.07658956365153125, 0.06995330808373154, 0.08322674127411137, 5.685165482802317e-112)), (WOMENS, 1, (0.045233106587052985, 0.03889409535998813, 0.051574342962213596, 3.1824031593349214e-44)), (MENS, 2, (0.006805006519615695, 0.005014344671481532, 0.008640723396917826, 1.5232235005955427e-13)), (WOMENS, 2, (0.003111057511085258, 0.001501657131877008, 0.004745471313672931, 0.00015710512910668448)),
])  # fmt: skip
def test_rates_of_hillstrom(group: tuple[int, ...], at: int, expected: tuple[float, ...]) -> None:
    """Statsmodels confint_proportions_2indep(method='newcomb', compare='diff'), proportions_ztest."""
    found = comparing.newcombe(rate(group, at), rate(NOBODY, at), 0.95)
    assert (found.difference, found.low, found.high) == pytest.approx(expected[:3], rel=1e-10)
    assert found.p == pytest.approx(expected[3], rel=1e-9)


def test_published_figures_of_hillstrom() -> None:
    """Men's +7.66 points, women's +4.52 points; 21,307, 21,387 and 21,306 accounts fit equal shares: chi-square 0.20, p 0.90."""
    found = [comparing.newcombe(rate(group, 1), rate(NOBODY, 1), 0.95) for group in (MENS, WOMENS)]
    assert [round(100 * (one.difference or 0), 2) for one in found] == [7.66, 4.52]
    assert round(100 * (found[0].relative or 0), 1) == 72.1
    ratio = comparing.sample_ratio([group[0] for group in (MENS, WOMENS, NOBODY)], [1, 1, 1])
    assert ratio is not None
    assert ratio == pytest.approx((0.20253125, 0.9036929575604196), rel=1e-12)  # scipy.stats.chisquare


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (MENS, (0.7698271558945368, 0.4851397325684076, 1.0545145792206658, 1.163814968225482e-07)),
        (WOMENS, (0.4244122159365967, 0.1689567898837787, 0.6798676419894147, 0.0011293971023632495)),
    ],
)
def test_means_of_hillstrom(group: tuple[int, ...], expected: tuple[float, ...]) -> None:
    """Scipy ttest_ind(equal_var=False) of the spend of each customer, and its confidence_interval()."""
    found = comparing.welch(spend(group), spend(NOBODY), 0.95)
    assert (found.difference, found.low, found.high, found.p) == pytest.approx(expected, rel=1e-9)


def test_small_samples() -> None:
    """ttest_ind([3, 5, 9, 12], [1, 2, 2, 5, 30], equal_var=False); confint_proportions_2indep(9, 10, 3, 10, 'newcomb'); 0 of 10, 0 of 29."""
    one, other = ([3, 5, 9, 12], [1, 2, 2, 5, 30])
    samples = [Sample(len(v), sum(v), sum(x * x for x in v)) for v in (one, other)]
    found = comparing.welch(samples[0], samples[1], 0.9)
    assert (found.difference, found.low, found.high, found.p) == pytest.approx(
        (-0.75, -12.624566091615392, 11.124566091615387, 0.9037241313478092), rel=1e-10
    )
    rates = comparing.newcombe(Sample(10, 9, 9), Sample(10, 3, 3), 0.95)
    assert (rates.low, rates.high) == pytest.approx((0.1705227239345029, 0.809017973535488), rel=1e-10)
    none = comparing.newcombe(Sample(10, 0, 0), Sample(29, 0, 0), 0.95)
    assert (none.low, none.high, none.p) == (
        pytest.approx(-0.1169697984997408, rel=1e-10),
        pytest.approx(0.27753279986288926, rel=1e-10),
        None,
    )


def test_where_nothing_can_be_said() -> None:
    nobody, one, same = Sample(), Sample(1, 5, 25), Sample(3, 15, 75)
    assert comparing.welch(nobody, same, 0.95) == (None, 5.0, None, None, None, None)
    assert comparing.welch(one, same, 0.95) == (5.0, 5.0, 0.0, None, None, None)
    assert comparing.welch(same, same, 0.95)[3:] == (None, None, None)
    assert comparing.newcombe(nobody, same, 0.95).difference is None
    assert comparing.welch(same, Sample(2, 0, 0), 0.95).relative is None
    assert comparing.sample_ratio([5], [1]) is None
    assert comparing.sample_ratio([0, 0], [1, 1]) is None


def test_a_large_mean_costs_no_digits() -> None:
    """Amounts of 10 million with a spread of one cent: squares in floating point would lose the spread."""
    base = 10**9
    values = [base, base + 1, base + 2, base + 1]
    sample = Sample(4, sum(values), sum(v * v for v in values), 100)
    assert sample.variance == pytest.approx(2 / 3 / 100**2, rel=1e-12)


@pytest.mark.parametrize(("ratio", "means", "at"), POWER_MEANS)
def test_accounts_needed_for_means(ratio: float, means: float, at: float) -> None:
    """NormalIndPower().solve_power(effect_size, alpha=.05, power=.8, ratio=1 / ratio): the treated group."""
    needed = power.for_means(10, 10 * at, ratio)
    assert needed.treated == math.ceil(means)
    assert needed.control == pytest.approx(means / ratio, abs=1)
    assert power.detectable_mean(10, needed.treated, needed.control) == pytest.approx(10 * at, rel=0.01)


@pytest.mark.parametrize(("rate", "other", "ratio", "treated", "reached"), POWER_RATES)
def test_accounts_needed_for_rates(rate: float, other: float, ratio: float, treated: int, reached: float) -> None:
    """power_proportions_2indep of these sizes is 80 %, so that the formula of another source agrees."""
    assert reached == pytest.approx(0.8, abs=0.002)
    needed = power.for_rates(rate, other, ratio)
    assert needed.treated == treated
    found = power.detectable_rate(rate, needed.treated, needed.control)
    assert found == pytest.approx(other - rate, rel=0.005)


def test_what_no_number_of_accounts_detects() -> None:
    assert power.detectable_rate(0.5, 4, 4) is None
    assert power.detectable_rate(0.0, 400, 400) is None
    assert power.detectable_rate(1.0, 400, 400) is None


def test_groups_divide_all_buckets() -> None:
    for shares, holdout in (
        ((45, 45), 10),
        ((1, 1, 1), 20),
        ((1,), 0),
        ((), 33),
        ((7, 3, 90, 1), 1),
        (tuple(range(1, 27)), 99),
    ):
        groups = split.Split(shares, holdout).groups
        buckets = sorted((bucket, group.name) for group in groups for bucket in range(group.first, group.past))
        assert [bucket for bucket, _ in buckets] == list(range(10_000))
        for bucket, name in buckets:  # the rule, by fractions
            held = holdout * 100
            whole = sum(shares or (1,))
            index = next(
                (
                    i
                    for i in range(len(shares or (1,)))
                    if (bucket - held) * whole < (10_000 - held) * sum((shares or (1,))[: i + 1])
                ),
                -1,
            )
            assert name == ("holdout" if bucket < held else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[index])
        for group, weight in zip(groups, split.Split(shares, holdout).weights, strict=True):
            assert group.buckets == pytest.approx(10_000 * weight / sum(split.Split(shares, holdout).weights), abs=1)
        assert split.stored(split.Split(shares, holdout).text) == (shares, holdout)


@pytest.mark.parametrize(
    ("shares", "holdout"), [("90", None), ("a:b", None), ("0:1", None), (None, "0"), (None, "100"), (None, "x")]
)
def test_wrong_shares(shares: str | None, holdout: str | None) -> None:
    with pytest.raises(UsageError):
        split.read(shares, holdout)


@pytest.mark.parametrize(
    ("shares", "group"), [("100000:1:1", "B"), ("1:100000", None), ("9999:1", None), ("9999:1:1", "C")]
)
def test_a_group_that_nobody_can_be_in_is_refused(shares: str, group: str | None) -> None:
    """A share below one bucket is rounded up while buckets are left; then it has none."""
    if group is None:
        assert all(one.buckets for one in split.read(shares, None).groups)
    else:
        with pytest.raises(UsageError, match=f"group {group} would have"):
            split.read(shares, None)
