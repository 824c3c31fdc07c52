"""Subscriptions: what comes in, what is invoiced and never twice, new prices, and what they bring a month."""

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from conftest import APPLY, APPLY_SELECTED, Run, connected, fingerprint, is_sound, steps_of

from segcli.actions.subscriptions import revisions, staging

GENERATE = ("run", "generate-subscription-invoices")
UPDATE = ("run", "update-subscription-prices")
TYPES = """subscription_type,description,frequency,timing,proration,invoice_per,notice_days
M,Monthly,monthly,advance,days,,
Q,Quarterly,quarterly,arrears,days,,60
A,Per account,monthly,advance,days,account,
"""
HEADS = """subscription,account,type,start_date,end_date,cancellation_date,invoice_day
S1,A,M,2026-01-31,,,
S2,B,Q,2025-11-30,2026-07-10,,
S3,A,M,2026-01-15,,2026-03-20,1
"""
LINES = """subscription,line_number,item,description,quantity,unit_price,discount_percent,start_date,end_date,is_once,vat_percent
S1,1,,Licence,1,10,,,,0,21
S2,1,TEA,,3,19.99,10,,,0,9
S3,1,,Service,1,31,,,,0,21
S3,2,,Start,1,100,,,,1,21
"""


@pytest.fixture
def subscriptions(segcli: Run, empty: Path) -> Path:
    Path("a.csv").write_text("account,name,email,is_blocked\nA,Ann,a@a.example,0\nB,Bob,,0\nX,Blocked,,1\n")
    Path("i.csv").write_text("item,description,sales_price,unit\nTEA,Tea,25.00,box\n")
    Path("t.csv").write_text(TYPES)
    Path("h.csv").write_text(HEADS)
    Path("l.csv").write_text(LINES)
    for name in "aithl":
        done = segcli("import", f"{name}.csv")
        assert (done.status, done.err) == (0, "")
    return empty


def more(segcli: Run, heads: str = "", lines: str = "") -> None:
    """Bring in more subscriptions and lines."""
    for name, header, rows in (("more-h", HEADS.splitlines()[0], heads), ("more-l", LINES.splitlines()[0], lines)):
        if rows:
            Path(f"{name}.csv").write_text(f"{header}\n{rows}\n")
            done = segcli("import", f"{name}.csv")
            assert done.status == 0, done.err


def planned(segcli: Run, *words: str) -> list[tuple[Any, ...]]:
    names = "subscription,invoice_date,start_date,end_date,net_amount,reason"
    return [tuple(row.values()) for row in segcli(*GENERATE, "--columns", names, "-f", "json", *words).rows]


def invoices(database: Path) -> list[tuple[Any, ...]]:
    """Return every line of every invoice, without their ids."""
    with connected(database) as db:
        return db.execute(
            """SELECT i.invoice_date, a.code, i.net_amount, i.vat_amount, l.line_number, l.description, l.quantity, l.unit_price,
                      l.net_amount, l.start_date, l.end_date FROM invoice AS i JOIN account AS a ON a.id = i.account_id
                 JOIN invoice_line AS l ON l.invoice_id = i.id ORDER BY i.invoice_date, i.id, l.line_number"""
        ).fetchall()


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


def months(segcli: Run, year: int = 2026) -> None:
    for month in range(1, 13):
        last = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31)
        assert segcli(*GENERATE, "--as-of", f"{year}-{month:02d}-{last}", *APPLY).status == 0


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


# ------------------------------------------------------------------------------------------------ prices
def lines(database: Path, number: str) -> list[tuple[Any, ...]]:
    with connected(database) as db:
        return db.execute(
            "SELECT l.line_number, l.unit_price, l.start_date, l.end_date FROM subscription_line AS l JOIN subscription AS s"
            " ON s.id = l.subscription_id WHERE s.subscription_number = ? ORDER BY l.line_number", (number,),
        ).fetchall()  # fmt: skip


def test_prc_01_and_03_a_new_line_follows(segcli: Run, subscriptions: Path) -> None:
    """PRC-01, PRC-03: the old line ends the day before; each period has the price of its days; automatic ones stay."""
    more(segcli, "C,A,M,2018-01-01,,,", "C,1,,Fixed,1,100,,,,0,21")
    Path("auto.csv").write_text(
        "subscription,line_number,item,description,unit_price,is_automatic_price\nC,1,,Fixed,100,0\nC,2,TEA,,,1\n"
    )
    assert segcli("import", "auto.csv").status == 0
    asked = (*UPDATE, "--subscription", "C", "--percent", "100", "--from", "2018-02-01")
    preview = segcli(*asked, "-f", "json").rows
    assert [(row["line"], row["new_price"], row["reason"]) for row in preview] == [
        (1, 200, None),
        (2, None, "its price is automatic"),
    ]
    assert segcli(*asked, *APPLY_SELECTED).status == 0
    assert lines(subscriptions, "C") == [
        (1, "100", None, "2018-01-31"),
        (2, None, None, None),
        (3, "200", "2018-02-01", None),
    ]
    found = segcli(*GENERATE, "--subscription", "C", "--as-of", "2018-02-28", *APPLY_SELECTED, "-f", "json")
    assert found.status == 0
    prices = [(row[0], row[7]) for row in invoices(subscriptions)]
    assert prices == [("2018-01-01", "100"), ("2018-01-01", "25"), ("2018-02-01", "25"), ("2018-02-01", "200")]


def test_prc_02_and_05_what_is_left_alone_and_why(segcli: Run, subscriptions: Path) -> None:
    more(segcli, "C,A,M,2018-01-01,,,\nD,A,M,2018-01-01,2019-06-30,,")
    Path("c.csv").write_text(
        "subscription,line_number,description,unit_price,start_date,end_date,is_never_revised,is_once\n"
        "C,1,Old,100,2018-01-01,2018-12-31,0,0\nC,2,Old,100,2019-01-01,,0,0\nC,3,Never,100,,,1,0\nC,4,Once,5,,,0,1\n"
        "C,5,Later,7,2021-01-01,,0,0\nC,6,Gone,7,,2019-05-05,0,0\nC,7,Two,8,,2020-03-31,0,0\nC,8,Two,9,2020-04-01,,0,0\nD,1,x,1,,,0,0\n"
    )
    assert segcli("import", "c.csv").status == 0
    asked = (*UPDATE, "--subscription", "C,D", "--percent", "10", "--from", "2020-02-13")
    found = {
        (row["subscription"], row["line"]): (row["new_price"], row["reason"])
        for row in segcli(*asked, "-f", "json").rows
    }
    assert found == {
        ("C", 2): (110, None), ("C", 3): (None, "it is never revised"), ("C", 4): (None, "it is invoiced once"),
        ("C", 5): (None, "it begins on 2021-01-01"), ("C", 6): (None, "it ended on 2019-05-05"),
        ("C", 7): (None, "another price follows on 2020-04-01"), ("C", 8): (None, "it begins on 2020-04-01"),
        ("D", 1): (None, "the subscription ends on 2019-06-30"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "new"),
    [
        (("--percent", "3.5"), 20.68965), (("--percent", "-50"), 9.995), (("--amount", "1.01"), 21), (("--from-item",), 25),
        (("--percent", "3.5", "--round-to", "0.05"), 20.7), (("--percent", "3.5", "--ending", "0.95"), 20.95),
        (("--percent", "3", "--ending", "0.95"), 20.95), (("--amount", "0.46", "--ending", "0.95"), 20.95),
        (("--amount", "0.45", "--ending", "9.95"), 19.95), (("--amount", "0.035", "--round-to", "0.05"), 20.05),
    ],
)  # fmt: skip
def test_new_prices(segcli: Run, subscriptions: Path, flags: tuple[str, ...], new: float) -> None:
    asked = (*UPDATE, "--subscription", "S2", "--from", "2026-07-01", *flags)
    Path("l.csv").write_text(LINES.replace("TEA,,3,", "TEA,,3,").replace("line_number,item", "line_number,unit,item")
                             .replace("S2,1,TEA", "S2,1,box,TEA").replace("S1,1,,", "S1,1,,,").replace("S3,1,,", "S3,1,,,")
                             .replace("S3,2,,", "S3,2,,,"))  # fmt: skip
    assert segcli("import", "l.csv").status == 0
    (row,) = segcli(*asked, "-f", "json").rows
    assert (row["old_price"], row["new_price"], row["reason"]) == (19.99, new, None)
    months = [round(float(Fraction(3) * Fraction(str(price)) * Fraction("0.9") / 3), 2) for price in (19.99, new)]
    assert [row["monthly_old"], row["monthly_new"]] == pytest.approx(months, abs=0.0101)
    assert segcli(*asked, *APPLY_SELECTED).status == 0
    assert [str(price) for _, price, *_ in lines(subscriptions, "S2")] == [
        "19.99",
        str(new).removesuffix(".0"),
    ]  # preview is result
    again = segcli(*asked, *APPLY_SELECTED)
    assert again.status == 0
    (row,) = segcli(*asked, "-f", "json").rows
    assert row["reason"] == "already revised from 2026-07-01"


def test_items_that_have_no_price_for_a_line(segcli: Run, subscriptions: Path) -> None:
    more(segcli, "S4,A,M,2026-06-01,,,", "S4,1,,Help,1,10,,,,0,21")
    Path("i.csv").write_text("item,description,sales_price,unit\nMILK,Milk,,\nICE,Ice,3,\n")
    Path("l.csv").write_text(
        "subscription,line_number,item,unit,unit_price\nS1,1,MILK,,10\nS2,1,TEA,box,20\nS2,2,TEA,kg,20\nS2,3,ICE,kg,2\nS2,4,ICE,,2\n"
    )
    Path("u.csv").write_text("subscription,account,type,start_date,currency\nS2,B,Q,2025-11-30,USD\n")
    assert segcli("import", "i.csv", "l.csv").status == 0

    def reasons() -> dict[tuple[str, int], tuple[float | None, str | None]]:
        rows = segcli(*UPDATE, "--from-item", "--from", "2026-07-01", "--subscription", "S1,S2,S4", "-f", "json").rows
        return {(row["subscription"], row["line"]): (row["new_price"], row["reason"]) for row in rows}

    assert reasons() == {
        ("S1", 1): (None, "item MILK has no sales price in EUR"),
        ("S2", 1): (25, None),
        ("S2", 2): (None, "item TEA is priced by 'box', the line by 'kg'"),
        ("S2", 3): (None, "item ICE is priced without a unit, the line by 'kg'"),
        ("S2", 4): (3, None),
        ("S4", 1): (None, "it has no item"),
    }
    assert segcli("import", "u.csv").status == 0
    assert reasons()[("S2", 4)] == (None, "item ICE has no sales price in USD")


def test_prices_from_a_file(segcli: Run, subscriptions: Path) -> None:
    Path("p.csv").write_text("abonnement;artikel;prijs\n;TEA;21,50\nS1;;12,34\n")
    asked = (*UPDATE, "--prices", "p.csv", "--from", "2026-07-01")
    found = {
        (row["subscription"], row["line"]): (row["new_price"], row["reason"])
        for row in segcli(*asked, "-f", "json").rows
    }
    assert found[("S1", 1)] == (12.34, None)
    assert found[("S2", 1)] == (21.5, None)
    Path("p.csv").write_text("subscription,price\nS1,abc\n,5\nS2,1\nS2,2\n")
    wrong = segcli(*asked, *APPLY)
    assert wrong.status == 1
    assert [text in wrong.err for text in ("p.csv:2", "'abc'", "p.csv:3", "p.csv:5", "line 4 has")] == [True] * 5
    Path("p.csv").write_text("price\n1\n")
    assert segcli(*asked).status == 1
    Path("p.csv").write_text("subscription,price\nS1,12\nS2\n")
    before = fingerprint(subscriptions)
    wrong = segcli(*asked, *APPLY)
    assert (wrong.status, "p.csv:3: expected 2 fields, found 1" in wrong.err) == (1, True)
    assert "p.csv: 1 row rejected, nothing was changed" in wrong.err
    assert fingerprint(subscriptions) == before


def asked_of(database: Path, sql: str) -> list[tuple[Any, ...]]:
    with connected(database) as db:
        return db.execute(sql).fetchall()


WRONG_NAMES = (
    ("S11;;;5", "p.csv:3:subscription: 'S11': there is no such subscription; there is: S1, S2, S3"),
    ("S1;9;;5", "p.csv:3:line: '9': subscription S1 has no such line; there is: 1"),
    (";;TAE;5", "p.csv:3:item: 'TAE': there is no such item; there is: ICE, TEA"),
    ("S1;;ICE;5", "p.csv:3:item: 'ICE': subscription S1 is not for this item"),
    ("S2;1;ICE;5", "p.csv:3:item: 'ICE': line 1 of subscription S2 is not for this item; there is: TEA"),
)


@pytest.mark.parametrize(("row", "message"), WRONG_NAMES)
@pytest.mark.parametrize("flags", [(), ("--apply", "--all", "--yes")], ids=["preview", "apply"])
def test_a_price_file_that_names_what_is_not_there_is_refused(
    segcli: Run, subscriptions: Path, row: str, message: str, flags: tuple[str, ...]
) -> None:
    Path("ice.csv").write_text("item,description\nICE,Ice\n")
    assert segcli("import", "ice.csv").status == 0
    before = fingerprint(subscriptions)
    Path("p.csv").write_text(f"subscription;line;item;price\nS1;1;;11\n{row}\n")
    refused = segcli(*UPDATE, "--prices", "p.csv", "--from", "2026-07-01", *flags)
    assert (refused.status, refused.out) == (1, "")
    assert message in refused.err
    assert "1 row rejected, nothing was changed" in refused.err
    assert fingerprint(subscriptions) == before


def test_a_mistyped_price_beside_an_unknown_name_is_wrong_data(segcli: Run, subscriptions: Path) -> None:
    Path("p.csv").write_text("subscription,line,price\nS1,1,12.5O\nS9,,3\nS1,x,4\n,1,5\n")
    refused = segcli(*UPDATE, "--prices", "p.csv", "--from", "2026-07-01", "--apply", "--all", "--yes")
    assert refused.status == 1
    assert "p.csv:2:price: '12.5O': this is not a price" in refused.err
    assert "4 rows rejected" in refused.err
    assert asked_of(subscriptions, "SELECT count(*) FROM subscription_line_change") == [(0,)]


def test_the_rest_of_a_price_file_is_used_where_that_is_asked_for(segcli: Run, subscriptions: Path) -> None:
    Path("p.csv").write_text("subscription;price\nS1;12,50\nS9;3\nS2;abc\n")
    asked = (*UPDATE, "--prices", "p.csv", "--from", "2026-07-01", "--on-error", "skip", "--rejects", "left.csv")
    before = fingerprint(subscriptions)
    preview = segcli(*asked, "-f", "json")
    assert (preview.status, fingerprint(subscriptions) == before) == (5, True)
    assert [row["new_price"] for row in preview.rows if row["subscription"] == "S1"] == [12.5]
    left = (
        "rejected_line,rejected_because,subscription,price\n"
        "3,subscription: there is no such subscription,S9,3\n4,price: this is not a price,S2,abc\n"
    )
    assert Path("left.csv").read_text() == left
    Path("left.csv").unlink()
    done = segcli(*asked, "--apply", "--all", "--yes")
    assert done.status == 5
    assert "p.csv:3:subscription: 'S9'" in done.err
    assert "2 rows left out" in done.err
    assert Path("left.csv").read_text() == left
    new = "SELECT unit_price FROM subscription_line WHERE start_date = '2026-07-01'"
    assert asked_of(subscriptions, new) == [("12.5",)]
    Path("left.csv").write_text(left.replace("S9", "S2").replace("4,price: this is not a price,S2,abc\n", ""))
    again = segcli(*UPDATE, "--prices", "left.csv", "--from", "2026-07-01", "--apply", "--all", "--yes")
    assert again.status == 0
    assert ("3",) in asked_of(subscriptions, new)


def test_prices_may_come_from_standard_input(segcli: Run, subscriptions: Path) -> None:
    asked = (*UPDATE, "--prices", "-", "--from", "2026-07-01")
    assert segcli(*asked, "--apply", "--all", "--yes", stdin="subscription,price\nS1,12\n").status == 0
    assert asked_of(subscriptions, "SELECT unit_price FROM subscription_line WHERE start_date = '2026-07-01'") == [
        ("12",)
    ]


@pytest.mark.parametrize(
    "flags", [("--percent", "1", "--on-error", "skip"), ("--prices", "p.csv", "--rejects", "left.csv")]
)
def test_flags_about_a_price_file_that_say_nothing(segcli: Run, subscriptions: Path, flags: tuple[str, ...]) -> None:
    Path("p.csv").write_text("subscription,price\nS1,12\n")
    assert segcli(*UPDATE, *flags, "--from", "2026-07-01").status == 2


def test_no_price_goes_below_nothing(segcli: Run, subscriptions: Path) -> None:
    asked = (*UPDATE, "--subscription", "S1,S2", "--amount", "-10.01", "--from", "2026-07-01", "-f", "json")
    assert {row["subscription"]: (row["new_price"], row["reason"]) for row in segcli(*asked).rows} == {
        "S1": (None, "the price would be below nothing"),  # it is 10
        "S2": (9.98, None),
    }


def test_undo_of_prices_restores_every_line(segcli: Run, subscriptions: Path) -> None:
    before = [lines(subscriptions, number) for number in ("S1", "S2", "S3")]
    assert segcli(*UPDATE, "--percent", "10", "--from", "2026-04-01", *APPLY).status == 0
    first = segcli("log", "-f", "json").rows[0]["run"]
    assert (
        segcli(*UPDATE, "--percent", "10", "--from", "2026-05-01", "--subscription", "S1", *APPLY_SELECTED).status == 0
    )
    second = segcli("log", "-f", "json").rows[0]["run"]
    partly = segcli("undo", first, "--yes")
    assert partly.status == 0  # S2 goes back, S1 was revised since
    assert [len(lines(subscriptions, number)) for number in ("S1", "S2")] == [3, 1]
    refused = segcli("undo", first, "--yes")
    assert (refused.status, "was undone by run" in refused.err, "have it back" in refused.err) == (1, True, False)
    assert segcli("undo", second, "--yes").status == 0
    assert len(lines(subscriptions, "S1")) == 2
    assert lines(subscriptions, "S2") == before[1]


def test_prices_that_were_invoiced_since_stay(segcli: Run, subscriptions: Path) -> None:
    asked = (*UPDATE, "--subscription", "S1", "--percent", "10", "--from", "2026-03-31", *APPLY_SELECTED)
    assert segcli(*asked).status == 0
    run = segcli("log", "-f", "json").rows[0]["run"]
    assert segcli(*GENERATE, "--subscription", "S1", "--as-of", "2026-03-31", *APPLY_SELECTED).status == 0
    before = fingerprint(subscriptions)
    refused = segcli("undo", run, "--yes")
    assert refused.status == 1
    assert f"the prices of run {run} were invoiced or revised since" in refused.err
    assert fingerprint(subscriptions) == before


def test_what_was_invoiced_is_not_charged_again(segcli: Run, subscriptions: Path) -> None:
    assert segcli(*GENERATE, "--subscription", "S1", "--as-of", "2026-06-30", *APPLY_SELECTED).status == 0  # to 30 July
    asked = (*UPDATE, "--subscription", "S1", "--amount", "5", "--from", "2026-07-10")
    (row,) = segcli(*asked, "-f", "json", "--columns", "counts_from,new_price").rows
    assert row == {"counts_from": "2026-07-31", "new_price": 15}
    assert segcli(*asked, *APPLY_SELECTED).status == 0
    found = planned(segcli, "--subscription", "S1", "--as-of", "2026-08-31")
    assert [row[1:5] for row in found] == [
        ("2026-07-31", "2026-07-31", "2026-08-30", 15), ("2026-08-31", "2026-08-31", "2026-09-29", 15),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "flags",
    [
        ("--percent", "3"), ("--from", "2026-07-01"), ("--round-to", "1"), ("--percent", "3", "--amount", "1", "--from", "2026-07-01"),
        ("--percent", "x", "--from", "2026-07-01"), ("--percent", "3", "--period", "2026Q3"),
        ("--percent", "3", "--from", "2026-07-01", "--round-to", "0"), ("--percent", "3", "--from", "2026-07-01", "--ending", "-1"),
    ],
)  # fmt: skip
def test_prices_that_are_not_said_clearly(segcli: Run, subscriptions: Path, flags: tuple[str, ...]) -> None:
    before = fingerprint(subscriptions)
    done = segcli(*UPDATE, *flags, *APPLY)
    assert (done.status, done.out) == (2, "")
    assert fingerprint(subscriptions) == before


# ------------------------------------------------------------------------------------------------ what they bring
def found(segcli: Run, *words: str) -> list[tuple[Any, ...]]:
    names = "subscription,status,monthly_value,yearly_value"
    return [
        tuple(row.values())
        for row in segcli("show", "subscription-search", "-f", "json", "--columns", names, *words).rows
    ]


def test_status_and_value_on_a_day(segcli: Run, subscriptions: Path) -> None:
    tea = (17.99, 215.89)  # 53.973 / 3 = 17.991; x 4 = 215.892
    days = {
        "2025-11-29": [("S1", "upcoming", 0, 0), ("S3", "upcoming", 0, 0), ("S2", "upcoming", 0, 0)],
        "2026-03-20": [("S1", "running", 10, 120), ("S3", "running", 31, 372), ("S2", "running", *tea)],
        "2026-03-21": [("S1", "running", 10, 120), ("S3", "cancelled", 0, 0), ("S2", "running", *tea)],
        "2026-05-10": [("S1", "running", 10, 120), ("S3", "cancelled", 0, 0), ("S2", "running", *tea)],
        "2026-05-11": [("S1", "running", 10, 120), ("S3", "cancelled", 0, 0), ("S2", "to renew", *tea)],
        "2026-07-10": [("S1", "running", 10, 120), ("S3", "cancelled", 0, 0), ("S2", "to renew", *tea)],
        "2026-07-11": [("S1", "running", 10, 120), ("S3", "cancelled", 0, 0), ("S2", "ended", 0, 0)],
    }
    assert {day: found(segcli, "--as-of", day) for day in days} == days
    assert [row[0] for row in found(segcli, "--as-of", "2026-05-11", "--state", "to renew,cancelled")] == ["S3", "S2"]
    assert segcli("show", "subscription-search", "--state", "lost").status == 2


def test_weeks_count_as_fifty_two_a_year(segcli: Run, subscriptions: Path) -> None:
    Path("w.csv").write_text(
        "subscription,account,frequency,frequency_count,start_date,price\nW,A,week,2,2026-01-01,3\n"
    )
    assert segcli("import", "w.csv").status == 0
    assert found(segcli, "--subscription", "W") == [("W", "running", 6.5, 78)]  # 26 times 3.00


def test_movements_add_up(segcli: Run, example: Path) -> None:
    for words in (("--period", "2026Q1"), ("--from", "2025-06-01", "--to", "2026-06-30"), ("--group-by", "class1")):
        rows = segcli("show", "subscription-search", "--movements", "-f", "json", *words).rows
        assert rows
        for row in rows:
            moved = sum(row[name] for name in ("opening", "new", "grown", "shrunk", "lost"))
            assert moved == pytest.approx(row["closing"], abs=0.011)
    value = segcli("show", "subscription-search", "-f", "json", "--as-of", "2026-03-31").rows
    closing = segcli("show", "subscription-search", "--movements", "--period", "2026Q1", "-f", "json").rows
    assert sum(row["closing"] for row in closing) == pytest.approx(sum(row["monthly_value"] for row in value), abs=0.01)


def test_new_grown_shrunk_and_lost(segcli: Run, subscriptions: Path) -> None:
    assert (
        segcli(*UPDATE, "--subscription", "S1", "--amount", "2.5", "--from", "2026-04-01", *APPLY_SELECTED).status == 0
    )
    rows = segcli(
        "show", "subscription-search", "--movements", "-f", "json", "--from", "2026-02-01", "--to", "2026-04-30"
    ).rows
    moved = [
        (row["subscription"], row["opening"], row["new"], row["grown"], row["lost"], row["closing"]) for row in rows
    ]
    assert moved == [("S1", 10, 0, 2.5, 0, 12.5), ("S3", 31, 0, 0, -31, 0), ("S2", 17.99, 0, 0, 0, 17.99)]
    assert (
        segcli("show", "subscription-search", "--movements", "--period", "2026-01", "-f", "json").rows[0]["new"] == 10
    )


# ------------------------------------------------------------------------------------------------ what comes in
def test_a_bookkeepers_file(segcli: Run, subscriptions: Path) -> None:
    Path("nl.csv").write_text(
        "abonnement;relatiecode;ingangsdatum;einddatum;frequentie;factuurmoment;prijs;artikel;aantal\n"
        "N1;A;15-02-2026;;kwartaal;achteraf;12,50;TEA;2\n"
    )
    done = segcli("import", "nl.csv")
    assert done.status == 0, done.err
    assert found(segcli, "--subscription", "N1") == [("N1", "running", 8.33, 100)]
    assert segcli("import", "nl.csv", "--again").status == 0
    assert len(lines(subscriptions, "N1")) == 1


def test_a_value_a_month_makes_a_line(segcli: Run, subscriptions: Path) -> None:
    text = (
        "subscription,account,name,status,start_date,end_date,invoiced_to,currency,monthly_value\n"
        "V1,A,Ann,running,2026-01-01,,2026-05-31,EUR,30.33\nV2,B,Bob,running,2026-01-01,2026-12-31,,USD,10\n"
    )
    Path("v.csv").write_text(text)
    assert segcli("import", "v.csv").status == 0
    assert found(segcli, "--subscription", "prefix:V") == [("V1", "running", 30.33, 363.96), ("V2", "running", 10, 120)]
    assert [row[1:4] for row in planned(segcli, "--subscription", "V1")] == [("2026-06-01", "2026-06-01", "2026-06-30")]
    Path("v.csv").write_text(text.replace("30.33", "31"))
    assert segcli("import", "v.csv").status == 0
    assert found(segcli, "--subscription", "V1") == [("V1", "running", 31, 372)]


def test_a_value_a_month_does_not_end_an_automatic_price(segcli: Run, subscriptions: Path) -> None:
    more(segcli, "S4,A,M,2026-06-01,,,")
    Path("auto.csv").write_text("subscription,description,is_automatic_price\nS4,Help,1\n")
    Path("v.csv").write_text("subscription,account,start_date,monthly_value\nS4,A,2026-06-01,12\n")
    assert segcli("import", "auto.csv").status == 0
    assert segcli("import", "v.csv").status == 0
    assert [row[-1] for row in planned(segcli, "--subscription", "S4")] == ["line 1: an automatic price needs an item"]
    assert found(segcli, "--subscription", "S4") == [("S4", "running", 0, 0)]
    assert segcli("check").status == 0


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_what_is_exported_comes_in_again_and_changes_nothing(segcli: Run, example: Path, form: str) -> None:
    assert segcli("show", "subscription-search", "-o", f"x.{form}").status == 0
    before = fingerprint(example)
    done = segcli("import", f"x.{form}", "--dry-run")
    assert done.status == 0, done.err
    assert segcli("import", f"x.{form}").status == 0
    with connected(example) as db:
        runs = db.execute("SELECT summary FROM run ORDER BY id DESC LIMIT 1").fetchone()
    assert fingerprint(example) == before or "0 added, 0 changed" in runs[0]


@pytest.mark.parametrize(
    ("name", "text", "place", "reason"),
    [
        ("h", "S9,Z,M,2026-01-01,,,", "h.csv:2:account", "there is no such account"),
        ("h", "S9,A,M,2026-01-01,2025-12-31,,", "h.csv:2:end_date", "before the start"),
        ("h", "S9,A,M,2026-01-01,,,32", "h.csv:2:invoice_day", "no day of a month"),
        ("h", "S9,A,M,2026-02-30,,,", "h.csv:2:start_date", "does not exist"),
        ("h", "S9,A,M,2026-01-01,,,\nS9,A,M,2026-01-01,,,", "h.csv:3:subscription", "duplicate of line 2"),
        ("l", "S9,1,,x,1,1,,,,0,21", "l.csv:2:subscription", "there is no such subscription"),
        ("l", "S1,1,NONE,x,1,1,,,,0,21", "l.csv:2:item", "there is no such item"),
        ("l", "S1,1,,x,1,,,,,0,21", "l.csv:2:unit_price", "this line has no price"),
        ("l", "S1,0,,x,1,1,,,,0,21", "l.csv:2:line_number", "count from 1"),
        ("l", "S1,1,,x,1,1,,2026-02-01,2026-01-01,0,21", "l.csv:2:end_date", "before the start"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(  # noqa: PLR0913 - a case
    segcli: Run, subscriptions: Path, name: str, text: str, place: str, reason: str
) -> None:
    before = fingerprint(subscriptions)
    header = (HEADS if name == "h" else LINES).splitlines()[0]
    Path(f"{name}.csv").write_text(f"{header}\n{text}\n")
    done = segcli("import", f"{name}.csv", "--again")
    assert done.status == 1
    assert place in done.err
    assert reason in done.err
    assert fingerprint(subscriptions) == before


def test_an_import_does_not_bring_back_what_was_invoiced_or_revised(segcli: Run, subscriptions: Path) -> None:
    assert segcli(*GENERATE, "--as-of", "2026-03-31", *APPLY).status == 0
    assert segcli(*UPDATE, "--subscription", "S1", "--amount", "1", "--from", "2026-05-01", *APPLY_SELECTED).status == 0
    revised = lines(subscriptions, "S1")
    Path("l.csv").write_text(LINES.replace("Licence,1,10", "Licence,1,9"))
    done = segcli("import", "l.csv")
    assert done.status == 0
    assert lines(subscriptions, "S1") == revised
    Path("h.csv").write_text(
        "subscription,account,type,start_date,invoiced_to\nS1,A,M,2026-01-31,2026-02-27\nS2,B,Q,2025-11-30,2026-05-29\n"
    )
    assert segcli("import", "h.csv").status == 0
    with connected(subscriptions) as db:
        days = db.execute("SELECT id, invoiced_to_date FROM subscription_line WHERE id < 3 ORDER BY id").fetchall()
    assert days == [(1, "2026-04-29"), (2, "2026-05-29")]  # never back, but on
    Path("h.csv").write_text("subscription,account,type,start_date\nS1,A,M,2026-01-01\n")
    refused = segcli("import", "h.csv")
    assert refused.status == 1
    assert "h.csv:2:start_date" in refused.err


# ------------------------------------------------------------------------------------------------ on paper
PRINT = ("--config", "config.yaml", "run", "print-subscriptions", "--folder", "out")


def pages(path: Path) -> list[str]:
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(path).pages]


def test_letters_and_marks(segcli: Run, subscriptions: Path) -> None:
    Path("config.yaml").write_text("letters: {name: Ours BV}\n")
    more(segcli, "S9,B,M,2026-06-01,,,")  # it has no lines
    preview = segcli(*PRINT, "--unprinted", "-f", "json").rows
    assert [(row["subscription"], row["reason"]) for row in preview] == [
        ("S1", None), ("S3", None), ("S2", None), ("S9", "it has no lines"),
    ]  # fmt: skip
    assert not Path("out").exists()
    done = segcli(*PRINT, "--unprinted", *APPLY)
    assert (done.status, "subscription S9: it has no lines" in done.err) == (5, True)
    (folder,) = Path("out").iterdir()
    assert folder.name == "subscriptions-2026-06-30"
    assert sorted(path.name for path in folder.iterdir()) == ["S1.pdf", "S2.pdf", "S3.pdf"]
    covering, confirmation = pages(folder / "S2.pdf")
    assert "Your subscription S2" in covering
    for text in (
        "Confirmation of subscription S2",
        "Quarterly",
        "30 November 2025",
        "10 July 2026",
        "in arrears",
        "19.99",
        "53.97",
    ):
        assert text in confirmation
    again = segcli(*PRINT, "--unprinted", *APPLY)
    assert again.status == 5
    assert len(list(Path("out").iterdir())) == 1  # twice is once
    with connected(subscriptions) as db:
        assert db.execute("SELECT subscription_number, printed_date FROM subscription ORDER BY 1").fetchall() == [
            ("S1", "2026-06-30"), ("S2", "2026-06-30"), ("S3", "2026-06-30"), ("S9", None),
        ]  # fmt: skip
    run = segcli("log", "-f", "json").rows[0]["run"]
    assert segcli("undo", run, "--yes").status == 0
    assert len(segcli(*PRINT, "--unprinted", "-f", "json").rows) == 4


def test_one_part_merged_and_in_dutch(segcli: Run, subscriptions: Path) -> None:
    Path("a.csv").write_text("account,name,language\nA,Ann,nl-NL\n")
    assert segcli("import", "a.csv").status == 0
    Path("config.yaml").write_text(
        "letters: {name: Ours}\nsubscriptions: {words: {nl: {confirmation_end: 'Per {frequency}!'}}}\n"
    )
    assert segcli(*PRINT, "--account", "A", "--only", "confirmation", "--merged", *APPLY_SELECTED).status == 0
    (path,) = Path("out").glob("*/*.pdf")
    found = pages(path)
    assert path.name == "subscriptions.pdf"
    assert ["Bevestiging van abonnement S1" in found[0], "Bevestiging van abonnement S3" in found[1]] == [True, True]
    assert "Per per maand!" in found[0]


@pytest.mark.parametrize("text", ["covering_text: 'Dear {nobody}'", "nothing: x", "total: '{frequency'", "page: ''"])
def test_texts_are_checked_before_anything_is_printed(segcli: Run, subscriptions: Path, text: str) -> None:
    Path("config.yaml").write_text(f"letters: {{name: Ours}}\nsubscriptions: {{words: {{en: {{{text}}}}}}}\n")
    before = fingerprint(subscriptions)
    done = segcli(*PRINT, *APPLY)
    assert (done.status, done.out) == (1, "")
    assert "subscriptions.words.en" in done.err
    assert fingerprint(subscriptions) == before
    assert segcli("--config", "config.yaml", "run", "print-subscriptions", *APPLY).status == 2  # no folder


def test_a_number_that_is_no_file_name(segcli: Run, subscriptions: Path) -> None:
    Path("config.yaml").write_text("letters: {name: Ours}\n")
    for number in ("../x", "./x", "x"):
        more(segcli, f"{number},A,M,2026-06-01,,,", f"{number},1,,a,1,1,,,,0,21")
    assert segcli(*PRINT, *APPLY).status == 0
    (folder,) = Path("out").iterdir()
    assert {path.name for path in folder.glob("x*")} == {"x.pdf", "x-2.pdf", "x-3.pdf"}


# ---------------------------------------------------------------------------------------------------- many at once
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
