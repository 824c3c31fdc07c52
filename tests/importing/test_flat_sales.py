"""Flat sales files: accounts, items and processed invoices from rows of customer, date and amount, once and for all."""

import csv
import io
import random
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from itertools import permutations
from pathlib import Path

import pytest
from conftest import Run, connected, select
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli.base.errors import SegcliError
from segcli.importing.kinds.machinery import conversion, sale_values
from segcli.importing.kinds.machinery.conversion import Style
from segcli.importing.kinds.machinery.line_amounts import MOST, TOO_LARGE

HEAD = "customer,date,amount,item,quantity,unit_price,order_number\n"
ROWS = [
    "1001,2026-01-05,21.00,A,2,10.50,O1",
    "1001,2026-01-05,5.25,B,1,5.25,O1",
    "1001,2026-02-01,-10.50,A,-1,10.50,O2",
    "1002,2026-01-31,7.77,,,,",
    "1002,2026-01-31,0.01,A,1,,",
    "1003,2026-03-01,,A,3,0.333,O3",
]
INVOICES = """SELECT i.invoice_number, a.code, i.invoice_date, i.net_amount, i.revenue_amount, i.status
                FROM invoice AS i JOIN account AS a ON a.id = i.ordered_by_id ORDER BY 1"""
LINES = """SELECT i.invoice_number, l.line_number, m.code, l.quantity, l.net_amount, l.unit_price, l.description FROM invoice_line AS l
             JOIN invoice AS i ON i.id = l.invoice_id LEFT JOIN item AS m ON m.id = l.item_id ORDER BY 1, 2"""


def bring(segcli: Run, text: str, *words: str, status: int = 0) -> dict[str, object]:
    """Import a file of sales and return its result."""
    Path("sales.csv").write_text(text)
    done = segcli("import", "sales.csv", "--as", "sales", "--again", "-f", "json", *words)
    assert done.status == status, done.err
    assert segcli("check").status == 0
    return done.rows[0] if done.out else {"err": done.err}


def stand(database: Path) -> list[object]:
    """Return all that sales make, without ids."""
    accounts = "SELECT code, name, country, search_text FROM account ORDER BY 1"
    return [
        select(database, sql)
        for sql in (INVOICES, LINES, accounts, "SELECT code, description, item_group FROM item ORDER BY 1")
    ]


def test_one_step_makes_accounts_items_and_processed_invoices(segcli: Run, empty: Path) -> None:
    done = bring(segcli, HEAD + "\n".join(ROWS) + "\n")
    assert (done["kind"], done["added"], done["rejected"]) == ("sales", 6, 0)
    assert done["notes"] == "3 accounts, 2 items, 4 invoices added"
    assert select(empty, INVOICES) == [
        ("1002-20260131", "1002", "2026-01-31", 778, 7_780_000, "processed"),
        ("O1", "1001", "2026-01-05", 2625, 26_250_000, "processed"),
        ("O2", "1001", "2026-02-01", -1050, -10_500_000, "processed"),
        ("O3", "1003", "2026-03-01", 100, 999_000, "processed"),  # 3 x 0.333 = 0.999, rounded half up in the total
    ]
    assert select(empty, LINES) == [
        ("1002-20260131", 1, None, 1_000_000, 7_770_000, None, None),
        ("1002-20260131", 2, "A", 1_000_000, 10_000, None, None),
        ("O1", 1, "A", 2_000_000, 21_000_000 // 1, "10.50", None),
        ("O1", 2, "B", 1_000_000, 5_250_000, "5.25", None),
        ("O2", 1, "A", -1_000_000, -10_500_000, "10.50", None),
        ("O3", 1, "A", 3_000_000, 999_000, "0.333", None),
    ]
    found = segcli(
        "show", "sales-analysis", "--group-by", "account", "--from", "2026-01-01", "--to", "2026-12-31", "-f", "json"
    ).rows
    assert {row["account"]: Decimal(str(row["revenue"])) for row in found} == {
        "1001": Decimal("15.75"), "1002": Decimal("7.78"), "1003": Decimal("1.00")}  # fmt: skip


def test_importing_again_changes_nothing_and_undo_takes_all_back(segcli: Run, empty: Path) -> None:
    text = HEAD + "\n".join(ROWS) + "\n"
    bring(segcli, text)
    before = stand(empty)
    again = bring(segcli, text)
    assert (again["added"], again["changed"], again["unchanged"], again["notes"]) == (0, 0, 6, "")
    assert stand(empty) == before
    assert segcli("undo", "1", "--yes").status == 0
    tables = ("account", "item", "invoice", "invoice_line", "invoice_summary")
    assert [select(empty, f"SELECT count(*) FROM {name}") for name in tables] == [[(0,)]] * 5


@pytest.mark.repeats
def test_the_order_of_rows_and_files_changes_nothing(segcli: Run, empty: Path) -> None:
    bring(segcli, HEAD + "\n".join(ROWS) + "\n")
    before = stand(empty)
    mixed = random.Random(7).sample(ROWS, len(ROWS))
    done = bring(segcli, HEAD + "\n".join(mixed) + "\n")
    assert (done["changed"], done["unchanged"]) == (0, 6)
    parts = [ROWS[:2], ROWS[2:3], ROWS[3:]]
    for order in permutations(parts):
        for path in empty.parent.glob(f"{empty.name}*"):
            path.unlink()
        segcli("init")
        for part in order:
            bring(segcli, HEAD + "\n".join(part) + "\n")
        assert stand(empty) == before


def test_a_changed_row_changes_its_line_and_a_missing_row_goes(segcli: Run, empty: Path) -> None:
    bring(segcli, HEAD + "\n".join(ROWS) + "\n")
    done = bring(segcli, f"{HEAD}{ROWS[0].replace('21.00', '20.00')}\n{ROWS[1]}\n")
    assert (done["changed"], done["unchanged"], done["changed_fields"]) == (1, 1, {"net_amount": 1})
    assert select(empty, INVOICES)[1] == ("O1", "1001", "2026-01-05", 2525, 25_250_000, "processed")
    done = bring(segcli, f"{HEAD}{ROWS[1]}\n")
    assert "1 line removed: the order has fewer rows than before" in str(done["notes"])
    assert select(empty, INVOICES)[1][3] == 525
    assert [row[:3] for row in select(empty, LINES) if row[0] == "O1"] == [("O1", 1, "B")]
    assert segcli("undo", "3", "--yes").status == 0
    assert select(empty, INVOICES)[1][3] == 2525
    assert segcli("check").status == 0


def test_an_order_that_moves_takes_its_date_and_customer_along(segcli: Run, empty: Path) -> None:
    bring(segcli, "customer,date,amount,order\n1,2026-01-05,4,O1\n1,2026-01-05,5,O1\n")
    bring(segcli, "customer,date,amount,order\n2,2026-03-05,4,O1\n2,2026-03-05,5,O1\n")
    assert select(empty, INVOICES) == [("O1", "2", "2026-03-05", 900, 9_000_000, "processed")]
    assert select(
        empty, "SELECT a.code, s.month, s.net_amount FROM invoice_summary AS s JOIN account AS a ON a.id = s.account_id"
    ) == [("2", "2026-03", 9_000_000)]


@pytest.mark.repeats
@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ("2,2026-01-05,5,O1,EUR", "this order has two customers: 1 and 2"),
        ("1,2026-01-06,5,O1,EUR", "this order has two dates: 2026-01-05 and 2026-01-06"),
        ("1,2026-01-05,5,O1,USD", "this order has two currencies: EUR and USD"),
    ],
)
def test_an_order_with_two_customers_dates_or_currencies_is_rejected(
    segcli: Run, empty: Path, second: str, reason: str
) -> None:
    text = f"customer,date,amount,order,currency\n1,2026-01-05,4,O1,EUR\n{second}\n1,2026-01-05,6,O2,\n"
    done = bring(segcli, text, status=1)
    assert reason in str(done["err"])
    assert "--map COLUMN=" in str(done["err"])
    done = bring(segcli, text, "--on-error", "skip", status=5)
    assert (done["added"], done["rejected"]) == (1, 2)
    assert [row[0] for row in select(empty, INVOICES)] == ["O2"]
    assert select(empty, "SELECT code FROM account") == [("1",)]
    bring(segcli, text, "--map", "order=")  # by customer, date and currency
    assert sum(int(str(row[3])) for row in select(empty, INVOICES) if row[0] != "O2") == 1500


def test_rows_without_a_customer_an_amount_or_a_date_are_rejected(segcli: Run, empty: Path) -> None:
    text = "customer,date,amount,quantity\n,2026-01-05,4,1\n1,2026-01-05,,2\n1,,4,1\n1,2026-01-05,1e3,1\n1,2026-01-05,9,1\n"
    done = bring(segcli, text, "--on-error", "skip", status=5)
    assert (done["added"], done["rejected"]) == (1, 4)
    reasons = {"customer: this is empty": 1, "date: this is empty": 1, "amount: this is not a number": 1} | {
        "amount: this row has no amount and no price": 1
    }
    assert done["reasons"] == reasons


def test_too_large_a_number_is_rejected(segcli: Run, empty: Path) -> None:
    done = bring(segcli, "customer,date,quantity,price\n1,2026-01-05,999999999,999999999\n", status=1)
    assert (
        "sales.csv:2:price: '999999999': this number is too large; the limit is 100,000 million, for quantity x price too"
        in str(done["err"])
    )


def test_an_invoice_made_here_is_not_overwritten(segcli: Run, empty: Path) -> None:
    bring(segcli, "customer,date,amount,order\n1,2026-01-05,4,O1\n")
    with connected(empty) as db:
        db.execute("UPDATE invoice SET processed_run_id = 1")
        db.commit()
    done = bring(segcli, "customer,date,amount,order\n2,2026-01-05,4,O1\n", status=1)
    assert "an invoice with this number was made here, by run 1" in str(done["err"])


def test_what_is_known_of_accounts_and_items_is_completed_never_overwritten(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name,city\n1,Acme,Utrecht\n")
    Path("i.csv").write_text("item,description\nA,Apple\n")
    segcli("import", "a.csv", "i.csv")
    head = "customer,name,date,amount,item,description,item_group,country\n"
    bring(segcli, f"{head}1,Other,2026-01-05,4,A,Pear,Fruit,NL\n2,,2026-01-05,5,B,,,\n")
    assert select(empty, "SELECT code, name, city, country FROM account ORDER BY 1") == [
        ("1", "Acme", "Utrecht", "NL"),
        ("2", "2", None, None),
    ]
    bring(segcli, f"{head}2,Beta,2026-01-06,5,B,Banana,Fruit,BE\n")
    assert select(empty, "SELECT name, country, search_text FROM account WHERE code = '2'") == [
        ("Beta", "BE", "2\nbeta")
    ]
    items = [("A", "Apple", "Fruit"), ("B", "Banana", "Fruit")]
    assert select(empty, "SELECT code, description, item_group FROM item ORDER BY 1") == items
    assert [row["account"] for row in segcli("show", "account-search", "--search", "beta", "-f", "json").rows] == ["2"]


def test_currencies_have_their_own_decimals_and_numbers(segcli: Run, empty: Path) -> None:
    text = "customer,date,quantity,price,currency\n1,2026-01-05,3,33.5,JPY\n1,2026-01-05,3,1.2345,KWD\n1,2026-01-05,3,1.2345,\n"
    bring(segcli, text)
    assert select(empty, "SELECT invoice_number, currency, net_amount, revenue_amount FROM invoice ORDER BY 1") == [
        ("1-20260105", "EUR", 370, 3_703_500),  # 3 x 1.2345 = 3.7035
        ("1-20260105-JPY", "JPY", 101, 1_005_000),  # 3 x 33.5 = 100.5, half up
        ("1-20260105-KWD", "KWD", 3704, 37_035_000),  # three decimals: 3.7035, half up
    ]


def test_headings_of_known_files(segcli: Run, empty: Path) -> None:
    """The columns of the UCI set Online Retail: dates with a time, customers as numbers with a decimal, cancellations."""
    text = (
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        "900001,85123A,LANTERN,6,12/13/2010 8:26,2.55,17850.0,France\n"
        "900001,71053,LAMP,1,12/13/2010 8:27,3.39,17850.0,France\n"
        "C900002,71053,LAMP,-1,12/14/2010 18:02,3.39,17850.0,France\n"
        "900003,71053,LAMP,1,12/14/2010 18:05,3.39,,France\n"
    )
    done = bring(segcli, text, "--on-error", "skip", status=5)
    assert done["rejected"] == 1
    assert "every CustomerID ends in .0: 17850.0 is read as 17850" in str(done["notes"])
    assert [row[:4] for row in select(empty, INVOICES)] == [
        ("900001", "17850", "2010-12-13", 1869),  # 6 x 2.55 + 3.39
        ("C900002", "17850", "2010-12-14", -339),
    ]


@pytest.mark.parametrize(
    ("codes", "stay"), [("1.0 2.0", "1 2"), ("1.0 1.1", "1.0 1.1"), ("1.0 A.0", "1.0 A.0"), ("1.00 2.00", "1.00 2.00")]
)
@pytest.mark.parametrize("many", [1, 800])
def test_codes_lose_their_decimal_only_together(segcli: Run, empty: Path, codes: str, stay: str, many: int) -> None:
    """Accounts go straight into an empty table; the search text follows the code."""
    first, last = codes.split()
    rows = [f"{n}{first},Name" for n in range(1, many + 1)] + [f"9999{last},Name"]
    Path("a.csv").write_text("account,name\n" + "\n".join(rows) + "\n")
    done = segcli("import", "a.csv", "-f", "json")
    first, last = stay.split()
    found = select(empty, "SELECT code, search_text FROM account ORDER BY id")
    assert (found[0], found[-1]) == ((f"1{first}", f"1{first}\nname"), (f"9999{last}", f"9999{last}\nname".lower()))
    assert ("ends in .0" in done.rows[0]["notes"]) == (stay == "1 2")
    assert segcli("check").status == 0


def test_a_sales_file_is_taken_only_by_name(segcli: Run, empty: Path) -> None:
    Path("s.csv").write_text("customer,date,amount\n1,2026-01-05,4\n")
    assert segcli("import", "s.csv").status == 1
    for name in ("sale", "sales", "order-lines"):
        assert segcli("import", "s.csv", "--as", name, "--again").status == 0
    done = segcli("import", "s.csv", "--as", "sales", "--map", "amount=")
    assert done.status == 1
    assert "sales need more than these columns" in done.err


def test_a_workbook_of_sales(segcli: Run, empty: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    with xlsxwriter.Workbook("s.xlsx") as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(
            [("Customer", "Date", "Amount"), (1001, "2026-01-05", 12.34), (1001, "2026-01-05", 0.66)]
        ):
            sheet.write_row(row, 0, cells)
    assert segcli("import", "s.xlsx", "--as", "sales").status == 0
    assert select(empty, INVOICES) == [("1001-20260105", "1001", "2026-01-05", 1300, 13_000_000, "processed")]


def test_dates_of_eight_digits(segcli: Run, empty: Path) -> None:
    text = "customer_id,date,number_of_cds,dollar_value\n00001,19970101,1,11.77\n00001,19970112,5,77.00\n"
    done = bring(segcli, text, status=1)
    assert "year, month and day together: --dates ymd" in str(done["err"])
    bring(segcli, text, "--dates", "ymd")
    assert [row[:4] for row in select(empty, INVOICES)] == [
        ("00001-19970101", "00001", "1997-01-01", 1177),
        ("00001-19970112", "00001", "1997-01-12", 7700),
    ]
    Path("config.yaml").write_text("profiles:\n  shop:\n    as: sales\n    dates: ymd\n")
    assert segcli("import", "sales.csv", "--again", "--config", "config.yaml", "--profile", "shop").status == 0


@pytest.mark.parametrize(
    ("text", "style", "day"),
    [
        ("19970101", "ymd", "1997-01-01"),
        ("1997-01-31", "ymd", "1997-01-31"),
        ("20101201 08:26", "ymd", "2010-12-01"),
        ("12/1/2010 8:26", "mdy", "2010-12-01"),
        ("1/12/2010 8:26:30", "dmy", "2010-12-01"),
        ("12/1/2010 8:26 PM", "mdy", "2010-12-01"),
        ("2010-12-01 08:26:00", "iso", "2010-12-01"),
        ("19970231", "ymd", ""),
        ("199701", "ymd", ""),
        ("19970101", "iso", ""),
        ("12/1/2010 8", "mdy", ""),
    ],
)
def test_dates_with_a_time_or_of_digits(text: str, style: str, day: str) -> None:
    if day:
        assert conversion.to_date(text, Style(dates=style)) == day
    else:
        with pytest.raises(ValueError, match=r"date|exist"):
            conversion.to_date(text, Style(dates=style))


@given(
    st.decimals(-(10**9), 10**9, places=9), st.decimals(-(10**6), 10**6, places=7), st.integers(0, 9), st.integers(0, 7)
)
def test_quantity_times_price_is_exact(quantity: Decimal, price: Decimal, places: int, more: int) -> None:
    """Against decimal arithmetic of 50 digits: rounded half up once, to 10,000ths of a cent."""
    quantity, price = round(quantity, places), round(price, more)
    make = sale_values.net_of(("quantity", "unit_price"))
    exact = int((quantity * price * 1_000_000).quantize(Decimal(1), ROUND_HALF_UP))
    found = make((f"{quantity:f}", f"{price:f}"))
    assert found == (exact if abs(exact) <= MOST else TOO_LARGE)
    assert isinstance(found, str) == (abs(exact) > 10**17)
    whole = sale_values.net_of(("amount", "unit_price"))((f"{quantity:f}", "1"))
    assert int(str(whole)) == int((quantity * 1_000_000).quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.repeats
def test_many_rows_add_up_like_plain_arithmetic(segcli: Run, empty: Path) -> None:
    """20,000 rows in two overlapping files: sums per order, customer, item and month by dictionaries."""
    rnd = random.Random(11)
    rows = []
    for order in range(6000):
        customer, day = f"C{rnd.randrange(400)}", f"2025-{rnd.randrange(1, 13):02d}-{rnd.randrange(1, 29):02d}"
        for _ in range(rnd.randrange(1, 6)):
            quantity, price = rnd.randrange(-3, 9), Decimal(rnd.randrange(1, 99999)) / 100
            rows.append([customer, day, f"N{order}", f"I{rnd.randrange(50)}", quantity, price, quantity * price])

    def text(part: list[list[object]]) -> str:
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([HEAD_MANY, *part])
        return out.getvalue()

    cut = next(n for n, row in enumerate(rows) if row[2] == "N4000")
    late = next(n for n, row in enumerate(rows) if row[2] == "N3000")
    bring(segcli, text(rows[:cut]))
    bring(segcli, text(rows[late:]))
    orders: dict[object, Decimal] = defaultdict(Decimal)
    months: dict[object, Decimal] = defaultdict(Decimal)
    for customer, day, order, item, quantity, _, amount in rows:
        orders[order] += amount
        months[customer, day[:7], item] += amount
        months[customer, day[:7], item, "pieces"] += quantity
    assert dict(select(empty, "SELECT invoice_number, net_amount FROM invoice")) == {
        k: int(v * 100) for k, v in orders.items()
    }
    found = select(
        empty,
        """SELECT a.code, s.month, m.code, s.net_amount, s.quantity FROM invoice_summary AS s JOIN account AS a ON a.id = s.account_id
             JOIN item AS m ON m.id = s.item_id""",
    )
    assert {(a, b, c): d for a, b, c, d, _ in found} == {
        k: int(v * 1_000_000) for k, v in months.items() if len(k) == 3
    }
    assert {(a, b, c, "pieces"): e for a, b, c, _, e in found} == {
        k: int(v * 1_000_000) for k, v in months.items() if len(k) == 4
    }
    assert select(empty, "SELECT count(*) FROM invoice_line") == [(len(rows),)]


HEAD_MANY = ["customer", "date", "order", "item", "quantity", "price", "amount"]


@settings(max_examples=150)
@given(st.text(max_size=12), st.sampled_from(["amount", "quantity", "unit_price"]))
def test_any_text_is_a_number_or_an_error(text: str, name: str) -> None:
    try:
        number = conversion.to_decimal(text, Style())
    except (ValueError, SegcliError):
        return
    values = {"amount": None, "quantity": None, "unit_price": "1"} | {name: number}
    found = sale_values.net_of(tuple(values))(tuple(values.values()))
    assert isinstance(found, int | str)


def test_columns_between_spaces(segcli: Run, empty: Path) -> None:
    """The layout of the public set CDNOW: columns aligned with spaces, dates of eight digits, no order numbers."""
    text = " customer_id  date number_of_cds  dollar_value\n 00001 19970101  1   11.77\n 00002 19970112  1   12.00 \n 00002 19970112  5   77.00\r\n"
    bring(segcli, text, "--delimiter", "space", "--dates", "ymd")
    assert [row[:4] for row in select(empty, INVOICES)] == [
        ("00001-19970101", "00001", "1997-01-01", 1177),
        ("00002-19970112", "00002", "1997-01-12", 8900),
    ]
    assert [row[3] for row in select(empty, LINES)] == [1_000_000, 1_000_000, 5_000_000]
    done = bring(segcli, f"{text} 00003 19970101 1\n", "--delimiter", "space", "--dates", "ymd", status=1)
    assert "sales.csv:5:" in str(done["err"])
    assert "expected 4 fields, found 3" in str(done["err"])
