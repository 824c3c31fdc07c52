"""--limit: the rows are the first ones, the totals are those of all rows, and people are told how many there are."""

import io
import itertools
import re
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, connected
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from segcli.base import money
from segcli.cli import main
from segcli.domain import row_totals
from segcli.domain.table import Column, Table, Whole
from segcli.importing.readers import open_source
from segcli.importing.readers import workbook as reader
from segcli.output.render import Style, xlsx

OPEN = """SELECT currency, sum(amount), count(*) FROM (
  SELECT i.currency, i.amount - coalesce((SELECT sum(l.amount) FROM allocation l
    WHERE l.item_id = i.id AND l.allocation_date <= '2026-06-30'), 0) AS amount
  FROM outstanding_item i WHERE i.invoice_date <= '2026-06-30'
  UNION ALL SELECT i.currency, -sum(l.amount) FROM outstanding_item i JOIN allocation l ON l.item_id = i.id
  WHERE i.invoice_date > '2026-06-30' AND l.allocation_date <= '2026-06-30' GROUP BY i.id)
 WHERE amount <> 0 GROUP BY currency ORDER BY currency"""
PEOPLE = ("table", "plain", "md", "html", "vertical")


@pytest.fixture(name="open_")
def _open(example: Path) -> list[tuple[str, int, int]]:
    """Return what is open per currency and how many items that is, by plain SQL."""
    with connected(example) as db:
        found = db.execute(OPEN).fetchall()
    assert [row[0] for row in found] == ["EUR", "GBP", "JPY", "USD"]
    return found


@pytest.mark.parametrize("form", PEOPLE)
def test_totals_are_those_of_all_rows(segcli: Run, open_: list[tuple[str, int, int]], form: str) -> None:
    shown = segcli("show", "outstanding-items", "--limit", 5, "--columns", "account,currency,open", "-f", form).out
    assert f"5 of {sum(row[2] for row in open_)} rows" in shown
    for currency, amount, _ in open_:
        found = re.search(rf"Total {currency}[^0-9]*({re.escape(money.to_human(amount, currency))})\b", shown)
        assert found, (currency, shown)


def test_a_document_on_paper_has_them_too(segcli: Run, open_: list[tuple[str, int, int]]) -> None:
    assert segcli("show", "outstanding-items", "--limit", 5, "-o", "x.pdf").status == 0
    text = "".join(page.extract_text() for page in PdfReader("x.pdf").pages)
    assert f"5 of {sum(row[2] for row in open_)} rows" in text
    figures = re.sub(r"\s", "", text)
    assert all(money.to_human(amount, currency) in figures for currency, amount, _ in open_)


def test_the_first_row_alone_is_not_its_own_total(segcli: Run, open_: list[tuple[str, int, int]]) -> None:
    cards = segcli("show", "outstanding-items", "--limit", 1, "-f", "vertical").out
    assert money.to_human(open_[0][1], "EUR") in cards
    none = segcli("show", "outstanding-items", "--limit", 0, "-f", "md").out
    assert money.to_human(open_[0][1], "EUR") in none
    assert "0 of 257 rows" in none


@pytest.mark.parametrize("form", ["tsv", "csv", "json", "jsonl"])
def test_machines_get_rows_and_nothing_is_counted_for_them(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    whole = segcli("show", "outstanding-items", "-f", "jsonl").out.splitlines()
    monkeypatch.setattr(row_totals, "whole", lambda *_: pytest.fail("all rows were added up"))
    done = segcli("show", "outstanding-items", "--limit", 5, "-f", form)
    assert (done.status, done.err) == (0, "")
    if form == "jsonl":
        assert done.out.splitlines() == whole[:5]
    assert len(done.rows if form == "json" else done.out.splitlines()) == 5 + (form in {"tsv", "csv"})


def test_without_totals_nothing_is_counted(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_totals, "whole", lambda *_: pytest.fail("all rows were added up"))
    shown = segcli("show", "outstanding-items", "--limit", 5, "--no-totals", "-f", "md").out
    assert "Total" not in shown


def test_a_limit_that_leaves_nothing_out_changes_nothing(segcli: Run, example: Path) -> None:
    for words in (("outstanding-items",), ("debtor-ageing", "--group-by", "class1")):
        assert segcli("show", *words, "--limit", 5000, "-f", "md").out == segcli("show", *words, "-f", "md").out


def _footer(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("| Total")]


COMMANDS = [("show", name) for name in main.root().find("show").names()]  # type: ignore[union-attr]
COMMANDS += [("show", name, "--group-by", "class1") for _, name in COMMANDS]
COMMANDS += [("run", name) for name in main.root().find("run").names()]  # type: ignore[union-attr]
COMMANDS += [("score", name) for name in ("abc", "rfm", "growth", "lifecycle", "churn", "lifetime")]
MORE = {
    "link-entry-template": ("RENT", "--all"),
    "link-price-list": ("RETAIL", "--all"),
    "update-subscription-prices": ("--percent", "5", "--from", "2026-08-01"),
    "growth": ("--window", "3m"),
}


@pytest.mark.repeats
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_table_has_the_totals_of_all_its_rows(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """The lines of totals are those of the table without a limit, added up row by row; its rows are the first ones."""
    found: list[Whole] = []
    read = row_totals.whole
    monkeypatch.setattr(row_totals, "whole", lambda *given, **named: found.append(read(*given, **named)) or found[-1])
    words = (*words, *MORE.get(words[1], ()))
    whole, part = segcli(*words, "-f", "csv", "--no-totals"), segcli(*words, "--limit", 1, "-f", "csv")
    assert (whole.status, part.status) == (0, 0)
    count = len(_rows(whole.out))
    assert _rows(part.out) == _rows(whole.out)[:1]
    shown, every = (segcli(*words, *limit, "-f", "jsonl").out.splitlines() for limit in (("--limit", 1), ()))
    assert shown == every[:1]
    shown_, every_ = (segcli(*words, *limit, "-f", "md").out for limit in (("--limit", 1), ()))
    assert [_cells(line) for line in _footer(shown_)] == [_cells(line) for line in _footer(every_)]
    assert (f"1 of {count} rows" in shown_) == (count > 1)
    assert [whole.rows for whole in found] == [count]


def _rows(text: str) -> list[list[str]]:
    import csv

    return list(csv.reader(io.StringIO(text)))[1:]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


# ------------------------------------------------------------------------------------------------------ workbooks
def sheet(path: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)


def formulas(path: str) -> list[str]:
    with zipfile.ZipFile(path) as book:
        return re.findall("<f>(.*?)</f>", book.read("xl/worksheets/sheet1.xml").decode())


def test_a_workbook_has_the_totals_of_all_rows_as_numbers(segcli: Run, open_: list[tuple[str, int, int]]) -> None:
    segcli("show", "outstanding-items", "--limit", 5, "-o", "x.xlsx", "--columns", "account,currency,open")
    rows = sheet("x.xlsx")
    label = f"(5 of {sum(row[2] for row in open_)} rows)"
    assert len(rows) == 1 + 5 + 4
    assert rows[-4:] == [
        [f"Total {currency} {label}", "", pytest.approx(amount / 10 ** money.exponent(currency), abs=1e-9)]
        for currency, amount, _ in open_
    ]
    assert formulas("x.xlsx") == []


def test_a_workbook_has_totals_as_formulas(segcli: Run, open_: list[tuple[str, int, int]]) -> None:
    segcli("show", "outstanding-items", "-o", "x.xlsx", "--columns", "account,currency,open")
    rows = sheet("x.xlsx")
    count = sum(row[2] for row in open_)
    assert len(rows) == 1 + count + 4
    assert rows[-4:] == [
        [f"Total {currency}", "", pytest.approx(amount / 10 ** money.exponent(currency), abs=1e-9)]
        for currency, amount, _ in open_
    ]
    assert formulas("x.xlsx") == [
        f'SUMIFS($C$2:$C${count + 1},$B$2:$B${count + 1},"{currency}")' for currency, _, _ in open_
    ]
    segcli("show", "outstanding-items", "-o", "y.xlsx", "--columns", "account,currency,open", "--no-totals")
    assert sheet("y.xlsx") == rows[:-4]
    assert formulas("y.xlsx") == []


def test_the_sheet_of_a_report_is_that_of_show(segcli: Run, example: Path) -> None:
    words = "outstanding-items --columns account,currency,open --class1 N"
    for limit in ("", " --limit 3"):
        Path("r.yaml").write_text(f"files:\n- {{file: r.xlsx, show: '{words}{limit}'}}\n")
        assert segcli("report", "r.yaml", "--folder", ".").status == 0
        assert segcli("show", *words.split(), *limit.split(), "-o", "s.xlsx").status == 0
        assert sheet("r.xlsx") == sheet("s.xlsx")
        assert formulas("r.xlsx") == formulas("s.xlsx")


def test_parts_of_a_report_have_the_totals_of_all_rows(segcli: Run, open_: list[tuple[str, int, int]]) -> None:
    """A score between them is temporary: what all rows come to is worked out before it goes."""
    Path("r.yaml").write_text(
        "files:\n- file: r.html\n  parts:\n  - {show: outstanding-items --limit 5, title: Open}\n"
        "  - {score: abc --limit 2, title: ABC}\n  - {score: rfm --limit 3, title: RFM}\n"
    )
    assert segcli("report", "r.yaml", "--folder", ".").status == 0
    text = Path("r.html").read_text()
    every = len(segcli("score", "abc", "-f", "tsv").table) - 1
    assert [word in text for word in (f"2 of {every} rows", f"3 of {every} rows", "5 of 257 rows")] == [True] * 3
    assert money.to_human(open_[0][1], "EUR") in text


@pytest.mark.parametrize("limit", [(), ("--limit", 5)])
def test_totals_of_our_own_workbooks_are_no_rows_of_an_import(
    segcli: Run, example: Path, limit: tuple[str, ...]
) -> None:
    segcli("show", "outstanding-items", *limit, "-o", "x.xlsx")
    done = segcli("import", "x.xlsx", "-f", "json")
    (found,) = done.rows
    assert done.status == 0
    assert sum(found[name] for name in ("added", "changed", "unchanged")) == (5 if limit else 257)


def test_a_row_that_is_called_total_is_a_row_where_no_export_says_otherwise(segcli: Run, empty: Path) -> None:
    made = Table("It's", (Column("account", "code"), Column("name")), [("Total EUR", "A"), ("Total", "B")])
    with Path("x.xlsx").open("wb") as file:
        xlsx.render(made, file, Style())
    assert segcli("import", "x.xlsx", "-f", "json").rows[0]["added"] == 2


def test_totals_are_known_on_each_sheet_of_a_pack(segcli: Run, empty: Path) -> None:
    columns = (Column("account", "code"), Column("name"), Column("sum", "integer", total="sum"))
    packed = [Table(title, columns, [(title, "A", 1), (f"{title}2", "B", 2)]) for title in ("It & <co>!", "Ünï 1", "C")]
    with Path("x.xlsx").open("wb") as file:
        assert xlsx.book(packed, file, Style()) == [2, 2, 2]
    blocks = {block.name: [cells for _, cells in block.rows] for block in reader.read(open_source("x.xlsx"))}
    assert [len(rows) for name, rows in blocks.items() if name != "Contents"] == [2, 2, 2]


# ---------------------------------------------------------------------------------------------------- the figures
COLUMNS = (Column("currency"), Column("open", "money", total="sum"), Column("note"), Column("n", "integer", total="sum"),
           Column("weight", "decimal", total="sum"))  # fmt: skip
AMOUNTS = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))
CODES = st.sampled_from(["EUR", "JPY", "", None])


@given(
    st.lists(st.tuples(CODES, AMOUNTS, AMOUNTS, st.one_of(st.none(), st.sampled_from([0.5, 1.25, -2.0]))), max_size=8),
    st.integers(0, 9),
)
def test_sums_are_exact_at_any_size(
    rows: list[tuple[str | None, int | None, int | None, float | None]], limit: int
) -> None:
    sql = row_totals.select("SELECT currency, open, n, weight FROM t", COLUMNS, "currency")
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE t (currency, open, n, weight)")
        db.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)
        found = row_totals.whole(db.execute(sql, {"home_currency": "EUR"}), COLUMNS, limit)

    def added(code: str, at: int) -> Any:
        cells: list[Any] = [row[at] for row in rows if (row[0] or "EUR") == code and row[at] is not None]
        return sum(cells) if cells else None

    codes = {row[0] or "EUR" for row in rows}
    assert found == Whole(
        min(limit, len(rows)), len(rows), {c: [None, added(c, 1), None, added(c, 2), added(c, 3)] for c in codes}
    )


def test_without_money_there_is_one_total() -> None:
    columns = (Column("currency"), Column("n", "integer", total="sum"))
    sql = row_totals.select("SELECT 'USD' AS currency, 2 AS n UNION ALL SELECT 'JPY', 3", columns, "currency")
    with closing(sqlite3.connect(":memory:")) as db:
        assert row_totals.whole(db.execute(sql, {"home_currency": "EUR"}), columns, 1).sums == {"EUR": [None, 5]}


# ------------------------------------------------------------------------------------------- amounts of currencies
@pytest.mark.parametrize("sign", ["", "-"])
def test_items_are_sorted_by_their_amount_in_the_administrations_currency(
    segcli: Run, example: Path, sign: str
) -> None:
    """So many yen are not more than as many euros; an item without a rate comes last, whichever the direction."""
    with connected(example) as db:
        db.execute("UPDATE outstanding_item SET base_amount = NULL WHERE currency = 'USD' AND id % 2")
        db.commit()
        direction = "DESC" if sign else "ASC"
        wanted = db.execute(
            f"""SELECT id FROM outstanding_item WHERE invoice_date <= '2026-06-30' AND open_amount <> 0
                AND id NOT IN (SELECT item_id FROM allocation WHERE allocation_date > '2026-06-30')
                ORDER BY base_amount IS NULL, base_amount {direction}, currency <> 'EUR', currency, amount {direction}, id"""
        ).fetchall()
        later = db.execute("SELECT item_id FROM allocation WHERE allocation_date > '2026-06-30'").fetchall()
    words = ("show", "outstanding-items", "--columns", "item_id", "--sort", f"{sign}amount,item_id")
    found = [row for row in (tuple(row.values()) for row in segcli(*words, "-f", "json").rows) if row not in set(later)]
    assert found == wanted
    assert segcli(*words, "--limit", 7, "-f", "json").rows == segcli(*words, "-f", "json").rows[:7]


def test_amounts_are_sorted_by_what_they_are_at_the_rate_of_the_day(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        rates = dict(
            db.execute("SELECT currency, CAST(rate AS REAL) FROM exchange_rate WHERE rate_date = '2026-06-01'")
        )
    words = ("show", "invoice-history", "--columns", "currency,total_amount", "--sort", "-total_amount", "-f", "json")
    rows = segcli(*words, "--as-of", "2026-06-30").rows
    euros = [float(row["total_amount"]) / rates.get(str(row["currency"]), 1) for row in rows]
    assert {row["currency"] for row in rows[:200]} == {"EUR", "GBP", "JPY", "USD"}
    assert all(after <= before + 0.011 for before, after in itertools.pairwise(euros))


def test_amounts_without_a_rate_are_sorted_within_their_currency(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        db.execute("DELETE FROM exchange_rate")
        db.commit()
    for sign, direction in (("", "ASC"), ("-", "DESC")):
        with connected(example) as db:
            wanted = db.execute(
                f"""SELECT currency, total_amount FROM invoice WHERE kind = 'sales' AND invoice_date <= '2026-06-30'
                    ORDER BY currency <> 'EUR', currency, total_amount {direction}"""
            ).fetchall()
        words = ("show", "invoice-history", "--columns", "currency,total_amount", "--sort", f"{sign}total_amount")
        found = [(row["currency"], row["total_amount"]) for row in segcli(*words, "-f", "json").rows]
        assert len({code for code, _ in wanted}) > 2
        assert found == [(code, float(money.to_text(amount, code))) for code, amount in wanted]


def test_another_currency_of_the_administration_comes_first(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        db.execute("UPDATE administration SET currency = 'JPY'")
        db.execute("DELETE FROM exchange_rate")
        db.commit()
    rows = segcli("show", "invoice-history", "--columns", "currency", "--sort", "-total_amount", "-f", "tsv").table[1:]
    codes = list(dict.fromkeys(code for (code,) in rows))
    assert codes == ["JPY", *sorted(set(codes) - {"JPY"})]
