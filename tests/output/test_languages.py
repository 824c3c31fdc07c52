"""The setting `language`: tables for people are headed in it; what programs read and what users wrote stays as it is."""

import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Run

ITEMS = ("show", "outstanding-items", "--account", "000001")
# Headings of account, invoice_number, due_date and open; the total; the words before the day.
TERMS = {
    "nl": ("Relatie", "Factuurnummer", "Vervaldatum", "Openstaand", "Totaal", "per 2026-06-30"),
    "de": ("Kunde", "Rechnungsnummer", "Fälligkeitsdatum", "Offener Betrag", "Gesamt", "Stand 2026-06-30"),
    "fr": ("Client", "Numéro de facture", "Échéance", "Solde", "Total", "au 2026-06-30"),
}
ENGLISH = ("Account", "Invoice", "Due date", "Overdue", "as of", "items:", "of 4 rows")
Speak = Callable[[str], None]


@pytest.fixture
def speak(monkeypatch: pytest.MonkeyPatch, example: Path) -> Speak:
    """Return a function that sets the language."""
    assert example.exists()
    return lambda language: monkeypatch.setenv("SEGCLI_LANGUAGE", language)


@pytest.mark.parametrize("form", ["table", "plain", "md", "html", "vertical"])
@pytest.mark.parametrize("language", TERMS)
def test_people_read_it_in_their_language(segcli: Run, speak: Speak, language: str, form: str) -> None:
    speak(language)
    shown = segcli(*ITEMS, "--limit", "2", "-f", form).out
    assert [term for term in TERMS[language] if term not in shown] == []
    assert [word for word in ENGLISH if word in shown] == []


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl"])
@pytest.mark.parametrize("language", TERMS)
def test_programs_read_the_same_in_every_language(segcli: Run, speak: Speak, language: str, form: str) -> None:
    english = segcli(*ITEMS, "-f", form).out
    speak(language)
    assert segcli(*ITEMS, "-f", form).out == english
    assert english.count("due_date") > 0


@pytest.mark.parametrize("language", TERMS)
def test_workbooks_and_documents_too(segcli: Run, speak: Speak, language: str) -> None:
    speak(language)
    assert segcli(*ITEMS, "-o", "items.xlsx", "--limit", "2").status == 0
    with zipfile.ZipFile("items.xlsx") as found:
        texts = found.read("xl/worksheets/sheet1.xml").decode()
        about = found.read("docProps/core.xml").decode()
    assert [term for term in TERMS[language][:4] if f">{term}<" not in texts] == []
    assert TERMS[language][5] in about
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not here")
    assert segcli(*ITEMS, "-o", "items.pdf").status == 0
    text = " ".join(pypdf.PdfReader("items.pdf").pages[0].extract_text().split())
    page = {"nl": "Pagina 1 van", "de": "Seite 1 von", "fr": "Page 1 sur"}[language]
    assert [term for term in (*TERMS[language], page) if term not in text] == []


def test_a_report_keeps_the_titles_that_it_was_given(segcli: Run, speak: Speak) -> None:
    speak("nl")
    Path("r.yaml").write_text(
        "files:\n- file: a.html\n  parts:\n  - {show: debtor-ageing, title: Items}\n  - {show: outstanding-items --limit 2}\n"
        "- file: b.json\n  show: debtor-ageing --limit 1\n- file: c.xlsx\n  parts: [{show: debtor-ageing}, {score: abc}]\n"
    )
    assert segcli("report", "r.yaml") == (0, "", "")
    page = Path("a.html").read_text(encoding="utf-8")
    assert '<html lang="nl">' in page
    assert ">Items</h2>" in page  # the word that is a title of ours too
    assert ">Openstaande posten</h2>" in page
    assert ">Vervaldatum</th>" in page
    assert "due_date" not in page
    assert json.loads(Path("b.json").read_text())[0].keys() >= {"account", "outstanding"}
    with zipfile.ZipFile("c.xlsx") as found:
        assert 'name="Inhoud"' in found.read("xl/workbook.xml").decode()
        assert 'name="ABC-analyse"' in found.read("xl/workbook.xml").decode()


@pytest.mark.parametrize("language", ["en", *TERMS])
def test_tables_of_a_database_are_named_the_same_in_every_language(segcli: Run, speak: Speak, language: str) -> None:
    speak(language)
    Path("r.yaml").write_text(
        "files:\n- file: b.db\n  parts: [{show: debtor-ageing}, {show: outstanding-items, title: My items}]\n"
    )
    assert segcli("report", "r.yaml") == (0, "", "")
    assert segcli(*ITEMS, "-o", "a.db") == (0, "", "")
    names = {"a.db": ["outstanding_items"], "b.db": ["debtor_ageing", "my_items"]}
    for file, tables in names.items():
        with closing(sqlite3.connect(file)) as db:
            assert [name for (name,) in db.execute("SELECT name FROM sqlite_master ORDER BY 1")] == tables


# `no change` and `No rows.`; the page's day; what a tile is compared with; a title.
ON_A_DASHBOARD = {
    "nl": ("ongewijzigd", "Geen rijen.", "per 2026-06-30", "tegenover 2026-06-29", "Openstaande posten"),
    "de": ("unverändert", "Keine Zeilen.", "Stand 2026-06-30", "gegenüber 2026-06-29", "Offene Posten"),
    "fr": ("inchangé", "Aucune ligne.", "au 2026-06-30", "par rapport à 2026-06-29", "Postes ouverts"),
}


@pytest.mark.parametrize("language", ON_A_DASHBOARD)
def test_a_dashboard(segcli: Run, speak: Speak, language: str) -> None:
    speak(language)
    items = "show: outstanding-items --account 000001"
    Path("r.yaml").write_text(
        f"as_of: 2026-06-30\nfiles:\n- dashboard: d.html\n  tiles: [{{{items}, count: items, compare: 2026-06-29}}]\n"
        f"  parts: [{{{items} --where 'name is empty'}}, {{show: account-search --account 000001, title: Items}}]\n"
    )
    assert segcli("report", "r.yaml") == (0, "", "")
    page = Path("d.html").read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in page
    shown = re.sub(r"<(style|script).*?</\1>", "", page, flags=re.DOTALL)
    assert [term for term in ON_A_DASHBOARD[language] if term not in shown] == []
    assert [word for word in (*ENGLISH[2:5], "against", "no change", "No rows") if word in shown] == []
    assert ">Items</h2>" in shown


def test_labels_of_classes_are_the_users_own(segcli: Run, speak: Speak) -> None:
    """The label of class2 is Sector, which is a heading of ours as well."""
    speak("nl")
    assert segcli("classification", "label", "1", "City").status == 0
    heads = segcli("show", "account-search", "--columns", "class1,class2,city,sector", "--limit", "1", "-f", "md").out
    assert [cell.strip() for cell in heads.splitlines()[0].split("|")[1:-1]] == ["City", "Sector", "Plaats", "Branche"]
    assert segcli("show", "account-search", "--columns", "Sector,Plaats").status == 2  # flags name columns in English


def test_the_card_of_an_account(segcli: Run, speak: Speak) -> None:
    speak("nl")
    shown = segcli("show", "account-overview", "000001", "-f", "table").out
    for text in (
        "\nClassificaties\n",
        "\nCijfers\n",
        "\nContactpersonen\n",
        "Openstaand saldo ",
        " geen\n",
        "Wijzigingen van",
    ):
        assert text in shown
    assert "none" not in shown


def test_conditions_of_a_caption_stay_as_written(segcli: Run, speak: Speak) -> None:
    speak("nl")
    shown = segcli("show", "account-search", "--where", "name contains 'Total'", "--country", "NL", "-f", "html").out
    assert "country = NL · name contains &#x27;Total&#x27;" in shown


@pytest.mark.parametrize(("name", "status", "words"), [("xx", 2, "en or nl or de or fr"), ("NL", 2, "is not")])
def test_other_languages_are_refused(segcli: Run, speak: Speak, name: str, status: int, words: str) -> None:
    speak(name)
    done = segcli(*ITEMS)
    assert (done.status, words in done.err) == (status, True)


def test_in_english_nothing_is_read_for_it(example: Path) -> None:
    code = (
        "import sys; from segcli.cli import main as cli; cli.run(['show', 'outstanding-items', '-f', 'plain']);"
        "from segcli.settings import translations; print(translations.languages.cache_info().misses, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "0"
    assert example.exists()


CAPTIONS = {
    "nl": ("22 relaties geselecteerd · vergeleken met alle 300 relaties", "van 2026-04-01 tot en met 2026-06-30", "95 % betrouwbaarheid",
           "om +25 % ten opzichte van holdout aan te tonen", "Ondergrens"),
    "de": ("22 Kunden ausgewählt · verglichen mit allen 300 Kunden", "vom 2026-04-01 bis zum 2026-06-30", "95 % Konfidenz",
           "um +25 % gegenüber holdout nachzuweisen", "Untergrenze"),
    "fr": ("22 clients sélectionnés · comparés à l'ensemble des 300 clients", "du 2026-04-01 au 2026-06-30", "confiance de 95 %",
           "pour détecter +25 % par rapport à holdout", "Borne inférieure"),
}  # fmt: skip


@pytest.mark.parametrize("language", CAPTIONS)
def test_captions_of_segments(segcli: Run, speak: Speak, language: str) -> None:
    assert segcli("list", "create", "spring", "--country", "NL", "--holdout", "40").status == 0
    speak(language)
    selected, span, confidence, detect, low = CAPTIONS[language]
    assert selected in segcli("profile", "--class3", "A", "--limit", "3", "-f", "plain").out
    results = segcli("list", "results", "spring", "--from", "2026-04-01", "-f", "plain").out
    assert [term for term in (span, confidence, low) if term not in results] == []
    assert detect in segcli("list", "power", "spring", "--uplift", "25%", "-f", "plain").out
