"""Amounts in the administration's currency: exchange rates, what lacks one, and one revenue by every path."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, connected
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from import_case import load

from segcli.storage import sql_functions

CENT = Decimal("0.01")


def rates(segcli: Run, text: str, *words: str) -> Any:
    Path("rates.csv").write_text(text)
    done = segcli("rates", "import", "rates.csv", "-f", "json", *words)
    assert done.status == 0, done.err
    return done.rows[0]


def shown(segcli: Run, *words: str) -> list[dict[str, Any]]:
    done = segcli("show", *words, "-f", "json")
    assert done.status == 0, done.err
    return done.rows


ACCOUNTS = "account,name\nA1,Alpha\nA2,Beta\nA3,Gamma\n"
RECEIVABLES = (
    "account,invoice_number,invoice_date,due_date,currency,amount,base_amount\nA1,1,2026-04-01,2026-05-01,EUR,1000.00,\n"
    "A2,2,2026-04-01,2026-05-01,USD,5000.00,4500.00\nA3,3,2026-04-01,2026-05-01,USD,2000.00,1800.00\n"
    "A3,4,2026-04-01,2026-05-01,EUR,-10.00,\n"
)


def codes(segcli: Run, expression: str) -> list[str]:
    return [row["account"] for row in shown(segcli, "account-search", "--where", expression)]


def test_metrics_count_every_currency(segcli: Run, empty: Path) -> None:
    load(segcli, a=ACCOUNTS, r=RECEIVABLES)
    owed = {row["account"]: row["outstanding"] for row in shown(segcli, "account-overview")}
    assert owed == {"A1": 1000, "A2": 4500, "A3": 1790}
    assert codes(segcli, "overdue > 0") == ["A1", "A2", "A3"]
    assert codes(segcli, "outstanding = 0") == codes(segcli, "outstanding < 0") == []
    assert codes(segcli, "outstanding = 1790") == ["A3"]
    Path("r.yaml").write_text("version: 1\nfield: Payer\nrules:\n  - {id: good, set: GOOD, when: 'overdue = 0'}\n")
    segcli("classification", "label", "1", "Payer")
    segcli("classification", "value", "add", "1", "GOOD")
    assert segcli("rules", "plan", "r.yaml", "-f", "json").rows == []


def test_what_has_no_rate_is_named_everywhere_and_counts_nowhere(segcli: Run, empty: Path) -> None:
    load(segcli, a=ACCOUNTS, r=RECEIVABLES.replace("4500.00", ""))
    lacking = "1 item of 1 account, USD 5,000.00"
    for words in (("debtor-ageing", "--base-currency"), ("debtor-balance", "--base-currency"), ("account-overview",),
                  ("outstanding-items", "--base-currency"), ("account-search", "--where", "outstanding > 0")):  # fmt: skip
        done = segcli("show", *words, "-f", "plain")
        assert (done.status, done.err.count(lacking), done.out.count(lacking)) == (0, 1, 1), words
        strict = segcli("show", *words, "--strict")
        assert (strict.status, strict.out, lacking in strict.err) == (1, "", True), words
    assert [row["unconverted"] for row in shown(segcli, "account-overview")] == [0, 1, 0]
    assert [row["outstanding"] for row in shown(segcli, "account-overview")] == [1000, None, 1790]
    # What is not known is neither 0 nor below 0 nor above: it is empty.
    assert codes(segcli, "outstanding = 0 or outstanding > 0 or outstanding < 0") == ["A1", "A3"]
    assert codes(segcli, "outstanding is empty") == ["A2"]
    assert "unconverted" not in shown(segcli, "debtor-ageing")[0]
    rates(segcli, "date,currency,rate\n2026-03-31,USD,1.25\n")
    assert [row["outstanding"] for row in shown(segcli, "account-overview")] == [1000, 4000, 1790]
    assert segcli("show", "account-overview", "--strict").err == ""
    run = segcli("log", "--limit", "1", "-f", "json").rows[0]["run"]
    assert segcli("undo", run, "--yes").status == 0
    assert [row["outstanding"] for row in shown(segcli, "account-overview")] == [1000, None, 1790]
    assert segcli("check").status == 0


def test_whoever_writes_by_a_metric_is_told_what_it_lacks(segcli: Run, empty: Path) -> None:
    load(segcli, a=ACCOUNTS, r=RECEIVABLES.replace("4500.00", ""))
    segcli("classification", "label", "1", "Payer")
    segcli("classification", "value", "add", "1", "GOOD")
    Path("r.yaml").write_text("version: 1\nfield: Payer\nrules:\n  - {id: good, set: GOOD, when: 'overdue = 0'}\n")
    words = ("--where", "outstanding > 0")
    for line in (("tag", *words, "--set", "class1=GOOD", "--yes"), ("rules", "plan", "r.yaml"), ("rules", "apply", "r.yaml", "--yes"),
                 ("list", "create", "debtors", *words), ("list", "sync", "debtors")):  # fmt: skip
        done = segcli(*line)
        assert (done.status, "1 item of 1 account, USD 5,000.00" in done.err) == (0, True), (line, done.err)
    classes = {row["account"]: row["class1"] for row in shown(segcli, "account-search", "--columns", "account,class1")}
    assert classes == {"A1": "GOOD", "A2": None, "A3": "GOOD"}


def test_a_document_takes_the_last_rate_on_or_before_its_date(segcli: Run, empty: Path) -> None:
    head = "account,invoice_number,invoice_date,due_date,currency,amount,base_amount\n"
    rows = "A1,1,2026-01-31,,USD,100.00,\nA1,2,2026-02-01,,USD,100.00,\nA1,3,2026-03-01,,USD,100.00,\nA1,4,2026-03-01,,USD,100.00,99.00\n"
    load(segcli, a=ACCOUNTS, r=head + rows)
    assert rates(segcli, "date,currency,rate\n2026-02-01,USD,1.6\n2026-02-28,USD,1.25\n")["added"] == 2

    def amounts() -> list[Any]:
        return [
            row["amount"] for row in shown(segcli, "outstanding-items", "--base-currency", "--sort", "invoice_number")
        ]

    assert amounts() == [None, 62.5, 80, 99]
    assert rates(segcli, "date,currency,rate\n2026-02-28,USD,1.28\n")["changed"] == 1
    assert amounts() == [None, 62.5, Decimal("78.13"), 99] or amounts() == [None, 62.5, 78.13, 99]  # 78.125, halves up
    assert rates(segcli, "date,currency,rate\n2026-02-28,USD,1.28\n", "--again")["unchanged"] == 1
    # A file that states an amount wins; one that does not leaves what a file stated.
    load(segcli, r=head + rows.replace("A1,3,2026-03-01,,USD,100.00,", "A1,3,2026-03-01,,USD,100.00,70.00"))
    load(segcli, r=head + rows)
    assert amounts() == [None, 62.5, 70, 99]
    assert segcli("check").status == 0


def test_a_payment_takes_the_rate_of_its_item_unless_it_states_its_own(segcli: Run, empty: Path) -> None:
    rates(segcli, "date,currency,rate\n2026-01-01,USD,2\n2026-02-01,USD,4\n")
    load(
        segcli,
        a=ACCOUNTS,
        r="account,invoice_number,invoice_date,currency,amount\nA1,1,2026-01-10,USD,100.00\nA2,2,2026-01-10,USD,100.00\n",
        p="account,invoice_number,allocation_date,amount,base_amount\nA1,1,2026-02-10,40.00,\nA2,2,2026-02-10,40.00,11.00\n",
    )
    open_ = {row["account"]: row["outstanding"] for row in shown(segcli, "account-overview")}
    assert open_ == {"A1": 30, "A2": 39, "A3": 0}  # 50 - 20, and 50 - 11
    load(segcli, p="account,invoice_number,allocation_date,amount,base_amount\nA2,2,2026-02-11,60.00,14.00\n")
    assert {row["account"]: row["outstanding"] for row in shown(segcli, "account-overview")}["A2"] == 0
    assert codes(segcli, "outstanding = 0") == ["A2", "A3"]  # what the rates leave of it is no debt
    (row,) = shown(segcli, "debtor-balance", "--base-currency", "--period", "2026", "--account", "A2")
    assert (row["debit"], row["credit"], row["closing"]) == (50, 50, 0)  # 11 + 14 paid, and 25 of exchange difference


# ------------------------------------------------------------------------------------------------------ files of rates
HISTORY = "Date,USD,JPY,CYP,GBP,\n2026-06-30,1.0800,160.10,N/A,0.8500,\n2026-06-29,1.0700,159.00,N/A,0.8400,\n"
ONE_DAY = "Date, USD, JPY, GBP, \n30 June 2026, 1.0800, 160.10, 0.8500, \n"
LONG = (
    "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n"
    "EXR.D.USD.EUR.SP00.A,D,USD,EUR,SP00,A,2026-06-30,1.0800,A\nEXR.D.GBP.EUR.SP00.A,D,GBP,EUR,SP00,A,2026-06-30,0.8500,A\n"
)
PORTAL = (
    'DATE,TIME PERIOD,"US dollar/Euro (EXR.D.USD.EUR.SP00.A)","UK pound sterling/Euro (EXR.D.GBP.EUR.SP00.A)"\n'
    "2026-06-30,30 Jun 2026,1.0800,0.8500\n2026-07-01,01 Jul 2026,,\n"
)


@pytest.mark.parametrize(
    ("text", "count"), [(HISTORY, 6), (ONE_DAY, 3), (LONG, 2), (PORTAL, 2), (HISTORY.replace(",\n", "\n"), 6)]
)
def test_the_reference_rates_come_in_as_they_are_published(segcli: Run, empty: Path, text: str, count: int) -> None:
    assert rates(segcli, text)["added"] == count
    found = {
        row["currency"]: row["rate"] for row in segcli("rates", "list", "--as-of", "2026-06-30", "-f", "json").rows
    }
    assert found["USD"] == 1.08
    assert found["GBP"] == 0.85
    assert rates(segcli, text, "--again")["unchanged"] == count
    assert segcli("import", "rates.csv", "--again").status == 0  # recognised without being told


def test_rates_against_the_euro_serve_an_administration_in_dollars(segcli: Run, database: Path) -> None:
    segcli("init", "--currency", "USD")
    rates(segcli, HISTORY)
    found = {row["currency"]: Decimal(str(row["rate"])) for row in segcli("rates", "list", "-f", "json").rows}
    wanted = {
        "EUR": 1 / Decimal("1.08"),
        "GBP": Decimal("0.85") / Decimal("1.08"),
        "JPY": Decimal("160.10") / Decimal("1.08"),
    }
    assert found.keys() == wanted.keys()
    assert all(abs(found[name] - wanted[name]) < Decimal("1e-12") for name in wanted)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("date,currency,rate\n2026-01-01,USD,0\n", "r.csv:2:rate: '0': a rate is above 0"),
        ("date,currency,rate\n2026-01-01,USD,-1\n", "a rate is above 0"),
        ("date,currency,rate\n2026-01-01,EUR,1.1\n", "EUR is the administration's own currency"),
        ("date,currency,rate\n2026-13-01,USD,1.1\n", "r.csv:2:date"),
        ("date,currency,rate\n2026-01-01,USD,1.1\n2026-01-01,USD,1.2\n", "line 2"),
        ("date,currency,rate,base_currency\n2026-01-01,USD,1.1,GBP\n", "the file has no rate of EUR on that day"),
        ("Date,USD,JPY,\n2026-01-32,1.1,150,\n", "r.csv:2:Date: '2026-01-32' is not a date"),
        ("Date,USD,JPY,\n2026-01-31,x,150,\n", "r.csv:2"),
    ],
)
def test_a_wrong_rate_is_refused_and_nothing_comes_in(segcli: Run, empty: Path, text: str, says: str) -> None:
    Path("r.csv").write_text(text)
    done = segcli("rates", "import", "r.csv")
    assert (done.status, says in done.err) == (1, True), done.err
    assert segcli("rates", "list", "-f", "json").rows == []


@pytest.mark.parametrize(
    ("amount", "currency", "rate", "base", "wanted"),
    [
        (10_800, "USD", "1.08", "EUR", 10_000), (16_010, "JPY", "160.10", "EUR", 10_000), (1, "KWD", "0.33", "EUR", 0),
        (1_000, "KWD", "0.33", "EUR", 303), (100, "EUR", "0.00625", "JPY", 160), (-125, "USD", "1", "EUR", -125), (5, "USD", "10", "EUR", 1),
        (-5, "USD", "10", "EUR", -1), (200_000, "USD", "200000/180000", "EUR", 180_000), (1, "USD", "3/-2", "EUR", -1), (0, "USD", "0.5", "EUR", 0),
    ],
)  # fmt: skip
def test_amounts_are_converted_exactly(amount: int, currency: str, rate: str, base: str, wanted: int) -> None:
    assert sql_functions.in_base(amount, currency, rate, base) == wanted


# ------------------------------------------------------------------------------------------------------- one revenue
HEADS = "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount\n"


def test_an_invoice_without_lines_counts_with_its_net(segcli: Run, empty: Path) -> None:
    load(
        segcli,
        a=ACCOUNTS,
        i=HEADS
        + "1,2026-05-01,A1,processed,EUR,100.00,21.00,121.00\n2,2026-05-01,A1,processed,EUR,-30.00,-6.30,-36.30\n",
    )
    (row,) = shown(segcli, "sales-analysis", "--group-by", "item")
    assert (row["item"], row["revenue"], row["cost"], row["margin"], row["invoices"], row["uncosted"]) == (
        None,
        70,
        None,
        None,
        2,
        2,
    )
    assert shown(segcli, "account-overview")[0]["turnover"] == 70
    assert codes(segcli, "turnover = 70") == ["A1"]
    assert codes(segcli, "margin is empty") == ["A1"]
    assert segcli("score", "abc", "-f", "json").rows[0]["amount"] == 70
    # Its lines take its place when they come; a difference from its head is told in money.
    lines = "invoice_number,line,item,description,quantity,unit_price,cost_amount,vat_percent\n1,1,,x,1,90,50,21\n"
    Path("l.csv").write_text(lines)
    done = segcli("import", "l.csv", "-f", "json")
    assert "the sales invoice 1 is 100.00 EUR net, its lines add up to 90.00 EUR" in done.rows[0]["notes"]
    (row,) = shown(segcli, "sales-analysis")
    assert (row["revenue"], row["cost"], row["margin"], row["uncosted"]) == (
        60,
        50,
        40,
        1,
    )  # 90 - 50; of -30 nobody knows
    assert shown(segcli, "account-overview")[0]["turnover"] == 60
    checked = {row["check"]: row for row in segcli("check", "-f", "json").rows}
    assert checked["invoice lines"]["result"] == "warning"
    assert "100.00 EUR" in checked["invoice lines"]["detail"]


def test_one_cent_is_the_same_everywhere(segcli: Run, empty: Path) -> None:
    """EN 16931 BR-CO-10: lines of 1.143 and 1.9236 are 1.14 and 1.92, and the invoice is 3.06."""
    Path("cfg.yaml").write_text("letters:\n  name: F\ninvoices:\n  ubl: no\n")
    lines = "".join(f"{n},1,a,0.45,2.54,6\n{n},2,b,0.28,6.87,6\n" for n in ("P1", "P2", "O1"))
    load(
        segcli,
        a=ACCOUNTS,
        i="invoice_number,invoice_date,account,status,currency\nP1,2026-06-01,A1,processed,EUR\nP2,2026-06-02,A1,processed,EUR\nO1,2026-06-03,A1,open,EUR\n",
        l=f"invoice_number,line,description,quantity,unit_price,vat_percent\n{lines}",
    )
    assert [row["net_amount"] for row in shown(segcli, "invoice-history")] == [3.06] * 3
    assert [
        row["net_amount"] for row in segcli("--config", "cfg.yaml", "run", "print-invoices", "--all", "-f", "json").rows
    ] == [3.06]
    assert [row["revenue"] for row in shown(segcli, "sales-analysis", "--period", "2026")] == [6.12]
    assert [
        row["revenue"] for row in shown(segcli, "sales-analysis", "--from", "2026-05-02", "--group-by", "account,month")
    ] == [6.12]
    assert shown(segcli, "account-overview")[0]["turnover"] == 6.12


RATES = {"EUR": Decimal(1), "USD": Decimal("1.0833"), "JPY": Decimal("161.37")}
_AMOUNT = st.integers(-100_000, 100_000)
_INVOICE = st.tuples(
    st.sampled_from(("A1", "A2", "A3")), st.sampled_from(tuple(RATES)), st.integers(1, 28), _AMOUNT,
    st.lists(st.tuples(_AMOUNT, st.sampled_from(("X", "Y", ""))), max_size=4),
)  # fmt: skip


def in_euros(minor: int, currency: str) -> Decimal:
    """Return what so many minor units are in cents, unrounded."""
    return Decimal(minor) * (100 if currency == "JPY" else 1) / RATES[currency]


def text(minor: int, currency: str) -> str:
    return str(minor) if currency == "JPY" else f"{Decimal(minor) / 100:.2f}"


@pytest.mark.repeats
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(invoices=st.lists(_INVOICE, min_size=1, max_size=12))
def test_revenue_is_the_same_by_every_path(segcli: Run, database: Path, invoices: list[Any]) -> None:
    """Three currencies, heads with and without lines, credits: analysis, turnover, score, history, SQL and arithmetic."""
    for path in database.parent.glob("test.db*"):
        path.unlink()
    assert segcli("init").status == 0
    heads, lines, wanted = (
        [HEADS],
        ["invoice_number,line,item,description,quantity,net_amount,vat_percent\n"],
        Decimal(0),
    )
    for number, (account, currency, day, net, parts) in enumerate(invoices, 1):
        total = sum(amount for amount, _ in parts) if parts else net
        heads.append(
            f"{number},2026-06-{day:02},{account},processed,{currency},{text(total, currency)},0,{text(total, currency)}\n"
        )
        lines += [
            f"{number},{at},{item},x,1,{text(amount, currency)},0\n" for at, (amount, item) in enumerate(parts, 1)
        ]
        wanted += in_euros(total, currency)
    rates(segcli, "date,currency,rate\n" + "".join(f"2026-05-31,{c},{r}\n" for c, r in RATES.items() if c != "EUR"))
    load(
        segcli,
        a=ACCOUNTS,
        t="item,description\nX,x\nY,y\n",
        i="".join(heads),
        **({"l": "".join(lines)} if len(lines) > 1 else {}),
    )
    euros = wanted.quantize(Decimal(1), ROUND_HALF_UP) / 100

    def total_of(rows: Iterable[dict[str, Any]], column: str = "revenue") -> Decimal:
        return sum((Decimal(str(row[column])) for row in rows), Decimal(0))

    with connected(database) as db:
        (fine,) = db.execute("SELECT coalesce(sum(base_net_amount), 0) FROM invoice_summary").fetchone()
        (own,) = db.execute("SELECT sum(base_revenue_amount) FROM invoice").fetchone()
    assert fine == own
    assert abs(Decimal(fine) / 10_000 - wanted) < Decimal("0.01")
    base = ("sales-analysis", "--base-currency")
    assert total_of(shown(segcli, *base, "--group-by", "year")) == euros or abs(
        Decimal(fine) / 10_000 % 1 - Decimal("0.5")
    ) < Decimal("0.01")
    (year,) = shown(segcli, *base, "--group-by", "year")
    exact = Decimal(str(year["revenue"]))
    for words in (("--group-by", "month"), ("--group-by", "year", "--from", "2026-06-01", "--to", "2026-06-29"), ("--group-by", "quarter", "--role", "invoice-to")):  # fmt: skip
        assert total_of(shown(segcli, *base, *words)) == exact, words
    for dimension in ("item", "account", "country", "class1"):  # each group is rounded once
        assert abs(total_of(shown(segcli, *base, "--group-by", dimension)) - exact) <= CENT * 2, dimension
    accounts = {row["account"]: Decimal(str(row["revenue"])) for row in shown(segcli, *base, "--group-by", "account")}
    overview = {row["account"]: Decimal(str(row["turnover"])) for row in shown(segcli, "account-overview")}
    scored = {row["account"]: Decimal(str(row["amount"])) for row in segcli("score", "abc", "-f", "json").rows}
    for account, amount in accounts.items():
        assert overview[account] == scored[account] == amount
        assert (
            codes(
                segcli,
                f"turnover = {amount}" if amount >= 0 else f"turnover < {amount + CENT} and turnover > {amount - CENT}",
            ).count(account)
            == 1
        )
    for currency in RATES:
        history = total_of(
            (row for row in shown(segcli, "invoice-history") if row["currency"] == currency), "net_amount"
        )
        assert history == total_of(row for row in shown(segcli, "sales-analysis") if row["currency"] == currency)
    assert segcli("check").status == 0


def test_the_customers_of_the_example_in_other_currencies_have_turnover(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        foreign = dict(db.execute(
            """SELECT a.code, sum(i.net_amount * CASE i.currency WHEN 'JPY' THEN 100 ELSE 1 END / (SELECT CAST(r.rate AS REAL) FROM exchange_rate AS r
                 WHERE r.currency = i.currency AND r.rate_date <= i.invoice_date ORDER BY r.rate_date DESC LIMIT 1))
                 FROM invoice AS i JOIN account AS a ON a.id = i.account_id WHERE i.currency <> 'EUR' AND i.status = 'processed'
                  AND i.invoice_date BETWEEN '2025-07-01' AND '2026-06-30' GROUP BY a.id"""
        ))  # fmt: skip
    found = {row["account"]: row["turnover"] for row in shown(segcli, "account-overview", "--inactive")}
    assert len(foreign) > 5
    for account, cents in foreign.items():
        assert abs(float(found[account]) - cents / 100) < 0.01, account
    assert "unconverted" not in shown(segcli, "account-overview")[0]


def test_an_invoice_in_dollars_is_owed_and_booked_at_the_rate_of_its_day(segcli: Run, empty: Path) -> None:
    Path("cfg.yaml").write_text("letters:\n  name: F\ninvoices:\n  ubl: no\n  journal: '70'\n")
    load(
        segcli,
        a=ACCOUNTS,
        i="invoice_number,invoice_date,account,status,currency\nD1,2026-06-01,A1,open,USD\n",
        l="invoice_number,line,description,quantity,unit_price,vat_percent\nD1,1,x,1,100.01,21\n",
    )
    rates(segcli, "date,currency,rate\n2026-06-30,USD,1.5\n")
    words = (
        "--config",
        "cfg.yaml",
        "run",
        "print-invoices",
        "--all",
        "--apply",
        "--yes",
        "--as-of",
        "2026-06-30",
        "--folder",
        "out",
    )
    done = segcli(*words)
    assert done.status == 0, done.err
    lines = shown(segcli, "transaction-search", "--columns", "gl_account,amount,currency,foreign_amount")
    assert sum(Decimal(str(row["amount"])) for row in lines) == 0
    assert sorted(Decimal(str(row["amount"])) for row in lines) == [
        Decimal("-66.67"),
        Decimal("-14.00"),
        Decimal("80.67"),
    ]
    assert shown(segcli, "account-overview")[0]["outstanding"] == 80.67  # 121.01 / 1.5
    assert segcli("show", "debtor-ageing", "--base-currency").err == ""


def test_an_invoice_without_a_rate_is_processed_and_named_as_not_booked(segcli: Run, empty: Path) -> None:
    Path("cfg.yaml").write_text("letters:\n  name: F\ninvoices:\n  ubl: no\n  journal: '70'\n")
    load(
        segcli,
        a=ACCOUNTS,
        i="invoice_number,invoice_date,account,status,currency\nD1,2026-06-01,A1,open,USD\nD2,2026-06-01,A1,open,EUR\n",
        l="invoice_number,line,description,quantity,unit_price,vat_percent\nD1,1,x,1,100,21\nD2,1,x,1,100,21\n",
    )
    done = segcli("--config", "cfg.yaml", "run", "print-invoices", "--all", "--apply", "--yes", "--folder", "out")
    assert done.status == 5
    assert "invoice D1: not booked in journal 70: no rate of USD is known" in done.err
    assert "1 of 2 processed only in part" in done.err
    assert {row["invoice_number"] for row in shown(segcli, "transaction-search", "--columns", "invoice_number")} == {
        "D2"
    }
    assert {row["invoice_number"] for row in shown(segcli, "outstanding-items")} == {"D1", "D2"}
