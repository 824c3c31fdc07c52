"""RFM: configured limits, segments and methods, in the command, --where and rules; and R's own data."""

import os
import random
from datetime import date, timedelta
from pathlib import Path

import pytest
import r_data
from conftest import Run, connected

from segcli.domain.scoring import rfm, rfm_scheme
from segcli.domain.scoring.rfm_segments import Segment
from segcli.settings import config
from segcli.settings import rfm_scheme as settings

# The second set of ranges in the documentation of R's package rfm (0.3.0, rfm_segment).
SECOND = """rfm:
  method: r
  rest: Others
  segments:
    - {name: Champions, recency: 5, frequency: 5, monetary: 5}
    - {name: Potential Loyalist, recency: 3-5, frequency: 3-5, monetary: 2-5}
    - {name: Loyal Customers, recency: 2-4, frequency: 2-4, monetary: 2-4}
    - {name: Promising, recency: 3-4, frequency: 1-3, monetary: 3-5}
    - {name: New Customers, recency: 4-5, frequency: 1-3}
    - {name: Can't Lose Them, recency: 1-2, frequency: 3-4, monetary: 4-5}
    - {name: At Risk, recency: 1-2, frequency: 2-5, monetary: 4-5}
    - {name: Need Attention, recency: 1-3, frequency: 3-5, monetary: 3-5}
    - {name: About To Sleep, recency: 2-3, frequency: 1-3, monetary: 1-4}
    - {name: Lost, recency: 1}
"""
# By pandas: quantile (linear) plus 1, numpy.searchsorted(side="right"), the ranges in this order. 297.4 is 297 in R's print.
COUNTS = {"Potential Loyalist": 342, "Loyal Customers": 170, "Lost": 148, "New Customers": 104, "About To Sleep": 102,
          "Can't Lose Them": 47, "Champions": 35, "At Risk": 28, "Need Attention": 10, "Promising": 9}  # fmt: skip
LIMITS = {"recency": "115, 181, 297.4, 482", "frequency": "4, 5, 6, 8", "monetary": "255.8, 382, 506.4, 666"}


@pytest.fixture
def orders(segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The orders of R's package rfm as invoices, in a random order; its analysis date is today."""
    folder = os.environ.get("RFM_FOLDER", "")
    if not folder:
        pytest.skip("RFM_FOLDER does not name the folder of rfm_data_orders.rda (R package rfm)")
    found = r_data.read(Path(folder) / "rfm_data_orders.rda")["rfm_data_orders"]
    names = sorted(set(found["customer_id"]))
    rows = list(enumerate(zip(found["customer_id"], found["order_date"], found["revenue"], strict=True), 1))
    random.Random(7).shuffle(rows)
    Path("a.csv").write_text("account,name\n" + "".join(f'{at},"{name}"\n' for at, name in enumerate(names)))
    lines = (
        f"{n},{names.index(name)},{date(1970, 1, 1) + timedelta(int(day))},{net}\n" for n, (name, day, net) in rows
    )
    Path("i.csv").write_text("invoice,account,date,net\n" + "".join(lines))
    monkeypatch.setenv("SEGCLI_TODAY", "2006-12-31")
    assert segcli("import", "a.csv", "i.csv").status == 0
    return empty


def configured(text: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = Path("c.yaml").resolve()
    path.write_text(text)
    monkeypatch.setenv("SEGCLI_CONFIG", str(path))
    return path


def codes(segcli: Run, expression: str) -> set[str]:
    rows = segcli(
        "show", "account-search", "--inactive", "-f", "json", "--columns", "account", "--where", expression
    ).rows
    return {str(row["account"]) for row in rows}


def test_r_s_data_give_r_s_figures(segcli: Run, orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(SECOND, monkeypatch)
    rows = segcli("score", "rfm", "--group-by", "segment", "-f", "json").rows
    assert {row["segment"]: row["accounts"] for row in rows} == COUNTS
    assert sum(len(codes(segcli, f"rfm_segment = '{name.replace(chr(39), chr(39) * 2)}'")) for name in COUNTS) == 995
    assert len(codes(segcli, "rfm_segment = Champions")) == 35
    shown = {row["score"]: row["limits"] for row in segcli("score", "rfm", "--show-limits", "-f", "json").rows}
    assert shown == LIMITS
    caption = segcli("score", "rfm", "--limit", "1", "-f", "table").out
    assert f"limits (r): {'; '.join(f'{name} {limits}' for name, limits in LIMITS.items())}" in caption
    # the same limits as fixed ones
    configured(segcli("score", "rfm", "--show-limits").out + SECOND.partition("method: r\n")[2], monkeypatch)
    rows = segcli("score", "rfm", "--group-by", "segment", "-f", "json").rows
    assert {row["segment"]: row["accounts"] for row in rows} == COUNTS


def test_methods_in_where_are_those_of_the_command(segcli: Run, example: Path) -> None:
    for method in ("rank", "r", "fixed"):
        for window in ("", "12m", "24m, 12m"):
            words = ("--window", window) if window else ()
            rows = segcli("score", "rfm", "--method", method, "-f", "json", *words).rows
            expected = {row["account"] for row in rows if row["rfm"] == "555"}
            called = ", ".join(filter(None, (window, method)))
            assert codes(segcli, f"rfm({called}) = 555") == expected, called
            assert codes(segcli, f"not rfm({called.upper()}) = 555") == codes(segcli, "*") - expected
            loyal = {row["account"] for row in rows if row["segment"] == "loyal"}
            assert codes(segcli, f"rfm_segment({called}) = loyal") == loyal
    assert codes(segcli, "recency_score(rank) > recency_score(fixed)") == codes(
        segcli, "recency_score(rank) > recency_score"
    )
    done = segcli("where", "explain", "rfm(median) = 555")
    assert done.status == 2
    assert "a method is fixed, rank, r" in done.err
    assert segcli("where", "explain", "abc(12m, rank) = A").status == 2
    assert segcli("where", "explain", "rfm(3m, 2m, 1m) = 555").status == 2


def test_the_ranks_in_where_by_sql(segcli: Run, example: Path) -> None:
    """The frequency score by rank is min(5, 1 + floor(5 * PERCENT_RANK)) of the invoices in 12 months."""
    sql = """SELECT code FROM (SELECT a.code, percent_rank() OVER (ORDER BY count(*)) AS r FROM account AS a
      JOIN invoice AS i ON i.account_id = a.id AND i.kind = 'sales' AND i.status = 'processed' AND i.total_amount >= 0
       AND i.invoice_date BETWEEN '2025-07-01' AND '2026-06-30' GROUP BY a.id) WHERE min(5, 1 + CAST(5 * r + 1e-9 AS INT)) = ?"""
    with connected(example) as db:
        expected = {score: {code for (code,) in db.execute(sql, (score,))} for score in range(1, 6)}
    assert all(expected.values())
    assert {score: codes(segcli, f"frequency_score(12m, rank) = {score}") for score in range(1, 6)} == expected


def test_a_rule_uses_the_configured_limits(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(
        "rfm:\n  frequency: [3, 6, 9, 12]\n  segments: [{name: many, frequency: 4-5}]\n  rest: few\n", monkeypatch
    )
    many = codes(segcli, "invoices >= 9")
    assert codes(segcli, "rfm_segment = many") == many
    assert codes(segcli, "rfm_segment = few") == codes(segcli, "invoices > 0") - many
    assert codes(segcli, "frequency_score = 5") == codes(segcli, "invoices >= 12")
    Path("r.yaml").write_text("version: 1\nfield: class3\nrules:\n  - {id: many, set: A, when: rfm_segment = many}\n")
    row = segcli("rules", "stats", "r.yaml", "-f", "json").rows[0]
    assert row["hits"] == len(many)


def test_amounts_are_in_units_of_the_currency(segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A currency without decimals has the same limits in its own units."""
    assert segcli("administration", "set", "--currency", "JPY").status == 0
    Path("a.csv").write_text("account,name\nA,a\nB,b\n")
    Path("i.csv").write_text("invoice,account,date,net,currency\n1,A,2026-06-01,499,JPY\n2,B,2026-06-01,500,JPY\n")
    assert segcli("import", "a.csv", "i.csv").status == 0
    assert codes(segcli, "monetary_score = 1") == {"A"}
    assert codes(segcli, "monetary_score = 2") == {"B"}
    rows = segcli("score", "rfm", "--show-limits", "-f", "json").rows
    assert (rows[2]["unit"], rows[2]["limits"]) == ("JPY", "500, 2000, 10000, 50000")


WRONG = {
    "rfm: {segments: [{name: a, recency: 5-4}]}": "c.yaml:1:37: recency: '5-4' is no range of scores",
    "rfm: {segments: [{name: a, monetary: 0-4}]}": "c.yaml:1:38: monetary: '0-4' is no range",
    "rfm: {segments: [{recency: 4}]}": "c.yaml:1:18: 'name' is missing",
    "rfm: {segments: [{name: a, recensy: 4}]}": "c.yaml:1:37: 'recensy' is not known here",
    "rfm: {segments: [a]}": "c.yaml:1:18: names with values are expected here",
    "rfm: {segments: best}": "c.yaml:1:17: a list is expected here",
    "rfm: {segments: []}": "c.yaml:1:17: rfm.segments is empty",
    "rfm: {method: mean}": "c.yaml:1:15: 'mean' is none of fixed, rank, r",
    "rfm: {recency: [1, 2, 3]}": "c.yaml:1:16: rfm.recency: five scores need four limits, not 3",
    "rfm: {recency: [1, 2, x, 3]}": "c.yaml:1:23: rfm.recency: 'x' is no number",
    "rfm: {frequency: [4, 3, 5, 6]}": "c.yaml:1:18: rfm.frequency: the limits 4, 3, 5, 6 do not ascend",
    "rfm: {bins: 5}": "c.yaml:1:13: 'bins' is not known here",
    "rfm: x": "rfm is a list of `name: value`",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_named_with_its_line(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    configured(f"{text}\n", monkeypatch)
    done = segcli("score", "rfm")
    assert (done.status, done.out) == (1, "")
    assert WRONG[text] in done.err
    if text != "rfm: x":
        assert segcli("show", "account-search", "--limit", "1").status == 0  # which asks nothing of RFM


def test_a_segment_that_never_wins_is_told(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "rfm:\n  segments:\n    - {name: wide, recency: 1-3}\n    - {name: inside, recency: 2, monetary: 5}\n"
    path = configured(text, monkeypatch)
    said = f"{path}:4: segment 'inside' never wins: earlier segments take its scores"
    for words in (("score", "rfm"), ("show", "account-search", "--where", "rfm_segment = wide")):
        done = segcli(*words, "-f", "json")
        assert done.status == 0
        assert said in done.err
    assert "never wins" not in segcli("score", "churn").err


def drawn(rnd: random.Random) -> tuple[int, int]:
    low, high = sorted((rnd.randint(1, 5), rnd.randint(1, 5)))
    return low, high


def test_unreached_segments_by_brute_force() -> None:
    rnd = random.Random(5)
    for _ in range(50):
        segments = [Segment(str(at), drawn(rnd), drawn(rnd), drawn(rnd)) for at in range(6)]
        won = {
            next((s.name for s in segments if s.takes(r, f, m)), "")
            for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)
        }  # fmt: skip
        assert [str(at) for at in rfm_scheme.unreached(segments)] == [s.name for s in segments if s.name not in won]


def test_the_defaults_are_those_of_the_example_configuration() -> None:
    example = Path(__file__).parents[2] / "config.example.yaml"
    found = settings.read(config.load({"config": str(example)}, {}))
    assert found.doubts == ()
    for name in ("method", "recency", "frequency", "monetary", "segments", "rest"):
        ours, said = getattr(rfm_scheme.USUAL, name), getattr(found, name)
        assert ours == (tuple(map(int, said)) if name in rfm_scheme.SCORED else said)
    assert rfm_scheme.USUAL.limits([], 100) == rfm.Limits([50_000, 200_000, 1_000_000, 5_000_000])
