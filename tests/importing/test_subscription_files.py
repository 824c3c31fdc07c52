"""Subscriptions of Exact Online: REST answers and XML."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, fingerprint, select
from finance_files import eexact, read
from subscription_files import ANN, BOB, HEAD, LINE, TEA, TYPES, answer, lines, moment


@pytest.mark.parametrize("order", [("types.json", "heads.json"), ("heads.json", "types.json")])
def test_rest_answers(segcli: Run, known_account: Path, order: tuple[str, ...]) -> None:
    answer("types.json", TYPES)
    answer("heads.json", HEAD)
    for name in order:
        done = segcli("import", name)
        assert (done.status, done.err) == (0, "")
    assert select(
        known_account,
        "SELECT code, description, frequency, frequency_count, timing, proration, notice_days FROM subscription_type",
    ) == [("Q", "Per quarter", "quarterly", 1, "arrears", "zero", 60)]
    assert select(
        known_account,
        """SELECT s.subscription_number, a.code, o.code, d.code, s.subscription_type, s.start_date, s.end_date, s.invoiced_to_date,
                  s.invoice_day, s.currency, s.payment_condition, s.your_reference, s.is_blocked, s.printed_date, s.remarks
             FROM subscription AS s JOIN account AS a ON a.id = s.account_id JOIN account AS o ON o.id = s.ordered_by_id
             JOIN account AS d ON d.id = s.deliver_to_id""",
    ) == [("17", "B", "A", "A", "Q", "2026-01-01", None, "2026-03-31", None, "EUR", "30", "PO 1", 0, "2026-06-30", "by phone")]  # fmt: skip
    assert select(
        known_account,
        """SELECT l.line_number, i.code, l.description, l.quantity, l.unit, l.unit_price, l.discount_percent, l.period_amount, l.vat_code,
                  l.start_date, l.end_date, l.invoiced_to_date FROM subscription_line AS l JOIN item AS i ON i.id = l.item_id""",
    ) == [(1, "TEA", "Tea", 333333, "box", "30", "10", 8_999_991, "2", "2026-01-01", None, "2026-03-31")]  # fmt: skip
    again = segcli("import", "--again", *order, "-f", "json")
    assert {(row["added"], row["changed"], row["rejected"]) for row in again.rows} == {(0, 0, 0)}


def test_rest_lines_on_their_own(segcli: Run, known_account: Path) -> None:
    deferred = {**HEAD, "SubscriptionLines": {"__deferred": {"uri": "x"}}, "SubscriptionType": None}
    assert segcli("import", answer("h.json", deferred)).status == 0
    assert lines(known_account) == []
    only_net = {**LINE, "UnitPrice": None, "Quantity": 2}
    assert segcli("import", answer("l.json", only_net)).status == 0
    assert select(known_account, "SELECT unit_price, discount_percent, period_amount FROM subscription_line") == [
        ("27", None, 54_000_000)
    ]


def test_invoicing_that_starts_later_than_the_subscription(segcli: Run, known_account: Path) -> None:
    later = {**HEAD, "InvoicedTo": None, "InvoicingStartDate": moment(2026, 2, 1)}
    assert segcli("import", answer("h.json", later)).status == 0
    assert [row[3] for row in lines(known_account)] == ["2026-01-31"]
    same = {
        **HEAD,
        "InvoicedTo": None,
        "InvoicingStartDate": HEAD["StartDate"],
        "EntryID": "x",
        "Number": 18,
        "SubscriptionLines": None,
    }
    assert segcli("import", answer("h.json", same)).status == 0
    assert select(known_account, "SELECT invoiced_to_date FROM subscription WHERE subscription_number = '18'") == [
        (None,)
    ]


@pytest.mark.parametrize(
    ("changes", "place", "reason"),
    [
        ({"InvoiceTo": "61111111-1111-1111-1111-111111111111"}, "$[0]:account", "there is no such account"),
        ({"StartDate": None}, "$[0]:start_date", "this is empty"),
        ({"InvoicedTo": None, "InvoicingStartDate": "/Date(99999999999999999)/"}, "$[0]:invoiced_to: '/Date(99999999999999999)/'", "this is not a date"),
        ({"SubscriptionLines": [{**LINE, "UnitPrice": "veel"}]}, "$[0].SubscriptionLines[0]:unit_price: 'veel'", "not a number"),
        ({"EndDate": moment(2025, 12, 31)}, "$[0]:end_date", "this lies before the start"),
        ({"InvoiceDay": 32}, "$[0]:invoice_day", "not a day of a month"),
        ({"SubscriptionLines": [{**LINE, "LineNumber": 2, "ID": "L2"}, {**LINE, "UnitPrice": None, "NetPrice": None}]}, "$[0].SubscriptionLines[1]:unit_price", "no price"),
        ({"SubscriptionLines": [{**LINE, "ToDate": moment(2025, 6, 1), "FromDate": None}]}, "$[0].SubscriptionLines[0]:end_date", "begins after it"),
    ],
)  # fmt: skip
def test_rest_answers_that_are_wrong(
    segcli: Run, known_account: Path, changes: Mapping[str, Any], place: str, reason: str
) -> None:
    right = {**HEAD, "EntryID": "right", "Number": 18, "SubscriptionLines": None}
    before = fingerprint(known_account)
    done = segcli("import", answer("h.json", {**HEAD, **changes}, right))
    assert done.status == 1
    assert place in done.err
    assert reason in done.err
    assert fingerprint(known_account) == before


def test_a_type_with_a_period_of_its_own(segcli: Run, known_account: Path) -> None:
    odd = {**TYPES, "InvoicePeriodUnit": "dd"}
    done = segcli("import", answer("t.json", odd))
    assert done.status == 1
    assert "'dd': this word is not known here" in done.err
    none = {**TYPES, "InvoicePeriod": 0, "CancellationPeriodUnit": None}
    assert segcli("import", answer("t.json", none)).status == 0
    assert select(known_account, "SELECT frequency, frequency_count, notice_days FROM subscription_type") == [
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


def test_xml_comes_in(segcli: Run, known_account: Path) -> None:
    Path("s.xml").write_text(eexact(SubscriptionTypes=XML_TYPE, Subscriptions=XML_HEAD))
    done = segcli("import", "s.xml", "-f", "json")
    assert [(row["kind"], row["added"]) for row in done.rows] == [
        ("subscription types", 1),
        ("subscriptions", 1),
        ("subscription lines", 2),
    ]
    value = segcli("show", "subscription-search", "-f", "json", "--as-of", "2026-02-01").rows[0]
    assert (value["account"], value["yearly_value"]) == ("A", 29.75)  # (2 x 30 less 10 % and 5.50) in two years
    once = fingerprint(known_account)
    again = segcli("import", "--again", "s.xml", "-f", "json")
    assert {(row["added"], row["changed"], row["rejected"]) for row in again.rows} == {(0, 0, 0)}
    assert fingerprint(known_account) == once


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


def test_xml_that_cannot_be_read(segcli: Run, known_account: Path) -> None:
    Path("s.xml").write_text(eexact(Subscriptions=XML_HEAD.replace("3.0E1", "thirty")))
    done = segcli("import", "s.xml")
    assert done.status == 1
    assert "unit_price: 'thirty': this is not a number" in done.err
