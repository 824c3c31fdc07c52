"""The scores of accounts: ABC, concentration, RFM, bands, growth, lifecycle and churn; each against another route."""

import ast
import random
import sqlite3
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st
from purchases import histories_of

from segcli.base.errors import SegcliError, UsageError
from segcli.domain import scoring
from segcli.domain.scoring import abc, bands, churn, concentration, growth, histories, lifecycle, rfm, rfm_segments

DAY = date(2026, 6, 30)
AMOUNTS = st.lists(st.integers(-50, 50) | st.integers(-(10**12), 10**12), max_size=30)
ROWS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6), st.integers(-20, 400)), min_size=1, max_size=40)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def shuffled(rows: list[Any], seed: int = 1) -> list[Any]:
    found = list(rows)
    random.Random(seed).shuffle(found)
    return found


def query(values: list[Any], sql: str, *bound: object) -> list[Any]:
    """Run SQL over t (id, v)."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE t (id INTEGER, v, k INTEGER)")
    db.executemany("INSERT INTO t VALUES (?, ?, 1)", enumerate(values))
    found = db.execute(sql, bound).fetchall()
    db.close()
    return found


def test_scores_need_the_standard_library_only() -> None:
    for path in Path(scoring.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert all(name.split(".")[0] in sys.stdlib_module_names | {"segcli"} for name in names), path


# ABC
def by_hand(values: list[int]) -> list[str]:
    """The definition, word by word."""
    whole = sum(v for v in values if v > 0)
    before = [sum(other for other in values if other > max(v, 0)) for v in values]
    parts = [Fraction(b, whole or 1) for b in before]
    return [
        "no value" if v <= 0 else "A" if p < Fraction("0.80") else "B" if p < Fraction("0.95") else "C"
        for v, p in zip(values, parts, strict=True)
    ]


def letters(values: list[int], limits: abc.Limits = abc.USUAL) -> list[str]:
    return [letter for _, letter in abc.classes(enumerate(values), limits)]


def test_abc_at_its_limits() -> None:
    assert letters([80, 15, 5]) == ["A", "B", "C"]  # exactly 80 and 95 before the next
    assert letters([79, 16, 5]) == ["A", "A", "C"]  # the one that crosses 80 is A
    assert letters([100]) == ["A"]
    assert letters([]) == []
    assert letters([0, -5]) == ["no value", "no value"]
    assert letters([10] * 10) == ["A"] * 10  # none is larger than another
    assert letters([-90, 50, 50, 0]) == ["no value", "A", "A", "no value"]
    assert letters([1, 3, 2], abc.Limits(Fraction(1, 2), Fraction(1))) == ["B", "A", "B"]  # 1/2 before 2, 5/6 before 1
    for a, b in ((Fraction(95, 100), Fraction(80, 100)), (Fraction(0), Fraction(1)), (Fraction(1, 2), Fraction(2))):
        with pytest.raises(UsageError):
            abc.Limits(a, b)


@given(AMOUNTS)
def test_abc_is_the_definition_in_python_and_in_sql(values: list[int]) -> None:
    assert letters(values) == by_hand(values)
    assert [found for (found,) in query(values, f"SELECT {abc.sql('v', 'k')} FROM t ORDER BY id")] == by_hand(values)
    ((a, b),) = query(values, abc.limits_sql("t", "v"))
    assert [found for (found,) in query(values, f"SELECT {abc.letter_sql('v')} FROM t ORDER BY id", a, b)] == by_hand(
        values
    )


@given(AMOUNTS, st.integers(1, 10**6), st.randoms(use_true_random=False))
def test_abc_knows_neither_order_nor_unit_and_never_parts_equals(
    values: list[int], factor: int, rnd: random.Random
) -> None:
    found = dict(zip(values, letters(values), strict=True))
    assert [found[value] for value in values] == letters(values)  # equal values, one class
    assert letters([value * factor for value in values]) == letters(values)
    order = list(range(len(values)))
    rnd.shuffle(order)
    assert dict(abc.classes((at, values[at]) for at in order)) == dict(abc.classes(enumerate(values)))
    ranked = [found[value] for value in sorted(found, reverse=True)]
    assert ranked == sorted(ranked, key=("A", "B", "C", "no value").index)  # a larger one is never in a worse class


def test_sales_analysis_puts_equal_accounts_in_one_class(segcli: Run, empty: Path) -> None:
    amounts = {"E": 40, "A": 20, "D": 20, "B": 10, "C": 10, "F": -5, "G": 0}
    heads = "".join(
        f"{n},2026-01-05,{code},processed,EUR,{a},0,{a}\n" for n, (code, a) in enumerate(amounts.items(), 1)
    )
    lines = "".join(f"{n},1,X,1,{a},{a}\n" for n, a in enumerate(amounts.values(), 1))
    Path("h.csv").write_text(
        "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount\n" + heads
    )
    Path("l.csv").write_text("invoice_number,line,item,quantity,unit_price,net_amount\n" + lines)
    done = segcli("import", "h.csv", "l.csv", "--create-missing")
    assert done.status == 0, done.err
    found = segcli("show", "sales-analysis", "--abc", "--group-by", "account", "-f", "json").rows
    # 40 + 20 + 20 are 80 of 100: each of the 10s has 80 before it
    assert {str(row["account"]): row["abc"] for row in found} == {
        "E": "A", "A": "A", "D": "A", "B": "B", "C": "B", "F": "no value", "G": "no value",
    }  # fmt: skip


# concentration
def test_gini_of_known_spreads() -> None:
    assert concentration.concentration([5, 5, 5]).gini == 0
    assert concentration.concentration([1, 2, 3, 4]).gini == 0.25  # 2 * 30 / 40 - 5 / 4
    assert concentration.concentration([]).gini is None
    found = concentration.concentration([60, 20, 10, 5, 5, 0, -7], (20, 21, 100))
    assert (found.accounts, found.left_out, found.total) == (5, 2, 100)
    assert found.tops == {
        20: concentration.Top(1, 60, 0.6), 21: concentration.Top(2, 80, 0.8), 100: concentration.Top(5, 100, 1.0),
    }  # fmt: skip
    for percent in (0, 101):
        with pytest.raises(UsageError, match="the top"):
            concentration.concentration([1], (percent,))


@given(st.lists(st.integers(-5, 10**9), min_size=1, max_size=30), st.integers(1, 1000))
def test_gini_is_half_the_mean_difference(values: list[int], factor: int) -> None:
    found = concentration.concentration(values, range(1, 101))
    above = [value for value in values if value > 0]
    if not above:
        assert (found.gini, found.tops) == (None, {})
        return
    difference = sum(abs(x - y) for x in above for y in above)
    assert found.gini == pytest.approx(difference / (2 * len(above) * sum(above)), abs=1e-12)
    shares = [top.share for top in found.tops.values()]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    scaled = concentration.concentration(shuffled([value * factor for value in values]), range(1, 101))
    tops = {part: replace(top, amount=top.amount * factor) for part, top in found.tops.items()}
    assert (scaled.gini, scaled.tops) == (found.gini, tops)


# RFM
def scored(rows: list[tuple[int, int, int]], limits: rfm.Limits) -> list[tuple[int, int, int]]:
    found = rfm.scores(((at, *row) for at, row in enumerate(rows)), limits)
    return [(s.recency, s.frequency, s.monetary) for s in found]


def rows_of(rows: list[tuple[int, int, int]]) -> list[tuple[int, int, int, int]]:
    return [(at, *row) for at, row in enumerate(rows)]


def test_rfm_by_fixed_limits() -> None:
    limits = rfm.Limits(monetary=(1000, 5000, 10000, 50000))
    assert scored([(0, 1, 0), (29, 2, 999), (30, 3, 1000), (364, 9, 50000), (365, 10, -1)], limits) == [
        (5, 1, 1), (5, 2, 1), (4, 3, 2), (2, 4, 5), (1, 5, 1),
    ]  # fmt: skip
    with pytest.raises(UsageError, match="do not ascend"):
        rfm.Limits(monetary=(5, 1, 6, 7))


@given(ROWS)
def test_rfm_by_percent_rank_is_what_sql_says(rows: list[tuple[int, int, int]]) -> None:
    limits = rfm.by_percent_rank(rows_of(rows))
    found = scored(rows, limits)
    sql = """SELECT min(5, 1 + 5 * (rank() OVER (ORDER BY v) - 1) / max(1, count(*) OVER () - 1)) FROM t ORDER BY id"""
    for at, sign in enumerate((-1, 1, 1)):  # few days are good
        assert [row[at] for row in found] == [value for (value,) in query([sign * row[at] for row in rows], sql)]


@given(ROWS, st.integers(1, 10**6))
def test_rfm_knows_neither_order_nor_unit_and_never_parts_equals(rows: list[tuple[int, int, int]], factor: int) -> None:
    for make in (rfm.by_percent_rank, rfm.by_r):
        limits = make(rows_of(rows))
        assert make(shuffled(rows_of(rows))) == limits
        assert all(1 <= score <= 5 for row in scored(rows, limits) for score in row)
        for column, sign in enumerate((-1, 1, 1)):
            ranked = [
                scores[column]
                for _, scores in sorted(zip((sign * r[column] for r in rows), scored(rows, limits), strict=True))
            ]
            assert ranked == sorted(ranked)
    larger = [(r, f, m * factor) for r, f, m in rows]
    assert scored(larger, rfm.by_percent_rank(rows_of(larger))) == scored(rows, rfm.by_percent_rank(rows_of(rows)))


@given(ROWS.filter(lambda rows: len(rows) > 1))
def test_rfm_of_the_r_package_is_quantiles_plus_one(rows: list[tuple[int, int, int]]) -> None:
    limits = rfm.by_r(rows_of(rows), one=1)
    for name, column in (("recency", 0), ("frequency", 1), ("monetary", 2)):
        expected = [q + 1 for q in statistics.quantiles([row[column] for row in rows], n=5, method="inclusive")]
        assert [float(limit) for limit in getattr(limits, name)] == pytest.approx(expected)


def test_rfm_of_one_and_of_none() -> None:
    assert scored([(3, 1, 5)], rfm.by_percent_rank([("x", 3, 1, 5)])) == [(1, 1, 1)]
    assert scored([(3, 1, 5)] * 9, rfm.by_percent_rank(rows_of([(3, 1, 5)] * 9))) == [(1, 1, 1)] * 9
    with pytest.raises(SegcliError, match="no account"):
        rfm.by_r([])
    with pytest.raises(UsageError, match="too few"):
        rfm.by_percent_rank([("x", 3, 1, 5)], 1)


def test_each_of_the_125_scores_has_one_segment() -> None:
    cells = list(product(range(1, 6), repeat=3))
    named = Counter(rfm_segments.segment(rfm.Scored(None, *cell)) for cell in cells)
    # counted by hand: champions 2*2*2; loyal 3*3*3 less those; new 2*1*5; promising 5; the rest of R 3 to 5 is 75 - 42;
    # cannot lose 1*2*2; at risk 2*3*3 less those; about to sleep 25 less 9 at risk; lost 25 less 9 of both
    assert named == {
        "champions": 8, "loyal": 19, "new": 10, "promising": 5, "potential loyal": 33, "cannot lose": 4, "at risk": 14,
        "about to sleep": 16, "lost": 16,
    }  # fmt: skip
    assert not unreached(rfm_segments.SEGMENTS)
    for cell in cells:
        takers = [s.name for s in rfm_segments.SEGMENTS if s.takes(*cell)]
        assert rfm_segments.segment(rfm.Scored(None, *cell)) == takers[0]


def test_segments_in_another_order_leave_a_rest_and_say_who_is_never_reached() -> None:
    wide, narrow = (
        rfm_segments.Segment("at risk", (1, 2), (2, 5), (2, 5)),
        rfm_segments.Segment("cannot lose", (1, 1), (4, 5), (4, 5)),
    )
    assert unreached([wide, narrow]) == ["cannot lose"]
    assert unreached([narrow, wide]) == []
    assert rfm_segments.segment(rfm.Scored("x", 5, 5, 5), [narrow, wide], "whoever") == "whoever"
    with pytest.raises(UsageError, match="no score"):
        rfm_segments.Segment("wrong", (3, 2))


# bands and growth
def test_bands_are_closed_below() -> None:
    assert dict(bands.bands({"a": -1, "b": 0, "c": 99, "d": 100, "e": 10**9}.items(), (0, 100))) == {
        "a": 0, "b": 1, "c": 1, "d": 2, "e": 2,
    }  # fmt: skip
    with pytest.raises(UsageError, match="do not ascend"):
        bands.bands([], (5, 1))


WINDOWS = growth.Windows.until(DAY)  # (2024-06-30, 2025-06-30] and (2025-06-30, 2026-06-30]
OLD = date(2020, 1, 1)


@pytest.mark.parametrize(
    ("now", "before", "first", "expected"),
    [
        (100, 0, date(2025, 7, 1), "new"), (100, 0, date(2025, 6, 30), "returned"), (100, -5, OLD, "returned"), (0, 100, OLD, "lost"),
        (-3, 100, OLD, "lost"), (0, 0, OLD, "no value"), (-1, -1, OLD, "no value"), (80, 100, OLD, "decline"), (8001, 10000, OLD, "stable"),
        (120, 100, OLD, "growth"), (11999, 10000, OLD, "stable"), (100, 100, OLD, "stable"), (9, 3, OLD, "small"), (0, 9, OLD, "small"),
        (10, 3, OLD, "growth"), (500, 100, date(2024, 7, 1), "growth"), (500, 100, date(2024, 7, 2), "too recent"),
        (0, 100, date(2025, 3, 1), "lost"),
    ],
)  # fmt: skip
def test_growth(now: int, before: int, first: date, expected: str) -> None:
    (found,) = growth.growth([("x", now, before, first)], WINDOWS, growth.Rule(least=10))
    assert found.name == expected
    assert found.growth == (Fraction(now - before, before) if expected in {"decline", "growth", "stable"} else None)


@given(st.integers(-5, 10**9), st.integers(-5, 10**9), st.integers(1, 10**6))
def test_growth_knows_no_unit_and_always_has_a_class(now: int, before: int, factor: int) -> None:
    (one, other) = growth.growth([(1, now, before, OLD), (2, now * factor, before * factor, OLD)], WINDOWS)
    assert (one.name, one.growth) == (other.name, other.growth)
    assert one.name in growth.CLASSES


def test_windows_are_equal_and_lie_within_the_data() -> None:
    assert (WINDOWS.start, WINDOWS.middle) == (date(2024, 6, 30), date(2025, 6, 30))
    assert growth.Windows.until(date(2026, 5, 31), 3).middle == date(2026, 2, 28)
    assert growth.Windows.until(DAY, 12, date(2024, 7, 1)) == WINDOWS
    with pytest.raises(SegcliError, match="2024-07-02"):
        growth.Windows.until(DAY, 12, date(2024, 7, 2))
    with pytest.raises(UsageError):
        growth.Windows.until(DAY, 0)
    with pytest.raises(UsageError):
        growth.Rule(decline=Fraction(1, 5))


# histories, lifecycle and churn
def unreached(segments: Sequence[rfm_segments.Segment]) -> list[str]:
    """Return the names of segments whose scores are all taken by earlier segments."""
    cells = product(range(1, 6), repeat=3)
    reached = {rfm_segments.segment(rfm.Scored(None, *cell), segments, "") for cell in cells}
    return [s.name for s in segments if s.name not in reached]


def history(*days: int) -> histories.History[str]:
    (found,) = histories_of([("x", ago(d)) for d in days], DAY)
    return found


def test_a_history_tells_its_gaps_and_its_triple() -> None:
    assert history(30, 2).gaps == [28]
    assert (history(30, 2).triple(DAY), history(1).triple(DAY)) == ((1, 28, 30), (0, 0, 1))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((0,), "new"), ((89,), "new"), ((90,), "active"), ((179,), "active"), ((180,), "sleeping"), ((364,), "sleeping"),
        ((365,), "lost"), ((400, 10), "returned"), ((400, 30, 10), "returned"), ((400, 89), "returned"), ((400, 90), "active"),
        ((189, 10), "active"), ((190, 10), "returned"), ((80, 10), "new"), ((700, 400), "lost"), ((900, 700, 600, 5), "returned"),
        ((500, 300, 200, 100), "active"),
    ],
)  # fmt: skip
def test_lifecycle(days: tuple[int, ...], expected: str) -> None:
    assert dict(lifecycle.lifecycle([history(*days)], DAY)) == {"x": expected}


def test_limits_of_lifecycle_and_churn_ascend() -> None:
    with pytest.raises(UsageError):
        lifecycle.Rule(sleeping=400)
    with pytest.raises(UsageError):
        churn.Rule(at_risk_days=400)


def test_churn_by_days_and_by_rhythm() -> None:
    # bought 154, 126, 98 and 70 days ago: every 28 days, silent for 70, which is 2.5 of them
    (found,) = churn.churn([history(154, 126, 98, 70)], DAY, others=100)
    assert (found.gap, found.is_own, found.ratio) == (28, True, Fraction(5, 2))
    assert (found.by_days, found.by_rhythm, found.why) == ("active", "at risk", "usually every 28 days, silent for 70")
    (few,) = churn.churn([history(205, 201)], DAY, others=100)
    assert (few.gap, few.is_own, few.by_days, few.by_rhythm) == (100, False, "at risk", "at risk")
    assert few.why == "no rhythm yet, others within 100 days, silent for 201"
    (alone,) = churn.churn([history(400)], DAY, others=None)
    assert (alone.gap, alone.ratio, alone.by_days, alone.by_rhythm, alone.why) == (
        None,
        None,
        "lost",
        None,
        "silent for 400 days",
    )
    for silent, expected in (
        (56, "active"),
        (57, "at risk"),
        (84, "at risk"),
        (85, "lost"),
    ):  # 2 and 3 times 28, exceeded
        (found,) = churn.churn([history(silent + 56, silent + 28, silent)], DAY, None)
        assert found.by_rhythm == expected


def test_the_usual_gap_is_what_ninety_per_cent_do_not_exceed() -> None:
    tens = [
        history(*(10 * i for i in range(10)), 90 + longest) for longest in (50, 60)
    ]  # 18 gaps of 10, one of 50, one of 60
    assert churn.usual_gap(tens) == 10  # 18 of 20 are 90 %
    assert churn.usual_gap(tens[:1], Fraction(91, 100)) == 50
    assert churn.usual_gap([history(5)]) is None


@given(st.lists(st.lists(st.integers(0, 800), min_size=1, max_size=8), min_size=1, max_size=8), st.integers(0, 5))
def test_the_order_of_purchases_changes_nothing(accounts: list[list[int]], seed: int) -> None:
    rows = [(at, ago(days)) for at, bought in enumerate(accounts) for days in bought]

    def answers(rows: list[tuple[int, date]]) -> tuple[object, ...]:
        found = histories_of(rows, DAY)
        gap = churn.usual_gap(found)
        return gap, dict(lifecycle.lifecycle(found, DAY)), {c.id: c for c in churn.churn(found, DAY, gap)}

    assert answers(shuffled(rows, seed)) == answers(rows)
    gaps = sorted(
        gap for bought in accounts for days in [sorted(set(bought))] for gap in map(int.__sub__, days[1:], days)
    )
    assert answers(rows)[0] == (gaps[-(-9 * len(gaps) // 10) - 1] if gaps else None)
