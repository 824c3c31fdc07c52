"""Classes that rules give for earlier days: walked again in Python, stored apart, and gone with their run."""

from collections import defaultdict
from pathlib import Path

import pytest
from conftest import Run, connected

RULES = """version: 1
field: class8
keep: []
rules:
  - {id: big, set: GOLD, when: turnover(6m) >= 4k, hold: turnover(6m) >= 1500}
  - {id: rest, set: SILVER, when: "*"}
"""
DAYS = ["2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"]
STARTS = [
    "2025-06-30",
    "2025-07-31",
    "2025-08-28",
    "2025-09-30",
    "2025-10-30",
    "2025-11-30",
    "2025-12-30",
]  # six months before
Stored = dict[str, dict[str, str]]


def applied(segcli: Run, *words: str, rules: str = RULES) -> str:
    Path("r.yaml").write_text(rules)
    done = segcli("rules", "apply", "r.yaml", "--backfill", "6", "--yes", *words)
    assert done.status == 0, done.err
    return done.err


def stored(path: Path, run: int | None = None) -> Stored:
    """Return the calculated class by day and account; those of the last run, unless another one is named."""
    with connected(path) as db:
        rows = db.execute(
            "SELECT b.class_date, a.code, v.code FROM class_backfill AS b JOIN class_backfill_value AS k ON k.class_backfill_id = b.id"
            " JOIN account AS a ON a.id = k.account_id JOIN classification_value AS v ON v.id = k.value_id"
            " WHERE b.run_id = coalesce(?, (SELECT max(run_id) FROM class_backfill))", (run,),
        ).fetchall()  # fmt: skip
    found: Stored = defaultdict(dict)
    for day, account, code in rows:
        found[day][account] = code
    return dict(found)


def walked(path: Path) -> Stored:
    """Return what RULES give, month by month; the example was imported on its last day, so nobody holds a class before."""
    with connected(path) as db:
        rows = db.execute(
            "SELECT a.code, i.invoice_date, i.base_revenue_amount FROM invoice AS i JOIN account AS a ON a.id = i.account_id"
            " WHERE i.kind = 'sales' AND i.status = 'processed'"
        ).fetchall()
        now = dict(
            db.execute("SELECT a.code, v.code FROM account AS a LEFT JOIN classification_value AS v ON v.id = a.class8")
        )
    found: Stored = {}
    held: dict[str, str | None] = {}
    for day, start in zip(DAYS, STARTS, strict=True):
        sums: dict[str, int] = defaultdict(int)
        for account, when, net in rows:
            sums[account] += net * (start < when <= day)
        there = {account for account, when, _ in rows if when <= day} if day != DAYS[-1] else set(now)
        held = {code: held[code] if code in held else (now[code] if day == DAYS[-1] else None) for code in there}
        held = {
            code: "GOLD" if sums[code] >= (150_000 if was == "GOLD" else 400_000) * 10_000 else "SILVER"
            for code, was in held.items()
        }
        found[day] = dict(held)  # type: ignore[arg-type]
    return found


def test_every_month_holds_what_the_month_before_gave(segcli: Run, example: Path) -> None:
    applied(segcli)
    found, wanted = stored(example), walked(example)
    assert found == wanted
    kept = [code for code, value in wanted[DAYS[3]].items() if value == "GOLD" == wanted[DAYS[2]].get(code)]
    plain = RULES.replace(", hold: turnover(6m) >= 1500", "")
    applied(segcli, rules=plain)
    assert [code for code in kept if stored(example)[DAYS[3]][code] == "SILVER"], "hold makes no difference"


def test_matrix_reads_them_and_adds_up(segcli: Run, example: Path) -> None:
    applied(segcli)
    rows = segcli("matrix", "class8", "--from", DAYS[2], "--to", DAYS[5], "--backfilled", "-f", "json").rows
    found = {(row["source"], row["target"]): row["value"] for row in rows}
    one, two = (walked(example)[day] for day in (DAYS[2], DAYS[5]))
    with connected(example) as db:
        codes = [code for (code,) in db.execute("SELECT code FROM account")]
    wanted: dict[tuple[str, str], int] = defaultdict(int)
    for code in codes:
        wanted[one.get(code, "(new)"), two.get(code, "(new)")] += 1
    assert found == wanted
    assert sum(found.values()) == 300
    for words, told in (
        (("class8", "--from", "2026-01-30"), "were calculated for 2026-01-30"),
        (("class1", "--from", DAYS[2]), "rules apply FILE --backfill"),
    ):
        done = segcli("matrix", *words, "--to", DAYS[5], "--backfilled")
        assert (done.status, told in done.err) == (2, True)


def test_the_history_does_not_know_of_it(segcli: Run, example: Path) -> None:
    asked = (
        ("history", "000001"), ("show", "account-search", "--inactive", "--columns", "account,class8", "--as-of-class", DAYS[3]),
        ("show", "account-search", "--inactive", "--where", "class8 was SILVER before 2026-06-01"),
        ("show", "account-search", "--inactive", "--where", "class8 changed since 2025-01-01"), ("matrix", "class8", "--from", DAYS[3]),
        ("show", "account-search", "--inactive", "--columns", "account,class8"),
    )  # fmt: skip
    before = [segcli(*words, "-f", "csv").out for words in asked]
    applied(segcli)
    assert [segcli(*words, "-f", "csv").out for words in asked] == before
    assert segcli("rules", "plan", "r.yaml", "--exit-code", "-f", "csv").status == 4  # the accounts did not change


def test_the_same_again_is_nothing_and_other_rules_supersede(segcli: Run, example: Path) -> None:
    applied(segcli)
    first = stored(example)
    done = segcli("rules", "apply", "r.yaml", "--backfill", "6", "--yes", "--exit-code")
    assert (done.status, done.out) == (0, "")
    with connected(example) as db:
        assert db.execute("SELECT count(DISTINCT run_id) FROM class_backfill").fetchone() == (1,)
        (run,) = db.execute("SELECT max(run_id) FROM class_backfill").fetchone()
    applied(segcli, rules=RULES.replace(">= 4k", ">= 2k"))
    second = stored(example)
    assert second != first
    assert stored(example, run) == first
    matrix = ("matrix", "class8", "--from", DAYS[0], "--to", DAYS[6], "--backfilled", "-f", "csv")
    with_second = segcli(*matrix).out
    assert segcli("undo", "--yes", str(run + 1)).status == 0
    assert stored(example) == first
    assert segcli(*matrix).out != with_second
    assert "was undone" in segcli("undo", "--yes", str(run + 1)).err
    assert segcli("undo", "--yes", str(run)).status == 0
    with connected(example) as db:
        assert db.execute("SELECT count(*) FROM class_backfill").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM class_backfill_value").fetchone() == (0,)
    log = segcli("log", "-f", "json").rows
    assert log[0]["summary"].endswith("classes on 7 days removed")


def test_what_stops_it(segcli: Run, example: Path) -> None:
    Path("r.yaml").write_text(RULES)
    apply = ("rules", "apply", "r.yaml", "--backfill")
    for words, status, told in (
        ((*apply, "6"), 2, "needs --yes"), ((*apply, "0", "--yes"), 2, "from 1 to 120"), ((*apply, "121", "--yes"), 2, "from 1 to 120"),
        ((*apply, "6", "--yes", "--max-changes", "1"), 2, "--max-changes"), (("rules", "apply", "p.json", "--backfill", "6"), 2, "rule files"),
    ):  # fmt: skip
        done = segcli(*words)
        assert (done.status, told in done.err) == (status, True), done.err
    dry = segcli(*apply, "6", "--dry-run", "-f", "json")
    counts = {(row["class_date"], row["to"]): row["accounts"] for row in dry.rows}
    assert sum(counts.values()) == sum(map(len, walked(example).values()))
    Path("r.yaml").write_text(RULES + "windows_need: {invoice: 31d}\n")
    stale = segcli(*apply, "24", "--yes")
    assert (stale.status, "there is no invoice" in stale.err, "2024-06-30" in stale.err) == (6, True, True)
    Path("r.yaml").write_text(RULES + "tests: [{given: {turnover(6m): 1}, expect: GOLD}]\n")
    assert "the rules give SILVER" in segcli(*apply, "6", "--yes").err
    assert stored(example) == {}
    early = applied(segcli, "--as-of", "2025-02-15")
    assert "no account has a class on 5 days: 2024-08-31 to 2024-12-31" in early
    assert sorted(stored(example)) == ["2025-01-31", "2025-02-15"]


@pytest.fixture
def months(segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A, B, C, D from 10 January; B set to S by hand in February; D comes in April. Sales: A in January, C in March."""
    sales = "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount\n"
    Path("a.csv").write_text("account,name,class1,class2\nA,a,N,X\nB,b,N,X\nC,c,,Y\n")
    Path("d.csv").write_text("account,name\nD,d\n")
    Path("i.csv").write_text(sales + "1,2026-01-05,A,processed,EUR,500,0,500\n2,2026-03-05,C,processed,EUR,500,0,500\n")
    for day, words in (
        ("2026-01-10", ("import", "a.csv", "--create-missing")), ("2026-02-10", ("tag", "B", "--set", "class1=S", "--create-missing")),
        ("2026-02-11", ("tag", "C", "--set", "class2=X")), ("2026-04-10", ("import", "i.csv")), ("2026-04-11", ("import", "d.csv")),
    ):  # fmt: skip
        monkeypatch.setenv("SEGCLI_TODAY", day)
        done = segcli(*words)
        if "--create-missing" in words and done.status == 2:
            assert segcli("classification", "value", "add", "class1", "S").status == 0
            done = segcli(*words[:-1])
        assert done.status == 0, done.err
    monkeypatch.setenv("SEGCLI_TODAY", "2026-04-30")
    return empty


def test_hand_set_values_stay_and_other_classes_are_those_of_the_day(segcli: Run, months: Path) -> None:
    one = "version: 1\nfield: class1\nrules:\n  - {id: sale, set: S, when: turnover(1m) > 0}\n  - {id: rest, set: N, when: class2 = X}\n"
    two = "version: 1\nfield: class2\nrules:\n  - {id: same, set: Y, when: class1 = S}\n"
    Path("one.yaml").write_text(one)
    done = segcli("rules", "apply", "one.yaml", "--backfill", "3", "--yes")
    assert done.status == 0, done.err
    assert stored(months) == {
        "2026-01-31": {"A": "S", "B": "N"},  # C has Y, no sale, and held nothing
        "2026-02-28": {"A": "N", "B": "S", "C": "N"},  # B by hand; C has X since February
        "2026-03-31": {"A": "N", "B": "S", "C": "S"},
        "2026-04-30": {"A": "N", "B": "S", "C": "N"},  # D has no class2
    }
    Path("two.yaml").write_text(two)
    assert "in a circle" in segcli("rules", "apply", "two.yaml", "one.yaml", "--backfill", "3", "--yes").err


def test_a_file_that_looks_at_anothers_class_sees_that_days(segcli: Run, months: Path) -> None:
    Path("one.yaml").write_text(
        "version: 1\nfield: class1\nrules:\n  - {id: sale, set: S, when: turnover(1m) > 0}\n  - {id: rest, set: N, when: '*'}\n"
    )
    Path("two.yaml").write_text(
        "version: 1\nfield: class2\nkeep: []\nrules:\n  - {id: s, set: Y, when: class1 = S}\notherwise: clear\n"
    )
    assert segcli("rules", "apply", "two.yaml", "one.yaml", "--backfill", "2", "--yes").status == 0
    with connected(months) as db:
        rows = db.execute(
            "SELECT b.class_date, a.code FROM class_backfill AS b JOIN class_backfill_value AS k ON k.class_backfill_id = b.id"
            " JOIN account AS a ON a.id = k.account_id WHERE b.field = 2 ORDER BY 1, 2"
        ).fetchall()
    assert rows == [(day, "B") for day in ("2026-02-28",)] + [
        ("2026-03-31", "B"),
        ("2026-03-31", "C"),
        ("2026-04-30", "B"),
    ]


def test_removed_and_merged_accounts_take_theirs_along(segcli: Run, months: Path) -> None:
    Path("one.yaml").write_text("version: 1\nfield: class1\nkeep: []\nrules:\n  - {id: rest, set: N, when: '*'}\n")
    assert segcli("rules", "apply", "one.yaml", "--backfill", "2", "--yes").status == 0
    of_d = "SELECT count(*) FROM class_backfill_value AS k JOIN account AS a ON a.id = k.account_id WHERE a.code = 'D'"
    with connected(months) as db:
        assert db.execute(of_d).fetchone() == (1,)
        (run,) = db.execute("SELECT max(id) FROM run WHERE command = 'import d.csv'").fetchone()
        before = db.execute("SELECT count(*) FROM class_backfill_value").fetchone()[0]
    assert segcli("account", "merge", "C", "A").status == 0
    with connected(months) as db:
        (merge,) = db.execute("SELECT max(id) FROM run").fetchone()
        assert db.execute("SELECT count(*) FROM class_backfill_value").fetchone()[0] == before - 3
    done = segcli("undo", str(merge), "--yes")
    assert (done.status, "conflict" in done.err) == (0, False), done.err
    with connected(months) as db:
        assert db.execute("SELECT count(*) FROM class_backfill_value").fetchone()[0] == before
    done = segcli("undo", str(run), "--yes")
    assert (done.status, done.out) == (0, ""), done.out
    with connected(months) as db:
        assert db.execute("SELECT count(*) FROM account WHERE code = 'D'").fetchone() == (0,)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert segcli("check").status == 0
