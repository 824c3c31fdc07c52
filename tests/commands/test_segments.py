"""What is asked of segments: what an expression means, how classes moved, how selections overlap; each by another route."""

from collections import Counter
from pathlib import Path

import pytest
from conftest import Run, connected


def test_explain_counts_each_part(segcli: Run, example: Path) -> None:
    text = "(turnover(12m) > 1k and not class1 = N) or country is empty"
    rows = segcli("where", "explain", text, "-f", "json").rows
    assert [row["part"] for row in rows] == ["turnover(12m) > 1k", "class1 = N", "country is empty", text]
    for row in rows:
        found = segcli("show", "account-search", "--inactive", "--where", str(row["part"]), "-f", "json").rows
        assert (row["accounts"], row["share"]) == (len(found), round(len(found) / 3, 4))  # of 300
    (only,) = segcli("where", "explain", "name = 'O''Neil ?'", "--sql", "-f", "json").rows
    with connected(example) as db:
        db.create_function("fold", 1, lambda name: name)
        assert db.execute(f"SELECT count(*) FROM account AS a WHERE {only['sql']}").fetchone() == (0,)
    assert segcli("where", "explain", "turnovr > 1").status == 2
    names = {row["name"] for row in segcli("where", "fields", "-f", "json").rows}
    assert {"turnover", "class8", "vat_number", "last_invoice", "blocked", "status"} <= names


def test_explain_names_what_its_amounts_leave_out(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        db.execute(
            "UPDATE invoice SET base_revenue_amount = NULL, exchange_rate = NULL, is_rate_stated = 0 WHERE invoice_number = '25000001'"
        )
        db.commit()
    for text in (
        "turnover > 1",
        "abc = A",
        "turnover(12m) > turnover(24m, 12m)",
        "monetary_score = 5 and country = NL",
    ):
        assert "no exchange rate is known: 1 invoice of 1 account" in segcli("where", "explain", text, "--quiet").err
    assert segcli("where", "explain", "invoices > 1").err == ""


@pytest.mark.parametrize(
    "text", ["abc = D", "churn in (lost, losst)", "churn_by_rhythm != 'at riks'", "lifecycle = actve"]
)
def test_a_score_has_no_other_values(segcli: Run, example: Path, text: str) -> None:
    done = segcli("where", "explain", text)
    assert (done.status, "is never" in done.err, done.out) == (2, True, "")
    known = (
        "abc = 'no value' or lifecycle in (new, active, sleeping, returned, lost) or churn in (active, 'AT RISK', lost)"
    )
    assert segcli("where", "explain", known).status == 0


@pytest.fixture
def moved(segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A, B, C in N from January; E without; B to S in March, C to none in April, F added in May."""
    for day, words in (
        ("2026-01-10", ("import", "a.csv", "--create-missing")), ("2026-03-10", ("tag", "B", "--set", "class1=S")),
        ("2026-04-10", ("tag", "C", "--clear", "class1")), ("2026-05-10", ("import", "b.csv")),
    ):  # fmt: skip
        Path("a.csv").write_text("account,name,class1,country\nA,a,N,NL\nB,b,N,BE\nC,c,N,NL\nE,e,,NL\nS,s,S,NL\n")
        Path("b.csv").write_text("account,name,class1,country\nF,f,S,NL\n")
        monkeypatch.setenv("SEGCLI_TODAY", day)
        done = segcli(*words)
        assert done.status == 0, done.err
    monkeypatch.setenv("SEGCLI_TODAY", "2026-06-30")
    return empty


def pairs(segcli: Run, *words: str) -> dict[tuple[str, str], tuple[int, float]]:
    rows = segcli("matrix", "class1", "-f", "json", *words).rows
    return {(str(row["source"]), str(row["target"])): (int(row["value"]), float(row["share"])) for row in rows}


def test_how_classes_moved(segcli: Run, moved: Path) -> None:
    third = 33.3333
    assert pairs(segcli, "--from", "2026-01-31", "--to", "2026-06-30") == {
        ("N", "N"): (1, third), ("N", "S"): (1, third), ("N", "none"): (1, third), ("S", "S"): (1, 100), ("none", "none"): (1, 100),
        ("(new)", "S"): (1, 100),
    }  # fmt: skip
    assert pairs(segcli, "--from", "2026-03-09", "--to", "2026-03-10") == {
        ("N", "N"): (2, 66.6667), ("N", "S"): (1, third), ("S", "S"): (1, 100), ("none", "none"): (1, 100),
        ("(new)", "(new)"): (1, 100),
    }  # fmt: skip
    assert pairs(segcli, "--from", "2026-03-10", "--to", "2026-03-31", "--country", "NL") == {
        ("N", "N"): (2, 100), ("S", "S"): (1, 100), ("none", "none"): (1, 100), ("(new)", "(new)"): (1, 100),
    }  # fmt: skip
    early = segcli("matrix", "class1", "--from", "2025-01-01", "--to", "2025-12-31", "-f", "csv")
    assert early.out.splitlines()[1:] == ["(new),(new),6,100,,"]
    assert "no account existed on 2025-01-01: the first was added on 2026-01-10" in early.err
    assert pairs(segcli, "--period", "2026Q2") == {
        ("N", "N"): (1, 50), ("N", "none"): (1, 50), ("S", "S"): (2, 100), ("none", "none"): (1, 100), ("(new)", "S"): (1, 100),
    }  # fmt: skip
    assert segcli("matrix", "class1").status == 2
    assert segcli("matrix", "Regio", "--from", "2026-01-01").status == 2


def test_the_matrix_adds_up_to_the_accounts(segcli: Run, example: Path) -> None:
    assert segcli("tag", "--country", "BE", "--set", "class1=N", "--yes").status == 0
    rows = segcli("matrix", "class1", "--from", "2026-06-29", "--to", "2026-06-30", "-f", "json").rows
    assert sum(row["value"] for row in rows) == 300
    now = Counter(
        str(row["class1"] or "none")
        for row in segcli("show", "account-search", "--inactive", "--columns", "class1", "-f", "json").rows
    )
    targets: Counter[str] = Counter()
    for row in rows:
        targets[str(row["target"])] += int(row["value"])
    assert targets == now


def test_how_selections_overlap(segcli: Run, example: Path) -> None:
    flags = {"north": ("--class1", "N"), "gold": ("--class8", "GOLD"), "dutch": ("--country", "NL")}
    sets = {}
    for name, words in flags.items():
        assert segcli("selection", "save", name, *words).status == 0
        rows = segcli("show", "account-search", "--inactive", "--columns", "account", "-f", "json", *words).rows
        sets[name] = {row["account"] for row in rows}
    rows = segcli("overlap", *flags, "-f", "json").rows
    found = {str(row["sets"]): row["accounts"] for row in rows}
    regions: Counter[str] = Counter()
    for account in set().union(*sets.values()):
        regions[" & ".join(name for name in flags if account in sets[name])] += 1
    assert found == dict(regions)
    assert sum(found.values()) == len(set().union(*sets.values()))
    for row in segcli("overlap", *flags, "--pairs", "-f", "json").rows:
        one, other = sets[str(row["one"])], sets[str(row["other"])]
        assert (row["in_one"], row["in_other"], row["in_both"]) == (len(one), len(other), len(one & other))
        assert row["jaccard"] == round(len(one & other) / len(one | other), 6)
    assert segcli("list", "create", "post", "--class1", "N").status == 0
    assert segcli("overlap", "north", "list:post", "--pairs", "-f", "json").rows[0]["in_both"] == segcli(
        "overlap", "list:post", "north", "--pairs", "-f", "json").rows[0]["in_one"]  # fmt: skip
    for words in (("north",), ("north", "nope"), ("north", "list:nope"), tuple("abcdefg")):
        assert segcli("overlap", *words).status == 2
