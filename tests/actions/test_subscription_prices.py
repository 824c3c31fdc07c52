"""Subscriptions: new prices, from flags and from files, and taken back."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from conftest import APPLY, APPLY_SELECTED, Run, connected, fingerprint
from subscription_case import GENERATE, LINES, UPDATE, invoices, lines, more, planned


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
        (("--percent", "3.5"), 20.69), (("--percent", "-50"), 10), (("--amount", "1.01"), 21), (("--from-item",), 25),
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
