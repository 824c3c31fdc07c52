"""Templates: what segcli asks for is what it takes, for every kind, in CSV and in a workbook."""

import csv
import io
import re
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import Run
from lxml import etree

from segcli.importing.kinds.machinery import kind_definition

KINDS = sorted(kind_definition.names(), key=lambda name: kind_definition.find(name).rank)
TOLD = {  # the headings of the first are those of a price list too; a sales file is taken by name only
    "price_list_period": ("--as", "price_list_period"),
    "sale": ("--as", "sale"),
}
MATCHED = {"match"}  # both rows make one set
NOTES = {
    "sale": "2 invoices added",
    "invoice": "2 invoices without an open item: --open-items makes open items of new invoices",
}


def counts(segcli: Run, *words: str) -> dict[str, object]:
    done = segcli("import", *words, "--format", "json")
    assert (done.status, done.err) == (0, ""), (words, done.err)
    (row,) = done.rows
    return row


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_every_template_is_imported_and_the_second_time_changes_nothing(segcli: Run, ending: str) -> None:
    """In the order of their ranks, so that a kind comes after those it refers to."""
    assert segcli("init").status == 0
    for name in KINDS:
        file = f"{name}.{ending}"
        made = segcli("import", "--template", name, "-o", file)
        assert (made.status, made.out, made.err) == (0, "", "")
        row = counts(segcli, file, *TOLD.get(name, ()))
        assert (row["kind"], row["rejected"]) == (kind_definition.find(name).title, 0), row
        taken = int(str(row["added"])) + int(str(row["changed"])) + int(str(row["unchanged"]))
        assert taken == (1 if name in MATCHED else 2), row
        assert row["notes"] == NOTES.get(name, ""), row
    for name in KINDS:
        row = counts(segcli, f"{name}.{ending}", "--again", *TOLD.get(name, ()))
        assert (row["added"], row["changed"], row["rejected"]) == (0, 0, 0), row
    assert segcli("check").status == 0


@pytest.mark.parametrize("name", KINDS)
def test_a_template_has_every_field_once_and_two_rows(segcli: Run, name: str) -> None:
    done = segcli("import", "--template", name)
    head, *rows = csv.reader(io.StringIO(done.out))
    kind = kind_definition.find(name)
    assert len(head) == len(set(head)) == len(kind.fields)
    assert (done.status, done.err, len(rows)) == (0, "", 2)
    for field, heading, *samples in zip(kind.fields, head, *rows, strict=True):
        assert heading == field.name or (name, heading, field.name) == ("purchase_invoice", "supplier", "account")
        assert all(samples) or not field.is_required, field.name


def test_the_fields_stand_beside_a_csv_file_and_at_the_headings_of_a_workbook(segcli: Run) -> None:
    for ending in ("csv", "xlsx"):
        assert segcli("import", "--template", "contacts", "-o", f"people.{ending}").status == 0
    beside = Path("people.fields.txt").read_text(encoding="utf-8")
    with zipfile.ZipFile("people.xlsx") as book:
        comments = etree.fromstring(book.read("xl/comments1.xml"))
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    texts = ["".join(node.itertext()) for node in comments.findall(".//{*}comment")]
    fields = kind_definition.find("contact").fields
    assert len(sheets) == 1
    assert len(texts) == len(fields)
    for field, comment in zip(fields, texts, strict=True):
        assert comment.startswith(field.about)
        assert re.search(rf"^{field.name} +{re.escape(comment)}$", beside, re.MULTILINE)
        assert field.is_required == comment.endswith("required)")
    assert "an empty cell clears" in beside


def test_codes_of_a_workbook_keep_their_zeros(segcli: Run) -> None:
    """The columns of codes are text, those of amounts are not: as Excel's own format says."""
    assert segcli("import", "--template", "item", "-o", "items.xlsx").status == 0
    with zipfile.ZipFile("items.xlsx") as book:
        styles = etree.fromstring(book.read("xl/styles.xml"))
        sheet = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    formats = [int(node.get("numFmtId", "0")) for node in styles.findall("{*}cellXfs/{*}xf")]
    by_column = {
        at: formats[int(node.get("style", "0"))]
        for node in sheet.findall("{*}cols/{*}col")
        for at in range(int(node.get("min", "0")), int(node.get("max", "0")) + 1)
    }
    names = [field.name for field in kind_definition.find("item").fields]
    assert by_column[names.index("item") + 1] == 49  # ECMA-376, 18.8.30: text
    assert by_column[names.index("sales_price") + 1] == 2  # 0.00


def test_on_a_terminal_the_fields_are_shown_beside_the_rows(segcli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    done = segcli("import", "--template", "price_list_period")
    assert done.out.startswith(
        "external_id,price_list,period_type,start_date,end_date\nP-1,WHOLESALE,basic,2026-01-01,\n"
    )
    assert re.search(r"^start_date +First day of the period \(date\)$", done.err, re.MULTILINE)
    assert done.err.endswith("then: segcli import FILE --as price_list_period\n")
    assert segcli("import", "--template", "price_list_period", "--quiet").err == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--template", "acount"), "'acount' is not a kind that can be imported"),
        (("--template", "account", "a.csv"), "--template goes without files"),
        (("--template", "account", "--as", "account"), "--template goes without --as"),
        (("--template", "account", "--explain"), "--template goes without --explain"),
        (("--template", "account", "-o", "a.json"), "a template is CSV or a workbook"),
        (("--template", "account", "-o", "a"), "the ending of a tells no format"),
        (("--template", "account", "-f", "tsv"), "a template is CSV or a workbook"),
        ((), "missing argument 'FILE'"),
    ],
)
def test_a_wrong_wish_for_a_template_is_told(segcli: Run, words: tuple[str, ...], said: str) -> None:
    done = segcli("import", *words)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert not Path("a.json").exists()


def test_a_template_needs_no_database_and_replaces_only_a_file(segcli: Run) -> None:
    Path("folder").mkdir()
    done = segcli("import", "--template", "item", "-o", "folder/none/items.csv")
    assert done.status == 1
    assert not Path("test.db").exists()
