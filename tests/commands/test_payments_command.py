"""`payments`: what it lists, and a review by numbers or by a file that goes out and comes back."""

import csv
from pathlib import Path

import pytest
from bank_files import PAYER, Paid, camt
from conftest import Once, Run, connected, fingerprint


def _reviewable(segcli: Run) -> None:
    Path("a.csv").write_text("account,name\nA,Ann\nB,Bob\n")
    Path("r.csv").write_text(
        "account,invoice_number,invoice_date,amount\nA,2026001,2026-01-01,100.00\nA,2026002,2026-01-02,150.00\nB,2026003,2026-01-02,50.00\n"
    )
    Path("b.xml").write_text(
        camt(
            Paid("2026-02-01", 4000, "2026001", PAYER),
            Paid("2026-02-02", 7000, "2026001"),
            Paid("2026-02-03", 6000, "2026003"),
            Paid("2026-02-04", 15000, "2026002"),
            Paid("2026-02-05", 1, "?"),
        )
    )
    for name in ("a.csv", "r.csv", "b.xml"):
        assert segcli("import", name).status == 0


@pytest.fixture
def reviewable(once: Once, empty: Path) -> Path:
    once(_reviewable)
    return empty


def states(segcli: Run) -> list[str]:
    return [row["state"] for row in segcli("payments", "list", "-f", "json").rows]


def opened(database: Path) -> list[tuple[object, ...]]:
    with connected(database) as db:
        return db.execute(
            "SELECT coalesce(invoice_number, 'receipt'), open_amount FROM outstanding_item WHERE open_amount <> 0 ORDER BY 1, 2"
        ).fetchall()


def test_what_it_lists(segcli: Run, reviewable: Path) -> None:
    assert states(segcli) == ["proposed", "proposed", "proposed", "matched", "unmatched"]
    rows = segcli(
        "payments", "list", "--state", "matched", "--state", "unmatched", "--to", "2026-02-04", "-f", "json"
    ).rows
    assert [(row["payment"], row["date"], row["amount"], row["account"], row["invoices"]) for row in rows] == [
        (4, "2026-02-04", 150, "A", "2026002")
    ]
    assert [row["payment"] for row in segcli("payments", "list", "--account", "B", "-f", "json").rows] == [3]
    assert segcli("payments", "list", "--account", "Z").status == 2
    assert segcli("payments", "list", "--state", "paid").status == 2


def test_accept_by_number(segcli: Run, reviewable: Path, database: Path) -> None:
    before = fingerprint(database)
    shown = segcli("payments", "review", "-f", "json").rows
    assert [(row["payment"], row["invoices"], row["allocated"]) for row in shown] == [
        (1, "2026001", 40),
        (2, "2026001", 70),
        (3, "2026003", 50),
    ]
    tried = segcli("payments", "review", "--accept", "1,3", "--dry-run")
    assert tried.status == 0
    assert "proposed" in tried.out
    assert fingerprint(database) == before
    assert segcli("payments", "review", "--accept", "1,3", "--exit-code").status == 4
    assert states(segcli) == ["matched", "proposed", "matched", "matched", "unmatched"]
    # 100 - 40 = 60 of which 70 was received for; 50 of 60 are allocated, 10 is left.
    assert opened(database) == [("2026001", 6000), ("receipt", -7000), ("receipt", -1000)]
    assert [row["allocated"] for row in segcli("payments", "review", "-f", "json").rows] == [60]
    with connected(database) as db:
        assert db.execute("SELECT allocation_date, amount FROM allocation ORDER BY 1").fetchall() == [
            ("2026-02-01", 4000), ("2026-02-03", 5000), ("2026-02-04", 15000),
        ]  # fmt: skip
        assert db.execute("SELECT iban FROM account_iban").fetchall() == [(PAYER,)]
    assert segcli("check").status == 0
    assert segcli("undo", "4", "--yes").status == 0
    assert states(segcli) == ["proposed", "proposed", "proposed", "matched", "unmatched"]
    assert opened(database) == [
        ("2026001", 10000),
        ("2026003", 5000),
        ("receipt", -7000),
        ("receipt", -6000),
        ("receipt", -4000),
    ]
    assert "segcli payments review" in segcli("undo", "4").err


def _write(rows: list[dict[str, str]]) -> None:
    with Path("review.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_a_file_goes_out_and_comes_back(segcli: Run, reviewable: Path, database: Path) -> None:
    assert segcli("payments", "review", "-o", "review.csv").status == 0
    with Path("review.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["accept"], rows[2]["accept"] = "ja", "no"
    _write(rows)
    assert segcli("payments", "review", "--apply", "review.csv").status == 0
    assert states(segcli) == ["matched", "proposed", "unmatched", "matched", "unmatched"]
    assert opened(database) == [("2026001", 6000), ("2026003", 5000), ("receipt", -7000), ("receipt", -6000)]
    before = fingerprint(database)
    assert segcli("payments", "review", "--apply", "review.csv").status == 0
    assert fingerprint(database) == before  # the same decisions again
    rows[0]["accept"] = "no"
    _write(rows)
    again = segcli("payments", "review", "--apply", "review.csv")
    assert (again.status, fingerprint(database)) == (1, before)
    assert "review.csv:2:payment: '1': payment 1 is not proposed for anything" in again.err
    Path("r2.csv").write_text("account,invoice_number,invoice_date,amount\nB,2026009,2026-03-01,1.00\n")
    assert segcli("import", "r2.csv").status == 0
    assert states(segcli)[2] == "unmatched"  # what was rejected is not proposed again


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--accept", "9"), "payment 9 is not proposed"),
        (("--accept", "4"), "payment 4 is not proposed"),
        (("--accept", "x"), "'x' is not the number of a payment"),
        (("--accept", "1,"), "empty name"),
        (("--accept", "1", "--reject", "1"), "payment 1 is named twice"),
        (("--accept", "1,2"), "60.00 of invoice 2026001 is open"),
        (("--dry-run",), "nothing is accepted or rejected"),
    ],
)
def test_what_cannot_be_accepted(
    segcli: Run, reviewable: Path, database: Path, words: tuple[str, ...], told: str
) -> None:
    before = fingerprint(database)
    done = segcli("payments", "review", *words)
    assert done.status == 2
    assert told in done.err
    assert fingerprint(database) == before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("payment,accept\n1,perhaps\n", "f.csv:2:accept: 'perhaps'"),
        ("payment,accept\nx,yes\n", "f.csv:2:payment: 'x'"),
        ("payment,amount,accept\n1,41.00,yes\n", "f.csv:2:amount: '41.00': the proposal has changed: 40.00"),
        ("payment,date\n1,2026-01-01\n", "there are no columns payment and accept"),
        ("payment,accept\n1,yes\n1,yes\n", "payment 1 is named twice"),
    ],
)
def test_a_file_that_is_wrong(segcli: Run, reviewable: Path, database: Path, content: str, told: str) -> None:
    before = fingerprint(database)
    Path("f.csv").write_text(content)
    done = segcli("payments", "review", "--apply", "f.csv")
    assert done.status in {1, 2}
    assert told in done.err
    assert fingerprint(database) == before
