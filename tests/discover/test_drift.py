"""Drift: the population stability index of classes and metrics, by arithmetic of its own."""

import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, connected


@pytest.fixture
def moved(segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In January 10 accounts in N and 10 in S; in March 3 of N go to S, in May 4 come new into N; no sales."""
    for day, words in (
        ("2026-01-10", ("import", "a.csv", "--create-missing")),
        ("2026-03-10", ("tag", "A0", "A1", "A2", "--set", "class1=S", "--yes")),
        ("2026-05-10", ("import", "b.csv")),
    ):
        Path("a.csv").write_text("account,name,class1,country\n" + "".join(
            f"A{n},a,{'NS'[n // 10]},{'NL' if n % 2 else 'BE'}\n" for n in range(20)))  # fmt: skip
        Path("b.csv").write_text("account,name,class1,country\n" + "".join(f"B{n},b,N,NL\n" for n in range(4)))
        monkeypatch.setenv("SEGCLI_TODAY", day)
        done = segcli(*words)
        assert done.status == 0, done.err
    monkeypatch.setenv("SEGCLI_TODAY", "2026-06-30")
    return empty


def psi(*cells: tuple[float, float]) -> float:
    return sum((new - old) * math.log(new / old) for old, new in cells)


def drift(segcli: Run, *words: str) -> list[dict[str, Any]]:
    done = segcli("rules", "drift", *words, "-f", "json")
    assert done.status == 0, done.err
    return done.rows


def test_classes_at_the_end_of_each_day(segcli: Run, moved: Path) -> None:
    (row,) = drift(segcli, "--from", "2026-01-31", "--to", "2026-03-31", "--metrics", "none")
    assert (row["dimension"], row["values"], row["accounts_before"], row["accounts_after"]) == ("class1", 2, 20, 20)
    # 50 % and 50 % became 35 % and 65 %: 0.15 ln(0.5 / 0.35) + 0.15 ln(0.65 / 0.5) = 0.0929
    assert row["psi"] == pytest.approx(0.15 * math.log(0.65 / 0.35), abs=1e-6) == pytest.approx(0.0929, abs=1e-4)
    assert row["verdict"] == "stable"
    (row,) = drift(segcli, "class1", "--from", "2026-03-31", "--to", "2026-06-30", "--metrics", "none")
    assert (row["accounts_before"], row["accounts_after"]) == (20, 24)  # those added later count afterwards
    assert row["psi"] == pytest.approx(psi((7 / 20, 11 / 24), (13 / 20, 13 / 24)), abs=1e-6)
    (row,) = drift(segcli, "class1", "--from", "2026-01-31", "--country", "BE", "--metrics", "none")
    assert row["psi"] == pytest.approx(psi((5 / 10, 3 / 10), (5 / 10, 7 / 10)), abs=1e-6)
    assert row["verdict"] == "moved"  # 0.169


def test_details_add_up_to_the_index(segcli: Run, moved: Path) -> None:
    assert segcli("tag", "--country", "BE", "--clear", "class1", "--yes").status == 0
    rows = drift(segcli, "--from", "2026-06-01", "--details", "--metrics", "none")
    shown = [tuple(row[name] for name in ("value", "accounts_before", "accounts_after")) for row in rows]
    assert shown == [("N", 11, 8), ("S", 13, 6), ("none", 0, 10)]  # the odd ones of A, and B; A1 went to S in March
    assert sum(row["part"] for row in rows) == pytest.approx(rows[0]["psi"], abs=3e-6)


def test_an_empty_cell_counts_as_half_an_account(segcli: Run, moved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGCLI_TODAY", "2026-06-20")
    assert segcli("classification", "value", "add", "1", "X", "New").status == 0
    monkeypatch.setenv("SEGCLI_TODAY", "2026-06-30")
    with connected(moved) as db:  # the value of six accounts, by a run of 25 June
        run = db.execute(
            "INSERT INTO run (command, source, user_name, started_at) VALUES ('tag', 'manual', 'me', '2026-06-25T10:00:00Z')"
        ).lastrowid
        new = db.execute("SELECT id FROM classification_value WHERE code = 'X'").fetchone()[0]
        for account, old in db.execute(
            "SELECT id, class1 FROM account WHERE code LIKE 'B%' OR code IN ('A10', 'A11')"
        ).fetchall():
            db.execute("INSERT INTO classification_change (run_id, account_id, field, old_value_id, new_value_id) VALUES (?, ?, 1, ?, ?)",
                       (run, account, old, new))  # fmt: skip
            db.execute("UPDATE account SET class1 = ? WHERE id = ?", (new, account))
        db.commit()
    rows = {row["value"]: row for row in drift(segcli, "--from", "2026-06-20", "--details", "--metrics", "none")}
    assert {code: (row["accounts_before"], row["accounts_after"]) for code, row in rows.items()} == {
        "N": (11, 7),
        "S": (13, 11),
        "X": (0, 6),
    }
    assert rows["X"]["part"] == pytest.approx((6 / 24 - 0.5 / 24) * math.log(6 / 0.5), abs=1e-6)
    assert (rows["X"]["share_before"], rows["X"]["verdict"]) == (0, "changed")
    words = ("rules", "drift", "--from", "2026-06-20", "--metrics", "none")
    assert segcli(*words).status == 0
    assert segcli(*words, "--exit-code").status == 4
    assert segcli("rules", "drift", "--from", "2026-06-26", "--metrics", "none", "--exit-code").status == 0


def test_classes_that_rule_files_give(segcli: Run, moved: Path) -> None:
    assert segcli("classification", "label", "2", "Size").status == 0
    Path("rules.yaml").write_text("version: 1\nfield: Size\nrules:\n- {id: r, set: A, when: '*'}\n")
    days = ("--from", "2026-01-31", "--metrics", "none")
    assert [row["dimension"] for row in drift(segcli, "rules.yaml", *days)] == ["class2"]
    assert {row["dimension"] for row in drift(segcli, *days)} == {"class1", "class2"}
    assert [row["dimension"] for row in drift(segcli, "class1", "1", *days)] == ["class1"]


def test_days_without_accounts_are_said(segcli: Run, moved: Path) -> None:
    done = segcli("rules", "drift", "--from", "2025-12-31", "--metrics", "none", "-f", "json", "--exit-code")
    assert "at the end of 2025-12-31 there were no accounts" in done.err
    assert "the first account was added on 2026-" in done.err
    assert [(row["psi"], row["verdict"]) for row in done.rows] == [(None, "no accounts")]
    assert done.status == 0


def test_metrics_in_bands_of_the_first_day(segcli: Run, example: Path) -> None:
    rows = drift(segcli, "class1", "--from", "2026-03-31", "--metrics", "turnover(12m)", "--bands", "4", "--details")
    found = {
        row["value"]: (row["accounts_before"], row["accounts_after"])
        for row in rows
        if row["dimension"] == "turnover(12m)"
    }
    sides = []
    with connected(example) as db:
        (total,) = db.execute("SELECT count(*) FROM account").fetchone()
        for first, last in (("2025-03-31", "2026-03-31"), ("2025-06-30", "2026-06-30")):
            sql = """SELECT account_id, sum(base_revenue_amount) FROM invoice WHERE kind = 'sales' AND status = 'processed' AND invoice_date > ?
                     AND invoice_date <= ? GROUP BY 1"""
            sides.append([round(fine / 10_000) for _, fine in db.execute(sql, (first, last)) if round(fine / 10_000)])
    held = sorted(sides[0])
    ends = [held[math.ceil(len(held) * part / 4) - 1] for part in (1, 2, 3)]
    counts = [Counter(f"Q{1 + sum(value > end for end in ends)}" for value in side) for side in sides]
    for side, count in zip(sides, counts, strict=True):
        count["zero"] = total - len(side)
    assert found == {cell: (counts[0][cell], counts[1][cell]) for cell in counts[0]}
    expected = psi(*((counts[0][cell] / total, counts[1][cell] / total) for cell in counts[0]))
    psis = {row["psi"] for row in rows if row["dimension"] == "turnover(12m)"}
    assert list(psis) == [pytest.approx(expected, abs=1e-6)]


@pytest.mark.parametrize(("words", "says"), [
    ((), "from which day"), (("--from", "2026-06-30"), "--from 2026-06-30 is not before 2026-06-30, the last day"), (("--from", "2026-01-01", "--bands", "1"), "--bands: 1 is not"),
    (("--from", "2026-01-01", "--metrics", "country"), "country has no history"), (("Regio", "--from", "2026-01-01"), "unknown classification"),
    (("--from", "2026-01-01", "--metrics", "turnovr"), "--metrics: there is no such field"),
])  # fmt: skip
def test_wrong_words_are_refused(segcli: Run, example: Path, words: tuple[str, ...], says: str) -> None:
    done = segcli("rules", "drift", *words)
    assert (done.status, done.out) == (2, "")
    assert says in done.err


def test_names_and_other_accounts_change_no_figure(segcli: Run, moved: Path) -> None:
    days = ("--from", "2026-01-31", "--country", "BE", "--details", "--metrics", "turnover(12m)")

    def figures() -> list[tuple[Any, ...]]:
        rows = drift(segcli, *days)
        return sorted(
            (row["dimension"], row["accounts_before"], row["accounts_after"], row["part"], row["psi"]) for row in rows
        )

    before = figures()
    assert segcli("classification", "value", "rename", "1", "N", "Zenith", "--code", "Z").status == 0
    Path("c.csv").write_text("account,name,class1,country\nC1,c,S,FR\nC2,c,S,FR\n")
    assert segcli("import", "c.csv").status == 0
    assert figures() == before
    assert len(before) == 3  # two values of the class, and the band zero: there are no sales
