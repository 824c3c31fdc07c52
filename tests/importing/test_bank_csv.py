"""The CSV exports of banks, each as the bank lays it out; the amounts add up to what an independent reading gives."""

# ruff: noqa: ISC004 - a file is a text of several lines

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from bank_files import PAYER
from conftest import Run
from test_bank_readers import read

OWN_DE, OWN_BE = "DE02120300000000202051", "BE68539007547034"
# The content, and the first payment; the sum of all.
FILES: dict[str, tuple[str, dict[str, str], str]] = {
    "ing": (
        '"Datum";"Naam / Omschrijving";"Rekening";"Tegenrekening";"Code";"Af Bij";"Bedrag (EUR)";"Mutatiesoort";"Mededelingen"\n'
        f'"20260201";"Payer BV";"NL91INGB0417164300";"{PAYER}";"OV";"Bij";"1234,56";"Overschrijving";"Naam: Payer BV Omschrijving: Factuur 2026001 IBAN: {PAYER} Kenmerk: E1 Valutadatum: 01-02-2026"\n'
        '"20260202";"Bakker";"NL91INGB0417164300";"";"BA";"Af";"12,50";"Betaalautomaat";"Pasvolgnr: 1"\n',
        {"own_iban": "NL91INGB0417164300", "payment_date": "2026-02-01", "amount": "1234.56", "counter_iban": PAYER, "counter_name": "Payer BV",
         "description": "Factuur 2026001", "end_to_end_id": "E1", "source": "ing"},
        "1222.06",
    ),
    "ing in English": (
        '"Date","Name / Description","Account","Counterparty","Code","Debit/credit","Amount (EUR)","Transaction type","Notifications"\n'
        f'"20260201","Payer","NL91INGB0417164300","{PAYER}","OV","Credit","1234,56","Transfer","Name: Payer Description: 2026001 IBAN: {PAYER} Reference: E1"\n'
        '"20260202","Baker","NL91INGB0417164300","","BA","Debit","12,50","Payment terminal","Card"\n',
        {"own_iban": "NL91INGB0417164300", "payment_date": "2026-02-01", "amount": "1234.56", "counter_iban": PAYER, "counter_name": "Payer",
         "description": "2026001", "end_to_end_id": "E1", "source": "ing"},
        "1222.06",
    ),
    "rabobank": (
        '"IBAN/BBAN","Munt","BIC","Volgnr","Datum","Rentedatum","Bedrag","Saldo na trn","Tegenrekening IBAN/BBAN","Naam tegenpartij","Naam uiteindelijke partij","Naam initiërende partij","BIC tegenpartij","Code","Batch ID","Transactiereferentie","Machtigingskenmerk","Incassant ID","Betalingskenmerk","Omschrijving-1","Omschrijving-2","Omschrijving-3","Reden retour","Oorspr bedrag","Oorspr munt","Koers"\n'
        f'"NL71RABO0123456789","EUR","RABONL2U","000000000000007007","2026-02-01","2026-02-01","+1.234,56","+1.234,56","{PAYER}","Payer","","","INGBNL2A","cb","","E1","","","9001234567890123","Factuur"," 2026001"," ","","","",""\n'
        '"NL71RABO0123456789","EUR","RABONL2U","000000000000007008","2026-02-02","2026-02-02","-12,50","+1.222,06","","Bakker","","","","bc","","","","","","brood","","","","","",""\n',
        {"own_iban": "NL71RABO0123456789", "payment_date": "2026-02-01", "currency": "EUR", "amount": "1234.56", "counter_iban": PAYER,
         "counter_name": "Payer", "description": "Factuur 2026001", "reference": "9001234567890123", "end_to_end_id": "E1",
         "bank_id": "000000000000007007", "source": "rabobank"},
        "1222.06",
    ),
    "abn amro, tab": (
        f"417164300\tEUR\t20260201\t0,00\t1234,56\t20260201\t1234,56\t/TRTP/SEPA OVERBOEKING/IBAN/{PAYER}/BIC/INGBNL2A/NAME/Payer/REMI/2026001/EREF/E1\n"
        "417164300\tEUR\t20260202\t1234,56\t1222,06\t20260202\t-12,50\tBEA   NR:XXX1234   02.02.26/12.54 BAKKER,PAS999\n",
        {"own_iban": "NL91ABNA0417164300", "payment_date": "2026-02-01", "currency": "EUR", "amount": "1234.56", "counter_iban": PAYER,
         "counter_name": "Payer", "description": "2026001", "end_to_end_id": "E1", "source": "abnamro"},
        "1222.06",
    ),
    "abn amro, csv": (
        "accountNumber;mutationcode;transactiondate;valuedate;startsaldo;endsaldo;amount;description\n"
        f"417164300;EUR;20260201;20260201;0,00;1234,56;1234,56;SEPA Overboeking                 IBAN: {PAYER}        BIC: INGBNL2A                    Naam: Payer                       Omschrijving: 2026001\n"
        "417164300;EUR;20260202;20260202;1234,56;1222,06;-12,50;BEA NR:XXX1234 BAKKER\n",
        {"own_iban": "NL91ABNA0417164300", "payment_date": "2026-02-01", "currency": "EUR", "amount": "1234.56", "counter_iban": PAYER,
         "counter_name": "Payer", "description": "2026001", "source": "abnamro"},
        "1222.06",
    ),
    "bunq": (
        '"Date","Interest Date","Amount","Account","Counterparty","Name","Description"\n'
        f'"2026-02-01","2026-02-01","1,234.56","NL82BUNQ2071504690","{PAYER}","Payer","2026001"\n'
        '"2026-02-02","2026-02-02","-12.50","NL82BUNQ2071504690","","Bakker","Bakker AMSTERDAM, NL"\n',
        {"own_iban": "NL82BUNQ2071504690", "payment_date": "2026-02-01", "amount": "1234.56", "counter_iban": PAYER, "counter_name": "Payer",
         "description": "2026001", "source": "bunq"},
        "1222.06",
    ),
    "triodos": (
        f'"01-02-2026","NL39TRIO0390123456","1.234,56","Credit","Payer","{PAYER}","OV","2026001"\n'
        '"02-02-2026","NL39TRIO0390123456","12,50","Debet","Bakker","","BA","brood"\n',
        {"own_iban": "NL39TRIO0390123456", "payment_date": "2026-02-01", "amount": "1234.56", "counter_iban": PAYER, "counter_name": "Payer",
         "description": "2026001", "source": "triodos"},
        "1222.06",
    ),
    "kbc": (
        "Rekeningnummer;Rubrieknaam;Naam;Munt;Afschriftnummer;Datum;Omschrijving;Valuta;Bedrag;Saldo;credit;debet;rekeningnummer tegenpartij;BIC tegenpartij;Naam tegenpartij;Adres tegenpartij;gestructureerde mededeling;Vrije mededeling\n"
        f"{OWN_BE}; ;WIJ;EUR; 02026003;01/02/2026;EUROPESE OVERSCHRIJVING VAN 01-02;01/02/2026;1234,56;1289,43;1234,56;              ;BE68 5390 0754 7034;ARSPBE11;Payer;Straat 1;***090/9337/55493***; \n"
        f"{OWN_BE}; ;WIJ;EUR; 02026003;02/02/2026;BETALING BAKKER;02/02/2026;-12,50;1276,93;;-12,50; ; ; ; ; ; \n",
        {"own_iban": OWN_BE, "payment_date": "2026-02-01", "currency": "EUR", "amount": "1234.56", "counter_iban": "BE68539007547034",
         "counter_name": "Payer", "description": "EUROPESE OVERSCHRIJVING VAN 01-02", "reference": "***090/9337/55493***", "source": "kbc"},
        "1222.06",
    ),
    "bnp paribas fortis": (
        "Volgnummer;Uitvoeringsdatum;Valutadatum;Bedrag;Valuta rekening;Rekeningnummer;Type verrichting;Tegenpartij;Naam van de tegenpartij;Mededeling;Details;Status;Reden van weigering\n"
        f"2026-00001;01/02/2026;01/02/2026;1234,56;EUR;{OWN_BE};Overschrijving in euro;BE11000000000000;Payer;2026001;BANKREFERENTIE : 1;Geaccepteerd;\n"
        f"2026-00002;02/02/2026;02/02/2026;-12.50;EUR;{OWN_BE};Kaartbetaling;;;;BETALING BAKKER;Geaccepteerd;\n"
        f"2026-00003;02/02/2026;02/02/2026;-99,00;EUR;{OWN_BE};Domiciliëring;;;;x;Geweigerd;Onvoldoende saldo\n",
        {"own_iban": OWN_BE, "payment_date": "2026-02-01", "currency": "EUR", "amount": "1234.56", "counter_iban": "BE11000000000000",
         "counter_name": "Payer", "description": "2026001", "bank_id": "2026-00001", "source": "bnpparibasfortis"},
        "1222.06",
    ),
    "bnp paribas fortis in French": (
        "Nº de séquence;Date d'exécution;Date valeur;Montant;Devise du compte;Numéro de compte;Type de transaction;Contrepartie;Nom de la contrepartie;Communication;Détails;Statut;Motif du refus\n"
        f"2026-00001;01/02/2026;01/02/2026;1.234,56;EUR;{OWN_BE};Virement en euros;BE11000000000000;Payer;2026001;x;Accepté;\n",
        {"own_iban": OWN_BE, "payment_date": "2026-02-01", "currency": "EUR", "amount": "1234.56", "counter_iban": "BE11000000000000",
         "counter_name": "Payer", "description": "2026001", "bank_id": "2026-00001", "source": "bnpparibasfortis"},
        "1234.56",
    ),
    "belfius": (
        "Boekingsdatum vanaf;01/02/2026\nBoekingsdatum tot en met;\nBedrag vanaf;\nBedrag tot en met;\nRekeninguittrekselnummer vanaf;\nRekeninguittrekselnummer tot en met;\nMededeling;\nNaam tegenpartij bevat;\nRekening tegenpartij;\nLaatste saldo;1.234,56 EUR\nDatum/uur van het laatste saldo;09/02/2026 21:30:53\n;\n"
        "Rekening;Boekingsdatum;Rekeninguittrekselnummer;Transactienummer;Rekening tegenpartij;Naam tegenpartij bevat;Straat en nummer;Postcode en plaats;Transactie;Valutadatum;Bedrag;Devies;BIC;Landcode;Mededelingen\n"
        "BE68 5390 0754 7034;01/02/2026;00010;52;BE12 3456 7890 1234;Payer;Straat 1;1000 Brussel;OVERSCHRIJVING;01/02/2026;1.234,56;EUR;GEBABEBB;BE;2026001\n"
        "BE68 5390 0754 7034;02/02/2026;00010;53;;Bakker;;3200 Aarschot;BANCONTACT;02/02/2026;-12,50;EUR;;BE;\n",
        {"own_iban": OWN_BE, "payment_date": "2026-02-01", "currency": "EUR", "amount": "1234.56", "counter_iban": "BE12345678901234",
         "counter_name": "Payer", "description": "2026001", "source": "belfius"},
        "1222.06",
    ),
    "sparkasse": (
        '"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"Glaeubiger ID";"Mandatsreferenz";"Kundenreferenz (End-to-End)";"Sammlerreferenz";"Lastschrift Ursprungsbetrag";"Auslagenersatz Ruecklastschrift";"Beguenstigter/Zahlungspflichtiger";"Kontonummer/IBAN";"BIC (SWIFT-Code)";"Betrag";"Waehrung";"Info"\n'
        f'"{OWN_DE}";"01.02.26";"01.02.26";"GUTSCHR. UEBERWEISUNG";"Rechnung 2026001";"";"";"E1";"";"";"";"Kunde GmbH";"{PAYER}";"INGBNL2A";"1234,56";"EUR";"Umsatz gebucht"\n'
        f'"{OWN_DE}";"02.02.26";"02.02.26";"KARTENZAHLUNG";"Bäcker";"";"";"";"";"";"";"Bäcker";"";"";"-12,50";"EUR";"Umsatz gebucht"\n'
        f'"{OWN_DE}";"03.02.26";"03.02.26";"KARTENZAHLUNG";"x";"";"";"";"";"";"";"x";"";"";"-1,00";"EUR";"Umsatz vorgemerkt"\n',
        {"own_iban": OWN_DE, "payment_date": "2026-02-01", "currency": "EUR", "amount": "1234.56", "counter_iban": PAYER,
         "counter_name": "Kunde GmbH", "description": "Rechnung 2026001", "end_to_end_id": "E1", "source": "sparkasse"},
        "1222.06",
    ),
    "deutsche bank": (
        f"Umsätze Girokonto;;;;\nKonto;1234567;IBAN;{OWN_DE}\n;\nLetzter Kontostand;;;;1.000,00;EUR\n"
        "Buchungstag;Wert;Umsatzart;Begünstigter / Auftraggeber;Verwendungszweck;IBAN / Kontonummer;BIC;Kundenreferenz;Mandatsreferenz;Gläubiger ID;Fremde Gebühren;Betrag;Abweichender Empfänger;Anzahl der Aufträge;Anzahl der Schecks;Soll;Haben;Währung\n"
        f"1.2.2026;1.2.2026;SEPA-Gutschrift von;Kunde GmbH;Rechnung 2026001;{PAYER};X;E1;;;;;;;;;1.234,56;EUR\n"
        "2.2.2026;2.2.2026;Lastschrift;Bäcker;Brot;;;;;;;;;;;-12,50;;EUR\nKontostand;02.02.2026;;;2.222,06;EUR\n",
        {"own_iban": OWN_DE, "payment_date": "2026-02-01", "currency": "EUR", "amount": "1234.56", "counter_iban": PAYER,
         "counter_name": "Kunde GmbH", "description": "Rechnung 2026001", "end_to_end_id": "E1", "source": "deutschebank"},
        "1222.06",
    ),
    "commerzbank": (
        "Buchungstag;Wertstellung;Umsatzart;Buchungstext;Betrag;Währung;IBAN Kontoinhaber;Kategorie\n"
        f"01.02.2026;01.02.2026;Gutschrift;Kunde GmbH Rechnung 2026001;1234,56;EUR;{OWN_DE};\n"
        f"02.02.2026;02.02.2026;Lastschrift;Bäcker;-12,5;EUR;{OWN_DE};\n",
        {"own_iban": OWN_DE, "payment_date": "2026-02-01", "currency": "EUR", "amount": "1234.56", "description": "Kunde GmbH Rechnung 2026001",
         "source": "commerzbank"},
        "1222.06",
    ),
    "dkb": (
        f'"Girokonto";"{OWN_DE}"\n""\n"Kontostand vom 09.02.2026:";"4.093,32 €"\n""\n'
        '"Buchungsdatum";"Wertstellung";"Status";"Zahlungspflichtige*r";"Zahlungsempfänger*in";"Verwendungszweck";"Umsatztyp";"IBAN";"Betrag (€)";"Gläubiger-ID";"Mandatsreferenz";"Kundenreferenz"\n'
        f'"01.02.26";"01.02.26";"Gebucht";"Kunde GmbH";"Wir";"Rechnung 2026001";"Eingang";"{PAYER}";"1.234,56 €";"";"";"E1"\n'
        '"02.02.26";"02.02.26";"Gebucht";"Wir";"Bäcker";"Brot";"Ausgang";"";"-12,5 €";"";"";""\n'
        '"03.02.26";"";"Vorgemerkt";"Wir";"x";"";"Ausgang";"";"-1 €";"";"";""\n',
        {"own_iban": OWN_DE, "payment_date": "2026-02-01", "amount": "1234.56", "counter_iban": PAYER, "counter_name": "Kunde GmbH",
         "description": "Rechnung 2026001", "end_to_end_id": "E1", "source": "dkb"},
        "1222.06",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_a_bank(tmp_path: Path, name: str, encoding: str) -> None:
    content, first, total = FILES[name]
    data = content.replace("€", "" if encoding == "latin-1" else "€").encode(encoding)
    source, rows, bad = read(tmp_path / "b.csv", data)
    assert not bad
    assert rows[0] == first
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal(total)
    assert bool(source.left_out) == (name in {"bnp paribas fortis", "sparkasse", "dkb"})


def test_a_bank_file_is_matched(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name\nA,Ann\n")
    Path("r.csv").write_text("account,invoice_number,invoice_date,amount\nA,2026001,2026-01-01,1234.56\n")
    Path("b.csv").write_text(FILES["rabobank"][0])
    for name in ("a.csv", "r.csv", "b.csv"):
        assert segcli("import", name).status == 0
    rows = segcli("payments", "list", "-f", "json").rows
    assert [(row["amount"], row["account"], row["invoices"], row["state"]) for row in rows] == [
        (1234.56, "A", "2026001", "matched"), (-12.5, None, None, "unmatched"),
    ]  # fmt: skip


def test_wrong_cells_of_a_bank_file(segcli: Run, empty: Path) -> None:
    content = FILES["rabobank"][0]
    for wrong, told in (("+1.234,56x", "b.csv:2:amount: '+1.234,56x'"), ("", "b.csv:2:amount")):
        Path("b.csv").write_text(content.replace('"+1.234,56","+1', f'"{wrong}","+1'))
        done = segcli("import", "b.csv")
        assert done.status == 1
        assert told in done.err
    Path("b.csv").write_text(content + '"NL71')
    assert segcli("import", "b.csv").status in {0, 1}


def test_other_lists_are_not_taken_for_a_bank_file(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("Rekening;Datum;Bedrag;Naam\n1;2026-01-01;5;x\n")
    assert "bank" not in segcli("import", "a.csv").err
    with Path("x.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["account", "name"], ["A", "Ann"]])
    assert segcli("import", "x.csv").status == 0
