"""What other programs write: numbers as formulas, amounts without cents, subtotals by customer, headings and words of their own."""

from pathlib import Path

import pytest
from conftest import Run, connected

ITEMS = "Debiteur;Naam;Factuurnummer;Factuurdatum;Vervaldatum;Openstaand\n"


def test_a_formula_that_is_one_text_is_that_text(segcli: Run, empty: Path) -> None:
    rows = '"=""00123""";"=""Acme ""B""""";"=""0612345678""";=""\n="00124";Beta;0612;"=SUM(""a"")"\n'
    Path("a.csv").write_text(f"account;name;phone;remarks\n{rows}")
    assert segcli("import", "a.csv").status == 0
    with connected(empty) as db:
        found = db.execute("SELECT code, name, phone, remarks FROM account ORDER BY code").fetchall()
    assert found == [("00123", '="Acme "B""', "0612345678", None), ("00124", "Beta", "0612", '=SUM("a")')]


def test_what_segcli_writes_as_such_a_formula_stays(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text('account;name\n1;"\'=""12"""\n')
    assert segcli("import", "a.csv").status == 0
    with connected(empty) as db:
        assert db.execute("SELECT name FROM account").fetchall() == [('="12"',)]


@pytest.mark.parametrize(
    ("text", "minor"),
    [("€ 1.210,--", 121000), ("121,-", 12100), ("-121,-", -12100), ("1'210.-", 121000), ("\u2212121,00", -12100)],
)
def test_amounts_without_cents(segcli: Run, empty: Path, text: str, minor: int) -> None:
    Path("i.csv").write_text(f"{ITEMS}1001;Acme;F1;15-01-2026;14-02-2026;{text}\n")
    assert segcli("import", "i.csv", "--create-missing").status == 0
    with connected(empty) as db:
        assert db.execute("SELECT amount FROM outstanding_item").fetchall() == [(minor,)]


@pytest.mark.parametrize("text", ["121,-5", "121,---", "-,-", "121-,"])
def test_other_dashes_are_no_amount(segcli: Run, empty: Path, text: str) -> None:
    Path("i.csv").write_text(f"{ITEMS}1001;Acme;F1;15-01-2026;14-02-2026;{text}\n")
    assert segcli("import", "i.csv", "--create-missing").status == 1


def test_totals_by_customer_are_total_rows(segcli: Run, empty: Path) -> None:
    body = (
        "1001;Acme;F1;15-01-2026;14-02-2026;1.210,00\n;Totaal Acme;;;;1.210,00\n"
        "1002;Totaal Wonen;F2;15-01-2026;14-02-2026;605,00\n;Totaal Totaal Wonen;;;;605,00\nTotaal;;;;;1.815,00\n"
    )
    Path("i.csv").write_text(ITEMS + body)
    found = segcli("import", "i.csv", "--create-missing", "-f", "json").rows[0]
    assert (found["added"], found["notes"]) == (2, "3 total rows left out: line 3, 5, 6")
    with connected(empty) as db:
        assert db.execute("SELECT name FROM account ORDER BY code").fetchall() == [("Acme",), ("Totaal Wonen",)]


@pytest.mark.parametrize(
    "row", [";Totaal Wonen;F3;15-01-2026;14-02-2026;1,00", ";Totaal Wonen;;;;", ";Iemand Totaal;;;;1,00"]
)
def test_a_name_that_begins_like_a_total_is_none(segcli: Run, empty: Path, row: str) -> None:
    Path("i.csv").write_text(f"{ITEMS}1001;Acme;F1;15-01-2026;14-02-2026;2,00\n{row}\n1001;Acme;F4;15-01-2026;;3,00\n")
    done = segcli("import", "i.csv", "--create-missing")
    assert (done.status, "i.csv:3:Debiteur: this is empty" in done.err) == (1, True)


@pytest.mark.parametrize(("text", "day"), [("5/1/2026", "5"), ("05.01.2026", "05"), ("05-01-2026", "05")])
def test_the_question_of_a_date_names_the_day(segcli: Run, empty: Path, text: str, day: str) -> None:
    Path("i.csv").write_text(f"{ITEMS}1001;Acme;F1;{text};;1,00\n")
    assert f"is it day {day} or month {day}?" in segcli("import", "i.csv", "--create-missing").err


def test_german_and_french_headings(segcli: Run, empty: Path) -> None:
    Path("de.csv").write_text(
        "Kundennummer;Name;Straße;PLZ;Ort;USt-IdNr.\n10001;Müller GmbH;Hauptstr. 1;01067;Dresden;DE123456789\n"
    )
    Path("fr.csv").write_text("Code client;Nom;Rue;Code postal;N° TVA\n411;Dupont;1 rue X;01000;FR12345678901\n")
    Path("op.csv").write_text(
        "Kundennummer;Rechnungsnummer;Rechnungsdatum;Fälligkeit;Rechnungsbetrag;Offener Betrag\n"
        "10001;R1;15.01.2026;14.02.2026;1.210,00 €;210,00 €\n"
    )
    Path("ech.csv").write_text(
        "Code client;Numéro de facture;Date de facture;Date d'échéance;Montant\n411;F1;15/01/2026;14/02/2026;12,00\n"
    )
    done = segcli("import", "de.csv", "fr.csv", "op.csv", "ech.csv")
    assert (done.status, done.err) == (0, "")
    with connected(empty) as db:
        assert db.execute("SELECT address, postcode, vat_number FROM account ORDER BY code").fetchall() == [
            ("Hauptstr. 1", "01067", "DE123456789"), ("1 rue X", "01000", "FR12345678901"),
        ]  # fmt: skip
        found = db.execute("SELECT amount, open_amount, due_date FROM outstanding_item ORDER BY invoice_number")
        assert found.fetchall() == [(1200, 1200, "2026-02-14"), (121000, 21000, "2026-02-14")]


def test_a_status_of_another_program_rejects_no_invoice(segcli: Run, empty: Path) -> None:
    Path("i.csv").write_text(
        "Factuurnummer;Debiteur;Naam;Factuurdatum;Netto;Totaal;Status\n"
        "F1;1;Acme;2026-01-15;100,00;121,00;Overdue\nF2;1;Acme;2026-01-15;100,00;121,00;Partly Paid\n"
        "F3;1;Acme;2026-01-15;100,00;121,00;Voided\nF4;1;Acme;2026-01-15;100,00;121,00;Draft\n"
    )
    assert segcli("import", "i.csv", "--create-missing").status == 0
    with connected(empty) as db:
        found = db.execute("SELECT invoice_number, status FROM invoice ORDER BY 1").fetchall()
    assert found == [("F1", "processed"), ("F2", "processed"), ("F4", "draft")]


def test_who_opted_out_gets_no_mailings(segcli: Run, empty: Path) -> None:
    Path("c.csv").write_text(
        "Account,First Name,Last Name,Email,Email Opt Out\n1,Jan,Jansen,j@example.com,true\n1,Piet,Puk,p@example.com,false\n"
    )
    Path("a.csv").write_text("account,name,email,Unsubscribed\n1,Acme,a@example.com,yes\n")
    assert segcli("import", "a.csv", "c.csv").status == 0
    with connected(empty) as db:
        assert db.execute("SELECT is_mailing_excluded FROM account").fetchall() == [(1,)]
        assert db.execute("SELECT is_mailing_excluded FROM contact ORDER BY name").fetchall() == [(1,), (0,)]


def test_a_moment_of_opting_out_is_not_read_and_said(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name,Unsubscribed\n1,Acme,2026-01-15 10:00\n")
    done = segcli("import", "a.csv")
    assert (done.status, "not read: Unsubscribed ('2026-01-15 10:00' is no is mailing excluded)" in done.err) == (
        0,
        True,
    )
