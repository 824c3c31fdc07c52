"""Scores as commands and as metrics: against plain SQL, arithmetic, each other and published figures."""

import random
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import Run, connected
from support import published

HEAD = "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount"


def scored(segcli: Run, *words: str) -> dict[str, dict[str, object]]:
    done = segcli("score", *words, "-f", "json")
    assert done.status == 0, done.err
    return {str(row["account"]): row for row in done.rows}


def codes(segcli: Run, expression: str) -> set[str]:
    rows = segcli("show", "account-search", "--inactive", "-f", "json", "--columns", "account", "--where", expression)
    return {str(row["account"]) for row in rows.rows}


@pytest.mark.repeats
@pytest.mark.parametrize(
    ("score", "column", "metric"),
    [
        (("abc",), "abc", "abc"), (("abc", "--window", "3m"), "abc", "abc(3m)"), (("rfm",), "segment", "rfm_segment"),
        (("rfm", "--window", "1y"), "rfm", "rfm(1y)"), (("growth", "--short"), "growth_class", "growth_class"),
        (("growth", "--window", "1q"), "growth_class", "growth_class(1q)"), (("lifecycle",), "lifecycle", "lifecycle"),
        (("churn",), "churn", "churn"), (("churn",), "churn_by_rhythm", "churn_by_rhythm"),
    ],
)  # fmt: skip
def test_a_metric_says_what_its_command_says(
    segcli: Run, example: Path, score: tuple[str, ...], column: str, metric: str
) -> None:
    rows = scored(segcli, *score)
    found = {row[column] for row in rows.values()}
    assert len(found) > 1
    for word in found:
        expected = {account for account, row in rows.items() if row[column] == word}
        assert codes(segcli, f"{metric} = '{word}'") >= expected
        assert codes(segcli, f"{metric} = '{word}'") - expected <= codes(segcli, "invoices = 0 and credits = 0")


def test_abc_by_plain_sql(segcli: Run, example: Path) -> None:
    """A: what all strictly larger ones make up is below 80 %."""
    with connected(example) as db:
        amounts = dict(db.execute(
            "SELECT a.code, round(sum(i.base_revenue_amount) / 10000.0) FROM invoice AS i JOIN account AS a ON a.id = i.account_id WHERE i.kind = 'sales' AND"
            " i.status = 'processed' AND i.invoice_date BETWEEN '2025-07-01' AND '2026-06-30' GROUP BY a.id"
        ))  # fmt: skip
    whole = sum(v for v in amounts.values() if v > 0)
    rows = scored(segcli, "abc")
    for account, value in amounts.items():
        before = sum(v for v in amounts.values() if v > max(value, 0))
        letter = "no value" if value <= 0 else "A" if before < 0.8 * whole else "B" if before < 0.95 * whole else "C"
        assert (rows[account]["abc"], rows[account]["amount"]) == (letter, value / 100), account
        assert rows[account]["cumulative"] == pytest.approx(
            100 * (before + sum(v for v in amounts.values() if v == value)) / whole, abs=1e-3
        )


def test_the_whole_is_that_of_the_selection_and_groups_add_up(segcli: Run, example: Path) -> None:
    north = scored(segcli, "abc", "--country", "BE")
    assert max(row["cumulative"] for row in north.values()) == 100  # type: ignore[type-var]
    grouped = segcli("score", "abc", "--country", "BE", "--group-by", "abc", "-f", "json").rows
    assert sum(row["accounts"] for row in grouped) == len(north)
    assert sum(row["amount"] for row in grouped) == pytest.approx(sum(row["amount"] for row in north.values()))  # type: ignore[misc]


def test_no_score_depends_on_the_order_of_the_rows(segcli: Run, empty: Path, tmp_path: Path) -> None:
    """Many equal values: in the order of the file or shuffled, each account keeps its scores."""
    rnd = random.Random(4)
    rows = [(f"A{account:02}", f"2026-0{rnd.randint(1, 6)}-1{rnd.randint(0, 9)}", rnd.choice((100, 100, 250)))
            for account in range(40) for _ in range(rnd.choice((1, 1, 2, 3)))]  # fmt: skip
    found = []
    for turn in range(2):
        database = tmp_path / f"{turn}.db"
        rnd.shuffle(rows)
        lines = [
            f"{n},{day},{account},processed,EUR,{amount},0,{amount}" for n, (account, day, amount) in enumerate(rows, 1)
        ]
        Path("i.csv").write_text("\n".join((HEAD, *lines)))
        assert segcli("-d", database, "init").status == 0
        assert segcli("-d", database, "import", "i.csv", "--create-missing").status == 0
        found.append([
            {account: tuple(row.values()) for account, row in scored(segcli, *words, "-d", str(database)).items()}
            for words in (("abc",), ("rfm",), ("rfm", "--method", "rank"), ("rfm", "--method", "r"), ("churn",), ("lifecycle",))
        ])  # fmt: skip
    assert found[0] == found[1]


def test_bands_and_concentration(segcli: Run, empty: Path) -> None:
    amounts = {"A": 5, "B": 10, "C": 15, "D": 20, "E": 950, "F": -30}
    lines = [f"{n},2026-01-05,{code},processed,EUR,{a},0,{a}" for n, (code, a) in enumerate(amounts.items(), 1)]
    Path("i.csv").write_text("\n".join((HEAD, *lines)))
    assert segcli("import", "i.csv", "--create-missing").status == 0
    bands = {account: row["range"] for account, row in scored(segcli, "bands", "--limits", "10,20,1k").items()}
    assert bands == {
        "A": "below 10",
        "B": "10 to 20",
        "C": "10 to 20",
        "D": "20 to 1,000",
        "E": "20 to 1,000",
        "F": "below 10",
    }
    rows = {row["part"]: row for row in segcli("score", "concentration", "-f", "json").rows}
    assert (rows["top 20 %"]["accounts"], rows["top 20 %"]["share"]) == (1, 95)
    assert (rows["zero or less"]["accounts"], rows["zero or less"]["amount"]) == (1, -30)
    # 2 (1*5 + 2*10 + 3*15 + 4*20 + 5*950) / (5 * 1000) - 6/5 = 0.76
    assert segcli("score", "concentration", "--gini", "-f", "json").rows == [{"gini": pytest.approx(0.76)}]


def test_growth_by_limits_of_ones_own(segcli: Run, example: Path) -> None:
    """At a limit it has grown, or is declining; what is new, lost or too small to say has words of its own."""
    rows = scored(segcli, "growth", "--window", "6m", "--limits=-50,100").values()
    words = {row["growth_class"] for row in rows}
    assert {"growth", "stable", "decline"} < words
    for row in rows:
        if row["growth_class"] in {"growth", "stable", "decline"}:
            part = (Fraction(str(row["turnover"])) - Fraction(str(row["turnover_before"]))) / Fraction(
                str(row["turnover_before"])
            )
            assert row["growth_class"] == (
                "growth" if part >= 1 else "decline" if part <= Fraction(-1, 2) else "stable"
            )


def test_nobody_who_bought_is_nobody_to_score(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name\n1,A\n")
    assert segcli("import", "a.csv").status == 0
    assert segcli("score", "rfm", "-f", "json") == (0, "[]\n", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("growth",), "data start 2025-01-01"), (("growth", "--window", "90d"), "growth compares months"),
        (("abc", "--window", "12x"), "is no window"), (("abc", "--limits", "95,80"), "not ascending"),
        (("abc", "--limits", "80"), "takes two"), (("rfm", "--recency", "1,2,3"), "four limits"),
        (("rfm", "--method", "rank", "--recency", "1,2,3,4"), "finds its limits itself"), (("bands",), "limits"),
        (("bands", "--limits", "1,1e400"), "no list of numbers"), (("bands", "--limits", "1,,2"), "no list of numbers"),
        (("bands", "--limits", "a,b"), "no list of numbers"), (("bands", "--limits", "5,1"), "do not ascend"),
        (("growth", "--limits", "5"), "--limits: growth takes two, not 1"),
        (("churn", "--limits", "9"), "2 are taken"), (("lifetime", "--account", "000001"), "bought again"),
        (("lifetime", "--rate", "x"), "no list of numbers"), (("abc", "--by", "nothing"), "nothing"),
    ],
)  # fmt: skip
def test_what_cannot_be_scored_is_said(segcli: Run, example: Path, words: tuple[str, ...], said: str) -> None:
    done = segcli("score", *words)
    assert done.status in {0, 1, 2}
    assert said in done.err
    assert "Traceback" not in done.err


def test_nobody_scored_is_an_empty_answer(segcli: Run, empty: Path) -> None:
    assert segcli("score", "abc").status == 0
    done = segcli("score", "abc", "--fail-if-empty", "-f", "csv")
    assert (done.status, done.out) == (3, "account,name,amount,share,cumulative,abc\n")
    assert "score abc: nothing was found" in done.err


def test_the_published_figures_of_cdnow(segcli: Run, empty: Path) -> None:
    """Through import and command: 2,357 customers; BG/NBD .243, 4.414, .793, 2.426, -9582.43; Gamma-Gamma 6.25, 3.74, 15.44."""
    published.import_purchases(segcli, published.cdnow("CDNOW_sample.txt"))
    done = segcli("score", "fit", "--as-of", "1997-09-30", "-f", "json")
    found = {(row["model"], row["parameter"]): row["value"] for row in done.rows}
    expected = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "log-likelihood": -9582.43}
    for name, value in expected.items():
        assert found["BG/NBD", name] == pytest.approx(value, abs=0.01 if name == "log-likelihood" else 0.001), name
    for name, value in {"p": 6.25, "q": 3.74, "v": 15.44}.items():
        assert found["Gamma-Gamma", name] == pytest.approx(value, abs=0.01), name
    table = scored(segcli, "lifetime", "--as-of", "1997-09-30")
    assert len(table) == 2357
    assert sum(row["repeat_purchases"] for row in table.values()) == 2457  # type: ignore[misc]
