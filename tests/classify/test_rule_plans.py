"""Plans of rules: kept, verified change by change, and applied where they still fit."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from rule_case import HEAD, classes, found, state, written


def test_a_plan_fits_one_moment_of_one_database(segcli: Run, example: Path, tmp_path: Path) -> None:
    rules = written(HEAD + "rules:\n  - {id: a, set: A, when: turnover(12m) > 3k}\n")
    assert segcli("rules", "plan", "r.yaml", "-o", "p.json").status == 0
    assert Path("p.json").stat().st_mode & 0o777 == 0o600
    before = state(example)
    # edited by hand, or its rules were
    text = Path("p.json").read_text()
    Path("edited.json").write_text(text.replace('"to": "A"', '"to": "B"', 1))
    assert_refused(segcli, "edited.json", "was changed after it was made")
    rules.write_text(rules.read_text() + "# more\n")
    assert_refused(segcli, "p.json", "r.yaml was changed after")
    rules.write_text(rules.read_text().removesuffix("# more\n"))
    # of another database, or after an import
    assert segcli("-d", "other.db", "init", "--example").status == 0
    done = segcli("-d", "other.db", "rules", "apply", "p.json")
    assert (done.status, "another database" in done.err) == (6, True)
    Path("a.csv").write_text("account,name\nNEW1,New\n")
    assert segcli("import", "a.csv").status == 0
    # an account that the rules are not about comes after it: the plan fits
    assert segcli("rules", "apply", "p.json", "--dry-run", "--exit-code").status == 4
    assert [row for row in state(example) if row[1] != "NEW1"] == before
    # without its rules it cannot be computed again
    rules.rename("away.yaml")
    assert_refused(segcli, "p.json", "is not there to compute it again")
    Path("away.yaml").rename(rules)
    # a dry run and a look leave it fitting
    assert segcli("rules", "plan", "r.yaml", "-o", "p.json").status == 0
    assert segcli("tag", "000001", "--set", "class1=N", "--dry-run").status == 0
    assert segcli("rules", "apply", "p.json", "--dry-run", "--exit-code").status == 4
    assert segcli("import", "a.csv").status == 0  # the same file again: nothing
    assert segcli("rules", "apply", "p.json", "--exit-code").status == 4
    assert {a for a, v in classes(example).items() if v == "A"} >= found(segcli, "turnover(12m) > 3k")


def test_a_plan_survives_runs_that_leave_its_changes_alone(segcli: Run, example: Path) -> None:
    written(HEAD + "keep: []\nguards: {max_changes: 500}\nrules:\n  - {id: a, set: A, when: turnover(12m) > 3k}\n")
    assert segcli("rules", "plan", "r.yaml", "-o", "p.json").status == 0
    plan = json.loads(Path("p.json").read_text())["changes"]
    moved, tagged = plan[0], plan[1]
    assert segcli("tag", tagged["account"], "--set", "class1=S").status == 0  # another class
    Path("a.csv").write_text("account,name\nNEW1,New\n")
    assert segcli("import", "a.csv").status == 0
    before = state(example)
    # what the plan changes is changed by hand: one change goes, another one begins elsewhere
    other = next(code for code in ("B", "C") if code != tagged["from"])
    assert segcli("tag", moved["account"], "--set", "class3=A").status == 0
    assert segcli("tag", tagged["account"], "--set", f"class3={other}").status == 0
    done = segcli("rules", "apply", "p.json")
    assert (done.status, done.out) == (6, "")
    assert f"account {moved['account']}, class3: gone: " in done.err
    assert (
        f"account {tagged['account']}, class3: different: {other} -> A, and the plan has {tagged['from'] or 'no value'} -> A"
        in done.err
    )
    assert "(0 added, 1 gone, 1 different); nothing was changed" in done.err
    for _ in range(2):
        assert (
            segcli(
                "undo", segcli("log", "--command", "tag", "--limit", "2", "-f", "json").rows[_]["run"], "--yes"
            ).status
            == 0
        )
    assert state(example) == before
    # an account that the rules would change now, and not when the plan was made
    new = next(a for a, v in classes(example).items() if v == "A" and a in found(segcli, "turnover(12m) > 3k"))
    assert segcli("tag", new, "--clear", "class3").status == 0
    done = segcli("rules", "apply", "p.json")
    assert (done.status, f"account {new}, class3: added: no value -> A is not in the plan" in done.err) == (6, True), (
        done.err
    )
    assert segcli("undo", segcli("log", "--limit", "1", "-f", "json").rows[0]["run"], "--yes").status == 0
    # guards hold at the time of applying
    assert segcli("rules", "apply", "p.json", "--max-changes", "3").status == 6
    assert state(example) == before
    applied = segcli("rules", "apply", "p.json", "-f", "json", "--exit-code")
    assert applied.status == 4, applied.err
    keys = ("account", "class", "from", "to")
    assert [tuple(row[k] or "" for k in keys) for row in applied.rows] == [tuple(row[k] for k in keys) for row in plan]
    assert_refused(segcli, "p.json", "was already applied")


def test_a_plan_that_is_kept_is_not_printed(segcli: Run, example: Path) -> None:
    written(HEAD + "rules:\n  - {id: a, set: A, when: turnover(12m) > 3k}\n")
    assert segcli("rules", "plan", "r.yaml").out
    done = segcli("rules", "plan", "r.yaml", "-o", "p.json")
    assert (done.status, done.out, done.err) == (0, "", "")
    both = segcli("rules", "plan", "r.yaml", "-o", "p.json", "-f", "json")
    assert len(both.rows) == len(json.loads(Path("p.json").read_text())["changes"]) > 20


def forged(change: Callable[[dict[str, Any]], object]) -> None:
    """Write forged.json: the plan p.json changed, with a digest that fits it."""
    plan = json.loads(Path("p.json").read_text(encoding="utf-8"))
    change(plan)
    head = {key: value for key, value in plan.items() if key not in {"changes", "sha256"}}
    rows = [json.dumps(row, ensure_ascii=False) for row in plan["changes"]]
    plan["sha256"] = hashlib.sha256("\n".join((json.dumps(head, sort_keys=True), *rows)).encode()).hexdigest()
    Path("forged.json").write_text(json.dumps(plan), encoding="utf-8")


def test_a_plan_is_verified_change_by_change(segcli: Run, example: Path) -> None:
    written(HEAD + "rules:\n  - {id: a, set: A, when: turnover(12m) > 3k}\n")
    assert segcli("rules", "plan", "r.yaml", "-o", "p.json").status == 0
    rows = json.loads(Path("p.json").read_text())["changes"]
    at = len(rows) // 2
    row, before = rows[at], state(example)
    account, old = row["account"], row["from"]
    assert (classes(example)[account] or "") == old
    other = next(code for code in ("A", "B", "C", "") if code not in {old, "A"})
    shown = f"'{other}'" if other else "no value"
    held = f"'{old}'" if old else "no value"
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"from": other}, 6, f"has {held}, and the plan says {shown}"),
        ({"to": old}, 6, f"has {held} already"),
        ({"to": "NOPE"}, 6, "the class has no value 'NOPE'"),
        ({"account": "nobody"}, 6, "is not in the database"),
        ({"class": "class9"}, 1, "is not as segcli rules plan writes it"),
        ({"class": "Region"}, 1, "is not as segcli rules plan writes it"),
        ({"to": 2**63}, 1, "is not as segcli rules plan writes it"),
        ({"account": 2**64}, 1, "is not as segcli rules plan writes it"),
    ]
    for edit, status, said in cases:
        forged(lambda plan, edit=edit: plan["changes"][at].update(edit))  # type: ignore[misc]
        done = segcli("rules", "apply", "forged.json")
        assert (done.status, done.out) == (status, ""), (edit, done.err)
        assert f"$.changes[{at}]" in done.err
        assert str(edit.get("account", account) if "account" not in edit or status == 6 else "changes") in done.err
        assert said in done.err
        assert state(example) == before
    for key, value in (("last_run", 2**63), ("selected", 2**70), ("last_run", -1), ("as_of", "soon")):
        forged(lambda plan, key=key, value=value: plan.update({key: value}))  # type: ignore[misc]
        done = segcli("rules", "apply", "forged.json")
        assert (done.status, f"'{key}' is not a" in done.err) == (1, True), done.err
    forged(lambda plan: plan["changes"].append(plan["changes"][at]))
    assert_refused(segcli, "forged.json", f"$.changes[{at}]: account {account}, class3: is changed twice")
    forged(lambda _: None)
    assert segcli("rules", "apply", "forged.json").status == 0  # the true plan, written anew
    assert classes(example)[account] == "A"


def assert_refused(segcli: Run, name: str, said: str) -> None:
    done = segcli("rules", "apply", name)
    assert (done.status, done.out) == (6, "")
    assert said in done.err
    assert "nothing was changed" in done.err


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "nonsense", '{"segcli_plan": 1}', '{"segcli_plan": 2}', "[" * 100_000]
)
def test_what_is_no_plan(segcli: Run, example: Path, text: str) -> None:
    Path("p.json").write_text(text)
    done = segcli("rules", "apply", "p.json")
    assert (done.status, done.out) == (1, "")
    assert "plan" in done.err
    assert segcli("rules", "apply", "missing.json").status == 1


def test_what_another_command_does_in_between_is_seen(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the lock an account moves, and a saved selection changes: all is read anew, the guards too."""
    from segcli.classify.rules import apply as rules

    assert segcli("selection", "save", "chosen", "--class1", "N").status == 0
    written(HEAD + "rules:\n  - {id: a, set: A, when: in selection chosen}\n")
    sectors = classes(example, 2)
    mover = next(
        a for a, v in classes(example, 1).items() if v == "S" and sectors[a] == "RET" and classes(example)[a] != "A"
    )

    def meanwhile(*_: object) -> None:
        assert segcli("selection", "save", "chosen", "--class1", "N", "--class2", "RET").status == 0
        assert segcli("tag", mover, "--set", "class1=N").status == 0

    before = classes(example)
    monkeypatch.setattr(rules, "_ask", meanwhile)
    assert segcli("rules", "apply", "r.yaml", "--yes").status == 0
    expected = found(segcli, "class1 = N and class2 = RET")
    assert mover in expected
    assert found(segcli, "class1 = N and not class2 = RET and not class3 = A")  # whom the older selection has, too
    assert {a for a, v in classes(example).items() if v != before[a]} == {a for a in expected if before[a] != "A"}
    written(HEAD + "guards: {max_changes: 0}\nrules:\n  - {id: a, set: B, when: in selection chosen}\n")
    now = state(example)
    assert segcli("rules", "apply", "r.yaml", "--yes").status == 6
    assert state(example) == now
