"""Imports: values of which a file does not say for certain what they mean."""

from pathlib import Path

import pytest
import xlsxwriter
from conftest import Run, connected
from import_case import bring

HEAD = "account;name;start date\n"


def starts(empty: Path) -> list[object]:
    """Return the stored start dates, by account."""
    with connected(empty) as db:
        return [day for (day,) in db.execute("SELECT start_date FROM account ORDER BY code")]


@pytest.mark.parametrize("first_is_proof", [False, True], ids=["proof last", "proof first"])
def test_a_date_with_another_separator_than_the_proof_is_refused(
    segcli: Run, empty: Path, *, first_is_proof: bool
) -> None:
    lines = ["1;A;5-1-2026\n", "2;B;1/13/2026\n"]
    done = bring(segcli, HEAD + "".join(reversed(lines) if first_is_proof else lines))
    assert done.status == 1
    line = 3 if first_is_proof else 2
    assert f"f.csv:{line}:start date" in done.err
    assert "'5-1-2026'" in done.err
    assert "another separator than 1/13/2026" in done.err
    assert "--dates dmy or --dates mdy" in done.err
    assert starts(empty) == []


def test_the_user_says_the_order_of_two_separators(segcli: Run, empty: Path) -> None:
    assert bring(segcli, HEAD + "1;A;5-1-2026\n2;B;1/13/2026\n", "--dates", "mdy").status == 0
    assert starts(empty) == ["2026-05-01", "2026-01-13"]


def test_a_sure_date_with_another_separator_is_taken(segcli: Run, empty: Path) -> None:
    assert bring(segcli, HEAD + "1;A;31-1-2026\n2;B;30/1/2026\n").status == 0
    assert starts(empty) == ["2026-01-31", "2026-01-30"]


def test_dates_of_two_orders_are_asked_for_even_if_wrong_rows_are_skipped(segcli: Run, empty: Path) -> None:
    content = HEAD + "1;A;13/1/2026\n2;B;2/3/2026\n3;C;1/14/2026\n"
    done = bring(segcli, content, "--on-error", "skip")
    assert done.status == 1
    assert "two orders" in done.err
    assert "f.csv:4:start date" in done.err
    assert "13/1/2026" in done.err
    assert starts(empty) == []
    assert bring(segcli, content, "--on-error", "skip", "--dates", "dmy").status == 5
    assert starts(empty) == ["2026-01-13", "2026-03-02"]


def test_numbers_that_a_workbook_shows_with_zeros_keep_them(segcli: Run, empty: Path) -> None:
    with xlsxwriter.Workbook("z.xlsx") as book:
        sheet = book.add_worksheet("A & B")
        five = book.add_format({"num_format": "00000"})
        ten = book.add_format({"num_format": "0000000000", "bold": True})
        plain = book.add_format({"num_format": "0.00"})
        for at, name in enumerate(("account", "name", "postcode", "phone", "credit limit"), 1):  # column A is empty
            sheet.write(0, at, name)
        for row, (code, name, postcode, phone) in enumerate(
            [(7, "A", 1067, 201234567), (12345, "B", 99998, 31201234567)], 1
        ):
            sheet.write(row, 1, code, five)
            sheet.write(row, 2, name, five)
            sheet.write(row, 3, postcode, five)
            sheet.write(row, 4, phone, ten)
            sheet.write(row, 5, 100.5, plain)
        sheet.write(3, 1, "8")
        sheet.write(3, 2, "C")
        sheet.write(3, 3, 1067)  # without a format
    done = segcli("import", "z.xlsx")
    assert done.status == 0
    assert done.err == "z.xlsx: postcode: there are numbers in this sheet: did Excel drop leading zeros?\n"
    with connected(empty) as db:
        assert db.execute("SELECT code, postcode, phone, credit_limit FROM account ORDER BY name").fetchall() == [
            ("00007", "01067", "0201234567", 10050),
            ("12345", "99998", "31201234567", 10050),
            ("8", "1067", None, None),
        ]


ITEMS = "account,name,invoice number,invoice date,amount\nD1,A,F1,2026-01-31,100.00\nD2,B,F2,2026-01-31,21.00\n"


@pytest.mark.parametrize("again", [False, True], ids=["into empty tables", "staged"])
def test_a_total_that_differs_from_its_column_is_told(segcli: Run, empty: Path, *, again: bool) -> None:
    if again:
        assert bring(segcli, ITEMS, "--create-missing", name="before.csv").status == 0
    done = bring(segcli, ITEMS + "Total,,,,999.00\n", "--create-missing", "--quiet")
    assert done.status == 0
    assert "f.csv: line 4: the total of amount is 999.00, but the rows add up to 121.00" in done.err


def test_totals_that_are_right_are_not_told(segcli: Run, empty: Path) -> None:
    assert bring(segcli, ITEMS + "Total,,,,121.00\n", "--create-missing").err == ""
    grouped = ITEMS + "Total,,,,121.00\nD3,C,F3,2026-01-31,9.00\nTotal,,,,9.00\n"
    assert bring(segcli, grouped, "--create-missing", name="g.csv").err == ""
    assert bring(segcli, grouped + "Grand Total,,,,130.00\n", "--create-missing", name="h.csv").err == ""


def test_a_total_says_nothing_of_rows_that_were_rejected(segcli: Run, empty: Path) -> None:
    done = bring(segcli, ITEMS + "D3,C,F3,2026-02-31,9.00\nTotal,,,,130.00\n", "--create-missing", "--on-error", "skip")
    assert done.status == 5
    assert "add up to" not in done.err


def test_twenty_unread_columns_are_named(segcli: Run, empty: Path) -> None:
    names = [f"zzq{number}" for number in range(1, 23)]
    done = bring(segcli, f"account,name,{','.join(names)}\n1,A{',x' * 22}\n")
    assert f"not read: {', '.join(names[:20])} and 2 more: --explain lists them" in done.err
