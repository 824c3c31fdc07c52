"""A workbook that segcli wrote in Dutch, German or French comes back as the one that it wrote in English."""

import sqlite3
from pathlib import Path

import pytest
from conftest import Run

from segcli.importing.kinds.machinery.kind_definition import find, key_of, names
from segcli.importing.kinds.machinery.recognition import Header, map_columns
from segcli.settings import translations

LANGUAGES = tuple(translations.languages())
# What is exported, in the order of import; and what of it is compared.
_FIELDS = "name,status,search_code,address,postcode,city,country,email,phone,language,manager,sector,vat_number,chamber_of_commerce"
EXPORTS = {
    "accounts": ("account-search", "--columns", f"account,{_FIELDS}"),
    "contacts": ("contact-search",),
    "items": ("outstanding-items",),
    "subscriptions": ("subscription-search",),
    "entries": ("transaction-search", "--period", "2026Q1"),
}
COMPARED = {
    "accounts": f"SELECT code, {_FIELDS} FROM account ORDER BY code",
    "contacts": """SELECT a.code, c.name, c.job_title, c.email, c.phone, c.mobile, c.is_main_contact FROM contact AS c
                     JOIN account AS a ON a.id = c.account_id ORDER BY 1, 2, 4, 5""",
    "items": """SELECT a.code, i.invoice_number, i.invoice_date, i.due_date, i.currency, i.amount FROM outstanding_item AS i
                  JOIN account AS a ON a.id = i.account_id ORDER BY 1, 2, 3, 6""",
    "subscriptions": "SELECT subscription_number, description, start_date, end_date, frequency FROM subscription ORDER BY 1",
    "entries": """SELECT g.code, l.line_number, l.entry_date, l.amount, l.description, l.due_date, l.vat_code
                    FROM transaction_line AS l JOIN gl_account AS g ON g.id = l.gl_account_id ORDER BY 3, 1, 4, 2, 5""",
}


def exported(segcli: Run, folder: Path) -> list[str]:
    folder.mkdir()
    for name, words in EXPORTS.items():
        assert segcli("show", *words, "-o", f"{folder}/{name}.xlsx").status == 0, name
    return [f"{folder}/{name}.xlsx" for name in EXPORTS]


def brought(segcli: Run, files: list[str], database: str) -> dict[str, list[tuple[object, ...]]]:
    """Return what a new database has after the import of the files."""
    assert segcli("-d", database, "init").status == 0
    for name in files:
        assert segcli("-d", database, "import", "--create-missing", name).status == 0, name
    with sqlite3.connect(database) as db:
        return {name: db.execute(sql).fetchall() for name, sql in COMPARED.items()}


@pytest.mark.repeats
def test_a_round_trip_gives_the_same_records_in_every_language(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = brought(segcli, exported(segcli, Path("en")), "en.db")
    whole = [row for row in english["accounts"] if row[3]]  # the others were made because other files name them
    with sqlite3.connect(example) as db:
        assert set(whole) <= set(db.execute(COMPARED["accounts"]))
        assert set(english["items"]) <= set(db.execute(COMPARED["items"]))
    assert len(whole) == len(segcli("show", "account-search", "-f", "json").rows)
    assert len(english["items"]) == len(segcli("show", "outstanding-items", "-f", "json").rows)
    assert all(english.values())
    for language in LANGUAGES:
        monkeypatch.setenv("SEGCLI_LANGUAGE", language)
        files = exported(segcli, Path(language))
        monkeypatch.delenv("SEGCLI_LANGUAGE")
        assert brought(segcli, files, f"{language}.db") == english, language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", names())
def test_every_heading_that_names_a_field_does_so_in_each_language(name: str, language: str) -> None:
    kind = find(name)
    words = translations.words(language)
    by_key = {key: field.name for field in kind.fields for key in field.keys}
    known = [english for english in words if key_of(english) in by_key]
    for english in known:
        mapped = map_columns(kind, Header((words[english],)), is_sure=False).places
        assert list(mapped) == [by_key[key_of(english)]], (english, words[english])
