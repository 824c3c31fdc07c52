"""Rules that compare two metrics, what holds because of `hold` alone, and totals that count accounts."""

from pathlib import Path

from conftest import Run
from rule_case import HEAD, found, written

TWICE = "turnover(12m) > 1.5 * turnover(24m, 12m)"
RULES = (
    HEAD
    + f"""rules:
  - {{id: grown, set: A, when: "{TWICE} and turnover(12m) > 2k", hold: "turnover(12m) > turnover(24m, 12m)"}}
  - {{id: large, set: B, when: turnover(12m) > 1k}}
"""
)
TESTS = """tests:
  - {given: {turnover(12m): 3100, "turnover(24m, 12m)": 2000}, expect: A}
  - {given: {turnover(12m): 3000, "turnover(24m, 12m)": 2000}, expect: B}
  - {given: {turnover(12m): 3000, "turnover(24m, 12m)": 2000, class3: A}, expect: A}
  - {given: {turnover(12m): 2000, "turnover(24m, 12m)": 2000, class3: A}, expect: B}
"""


def test_a_rule_compares_two_metrics_and_its_tests_give_both(segcli: Run, example: Path) -> None:
    written(RULES + TESTS)
    assert segcli("rules", "check", "r.yaml").status == 0
    written(RULES + TESTS.replace("3100", "2999"))
    failed = segcli("rules", "check", "r.yaml")
    assert failed.status == 1
    assert "expected A, the rules give B" in failed.out


def test_what_holds_because_of_hold_says_so(segcli: Run, example: Path) -> None:
    written(RULES)
    strong = found(segcli, f"{TWICE} and turnover(12m) > 2k")
    weak = found(segcli, "class3 = A and turnover(12m) > turnover(24m, 12m)") - strong
    assert strong
    assert weak
    for accounts, rule, result in (
        (strong, "the rule", "grown is the first that holds"),
        (weak, "the rule, because of hold", "grown is the first that holds, because of hold"),
    ):
        rows = segcli("rules", "explain", "r.yaml", min(accounts), "-f", "json").rows
        assert (rows[0]["part"], rows[0]["holds"]) == (rule, True)
        assert rows[-1]["part"] == result
        assert [row["part"] for row in rows[1:4]] == [
            TWICE, "turnover(12m) > 2k", "hold: turnover(12m) > turnover(24m, 12m)",
        ]  # fmt: skip
        shown = segcli("show", "sales-analysis", "--account", min(accounts), "-f", "json", "--group-by", "account",
                       "--from", "2025-07-01", "--to", "2026-06-30").rows[0]  # fmt: skip
        now, before = rows[1]["value"].split(" and ")
        assert rows[3]["value"] == f"{now} and {before}"
        assert rows[2]["value"] == now == f"{shown['revenue']:.2f}"
        assert (float(now) > 1.5 * float(before)) is bool(rows[1]["holds"]) is (accounts is strong)


def test_totals_of_stats_count_accounts(segcli: Run, example: Path) -> None:
    """By another route: the accounts that selections and plans name, each counted once."""
    written(RULES)
    written("version: 1\nfield: class4\nscope: country = NL\nrules:\n  - {id: web, set: SHOP, when: '*'}\n", "s.yaml")
    grown, large = found(segcli, f"({TWICE} and turnover(12m) > 2k) or (class3 = A and turnover(12m) > turnover(24m, 12m))"), found(segcli, "turnover(12m) > 1k")  # fmt: skip
    dutch = found(segcli, "country = NL")
    table = {
        line.split()[0]: line.split() for line in segcli("rules", "stats", "s.yaml", "-f", "table").out.splitlines()
    }
    moved = {row["account"] for row in segcli("rules", "plan", "s.yaml", "-f", "json").rows}
    assert table["Total"][1:4] == [str(len(dutch)), str(len(dutch)), str(len(moved))]
    lines = segcli("rules", "stats", "r.yaml", "s.yaml", "-f", "table").out.splitlines()
    changed = {row["account"] for row in segcli("rules", "plan", "r.yaml", "s.yaml", "-f", "json").rows}
    total = next(line.split() for line in lines if line.startswith("Total"))
    assert grown & large
    assert total == ["Total", "300", "300", str(len(changed)), "100.00", "%"]
    assert moved < changed
    assert not any(line.startswith("Total") for line in segcli("rules", "stats", "r.yaml", "--no-totals", "-f", "table").out.splitlines())  # fmt: skip
