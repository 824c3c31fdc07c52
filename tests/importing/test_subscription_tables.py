"""Subscriptions in tables: a bookkeeper's file, and what we exported ourselves."""

from pathlib import Path

import pytest
from conftest import APPLY, APPLY_SELECTED, Run, connected, fingerprint
from subscription_case import GENERATE, HEADS, LINES, UPDATE, found, lines, more, planned


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
        ("h", "S9,A,M,2026-01-01,,,32", "h.csv:2:invoice_day", "not a day of a month"),
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
