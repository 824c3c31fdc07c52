"""Accounts without a code: how their rows find accounts, what is refused, and the numbers of new ones."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Result, Run, connected

from segcli.base.errors import SegcliError
from segcli.domain import account_numbers
from segcli.importing import readers
from segcli.importing.kinds.machinery import references
from segcli.importing.readers import Block, Source

Bring = Callable[..., Result]


@pytest.fixture
def bring(segcli: Run, empty: Path) -> Bring:
    """Return what imports a text of a file of accounts, and gives its result."""

    def imported(text: str, *flags: object, name: str = "in.csv") -> Result:
        Path(name).write_text(text, encoding="utf-8")
        return segcli("import", name, "-f", "json", *flags)

    return imported


def accounts(path: Path, *columns: str) -> list[tuple[object, ...]]:
    with connected(path) as db:
        return db.execute(f"SELECT {', '.join(columns or ('code', 'name'))} FROM account ORDER BY code").fetchall()


def referred(path: Path) -> dict[str, str]:
    """Return the code of the account of each reference."""
    with connected(path) as db:
        return dict(
            db.execute("SELECT r.reference, a.code FROM account_reference AS r JOIN account AS a ON a.id = account_id")
        )


def counts(done: Result) -> tuple[int, int, int]:
    (row,) = done.rows
    return row["added"], row["changed"], row["unchanged"]


PARTNERS = """references,name,vat_number,email,city
"odoo:res_partner_12
odoo:Acme B.V.",Acme B.V.,NL 0012.34.567.B01,info@acme.example,Delft
odoo:res_partner_13,Jan de Boer,,jan@boer.example,Gouda
"""


def test_a_second_import_finds_its_records(bring: Bring, empty: Path) -> None:
    assert counts(bring(PARTNERS)) == (2, 0, 0)
    assert accounts(empty) == [("C00001", "Acme B.V."), ("C00002", "Jan de Boer")]
    assert referred(empty) == {
        "odoo:res_partner_12": "C00001", "odoo:Acme B.V.": "C00001", "odoo:res_partner_13": "C00002",
    }  # fmt: skip
    assert counts(bring(PARTNERS, "--again")) == (0, 0, 2)
    moved = PARTNERS.replace("Gouda", "Leiden").replace("Jan de Boer", "Jan Boer")
    assert counts(bring(moved)) == (0, 1, 1)
    assert accounts(empty, "code", "city") == [("C00001", "Delft"), ("C00002", "Leiden")]


def test_new_accounts_are_found_by_search(bring: Bring, segcli: Run) -> None:
    bring(PARTNERS)
    assert segcli("show", "account-search", "c00002", "-f", "json").rows[0]["name"] == "Jan de Boer"
    assert segcli("check").status == 0


def test_undo_takes_accounts_and_references_back(bring: Bring, segcli: Run, empty: Path) -> None:
    bring(PARTNERS)
    assert segcli("undo", 1, "--yes").status == 0
    assert (accounts(empty), referred(empty)) == ([], {})
    assert counts(bring(PARTNERS)) == (2, 0, 0)
    assert accounts(empty) == [("C00001", "Acme B.V."), ("C00002", "Jan de Boer")]


def test_undo_of_a_reference_that_a_known_account_got(bring: Bring, segcli: Run, empty: Path) -> None:
    bring("code,name,vat_number\nA1,Acme,NL001234567B01\n")
    assert counts(bring(PARTNERS, name="p.csv")) == (1, 1, 0)
    assert referred(empty)["odoo:res_partner_12"] == "A1"
    assert segcli("undo", 2, "--yes").status == 0
    assert (accounts(empty), referred(empty)) == ([("A1", "Acme")], {})


KNOWN = """code,name,vat_number,chamber_of_commerce,email,postcode,external_id
A1,Acme BV,NL001234567B01,12345678,info@acme.example,1000 AA,GUID-1
A2,Jan de Boer,,,jan@boer.example,,
A3,Twin One,NL009999999B01,,one@twin.example,,
A4,Twin Two,NL009999999B01,,two@twin.example,,
A5,Zus,,,two@persons.example,,
"""
FOUND = [  # a row, the flags, and the account that it is
    ("external_id,name\nGUID-1,Other", (), "A1"),
    ("vat_number,name,city\nnl 0012.34.567 b01,Other,X", (), "A1"),
    ("chamber_of_commerce,name,city\n12 34 56 78,Other,X", (), "A1"),
    ("email,name\nJAN@Boer.example,J. de Boer", (), "A2"),  # two persons
    ("email,name\ninfo@acme.example,ACME B.V.", (), "A1"),  # the same name, too
    ("email,name\ninfo@acme.example,Other", ("--match", "id,email"), "A1"),
    ("references,name\nx:1,acme b.v.", ("--match", "id,name"), "A1"),
    ("name,city\nJAN DE BOER,X", ("--match", "name", "--as", "account"), "A2"),
]


@pytest.mark.parametrize(("text", "flags", "code"), FOUND)
def test_found(bring: Bring, empty: Path, text: str, flags: tuple[str, ...], code: str) -> None:
    bring(KNOWN)
    before = dict(accounts(empty))
    done = bring(text, "--as", "account", *flags, name="b.csv")
    assert (done.status, done.rows[0]["added"]) == (0, 0), done.err
    after = dict(accounts(empty))
    assert {one for one in after if after[one] != before[one]} <= {code}
    assert after[code] == text.splitlines()[1].split(",")[1 if not text.startswith("name") else 0]
    again = bring(text, "--as", "account", "--again", *flags, name="b.csv")
    assert counts(again) == (0, 0, 1)


REFUSED = [  # a row, the flags, and what is said
    ("email,name\ninfo@acme.example,Other", (), "this is probably account A1, which has the same e-mail address"),
    ("references,name\nx:1,Acme B.V.", (), "this is probably account A1, which has the same name"),
    ("email,name\njan@boer.example,Boer Holding B.V.", (), "this is probably account A2"),  # a company
    ("external_id,vat_number,name\nGUID-1,NL009999999B01,X", (), None),  # the number of two accounts decides nothing
    ("vat_number,name\nNL009999999B01,X", (), "two accounts have this VAT number: A3 and A4"),
    ("email,name\nq@q.example,X", ("--match", "id"), "nothing identifies this account"),
    ("email,name,vat_number\n,X,", (), "this is empty; without a code, an account needs vat_number or email"),
    (
        "vat_number,chamber_of_commerce,name,references\nNL001234567B01,,X,bad",
        (),
        "reference 1 is not one of another program",
    ),
    ("references,name\ncode:A1,X", (), "code and id are segcli's own"),
    ("references,name\nx:1,", (), "this is a new account without a name"),
    ("code,references,name\nA1,x:1,Acme", (), None),
]


@pytest.mark.parametrize(("text", "flags", "said"), REFUSED)
def test_refused(bring: Bring, empty: Path, text: str, flags: tuple[str, ...], said: str | None) -> None:
    bring(KNOWN)
    before = accounts(empty, "*")
    done = bring(text, "--as", "account", *flags, name="b.csv")
    if said is None:
        assert (done.status, done.err) == (0, "")
        return
    assert (done.status, said in done.err) == (1, True), done.err
    assert "b.csv:2:" in done.err
    assert accounts(empty, "*") == before


def test_a_probable_match_says_what_to_do(bring: Bring, empty: Path) -> None:
    bring(KNOWN)
    text = "references,name\nx:1,Acme B.V."
    said = bring(text, name="b.csv").err
    assert "--match id,vat,chamber,email,name" in said
    assert "--map COLUMN=account" in said
    assert "if it is not: --match id,vat,chamber" in said
    assert bring(text, "--match", "id,vat,chamber", name="b.csv").rows[0]["added"] == 1
    assert referred(empty) == {"x:1": "C00001"}
    assert counts(bring(text, name="b.csv")) == (0, 0, 1)  # it is known by its id now


def test_equal_names_with_other_numbers_are_two_accounts(bring: Bring, empty: Path) -> None:
    bring(KNOWN)
    done = bring(
        "references,name,postcode,vat_number\nx:1,Acme BV,9999 ZZ,\nx:2,Acme BV,,NL005555555B01\n", name="b.csv"
    )
    assert counts(done) == (2, 0, 0)
    assert len(accounts(empty)) == 7


def test_a_row_that_matches_two_accounts(bring: Bring, empty: Path) -> None:
    bring(KNOWN)
    bring("references,name\nx:1,Xavier\n", name="b.csv")
    done = bring("references,name,vat_number\nx:1,X,NL001234567B01\n", name="c.csv")
    assert done.status == 1
    assert "this row matches two accounts: A1 and C00001; if they are one: segcli account merge A1 C00001" in done.err
    done = bring("references,external_id,name\nx:1,GUID-1,X\n", name="c.csv")
    assert "this row matches two accounts: A1 and C00001" in done.err
    done = bring("code,references,name\nA2,x:1,X\n", name="c.csv")
    assert "c.csv:2:code: 'A2': this is account C00001 by its references" in done.err


def test_numbers_that_two_rows_have_identify_neither(bring: Bring, empty: Path) -> None:
    bring(KNOWN)
    text = "references,name,vat_number\nx:1,North,NL001234567B01\nx:2,South,NL001234567B01\n"
    assert counts(bring(text, name="b.csv")) == (2, 0, 0)
    assert counts(bring(text, "--again", name="b.csv")) == (0, 0, 2)
    # Nor does a reference; without anything else, the second row is a duplicate of the first.
    text = "references,external_id,name\ny:shared,G8,Eight\ny:shared,G9,Nine\n"
    assert counts(bring(text, name="c.csv")) == (2, 0, 0)
    assert "y:shared" not in referred(empty)
    done = bring("vat_number,name,city\nNL003,One,X\nNL003,Two,X\n", name="d.csv")
    assert (done.status, done.err.count("nothing identifies this account")) == (1, 2)


def test_ids_of_one_program_keep_accounts_apart(bring: Bring, empty: Path) -> None:
    bring("references,name,email,vat_number\nx:1,Ann,ann@x.example,NL001\n")
    assert counts(bring("references,name,email,vat_number\nx:2,Ann,ann@x.example,NL001\n", name="b.csv")) == (1, 0, 0)
    done = bring("references,name,email,vat_number\ny:2,Ann,ann@x.example,\n", name="c.csv")
    assert (done.status, len(accounts(empty))) == (1, 2)


def test_a_guid_of_an_account_is_not_overwritten(bring: Bring, empty: Path) -> None:
    bring(KNOWN)
    text = "external_id,name,vat_number\nother-7,Acme,NL001234567B01\n"
    # Both have a GUID, and they differ: equal numbers do not make them one.
    assert bring(text, name="b.csv").rows[0]["added"] == 1
    assert ("A1", "GUID-1") in accounts(empty, "code", "external_id")


def test_a_new_code_of_a_known_account(bring: Bring, empty: Path) -> None:
    bring("references,name\nx:1,Ann\n")
    assert counts(bring("code,references,name\n1001,x:1,Ann\n", name="b.csv")) == (0, 0, 1)
    assert accounts(empty) == [("C00001", "Ann")]
    assert counts(bring("code,name\n1001,Anna\n", name="c.csv")) == (0, 1, 0)
    assert accounts(empty) == [("C00001", "Anna")]


def test_many_rows_in_any_order_are_the_same_accounts(bring: Bring, empty: Path) -> None:
    rows = [f"x:{n},Name {n},n{n}@x.example,NL{n:09}" for n in range(300)]
    head = "references,name,email,vat_number\n"
    assert counts(bring(head + "\n".join(rows))) == (300, 0, 0)
    assert counts(bring(head + "\n".join(reversed(rows)), name="b.csv")) == (0, 0, 300)
    assert len(set(referred(empty).values())) == 300


# ---------------------------------------------------------------------------------------------- numbers
def test_numbers_follow_the_highest_and_skip_codes_of_the_file(bring: Bring, segcli: Run, empty: Path) -> None:
    bring("code,name\nC00007,Seven\nC12,Twelve\nC0x9,No number\nX00099,Other\n")
    dry = bring("code,references,name\n,x:1,One\nC00020,,Twenty\n,x:2,Two\n", "--dry-run", name="b.csv")
    assert counts(dry) == (3, 0, 0)
    assert len(accounts(empty)) == 4
    bring("code,references,name\n,x:1,One\nC00020,,Twenty\n,x:2,Two\n", name="b.csv")
    assert referred(empty) == {"x:1": "C00021", "x:2": "C00022"}
    # The number of an account that was merged stays taken.
    assert segcli("account", "merge", "C00022", "C00007").status == 0
    bring("references,name\nx:3,Three\n", name="c.csv")
    assert referred(empty)["x:3"] == "C00023"


def test_the_series_is_configured(bring: Bring, empty: Path) -> None:
    Path("c.yaml").write_text('accounts:\n  number: "WEB-{n:3}"\n')
    assert counts(bring(PARTNERS, "--config", "c.yaml")) == (2, 0, 0)
    assert [code for code, _ in accounts(empty)] == ["WEB-001", "WEB-002"]
    Path("c.yaml").write_text('accounts:\n  number: "WEB"\n')
    done = bring(PARTNERS, "--again", "--config", "c.yaml")
    assert (done.status, "accounts.number: 'WEB' is no form of an account number" in done.err) == (1, True)


@pytest.mark.parametrize(("form", "code"), [("C{n:5}", "C00007"), ("{n:1}", "7"), ("A-{n:3}", "A-007")])
def test_forms(form: str, code: str) -> None:
    assert account_numbers.series(form).code(7) == code
    assert account_numbers.series("C{n:2}").code(1000) == "C1000"


@pytest.mark.parametrize("form", ["", "C", "C{n}", "C{n:0}", "C{n:5}X", "{yy}{n:3}", " {n:3}", "C{n:5}{n:5}"])
def test_wrong_forms(form: str) -> None:
    with pytest.raises(SegcliError, match=r"accounts\.number"):
        account_numbers.series(form)


def test_match_takes_known_words_only(bring: Bring) -> None:
    done = bring(PARTNERS, "--match", "id,mail")
    assert (done.status, "--match: there is no 'mail'" in done.err) == (2, True)


def test_what_shows_a_list_of_accounts(bring: Bring) -> None:
    """A name and an id may be those of anything: import asks."""
    done = bring("id,name\n7,Seven\n")
    assert (done.status, "accounts need account" in done.err) == (1, True)
    assert counts(bring("id,name\n7,Seven\n", "--as", "account")) == (1, 0, 0)
    done = bring("acount,name,city\nA1,One,Delft\n")
    assert (done.status, "is 'acount' the account? then: --map 'acount=account'" in done.err) == (1, True)
    done = bring("name,city\nOne,Delft\n", "--as", "account")
    assert (done.status, "this is empty" in done.err) == (1, True)


def test_references_are_read_line_by_line() -> None:
    assert references.split("x:1\r\n y:Two words \n\nx:1") == ["x:1", "y:Two words"]


# ------------------------------------------------------------------------------------ rows that name references
@pytest.fixture
def by_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files whose name begins with ref name accounts by reference, as layouts of programs do."""
    read = readers.read

    def marked(source: Source) -> Iterator[Block]:
        for block in read(source):
            yield block._replace(by_reference=source.name.startswith("ref"))

    monkeypatch.setattr(readers, "read", marked)


INVOICES = """account,name,invoice_number,invoice_date,due_date,currency,amount
odoo:Acme B.V.,Acme B.V.,F1,2026-01-01,2026-02-01,EUR,100.00
odoo:Acme B.V.,Acme B.V.,F2,2026-01-05,2026-02-05,EUR,50.00
odoo:Jan,,F3,2026-01-05,2026-02-05,EUR,25.00
"""


@pytest.mark.usefixtures("by_reference")
def test_items_by_reference(bring: Bring, empty: Path) -> None:
    done = bring(INVOICES, name="ref.csv")
    assert (done.status, "there is no such account" in done.err) == (1, True)
    assert counts(bring(INVOICES, "--create-missing", name="ref.csv")) == (3, 0, 0)
    assert accounts(empty) == [("C00001", "Acme B.V."), ("C00002", "Jan")]
    assert referred(empty) == {"odoo:Acme B.V.": "C00001", "odoo:Jan": "C00002"}
    assert counts(bring(INVOICES, "--create-missing", "--again", name="ref.csv")) == (0, 0, 3)
    with connected(empty) as db:
        sql = "SELECT a.code, sum(i.amount) FROM outstanding_item AS i JOIN account AS a ON a.id = i.account_id GROUP BY 1"
        assert db.execute(sql).fetchall() == [("C00001", 15000), ("C00002", 2500)]


@pytest.mark.usefixtures("by_reference")
@pytest.mark.parametrize("is_list_first", [True, False])
def test_customers_and_invoices_in_either_order(bring: Bring, empty: Path, *, is_list_first: bool) -> None:
    steps = [lambda: bring(PARTNERS, name="p.csv"), lambda: bring(INVOICES, "--create-missing", name="ref.csv")]
    for step in steps if is_list_first else reversed(steps):
        done = step()
        assert done.status == 0, done.err
    found = referred(empty)
    assert found["odoo:res_partner_12"] == found["odoo:Acme B.V."]
    assert sorted(name for _, name in accounts(empty)) == ["Acme B.V.", "Jan", "Jan de Boer"]
    assert counts(bring(PARTNERS, "--again", name="p.csv")) == (0, 0, 2)


def test_a_normal_file_finds_references_too(bring: Bring, empty: Path) -> None:
    bring(PARTNERS)
    text = INVOICES.splitlines()
    assert counts(bring("\n".join(text[:3]), name="i.csv")) == (2, 0, 0)
    with connected(empty) as db:
        assert db.execute("SELECT count(*) FROM outstanding_item").fetchone() == (2,)
