"""Subscriptions in the files of Exact Online and of bookkeepers: what comes in, and what a later file may change."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import APPLY, Run, connected, fingerprint
from finance_files import eexact, read

ANN, BOB, TEA, TYPE = (f"{number}1111111-1111-1111-1111-111111111111" for number in range(1, 5))
ENTRY = "51111111-1111-1111-1111-111111111111"
GENERATE = ("run", "generate-subscription-invoices", *APPLY, "--as-of")


def moment(year: int, month: int, day: int) -> str:
    """Return a day as Exact's answers have it, reckoned by the calendar of Python's standard library."""
    import calendar

    return f"/Date({calendar.timegm((year, month, day, 0, 0, 0)) * 1000})/"


def record(kind: str, **cells: Any) -> Mapping[str, Any]:
    return {"__metadata": {"uri": "x", "type": f"Exact.Web.Api.Models.{kind}"}, **cells}


def answer(path: str, *records: Mapping[str, Any]) -> str:
    Path(path).write_text(json.dumps({"d": {"results": records}}))
    return path


TYPES = record(
    "SubscriptionType", ID=TYPE, Code="Q", Description="Per quarter", InvoicePeriod=1, InvoicePeriodUnit="qt",
    AutomaticGenerateInvoiceType=3, InvoiceCorrectionMethod=2, CancellationPeriod=2, CancellationPeriodUnit="mm",
)  # fmt: skip
LINE = record(
    "SubscriptionLine", ID="L1", EntryID=ENTRY, LineNumber=1, Item=TEA, ItemDescription="Tea", Quantity=0.3333333333333333,
    UnitPrice=30.0, NetPrice=27.0, Discount=0.1, UnitCode="box", VATCode="2", FromDate=moment(2026, 1, 1), ToDate=None,
)  # fmt: skip
HEAD = record(
    "Subscription", EntryID=ENTRY, Number=17, OrderedBy=ANN, InvoiceTo=BOB, InvoiceToName="Bob", StartDate=moment(2026, 1, 1),
    EndDate=None, InvoicedTo=moment(2026, 3, 31), InvoiceDay=0, Currency="EUR", PaymentCondition="30", SubscriptionType=TYPE,
    BlockEntry=True, Printed=True, CustomerPONumber="PO 1", Notes="by phone", Description="Tea, quarterly",
    SubscriptionLines={"results": [LINE]},
)  # fmt: skip


@pytest.fixture
def known(segcli: Run, empty: Path) -> Path:
    """An administration with two accounts and an item that Exact's answers name by their ids."""
    Path("a.csv").write_text(f"account,name,external_id\nA,Ann,{ANN}\nB,Bob,{BOB}\n")
    Path("i.csv").write_text(f"item,description,sales_price,external_id\nTEA,Tea,30,{TEA}\n")
    assert segcli("import", "a.csv", "i.csv").status == 0
    return empty


def select(database: Path, sql: str) -> list[tuple[Any, ...]]:
    with connected(database) as db:
        return db.execute(sql).fetchall()


def lines(database: Path) -> list[tuple[Any, ...]]:
    return select(
        database,
        "SELECT line_number, description, unit_price, invoiced_to_date, external_id FROM subscription_line ORDER BY 1",
    )


# ------------------------------------------------------------------------------------------------ Exact's REST answers
@pytest.mark.parametrize("order", [("types.json", "heads.json"), ("heads.json", "types.json")])
def test_rest_answers(segcli: Run, known: Path, order: tuple[str, ...]) -> None:
    answer("types.json", TYPES)
    answer("heads.json", HEAD)
    for name in order:
        done = segcli("import", name)
        assert (done.status, done.err) == (0, "")
    assert select(
        known,
        "SELECT code, description, frequency, frequency_count, timing, proration, notice_days FROM subscription_type",
    ) == [("Q", "Per quarter", "quarterly", 1, "arrears", "zero", 60)]
    assert select(
        known,
        """SELECT s.subscription_number, a.code, o.code, d.code, s.subscription_type, s.start_date, s.end_date, s.invoiced_to_date,
                  s.invoice_day, s.currency, s.payment_condition, s.your_reference, s.is_blocked, s.printed_date, s.remarks
             FROM subscription AS s JOIN account AS a ON a.id = s.account_id JOIN account AS o ON o.id = s.ordered_by_id
             JOIN account AS d ON d.id = s.deliver_to_id""",
    ) == [("17", "B", "A", "A", "Q", "2026-01-01", None, "2026-03-31", None, "EUR", "30", "PO 1", 0, "2026-06-30", "by phone")]  # fmt: skip
    assert select(
        known,
        """SELECT l.line_number, i.code, l.description, l.quantity, l.unit, l.unit_price, l.discount_percent, l.period_amount, l.vat_code,
                  l.start_date, l.end_date, l.invoiced_to_date FROM subscription_line AS l JOIN item AS i ON i.id = l.item_id""",
    ) == [(1, "TEA", "Tea", 333333, "box", "30", "10", 8_999_991, "2", "2026-01-01", None, "2026-03-31")]  # fmt: skip
    again = segcli("import", "--again", *order, "-f", "json")
    assert {(row["added"], row["changed"], row["rejected"]) for row in again.rows} == {(0, 0, 0)}


def test_rest_lines_on_their_own(segcli: Run, known: Path) -> None:
    deferred = {**HEAD, "SubscriptionLines": {"__deferred": {"uri": "x"}}, "SubscriptionType": None}
    assert segcli("import", answer("h.json", deferred)).status == 0
    assert lines(known) == []
    only_net = {**LINE, "UnitPrice": None, "Quantity": 2}
    assert segcli("import", answer("l.json", only_net)).status == 0
    assert select(known, "SELECT unit_price, discount_percent, period_amount FROM subscription_line") == [
        ("27", None, 54_000_000)
    ]


def test_invoicing_that_starts_later_than_the_subscription(segcli: Run, known: Path) -> None:
    later = {**HEAD, "InvoicedTo": None, "InvoicingStartDate": moment(2026, 2, 1)}
    assert segcli("import", answer("h.json", later)).status == 0
    assert [row[3] for row in lines(known)] == ["2026-01-31"]
    same = {
        **HEAD,
        "InvoicedTo": None,
        "InvoicingStartDate": HEAD["StartDate"],
        "EntryID": "x",
        "Number": 18,
        "SubscriptionLines": None,
    }
    assert segcli("import", answer("h.json", same)).status == 0
    assert select(known, "SELECT invoiced_to_date FROM subscription WHERE subscription_number = '18'") == [(None,)]


@pytest.mark.parametrize(
    ("changes", "place", "reason"),
    [
        ({"InvoiceTo": "61111111-1111-1111-1111-111111111111"}, "$[0]:account", "there is no such account"),
        ({"StartDate": None}, "$[0]:start_date", "this is empty"),
        ({"InvoicedTo": None, "InvoicingStartDate": "/Date(99999999999999999)/"}, "$[0]:invoiced_to: '/Date(99999999999999999)/'", "this is not a date"),
        ({"SubscriptionLines": [{**LINE, "UnitPrice": "veel"}]}, "$[0].SubscriptionLines[0]:unit_price: 'veel'", "not a number"),
        ({"EndDate": moment(2025, 12, 31)}, "$[0]:end_date", "this lies before the start"),
        ({"InvoiceDay": 32}, "$[0]:invoice_day", "no day of a month"),
        ({"SubscriptionLines": [{**LINE, "LineNumber": 2, "ID": "L2"}, {**LINE, "UnitPrice": None, "NetPrice": None}]}, "$[0].SubscriptionLines[1]:unit_price", "no price"),
        ({"SubscriptionLines": [{**LINE, "ToDate": moment(2025, 6, 1), "FromDate": None}]}, "$[0].SubscriptionLines[0]:end_date", "begins after it"),
    ],
)  # fmt: skip
def test_rest_answers_that_are_wrong(
    segcli: Run, known: Path, changes: Mapping[str, Any], place: str, reason: str
) -> None:
    right = {**HEAD, "EntryID": "right", "Number": 18, "SubscriptionLines": None}
    before = fingerprint(known)
    done = segcli("import", answer("h.json", {**HEAD, **changes}, right))
    assert done.status == 1
    assert place in done.err
    assert reason in done.err
    assert fingerprint(known) == before


def test_a_type_with_a_period_of_its_own(segcli: Run, known: Path) -> None:
    odd = {**TYPES, "InvoicePeriodUnit": "dd"}
    done = segcli("import", answer("t.json", odd))
    assert done.status == 1
    assert "'dd': this is none of the words that are known here" in done.err
    none = {**TYPES, "InvoicePeriod": 0, "CancellationPeriodUnit": None}
    assert segcli("import", answer("t.json", none)).status == 0
    assert select(known, "SELECT frequency, frequency_count, notice_days FROM subscription_type") == [
        ("monthly", 1, 30)
    ]


# ------------------------------------------------------------------------------------------------ eExact XML
XML_TYPE = (
    '<SubscriptionType code="Y"><Description>Per jaar</Description><Active>1</Active><AutomaticProlongation>2</AutomaticProlongation>'
    '<CancellationPeriod period="3"><PeriodUnit>mm</PeriodUnit></CancellationPeriod>'
    '<InvoicePeriod period="2"><PeriodUnit>yy</PeriodUnit></InvoicePeriod></SubscriptionType>'
)
XML_HEAD = """<Subscription Number="12" entryID="{51111111-1111-1111-1111-11111111111A}"><Description>Thee</Description>
<SubscriptionType code="Y"><Description>Per jaar</Description></SubscriptionType><StartDate>2026-01-01</StartDate>
<EndDate>2027-12-31T00:00:00</EndDate><OrderedBy code="       A"><Name>Ann</Name></OrderedBy>
<InvoicedTo code="       B"><Name>Bob</Name></InvoicedTo><PaymentCondition code="30"/><Notes>bel</Notes>
<CustomerPONumber>PO 2</CustomerPONumber>
<SubscriptionLine line="1"><Description>Thee</Description><Item code="TEA"/><Quantity>2</Quantity><Unit code="box"/>
<UnitPrice>3.0E1</UnitPrice><NetPrice>27</NetPrice><VAT code="2"/><DiscountPercentage>0.1</DiscountPercentage></SubscriptionLine>
<SubscriptionLine><Description>Start</Description><Item code="TEA"/><Quantity>1</Quantity><NetPrice>5.5</NetPrice>
<DiscountPercentage>0.5</DiscountPercentage><StartDate>2026-02-01</StartDate></SubscriptionLine></Subscription>"""


def test_xml(tmp_path: Path) -> None:
    found = read(tmp_path, eexact(SubscriptionTypes=XML_TYPE, Subscriptions=XML_HEAD))
    assert found.of(
        "subscription_type", "subscription_type", "description", "frequency", "frequency_count", "notice_days"
    ) == [("Y", "Per jaar", "yearly", "2", "90")]
    names = ("subscription", "account", "ordered_by", "name", "subscription_type", "start_date", "end_date", "payment_condition",
             "your_reference", "remarks", "external_id")  # fmt: skip
    assert found.of("subscription", *names) == [
        (
            "12",
            "B",
            "A",
            "Bob",
            "Y",
            "2026-01-01",
            "2027-12-31",
            "30",
            "PO 2",
            "bel",
            "51111111-1111-1111-1111-11111111111a",
        )
    ]
    names = (
        "subscription",
        "line_number",
        "item",
        "description",
        "quantity",
        "unit",
        "unit_price",
        "discount_percent",
        "vat_code",
        "start_date",
    )
    assert found.of("subscription_line", *names) == [
        ("12", "1", "TEA", "Thee", "2", "box", "30", "10", "2", None),
        ("12", "2", "TEA", "Start", "1", None, "5.5", None, None, "2026-02-01"),  # of the net price the discount is off
    ]


def test_xml_comes_in(segcli: Run, known: Path) -> None:
    Path("s.xml").write_text(eexact(SubscriptionTypes=XML_TYPE, Subscriptions=XML_HEAD))
    done = segcli("import", "s.xml", "-f", "json")
    assert [(row["kind"], row["added"]) for row in done.rows] == [
        ("subscription types", 1),
        ("subscriptions", 1),
        ("subscription lines", 2),
    ]
    value = segcli("show", "subscription-search", "-f", "json", "--as-of", "2026-02-01").rows[0]
    assert (value["account"], value["yearly_value"]) == ("A", 29.75)  # (2 x 30 less 10 % and 5.50) in two years
    once = fingerprint(known)
    again = segcli("import", "--again", "s.xml", "-f", "json")
    assert {(row["added"], row["changed"], row["rejected"]) for row in again.rows} == {(0, 0, 0)}
    assert fingerprint(known) == once


def test_files_that_refer_to_one_another_in_any_order(segcli: Run, empty: Path) -> None:
    Path("s.xml").write_text(eexact(SubscriptionTypes=XML_TYPE, Subscriptions=XML_HEAD))
    Path("a.csv").write_text(f"account,name,external_id\nA,Ann,{ANN}\nB,Bob,{BOB}\n")
    Path("i.csv").write_text(f"item,description,external_id\nTEA,Tea,{TEA}\n")
    done = segcli(
        "import", answer("l.json", LINE), answer("h.json", HEAD), "s.xml", answer("t.json", TYPES), "i.csv", "a.csv"
    )
    assert (done.status, done.err) == (0, "")
    found = select(empty, "SELECT subscription_number, subscription_type FROM subscription ORDER BY 1")
    assert found == [("12", "Y"), ("17", "Q")]


def test_xml_that_cannot_be_read(segcli: Run, known: Path) -> None:
    Path("s.xml").write_text(eexact(Subscriptions=XML_HEAD.replace("3.0E1", "thirty")))
    done = segcli("import", "s.xml")
    assert done.status == 1
    assert "unit_price: 'thirty': this is not a number" in done.err


# ------------------------------------------------------------------------------------------------ what a later file may change
HEADS = """subscription,account,start_date,end_date,invoiced_to,frequency
S1,A,2026-01-01,,2026-02-28,monthly
"""
TWO = """subscription,line_number,description,unit_price,invoiced_to,external_id
S1,1,Own,10,2026-01-31,x1
S1,2,Shared,20,,x2
"""


@pytest.fixture
def two_lines(segcli: Run, known: Path) -> Path:
    """A subscription of two lines: one was invoiced up to a day of its own, one up to that of its subscription."""
    Path("h.csv").write_text(HEADS)
    Path("l.csv").write_text(TWO)
    assert segcli("import", "h.csv", "l.csv").status == 0
    assert lines(known) == [(1, "Own", "10", "2026-01-31", "x1"), (2, "Shared", "20", "2026-02-28", "x2")]
    return known


def brought(segcli: Run, name: str, text: str) -> Mapping[str, Any]:
    """Write a file, bring it in, and return what became of it."""
    Path(name).write_text(text)
    done = segcli("import", name, "--again", "-f", "json")
    assert done.status == 0, done.err
    row: Mapping[str, Any] = done.rows[0]
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
    note = "2 lines were invoiced further here than the file says, and stay so"
    assert note in brought(segcli, "h.csv", HEADS.replace("02-28", "04-30"))["notes"]
    note = "1 lines were invoiced further here than the file says, and stay so"
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
    assert "1 lines are not in the file, but were invoiced here and stay: end them with an end_date" in row["notes"]
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


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
@pytest.mark.parametrize("role", ["ordered-by", "invoice-to"])
def test_a_whole_export_changes_nothing(segcli: Run, known: Path, form: str, role: str) -> None:
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
    before = [select(known, sql) for sql in tables]
    for columns in ("", WHOLE):
        asked = ("--columns", columns) if columns else ()
        assert segcli("show", "subscription-search", "--role", role, *asked, "-o", f"x.{form}").status == 0
        done = segcli("import", f"x.{form}", "-f", "json")
        assert done.status == 0, done.err
        assert (done.rows[0]["added"], done.rows[0]["changed"], done.rows[0]["rejected"]) == (0, 0, 0)
        assert [select(known, sql) for sql in tables] == before
    brought(segcli, "b.csv", "subscription,account,start_date\n17,B,2026-01-01\n")
    assert [select(known, sql) for sql in tables] == before  # B pays already
    Path("c.csv").write_text("account,name\nC,Cas\n")
    assert segcli("import", "c.csv").status == 0
    brought(segcli, "b.csv", "subscription,account,start_date\n17,C,2026-01-01\n")
    assert select(
        known, "SELECT DISTINCT account_id = ordered_by_id AND account_id = deliver_to_id FROM subscription"
    ) == [(1,)]


def test_a_rhythm_of_its_own(segcli: Run, known: Path) -> None:
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
        assert select(known, own) == [expected]


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


@pytest.mark.parametrize(
    ("name", "text", "place", "reason"),
    [
        ("h", "subscription,account,start_date,external_id\nS1,A,2026-01-01,e\nS2,A,2026-01-01,e\n", "h.csv:3:external_id", "duplicate of line 2"),
        ("h", "subscription,account,start_date,frequency_count\nS1,A,2026-01-01,-1\n", "h.csv:2:frequency_count", "not 1 to 120"),
        ("h", "subscription,account,start_date,frequency\nS1,A,2026-01-01,-1\n", "h.csv:2:frequency", "none of the words"),
        ("h", "subscription,account,start_date,currency\nS1,A,2026-01-01,euro\n", "h.csv:2:currency", "not a currency"),
        ("h", "subscription,account,start_date,invoice_day\nS1,A,2026-01-01,0\n", "h.csv:2:invoice_day", "no day of a month"),
        ("h", "subscription,account,start_date,price,item\nS1,A,2026-01-01,1,NONE\n", "h.csv:2:item", "there is no such item"),
        ("h", "subscription,account,start_date,price,quantity\nS1,A,2026-01-01,1,0.12345678\n", "h.csv:2:quantity", "more than six decimals"),
        ("h", "subscription,account,start_date,price,quantity\nS2,A,2026-01-01,999999999999999,999\n", "h.csv:2:price", "too large to calculate with"),
        ("h", "subscription,account,start_date,price,quantity\nS2,A,2026-01-01,0,999999999999999\n", "h.csv:2:quantity", "too large to calculate with"),
        ("h", "subscription,account,start_date,monthly_value\nS2,A,2026-01-01,999999999\n", "h.csv:2:monthly_value", "too large to calculate with"),
        ("h", "subscription,account,start_date,price\nS2,A,2026-01-01,1\nS2,A,2026-01-01,2\n", "h.csv:3:subscription", "in a file of their own"),
        ("h", "subscription,account,start_date\nS2,A,2026-01-01\nS3,,2026-01-01\n", "h.csv:3:account", "this is empty"),
        ("l", "subscription,unit_price,quantity\nS1,999999999999999,-999\n", "l.csv:2:unit_price", "too large to calculate with"),
        ("l", "subscription,unit_price,quantity\nS1,0,999999999999999\n", "l.csv:2:quantity", "too large to calculate with"),
        ("l", "subscription,unit_price,end_date\nS1,1,2025-12-31\n", "l.csv:2:end_date", "begins after it, on 2026-01-01"),
        ("l", "subscription,unit_price,start_date\nS1,1,2027-01-01\n", "l.csv:2:start_date", "ends before it, on 2026-12-31"),
        ("l", "subscription,unit_price,quantity\nS1,1,1.2345678\n", "l.csv:2:quantity", "more than six decimals"),
        ("l", "subscription,unit_price,external_id\nS1,1,x\nS1,2,x\n", "l.csv:3:external_id", "duplicate of line 2"),
        ("l", "subscription,unit_price,external_id\nS1,1,other\n", "l.csv:2:external_id", "that of a line of S0"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(  # noqa: PLR0913 - a case
    segcli: Run, known: Path, name: str, text: str, place: str, reason: str
) -> None:
    Path("first.csv").write_text(
        "subscription,account,start_date,end_date\nS0,A,2026-01-01,\nS1,A,2026-01-01,2026-12-31\n"
    )
    Path("lines.csv").write_text("subscription,unit_price,external_id\nS0,1,other\n")
    assert segcli("import", "first.csv", "lines.csv").status == 0
    before = fingerprint(known)
    Path(f"{name}.csv").write_text(text)
    done = segcli("import", f"{name}.csv")
    assert done.status == 1
    assert place in done.err
    assert reason in done.err
    assert fingerprint(known) == before


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
def test_a_row_per_subscription(segcli: Run, known: Path, header: str, row: str, expected: tuple[str, ...]) -> None:
    Path("s.csv").write_text(f"{header}\n{row}\n")
    done = segcli("import", "s.csv")
    assert done.status == 0, done.err
    found = select(
        known,
        "SELECT frequency, timing, unit_price FROM subscription AS s JOIN subscription_line AS l ON l.subscription_id = s.id",
    )
    assert found == [expected]
    assert segcli("import", "s.csv", "--again", "-f", "json").rows[0]["changed"] == 0


def test_unknown_accounts_and_items_are_made_where_asked(segcli: Run, known: Path) -> None:
    Path("s.csv").write_text(
        "subscription,account,name,item,description,start_date,price\nS,Z,Zoë,NEW,New tea,2026-01-01,9\n"
    )
    assert segcli("import", "s.csv").status == 1
    assert segcli("import", "s.csv", "--create-missing").status == 0
    assert select(known, "SELECT a.code, a.name, i.code FROM subscription AS s JOIN account AS a ON a.id = s.account_id"
                  " JOIN subscription_line AS l ON l.subscription_id = s.id JOIN item AS i ON i.id = l.item_id") == [("Z", "Zoë", "NEW")]  # fmt: skip
