"""Totals that reports of known programs state below their rows are compared with what the rows add up to."""

from pathlib import Path

import pytest
from conftest import Run
from layout_files import write
from test_layouts_books import QBO, QBO_GROUPED


@pytest.mark.parametrize(
    ("total", "told"),
    [("$879.00", ""), ("879", ""), ("$999.00", "line 9: the total of Open balance is 999.00, but the rows add up to 879.00"),
     ("(879.00)", "is -879.00, but the rows add up to 879.00")],
)  # fmt: skip
def test_the_total_of_a_report_is_compared_with_its_rows(segcli: Run, empty: Path, total: str, told: str) -> None:
    write(customers=QBO, open=QBO_GROUPED.replace("TOTAL,,,,,,$879.00", f"TOTAL,,,,,,{total}"))
    assert segcli("import", "customers.csv").status == 0
    done = segcli("import", "open.csv")
    assert done.status == 0, done.err
    assert told in done.err
    assert ("add up" in done.err) == bool(told)


def test_the_total_of_a_part_is_that_of_the_rows_since_the_last_one(segcli: Run, empty: Path) -> None:
    """The report has two parts, each with its total; the second is not the sum of both."""
    rows = "Zoë,,,,,,\n,01/31/2026,Invoice,{0},Net 30,02/28/2026,100.00\nTOTAL,,,,,,{1}\n"
    head = "Acme Books\nOpen Invoices\n\n,Date,Transaction type,Num,Term,Due date,Open balance\n"
    write(customers=QBO, right=head + rows.format(1, 100) + rows.format(2, 100), whole=head + rows.format(1, 100) + rows.format(2, 200),
          wrong=head + rows.format(1, 100) + rows.format(2, 300))  # fmt: skip
    assert segcli("import", "customers.csv").status == 0
    for name, is_right in (("right.csv", True), ("whole.csv", True), ("wrong.csv", False)):
        done = segcli("import", name)
        assert done.status == 0, done.err
        assert ("the total of Open balance is 300" in done.err) == (not is_right)
