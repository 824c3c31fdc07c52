"""Suggested rules: a known rule file is recovered, errors are those that the plan shows, and the file is accepted as it stands."""

import csv
import io
import random
import re
from pathlib import Path

import pytest
from conftest import Run, connected

from segcli.settings import plain_yaml

PLANTED = """version: 1
field: Service level
keep: []
otherwise: BASIC
rules:
  - {id: gold, set: GOLD, when: "invoices(12m) >= 5 and country = NL"}
  - {id: silver, set: SILVER, when: "last_invoice >= 180d ago"}
"""


def _planned(segcli: Run, path: Path | str) -> list[dict[str, str]]:
    done = segcli("rules", "plan", path, "-f", "csv")
    assert done.status == 0, done.err
    return list(csv.DictReader(io.StringIO(done.out)))


def _numbers(pattern: str, text: str) -> tuple[int, ...]:
    found = re.search(pattern, text)
    assert found, text
    return tuple(map(int, found.groups()))


@pytest.fixture
def planted(segcli: Run, example: Path, tmp_path: Path) -> Path:
    """Return the example, with Service level given by PLANTED to all accounts."""
    (tmp_path / "planted.yaml").write_text(PLANTED)
    done = segcli("rules", "apply", tmp_path / "planted.yaml", "--yes")
    assert done.status == 0, done.err
    return example


def test_known_rules_are_recovered(segcli: Run, planted: Path, tmp_path: Path) -> None:
    path = tmp_path / "found.yaml"
    done = segcli("rules", "suggest", "Service level", "--source", "rule,import,manual,csv", "-o", path)
    assert (done.status, done.out, done.err) == (0, "", "")
    assert segcli("rules", "check", path).out == ""
    assert _planned(segcli, path) == []  # every account keeps what the planted rules gave
    text = path.read_text()
    assert "0 of 300 classified accounts would get another value." in text
    assert "invoices(12m) >= 5" in text
    rules = plain_yaml.tree(path.read_bytes(), str(path)).mapping()["rules"].listed  # type: ignore[union-attr]
    assert [rule.mapping()["set"].text for rule in rules].count("SILVER") == 1
    assert len(rules) == 2


@pytest.mark.repeats
def test_planted_errors_are_counted(segcli: Run, planted: Path, tmp_path: Path) -> None:
    with connected(planted) as db:
        codes = [code for (code,) in db.execute("SELECT code FROM account ORDER BY code")]
    moved = random.Random(7).sample(codes, 24)
    (tmp_path / "moved.txt").write_text("account,class8\n" + "".join(f"{code},GOLD\n" for code in moved))
    with connected(planted) as db:
        gold = {
            c
            for (c,) in db.execute(
                "SELECT a.code FROM account a JOIN classification_value v ON v.id = a.class8 WHERE v.code = 'GOLD'"
            )
        }
    wrong = [code for code in moved if code not in gold]
    assert segcli("tag", "--from", tmp_path / "moved.txt", "--yes").status == 0
    done = segcli("rules", "suggest", "class8", "--source", "rule,import,manual,csv")
    found, every = _numbers(r"(\d+) of (\d+) classified accounts would get another value", done.out)
    # The planted rules are wrong for exactly these accounts; a list that was learnt may be worse by one account in a hundred.
    assert every == 300
    assert len(wrong) - 3 <= found <= len(wrong) + 3
    right, held = _numbers(r"Held-out accuracy [\d.]+ % \((\d+) of (\d+)\)", done.out)
    assert right / held == pytest.approx(1 - len(wrong) / 300, abs=0.07)


@pytest.mark.parametrize(
    "words", [("Customer value",), ("Region",), ("class5", "--where", "status = C"), ("class3", "--rules", "1")]
)
def test_the_file_is_accepted_and_its_figures_are_those_of_the_plan(
    segcli: Run, example: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    path = tmp_path / "found.yaml"
    done = segcli("rules", "suggest", *words, "-o", path)
    assert done.status == 0, done.err
    checked = segcli("rules", "check", path)
    assert (checked.status, checked.out) == (0, ""), checked.out
    text = path.read_text()
    changes, other, empty = _numbers(r"would change (\d+) accounts?: (\d+) with another value, (\d+) without one", text)
    planned = _planned(segcli, path)
    assert len(planned) == changes
    assert sum(row["from"] == "" for row in planned) == empty
    assert sum(row["from"] != "" for row in planned) == other
    # With keep: [] the plan lists every classified account that the rules decide otherwise.
    (tmp_path / "all.yaml").write_text(text.replace("keep: [manual]", "keep: []"))
    wrong, every = _numbers(r"(\d+) of (\d+) classified accounts", text)
    assert sum(row["from"] != "" for row in _planned(segcli, tmp_path / "all.yaml")) == wrong
    field = {"Region": 1, "class5": 5}.get(words[0], 3)
    with connected(example) as db:
        scope = "status = 'C'" if field == 5 else "TRUE"
        assert db.execute(f"SELECT count(class{field}) FROM account WHERE {scope}").fetchone()[0] == every
    assert text.count("expect:") >= 2


def test_counter_examples_are_accounts_that_the_rule_decides_otherwise(
    segcli: Run, example: Path, tmp_path: Path
) -> None:
    path = tmp_path / "found.yaml"
    segcli("rules", "suggest", "Customer value", "-o", path)
    (tmp_path / "all.yaml").write_text(path.read_text().replace("keep: [manual]", "keep: []"))
    planned = {row["account"]: row for row in _planned(segcli, tmp_path / "all.yaml")}
    table = list(csv.DictReader(io.StringIO(segcli("rules", "suggest", "Customer value", "-f", "csv").out)))
    shown = [(row, match) for row in table for match in re.findall(r"(\S+) \((\w)\)", row["counter_examples"])]
    assert len(shown) > 3
    for row, (account, value) in shown:
        assert (planned[account]["from"], planned[account]["to"]) == (value, row["set"])
    for row in table:
        assert int(row["accounts"]) - int(row["right"]) >= len(re.findall(r"\(", row["counter_examples"]))
        assert float(row["accuracy"]) <= 100


def test_flags_select_the_accounts_and_become_the_scope(segcli: Run, example: Path, tmp_path: Path) -> None:
    path = tmp_path / "found.yaml"
    flags = (
        "--country",
        "NL,BE",
        "--class1",
        "N,E,none",
        "--class",
        "Sector=not:AGR",
        "--where",
        "not blocked = yes or name contains a",
    )
    done = segcli("rules", "suggest", "class3", *flags, "-o", path)
    assert done.status == 0, done.err
    shown = segcli("show", "account-search", *flags, "--inactive", "-f", "csv", "--columns", "account")
    selected = len(shown.out.splitlines()) - 1
    assert selected > 60
    stats = list(csv.DictReader(io.StringIO(segcli("rules", "stats", path, "-f", "csv").out)))
    assert sum(int(row["wins"]) for row in stats) == selected
    assert segcli("rules", "check", path).status == 0
    assert "tests:" in path.read_text()


def test_too_little_to_learn_from_is_said(segcli: Run, example: Path, tmp_path: Path) -> None:
    done = segcli("rules", "suggest", "Region", "--where", "country = BE")
    assert done.status == 1
    assert re.search(r"\d+ accounts? with a value of Region from manual, csv, import: at least 20 are needed", done.err)
    done = segcli("rules", "suggest", "Region", "--class1", "N")
    assert (done.status, "all 49 accounts have the value N of Region" in done.err) == (1, True)
    done = segcli("rules", "suggest", "Campaign", "-o", tmp_path / "none.yaml")
    assert done.status == 1
    assert "no short rule tells the values of Campaign apart better than AUTUMN for all" in done.err
    assert not (tmp_path / "none.yaml").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("class3", "-o", "plan.json"), "is no rule file"),
        (("class3", "--source", "hand"), "there is no 'hand'"),
        (("class3", "--rules", "0"), "--rules: 0 is not between 1 and 50"),
        (("class3", "--depth", "4"), "--depth: 4 is not between 1 and 3"),
        (("class3", "--search", "jansen"), "--search cannot be written"),
        (("class3", "--without", "turnovr"), "there is no such field"),
        (("Customer valu",), "unknown classification"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_told(segcli: Run, example: Path, words: tuple[str, ...], said: str) -> None:
    done = segcli("rules", "suggest", *words)
    assert (done.status, said in done.err) == (2, True), done.err


@pytest.mark.repeats
def test_features_can_be_added_and_left_out(segcli: Run, example: Path) -> None:
    plain = segcli("rules", "suggest", "Region").out
    assert "state" in plain
    without = segcli("rules", "suggest", "Region", "--without", "state").out
    assert "state" not in without
    assert segcli("rules", "suggest", "Region", "--without", "state", "--with", "state").out == plain


def test_shuffled_rows_give_the_same_bytes(segcli: Run, tmp_path: Path) -> None:
    chance = random.Random(1)
    accounts = [(f"{number:04d}", chance.choice(("NL", "BE", "DE", "FR"))) for number in range(300)]
    invoices = [
        (f"I{number}", chance.choice(accounts)[0], f"2026-0{chance.randint(1, 6)}-15", chance.randint(10, 900))
        for number in range(900)
    ]
    totals = {code: sum(amount for _, account, _, amount in invoices if account == code) for code, _ in accounts}
    classes = [(code, "A" if totals[code] >= 1500 else "B" if country == "NL" else "C") for code, country in accounts]
    texts = []
    for turn in range(2):
        if turn:
            for rows in (accounts, invoices, classes):
                chance.shuffle(rows)
        base = tmp_path / f"{turn}.db"
        (tmp_path / "accounts.csv").write_text(
            "account,name,country\n" + "".join(f"{c},Name {c},{k}\n" for c, k in accounts)
        )
        (tmp_path / "invoices.csv").write_text(
            "invoice_number,account,invoice_date,status,currency,net_amount,vat_amount,total_amount\n"
            + "".join(f"{n},{a},{d},processed,EUR,{m}.00,0.00,{m}.00\n" for n, a, d, m in invoices)
        )
        (tmp_path / "classes.csv").write_text("account,class1\n" + "".join(f"{c},{v}\n" for c, v in classes))
        assert segcli("init", "-d", base).status == 0
        assert segcli("classification", "label", "1", "Value", "-d", base).status == 0
        for code in "ABC":
            assert segcli("classification", "value", "add", "1", code, code, "-d", base).status == 0
        for name in ("accounts", "invoices"):
            done = segcli("import", tmp_path / f"{name}.csv", "-d", base)
            assert done.status == 0, done.err
        assert segcli("tag", "--from", tmp_path / "classes.csv", "--yes", "-d", base).status == 0
        done = segcli("rules", "suggest", "Value", "-d", base)
        assert done.status == 0, done.err
        texts.append(done.out)
    assert texts[0] == texts[1]
    assert "0 of 300 classified accounts would get another value." in texts[0]
    assert "country = NL" in texts[0]
    assert ">= 1500" in texts[0]
