"""Rows of cancelled invoices: what a file brought is taken back, what was numbered here stays."""

from pathlib import Path

from conftest import Run, connected

HEAD = "invoice_number,account,invoice_date,net_amount,vat_amount,total_amount,status\n"


def test_an_imported_invoice_is_taken_back_and_one_made_here_is_kept(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name\nA,Alpha\n")
    Path("i.csv").write_text(
        f"{HEAD}F1,A,2026-01-15,100.00,21.00,121.00,processed\nF2,A,2026-01-16,10.00,2.10,12.10,processed\n"
    )
    assert segcli("import", "a.csv", "i.csv").status == 0
    with connected(empty) as db:  # as print-invoices numbers one
        db.execute("UPDATE invoice SET processed_run_id = 1 WHERE invoice_number = 'F2'")
        db.commit()
    Path("i.csv").write_text(
        f"{HEAD}F1,A,2026-01-15,100.00,21.00,121.00,cancelled\nF2,A,2026-01-16,10.00,2.10,12.10,Voided\n"
    )
    done = segcli("import", "i.csv", "-f", "json")
    assert done.status == 0, done.err
    assert "1 cancelled invoice removed" in done.rows[0]["notes"]
    assert "1 cancelled invoice made here and kept (F2): credit them, if they are wrong" in done.err
    with connected(empty) as db:
        assert db.execute("SELECT invoice_number, total_amount FROM invoice").fetchall() == [("F2", 1210)]
    assert segcli("undo", "3", "--yes").status == 0
    with connected(empty) as db:
        assert db.execute("SELECT invoice_number, total_amount FROM invoice ORDER BY 1").fetchall() == [
            ("F1", 12100),
            ("F2", 1210),
        ]
