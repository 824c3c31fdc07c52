"""What all layouts have in common: how they are found, what the user may say of their columns, and what becomes of bad rows."""

import csv
import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run
from layout_files import assert_nothing_changes, table, write

from segcli.importing.kinds.machinery import kind_definition
from segcli.importing.layouts import index, splitting
from segcli.importing.layouts.parts.layout import Layout

LAYOUTS: dict[str, Layout] = {
    f"{path.stem} {name}": layout
    for path in sorted(Path(index.__file__).parent.glob("[a-z]*.py"))
    if path.stem not in {"index", "splitting"}
    for name, layout in importlib.import_module(f"segcli.importing.layouts.{path.stem}").LAYOUTS.items()
}


def headings(layout: Layout) -> set[str]:
    """Return the headings that a layout reads."""
    return {name for part in layout.parts for value in part.values.values() for name in value.headings}


def test_the_index_names_every_layout() -> None:
    assert {entry.layout for entry in index.ENTRIES} == set(LAYOUTS)
    assert len({layout.title for layout in LAYOUTS.values()}) == len(LAYOUTS)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_names_only_what_its_kinds_have(name: str) -> None:
    for part in LAYOUTS[name].parts:
        fields = {field.name for field in kind_definition.find(part.kind).fields}
        assert set(part.fields) <= fields
        assert {field.name for field in kind_definition.find(part.kind).fields if field.is_required} <= set(part.fields)
    keys = {*headings(LAYOUTS[name]), *LAYOUTS[name].ignores.split()}
    assert all(key == kind_definition.key_of(key) for key in keys)


@pytest.mark.parametrize("entry", index.ENTRIES, ids=lambda entry: f"{entry.layout}: {entry.needs[:30]}")
def test_no_two_layouts_fit_the_same_header_equally(entry: index.Entry) -> None:
    needed = {word for words in entry.needs.split() for word in words.split("|")}
    for keys in (needed, needed | headings(LAYOUTS[entry.layout]) - set(entry.lacks.split())):
        fits = {other.layout: 0 for other in index.ENTRIES}
        for other in index.ENTRIES:
            fits[other.layout] = max(fits[other.layout], other.fits(frozenset(keys)))
        best = max(fits.values())
        assert [layout for layout, fit in fits.items() if fit == best] == [entry.layout]


def test_an_ordinary_list_is_of_no_program() -> None:
    for header in (
        "account,name,city",
        "Debiteur;Naam;Factuurnummer;Factuurdatum;Vervaldatum;Openstaand",
        "code,name,email,phone,country",
        "invoice_number,account,invoice_date,net_amount,total_amount",
        "Datum;Klant;Artikel;Aantal;Bedrag",
    ):
        assert splitting.find(header.replace(";", ",").split(",")) is None


def test_an_ordinary_list_loads_no_layout(tmp_path: Path) -> None:
    code = (
        "import sys; from segcli.importing.layouts import splitting; assert splitting.find(['account', 'name', 'city']) is None;"
        "print([name for name in sys.modules if name.startswith('segcli.importing.layouts.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.rsplit(".", 1)[1] for name in done.stdout.strip("[]\n").replace("'", "").split(", ")}
    assert loaded == {"index", "splitting"}


SNEL = "Relatiecode;Naam;Relatiesoort;Krediettermijn;Segment;Plaats\n"


def test_a_column_that_is_not_read_is_taken_where_the_user_says_so(segcli: Run, empty: Path) -> None:
    write(m="Email Address,First Name,Last Name,OPTIN_TIME,TAGS\na@example.com,Ada,Byron,2024-03-14 09:12:31,vip\n")
    done = segcli("import", "m.csv", "--map", "TAGS=class1", "--create-missing")
    assert (done.status, done.err) == (0, "")
    sql = "SELECT v.code FROM account AS a JOIN classification_value AS v ON v.id = a.class1"
    assert table(empty, sql) == [("vip",)]
    assert_nothing_changes(segcli, empty, "m.csv", "--map", "TAGS=class1", "--create-missing")


def test_a_column_with_the_label_of_a_classification_is_read(segcli: Run, empty: Path) -> None:
    write(labels="number,label\n1,Segment\n", s=f"{SNEL}1;Acme;Klant;14;Gold;Utrecht\n")
    assert segcli("import", "labels.csv", "--as", "classification_label").status == 0
    done = segcli("import", "s.csv", "--create-missing")
    assert (done.status, done.err) == (0, "")
    sql = "SELECT v.code FROM account AS a JOIN classification_value AS v ON v.id = a.class1"
    assert table(empty, sql) == [("Gold",)]


def test_strict_and_ignore(segcli: Run, empty: Path) -> None:
    write(s=f"{SNEL}1;Acme;Klant;14;Gold;Utrecht\n")
    done = segcli("import", "s.csv", "--strict")
    assert done.status == 2
    assert "not read: Segment" in done.err
    assert segcli("import", "s.csv", "--strict", "--map", "Segment=").status == 0


def test_a_rejected_row_goes_to_the_rejects_in_the_columns_of_its_file(segcli: Run, empty: Path) -> None:
    header = "Posting Date,Party Type,Customer,Customer Name,Voucher Type,Voucher No,Due Date,Invoiced Amount,Outstanding Amount,Currency"
    good = "15-01-2026,Customer,C1,Acme,Sales Invoice,SI-1,14-02-2026,1210.00,1210.00,EUR"
    bad = "35-01-2026,Customer,C1,Acme,Sales Invoice,SI-2,14-02-2026,605.00,605.00,EUR"
    write(ar=f"{header}\n{good}\n{bad}\nTotal,,,,,,,1815.00,1815.00,\n")
    done = segcli("import", "ar.csv", "--on-error", "skip", "--rejects", "bad.csv")
    assert done.status == 5
    with Path("bad.csv").open(encoding="utf-8") as file:
        found = list(csv.reader(file))
    assert found[0] == ["rejected_line", "rejected_because", *header.split(",")]
    assert [row[2:] for row in found[1:]] == [bad.split(",")]
    assert found[1][0] == "3"
    Path("bad.csv").write_text(Path("bad.csv").read_text().replace("35-01-2026", "25-01-2026"))
    done = segcli("import", "bad.csv")
    assert done.status == 0, done.err
    sql = "SELECT invoice_number, invoice_date, amount FROM outstanding_item ORDER BY 1"
    assert table(empty, sql) == [("SI-1", "2026-01-15", 121000), ("SI-2", "2026-01-25", 60500)]


def test_nothing_of_a_file_is_imported_if_a_row_is_wrong(segcli: Run, empty: Path) -> None:
    header = "Posting Date,Customer,Customer Name,Voucher No,Due Date,Invoiced Amount,Outstanding Amount"
    write(ar=f"{header}\n15-01-2026,C1,Acme,SI-1,14-02-2026,12x,1210.00\n")
    done = segcli("import", "ar.csv")
    assert done.status == 1
    assert "ar.csv:2" in done.err
    assert "12x" in done.err
    assert table(empty, "SELECT count(*) FROM account") == [(0,)]


@pytest.mark.parametrize(
    ("day", "amount", "found"),
    [
        ("01/31/2026", '"1,210.00"', ("2026-01-31", 121000)),
        ("31/01/2026", '"1,210.00"', ("2026-01-31", 121000)),
        ("31-01-2026", '"1.210,00"', ("2026-01-31", 121000)),
        ("2026-01-31", "1210.00", ("2026-01-31", 121000)),
    ],
)
def test_dates_and_amounts_are_in_the_style_of_the_file(
    segcli: Run, empty: Path, day: str, amount: str, found: tuple[str, int]
) -> None:
    header = "Date,Transaction type,Num,Customer full name,Due date,Amount,Open balance"
    write(q=f"{header}\n{day},Invoice,1001,Acme,{day},{amount},{amount}\n")
    assert segcli("import", "q.csv").status == 0
    assert table(empty, "SELECT invoice_date, amount FROM outstanding_item") == [found]


def test_as_reads_a_known_file_as_the_user_says(segcli: Run, empty: Path) -> None:
    write(s=f"{SNEL}1;Acme;Klant;14;Gold;Utrecht\n")
    assert segcli("import", "s.csv", "--as", "account").status == 0
    assert table(empty, "SELECT code, name FROM account") == [("1", "Acme")]


def test_undo_takes_all_of_a_file_back(segcli: Run, empty: Path) -> None:
    header = "Posting Date,Customer,Customer Name,Voucher No,Due Date,Invoiced Amount,Outstanding Amount"
    write(ar=f"{header}\n15-01-2026,C1,Acme,SI-1,14-02-2026,1210.00,1210.00\n")
    assert segcli("import", "ar.csv").status == 0
    assert segcli("undo", "1", "--yes").status == 0
    assert table(empty, "SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM outstanding_item)") == [(0,)]
