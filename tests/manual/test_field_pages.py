"""The fields of the kinds: help and docs have all of them, and what they say of headings and types is what import does."""

import re
from pathlib import Path

import pytest
from conftest import ROOT, Run

from segcli.importing import field_words
from segcli.importing.kinds.machinery import conversion, kind_definition, recognition
from segcli.importing.kinds.machinery.kind_definition import key_of
from segcli.manual import field_pages
from segcli.output import destinations

KINDS = kind_definition.names()
PAGE = (ROOT / "docs" / "fields.md").read_text(encoding="utf-8")  # test_file_pages: it is the generated one
FIELDS = [(kind, field.name) for kind in KINDS for field in kind_definition.find(kind).fields]


def test_help_fields_lists_every_kind_with_one_line(segcli: Run) -> None:
    done = segcli("help", "fields")
    assert (done.status, done.err) == (0, "")
    for kind in KINDS:
        path = ROOT / "segcli" / "importing" / "kinds" / f"{kind}.py"
        first = path.read_text(encoding="utf-8").split('"""')[1].split("\n")[0].removesuffix(".")
        assert re.search(rf"^    {kind} +{re.escape(first)}$", done.out, re.MULTILINE)


@pytest.mark.parametrize("name", KINDS)
def test_help_and_docs_have_every_field(segcli: Run, name: str) -> None:
    kind = kind_definition.find(name)
    done = segcli("help", "fields", name)
    assert (done.status, done.err) == (0, "")
    plain = " ".join(done.out.split())
    (section,) = re.findall(rf"^## {name}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    for field in kind.fields:
        needed = ", required" if field.is_required else ""
        words = field_words.type_words(field)
        assert f"{field.name} ({words}{needed}) {field.about}." in plain
        assert (
            f"| `{field.name}` | {words} | {needed.removeprefix(', ')} | {field.about.replace('_', chr(92) + '_')} |"
            in section
        )
    assert ("class1 to class8" in done.out) == ("class1 to class8" in section) == (name == "account")


def test_chamber_of_commerce_is_documented(segcli: Run) -> None:
    shown = " ".join(segcli("help", "fields", "account").out.split())
    assert "chamber_of_commerce (text) Number in the trade register" in shown
    assert "KvK-nummer" in shown


@pytest.mark.parametrize("words", [("price", "list"), ("price-list",), ("price_lists",)])
def test_a_kind_is_named_as_import_names_it(segcli: Run, words: tuple[str, ...]) -> None:
    assert segcli("help", "fields", *words).out.startswith("price_list\n\nPrice lists: ")


def test_an_unknown_kind_is_told(segcli: Run) -> None:
    done = segcli("help", "fields", "acount")
    assert (done.status, done.out) == (2, "")
    assert "'acount' is not a kind that can be imported\n  there is: account, " in done.err


def test_it_is_as_wide_as_the_terminal(segcli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destinations, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "50")
    assert max(map(len, segcli("help", "fields", "contact").out.splitlines())) <= 50


@pytest.mark.parametrize(("name", "field_name"), FIELDS)
def test_every_heading_that_is_shown_names_the_field(name: str, field_name: str) -> None:
    kind = kind_definition.find(name)
    (field,) = [field for field in kind.fields if field.name == field_name]
    shown = field_words.headings(kind, field)
    for heading in shown:
        mapped = recognition.map_columns(kind, recognition.Header((heading,)), is_sure=False)
        assert field_name in mapped.places, heading
    keys = [key_of(heading) for heading in shown]
    assert len(set(keys)) == len(keys)
    assert key_of(field_name) not in keys


@pytest.mark.parametrize("name", KINDS)
def test_no_heading_of_a_kind_is_left_out(name: str) -> None:
    """What the kind declares is shown with the field that it names; another field of the kind may have taken it."""
    kind = kind_definition.find(name)
    shown = {key_of(heading) for field in kind.fields for heading in field_words.headings(kind, field)}
    declared = {key for field in kind.fields for key in field.keys}
    assert declared <= shown | {key_of(field.name) for field in kind.fields}


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("accountcode", "Account code"),
        ("factuurnummer", "Factuurnummer"),
        ("vatamountfc", "VAT amount FC"),
        ("custsupid", "custSupID"),
        ("addressline1", "Address line 1"),
        ("kvknummer", "KvK-nummer"),
        ("limitedecredit", "Limite de crédit"),
    ],
)
def test_a_heading_is_written_as_people_write_it(key: str, shown: str) -> None:
    assert field_words.written(key) == shown
    assert key_of(shown) == key


def test_every_type_has_words_and_every_word_of_a_choice_is_taken() -> None:
    for kind, name in FIELDS:
        (field,) = [field for field in kind_definition.find(kind).fields if field.name == name]
        choices = conversion.choices(field.type)
        assert choices or field.type in field_words.TYPES, (kind, name, field.type)
        convert = conversion.converter(field.type, conversion.Style()) if choices else None
        for word in choices:
            assert convert
            assert convert(word) is not None


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("account", [("account", "address", "postcode", "city", "phone", "email", "vat_number", "chamber_of_commerce",
                      "external_id", "references"), ("name", "credit_limit", "class1 to class8")]),
        ("transaction_line", [("amount", "debit and credit")]),
        ("outstanding_item", [("amount", "open"), ("invoice_date", "due_date"),
                              ("invoice_number", "due_date", "open", "allocated")]),
        ("vat_code", []),
    ],
)  # fmt: skip
def test_what_a_file_needs_beside_required_fields(name: str, needs: list[tuple[str, ...]]) -> None:
    """As the check of each kind says in its docstring."""
    assert list(field_words.needs(kind_definition.find(name))) == needs


def test_the_example_of_the_page_ignores_columns(segcli: Run) -> None:
    """`--map COLUMN=`: the city of the file is not read, and what the account has stays."""
    assert segcli("init").status == 0
    Path("a.csv").write_text("account,name,city\n1,One,Delft\n", encoding="utf-8")
    assert segcli("import", "a.csv").status == 0
    Path("b.csv").write_text("account,name,city\n1,Two,\n", encoding="utf-8")
    assert segcli("import", "b.csv", "--map", "city=").status == 0
    shown = segcli("show", "account-search", "--search", "Two", "--columns", "account,name,city", "-f", "tsv").table
    assert shown[1:] == [["1", "Two", "Delft"]]
    for text in (segcli("import", "--help").out, (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")):
        assert "COLUMN= " in " ".join(text.split()).replace("`", " ")


@pytest.mark.repeats
def test_the_page_has_a_section_for_every_kind_it_lists() -> None:
    text = "\n".join(field_pages.markdown())
    assert re.findall(r"^\| \[(\w+)\]\(#\1\) \|", text, re.MULTILINE) == list(KINDS)
    assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == list(KINDS)
