"""Files of shops and payment services as they export them: Shopify, WooCommerce, Stripe. All sums are made by hand."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Run, connected
from layout_files import assert_nothing_changes, table, write

from segcli.domain.units import FINE

ORDER = (
    "Name,Email,Financial Status,Paid at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,"
    "Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Lineitem taxable,Billing Name,"
    "Billing Street,Billing Company,Billing City,Billing Zip,Billing Country,Cancelled at,Refunded Amount,Outstanding Balance,Id,"
    "Lineitem discount\n"
)


def order(  # noqa: PLR0913 - the amounts of an order
    name: str, lines: list[tuple[int, str, str]], subtotal: str, shipping: str, taxes: str, total: str, *,
    discount: str = "0.00", refunded: str = "0.00", still: str = "0.00", status: str = "paid", currency: str = "EUR",
) -> str:  # fmt: skip
    """Return the rows of an order: the first has the order itself, each has a line."""
    rows = []
    for at, (count, item, price) in enumerate(lines):
        head = f"{status},2026-05-01 10:00:00 +0200,yes,{currency},{subtotal},{shipping},{taxes},{total},,{discount},Standard,"
        head = f"{head}2026-05-01 09:59:00 +0200" if not at else "," * 11
        tail = f"Ada,Laan 2,,Gouda,'2801AA,NL,,{refunded},{still},555" if not at else "," * 9
        rows.append(f"{name},a@example.com,{head},{count},{item},{price},{item[:3].upper()},true,{tail},0.00\n")
    return "".join(rows)


def lines_of(path: Path, number: str) -> list[Any]:
    """Return the net amounts of the lines of an invoice, in cents; none has parts of a cent."""
    sql = (
        "SELECT l.net_amount FROM invoice_line AS l JOIN invoice AS i ON i.id = l.invoice_id WHERE i.invoice_number = ?"
        " ORDER BY l.line_number"
    )
    with connected(path) as db:
        return [net // FINE for (net,) in db.execute(sql, (number,))]


HEADS = "SELECT invoice_number, net_amount, vat_amount, total_amount FROM invoice ORDER BY invoice_number"


@pytest.mark.parametrize(
    ("made", "head", "lines"),
    [
        # tax on top: 2 x 10.00 + 5.00, shipping 4.95, 21 % of 29.95 is 6.29
        (order("#1", [(2, "Mug", "10.00"), (1, "Tea", "5.00")], "25.00", "4.95", "6.29", "36.24"), (2995, 629, 3624), [2000, 500, 495]),
        # tax inside: 62.95 + 37.95 = 100.90 with 17.51 tax: 17.51 x 62.95 / 100.90 = 10.9242, 17.51 x 37.95 / 100.90 = 6.5858
        (order("#1", [(1, "Mug", "62.95"), (1, "Tea", "37.95")], "100.90", "0.00", "17.51", "100.90"), (8339, 1751, 10090), [5203, 3136]),
        # tax inside the shipping, too: 121.00 + 12.10 with 23.10 tax is 100.00 and 10.00
        (order("#1", [(1, "Mug", "121.00")], "121.00", "12.10", "23.10", "133.10"), (11000, 2310, 13310), [10000, 1000]),
        # a discount of the order, 10.00 of 30.00: the lines are 20.00 and 10.00, less 6.67 and 3.33
        (
            order("#1", [(1, "Mug", "20.00"), (1, "Tea", "10.00")], "20.00", "0.00", "0.00", "20.00", discount="10.00"),
            (2000, 0, 2000), [1333, 667],
        ),
        # a tip of 2.00 is in the total only
        (order("#1", [(1, "Mug", "20.00")], "20.00", "5.00", "4.20", "31.20"), (2700, 420, 3120), [2000, 500, 200]),
    ],
    ids=["tax on top", "tax inside", "tax inside shipping", "discount", "tip"],
)  # fmt: skip
def test_the_lines_of_an_order_add_up_to_its_net_amount(
    segcli: Run, empty: Path, made: str, head: tuple[int, int, int], lines: list[int]
) -> None:
    write(orders=ORDER + made)
    done = segcli("import", "orders.csv")
    assert (done.status, done.err) == (0, "")
    assert table(empty, HEADS) == [("#1", *head)]
    assert lines_of(empty, "#1") == lines
    assert sum(lines) == head[0]
    assert segcli("check").status == 0  # no invoice differs from its lines


def test_what_was_refunded_is_a_credit_note(segcli: Run, empty: Path) -> None:
    part = order(
        "#1", [(1, "Mug", "100.00")], "100.00", "0.00", "21.00", "121.00", refunded="60.50", status="partially_refunded"
    )
    whole = order("#2", [(1, "Mug", "10.00")], "10.00", "0.00", "2.10", "12.10", refunded="12.10", status="refunded")
    write(orders=ORDER + part + whole)
    assert segcli("import", "orders.csv").status == 0
    assert table(empty, HEADS) == [
        ("#1", 10000, 2100, 12100),
        ("#1-refund", -5000, -1050, -6050),
        ("#2", 1000, 210, 1210),
        ("#2-refund", -1000, -210, -1210),
    ]
    assert_nothing_changes(segcli, empty, "orders.csv")


def test_what_is_not_paid_is_open_and_what_is_voided_is_left_out(segcli: Run, empty: Path) -> None:
    part = order(
        "#1", [(1, "Mug", "100.00")], "100.00", "0.00", "21.00", "121.00", still="21.00", status="partially_paid"
    )
    gone = order("#2", [(1, "Mug", "10.00"), (1, "Tea", "5.00")], "15.00", "0.00", "3.15", "18.15", status="voided")
    write(orders=ORDER + part + gone)
    done = segcli("import", "orders.csv")
    assert (done.status, done.err) == (0, "orders.csv: 2 rows left out: voided or expired orders\n")
    assert table(empty, "SELECT invoice_number, amount, open_amount FROM outstanding_item") == [("#1", 12100, 2100)]
    assert [row[0] for row in table(empty, HEADS)] == ["#1"]


def test_an_order_in_yen_has_no_cents(segcli: Run, empty: Path) -> None:
    write(
        orders=ORDER
        + order("#1", [(1, "Mug", "1000"), (2, "Tea", "500")], "1999", "0", "0", "1999", discount="1", currency="JPY"),
        rates="currency,rate_date,rate\nJPY,2026-01-01,160\n",
    )
    assert segcli("import", "orders.csv", "rates.csv").status == 0
    assert table(empty, HEADS) == [("#1", 1999, 0, 1999)]


NEW = (
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,"
    "Default Address City,Default Address Country Code,Default Address Zip,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,"
    "Tax Exempt,Tags\n'7001,Ada,Byron,a@example.com,yes,,Laan 2,Gouda,NL,'2801AA,'+31612345678,no,1.00,1,,no,vip\n"
    "'7002,Bob,Jones,b@example.com,no,Jones Ltd,High St 1,Leeds,GB,'LS1 1AA,,no,0.00,0,,no,\n"
)
OLD = (
    "First Name,Last Name,Email,Accepts Marketing,Company,Address1,Address2,City,Province,Province Code,Country,Country Code,Zip,"
    "Phone,Total Spent,Total Orders,Tags,Note,Tax Exempt\n"
    "Ada,Byron,a@example.com,yes,,Laan 2,,Gouda,,,Netherlands,NL,'2801AA,,1.00,1,,,no\n"
    "Bob,Jones,b@example.com,no,Jones Ltd,High St 1,,Leeds,,,United Kingdom,GB,'LS1 1AA,,0.00,0,,,no\n"
)


@pytest.mark.parametrize("customers", [NEW, OLD], ids=["new", "old"])
@pytest.mark.parametrize("names", [("customers.csv", "orders.csv"), ("orders.csv", "customers.csv")])
def test_customers_and_orders_are_one_account_in_either_order(
    segcli: Run, empty: Path, customers: str, names: tuple[str, str]
) -> None:
    write(customers=customers, orders=ORDER + order("#1", [(1, "Mug", "100.00")], "100.00", "0.00", "21.00", "121.00"))
    for name in names:
        assert segcli("import", name).status == 0
    assert table(empty, "SELECT name, city, postcode, country FROM account ORDER BY name") == [
        ("Ada Byron", "Gouda", "2801AA", "NL"),
        ("Jones Ltd", "Leeds", "LS1 1AA", "GB"),
    ]
    assert_nothing_changes(segcli, empty, names[1])


@pytest.mark.parametrize("customers", [NEW, OLD], ids=["new", "old"])
def test_only_who_agreed_is_on_the_marketing_list(segcli: Run, empty: Path, customers: str) -> None:
    write(customers=customers)
    assert segcli("import", "customers.csv").status == 0
    listed = segcli("show", "marketing-list", "-f", "json").rows
    assert [row["email"] for row in listed] == ["a@example.com"]
    assert table(
        empty, "SELECT email, is_mailing_excluded, consent_basis, consent_source FROM contact ORDER BY email"
    ) == [
        ("a@example.com", 0, "consent", "Shopify"),
        ("b@example.com", 1, None, None),
    ]


STRIPE = (
    "id,Amount Due,Amount Paid,Currency,Customer,Date (UTC),Due Date (UTC),Number,Paid,Subtotal,Tax,Total,Status,Customer Name,"
    "Customer Email\n"
    'in_1,"1,210.00",210.00,eur,cus_1,2026-04-22 17:34,2026-05-22 17:34,A-1,FALSE,"1,000.00",210.00,"1,210.00",open,Elena,e@example.com\n'
    "in_2,121.00,121.00,eur,cus_1,2026-04-23 17:34,2026-05-23 17:34,A-2,TRUE,100.00,21.00,121.00,paid,Elena,e@example.com\n"
    "in_3,50.00,0.00,eur,cus_1,2026-04-24 17:34,,A-3,FALSE,50.00,0.00,50.00,void,Elena,e@example.com\n"
    "in_4,50.00,0.00,eur,cus_1,2026-04-24 17:34,,,FALSE,50.00,0.00,50.00,draft,Elena,e@example.com\n"
)
STRIPE_CUSTOMERS = (
    "id,Description,Email,Name,Created (UTC),Delinquent,Plan,Status,Total Spend,Payment Count,Refunded Volume,Dispute Losses\n"
    "cus_1,,e@example.com,Elena Vega,2026-01-02 10:00,false,,,121.00,1,0.00,0.00\n"
)


@pytest.mark.parametrize("names", [("customers.csv", "invoices.csv"), ("invoices.csv", "customers.csv")])
def test_stripe(segcli: Run, empty: Path, names: tuple[str, str]) -> None:
    write(customers=STRIPE_CUSTOMERS, invoices=STRIPE)
    for name in names:
        done = segcli("import", name)
        assert (done.status, "not read" in done.err) == (0, False)
        if name == "invoices.csv":
            assert "1 row left out: void invoices" in done.err
            assert "1 row left out: drafts" in done.err
    assert table(empty, "SELECT count(*) FROM account") == [(1,)]
    assert table(empty, HEADS) == [("A-1", 100000, 21000, 121000), ("A-2", 10000, 2100, 12100)]
    assert table(empty, "SELECT invoice_number, amount, open_amount FROM outstanding_item ORDER BY 1") == [
        ("A-1", 121000, 100000),
        ("A-2", 12100, 0),
    ]


WOO = "Name,Username,Last Active,Sign Up,Email,Orders,Total Spend,AOV,Country / Region,City,Region,Postal Code,Billing Phone\n"


def test_woocommerce_customers_and_orders(segcli: Run, empty: Path) -> None:
    write(
        customers=f"{WOO}Ada Byron,ada,2026-05-01 10:00:00,2025-01-02 10:00:00,a@example.com,1,100.00,100.00,NL,Gouda,,2801AA,030 123\n",
        orders="Date,Order #,Status,Customer,Customer type,Product(s),Items sold,Coupon(s),Net Sales,Attribution\n"
        "2026-05-01 10:00:00,501,completed,Ada Byron,new,1× Mug,1,,100.00,Direct\n"
        "2026-05-02 10:00:00,502,cancelled,Ada Byron,returning,1× Mug,1,,100.00,Direct\n",
    )
    done = segcli("import", "customers.csv", "orders.csv")
    assert done.status == 0
    assert "1 row left out: cancelled, failed or refunded orders" in done.err
    assert table(empty, "SELECT name, email, phone, postcode, start_date FROM account") == [
        ("Ada Byron", "a@example.com", "030 123", "2801AA", "2025-01-02")
    ]
    assert table(empty, HEADS) == [("501", 10000, 0, 10000)]


def test_an_order_without_an_address_is_of_the_name_on_it_or_counted(segcli: Run, empty: Path) -> None:
    def made(number: str, name: str) -> str:
        rows = order(number, [(1, "Mug", "10.00"), (1, "Tea", "5.00")], "15.00", "0.00", "0.00", "15.00")
        return rows.replace("a@example.com", "").replace("Ada,Laan 2", f"{name},Laan 2")

    write(
        orders=ORDER
        + made("#1", "Ada Byron")
        + made("#2", "")
        + order("#3", [(1, "Mug", "10.00")], "10.00", "0.00", "0.00", "10.00")
    )
    done = segcli("import", "orders.csv")
    assert (done.status, done.err) == (0, "orders.csv: 2 rows left out: orders without a customer\n")
    assert table(empty, HEADS) == [("#1", 1500, 0, 1500), ("#3", 1000, 0, 1000)]
    assert table(empty, "SELECT reference FROM account_reference ORDER BY 1") == [
        ("shopify:Ada Byron",),
        ("shopify:a@example.com",),
    ]
    assert_nothing_changes(segcli, empty, "orders.csv")
