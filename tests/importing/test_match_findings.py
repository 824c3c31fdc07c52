"""What tells of accounts that are probably one, and where references are shown and deleted."""

from pathlib import Path

from conftest import Run, connected

from segcli.storage import duplicates

ACCOUNTS = """code,name,vat_number,chamber_of_commerce,address,postcode,city,references
A1,Acme BV,NL 0012.34.567.B01,12345678,Kade 1,1000 AA,Delft,x:1
A2,Other,nl001234567b01,,Weg 2,2000 BB,Delft,
A3,acme b.v.,,1234 56 78,KADE 1,1000aa,Delft,"x:3
x:Jan de Boer"
A4,Acme BV,,,Kade 1,9999 ZZ,Delft,
A5,Nobody,,,,,,
A6,Nobody,,,,,,
A7,Place,,,Dorp 1,,Gouda,
A8,Place,,,Dorp 1,,Gouda,
A9,Place,,,Dorp 1,,Leiden,
"""


def test_check_lists_probable_duplicates(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text(ACCOUNTS)
    assert segcli("import", "a.csv").status == 0
    done = segcli("check", "-f", "json")
    assert done.status == 0
    (row,) = (row for row in done.rows if row["check"] == "duplicates")
    joins = "if they are one, segcli account merge joins them"
    assert (row["result"], row["detail"].split("; ")) == (
        "warning",
        [
            f"accounts A1 and A2 have the same VAT number: {joins}",
            f"accounts A1 and A3 have the same chamber of commerce number: {joins}",
            f"accounts A1 and A3 have the same name and address: {joins}",
            f"accounts A7 and A8 have the same name and address: {joins}",
        ],
    )
    for goes, stays in (("A2", "A1"), ("A3", "A1"), ("A8", "A7")):
        assert segcli("account", "merge", goes, stays).status == 0
    (row,) = (row for row in segcli("check", "-f", "json").rows if row["check"] == "duplicates")
    assert row["result"] == "ok"


def test_many_duplicates_are_counted(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("code,name,vat_number\n" + "".join(f"A{n},Name {n},NL001\n" for n in range(9)))
    assert segcli("import", "a.csv").status == 0
    with connected(empty) as db:
        found = duplicates.found(db)
    assert [text.partition(" have")[0] for text in found] == ["accounts A0, A1, A2, A3, A4 and 4 more"]


def test_the_card_shows_references(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text(ACCOUNTS)
    segcli("import", "a.csv")
    shown = segcli("account", "A3", "-f", "table").out
    assert "References" in shown
    assert "x:Jan de Boer" in shown
    assert "References" not in segcli("account", "A5", "-f", "table").out


def test_anonymising_deletes_references_that_name_the_person(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text(ACCOUNTS)
    Path("c.csv").write_text("account,contact,name,email\nA3,1,Jan de Boer,jan@boer.example\n")
    assert segcli("import", "a.csv", "c.csv").status == 0
    assert segcli("contact", "anonymise", "A3:1", "--yes").status == 0
    with connected(empty) as db:
        assert db.execute("SELECT reference FROM account_reference ORDER BY 1").fetchall() == [("x:1",), ("x:3",)]
    # The row of an anonymised person must not come back with the contacts of another account.
    done = segcli("account", "merge", "A3", "A1")
    assert (done.status, "merge the other way round: segcli account merge A1 A3" in done.err) == (1, True)
    assert segcli("account", "merge", "A1", "A3").status == 0
