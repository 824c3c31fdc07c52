"""Comparisons of two operands: against plain SQL, with unknown amounts, and what cannot be compared."""

from pathlib import Path

import pytest
from conftest import Run, connected

SOLD = "FROM invoice AS i WHERE i.account_id = a.id AND i.kind = 'sales' AND i.status = 'processed'"


def turnover(first: str, last: str) -> str:
    """Return the SQL of the turnover of a period in cents."""
    return (
        f"coalesce((SELECT CAST(round(sum(i.base_revenue_amount) / 10000.0) AS INT) {SOLD} AND i.invoice_date"
        f" BETWEEN '{first}' AND '{last}'), 0)"
    )


NOW, BEFORE = turnover("2025-07-01", "2026-06-30"), turnover("2024-07-01", "2025-06-30")
LAST = f"(SELECT max(i.invoice_date) {SOLD} AND i.total_amount >= 0 AND i.invoice_date <= '2026-06-30')"
COUNT = f"(SELECT count(*) {SOLD} AND i.total_amount >= 0 AND i.invoice_date BETWEEN '{{}}' AND '{{}}' AND i.total_amount > 20000)"
ROUTES = {
    "turnover(12m) > turnover(24m, 12m)": f"{NOW} > {BEFORE}",
    "turnover(12m) != turnover(24m, 12m)": f"{NOW} <> {BEFORE}",
    "turnover(12m) >= 1.2 * turnover(24m, 12m)": f"{NOW} * 10 >= {BEFORE} * 12",
    "turnover(12m)<0.75*turnover(24m,12m)": f"{NOW} * 4 < {BEFORE} * 3",
    "turnover(12m) between 0.5 * turnover(24m, 12m) and turnover(24m, 12m)": f"2 * {NOW} >= {BEFORE} AND {NOW} <= {BEFORE}",
    "last_invoice > start_date": f"coalesce({LAST} > a.start_date, 0)",
    "last_invoice = first_invoice": f"(SELECT count(DISTINCT i.invoice_date) {SOLD} AND i.total_amount >= 0"
    " AND i.invoice_date <= '2026-06-30') = 1",
    "invoices(12m where amount > 200) > invoices(24m, 12m where amount > 200)": f"{COUNT.format('2025-07-01', '2026-06-30')} >"
    f" {COUNT.format('2024-07-01', '2025-06-30')}",
    "turnover(12m) > account.credit_limit": f"coalesce({NOW} > a.credit_limit, 0)",
}  # fmt: skip


@pytest.fixture
def limited(segcli: Run, example: Path) -> Path:
    """The example with a credit limit of 1,000 for the accounts of NL."""
    with connected(example) as db:
        db.execute("UPDATE account SET credit_limit = 100000 WHERE country = 'NL'")
        db.commit()
    return example


def codes(segcli: Run, *words: str) -> set[str]:
    rows = segcli("show", "account-search", "--inactive", "-f", "json", "--columns", "account", *words).rows
    return {str(row["account"]) for row in rows}


@pytest.mark.parametrize("text", ROUTES)
def test_what_plain_sql_says(segcli: Run, limited: Path, text: str) -> None:
    with connected(limited) as db:
        expected = {row[0] for row in db.execute(f"SELECT a.code FROM account AS a WHERE {ROUTES[text]}")}
        everyone = {row[0] for row in db.execute("SELECT code FROM account")}
    assert expected
    assert expected != everyone
    assert codes(segcli, "--where", text) == expected
    assert codes(segcli, "--where", f"not ({text})") == everyone - expected


def test_an_unknown_amount_is_false_on_either_side_and_told(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name\nA,a\nB,b\nC,c\n")
    Path("i.csv").write_text(
        "invoice,account,date,currency,net\n1,A,2026-01-05,XAU,100\n2,A,2025-01-05,EUR,1\n3,B,2026-01-05,EUR,100\n"
        "4,B,2025-01-05,XAU,1\n5,C,2026-01-05,EUR,12\n6,C,2025-01-05,EUR,10\n"
    )
    assert segcli("import", "a.csv").status == 0
    assert segcli("import", "i.csv").status in {0, 1}
    for text, expected in {
        "turnover(12m) > turnover(24m, 12m)": {"C"}, "turnover(12m) <= turnover(24m, 12m)": set(),
        "turnover(12m) = turnover(24m, 12m)": set(), "turnover(12m) != turnover(24m, 12m)": {"A", "B", "C"},
        "turnover(12m) = 1.2 * turnover(24m, 12m)": {"C"}, "not turnover(12m) > turnover(24m, 12m)": {"A", "B"},
    }.items():  # fmt: skip
        done = segcli("show", "account-search", "--inactive", "-f", "json", "--columns", "account", "--where", text)
        assert {row["account"] for row in done.rows} == expected, text
        assert "XAU" in done.err, text
        assert segcli("show", "account-search", "--where", text, "--strict").status != 0


def test_a_factor_is_exact(segcli: Run, empty: Path) -> None:
    """1.1 * 0.50 is 0.55; in binary floating point 1.1 * 50 cents is more than 55."""
    assert 1.1 * 50 > 55
    Path("a.csv").write_text("account,name\nA,a\n")
    Path("i.csv").write_text("invoice,account,date,currency,net\n1,A,2026-01-05,EUR,0.55\n2,A,2025-01-05,EUR,0.50\n")
    assert segcli("import", "a.csv").status == 0
    assert segcli("import", "i.csv").status == 0
    assert codes(segcli, "--where", "turnover(12m) >= 1.1 * turnover(24m, 12m)") == {"A"}
    assert codes(segcli, "--where", "turnover(12m) = 1.1*turnover(24m, 12m)") == {"A"}


@pytest.mark.parametrize(
    ("text", "said", "at"),
    [
        ("turnover > invoices", "turnover (money) cannot be compared with invoices (number)", 11),
        ("last_invoice > turnover(12m)", "last_invoice (date) cannot be compared with turnover (money)", 15),
        ("turnover > class1", "turnover (money) cannot be compared with class1 (class)", 11),
        ("turnover > 2 * turnovr(12m)", "there is no such field", 15),
        ("turnover > turnovr(12m)", "there is no such field", 11),
        ("turnover > x * turnover", "'x' is no factor", 11),
        ("turnover > 1.2345 * turnover", "'1.2345' is no factor", 11),
        ("turnover > turnover * 2", "the factor comes first", 20),
        ("turnover > 2 *", "a metric is missing", 14),
        ("turnover > 2*", "a metric is missing", 13),
        ("last_invoice > 2 * start_date", "date: '2' is not a date", 15),
        ("turnover(where amount > quantity) > 1", "amount (money) cannot be compared with quantity (number)", 24),
        ("blocked = is_sales", "blocked is true or false", 10),
    ],
)  # fmt: skip
def test_what_cannot_be_compared(segcli: Run, empty: Path, text: str, said: str, at: int) -> None:
    done = segcli("where", "explain", text)
    assert done.status == 2
    assert said in done.err
    assert f"\n  {text}\n  {' ' * at}^" in done.err


def test_a_word_beside_a_text_stays_a_text(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name\nA,turnover\nB,city\n")
    assert segcli("import", "a.csv").status == 0
    assert codes(segcli, "--where", "name = turnover or name = city") == {"A", "B"}
