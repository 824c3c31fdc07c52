"""Amounts: exact halves, each currency's decimals, none beyond its bounds, and sums of very many."""

import csv
import io
import json
import os
import random
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pypdf
import pytest
from conftest import Run, connected, fingerprint
from python_calamine import CalamineWorkbook
from two_accounts import items, load

from segcli.actions.link_entry_template import spread

LINES = min(10_000_000, 8_000 * int(os.environ.get("PROMISE_POINTS", "12")))


# ----------------------------------------------------------------------------------------- halves
def away(value: Fraction) -> int:
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def test_a_part_at_a_rate_is_exact_where_a_float_is_not(segcli: Run, empty: Path) -> None:
    """Half of 10,000,000,000,000.01 is 5,000,000,000,000.005, which goes up; by way of a float it went down."""
    load(segcli, "account,invoice_number,invoice_date,due_date,currency,amount,base_amount,open\n"
                 "A,1,2026-01-01,2026-01-31,USD,3.00,10000000000000.01,1.50\n"
                 "A,2,2026-01-01,2026-01-31,USD,-3.00,-10000000000000.01,-1.50\n")  # fmt: skip
    with connected(empty) as db:
        assert db.execute("SELECT base_amount FROM allocation ORDER BY item_id").fetchall() == [
            (500_000_000_000_001,), (-500_000_000_000_001,),
        ]  # fmt: skip


def test_payments_at_an_items_rate_add_up_to_its_base_amount(segcli: Run, empty: Path) -> None:
    """10.00 over three payments is 3.33, 3.33 and what is left; half a cent goes up, and then nothing is left."""
    load(segcli, "account,invoice_number,invoice_date,due_date,currency,amount,base_amount\n"
                 "A,1,2026-01-01,2026-01-31,USD,3.00,10.00\nB,2,2026-01-01,2026-01-31,USD,2.00,0.01\n")  # fmt: skip
    for day in (1, 2, 3):
        second = f"B,2,2026-02-{day:02},1.00\n" if day < 3 else ""
        Path("p.csv").write_text(f"account,invoice_number,allocation_date,amount\nA,1,2026-02-{day:02},1.00\n{second}")
        assert segcli("import", "p.csv").status == 0
    with connected(empty) as db:
        assert db.execute("SELECT item_id, base_amount FROM allocation ORDER BY item_id, allocation_date").fetchall() == [
            (1, 333), (1, 333), (1, 334), (2, 1), (2, 0),
        ]  # fmt: skip


def test_metrics_of_lines_round_halves_of_a_cent_away_from_zero(segcli: Run, empty: Path) -> None:
    lines = {
        "A": ("0.125", "0.13"),
        "B": ("-0.125", "-0.13"),
        "C": ("0.124999", "0.12"),
        "D": ("90000000000.004999", "90000000000.00"),
    }
    load(segcli, "account,name\nC,Gamma\nD,Delta\n",
         "item,description\nX,Thing\n",
         "account,invoice_number,invoice_date,currency\n" + "".join(f"{a},{a},2026-01-31,EUR\n" for a in lines),
         "invoice_number,line_number,item,quantity,unit_price\n" + "".join(f"{a},1,X,1,{price}\n" for a, (price, _) in lines.items()))  # fmt: skip
    for account, (_, amount) in lines.items():
        for sign, is_there in (("=", True), (">", False), ("<", False)):
            found = segcli(
                "show",
                "account-search",
                "--where",
                f"turnover(where item = X) {sign} {amount}",
                "--account",
                account,
                "-f",
                "json",
            )
            assert (found.status, len(found.rows)) == (0, int(is_there)), (account, sign, found.err)


def test_a_hundred_over_three_is_a_hundred() -> None:
    assert spread(10_000, [(None, 1)] * 3) == [3333, 3334, 3333]
    assert spread(-10_000, [(None, 1)] * 3) == [-3333, -3334, -3333]
    assert spread(100, [(None, 1)] * 7) == [14, 15, 14, 14, 14, 15, 14]  # 14.29, 28.57, 42.86, 57.14, 71.43, 85.71, 100


# ----------------------------------------------------------------------------------------- currencies
OWED = {"JPY": ("1235", "-7"), "EUR": ("1234.56", "-0.07"), "KWD": ("1234.567", "-0.007")}
HUMAN = {"1,235", "-7", "1,234.56", "-0.07", "1,234.567", "-0.007"}


@pytest.fixture
def owed(segcli: Run, empty: Path) -> Path:
    """Return a database in which each currency is owed one amount, and one is owed back."""
    rows = (
        f"{'AB'[n]},{code}{n},2026-01-01,2026-01-31,{code},{text}"
        for code, both in OWED.items()
        for n, text in enumerate(both)
    )
    load(segcli, items(*rows))
    return empty


def plain(form: str) -> list[dict[str, str]]:
    """Return what a file of machine values says, numbers as their digits stand there."""
    path = Path(f"o.{form}")
    if form in {"csv", "tsv"}:
        return list(
            csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")), delimiter="\t" if form == "tsv" else ",")
        )
    texts = path.read_text(encoding="utf-8").splitlines() if form == "jsonl" else [path.read_text(encoding="utf-8")]
    found = [json.loads(text, parse_float=str, parse_int=str) for text in texts]
    return found if form == "jsonl" else found[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl"])
def test_machine_formats_have_each_currencys_decimals(segcli: Run, owed: Path, form: str) -> None:
    assert segcli("show", "outstanding-items", "-o", f"o.{form}").status == 0
    found = {(row["currency"], row["account"]): Fraction(row["open"]) for row in plain(form)}
    assert found == {(code, "AB"[n]): Fraction(text) for code, both in OWED.items() for n, text in enumerate(both)}
    if form == "csv":
        assert {row["open"] for row in plain(form)} == {text for both in OWED.values() for text in both}


def test_every_other_format_has_them_too(segcli: Run, owed: Path) -> None:
    arrow = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not here")
    for form in ("xlsx", "parquet", "html", "pdf", "md"):
        assert segcli("show", "outstanding-items", "--columns", "account,currency,open", "-o", f"o.{form}").status == 0
    wanted = sorted((code, Fraction(text)) for code, both in OWED.items() for text in both)
    sheet = CalamineWorkbook.from_path("o.xlsx").get_sheet_by_index(0).to_python()
    cells = [row for row in sheet if len(row) > 2 and row[0] in {"A", "B"}]
    assert sorted((row[1], Fraction(str(row[2]))) for row in cells) == wanted
    rows = arrow.read_table("o.parquet").to_pylist()
    assert sorted((row["currency"], Fraction(row["open"])) for row in rows) == wanted
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader("o.pdf").pages)
    for said in (text, Path("o.html").read_text(encoding="utf-8"), Path("o.md").read_text(encoding="utf-8")):
        assert all(amount in said for amount in HUMAN), said


def test_no_overview_adds_currencies_up(segcli: Run, owed: Path) -> None:
    """A row per currency for each account, and for all of them; with --base-currency what has no rate is said to be missing."""
    for words in (("debtor-ageing",), ("debtor-balance", "--period", "2026"), ("outstanding-items",)):
        amount = {"debtor-ageing": "outstanding", "debtor-balance": "closing", "outstanding-items": "open"}[words[0]]
        found = segcli("show", *words, "-f", "json").rows
        assert len(found) == 6
        sums = segcli("show", *words, "--group-by", "country", "-f", "csv").out
        rows = list(csv.DictReader(io.StringIO(sums)))
        assert {row["currency"]: Fraction(row[amount]) for row in rows} == {
            code: sum(map(Fraction, both)) for code, both in OWED.items()
        }
        assert len(rows) == 3
    ends = [line for line in segcli("show", "debtor-ageing", "-f", "md").out.splitlines() if "Total" in line]
    assert [line.split("|")[1].split()[-1] for line in ends] == ["EUR", "JPY", "KWD"]


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [("JPY", '"1,5"', "JPY has no decimals, this has 1"), ("JPY", "1.50", "JPY has no decimals, this has 2"),
     ("EUR", "0.005", "EUR has 2 decimals, this has 3"), ("KWD", "0.0005", "KWD has 3 decimals, this has 4")],
)  # fmt: skip
def test_more_decimals_than_a_currency_has_are_refused(
    segcli: Run, empty: Path, code: str, text: str, reason: str
) -> None:
    load(segcli)
    before = fingerprint(empty)
    Path("f.csv").write_text(items(f"A,1,2026-01-01,2026-01-31,{code},{text}"))
    sign = ("--decimal", ",") if "," in text else ()
    done = segcli("import", "f.csv", *sign)
    assert (done.status, f"f.csv:2:amount: '{text.strip(chr(34))}': {reason}" in done.err) == (1, True), done.err
    assert fingerprint(empty) == before


@pytest.mark.parametrize(("code", "net"), [("JPY", "100"), ("EUR", "100.00"), ("KWD", "100.000")])
def test_an_invoice_says_the_price_of_one_in_its_currency(segcli: Run, empty: Path, code: str, net: str) -> None:
    """Three for a hundred is a third of it each, whatever decimals the currency has, and so are three that come back."""
    load(segcli, f"account,invoice_number,invoice_date,currency,status\nA,1,2026-01-01,{code},open\n")
    rows = f"1,1,3,{net},10,three\n1,2,3,{net},10,again\n1,3,-3,-{net},10,back\n"
    Path("l.csv").write_text(f"invoice_number,line_number,quantity,net_amount,vat_percent,description\n{rows}")
    assert segcli("import", "l.csv", "--decimal", ".").status == 0
    Path("c.yaml").write_text("letters:\n  name: Example\n")
    words = ("--config", "c.yaml", "--all", "--draft", "--folder", "out")
    assert segcli("run", "print-invoices", *words).status == 0
    (path,) = Path("out").rglob("*.pdf")
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    assert (text.count("33.333333"), text.count("-33.333333")) == (3, 0)
    assert net.replace("100", "110") in text


# ----------------------------------------------------------------------------------------- very large
@pytest.mark.parametrize(
    "text",
    [
        "account,invoice_number,invoice_date,currency,net_amount,vat_amount\nA,1,2026-01-01,EUR,{most},{most}\n",
        "account,invoice_number,invoice_date,due_date,currency,amount,allocated\nA,1,2026-01-01,2026-01-31,EUR,{most},-{most}\n",
        "account,invoice_number,invoice_date,due_date,currency,amount,open\nA,1,2026-01-01,2026-01-31,EUR,{most},-{most}\n",
        "account,invoice_number,invoice_date,due_date,currency,amount,base_amount,open\nA,1,2026-01-01,2026-01-31,USD,0.01,{most},-5.00\n",
        "journal,entry_number,entry_date,gl_account,debit,credit\n7,1,2026-01-01,1300,{most},-{most}\n7,1,2026-01-01,8000,-{most},{most}\n",
        "journal,entry_number,entry_date,gl_account,amount\n7,1,2026-01-01,1300,{most}\n7,1,2026-01-01,8000,{most}\n",
    ],
)
def test_what_is_worked_out_beyond_2_63_is_refused_whole(segcli: Run, empty: Path, text: str) -> None:
    load(segcli)
    before = fingerprint(empty)
    Path("f.csv").write_text(text.format(most="92233720368547758.07"))
    done = segcli("import", "f.csv")
    assert (done.status, done.out) == (1, "")
    assert "larger than can be kept" in done.err
    assert "Traceback" not in done.err
    assert fingerprint(empty) == before


def test_sums_of_sums_beyond_2_63_are_errors_too(segcli: Run, empty: Path) -> None:
    """Opening and movement fit, what they close with does not: sum() says so by itself, + does not."""
    most = "92233720368547758.07"
    load(segcli, "gl_account,description,subledger\n1300,Debtors,debtors\n8000,Sales,\n",
         "journal,entry_number,entry_date,gl_account,account,amount\n"
         + "".join(f"7,{year},{year}-05-05,1300,A,{most}\n7,{year},{year}-05-05,8000,,-{most}\n" for year in (2025, 2026)))  # fmt: skip
    for form in ("csv", "json", "md", "xlsx"):
        done = segcli("show", "debtor-balance", "--ledger", "--period", "2026", "-o", f"o.{form}")
        assert (done.status, "larger than can be kept" in done.err) == (1, True)
        assert not Path(f"o.{form}").exists()
    (row,) = json.loads(
        segcli("show", "debtor-balance", "--ledger", "--period", "2025", "-f", "json").out, parse_float=str
    )
    assert (row["debit"], row["closing"]) == (most, most)


def test_what_recurs_is_exact_at_the_largest_prices(segcli: Run, empty: Path) -> None:
    """90,000,000,000.00 a week is 52 times that a year, and a twelfth of it a month; it was garbage where * made it a float."""
    load(segcli, "subscription,account,start_date,frequency,currency\nM,A,2026-01-01,monthly,EUR\nW,B,2026-01-01,weekly,EUR\n",
         "subscription,line_number,quantity,unit_price\nM,1,1,90000000000\nW,1,-1,90000000000.01\n")  # fmt: skip
    found = list(csv.DictReader(io.StringIO(segcli("show", "subscription-search", "-f", "csv").out)))
    assert [(row["monthly_value"], row["yearly_value"]) for row in found] == [
        ("90000000000.00", "1080000000000.00"),
        ("-390000000000.04", "-4680000000000.52"),  # 390,000,000,000.0433…
    ]


def test_every_digit_beyond_2_53_survives(segcli: Run, empty: Path) -> None:
    """In json and csv as a number of all its digits, xlsx as text; small ones stay numbers in xlsx."""
    load(segcli, items("A,1,2026-01-01,2026-01-31,EUR,90071992547409.93", "A,2,2026-01-01,2026-01-31,EUR,92233720368547758.07",
                       "A,3,2026-01-01,2026-01-31,JPY,-9223372036854775807", "A,4,2026-01-01,2026-01-31,EUR,9999999999999.99"))  # fmt: skip
    wanted = {
        "1": "90071992547409.93",
        "2": "92233720368547758.07",
        "3": "-9223372036854775807",
        "4": "9999999999999.99",
    }
    for form in ("csv", "json", "jsonl", "tsv"):
        assert segcli("show", "outstanding-items", "-o", f"o.{form}").status == 0
        assert {row["invoice_number"]: row["open"] for row in plain(form)} == wanted
    assert segcli("show", "outstanding-items", "--columns", "invoice_number,currency,open", "-o", "o.xlsx").status == 0
    sheet = {
        row[0]: row[2] for row in CalamineWorkbook.from_path("o.xlsx").get_sheet_by_index(0).to_python() if len(row) > 2
    }
    assert {number: sheet[number] for number in "123"} == {number: wanted[number] for number in "123"}  # texts
    assert sheet["4"] == 9999999999999.99
    assert isinstance(sheet["4"], float)


# ----------------------------------------------------------------------------------------- very many
@pytest.mark.repeats
def test_sums_of_very_many_lines_are_right_to_the_cent(segcli: Run, empty: Path) -> None:
    """Plain SQL puts them there, Python's whole numbers add them up by another route."""
    dice, accounts, owed, sold = random.Random(8), 97, Counter[int](), Counter[int]()

    def items_of(count: int) -> Any:
        for n in range(count):
            amount = dice.choice((1, -1)) * dice.randrange(1, 10 ** dice.randrange(1, 12))
            owed[n % accounts + 1] += amount
            yield n % accounts + 1, f"i {n}", f"{n}", "2026-01-01", "2026-01-31", amount, amount, amount

    def lines_of(count: int) -> Any:
        for n in range(count):
            net = dice.choice((1, -1)) * dice.randrange(1, 10 ** dice.randrange(1, 14))
            sold[n % accounts + 1] += net
            yield n % accounts + 1, n + 1, dice.randrange(1, 10**8), net

    with connected(empty) as db:
        db.executemany(
            "INSERT INTO account (id, code, name) VALUES (?, ?, ?)",
            ((n, f"{n:04}", f"N{n}") for n in range(1, accounts + 1)),
        )
        db.executemany("INSERT INTO outstanding_item (account_id, item_key, invoice_number, invoice_date, due_date, currency, amount, base_amount,"
                       " open_amount) VALUES (?, ?, ?, ?, ?, 'EUR', ?, ?, ?)", items_of(LINES // 2))  # fmt: skip
        db.executemany("INSERT INTO invoice (id, kind, account_id, ordered_by_id, deliver_to_id, invoice_number, invoice_date, currency, net_amount,"
                       " vat_amount, total_amount, status) VALUES (?, 'sales', ?, ?, ?, ?, '2026-05-05', 'EUR', 0, 0, 0, 'processed')",
                       ((n, n, n, n, f"{n}") for n in range(1, accounts + 1)))  # fmt: skip
        db.executemany(
            "INSERT INTO invoice_line (invoice_id, line_number, quantity, net_amount) VALUES (?, ?, ?, ?)",
            lines_of(LINES // 2),
        )
        db.commit()
    found = {
        row["account"]: Fraction(row["outstanding"])
        for row in _decimals(segcli("show", "debtor-ageing", "-f", "json").out)
    }
    assert found == {f"{n:04}": Fraction(total, 100) for n, total in owed.items() if total}
    overdue = {
        row["account"]: Fraction(row["days_over_90"])
        for row in _decimals(segcli("show", "debtor-ageing", "-f", "json").out)
    }
    assert overdue == found
    words = (
        "show",
        "sales-analysis",
        "--from",
        "2026-05-01",
        "--to",
        "2026-05-30",
        "-f",
        "json",
    )  # no whole month: from the lines
    revenue = {row["account"]: Fraction(row["revenue"]) for row in _decimals(segcli(*words).out)}
    assert revenue == {f"{n:04}": Fraction(away(Fraction(total, 10_000)), 100) for n, total in sold.items()}
    (one,) = _decimals(segcli(*words, "--group-by", "month").out)
    assert Fraction(one["revenue"]) == Fraction(away(Fraction(sum(sold.values()), 10_000)), 100)


def _decimals(text: str) -> list[dict[str, str]]:
    return json.loads(text, parse_float=str, parse_int=str)  # type: ignore[no-any-return]
