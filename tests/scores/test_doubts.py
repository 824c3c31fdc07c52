"""Doubts about a fitted model appear wherever its figures are used; and the day of the next order in --where."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import Run, connected

HEAD = "invoice,account,date,net\n"
FEW = "only 2 accounts bought again; estimates from fewer than 30 are unreliable"
ALL = "every account is alive by the model (99 % or more): it tells none apart"


@pytest.fixture
def few(segcli: Run, empty: Path) -> Path:
    """Three accounts: A buys every ten days until today, B bought twice, C once."""
    Path("a.csv").write_text("account,name\nA,a\nB,b\nC,c\n")
    days = [("A", date(2026, 6, 30) - timedelta(10 * n)) for n in range(6)]
    days += [("B", date(2026, 6, 20)), ("B", date(2026, 5, 1)), ("C", date(2026, 6, 1))]
    Path("i.csv").write_text(HEAD + "".join(f"{n},{code},{day},100\n" for n, (code, day) in enumerate(days)))
    assert segcli("import", "a.csv", "i.csv").status == 0
    return empty


@pytest.mark.repeats
@pytest.mark.parametrize(
    "text", ["alive > 50", "expected_purchases > 1", "next_order_model < 2030-01-01", "lifetime_value > 1"]
)
def test_a_doubt_is_told_where_a_condition_uses_the_model(segcli: Run, few: Path, text: str) -> None:
    name = text.split(maxsplit=1)[0]
    done = segcli("show", "account-search", "--where", text)
    assert done.status == 0
    assert f"{name}: BG/NBD: {FEW}" in done.err
    assert (f"{name}: Gamma-Gamma: " in done.err) is (name == "lifetime_value")
    assert done.err.count(f"BG/NBD: {FEW}") == 1
    assert "BG/NBD" not in segcli("show", "account-search", "--where", text, "--quiet").err
    assert "BG/NBD" not in segcli("show", "account-search", "--where", "usual_gap > 1 and next_order > today").err
    assert segcli("classification", "value", "add", "1", "N", "North").status == 0
    Path("r.yaml").write_text(f"version: 1\nfield: class1\nrules:\n  - {{id: a, set: N, when: '{text}'}}\n")
    for words in (
        ("rules", "check", "r.yaml"),
        ("rules", "plan", "r.yaml"),
        ("rules", "explain", "r.yaml", "A"),
        ("where", "explain", text),
    ):
        done = segcli(*words)
        assert done.status == 0
        assert f"{name}: BG/NBD: {FEW}" in done.err, words
    assert segcli("selection", "save", "lively", "--where", text).status == 0
    assert f"{name}: BG/NBD: {FEW}" in segcli("show", "account-search", "--selection", "lively").err
    assert FEW in segcli("score", "lifetime").err


def test_that_all_are_alive_is_a_doubt(segcli: Run, empty: Path) -> None:
    """Forty accounts that buy every ten days until today: none ever leaves."""
    codes = [f"K{n}" for n in range(40)]
    Path("a.csv").write_text("account,name\n" + "".join(f"{code},x\n" for code in codes))
    rows = [
        (code, date(2026, 6, 30) - timedelta(10 * n + at % 7))
        for at, code in enumerate(codes)
        for n in range(4 + at % 5)
    ]
    Path("i.csv").write_text(HEAD + "".join(f"{n},{code},{day},100\n" for n, (code, day) in enumerate(rows)))
    assert segcli("import", "a.csv", "i.csv").status == 0
    assert f"alive: BG/NBD: {ALL}" in segcli("show", "account-search", "--where", "alive > 50").err
    assert ALL in [row["note"] for row in segcli("score", "fit", "-f", "json").rows]


@pytest.mark.repeats
def test_the_next_order_by_the_rhythm_is_what_sql_says(segcli: Run, example: Path) -> None:
    sql = """SELECT a.code, date(max(i.invoice_date), '+' || CAST((julianday(max(i.invoice_date)) - julianday(min(i.invoice_date)))
       / (count(DISTINCT i.invoice_date) - 1) + 0.5 + 1e-9 AS INT) || ' days') FROM account AS a JOIN invoice AS i ON i.account_id = a.id
      WHERE i.kind = 'sales' AND i.status = 'processed' AND i.total_amount >= 0 AND i.invoice_date <= '2026-06-30' GROUP BY a.id
      HAVING count(DISTINCT i.invoice_date) >= 3"""
    with connected(example) as db:
        expected = dict(db.execute(sql))
        everyone = {code for (code,) in db.execute("SELECT code FROM account")}
    rows = segcli("score", "churn", "-f", "json").rows
    assert {row["account"]: row["next_order"] for row in rows if row["next_order"]} == expected

    def codes(text: str) -> set[str]:
        found = segcli(
            "show", "account-search", "--inactive", "-f", "json", "--columns", "account", "--where", text
        ).rows
        return {str(row["account"]) for row in found}

    late = {code for code, day in expected.items() if day < "2026-06-30"}
    assert late
    assert codes("next_order < today") == late
    assert codes("not next_order < today") == everyone - late
    assert codes("next_order is empty") == everyone - expected.keys()
    model = {row["account"]: row["next_order_model"] for row in segcli("score", "lifetime", "-f", "json").rows}
    assert codes("next_order_model is not empty") == {code for code, day in model.items() if day}
    assert codes("next_order_model > next_order") == {
        code for code, day in model.items() if day and code in expected and day > expected[code]
    }
    assert all(day > "2026-06-30" for day in model.values() if day)
    Path("r.yaml").write_text("version: 1\nfield: class3\nrules:\n  - {id: late, set: A, when: next_order < today}\n"
                              "tests:\n  - {given: {next_order: 2026-06-29}, expect: A}\n  - {given: {next_order: 2026-06-30}, expect: keep}\n")  # fmt: skip
    assert segcli("rules", "check", "r.yaml").status == 0
