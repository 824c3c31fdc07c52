"""Each metric of one account at the edges of its window, worked out by hand: one by one, and all of them in one scan."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest

from segcli.domain.catalogue import Catalogue
from segcli.query.expressions.collecting import Collector, measure
from segcli.query.expressions.language import operand
from segcli.query.names import Names
from segcli.storage import exchange, places, sql_functions

NAMES = Names(Catalogue([], lambda _: []), day=date(2026, 6, 30))
# Account 1 has all that is below, 2 has what must not be taken for it, 3 has nothing.
INVOICES = (  # number, account, kind, date, status, currency, net, vat
    ("I1", 1, "sales", "2026-06-30", "processed", "EUR", 100, 21), ("I2", 1, "sales", "2025-06-30", "processed", "EUR", 1000, 210),
    ("I3", 1, "sales", "2025-07-01", "processed", "EUR", 10_000, 0), ("I4", 1, "sales", "2026-07-01", "processed", "EUR", 100_000, 0),
    ("I5", 1, "sales", "2026-01-01", "processed", "USD", 1_000_000, 0), (None, 1, "sales", "2026-01-01", "open", "EUR", 10_000_000, 0),
    ("I7", 1, "sales", "2026-05-01", "processed", "EUR", -7, -1), ("I8", 1, "sales", "2026-05-02", "processed", "EUR", 0, 0),
    ("P1", 1, "purchase", "2026-06-30", "processed", "EUR", 33, 7), ("P2", 1, "purchase", "2025-06-30", "processed", "EUR", 44, 0),
    ("X1", 2, "sales", "2026-06-01", "processed", "EUR", 5555, 0), ("X2", 2, "purchase", "2026-06-01", "processed", "EUR", 5555, 0),
)  # fmt: skip
LINES = (  # invoice, number, item, description, quantity in millionths, net and cost in ten-thousandths of a cent
    ("I1", 1, 1, "beans", 2_000_000, 400_000, 100_000), ("I1", 2, 2, "tea", 1_500_000, 600_000, None), ("I5", 1, 1, "beans", 4_000_000, 5_000_000, 0),
    ("I2", 1, 1, "old", 1_000_000, 10_000_000, 0), ("I3", 1, None, "free", 1_000_000, 20_000, None), ("I7", 1, 3, "back", -250_000, -70_000, -20_000), ("P1", 1, 1, "in", 9_000_000, 330_000, None), ("X1", 1, 1, "x", 1, 55_550_000, 1),
)  # fmt: skip
TERMS = (  # key, account, date, due, currency, amount, disputed, allocations
    ("O1", 1, "2026-06-30", None, "EUR", 500, 0, ()), ("O2", 1, "2026-05-01", "2026-05-31", "EUR", 1000, 0, (("2026-06-30", 300), ("2026-07-01", 200))),
    ("O3", 1, "2026-07-01", None, "EUR", 9000, 0, ()), ("O4", 1, "2026-01-01", "2026-01-31", "USD", 70_000, 0, ()), ("O5", 1, "2026-04-01", "2026-05-30", "EUR", 40, 1, ()),
    ("O6", 1, "2026-06-01", None, "EUR", -60, 0, ()), ("O7", 1, "2026-06-30", "2026-06-29", "EUR", 3, 0, ()), ("O8", 1, "2026-07-05", "2026-06-01", "EUR", 600, 0, (("2026-06-15", 100),)),
    ("Q1", 1, "2026-02-01", None, "EUR", 100, 0, (("2026-02-21", 60), ("2026-02-11", 40))), ("Q2", 1, "2025-07-01", "2025-07-31", "EUR", 100, 0, (("2025-07-11", 100),)),
    ("Q3", 1, "2025-06-30", None, "EUR", 100, 1, (("2025-09-28", 100),)), ("Q4", 1, "2026-02-01", None, "USD", 100, 0, (("2026-05-11", 100),)),
    ("Q5", 1, "2026-02-01", None, "EUR", -5, 0, (("2026-06-01", -5),)), ("Q6", 1, "2026-02-01", None, "EUR", 0, 0, (("2026-03-23", 0),)),
    ("O9", 1, "2026-06-30", None, "EUR", 10, 0, (("2026-06-30", 2), ("2026-06-30", 2))), ("Z1", 2, "2026-02-01", None, "EUR", 7777, 0, (("2026-02-02", 1),)),
)  # fmt: skip
SUBSCRIPTIONS = (  # number, ordered by, start, end, cancelled, currency, frequency, amount a period in ten-thousandths of a cent
    ("S1", 1, "2026-06-30", None, None, "EUR", "monthly", 10_000_000), ("S2", 1, "2026-01-01", "2026-06-30", None, "USD", "monthly", 50_000_000),
    ("S3", 1, "2026-01-01", "2026-06-29", None, "EUR", "monthly", 10_000_000), ("S4", 1, "2026-07-01", None, None, "EUR", "monthly", 10_000_000),
    ("S5", 1, "2026-01-01", "2026-12-31", "2026-06-30", "EUR", "quarterly", 30_000_000), ("S6", 2, "2026-01-01", None, None, "EUR", "monthly", 70_000_000),
)  # fmt: skip
REQUESTS = (
    ("R1", "task", 20, 1, "2026-06-30"), ("R2", "task", 40, 1, "2026-05-30"), ("R3", "task", 20, 1, "2026-07-01"), ("R4", "task", 20, None, "2026-06-01"),
    ("R5", "complaint", 30, 1, "2026-06-01"), ("R6", "event", 10, 1, "2026-05-31"), ("R7", "note", 0, 1, "2024-01-01"), ("R8", "task", 20, 2, "2026-06-01"),
)  # fmt: skip
# One euro costs two dollars. An invoice with lines brings their net, not its head's: I3 0.02 and I5 5.00 dollars.
EXPECTED = {
    "turnover": 100 + 1000 + 2 + 250 - 7, "turnover(12m)": 100 + 2 + 250 - 7, "turnover(24m, 12m)": 1000, "turnover(12m where amount > 1.21)": 2 + 250, "turnover(12m where amount > 1.20)": 100 + 2 + 250,
    "turnover(12m where item = X)": 40 + 250, "turnover(where item_group = G)": 100 + 1000 + 250, "turnover(12m where item is empty)": 2, "turnover(12m where description = tea or item = Z)": 60 - 7,
    "turnover(12m where quantity > 1.5)": 40 + 250, "turnover(12m where date = 2025-07-01)": 2, "turnover(12m where currency = USD)": 250,
    "margin": 30 + 1000 + 250 - 5, "margin(12m)": 30 + 250 - 5, "margin(12m where item_group = G)": 30 + 250, "invoices": 5, "invoices(12m)": 4, "invoices(12m where item_group = G)": 2,
    # 1345 over 5 invoices, 345 over 4 (86.25), 100 and 0 over 2, lines of 2 and 3 invoices, 95 over 3 (31.67), 93 over 2 (46.5)
    "average_order": 269, "average_order(12m)": 86, "average_order(60d)": 50, "average_order(12m where item = X)": 145, "average_order(where item_group = G)": 450,
    "average_order(12m where currency = EUR)": 32, "average_order(where number in (I1, I7, I8))": 47, "average_order(24m, 12m)": 1000,
    "invoices(12m where number = I5)": 1, "credits": 1, "credits(12m)": 1, "credits(60d)": 0, "credits(12m where item = Z)": 1, "quantity": 9.25, "quantity(12m)": 8.25, "quantity(12m where currency = EUR)": 4.25,
    "last_invoice": "2026-06-30", "last_invoice(where item = X)": "2026-06-30", "last_invoice(where amount > 90)": "2026-01-01", "first_invoice": "2025-06-30", "first_invoice(where item = Y)": "2026-06-30",
    "purchases": 33 + 44, "purchases(12m)": 33, "purchases(where item = X)": 33, "outstanding": 1089 + 35_000, "outstanding(where disputed = yes)": 40, "outstanding(where due < 2026-06-01)": 740 + 35_000,
    "overdue": 683 + 35_000, "overdue(0d)": 683 + 35_000, "overdue(30d)": 40 + 35_000, "overdue(29d)": 740 + 35_000, "overdue(where disputed = no)": 643 + 35_000,
    "days_to_pay(12m)": (20 + 10 + 99) / 3, "days_to_pay": (20 + 10 + 90 + 99) / 4, "days_to_pay(where due = 2026-02-01)": (20 + 99) / 2, "days_to_pay(where disputed = yes)": 90.0,
    "subscriptions": 3, "subscriptions(where number = S5)": 1, "subscriptions(where date < 2026-06-30)": 2, "recurring": 2000 + 2500, "mrr(where blocked = no and number = S1)": 1000, "contacts": 2, "contacts(where main = yes)": 1,
    "requests": 5, "requests(1m)": 3, "requests(where type = complaint)": 1, "open_requests": 3, "open_requests(where type != task)": 2,
}  # fmt: skip
EMPTY = (
    "last_invoice",
    "first_invoice",
    "days_to_pay",
    "average_order",
)  # of an account without any; sums and counts are 0


@pytest.fixture(name="db", scope="module")
def _db() -> Iterator[sqlite3.Connection]:
    """Return a database in memory with all of that."""
    with closing(sqlite3.connect(":memory:")) as db:
        sql_functions.register(db)
        db.executescript(places.resource("schema.sql").read_text(encoding="utf-8"))
        db.execute("INSERT INTO administration (id, name, currency) VALUES (1, 'Ours', 'EUR')")
        db.executemany(
            "INSERT INTO account (id, code, name) VALUES (?, ?, ?)", [(n, f"A{n}", f"Name {n}") for n in (1, 2, 3)]
        )
        db.executemany(
            "INSERT INTO item (id, code, description, item_group) VALUES (?, ?, ?, ?)",
            [(1, "X", "x", "G"), (2, "Y", "y", "G"), (3, "Z", "z", "H")],
        )
        for number, account, kind, day, status, currency, net, vat in INVOICES:
            db.execute(
                "INSERT INTO invoice (invoice_number, account_id, ordered_by_id, deliver_to_id, kind, invoice_date, status, currency, net_amount, vat_amount, total_amount)"
                " VALUES (?, ?, 2, 2, ?, ?, ?, ?, ?, ?, ?)", (number, account, kind, day, status, currency, net, vat, net + vat),
            )  # fmt: skip
        db.executemany(
            "INSERT INTO invoice_line (invoice_id, line_number, item_id, description, quantity, net_amount, cost_amount)"
            " VALUES ((SELECT id FROM invoice WHERE invoice_number = ?), ?, ?, ?, ?, ?, ?)", LINES,
        )  # fmt: skip
        for key, account, day, due, currency, amount, disputed, paid in TERMS:
            item = db.execute(
                "INSERT INTO outstanding_item (item_key, account_id, invoice_date, due_date, currency, amount, open_amount, is_disputed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (key, account, day, due, currency, amount, amount, disputed),
            ).lastrowid
            db.executemany(
                "INSERT INTO allocation (item_id, allocation_key, allocation_date, amount) VALUES (?, ?, ?, ?)",
                [(item, f"{n}", *one) for n, one in enumerate(paid)],
            )
        for number, account, start, end, cancelled, currency, frequency, amount in SUBSCRIPTIONS:
            found = db.execute(
                "INSERT INTO subscription (subscription_number, account_id, ordered_by_id, deliver_to_id, start_date, end_date, cancellation_date, currency, frequency)"
                " VALUES (?, 3, ?, 3, ?, ?, ?, ?, ?)", (number, account, start, end, cancelled, currency, frequency),
            ).lastrowid  # fmt: skip
            db.execute(
                "INSERT INTO subscription_line (subscription_id, line_number, unit_price, period_amount) VALUES (?, 1, '1', ?)",
                (found, amount),
            )
        db.execute("INSERT INTO subscription_type (code, frequency) VALUES ('Q', 'quarterly'), ('W', 'weekly')")
        db.execute("UPDATE subscription SET subscription_type = 'q', frequency = NULL WHERE subscription_number = 'S5'")
        db.executemany(
            "INSERT INTO contact (account_id, code, name, end_date, is_main_contact) VALUES (?, ?, 'x', ?, ?)",
            [(1, "1", None, 1), (1, "2", "2026-06-30", 0), (1, "3", "2026-06-29", 1), (2, "1", None, 1)],
        )
        db.executemany(
            "INSERT INTO request (request_number, type, status, account_id, request_date, description) VALUES (?, ?, ?, ?, ?, 'x')",
            REQUESTS,
        )
        db.execute("INSERT INTO exchange_rate (currency, rate_date, rate) VALUES ('USD', '2025-01-01', '2')")
        exchange.convert(db)
        db.commit()
        yield db


def value(db: sqlite3.Connection, text: str, account: int) -> object:
    field = operand(text, NAMES)
    return db.execute(f"SELECT {field.column} FROM account AS a WHERE a.id = ?", (*field.values, account)).fetchone()[0]


@pytest.mark.parametrize("text", EXPECTED)
def test_a_metric_by_hand(db: sqlite3.Connection, text: str) -> None:
    found = value(db, text, 1)
    assert (found, type(found)) == (EXPECTED[text], type(EXPECTED[text]))
    assert value(db, text, 3) == (None if text.partition("(")[0] in EMPTY else 0)


def test_all_metrics_in_one_scan_of_each_source(db: sqlite3.Connection) -> None:
    collector = Collector()
    names = replace(NAMES, measured=collector)
    columns = [operand(text, names) for text in EXPECTED]
    assert not any(field.values for field in columns)
    measure(db, collector, names.day)
    sql = f"SELECT {', '.join(field.column for field in columns)} FROM account AS a{collector.joins} WHERE a.id = ?"
    assert dict(zip(EXPECTED, db.execute(sql, (1,)).fetchone(), strict=True)) == EXPECTED
    nothing = [None if text.partition("(")[0] in EMPTY else 0 for text in EXPECTED]
    assert list(db.execute(sql, (3,)).fetchone()) == nothing


def test_there_is_no_average_without_an_invoice(db: sqlite3.Connection) -> None:
    """A credit note alone is turnover, but no order."""
    assert value(db, "turnover(where item = Z)", 1) == -7
    assert value(db, "average_order(where item = Z)", 1) is None


# What each metric adds up has no exchange rate from here on; by what it is empty, and what still counts.
MONEY = (
    "turnover",
    "turnover(12m)",
    "average_order",
    "average_order(12m)",
    "average_order(where item = X)",
    "margin",
    "outstanding",
    "overdue",
    "recurring",
    "turnover(where item = X)",
)
SAME = ("average_order(24m, 12m)", "average_order(where currency = EUR)", "invoices", "credits", "last_invoice", "subscriptions", "turnover(24m, 12m)", "turnover(where currency = EUR)",
        "outstanding(where currency = EUR)")  # fmt: skip


def test_a_metric_without_an_exchange_rate_is_empty_not_smaller(db: sqlite3.Connection) -> None:
    db.commit()
    before = {text: value(db, text, 1) for text in SAME}
    db.execute("BEGIN")
    try:
        db.execute("DELETE FROM exchange_rate")
        exchange.convert(db)
        collector = Collector()
        names = replace(NAMES, measured=collector)
        columns = [operand(text, names).column for text in (*MONEY, *SAME)]
        measure(db, collector, names.day)
        sql = f"SELECT {', '.join(columns)} FROM account AS a{collector.joins} WHERE a.id = ?"
        assert [value(db, text, 1) for text in MONEY] == [None] * len(MONEY)
        assert {text: value(db, text, 1) for text in SAME} == before
        assert db.execute(sql, (1,)).fetchone() == (*[None] * len(MONEY), *before.values())
        assert db.execute(sql, (3,)).fetchone()[0] == value(db, "turnover", 3) == 0
    finally:
        db.execute("ROLLBACK")
        for name in [row[0] for row in db.execute("SELECT name FROM temp.sqlite_schema WHERE name GLOB 'm_*'")]:
            db.execute(f"DROP TABLE temp.{name}")
