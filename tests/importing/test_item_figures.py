"""What amount, paid and open of a receivable say together; and what is no receivable."""

from pathlib import Path

import pytest
from conftest import Run, connected
from import_case import bring, load

HEAD = "account,invoice_number,invoice_date,currency,"
ROW = "C,{},2026-01-31,{},"


@pytest.fixture(name="account", autouse=True)
def _account(segcli: Run, empty: Path) -> None:
    load(segcli, a="account,name\nC,C\n")


def items(path: Path) -> list[tuple[str, int, int, int | None, int]]:
    """Return number, amount, open, base amount and what is allocated, by plain SQL."""
    with connected(path) as db:
        return db.execute(
            """SELECT i.invoice_number, i.amount, i.open_amount, i.base_amount, coalesce(sum(a.amount), 0)
                 FROM outstanding_item AS i LEFT JOIN allocation AS a ON a.item_id = i.id GROUP BY i.id ORDER BY i.invoice_number"""
        ).fetchall()


def told(segcli: Run, text: str, *words: str, stage: bool = False) -> str:
    """Import receivables, straight into empty tables or through a stage; return what is said of them."""
    if stage:
        load(segcli, b=f"{HEAD}amount\n{ROW.format('B', 'EUR')}1\n")
    done = bring(segcli, text, *words, name="i.csv")
    assert bool(done.err) == bool(done.status)
    return done.err


@pytest.mark.parametrize("stage", [False, True])
def test_paid_and_open_make_up_the_amount(segcli: Run, empty: Path, stage: bool) -> None:
    rows = [("1", "EUR", "100.00", "505.00"), ("2", "EUR", "0", "7"), ("3", "JPY", "40", "60"), ("4", "EUR", "-5", "-20.25"), ("5", "EUR", "", "8")]  # fmt: skip
    text = f"{HEAD}paid,outstanding\n" + "".join(f"{ROW.format(n, c)}{paid},{left}\n" for n, c, paid, left in rows)
    assert told(segcli, text, stage=stage) == ""
    found = [row for row in items(empty) if row[0] != "B"]
    assert [(number, amount, left, paid) for number, amount, left, _, paid in found] == [
        ("1", 60500, 50500, 10000), ("2", 700, 700, 0), ("3", 100, 60, 40), ("4", -2525, -2025, -500), ("5", 800, 800, 0)]  # fmt: skip
    assert [row[3] for row in found] == [60500, 700, None, -2525, 800]
    assert told(segcli, text) == ""  # the same once more changes nothing
    assert [row for row in items(empty) if row[0] != "B"] == found
    assert segcli("check").status == 0


@pytest.mark.parametrize("stage", [False, True])
def test_an_amount_may_be_left_out_row_by_row(segcli: Run, empty: Path, stage: bool) -> None:
    text = f"{HEAD}amount,paid,open\n{ROW.format(1, 'EUR')},1,2\n{ROW.format(2, 'EUR')}9,,4\n{ROW.format(3, 'EUR')}9,4,\n{ROW.format(4, 'EUR')}9,4,5\n"
    assert told(segcli, text, stage=stage) == ""
    found = [(row[0], row[1], row[2]) for row in items(empty) if row[0] != "B"]
    assert found == [("1", 300, 200), ("2", 900, 400), ("3", 900, 500), ("4", 900, 500)]


@pytest.mark.parametrize("stage", [False, True])
def test_figures_that_contradict_each_other_are_named(segcli: Run, empty: Path, stage: bool) -> None:
    text = f"{HEAD}amount,paid,outstanding\n{ROW.format(1, 'EUR')}605.00,100.00,405.00\n{ROW.format(2, 'JPY')}605,100,504\n{ROW.format(3, 'EUR')}605,100,505\n"
    said = told(segcli, text, stage=stage)
    assert "i.csv:2:amount: the amount is 605.00, but paid 100.00 and open 405.00 add up to 505.00" in said
    assert "i.csv:3:amount: the amount is 605, but paid 100 and open 504 add up to 604" in said
    assert [row[0] for row in items(empty)] == (["B"] if stage else [])
    assert "2 rows rejected" in told(segcli, text, "--on-error", "skip", "--rejects", "r.csv")
    assert [row[:3] for row in items(empty) if row[0] != "B"] == [("3", 60500, 50500)]


def test_paid_alone_says_nothing_of_what_is_owed(segcli: Run, empty: Path) -> None:
    said = told(segcli, f"{HEAD}paid,outstanding\n{ROW.format(1, 'EUR')}5,\n")
    assert "this is empty" in said
    Path("i.csv").write_text(f"{HEAD}paid\n{ROW.format(1, 'EUR')}5\n")
    assert segcli("import", "i.csv", "--as", "receivables").status == 1
    assert items(empty) == []


@pytest.mark.parametrize("stage", [False, True])
def test_more_than_can_be_kept_is_refused(segcli: Run, empty: Path, stage: bool) -> None:
    most = "92233720368547758.07"
    said = told(segcli, f"{HEAD}paid,open\n{ROW.format(1, 'EUR')}0.01,{most}\n", stage=stage)
    assert "i.csv:2:open: paid and open add up to more than 9,223,372,036,854,775,807" in said
    assert told(segcli, f"{HEAD}paid,open\n{ROW.format(1, 'EUR')}0,{most}\n") == ""
    assert items(empty)[0][1] == 2**63 - 1


@pytest.mark.parametrize("stage", [False, True])
def test_a_revaluation_belongs_to_the_ledger(segcli: Run, empty: Path, stage: bool) -> None:
    text = f"{HEAD}amount,base_amount\n{ROW.format(1, 'USD')}0,500\n{ROW.format(2, 'USD')}0.00,-0.01\n{ROW.format(3, 'USD')}0,0\n{ROW.format(4, 'USD')}10,9\n"
    said = told(segcli, text, stage=stage)
    assert "i.csv:2:base_amount: 0 in the item's currency (0.00 USD) and 500.00 EUR is a revaluation" in said
    assert "(0.00 USD) and -0.01 EUR" in said
    assert "i.csv:4" not in said
    assert "transaction" in said
    assert told(segcli, text, "--on-error", "skip", "--rejects", "r.csv")
    assert [(row[0], row[1], row[3]) for row in items(empty) if row[0] != "B"] == [("3", 0, 0), ("4", 1000, 900)]
