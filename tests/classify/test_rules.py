"""Classification by rules: against an evaluation of their expressions one by one, and every promise of apply."""

import json
import random
import sqlite3
from pathlib import Path

import pytest
from conftest import ROOT, Run, connected
from rule_case import EXPRESSIONS, HEAD, RULE, classes, found, state, written


def planned(segcli: Run, *words: object) -> dict[str, tuple[str | None, str | None, str | None]]:
    done = segcli("rules", "plan", *words, "-f", "json")
    assert done.status == 0, done.err
    return {str(row["account"]): (row["from"], row["to"], row["rule"]) for row in done.rows}


@pytest.mark.repeats
@pytest.mark.parametrize("seed", range(12))
def test_the_first_that_holds_wins(segcli: Run, example: Path, seed: int) -> None:
    """By another route: the accounts of each expression by --where, then the first rule that has them."""
    assert segcli("selection", "save", "north", "--class1", "N", "--where", "turnover(12m) > 1k").status == 0
    assert segcli("list", "create", "post", "--country", "BE").status == 0
    rnd = random.Random(seed)
    chosen = rnd.sample(EXPRESSIONS, rnd.randint(3, 9))
    values = [rnd.choice("ABC") for _ in chosen]
    scope = rnd.choice(("", "status = customer", "not country = NL"))
    otherwise = rnd.choice(("keep", "clear", "B"))
    lines = [
        f'  - {{id: r{n}, set: {value}, when: "{text}"}}'
        for n, (value, text) in enumerate(zip(values, chosen, strict=True))
    ]
    text = HEAD + (f"scope: {scope}\n" if scope else "") + f"otherwise: {otherwise}\nrules:\n" + "\n".join(lines) + "\n"
    before = classes(example)
    inside = found(segcli, scope) if scope else set(before)
    expected: dict[str, str | None] = {}
    for account in inside:
        expected[account] = {"keep": before[account], "clear": None, "B": "B"}[otherwise]
    for value, expression in reversed(list(zip(values, chosen, strict=True))):
        expected |= dict.fromkeys(found(segcli, expression) & inside, value)
    plan = planned(segcli, written(text))
    assert {account: to for account, (_, to, _) in plan.items()} == {
        a: v for a, v in expected.items() if v != before[a]
    }
    assert all(before[account] == old for account, (old, _, _) in plan.items())
    assert segcli("rules", "apply", "r.yaml", "--yes").status == 0
    assert classes(example) == before | expected


def test_parts_hold_expired_and_reasons(segcli: Run, example: Path) -> None:
    written(HEAD + """rules:
  - {id: gone, set: A, when: "*", until: 2026-06-29}
  - id: key
    set: A
    when: [turnover(12m) >= 8k, "invoices(90d) > 0"]
    hold: turnover(12m) >= 2k
    why: "Key: {turnover(12m)} in 12 months, {invoices(90d)} invoices, {country}"
  - id: some
    set: B
    when: {any: [country = NL, country = BE], none: [class1 = N, class1 = S], all: [turnover(12m) > 1k]}
    until: 2026-06-30
""")  # fmt: skip
    before = classes(example)
    held = {a for a, v in before.items() if v == "A"} & found(segcli, "turnover(12m) >= 2k")
    key = (found(segcli, "turnover(12m) >= 8k") & found(segcli, "invoices(90d) > 0")) | held
    some = found(segcli, "country in (NL, BE) and not class1 in (N, S) and turnover(12m) > 1k") - key
    assert held - found(segcli, "turnover(12m) >= 8k")
    done = segcli("rules", "plan", "r.yaml", "-f", "json")
    after = {row["account"]: row["to"] for row in done.rows}
    assert after == {a: "A" for a in key if before[a] != "A"} | {a: "B" for a in some if before[a] != "B"}
    row = next(row for row in done.rows if row["rule"] == "key")
    facts = segcli(
        "show", "account-overview", "--account", row["account"], "-f", "json", "--columns", "turnover,country"
    ).rows[0]
    assert row["why"].startswith(f"Key: {facts['turnover']:.2f} in 12 months, ")
    assert row["why"].endswith(f" invoices, {facts['country']}")
    rows = segcli("rules", "check", "r.yaml", "-f", "json").rows
    assert [(r["rule"], r["finding"]) for r in rows] == [
        ("gone", "expired on 2026-06-29"),
        ("some", "expires on 2026-06-30"),
    ]


def test_what_was_set_by_hand_is_kept(segcli: Run, example: Path) -> None:
    text = HEAD + "keep: [{keep}]\nrules:\n  - {{id: all, set: C, when: '*'}}\n"
    assert classes(example)["CZ210"] == "C"
    assert segcli("tag", "CZ210", "--set", "class3=A").status == 0
    assert segcli("tag", "000006", "--clear", "class3").status in {0, 2}
    Path("t.csv").write_text("account,class3\n000011,B\n")
    assert segcli("tag", "--from", "t.csv", "--yes").status == 0
    everybody = {a for a, v in classes(example).items() if v != "C"}
    by_hand = {"CZ210"} | {a for a in ("000006",) if classes(example).get(a) is None}
    for keep, kept in (("", set()), ("manual", by_hand), ("csv", {"000011"}), ("manual, csv", by_hand | {"000011"})):
        assert set(planned(segcli, written(text.format(keep=keep)))) == everybody - kept, keep
    imported = set(planned(segcli, written(text.format(keep="import"))))
    assert imported == {a for a in by_hand | {"000011"} if classes(example)[a] != "C"}
    # What undo gave back is of whom it was from before: applying again after undo does it again.
    written(text.format(keep="manual"))
    assert segcli("rules", "apply", "r.yaml", "--yes").status == 0
    run = segcli("log", "--limit", "1", "-f", "json").rows[0]
    assert (run["source"], run["command"], run["reason"]) == ("rule", "rules apply r.yaml", "as of 2026-06-30")
    assert segcli("undo", str(run["run"]), "--yes").status == 0
    assert set(planned(segcli, "r.yaml")) == everybody - by_hand


def test_twice_is_once_and_undo_brings_all_back(segcli: Run, example: Path) -> None:
    written(
        HEAD
        + "otherwise: C\nrules:\n  - {id: a, set: A, when: turnover(12m) > 3k}\n  - {id: n, set: clear, when: invoices = 0}\n"
    )
    before = state(example)
    assert segcli("rules", "plan", "r.yaml", "-o", "p.json").status == 0
    plan = json.loads(Path("p.json").read_text())
    assert segcli("rules", "apply", "p.json").status == 0
    after = state(example)
    changed = {row["account"] for row in plan["changes"]}
    assert {b[1] for b, a in zip(before, after, strict=True) if a != b} <= changed
    assert len({b for b, a in zip(before, after, strict=True) if a != b}) == len(changed) > 50
    with connected(example) as db:
        assert db.execute("SELECT count(*), count(DISTINCT run_id) FROM classification_change").fetchone() == (
            len(changed),
            1,
        )
    runs = len(segcli("log", "-f", "json").rows)
    twice = segcli("rules", "apply", "p.json")
    run = segcli("log", "--limit", "1", "-f", "json").rows[0]["run"]
    assert (twice.status, state(example)) == (6, after)
    assert f"p.json was already applied, by run {run}: nothing was changed" in twice.err
    assert planned(segcli, "r.yaml") == {}
    again = segcli("rules", "apply", "r.yaml", "--yes", "--exit-code")
    assert (again.status, again.out, again.err) == (0, "", "")
    assert len(segcli("log", "-f", "json").rows) == runs
    assert segcli("undo", str(segcli("log", "--limit", "1", "-f", "json").rows[0]["run"]), "--yes").status == 0
    assert state(example) == before
    taken_back = segcli("rules", "apply", "p.json")
    assert taken_back.status == 6  # a plan is applied once
    assert f"already applied, by run {run} and undone by run" in taken_back.err


def test_classes_that_look_at_each_other(segcli: Run, example: Path) -> None:
    """The second file sees what the first one gives, whatever their order on the line; a circle is refused."""
    first = written(
        "field: class3\nrules:\n  - {id: a, set: A, when: country = BE}\n  - {id: c, set: C, when: '*'}\n", "value.yaml"
    )
    second = written(
        "field: class2\nrules:\n  - {id: key, set: SRV, when: class3 = A}\n  - {id: rest, set: RET, when: '*'}\n",
        "sector.yaml",
    )
    belgian = found(segcli, "country = BE")
    for order in ((first, second), (second, first)):
        done = segcli("rules", "plan", *order, "-f", "json")
        given = {row["account"] for row in done.rows if row["class"] == "class2" and row["to"] == "SRV"}
        assert given | {a for a, v in classes(example, 2).items() if v == "SRV" and a in belgian} == belgian
        assert not {row["account"] for row in done.rows if row["class"] == "class2" and row["to"] == "RET"} & belgian
    assert segcli("rules", "plan", second, first, "-o", "p.json").status == 0
    assert segcli("rules", "apply", "p.json").status == 0
    assert {a for a, v in classes(example, 2).items() if v == "SRV"} == belgian
    assert planned(segcli, first, second) == {}
    row = segcli("rules", "explain", first, second, min(belgian), "-f", "json").rows[-1]
    assert (row["set"], row["holds"]) == ("SRV", False)
    first.write_text("field: class3\nrules:\n  - {id: a, set: A, when: class2 = SRV}\n")
    done = segcli("rules", "plan", first, second)
    assert (done.status, "in a circle" in done.err) == (1, True)
    third = written(first.read_text(), "again.yaml")
    done = segcli("rules", "plan", first, third)
    assert (done.status, "has rules for class3 already" in done.err) == (1, True)


def test_rules_that_look_at_the_class_they_give_are_told(segcli: Run, example: object) -> None:
    written(HEAD + "rules:\n  - {id: a, set: A, when: class3 = B}\n")
    rows = segcli("rules", "check", "r.yaml", "-f", "json").rows
    assert "its rules look at the class that they give: applied again, they may give another" in [
        row["finding"] for row in rows
    ]


def test_stats_matrix_and_explain(segcli: Run, example: Path) -> None:
    written(HEAD + "rules:\n  - {id: a, set: A, when: turnover(12m) > 3k}\n  - {id: b, set: B, when: turnover(12m) > 1k}\n"
            "  - {id: never, set: C, when: country = ZZ}\n  - {id: shade, set: C, when: turnover(12m) > 4k}\n")  # fmt: skip
    three, one = found(segcli, "turnover(12m) > 3k"), found(segcli, "turnover(12m) > 1k")
    rows = {row["rule"]: row for row in segcli("rules", "stats", "r.yaml", "-f", "json").rows}
    assert (rows["a"]["hits"], rows["a"]["wins"]) == (len(three), len(three))
    assert (rows["b"]["hits"], rows["b"]["wins"]) == (len(one), len(one - three))
    assert rows["(otherwise)"]["wins"] == 300 - len(one)
    findings = {row["rule"]: row["finding"] for row in segcli("rules", "check", "r.yaml", "-f", "json").rows}
    assert findings["never"] == "holds for no account"
    assert "never wins" in findings["shade"]
    before, plan = classes(example), planned(segcli, "r.yaml")
    matrix = segcli("rules", "stats", "r.yaml", "--matrix", "-f", "json").rows
    assert sum(row["accounts"] for row in matrix) == 300
    for row in matrix:
        old = None if row["from"] == "none" else row["from"]
        new = None if row["to"] == "none" else row["to"]
        assert row["accounts"] == sum(v == old and plan.get(a, (v, v, ""))[1] == new for a, v in before.items())
    account = min(one - three)
    parts = segcli("rules", "explain", "r.yaml", account, "-f", "json").rows
    worth = segcli("show", "account-overview", "--account", account, "-f", "json", "--columns", "turnover").rows[0][
        "turnover"
    ]
    assert [(row["rule"], row["part"], row["holds"]) for row in parts[:4]] == [
        ("a", "the rule", False), ("a", "turnover(12m) > 3k", False), ("b", "the rule", True), ("b", "turnover(12m) > 1k", True),
    ]  # fmt: skip
    assert parts[1]["value"] == f"{worth:.2f}"
    assert parts[-1]["part"] == "b is the first that holds"
    assert segcli("tag", account, "--set", "class3=C").status in {0, 4}
    last = segcli("rules", "explain", "r.yaml", account, "-f", "json").rows[-1]
    assert (last["set"], last["holds"]) in {("C", False), ("B", True)}
    assert segcli("rules", "explain", "r.yaml").status == 2
    assert segcli("rules", "explain", "r.yaml", "nobody").status == 2


def test_as_of_an_earlier_day(segcli: Run, example: Path) -> None:
    written(HEAD + "rules:\n  - {id: a, set: A, when: invoices(3m) > 2}\n")
    before = classes(example)
    rows = segcli(
        "show", "account-search", "--inactive", "--as-of", "2025-12-31", "--where", "invoices(3m) > 2", "-f", "json"
    ).rows
    earlier = {str(row["account"]) for row in rows}
    assert set(planned(segcli, "r.yaml", "--as-of", "2025-12-31")) == {a for a in earlier if before[a] != "A"}
    assert segcli("rules", "plan", "r.yaml", "--as-of", "2025-12-31", "-o", "p.json").status == 0
    assert json.loads(Path("p.json").read_text())["as_of"] == "2025-12-31"
    assert segcli("rules", "apply", "p.json", "--as-of", "2026-01-01").status == 2
    assert segcli("rules", "apply", "p.json").status == 0
    assert {a for a, v in classes(example).items() if v == "A"} >= earlier


def test_no_write_by_looking(segcli: Run, example: Path) -> None:
    written(HEAD + RULE)
    with sqlite3.connect(example) as db:
        before = list(db.iterdump())
    for words in (("check", "r.yaml"), ("plan", "r.yaml"), ("stats", "r.yaml"), ("explain", "r.yaml", "000001")):
        assert segcli("rules", *words).status == 0
    with sqlite3.connect(example) as db:
        assert list(db.iterdump()) == before


def test_the_example(segcli: Run, example: Path) -> None:
    path = ROOT / "examples" / "customer-value.yaml"
    done = segcli("rules", "check", path)
    assert (done.status, done.err) == (0, "")
    plan = planned(segcli, path)
    assert 20 < len(plan) < 150
    assert segcli("rules", "apply", path, "--yes").status == 0
    assert planned(segcli, path) == {}
