"""Names mean one thing: ranges are of codes, in the order of tables; every spelling of a name is that name."""

import random
import unicodedata
from pathlib import Path

import pytest
from conftest import Once, Run, connected
from hypothesis import given
from hypothesis import strategies as st

from segcli.base.text import key
from segcli.domain.catalogue import Catalogue, Value, code_order

VALUES = (("A", "Key accounts"), ("B", "Standard"), ("C", "Basic"), ("D", "At risk"))
CLASS_RANGES = {"A..B": "K1 S1", "B..C": "B1 S1", "not:A..B": "B1 D1", "a..b": "K1 S1", "C..Z": "B1 D1"}


def accounts(segcli: Run, *flags: str) -> str:
    """Return the codes of the accounts that flags select."""
    done = segcli("show", "account-search", *flags, "-f", "json", "--columns", "account", "--sort", "account")
    assert done.status == 0, done.err
    return " ".join(row["account"] for row in done.rows)


def _valued(segcli: Run) -> None:
    segcli("classification", "label", "3", "Value")
    for code, description in VALUES:
        segcli("classification", "value", "add", "3", code, description)
    Path("a.csv").write_text("account,name,class3\nK1,Key,A\nS1,Std,B\nB1,Bas,C\nD1,Risk,D\n")
    assert segcli("import", "a.csv").status == 0


@pytest.fixture
def valued(once: Once, empty: Path) -> Path:
    """Return a database whose value D is described by a word that lies between the codes A and B."""
    once(_valued)
    return empty


@pytest.mark.parametrize(("values", "wanted"), CLASS_RANGES.items(), ids=list(CLASS_RANGES))
def test_a_range_is_of_codes_and_not_of_descriptions(segcli: Run, valued: Path, values: str, wanted: str) -> None:
    assert accounts(segcli, "--class3", values) == wanted


def test_a_range_reclassifies_nobody_by_a_description(segcli: Run, valued: Path) -> None:
    segcli("classification", "value", "add", "4", "YES")
    assert segcli("tag", "--class3", "A..B", "--set", "class4=YES", "--yes").status == 0
    assert accounts(segcli, "--class4", "YES") == "K1 S1"


def _numbered(segcli: Run) -> None:
    Path("a.csv").write_text("account,name\nA1,Alpha\n")
    head = "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount\n"
    numbers = ["99", "100", "101", "1000", "F-9", "F-10"]
    lines = "".join(f"{n},2026-05-01,A1,processed,EUR,99.00,0.00,99.00\n" for n in numbers)
    Path("i.csv").write_text(head + lines)
    Path("g.csv").write_text("gl_account,description,type\n15,a,B\n950,b,B\n1000,c,B\n1500,d,B\n")
    Path("j.csv").write_text("journal,description,type\n70,Sales,sales\n")
    entry = "70,2026,5,{},{},2026-05-01,{},,a,{},{}\n"
    Path("t.csv").write_text(
        "journal,financial_year,period,entry_number,line_number,entry_date,gl_account,account,description,debit,credit\n"
        + entry.format(9, 1, 950, "10.00", "")
        + entry.format(9, 2, 1000, "", "10.00")
        + entry.format(10, 1, 1500, "10.00", "")
        + entry.format(10, 2, 15, "", "10.00")
    )
    assert segcli("import", "a.csv", "i.csv", "g.csv", "j.csv", "t.csv").status == 0


@pytest.fixture
def numbered(once: Once, empty: Path) -> Path:
    """Return a database with invoices, ledger accounts and entries whose numbers have different lengths."""
    once(_numbered)
    return empty


NUMBERS = {
    ("invoice-history", "--invoice", "99..101", "invoice_number"): "99 100 101",
    ("invoice-history", "--invoice", "100..101", "invoice_number"): "100 101",
    ("invoice-history", "--invoice", "1..5", "invoice_number"): "",
    ("invoice-history", "--invoice", "007..1000", "invoice_number"): "100 101 1000",
    ("invoice-history", "--invoice", "not:99..101", "invoice_number"): "F-9 1000 F-10",
    ("invoice-history", "--invoice", "f-9..f-10", "invoice_number"): "F-9 F-10",
    ("transaction-search", "--gl-account", "900..1000", "gl_account"): "950 1000",
    ("transaction-search", "--gl-account", "1000..2000", "gl_account"): "1000 1500",
    ("transaction-search", "--entry", "9..10", "entry_number"): "9 9 10 10",
}


@pytest.mark.parametrize(("asked", "wanted"), NUMBERS.items(), ids=[" ".join(asked[1:3]) for asked in NUMBERS])
def test_ranges_of_numbers(segcli: Run, numbered: Path, asked: tuple[str, ...], wanted: str) -> None:
    overview, flag, values, column = asked
    done = segcli("show", overview, flag, values, "-f", "json", "--columns", column, "--sort", column)
    assert (done.status, " ".join(row[column] for row in done.rows)) == (0, wanted)


def test_a_backward_range_is_told_by_the_same_order(segcli: Run, numbered: Path) -> None:
    done = segcli("show", "invoice-history", "--invoice", "101..99")
    assert (done.status, "99..101" in done.err) == (2, True)


def test_tables_and_ranges_have_one_order(segcli: Run, empty: Path) -> None:
    """Each range holds exactly the rows that stand between its ends in the sorted table."""
    codes = ["7", "007", "10", "99", "100", "A", "b", "B2", "b10", "ZZ", "a-1", "0x", "éa", "Z9"]
    random.Random(6).shuffle(codes)
    Path("a.csv").write_text("account,name\nA1,Alpha\n")
    head = "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount\n"
    Path("i.csv").write_text(head + "".join(f"{n},2026-05-01,A1,processed,EUR,1.00,0.00,1.00\n" for n in codes))
    assert segcli("import", "a.csv", "i.csv").status == 0

    def numbers(*flags: str) -> list[str]:
        done = segcli("show", "invoice-history", *flags, "-f", "json", "--sort", "invoice_number")
        return [row["invoice_number"] for row in done.rows]

    shown = numbers()
    assert sorted(shown) == sorted(codes)
    assert [code_order(code) for code in shown] == sorted(code_order(code) for code in codes)
    for first, last in ((0, 4), (3, 9), (5, 13), (2, 2)):
        ends = {code.isdigit() for code in (shown[first], shown[last])}
        between = [code for code in shown[first : last + 1] if len(ends) > 1 or code.isdigit() in ends]
        assert numbers("--invoice", f"{shown[first]}..{shown[last]}") == between


# --------------------------------------------------------------------------------------------- spellings
COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"
SAME = [
    ("Größe", "GRÖSSE"), ("Größe", "gro\u0308sse"), ("ß", "SS"), ("é", "É"), (COMPOSED, DECOMPOSED), ("north", "nor\u200bth"),
    ("north", "\ufeffNorth"), ("north", "no\u00adrth"), ("north", "\u202enorth\u202c"), ("Σ", "ς"), ("İ", "i\u0307"), ("ﬁx", "FIX"),
    ("\u1fbe", "ι"), ("☎", "☎\ufe0f"),
]  # fmt: skip
OTHERS = [("é", "e"), ("ö", "o"), ("N", "M"), ("1", "①"), ("a b", "ab")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_spellings_of_two_names(one: str, other: str) -> None:
    assert key(one) != key(other)


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
HIDDEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a\u202e\u2066\u2069\ufe0f"


@given(TEXTS)
def test_a_key_is_the_key_of_itself(text: str) -> None:
    assert key(key(text)) == key(text)


@given(TEXTS, st.data())
def test_every_spelling_of_a_code_finds_the_same_value(text: str, data: st.DataObject) -> None:
    """Composed or not, in any case, with hidden characters anywhere: the key stays, and so the value that is found."""
    value = Value(1_000_001, 1, text, "")
    catalogue = Catalogue([(1, "Region")], lambda _: [value])
    at = data.draw(st.integers(0, len(text)))
    hidden = data.draw(st.sampled_from(HIDDEN))
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    spellings = [*forms, *(form.casefold() for form in forms), f"{text[:at]}{hidden}{text[at:]}"]
    # Canonical equivalence breaks where a hidden character parts an accent from its letter: the key puts them together.
    spellings += [f"{hidden}{form}{hidden}" for form in forms]
    for spelling in spellings:
        assert list(catalogue.find(1, spelling)) == [value], ascii(spelling)


@pytest.mark.parametrize(
    ("first", "second"), [("Größe", "GRÖSSE"), (COMPOSED, DECOMPOSED), ("é", "É"), ("no\u200brth", "North")]
)
def test_no_second_spelling_is_made(segcli: Run, empty: Path, first: str, second: str) -> None:
    """By the command, by a file of values, by a file of accounts: there is one value, and every spelling gives it."""
    segcli("classification", "label", "1", "Region")
    assert segcli("classification", "value", "add", "1", first, "first").status == 0
    again = segcli("classification", "value", "add", "1", second, "other")
    assert (again.status, "already" in again.err) == (2, True)
    assert segcli("classification", "value", "add", "1", second, "first").status == 0  # is there already
    Path("v.csv").write_text(f"class,code,description\n1,{second},renamed\n", encoding="utf-8")
    assert segcli("import", "v.csv", "--as", "classification-value").status == 0
    Path("c.csv").write_text(f"field,code,description\n1,{second},by a file\n", encoding="utf-8")
    assert segcli("classification", "import", "c.csv").status == 0
    Path("a.csv").write_text(f"account,name,Region\n1,One,{second}\n2,Two,{first}\n", encoding="utf-8")
    assert segcli("import", "a.csv", "--create-missing").status == 0
    with connected(empty) as db:
        assert db.execute("SELECT count(*), max(description) FROM classification_value").fetchone() == (1, "by a file")
        assert db.execute("SELECT count(DISTINCT class1), count(class1) FROM account").fetchone() == (1, 2)
    for word in (first, second, second.upper(), f"\ufeff{first}"):
        assert accounts(segcli, "--class1", word) == "1 2"
        assert accounts(segcli, "--where", f'class1 = "{word}"') == "1 2"
        assert segcli("tag", "1", "--set", f"Region={word}").status == 0
    assert segcli("check", "-f", "json").status == 0


def test_two_spellings_in_one_file_are_one_value(segcli: Run, empty: Path) -> None:
    Path("v.csv").write_text("class,code,description\n1,Größe,a\n1,GRÖSSE,b\n", encoding="utf-8")
    done = segcli("import", "v.csv", "--as", "classification-value")
    assert (done.status, "v.csv:3" in done.err, "duplicate of line 2" in done.err) == (1, True, True)
    Path("c.csv").write_text("field,code,description\n1,Größe,a\n1,GRÖSSE,b\n", encoding="utf-8")
    done = segcli("classification", "import", "c.csv")
    assert (done.status, "stands twice" in done.err) == (1, True)


def test_labels_lists_and_selections_have_one_spelling(segcli: Run, example: Path) -> None:
    assert segcli("classification", "label", "7", "Größe").status == 0
    done = segcli("classification", "label", "8", "GRO\u0308SSE")
    assert (done.status, "class7" in done.err) == (2, True)
    Path("l.csv").write_text("class,label\n8,grösse\n", encoding="utf-8")
    done = segcli("import", "l.csv", "--as", "classification-label")
    assert (done.status, "class7 has this label already" in done.err) == (1, True)
    assert segcli("show", "account-search", "--group-by", "gro\u0308ße", "-f", "csv").out.startswith("class7,")
    assert segcli("selection", "save", "Größe", "--country", "NL").status == 0
    assert segcli("selection", "save", "GRÖSSE", "--country", "BE").status == 0  # replaces it
    assert [row["name"] for row in segcli("selection", "list", "-f", "json").rows].count("Größe") == 1
    belgian = accounts(segcli, "--country", "BE")
    assert (
        accounts(segcli, "--selection", "gro\u0308sse") == accounts(segcli, "--where", "in selection GRÖSSE") == belgian
    )
    assert segcli("list", "create", COMPOSED, "--country", "BE").status == 0
    assert segcli("list", "create", DECOMPOSED.upper(), "--country", "NL").status == 2
    on_list = accounts(segcli, "--where", f"in list {COMPOSED}")
    assert on_list == accounts(segcli, "--where", f"in list {DECOMPOSED}") != ""
    mailed = segcli("show", "marketing-list", "--list", DECOMPOSED.upper(), "-f", "csv")
    assert (mailed.status, mailed.out) == (0, segcli("show", "marketing-list", "--list", COMPOSED, "-f", "csv").out)


@pytest.mark.parametrize(
    "label", ["class4", "Class4", "4", "none", "ANY", "class_5", "\u200b", "account.sector", "classification 2"]
)
def test_what_cannot_be_a_label(segcli: Run, empty: Path, label: str) -> None:
    done = segcli("classification", "label", "3", label)
    assert (done.status, "label" in done.err) == (2, True), done.err
    Path("l.csv").write_text(f"class,label\n3,{label}\n", encoding="utf-8")
    assert segcli("import", "l.csv", "--as", "classification-label").status == 1
    Path("c.csv").write_text(f"field,label,code\n3,{label},\n", encoding="utf-8")
    assert segcli("classification", "import", "c.csv").status != 0
    with connected(empty) as db:
        assert db.execute("SELECT count(*) FROM classification_label").fetchone() == (0,)


def test_the_label_that_a_class_gets_by_itself_comes_back(segcli: Run, empty: Path) -> None:
    assert segcli("classification", "value", "add", "4", "X").status == 0
    exported = segcli("classification", "export", "-f", "csv").out
    assert "Class 4" in exported
    Path("c.csv").write_text(exported)
    assert segcli("classification", "import", "c.csv").status == 0
