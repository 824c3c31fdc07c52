"""Subscriptions: what is invoiced, never twice, and taken back."""

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import APPLY, APPLY_SELECTED, Run, connected, fingerprint, is_sound, steps_of
from subscription_case import GENERATE, invoices, more, planned

from segcli.actions.subscriptions import revisions, staging


def months(segcli: Run, year: int = 2026) -> None:
    for month in range(1, 13):
        last = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31)
        assert segcli(*GENERATE, "--as-of", f"{year}-{month:02d}-{last}", *APPLY).status == 0


def test_what_is_due(segcli: Run, subscriptions: Path) -> None:
    assert planned(segcli, "--as-of", "2026-03-31") == [
        ("S1", "2026-01-31", "2026-01-31", "2026-02-27", 10, None),
        ("S1", "2026-02-28", "2026-02-28", "2026-03-30", 10, None),
        ("S1", "2026-03-31", "2026-03-31", "2026-04-29", 10, None),
        ("S3", "2026-01-15", "2026-01-15", "2026-01-31", 117, None),  # 31.00 x 17/31 and 100.00 once
        ("S3", "2026-02-01", "2026-02-01", "2026-02-28", 31, None),
        ("S3", "2026-03-01", "2026-03-01", "2026-03-20", 20, None),  # 31.00 x 20/31
        ("S2", "2026-02-28", "2025-11-30", "2026-02-27", 53.97, None),  # 3 x 19.99 less 10 %: 53.973
    ]
    before = fingerprint(subscriptions)
    assert fingerprint(subscriptions) == before  # a preview changes nothing


def test_invoices_go_the_way_of_all_invoices(segcli: Run, subscriptions: Path) -> None:
    assert segcli(*GENERATE, "--as-of", "2026-02-28", *APPLY).status == 0
    rows = segcli("show", "invoice-history", "--lines", "-f", "json", "--columns",
                  "invoice_date,account,status,description,quantity,unit_price,net_amount,start_date,end_date").rows  # fmt: skip
    assert [tuple(row.values()) for row in rows][:3] == [
        ("2026-01-15", "A", "open", "Service", 1, "17", 17, "2026-01-15", "2026-01-31"),
        ("2026-01-15", "A", "open", "Start", 1, "100", 100, "2026-01-15", "2026-01-15"),
        ("2026-01-31", "A", "open", "Licence", 1, "10", 10, "2026-01-31", "2026-02-27"),
    ]
    Path("config.yaml").write_text("letters: {name: Ours}\n")
    done = segcli(
        "--config", "config.yaml", "run", "print-invoices", "--as-of", "2026-02-28", "--folder", "out", *APPLY
    )
    assert done.status == 0, done.err
    sold = segcli("show", "sales-analysis", "--period", "2026", "--group-by", "item", "-f", "json").rows
    assert {row["item"]: row["revenue"] for row in sold} == {"TEA": 53.97, None: 168}  # 17 + 100 + 10 + 10 + 31
    assert segcli("check").status == 0


def test_month_by_month_and_in_one_catch_up_are_the_same(segcli: Run, example: Path, tmp_path: Path) -> None:
    """Twelve months of the example administration, to the cent and to the line."""
    with connected(example) as db:
        for table in ("invoice_line", "invoice", "invoice_summary"):
            db.execute(f"DELETE FROM {table}")
        db.commit()
    whole = tmp_path / "whole.db"
    whole.write_bytes(example.read_bytes())
    months(segcli)
    assert segcli("--database", str(whole), *GENERATE, "--as-of", "2026-12-31", *APPLY).status == 0
    one, other = invoices(example), invoices(whole)
    assert len(one) > 400
    assert one == other
    assert planned(segcli, "--as-of", "2026-12-31") == [
        row for row in planned(segcli, "--as-of", "2026-12-31") if row[-1]
    ]


def test_the_sums_of_a_year_by_hand(segcli: Run, subscriptions: Path) -> None:
    assert segcli(*GENERATE, "--as-of", "2026-12-31", *APPLY).status == 0
    with connected(subscriptions) as db:
        found = dict(db.execute("SELECT description, sum(net_amount) FROM invoice_line GROUP BY 1").fetchall())
    cents = {name: Fraction(amount, 10_000) for name, amount in found.items()}
    tea = 2 * 5397 + 2464  # 30 November to 29 May; 30 May to 10 July is 42 of 92 days: 53.973 x 42/92 = 24.6399
    assert cents["Licence"] == 12 * 1000
    assert cents["Service"] == 1700 + 3100 + 2000
    assert cents["Start"] == 10000
    assert cents["Tea"] == tea


def test_a_period_is_invoiced_once(segcli: Run, subscriptions: Path) -> None:
    assert segcli(*GENERATE, *APPLY).status == 0
    before = fingerprint(subscriptions)
    again = segcli(*GENERATE, *APPLY)
    assert again.status == 0
    assert fingerprint(subscriptions) == before
    with connected(subscriptions) as db:
        row = db.execute(
            "SELECT subscription_line_id, start_date, end_date, run_id FROM subscription_period LIMIT 1"
        ).fetchone()
        for start, end in ((row[1], row[2]), (row[2], "2099-01-01"), ("2000-01-01", row[1])):
            with pytest.raises(sqlite3.IntegrityError):
                db.execute(
                    "INSERT INTO subscription_period (subscription_line_id, start_date, end_date, run_id) VALUES (?, ?, ?, ?)",
                    (row[0], start, end, row[3]),
                )


def test_two_at_once_invoice_each_period_once(segcli: Run, subscriptions: Path) -> None:
    command = [sys.executable, "-m", "segcli", *GENERATE, *APPLY, "--color", "never"]
    running = [
        subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)
    ]
    assert [process.wait() for process in running] == [0, 0, 0]
    with connected(subscriptions) as db:
        assert db.execute("SELECT count(*) FROM run WHERE command LIKE '%subscription%invoices'").fetchone() == (1,)
        assert db.execute(
            "SELECT count(*), count(DISTINCT invoice_date) FROM invoice WHERE account_id = 2"
        ).fetchone() == (2, 2)


@pytest.mark.repeats
def test_killed_and_run_again_it_is_the_same(segcli: Run, subscriptions: Path, tmp_path: Path) -> None:
    heads = "\n".join(f"T{n},{'AB'[n % 2]},M,2025-01-{1 + n % 28:02d},,," for n in range(300))
    more(segcli, heads, "\n".join(f"T{n},1,,Text {n},1,{n}.37,,,,0,21" for n in range(300)))
    whole = tmp_path / "whole.db"
    whole.write_bytes(subscriptions.read_bytes())
    command = ["--database", str(whole), *GENERATE, *APPLY]
    assert segcli(*command).status == 0
    expected = invoices(whole)
    chance = random.Random(5)
    for _ in range(6):
        process = subprocess.Popen([sys.executable, "-m", "segcli", *GENERATE, *APPLY], env=os.environ)
        time.sleep(chance.uniform(0.05, 0.9))
        process.kill()
        process.wait()
        found = invoices(subscriptions)
        assert found in ([], expected)
        assert is_sound(subscriptions)
    assert segcli(*GENERATE, *APPLY).status == 0
    assert invoices(subscriptions) == expected
    assert segcli("check").status == 0


def test_one_that_fails_stops_no_other(segcli: Run, subscriptions: Path) -> None:
    more(segcli, "S4,A,M,2026-06-01,,,\nS5,A,NONE,2026-06-01,,,\nS6,X,M,2026-06-01,,,\nS7,B,M,2026-06-01,,,")
    Path("auto.csv").write_text("subscription,item,is_automatic_price\nS4,,1\nS5,TEA,1\nS6,TEA,1\n")
    assert segcli("import", "auto.csv").status == 0
    reasons = {row[0]: row[-1] for row in planned(segcli) if row[-1]}
    assert reasons == {
        "S4": "line 1: an automatic price needs an item", "S5": "there is no subscription type NONE",
        "S6": "the account is blocked", "S7": "it has no lines",
    }  # fmt: skip
    done = segcli(*GENERATE, *APPLY)
    assert done.status == 5  # blocked is on purpose; the other three somebody should look at
    assert "3 of 7 subscriptions could not be invoiced" in done.err
    assert "subscription S5: there is no subscription type NONE" in done.err
    assert len(invoices(subscriptions)) == 12  # the lines of the others: 6 of S1, 4 of S3 and 2 of S2
    assert segcli(*GENERATE, *APPLY).status == 5


def test_an_end_in_9999_is_an_end_like_any_other(segcli: Run, subscriptions: Path) -> None:
    # Other programs write no end as 9999-12-31; there is no day after it.
    more(segcli, "S4,B,M,2026-01-01,,,", "S4,1,TEA,,1,10,,,9999-12-31,0,9\nS4,2,TEA,,1,20,,2026-02-01,,0,9")
    with connected(subscriptions) as db:
        db.execute("UPDATE subscription_line SET invoiced_to_date = '9999-12-31' WHERE unit_price = '31'")
        db.commit()
    rows = planned(segcli, "--as-of", "2026-02-01")
    assert [row[1:5] for row in rows if row[0] == "S4"] == [
        ("2026-01-01", "2026-01-01", "2026-01-31", 10),
        ("2026-02-01", "2026-02-01", "2026-02-28", 30),
    ]
    assert {row[2] for row in rows if row[0] == "S3"} == {"2026-01-15"}, "only what is charged once"


def test_automatic_prices_are_those_of_the_invoice_date(segcli: Run, subscriptions: Path) -> None:
    Path("p.csv").write_text(
        "price_list,item,new_price,start_date,end_date\nP,TEA,20,2026-01-01,2026-04-30\nP,TEA,30,2026-05-01,2026-12-31\n"
    )
    Path("k.csv").write_text("price_list,account\nP,B\n")
    Path("auto.csv").write_text(
        "subscription,account,type,start_date,item,quantity,is_automatic_price\nS8,B,M,2026-04-15,TEA,2,1\n"
    )
    for name in ("p", "k", "auto"):
        assert segcli("import", f"{name}.csv").status == 0
    found = planned(segcli, "--subscription", "S8")
    assert [(row[1], row[4]) for row in found] == [("2026-04-15", 40), ("2026-05-15", 60), ("2026-06-15", 60)]
    value = segcli("show", "subscription-search", "--subscription", "S8", "-f", "json", "--as-of", "2026-04-20").rows
    assert value[0]["monthly_value"] == 40


def test_an_automatic_price_that_there_is_not_is_told(segcli: Run, subscriptions: Path) -> None:
    Path("n.csv").write_text("item,description\nNEW,New\n")
    Path("auto.csv").write_text(
        "subscription,account,type,start_date,item,quantity,currency,is_automatic_price\n"
        "P1,A,M,2026-06-15,NEW,1,EUR,1\nP2,A,M,2026-06-15,TEA,1,USD,1\nP3,A,M,2026-06-15,TEA,1,EUR,1\n"
    )
    assert segcli("import", "n.csv", "auto.csv").status == 0
    assert [(row[0], row[4], row[5]) for row in planned(segcli, "--subscription", "prefix:P")] == [
        ("P1", None, "line 1: item NEW has no price on 2026-06-15"),
        ("P2", None, "line 1: item TEA is priced in EUR on 2026-06-15, not in USD"),
        ("P3", 25, None),
    ]


def test_prc_06_an_automatic_price_is_not_written_over(segcli: Run, subscriptions: Path) -> None:
    Path("i.csv").write_text("item,description,sales_price,unit\nBIG,Big,1100,\n")
    assert segcli("import", "i.csv").status == 0
    more(segcli, "PR,A,M,2026-06-01,,,")
    found = []
    for row in ("PR,1,BIG,,1", "PR,1,BIG,10,1", "PR,1,BIG,10,0"):
        Path("p.csv").write_text(f"subscription,line_number,item,unit_price,is_automatic_price\n{row}\n")
        assert segcli("import", "p.csv").status == 0
        found += [line[4] for line in planned(segcli, "--subscription", "PR")]
    assert found == [1100, 1100, 10]


def test_one_invoice_per_account_where_the_type_says_so(segcli: Run, subscriptions: Path) -> None:
    more(segcli, "P1,A,A,2026-06-05,,,\nP2,A,A,2026-06-05,,,\nP3,B,A,2026-06-05,,,\nP4,A,A,2026-06-06,,,",
         "P1,1,,One,1,10,,,,0,21\nP2,1,,Two,1,20,,,,0,21\nP3,1,,Three,1,5,,,,0,21\nP4,1,,Four,1,7,,,,0,21")  # fmt: skip
    assert segcli(*GENERATE, "--subscription", "prefix:P", *APPLY_SELECTED).status == 0
    found = [(row[0], row[1], row[2], row[5]) for row in invoices(subscriptions)]
    assert found == [
        ("2026-06-05", "A", 3000, "One"), ("2026-06-05", "A", 3000, "Two"), ("2026-06-05", "B", 500, "Three"),
        ("2026-06-06", "A", 700, "Four"),
    ]  # fmt: skip


def test_preview_dates(segcli: Run, subscriptions: Path) -> None:
    found = planned(segcli, "--preview-dates", "3", "--subscription", "S1,S3")
    assert [row[:2] for row in found] == [
        ("S1", "2026-01-31"), ("S1", "2026-02-28"), ("S1", "2026-03-31"),
        ("S3", "2026-01-15"), ("S3", "2026-02-01"), ("S3", "2026-03-01"),
    ]  # fmt: skip
    assert segcli(*GENERATE, "--preview-dates", "3", *APPLY).status == 2
    assert segcli(*GENERATE, "--preview-dates", "0").status == 2


def test_filters_of_generating(segcli: Run, subscriptions: Path) -> None:
    assert segcli(*GENERATE, "--subscription", "S1", "--as-of", "2026-02-01", *APPLY_SELECTED).status == 0
    assert {row[0] for row in planned(segcli, "--never-invoiced")} == {"S2", "S3"}
    assert {row[0] for row in planned(segcli, "--invoiced-to", "2026-02-27")} == {"S1"}
    assert planned(segcli, "--invoiced-to", "2026-02-26") == []
    assert segcli(*GENERATE, "--invoiced-to", "2026-02-26", "--never-invoiced").status == 2
    assert {row[0] for row in planned(segcli, "--type", "Q")} == {"S2"}
    assert {row[0] for row in planned(segcli, "--item", "TEA")} == {"S2"}
    assert segcli(*GENERATE, "--type", "nothing").status == 2


def test_undo_takes_back_what_is_still_open(segcli: Run, subscriptions: Path) -> None:
    before = invoices(subscriptions)
    assert segcli(*GENERATE, "--as-of", "2026-02-28", *APPLY_SELECTED, "--subscription", "S1").status == 0
    assert segcli(*GENERATE, "--as-of", "2026-04-30", *APPLY_SELECTED, "--subscription", "S1").status == 0
    runs = [
        row["run"] for row in segcli("log", "-f", "json").rows if row["command"] == "run generate-subscription-invoices"
    ]
    refused = segcli("undo", min(runs), "--yes")
    assert refused.status == 1  # the later run went on from it
    assert "undo the later run first" in refused.err
    for run in sorted(runs, reverse=True):
        assert segcli("undo", run, "--yes").status == 0
    assert invoices(subscriptions) == before == []
    with connected(subscriptions) as db:
        assert db.execute("SELECT count(*) FROM subscription_period").fetchone() == (0,)
        assert db.execute("SELECT DISTINCT invoiced_to_date FROM subscription_line").fetchall() == [(None,)]
    assert segcli(*GENERATE, *APPLY).status == 0


def test_undo_leaves_processed_invoices(segcli: Run, subscriptions: Path) -> None:
    assert segcli(*GENERATE, "--as-of", "2026-02-28", *APPLY).status == 0
    with connected(subscriptions) as db:
        first = (
            "(SELECT invoice_id FROM subscription_period WHERE subscription_line_id = 1 ORDER BY start_date LIMIT 1)"
        )
        db.execute(f"UPDATE invoice SET status = 'processed', invoice_number = 'X' WHERE id = {first}")
        db.commit()
    run = segcli("log", "-f", "json").rows[0]["run"]
    assert segcli("undo", run, "--yes").status == 0
    assert [row[0] for row in invoices(subscriptions)] == ["2026-01-31"]
    assert planned(segcli, "--as-of", "2026-02-28", "--subscription", "S1")[0][1] == "2026-02-28"


@pytest.mark.parametrize("take_back", [staging.take_back, revisions.take_back], ids=["invoices", "prices"])
def test_what_is_taken_back_takes_so_many_steps(empty: Path, take_back: Callable[..., tuple[int, int]]) -> None:
    """Four times the lines take about four times the steps of SQLite: looked up for each line, it were sixteen."""
    steps = []
    for count in (250, 1000):
        with connected(empty) as db:
            db.executescript(
                "DELETE FROM subscription_line_change; DELETE FROM subscription_period; DELETE FROM subscription_line;"
                "INSERT OR IGNORE INTO run (id, started_at, command, source, user_name)"
                " VALUES (1, '2026-06-30T12:00:00Z', 'run', 'manual', 'x')"
            )
            lines = ((n, n, f"2026-0{1 + n % 2}-01", f"2026-0{1 + n % 2}-28") for n in range(1, 2 * count + 1))
            db.executemany("INSERT INTO subscription_line (id, subscription_id, line_number, unit_price, period_amount, start_date, end_date)"
                           " VALUES (?, 1, ?, '1', 100, ?, ?)", lines)  # fmt: skip
            if take_back is staging.take_back:
                db.execute("INSERT INTO subscription_period SELECT id, start_date, end_date, NULL, NULL, '2025-12-31', 1"
                           " FROM subscription_line")  # fmt: skip
            else:  # an even line of January, and the odd one of February that followed it
                db.execute("INSERT INTO subscription_line_change (run_id, old_line_id, old_end_date, new_line_id)"
                           " SELECT 1, id, '2026-02-28', id - 1 FROM subscription_line WHERE id % 2 = 0")  # fmt: skip
                db.execute("UPDATE subscription_line SET end_date = '2026-01-31' WHERE id % 2 = 0")
            db.commit()
            db.execute("PRAGMA foreign_keys=ON")
            gone: list[int] = []
            steps.append(steps_of(db, lambda db=db, gone=gone: gone.extend(take_back(db, 1))))  # type: ignore[misc]
            left = db.execute("SELECT count(*), count(invoiced_to_date) FROM subscription_line").fetchone()
            assert (*gone, *left) == (
                (0, 0, 2 * count, 2 * count) if take_back is staging.take_back else (count, 0, count, 0)
            )
            db.rollback()
    assert steps[1] < 6 * steps[0], steps
