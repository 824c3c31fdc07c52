"""What an import does not take is said: columns, total rows, rejected rows. Nothing disappears without a word."""

import json
from pathlib import Path

import pytest
from conftest import Run, connected
from terminal import at_terminal

ITEMS = "Debiteur;Naam;Factuurnummer;Factuurdatum;Vervaldatum;Openstaand\n"


def write(**files: str) -> None:
    """Write files of these names."""
    for name, text in files.items():
        Path(f"{name}.csv").write_text(text)


def test_a_column_with_a_value_is_named_with_the_nearest_field(segcli: Run, empty: Path) -> None:
    write(a="account,name,ctiy,Shoe size,Empty\n1,Acme,Utrecht,43,\n2,Beta,,, \n")
    done = segcli("import", "a.csv")
    assert (done.status, done.out) == (0, "")
    line = "a.csv: not read: ctiy (city?), Shoe size; --map COLUMN=FIELD reads a column, --map COLUMN= leaves it out"
    assert line in done.err.splitlines()
    found = segcli("import", "a.csv", "--again", "-f", "json").rows
    assert found[0]["not_read"] == "ctiy (city?), Shoe size"


@pytest.mark.parametrize("at", [1, 300, 1500])
def test_one_value_in_a_column_is_enough(segcli: Run, empty: Path, at: int) -> None:
    rows = "".join(f"{n},Name,{'x' if n == at else ''}\n" for n in range(1, 1501))
    write(a=f"account,name,Extra\n{rows}")
    assert "not read: Extra" in segcli("import", "a.csv").err


def test_what_is_named_is_silent(segcli: Run, empty: Path) -> None:
    write(a="account,name,ctiy,Shoe size\n1,Acme,Utrecht,43\n")
    assert segcli("import", "a.csv", "--map", "ctiy=city", "--map", "Shoe size=").err == ""
    config = "profiles:\n  shop:\n    ignore: ctiy, Shoe size\n    as: account\n"
    Path("config.yaml").write_text(config)
    assert segcli("import", "a.csv", "--again", "--config", "config.yaml", "--profile", "shop").err == ""


def test_strict_writes_nothing(segcli: Run, empty: Path) -> None:
    write(a="account,name,ctiy\n1,Acme,Utrecht\n")
    done = segcli("import", "a.csv", "--strict")
    assert (done.status, done.out) == (2, "")
    assert "a.csv: not read: ctiy (city?)" in done.err
    assert "--map COLUMN=" in done.err
    with connected(empty) as db:
        assert db.execute("SELECT count(*) FROM account").fetchone() == (0,)
    assert segcli("import", "a.csv", "--strict", "--map", "ctiy=").status == 0
    write(b="account,name,ctiy\n2,Beta,\n")
    assert segcli("import", "b.csv", "--strict").status == 0  # it holds no value


@pytest.mark.parametrize(
    "last", [";Totaal;;;;1.815,00", "Total;;;;;1.815,00", ";;;;;1.815,00", ";Grand Total:;;;;€ 1.815,00"]
)
def test_a_total_row_is_recognised_and_named(segcli: Run, empty: Path, last: str) -> None:
    write(i=f"{ITEMS}1001;Acme;F1;15-01-2026;14-02-2026;1.210,00\n1001;Acme;F2;15-02-2026;17-03-2026;605,00\n{last}\n")
    done = segcli("import", "i.csv", "--create-missing", "-f", "json")
    assert (done.status, done.rows[0]["added"], done.rows[0]["notes"]) == (0, 2, "1 total row left out: line 4")
    with connected(empty) as db:
        assert db.execute("SELECT sum(amount), count(*) FROM outstanding_item").fetchone() == (181500, 2)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (";Iemand;;;;17,00", "i.csv:4:Debiteur: this is empty"),  # a name is no total word
        (";;;;;1.814,99", "i.csv:4:Debiteur: this is empty"),  # not the sum
        (
            ";;;;;1.815,00\n1001;Acme;F9;15-01-2026;14-02-2026;1,00",
            "i.csv:4:Debiteur: this is empty",
        ),  # not the last row
    ],
)
def test_a_row_without_a_key_is_rejected(segcli: Run, empty: Path, row: str, reason: str) -> None:
    write(i=f"{ITEMS}1001;Acme;F1;15-01-2026;14-02-2026;1.210,00\n1001;Acme;F2;15-02-2026;17-03-2026;605,00\n{row}\n")
    done = segcli("import", "i.csv", "--create-missing")
    assert done.status == 1
    assert reason in done.err


def test_a_customer_called_total_stays(segcli: Run, empty: Path) -> None:
    write(a="account,name,credit_limit\n12,Total,5000.00\nTotal,TotalEnergies,1.00\n")
    assert segcli("import", "a.csv", "-f", "json").rows[0]["added"] == 2
    write(i=f"{ITEMS}12;Total;F1;15-01-2026;14-02-2026;1.210,00\n")
    assert segcli("import", "i.csv", "-f", "json").rows[0]["added"] == 1


def test_a_dry_run_at_a_terminal_has_its_notes_below_the_table(segcli: Run, empty: Path) -> None:
    """The texts of a result do not fit in a table of 100 columns."""
    write(i=f"{ITEMS}1001;Acme;F1;15-01-2026;14-02-2026;1.210,00\nTotaal;;;;;1.210,00\n")
    status, shown = at_terminal("import", "i.csv", "--create-missing", "--dry-run", NO_COLOR="1")
    assert (status, shown.splitlines()[-1]) == (0, "i.csv: 1 total row left out: line 3")
    assert "Notes" not in shown
    piped = segcli("import", "i.csv", "--create-missing", "--dry-run", "-f", "json").rows[0]
    assert (piped["added"], piped["notes"]) == (1, "1 total row left out: line 3")


def test_subtotals_between_rows(segcli: Run, empty: Path) -> None:
    body = "".join(f"{n};Name;F{n};15-01-2026;14-02-2026;1,10\nSubtotaal;;;;;1,10\n" for n in range(600))
    write(i=ITEMS + body)
    found = segcli("import", "i.csv", "--create-missing", "-f", "json").rows[0]
    assert (found["added"], found["notes"]) == (600, "600 total rows left out: line 3, 5, 7, 9, 11 …")


def test_every_rejected_row_has_its_reason(segcli: Run, empty: Path) -> None:
    rows = "".join(f"{n},Name,{'x' if n % 2 else '1.00'}\n" for n in range(1, 4001))
    write(a=f"account,name,credit_limit\n{rows}")
    done = segcli("import", "a.csv", "--on-error", "skip", "--rejects", "rejects.csv", "--as", "account")
    assert done.status == 5
    assert "a.csv: 2000 rows: credit_limit: this is not an amount" in done.err
    written = Path("rejects.csv").read_text().splitlines()
    assert len(written) == 2001
    assert all(line.split(",")[1] == "credit_limit: this is not an amount" for line in written[1:])
    done = segcli("import", "a.csv", "--again", "--on-error", "skip", "--as", "account", "-f", "json")
    assert json.loads(done.out)[0]["reasons"] == {"credit_limit: this is not an amount": 2000}


def test_a_file_of_which_nothing_was_taken_is_an_error(segcli: Run, empty: Path) -> None:
    write(a="account,name,is_blocked\n1,Acme,perhaps\n", heads="account,name\n")
    done = segcli("import", "a.csv", "--on-error", "skip")
    assert (done.status, "1 row rejected, nothing was imported" in done.err) == (1, True)
    assert segcli("import", "heads.csv").status == 0


def test_an_invoice_list_is_no_list_of_accounts(segcli: Run, empty: Path) -> None:
    head = "Factuurnummer;Factuurdatum;Vervaldatum;Debiteur;Naam;Bedrag excl. btw;BTW;Totaal\n"
    write(
        a="Debiteur;Naam;BTW\n1001;Acme;NL001234567B01\n",
        i=f"{head}2026001;15-01-2026;14-02-2026;1001;Acme;1.000,00;210,00;1.210,00\n",
    )
    assert segcli("import", "a.csv").status == 0
    done = segcli("import", "i.csv", "-f", "json")
    assert (done.status, [(row["kind"], row["added"]) for row in done.rows]) == (0, [("invoices", 1)])
    with connected(empty) as db:
        assert db.execute("SELECT vat_number FROM account").fetchall() == [("NL001234567B01",)]
        assert db.execute("SELECT net_amount, vat_amount, total_amount, due_date FROM invoice").fetchall() == [
            (100000, 21000, 121000, "2026-02-14")
        ]


def test_a_foreign_status_rejects_no_row(segcli: Run, empty: Path) -> None:
    write(a="account,name,status,phone\n1,Acme,Active,01.23.45.67.89\n2,Beta,Inactive,030.123.45\n")
    done = segcli("import", "a.csv")
    assert done.status == 0
    assert "status ('Active' is no status)" in done.err
    with connected(empty) as db:
        assert db.execute("SELECT status, phone FROM account").fetchall() == [
            ("C", "01.23.45.67.89"),
            ("C", "030.123.45"),
        ]


def test_a_kind_without_a_row_is_no_line_but_a_file_without_one_is(segcli: Run, empty: Path) -> None:
    """Invoices of Xero without item codes make no items."""
    write(
        x="*ContactName,*InvoiceNumber,*InvoiceDate,*DueDate,InventoryItemCode,*Description,*Quantity,*UnitAmount,*AccountCode,*TaxType,Currency\n"
        "Acme,I1,15/01/2026,14/02/2026,,Work,1,10.00,200,No VAT,EUR\n",
        e="account,name\n",
    )
    status, shown = at_terminal("import", "e.csv", "x.csv", "--create-missing", "--dates", "dmy", NO_COLOR="1")
    lines = [line for line in shown.splitlines() if ": " in line and "added" in line]
    assert (status, lines) == (
        0,
        [
            "e.csv: accounts: 0 added, 0 changed, 0 unchanged",
            "x.csv: accounts: 1 added, 0 changed, 0 unchanged",
            "x.csv: invoices: 1 added, 0 changed, 0 unchanged",
            "x.csv: invoice lines: 1 added, 0 changed, 0 unchanged",
        ],
    )
