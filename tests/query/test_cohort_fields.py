"""The cohort of an account as a field and as a column, against plain SQL: month, quarter and year of its first purchase."""

from pathlib import Path

import pytest
from conftest import Run, connected
from rule_case import HEAD, found, written

from segcli.query.expressions import metrics
from segcli.query.expressions.first_purchases import COHORTS

# A purchase is a processed sales invoice of zero or more.
FIRST = """SELECT a.code, (SELECT min(i.invoice_date) FROM invoice AS i WHERE i.account_id = a.id AND i.kind = 'sales'
  AND i.status = 'processed' AND i.total_amount >= 0 AND i.invoice_date <= '{day}') FROM account AS a"""
DAY = "2026-06-30"


def first(database: Path, day: str = DAY) -> dict[str, str | None]:
    with connected(database) as db:
        return dict(db.execute(FIRST.format(day=day)))


def quarter(day: str) -> str:
    return f"{day[:4]}Q{(int(day[5:7]) + 2) // 3}"


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("cohort = 2025-03", lambda day: day[:7] == "2025-03"),
        ("account.cohort between 2025-03 and 2025-05", lambda day: "2025-03" <= day[:7] <= "2025-05"),
        ("cohort_quarter = 2025q1", lambda day: quarter(day) == "2025Q1"),
        ("cohort_quarter > 2025Q3", lambda day: quarter(day) > "2025Q3"),
        ("cohort_year < 2026", lambda day: day < "2026"),
        ("cohort_year = thisyear", lambda day: day > "2026"),
        ("cohort = lastmonth", lambda day: day[:7] == "2026-05"),
        ("cohort in (2025-02, 2026-02)", lambda day: day[:7] in {"2025-02", "2026-02"}),
        ("cohort is not empty", lambda _day: True),
    ],
)
def test_where(segcli: Run, example: Path, expression: str, holds) -> None:  # noqa: ANN001 - a condition on a day
    wanted = {code for code, day in first(example).items() if day and holds(day)}
    assert len(wanted) > 1
    assert found(segcli, expression) == wanted
    assert found(segcli, f"not ({expression})") == first(example).keys() - wanted


def test_where_of_some_rows(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        group = db.execute("SELECT item_group FROM item WHERE item_group IS NOT NULL ORDER BY 1").fetchone()[0]
        sql = f"""SELECT a.code FROM account AS a JOIN invoice AS i ON i.account_id = a.id JOIN invoice_line AS l ON l.invoice_id = i.id
                    JOIN item AS t ON t.id = l.item_id WHERE i.kind = 'sales' AND i.status = 'processed' AND i.total_amount >= 0
                     AND t.item_group = '{group}' GROUP BY a.id HAVING substr(min(i.invoice_date), 1, 7) = '2025-04'"""
        wanted = {code for (code,) in db.execute(sql)}
    assert wanted
    assert found(segcli, f"cohort(where item_group = '{group}') = 2025-04") == wanted


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("cohort = 2025-13", "'2025-13' is no month"),
        ("cohort = 2025Q1", "'2025Q1' is no month"),
        ("cohort_quarter = 2025-01", "'2025-01' is no quarter"),
        ("cohort_year = 25", "'25' is no year"),
        ("cohort_year = lastmonth", "'2026-05' is no year"),
        ("cohort(12m) = 2025-01", "cohort takes no window"),
        ("cohort contains 2025", "cohort is not a text"),
    ],
)
def test_mistakes(segcli: Run, example: Path, expression: str, told: str) -> None:
    done = segcli("show", "account-search", "--where", expression)
    assert (done.status, told in done.err) == (2, True), done.err


@pytest.mark.parametrize("overview", ["account-search", "account-overview", "debtor-ageing", "invoice-history"])
def test_columns(segcli: Run, example: Path, overview: str) -> None:
    names = "account,cohort,cohort_quarter,cohort_year"
    rows = segcli("show", overview, "-f", "json", "--columns", names, "--sort", "-cohort").rows
    known = first(example)
    assert len(rows) > 100
    for row in rows:
        day = known[str(row["account"])]
        wanted = (day[:7], quarter(day), day[:4]) if day else (None, None, None)
        assert (row["cohort"], row["cohort_quarter"], row["cohort_year"]) == wanted, row
    order = [row["cohort"] or "" for row in rows]
    assert order == sorted(order, reverse=True)


def test_groups(segcli: Run, example: Path) -> None:
    for day in (DAY, "2025-09-30"):
        wanted: dict[str | None, int] = {}
        for value in first(example, day).values():
            name = quarter(value) if value else None
            wanted[name] = wanted.get(name, 0) + 1
        rows = segcli(
            "show", "account-search", "--inactive", "-f", "json", "--group-by", "cohort_quarter", "--as-of", day
        ).rows
        assert {row["cohort_quarter"]: row["accounts"] for row in rows} == wanted


def test_sales_analysis(segcli: Run, example: Path) -> None:
    """Revenue by cohort and across cohorts: the summary, and the lines where days within a month are asked for."""
    sql = f"""SELECT f.year, i.currency, sum(i.revenue_amount) / 1000000.0 FROM invoice AS i LEFT JOIN
       (SELECT account_id, substr(min(invoice_date), 1, 4) AS year FROM invoice WHERE kind = 'sales' AND status = 'processed'
           AND total_amount >= 0 AND invoice_date <= '{DAY}' GROUP BY account_id) AS f ON f.account_id = i.ordered_by_id
     WHERE i.kind = 'sales' AND i.status = 'processed' AND i.currency = 'EUR' AND i.invoice_date BETWEEN '{{}}' AND '{{}}' GROUP BY 1, 2"""
    for start, end in (("2026-01-01", "2026-03-31"), ("2026-01-05", "2026-03-20")):
        with connected(example) as db:
            wanted = {year: round(amount, 2) for year, _, amount in db.execute(sql.format(start, end))}
        words = ("show", "sales-analysis", "-f", "json", "--from", start, "--to", end, "--as-of", DAY)
        rows = segcli(*words, "--group-by", "cohort_year").rows
        assert {row["cohort_year"]: row["revenue"] for row in rows if row["currency"] == "EUR"} == wanted
        rows = segcli(*words, "--group-by", "month", "--across", "cohort_year").rows
        for year, amount in wanted.items():
            column = next(name for name in rows[0] if str(year) in name)
            assert round(sum(row[column] for row in rows if row["currency"] == "EUR"), 2) == amount


def test_rules(segcli: Run, example: Path) -> None:
    rules = """rules:
  - {id: new, set: A, when: cohort >= 2026-02, why: "first bought in {cohort}, {cohort_quarter}"}
tests:
  - {given: {cohort: 2026-02, cohort_quarter: 2026Q1}, expect: A}
  - {given: {cohort: 2026-01, cohort_quarter: 2026Q1}, expect: keep}
"""
    written(HEAD + rules)
    checked = segcli("rules", "check", "r.yaml")
    assert checked.status == 0, checked.err
    rows = segcli("rules", "plan", "r.yaml", "-f", "json").rows
    wanted = {code: day for code, day in first(example).items() if day and day[:7] >= "2026-02"}
    assert rows
    assert {str(row["account"]) for row in rows} <= wanted.keys()
    for row in rows:
        day = wanted[str(row["account"])]
        assert row["why"] == f"first bought in {day[:7]}, {quarter(day)}"
    written(HEAD + rules.replace("cohort: 2026-01", "cohort: January"))
    assert "'January' is no month" in segcli("rules", "check", "r.yaml").err


def test_listed(segcli: Run, example: Path) -> None:
    names = {row["field"] if "field" in row else row["name"] for row in segcli("where", "fields", "-f", "json").rows}
    assert {"cohort", "cohort_quarter", "cohort_year"} <= names


def test_the_columns_are_the_metrics_that_are_periods() -> None:
    assert {name: metric.part for name, metric in metrics.CATALOGUE.items() if metric.kind == "period"} == COHORTS
