"""Files of rules: their guards, their own tests, and what is wrong in them."""

import random
from pathlib import Path

import pytest
from conftest import Run
from rule_case import EXPRESSIONS, HEAD, RULE, state, written


def test_guards(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = "rules:\n  - {id: silent, set: C, when: invoices(90d) = 0}\n  - {id: rest, set: B, when: '*'}\n"
    before = state(example)
    cases = (
        ("guards: {max_changes: 10}\n", "more than max_changes of r.yaml 10"), ("guards: {max_changes: 2%}\n", "2%"),
        ("guards: {max_share: {B: 20%}}\n", "accounts would have B, more than 20%"), ("guards: {max_share: {B: 3}}\n", "more than 3"),
        ("windows_need: {purchase_invoice: 1d}\n", "need one of the last 1d"),
    )  # fmt: skip
    for guard, said in cases:
        written(HEAD + guard + rules)
        for words in (("plan", "r.yaml", "-o", "p.json"), ("apply", "r.yaml", "--yes")):
            done = segcli("rules", *words)
            assert (done.status, done.out) == (6, ""), guard
            assert said in done.err
            assert not Path("p.json").exists()
    assert state(example) == before
    written(HEAD + "guards: {max_changes: 10}\n" + rules)
    assert segcli("rules", "plan", "r.yaml", "--max-changes", "100%").status == 0
    # An import that failed: half a year on, nobody has bought for 90 days. The guard sees it, and nobody is made C.
    written(HEAD + "windows_need: {invoice: 7d}\n" + rules)
    assert segcli("rules", "plan", "r.yaml").status == 0
    monkeypatch.setenv("SEGCLI_TODAY", "2026-12-31")
    done = segcli("rules", "apply", "r.yaml", "--yes")
    assert (done.status, "the newest invoice is of 2026-06" in done.err) == (6, True)
    assert state(example) == before


def test_its_own_tests(segcli: Run, example: Path) -> None:
    text = (
        HEAD
        + """scope: status = customer
otherwise: clear
rules:
  - {id: big, set: A, when: turnover(12m) >= 10k and invoices(90d) > 0, hold: turnover(12m) >= 8k}
  - {id: late, set: C, when: {any: [last_invoice < 180d ago, days_to_pay(12m) > 45, abc(12m) = C]}}
  - {id: home, set: B, when: country = NL and not blocked = yes and class1 = N}
tests:
"""
    )
    right = """  - {given: {turnover(12m): 10k, invoices(90d): 1}, expect: A}
  - {given: {turnover(12m): 9999.99, invoices(90d): 1}, expect: clear}
  - {given: {turnover(12m): 8000, class3: A}, expect: A}
  - {given: {turnover(12m): 7999.99, class3: A}, expect: clear}
  - {given: {last_invoice: 2025-12-31}, expect: C}
  - {given: {days_to_pay(12m): 45.5}, expect: small}
  - {given: {abc(12m): C, country: NL, class1: N}, expect: C}
  - {given: {country: nl, class1: North}, expect: B}
  - {given: {country: NL, class1: N, blocked: yes}, expect: clear}
  - {given: {status: prospect, turnover(12m): 50k, invoices(90d): 3}, expect: keep}
  - {expect: clear}
"""
    written(text + right)
    done = segcli("rules", "check", "r.yaml")
    assert (done.status, done.err) == (0, ""), done.err
    written(
        text
        + "  - {given: {turnover(12m): 9k, invoices(90d): 1}, expect: A}\n  - {given: {country: NL, class1: N}, expect: C}\n"
    )
    for words in (("check", "r.yaml"), ("plan", "r.yaml"), ("apply", "r.yaml", "--yes")):
        done = segcli("rules", *words)
        assert done.status == 1, words
        assert "2 of 2 tests failed" in done.err or "expected A, the rules give clear" in done.err
    for line, said in (
        ("{given: {turnover(6m): 1}, expect: A}", "no rule asks for turnover(6m)"), ("{given: {turnovr: 1}, expect: A}", "no such field"),
        ("{given: {turnover(12m): much}, expect: A}", "'much' is no value"), ("{given: {}, expect: Z}", "unknown value 'Z'"),
        ("{given: {class1: Q}, expect: A}", "unknown value 'Q'"), ("{given: {country: NL}}", "'expect' is missing"),
        ("{given: {last_invoice: 31-12-2025}, expect: A}", "31-12-2025"),
    ):  # fmt: skip
        written(text + f"  - {line}\n")
        done = segcli("rules", "check", "r.yaml")
        assert done.status in {1, 2}, line
        assert said in done.err
        assert "r.yaml:10:" in done.err


WRONG = {
    "": "is empty", "[]": "names with values", "field: class3": "'rules' is missing", RULE: "'field' is missing",
    "field: class9\n" + RULE: "no class 9", "field: Valeu\n" + RULE: "unknown classification", HEAD + "rules: []": "no rule",
    HEAD + "rules: {a: b}": "a list is expected", HEAD + "rules:\n  - {id: a, set: Z, when: '*'}": "unknown value 'Z'",
    HEAD + "rules:\n  - {id: a, set: A}": "'when' is missing", HEAD + "rules:\n  - {id: a, set: A, when: ''}": "a text is expected",
    HEAD + "rules:\n  - {id: a, set: A, wen: '*'}": "'wen' is not known here", HEAD + "rules:\n  - {id: a, set: A, when: turnovr > 1}": "no such field",
    HEAD + "rules:\n  - {id: a, set: A, when: []}": "the list is empty", HEAD + "rules:\n  - {id: a, set: A, when: {}}": "no condition",
    HEAD + "rules:\n  - {id: a, set: A, when: {some: [x]}}": "'some' is not understood",
    HEAD + "rules:\n  - {id: a, set: A, when: {all: x}}": "a list is expected",
    HEAD + "rules:\n  - {id: a, set: A, when: '*', until: soon}": "soon", HEAD + RULE + "  - {id: a, set: B, when: '*'}": "a rule 'a' already",
    HEAD + "version: 2\n" + RULE: "stands twice", "version: 2\nfield: class3\n" + RULE: "'2' is none of 1",
    HEAD + "keep: manual\n" + RULE: "a list is expected", HEAD + "keep: [me]\n" + RULE: "'me' is none of manual, csv, import, rule",
    HEAD + "otherwise: Z\n" + RULE: "unknown value 'Z'", HEAD + "guards: {max_changes: many}\n" + RULE: "neither a number",
    HEAD + "guards: {max_share: {Z: 1%}}\n" + RULE: "unknown value 'Z'", HEAD + "guards: {most: 1}\n" + RULE: "'most' is not known",
    HEAD + "windows_need: {invoices: 7d}\n" + RULE: "nothing that can be needed", HEAD + "windows_need: {invoice: often}\n" + RULE: "no window",
    HEAD + "scope: nothing\n" + RULE: "no such field", HEAD + "rules:\n  - &x {id: a, set: A, when: '*'}\n  - *x": "an alias",
    HEAD + "rules: !!python/object:os.system {}": "a tag", HEAD + RULE + "why: x": "'why' is not known", "field: [": "not YAML",
    HEAD + "rules:\n  - {id: a, set: A, when: '*', why: '{turnovr} x'}": "no such field",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_in_a_file_is_said_with_its_place(segcli: Run, example: Path, text: str) -> None:
    written(text)
    before = state(example)
    for words in (("check", "r.yaml"), ("plan", "r.yaml"), ("apply", "r.yaml", "--yes")):
        done = segcli("rules", *words)
        if words[0] == "check" and "windows_need" in text:
            continue  # looked at where it counts
        assert (done.status in {1, 2}, done.out) == (True, ""), done.err
        assert WRONG[text] in done.err
        assert "r.yaml" in done.err
    assert state(example) == before


def test_off_a_terminal_rule_files_need_yes(segcli: Run, example: Path) -> None:
    written(HEAD + RULE)
    before = state(example)
    done = segcli("rules", "apply", "r.yaml")
    assert (done.status, "add --yes" in done.err) == (2, True)
    assert segcli("rules", "plan", "r.yaml", "--exit-code").status == 4
    assert segcli("rules", "apply", "r.yaml", "--dry-run").status == 0
    assert state(example) == before


@pytest.mark.repeats
def test_random_damage_never_ends_in_a_traceback(segcli: Run, example: Path) -> None:
    text = HEAD + "scope: status = customer\nkeep: [manual]\nguards: {max_changes: 90%, max_share: {A: 50%}}\nrules:\n" + "\n".join(
        f"  - {{id: r{n}, set: A, when: \"{e}\", why: '{{turnover(12m)}}'}}" for n, e in enumerate(EXPRESSIONS[:8])) + (
        "\ntests:\n  - {given: {turnover(12m): 1}, expect: keep}\n")  # fmt: skip
    rnd = random.Random(3)
    for _ in range(150):
        damaged = list(text)
        for _ in range(rnd.randint(1, 4)):
            at = rnd.randrange(len(damaged))
            damaged[at : at + rnd.randint(0, 3)] = rnd.choice(
                ["", "{", "}", "'", '"', ":", "-", "\n", "\x00", "&a", "é", "(", "999999y", "*", "0"]
            )
        Path("r.yaml").write_text("".join(damaged), encoding="utf-8")
        for words in (
            ("check", "r.yaml"),
            ("plan", "r.yaml", "-f", "csv"),
            ("stats", "r.yaml"),
            ("explain", "r.yaml", "000001"),
        ):
            done = segcli("rules", *words)
            assert done.status in {0, 1, 2, 6}, "".join(damaged)
