"""Subscriptions: what a later file may change, and the words that bookkeepers use."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import APPLY, Once, Run, fingerprint, select
from import_case import load
from subscription_files import BOB, HEAD, LINE, TYPES, answer, lines

GENERATE = ("run", "generate-subscription-invoices", *APPLY, "--as-of")
# ------------------------------------------------------------------------------------------------ what a later file may change
HEADS = """subscription,account,start_date,end_date,invoiced_to,frequency
S1,A,2026-01-01,,2026-02-28,monthly
"""
TWO = """subscription,line_number,description,unit_price,invoiced_to,external_id
S1,1,Own,10,2026-01-31,x1
S1,2,Shared,20,,x2
"""


def _two_lines(segcli: Run) -> None:
    load(segcli, h=HEADS, l=TWO)
    assert lines(Path("test.db")) == [(1, "Own", "10", "2026-01-31", "x1"), (2, "Shared", "20", "2026-02-28", "x2")]


@pytest.fixture
def two_lines(once: Once, known_account: Path) -> Path:
    """A subscription of two lines: one was invoiced up to a day of its own, one up to that of its subscription."""
    once(_two_lines)
    return known_account


def brought(segcli: Run, name: str, text: str) -> Mapping[str, Any]:
    """Write a file, bring it in, and return what became of it."""
    row: Mapping[str, Any] = load(segcli, "--again", "-f", "json", **{name: text}).rows[0]
    return row


def test_a_line_keeps_the_day_of_its_own(segcli: Run, two_lines: Path) -> None:
    once = fingerprint(two_lines)
    for name, text in (("h.csv", HEADS), ("l.csv", TWO)):
        assert brought(segcli, name, text)["changed"] == 0
    assert fingerprint(two_lines) == once
    brought(segcli, "h.csv", HEADS.replace("02-28", "03-31"))
    assert [row[3] for row in lines(two_lines)] == ["2026-01-31", "2026-03-31"]


def test_what_was_invoiced_here_is_not_taken_back(segcli: Run, two_lines: Path) -> None:
    assert segcli(*GENERATE, "2026-05-31").status == 0
    assert [row[3] for row in lines(two_lines)] == ["2026-05-31", "2026-05-31"]
    note = "2 lines kept: invoiced further here than in the file"
    assert note in brought(segcli, "h.csv", HEADS.replace("02-28", "04-30"))["notes"]
    note = "1 line kept: invoiced further here than in the file"
    assert note in brought(segcli, "l.csv", TWO)["notes"]
    assert [row[3] for row in lines(two_lines)] == ["2026-05-31", "2026-05-31"]
    brought(segcli, "h.csv", HEADS.replace("02-28", "06-30"))
    assert [row[3] for row in lines(two_lines)] == ["2026-06-30", "2026-06-30"]
    before = fingerprint(two_lines)
    assert segcli(*GENERATE, "2026-06-30").status == 0
    assert fingerprint(two_lines) == before


def test_a_changed_price_counts_for_what_is_invoiced_next(segcli: Run, two_lines: Path) -> None:
    assert segcli(*GENERATE, "2026-03-31").status == 0
    assert brought(segcli, "l.csv", TWO.replace("Shared,20", "Shared,25"))["changed"] == 1
    assert segcli(*GENERATE, "2026-04-30").status == 0
    assert select(two_lines, "SELECT start_date, net_amount FROM invoice_line WHERE description = 'Shared' ORDER BY 1") == [
        ("2026-03-01", 20_000_000), ("2026-04-01", 25_000_000)
    ]  # fmt: skip


def test_lines_that_a_newer_file_lacks(segcli: Run, two_lines: Path) -> None:
    brought(segcli, "l.csv", TWO[: TWO.index("S1,2")])
    assert [row[1] for row in lines(two_lines)] == ["Own"]
    brought(segcli, "l.csv", TWO)
    assert segcli(*GENERATE, "2026-03-31").status == 0
    row = brought(segcli, "l.csv", TWO[: TWO.index("S1,2")])
    assert "1 line kept: invoiced here, but not in the file; to end it, give it an end_date" in row["notes"]
    assert [row[1] for row in lines(two_lines)] == ["Own", "Shared"]


def test_a_line_is_known_by_its_id_whatever_its_number(segcli: Run, two_lines: Path) -> None:
    moved = TWO.splitlines()[0] + "\nS1,1,Shared,20,,x2\nS1,2,New,5,2026-02-28,x3\nS1,3,Own,10,,x1\n"
    brought(segcli, "l.csv", moved)
    assert [row[1:] for row in lines(two_lines)] == [
        ("Own", "10", "2026-01-31", "x1"), ("Shared", "20", "2026-02-28", "x2"), ("New", "5", "2026-02-28", "x3")
    ]  # fmt: skip
    once = fingerprint(two_lines)
    assert brought(segcli, "l.csv", moved)["changed"] == 0
    assert fingerprint(two_lines) == once
    brought(segcli, "l.csv", TWO.splitlines()[0] + "\nS1,1,New,5,,x3\n")
    assert [row[1] for row in lines(two_lines)] == ["New"]


def test_what_is_exported_does_not_count_as_invoiced(segcli: Run, two_lines: Path) -> None:
    """A line that was never invoiced stays so, though the export names the day of the other one."""
    brought(segcli, "h.csv", HEADS.replace("2026-02-28", ""))
    brought(segcli, "l.csv", TWO + "S1,3,Never,30,,x4\n")
    assert segcli("show", "subscription-search", "-o", "x.csv").status == 0
    before = lines(two_lines)
    assert [row[3] for row in before] == ["2026-01-31", "2026-02-28", None]
    assert segcli("import", "x.csv").status == 0
    assert lines(two_lines) == before
    assert select(two_lines, "SELECT invoiced_to_date FROM subscription") == [(None,)]


WHOLE = (
    "subscription,account,start_date,frequency,frequency_count,timing,invoice_to,ordered_by,is_blocked,printed_date,type,description,"
    "end_date,invoiced_to,currency,monthly_value,cancellation_date,payment_condition,your_reference"
)


@pytest.mark.repeats
@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
@pytest.mark.parametrize("role", ["ordered-by", "invoice-to"])
def test_a_whole_export_changes_nothing(segcli: Run, known_account: Path, form: str, role: str) -> None:
    """Who pays, orders and receives, the rhythm of the type and what is blocked stay what they were."""
    answer("types.json", TYPES)
    three = {
        **HEAD,
        "DeliverTo": BOB,
        "Currency": "USD",
        "SubscriptionLines": [LINE, {**LINE, "ID": "L2", "LineNumber": 2}],
    }
    assert segcli("import", "types.json", answer("h.json", three)).status == 0
    brought(segcli, "b.csv", "subscription,account,start_date,is_blocked\n17,A,2026-01-01,1\n")
    tables = [f"SELECT * FROM {table}" for table in ("subscription", "subscription_line")]
    before = [select(known_account, sql) for sql in tables]
    for columns in ("", WHOLE):
        asked = ("--columns", columns) if columns else ()
        assert segcli("show", "subscription-search", "--role", role, *asked, "-o", f"x.{form}").status == 0
        done = segcli("import", f"x.{form}", "-f", "json")
        assert done.status == 0, done.err
        assert (done.rows[0]["added"], done.rows[0]["changed"], done.rows[0]["rejected"]) == (0, 0, 0)
        assert [select(known_account, sql) for sql in tables] == before
    brought(segcli, "b.csv", "subscription,account,start_date\n17,B,2026-01-01\n")
    assert [select(known_account, sql) for sql in tables] == before  # B pays already
    Path("c.csv").write_text("account,name\nC,Cas\n")
    assert segcli("import", "c.csv").status == 0
    brought(segcli, "b.csv", "subscription,account,start_date\n17,C,2026-01-01\n")
    assert select(
        known_account, "SELECT DISTINCT account_id = ordered_by_id AND account_id = deliver_to_id FROM subscription"
    ) == [(1,)]


def test_a_rhythm_of_its_own(segcli: Run, known_account: Path) -> None:
    """What a row says beside the type holds; what only repeats the type leaves it to the type."""
    heads = "subscription,account,type,start_date,frequency,frequency_count,timing\nS,A,Q,2026-01-01,{}\n"
    assert segcli("import", answer("types.json", {**TYPES, "InvoicePeriod": 2})).status == 0
    own = "SELECT frequency, frequency_count, timing FROM subscription"
    for words, expected in (
        (",,", (None, None, None)), ("quarterly,2,arrears", (None, None, None)), ("quarterly,3,arrears", ("quarterly", 3, None)),
        ("quarterly,1,arrears", ("quarterly", 1, None)), ("weekly,,advance", ("weekly", None, "advance")),
        ("weekly,1,advance", ("weekly", None, "advance")),
    ):  # fmt: skip
        brought(segcli, "s.csv", heads.format(words))
        assert select(known_account, own) == [expected]


def test_another_currency_has_other_parts(segcli: Run, two_lines: Path) -> None:
    amounts = "SELECT period_amount FROM subscription_line ORDER BY line_number"
    for currency, expected in (
        ("EUR", [10_000_000, 20_000_000]),
        ("JPY", [100_000, 200_000]),
        ("KWD", [100_000_000, 200_000_000]),
    ):
        brought(segcli, "h.csv", f"subscription,account,start_date,currency\nS1,A,2026-01-01,{currency}\n")
        assert [amount for (amount,) in select(two_lines, amounts)] == expected
        assert segcli("check").status == 0


def test_printed_elsewhere(segcli: Run, two_lines: Path) -> None:
    text = "subscription,account,start_date,printed\nS1,A,2026-01-01,{}\n"
    assert select(two_lines, "SELECT printed_date FROM subscription") == [(None,)]
    for word, found in (("no", None), ("yes", "2026-06-30"), ("no", "2026-06-30")):
        brought(segcli, "h.csv", text.format(word))
        assert select(two_lines, "SELECT printed_date FROM subscription") == [(found,)]


@pytest.mark.repeats
@pytest.mark.parametrize(
    ("name", "text", "place", "reason"),
    [
        ("h", "subscription,account,start_date,external_id\nS1,A,2026-01-01,e\nS2,A,2026-01-01,e\n", "h.csv:3:external_id", "duplicate of line 2"),
        ("h", "subscription,account,start_date,frequency_count\nS1,A,2026-01-01,-1\n", "h.csv:2:frequency_count", "not 1 to 120"),
        ("h", "subscription,account,start_date,frequency\nS1,A,2026-01-01,-1\n", "h.csv:2:frequency", "this word is not known"),
        ("h", "subscription,account,start_date,currency\nS1,A,2026-01-01,euro\n", "h.csv:2:currency", "not a currency"),
        ("h", "subscription,account,start_date,invoice_day\nS1,A,2026-01-01,0\n", "h.csv:2:invoice_day", "not a day of a month"),
        ("h", "subscription,account,start_date,price,item\nS1,A,2026-01-01,1,NONE\n", "h.csv:2:item", "there is no such item"),
        ("h", "subscription,account,start_date,price,quantity\nS1,A,2026-01-01,1,0.12345678\n", "h.csv:2:quantity", "more than six decimals"),
        ("h", "subscription,account,start_date,price,quantity\nS2,A,2026-01-01,999999999999999,999\n", "h.csv:2:price", "this number is too large"),
        ("h", "subscription,account,start_date,price,quantity\nS2,A,2026-01-01,0,999999999999999\n", "h.csv:2:quantity", "this number is too large"),
        ("h", "subscription,account,start_date,monthly_value\nS2,A,2026-01-01,999999999\n", "h.csv:2:monthly_value", "this number is too large"),
        ("h", "subscription,account,start_date,price\nS2,A,2026-01-01,1\nS2,A,2026-01-01,2\n", "h.csv:3:subscription", "in a file of their own"),
        ("h", "subscription,account,start_date\nS2,A,2026-01-01\nS3,,2026-01-01\n", "h.csv:3:account", "this is empty"),
        ("l", "subscription,unit_price,quantity\nS1,999999999999999,-999\n", "l.csv:2:unit_price", "this number is too large"),
        ("l", "subscription,unit_price,quantity\nS1,0,999999999999999\n", "l.csv:2:quantity", "this number is too large"),
        ("l", "subscription,unit_price,end_date\nS1,1,2025-12-31\n", "l.csv:2:end_date", "begins after it, on 2026-01-01"),
        ("l", "subscription,unit_price,start_date\nS1,1,2027-01-01\n", "l.csv:2:start_date", "ends before it, on 2026-12-31"),
        ("l", "subscription,unit_price,quantity\nS1,1,1.2345678\n", "l.csv:2:quantity", "more than six decimals"),
        ("l", "subscription,unit_price,external_id\nS1,1,x\nS1,2,x\n", "l.csv:3:external_id", "duplicate of line 2"),
        ("l", "subscription,unit_price,external_id\nS1,1,other\n", "l.csv:2:external_id", "that of a line of S0"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(  # noqa: PLR0913 - a case
    segcli: Run, known_account: Path, name: str, text: str, place: str, reason: str
) -> None:
    Path("first.csv").write_text(
        "subscription,account,start_date,end_date\nS0,A,2026-01-01,\nS1,A,2026-01-01,2026-12-31\n"
    )
    Path("lines.csv").write_text("subscription,unit_price,external_id\nS0,1,other\n")
    assert segcli("import", "first.csv", "lines.csv").status == 0
    before = fingerprint(known_account)
    Path(f"{name}.csv").write_text(text)
    done = segcli("import", f"{name}.csv")
    assert done.status == 1
    assert place in done.err
    assert reason in done.err
    assert fingerprint(known_account) == before


# ------------------------------------------------------------------------------------------------ words
@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("subscription,account,start_date,frequency,timing,price", "S,A,2026-01-31,per month,in advance,1.5", ("monthly", "advance", "1.5")),
        ("Abonnement;Klantcode;Ingangsdatum;Frequentie;Factuurmoment;Prijs", "S;A;31-01-2026;per kwartaal;achteraf;1,5", ("quarterly", "arrears", "1.5")),
        ("Abonnementnummer;Relatie;Begindatum;Termijn;Moment;Prijs per periode", "S;A;31-01-2026;Halfjaarlijks;vooraf;1,5", ("half-yearly", "advance", "1.5")),
        ("contract,customer,start,months,timing,amount", "S,A,2026-01-31,12,post-paid,1.5", ("yearly", "arrears", "1.5")),
        ("contract,customer,start,interval,timing,monthly price", "S,A,2026-01-31,q,prepaid,0.5", ("quarterly", "advance", "1.5")),
        ("Abonnement;Klant;Start;Periode;Moment;Maandbedrag", "S;A;31-01-2026;w;vooruit;6,50", ("weekly", "advance", "1.5")),
        ("Abonnement;Klant;Start;Frequentie;Moment;Maandbedrag", "S;A;31-01-2026;wekelijks;vooruit;6,50", ("weekly", "advance", "1.5")),
    ],
)  # fmt: skip
def test_a_row_per_subscription(
    segcli: Run, known_account: Path, header: str, row: str, expected: tuple[str, ...]
) -> None:
    Path("s.csv").write_text(f"{header}\n{row}\n")
    done = segcli("import", "s.csv")
    assert done.status == 0, done.err
    found = select(
        known_account,
        "SELECT frequency, timing, unit_price FROM subscription AS s JOIN subscription_line AS l ON l.subscription_id = s.id",
    )
    assert found == [expected]
    assert segcli("import", "s.csv", "--again", "-f", "json").rows[0]["changed"] == 0


def test_unknown_accounts_and_items_are_made_where_asked(segcli: Run, known_account: Path) -> None:
    Path("s.csv").write_text(
        "subscription,account,name,item,description,start_date,price\nS,Z,Zoë,NEW,New tea,2026-01-01,9\n"
    )
    assert segcli("import", "s.csv").status == 1
    assert segcli("import", "s.csv", "--create-missing").status == 0
    assert select(known_account, "SELECT a.code, a.name, i.code FROM subscription AS s JOIN account AS a ON a.id = s.account_id"
                  " JOIN subscription_line AS l ON l.subscription_id = s.id JOIN item AS i ON i.id = l.item_id") == [("Z", "Zoë", "NEW")]  # fmt: skip
