"""The expression language: metrics against plain SQL, what classes were, and laws that hold whatever is asked."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Run, connected
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcli.base.errors import UsageError
from segcli.query import lookup
from segcli.query.expressions import language


def codes(segcli: Run, *words: str) -> set[str]:
    rows = segcli("show", "account-search", "--inactive", "-f", "json", "--columns", "account", *words).rows
    return {str(row["account"]) for row in rows}


def asked(database: Path, sql: str) -> set[str]:
    with connected(database) as db:
        return {row[0] for row in db.execute(f"SELECT a.code FROM account AS a WHERE {sql}")}


_SOLD = "FROM invoice AS i WHERE i.account_id = a.id AND i.kind = 'sales' AND i.status = 'processed'"
# What an invoice brings in euros: its net at the last rate on or before its date.
_EUROS = ("sum(i.net_amount * CASE i.currency WHEN 'JPY' THEN 100 ELSE 1 END / coalesce((SELECT CAST(r.rate AS REAL) FROM exchange_rate AS r WHERE"
          " r.currency = i.currency AND r.rate_date <= i.invoice_date ORDER BY r.rate_date DESC LIMIT 1), 1))")  # fmt: skip
_YEAR = "AND i.invoice_date BETWEEN '2025-07-01' AND '2026-06-30'"
ROUTES = {  # the same by hand-written SQL; the story ends on 2026-06-30
    "turnover(12m) >= 2500": f"(SELECT {_EUROS} {_SOLD} {_YEAR}) >= 250000",
    "turnover(12m) < 100.50": f"coalesce((SELECT {_EUROS} {_SOLD} {_YEAR}), 0) < 10050",
    "turnover(12m) = 0 and turnover > 0": f"coalesce((SELECT {_EUROS} {_SOLD} {_YEAR}), 0) = 0 AND (SELECT {_EUROS}"
    f" {_SOLD} AND i.invoice_date <= '2026-06-30') > 0",
    "turnover(last_year) between 1k and 2k": f"(SELECT {_EUROS} {_SOLD} AND i.invoice_date LIKE '2025%')"
    " BETWEEN 100000 AND 200000",
    "turnover(ytd) > 0": f"(SELECT {_EUROS} {_SOLD} AND i.invoice_date BETWEEN '2026-01-01' AND '2026-06-30') > 0",
    "invoices(90d) = 0": f"NOT EXISTS (SELECT 1 {_SOLD} AND total_amount >= 0 AND i.invoice_date BETWEEN '2026-04-02' AND '2026-06-30')",
    "credits > 0": f"EXISTS (SELECT 1 {_SOLD} AND i.total_amount < 0)",
    "last_invoice < 180d ago": f"(SELECT max(i.invoice_date) {_SOLD} AND i.total_amount >= 0 AND i.invoice_date <= '2026-06-30') < '2026-01-01'",
    "first_invoice >= start of year": f"(SELECT min(i.invoice_date) {_SOLD} AND i.total_amount >= 0) >= '2026-01-01'",
    "last_invoice is empty": f"NOT EXISTS (SELECT 1 {_SOLD} AND i.total_amount >= 0)",
    "contacts = 0": "NOT EXISTS (SELECT 1 FROM contact AS c WHERE c.account_id = a.id AND coalesce(c.end_date, '9999') >= '2026-06-30')",
    "open_requests > 0": "EXISTS (SELECT 1 FROM request AS r WHERE r.account_id = a.id AND r.status IN (10, 20, 30))",
    "requests(30d) > 0": "EXISTS (SELECT 1 FROM request AS r WHERE r.account_id = a.id AND r.request_date BETWEEN '2026-06-01' AND '2026-06-30')",
    # inside a metric: of the head, of the lines, of what is owed, of requests; and windows that ended before today
    "invoices(12m where amount > 500) > 2": f"(SELECT count(*) {_SOLD} AND total_amount > 50000 AND i.invoice_date BETWEEN '2025-07-01'"
    " AND '2026-06-30') > 2",
    "turnover(12m where item_group = COFFEE or item = 'TEA-100') > 250": "(SELECT sum(l.net_amount / 10000.0 * i.base_revenue_amount / i.revenue_amount) FROM invoice AS i JOIN"
    " invoice_line AS l ON l.invoice_id = i.id JOIN item AS t ON t.id = l.item_id WHERE i.account_id = a.id AND i.kind = 'sales' AND"
    f" i.status = 'processed' {_YEAR} AND (t.item_group = 'COFFEE' OR t.code = 'TEA-100')) > 25000",
    "invoices(where item_group = COFFEE) > 1": f"(SELECT count(*) {_SOLD} AND i.total_amount >= 0 AND i.invoice_date <= '2026-06-30' AND"
    " EXISTS (SELECT 1 FROM invoice_line AS l JOIN item AS t ON t.id = l.item_id WHERE l.invoice_id = i.id AND t.item_group = 'COFFEE')) > 1",
    "turnover(18m, 6m) > 1000": f"(SELECT {_EUROS} {_SOLD} AND i.invoice_date BETWEEN '2024-12-31' AND"
    " '2025-12-30') > 100000",
    "overdue(30d where not disputed = yes) > 50": "(SELECT sum(o.base_amount - coalesce((SELECT sum(l.base_amount) FROM allocation AS l WHERE l.item_id = o.id AND"
    " l.allocation_date <= '2026-06-30'), 0)) FROM outstanding_item AS o WHERE o.account_id = a.id AND o.open_amount <> 0 AND o.is_disputed = 0 AND o.invoice_date <= '2026-06-30' AND"
    " coalesce(o.due_date, o.invoice_date) < '2026-05-31') > 5000",
    "requests(1y where type = complaint) > 0": "EXISTS (SELECT 1 FROM request AS r WHERE r.account_id = a.id AND r.type = 'complaint' AND"
    " r.request_date BETWEEN '2025-07-01' AND '2026-06-30')",
    "contacts(where main = yes) = 1": "(SELECT count(*) FROM contact AS c WHERE c.account_id = a.id AND coalesce(c.end_date, '9999') >="
    " '2026-06-30' AND c.is_main_contact = 1) = 1",
    "*": "1",
    "not *": "0",
}


@pytest.mark.parametrize("expression", ROUTES)
def test_metrics_are_what_plain_sql_says(segcli: Run, example: Path, expression: str) -> None:
    assert codes(segcli, "--where", expression) == asked(example, ROUTES[expression])


def test_metrics_are_what_overviews_say(segcli: Run, example: Path) -> None:
    """By another route: the account's own overview."""
    names = "account,turnover,outstanding,overdue,subscriptions,monthly_value,open_requests"
    rows = segcli("show", "account-overview", "--inactive", "-f", "json", "--columns", names).rows
    for metric, column, limit in (("turnover(12m)", "turnover", 500), ("outstanding", "outstanding", 250), ("overdue", "overdue", 100),
                                  ("subscriptions", "subscriptions", 0), ("recurring", "monthly_value", 15)):  # fmt: skip
        expected = {row["account"] for row in rows if float(row[column] or 0) > limit}
        assert codes(segcli, "--where", f"{metric} > {limit}") == expected, metric
    earlier = {row["account"] for row in segcli("show", "account-overview", "--inactive", "-f", "json", "--as-of", "2025-12-31").rows
               if float(row["outstanding"]) > 250}  # fmt: skip
    assert codes(segcli, "--as-of", "2025-12-31", "--where", "outstanding > 250") == earlier


def test_overdue_for_more_than_so_many_days(segcli: Run, example: Path) -> None:
    rows = segcli(
        "show", "outstanding-items", "--base-currency", "-f", "json", "--columns", "account,open,days_overdue"
    ).rows
    sums: dict[str, float] = {}
    for row in rows:
        if int(row["days_overdue"]) > 30:
            sums[str(row["account"])] = sums.get(str(row["account"]), 0) + float(row["open"])
    assert codes(segcli, "--where", "overdue(30d) > 50") == {
        account for account, open_ in sums.items() if round(open_, 2) > 50
    }


# ------------------------------------------------------------------------------------------------ what classes were
@pytest.fixture
def past(segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Accounts added on 10 January; B moved in March and back in May, C in May, D only lost its class."""

    def at(day: str) -> None:
        monkeypatch.setenv("SEGCLI_TODAY", day)

    Path("a.csv").write_text("account,name,class1\nA,a,N\nB,b,N\nC,c,N\nD,d,N\nE,e,\n")
    at("2026-01-10")
    assert segcli("import", "a.csv", "--create-missing").status == 0
    for day, words in (("2026-03-10", ("B", "--set", "class1=S")), ("2026-05-10", ("B", "C", "--set", "class1=N")),
                       ("2026-05-11", ("C", "--set", "class1=S")), ("2026-05-12", ("D", "--clear", "class1"))):  # fmt: skip
        if day == "2026-03-10":
            assert segcli("classification", "value", "add", "1", "S", "South").status == 0
        at(day)
        assert segcli("tag", *words, "--yes").status == 0
    at("2026-06-30")
    return empty


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("class1 was N", "A B C D"), ("class1 was S", "B C"), ("class1 not was S", "A D E"), ("not class1 was S", "A D E"),
        ("class1 was S before 2026-05-01", "B"), ("class1 was N before 2026-01-10", ""), ("class1 was N before 2026-01-11", "A B C D"),
        ("class1 was S after 2026-05-10", "C"), ("class1 was S after 2026-05-09", "B C"), ("class1 was N after 2026-05-11", "A B D"),
        ("class1 was N during 2026-03-11 and 2026-04-01", "A C D"), ("class1 was S during 2026-03-11 and 2026-04-01", "B"),
        ("class1 was S during 2026-05-10 and 2026-05-12", "B C"), ("class1 was none", "D E"), ("class1 was none after 2026-05-12", "D E"),
        ("class1 was N during 2025-01-01 and 2025-12-31", ""), ("class1 changed", "B C D"), ("class1 changed from S", "B"),
        ("class1 changed to S", "B C"), ("class1 changed from N to none", "D"), ("class1 changed since 2026-05-12", "D"),
        ("class1 changed since 60d ago", "B C D"), ("class1 changed from S since 2026-06-01", ""), ("class1 was N and class1 = S", "C"),
        ("class1 was S before 2026-05-01 or class1 is empty", "B D E"),
    ],
)  # fmt: skip
def test_what_classes_were(segcli: Run, past: Path, expression: str, expected: str) -> None:
    assert codes(segcli, "--where", expression) == set(expected.split())


def test_lists_selections_and_files(segcli: Run, past: Path) -> None:
    Path("c.csv").write_text("account,contact,name,email\nA,1,x,x@a.example\nB,1,y,y@b.example\n")
    assert segcli("import", "c.csv").status == 0
    assert segcli("list", "create", "few", "--account", "A").status == 0
    assert segcli("selection", "save", "north", "--class1", "N").status == 0
    Path("codes.txt").write_text("A\n\nE\n")
    cases = {"in list few": "A", "not in list few": "B C D E", "in selection north": "A B", "not in segment north and class1 = S": "C",
             "account in @codes.txt": "A E", "account not in @codes.txt": "B C D"}  # fmt: skip
    assert {text: codes(segcli, "--where", text) for text in cases} == {
        text: set(found.split()) for text, found in cases.items()
    }
    assert segcli("selection", "save", "loop", "--where", "in selection north").status == 0
    assert segcli("selection", "save", "north", "--where", "in selection loop").status == 2  # it would ask itself


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("turnover(12x) > 1", "no window"),
        ("turnover(0d) > 1", "'0d' holds no day: write 1d"),
        ("contacts(3m) > 1", "takes no window"),
        ("lifecycle(3m) = new", "lifecycle takes no window"),
        ("churn_by_rhythm(1y) = lost", "churn takes no window"),
        ("turnover > abc", "cannot be compared with abc (text)"),
        ("turnover > 1.005", "too many decimals"),
        ("turnovr > 1", "did you mean turnover"),
        ("name was x", "only classes"),
        ("in list nope", "no list 'nope'"),
        ("in selection nope", "no selection 'nope'"),
        ("last_invoice > soon", "90d ago"),
        ("class1 was Q", "unknown value 'Q'"),
        ("country in @nofile", "cannot be read"),
        ("turnover(12m > 3", "not closed"),
        ("class1 was N during 2026-01-01", "during needs and"),
        ("turnover", "a comparison is missing"),
        ("turnover contains 3", "not a text"),
        ("turnover > 999999999999999m", "larger than can be kept"),
        ("turnover(9999y) > 1", "9999y before 2026-06-30 is no day of the calendar"),
        ("last_invoice < 9999y ago", "9999y before 2026-06-30 is no day of the calendar"),
        ("turnover(YTD, 1m) > 1", "'ytd, 1m' is no window"),
        ("overdue(60d, 30d) > 1", "overdue takes one time"),
    ],
)
def test_errors_point_at_the_place(segcli: Run, past: Path, expression: str, said: str) -> None:
    done = segcli("show", "account-search", "--where", expression)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert "^" in done.err


# ------------------------------------------------------------------------------------------------ laws
_NUMBERS = st.sampled_from(["0", "1", "2.5", "100", "1k", "10k", "-3"])
_SIGNS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
_METRICS = st.sampled_from(["turnover", "turnover(12m)", "margin(ytd)", "invoices(90d)", "outstanding", "overdue(30d)", "days_to_pay",
                            "recurring", "subscriptions", "contacts", "requests(2q)", "open_requests", "credits(last_year)", "turnover(24m, 12m)",
                            "turnover(1y where item_group = COFFEE and not amount > 100)", "invoices(where date > 90d ago)", "days_silent",
                            "overdue(30d where disputed = no)", "recency_score", "monetary_score(12m)", "growth", "usual_gap", "alive"])  # fmt: skip
_DAYS = st.sampled_from(["2026-01-31", "today", "90d ago", "start of year", "2y ago"])
_AMOUNTS = st.sampled_from(["average_order(12m)", "turnover(12m)", "turnover(24m, 12m)", "outstanding", "overdue", "credit_limit", "margin", "recurring",
                            "turnover(1y where item_group = COFFEE)"])  # fmt: skip
_DATES = st.sampled_from(
    [
        "last_invoice",
        "first_invoice",
        "start_date",
        "end_date",
        "last_invoice(where amount > 100)",
        "next_order",
        "next_order_model",
    ]
)
_LEAVES = st.one_of(
    st.builds("{} {} {}".format, _METRICS, _SIGNS, _NUMBERS),
    st.builds("{} {} {}".format, _DATES, _SIGNS, _DAYS),
    st.builds("{} {} {}{}".format, _AMOUNTS, _SIGNS, st.sampled_from(["", "1.2 * ", "0.5*", "-2 * "]), _AMOUNTS),
    st.builds("{} {} {}".format, _DATES, _SIGNS, _DATES),
    st.builds("{} {} {}".format, st.sampled_from(["abc(6m)", "rfm_segment", "lifecycle"]), _SIGNS, st.sampled_from(["abc(12m, 6m)", "rfm_segment(6m, rank)"])),
    st.builds("{} {} {}".format, st.sampled_from(["class1", "class2", "country", "manager", "name"]), st.sampled_from(["is empty", "is not empty"]), st.just("")),
    st.builds("class1 {} {}".format, st.sampled_from(["=", "!=", "was"]), st.sampled_from(["N", "S", "none"])),
    st.sampled_from(["class1 was N before 2026-06-01", "class1 changed", "class7 changed to none since 90d ago", "blocked = true", "*",
                     "country in (NL, BE)", "name contains 'b'", "days_to_pay is empty", "turnover between 10 and 1k", "abc(12m) = A", "abc in (B, C)",
                     "rfm_segment != loyal", "lifecycle is empty", "churn = lost", "growth_class(1q) = new", "abc = 'no value'"]),
)  # fmt: skip
EXPRESSIONS = st.recursive(
    _LEAVES, lambda inner: st.one_of(st.builds("({} and {})".format, inner, inner), st.builds("({} or {})".format, inner, inner),
                                     st.builds("not {}".format, inner)), max_leaves=6,
)  # fmt: skip


@pytest.fixture(name="found", scope="module")
def _found(_example: Path) -> Any:
    """Return what answers an expression with the ids of the accounts, on one connection."""
    from contextlib import closing
    from datetime import date

    from segcli.storage import database

    with closing(database.connect(_example)) as db:
        names = lookup.names(db, date(2026, 6, 30))
        reads = {"SQLITE_SELECT": 21, "SQLITE_READ": 20, "SQLITE_FUNCTION": 31}
        known = {"coalesce", "fold", "sum", "count", "min", "max", "avg", "round", "julianday", "like", "date", "json_each",
                 "automatic_amount", "share", "nullif", "in_base", "iif"}  # fmt: skip

        def allow(action: int, name: str | None, other: str | None, _database: object, _by: object) -> int:
            """Refuse whatever is more than reading tables with these functions."""
            if action == reads["SQLITE_FUNCTION"] and other not in known:
                return 1
            return 0 if action in reads.values() else 1

        def answer(text: str) -> frozenset[int]:
            clause = language.compile_expression(text, names)
            db.set_authorizer(allow)
            try:
                found = db.execute(f"SELECT a.id FROM account AS a WHERE {clause.sql}", clause.values)
                return frozenset(row[0] for row in found)
            finally:
                db.set_authorizer(None)

        yield answer


SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


@given(EXPRESSIONS)
@SETTINGS
def test_the_complement_law(found: Any, text: str) -> None:
    whole = found("*")
    assert found(f"not ({text})") == whole - found(text)


@pytest.mark.repeats
@given(EXPRESSIONS, EXPRESSIONS)
@SETTINGS
def test_de_morgan(found: Any, one: str, other: str) -> None:
    assert found(f"not (({one}) and ({other}))") == found(f"not ({one}) or not ({other})")
    assert found(f"({one}) and ({other})") == found(one) & found(other)
    assert found(f"({one}) or ({other})") == found(one) | found(other)


_WORDS = st.sampled_from(["turnover", "(", ")", "12m", "and", "or", "not", "=", ">=", "in", "was", "changed", "from", "to", "since", "class1", "N",
                          "between", "is", "empty", "*", ",", "90d", "ago", "start", "of", "year", "list", "@x", "'a b'", "'", "10k", "name",
                          "contains", "last_invoice", "before", "during", "\x00", "é", "99999999999999999999", "0000d", "where", "item_group",
                          "amount", "abc", "alive", "growth", "rfm", "rfm_segment", "churn", "0m", "9999y", "days_silent"])  # fmt: skip


@pytest.mark.repeats
@given(st.lists(_WORDS, max_size=14))
@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_answered_or_refused(found: Any, words: list[str]) -> None:
    try:
        found(" ".join(words))
    except UsageError as error:
        assert error.message


@pytest.mark.parametrize(
    ("text", "hint"), [("cohort = 2025Q2", "the field for a quarter is cohort_quarter"), ("cohort_quarter = 2025-04", "the field for a month is cohort"),
                       ("cohort_year = 2025Q2", "the field for a quarter is cohort_quarter"), ("cohort = Maart", "write 2026-03")]
)  # fmt: skip
def test_a_period_of_another_length_names_its_field(segcli: Run, example: Path, text: str, hint: str) -> None:
    done = segcli("where", "explain", text)
    assert done.status == 2
    assert hint in done.err
