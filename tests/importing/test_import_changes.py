"""Imports: rejects that come in later, changes by field, classes set by hand, and dry runs."""

from pathlib import Path

from conftest import Run, fingerprint
from import_case import HEAD, accounts, bring


def test_rejects_can_be_mended_and_imported_again(segcli: Run, empty: Path) -> None:
    done = bring(segcli, HEAD + "1,A,Delft\n,B,Gouda\n3,C\n4,D,Assen\n", "--on-error", "skip", "--rejects", "bad.csv")
    assert done.status == 5
    assert "2 rows rejected, the rest was imported" in done.err
    assert len(accounts(segcli)) == 2
    text = Path("bad.csv").read_text()
    assert text.splitlines() == [
        "rejected_line,rejected_because,account,name,city",
        "3,account: this is empty,,B,Gouda",
        '4,"expected 3 fields, found 2",3,C',
    ]
    mended = text.replace(",,B,", ",2,B,").replace("3,C", "3,C,Almelo")
    assert bring(segcli, mended, name="bad.csv").status == 0
    assert [row[0] for row in accounts(segcli)] == ["1", "2", "3", "4"]


def test_rejects_that_cannot_be_written_are_told_with_what_to_do(segcli: Run, empty: object) -> None:
    words = (HEAD + "1,A,Delft\n2\n", "--on-error", "skip", "--rejects")
    done = bring(segcli, *words, "missing/bad.csv")
    assert done.status == 1
    assert "missing/bad.csv cannot be written: its folder does not exist" in done.err
    assert "the rest was imported; the same command again writes the rows that were not" in done.err
    assert accounts(segcli) == [["1", "A", "Delft"]]
    assert bring(segcli, *words, "bad.csv").status == 5
    assert [line.rpartition(",")[2] for line in Path("bad.csv").read_text().splitlines()] == ["city", "2"]


def test_the_marks_of_our_files_go_beside_a_row_that_is_rejected(segcli: Run, empty: object) -> None:
    done = bring(segcli, "account,name\n1,'=1+1\n2\n3,'-x\n", "--on-error", "skip")
    assert done.status == 5
    assert sorted(accounts(segcli, "account,name"), key=str) == [["1", "=1+1"], ["3", "-x"]]


def test_changes_are_counted_by_field_and_a_dry_run_changes_nothing(segcli: Run, empty: Path) -> None:
    bring(segcli, HEAD + "1,A,Delft\n2,B,Gouda\n3,C,Assen\n")
    before = fingerprint(empty)
    done = bring(
        segcli, HEAD + "1,A,Leiden\n2,Bb,Leiden\n3,C,Assen\n4,D,Ede\n", "--dry-run", "-f", "json", name="g.csv"
    )
    row = done.rows[0]
    assert (row["added"], row["changed"], row["unchanged"], row["changed_fields"]) == (1, 2, 1, {"name": 1, "city": 2})
    assert fingerprint(empty) == before
    assert (
        bring(segcli, HEAD + "1,A,Leiden\n2,Bb,Leiden\n3,C,Assen\n4,D,Ede\n", "--exit-code", name="g.csv").status == 4
    )
    assert segcli("show", "account-search", "leiden", "-f", "json").rows[0]["account"] == "1"
    assert segcli("show", "account-search", "delft", "-f", "json").rows == []


def test_a_file_that_comes_back_is_imported_again(segcli: Run, empty: object) -> None:
    for city in ("Delft", "Gouda", "Delft"):
        bring(segcli, HEAD + f"1,A,{city}\n")
    assert accounts(segcli) == [["1", "A", "Delft"]]


def test_a_classification_set_by_hand_is_kept(segcli: Run, empty: object) -> None:
    for code in ("N", "S"):
        segcli("classification", "value", "add", "1", code)
    bring(segcli, "account,name,class1\n1,A,N\n2,B,N\n")
    segcli("tag", "1", "--set", "class1=S")
    bring(segcli, "account,name,class1\n1,A,N\n2,B,S\n", name="g.csv")
    assert accounts(segcli, "account,class1") == [["1", "S"], ["2", "S"]]
    bring(segcli, "account,name,class1\n1,A,N\n2,B,S\n", "--overwrite-classes", name="g.csv")
    assert accounts(segcli, "account,class1") == [["1", "N"], ["2", "S"]]
    history = segcli("history", "1", "-f", "json").rows
    assert [(row["from"], row["to"], row["source"]) for row in history] == [
        (None, "N", "import"),
        ("N", "S", "manual"),
        ("S", "N", "import"),
    ]


def test_an_export_with_a_class_added_can_be_tagged_from(segcli: Run, empty: object) -> None:
    bring(segcli, HEAD + "1,A,Delft\n", name="a.csv")
    segcli("classification", "label", 1, "Region")
    segcli("classification", "value", "add", 1, "N")
    lines = segcli("show", "account-search", "-f", "csv").out.splitlines()
    Path("t.csv").write_text(f"{lines[0]},Region\n{lines[1]},N\n")
    assert segcli("tag", "--from", "t.csv", "--yes").status == 0
    assert accounts(segcli, "account,class1") == [["1", "N"]]


def test_a_dry_run_speaks_in_the_conditional(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name\nA,Ann\nB,Bob\n")
    before = fingerprint(empty)
    done = segcli("import", "a.csv", "--dry-run", "-f", "md")
    assert done.status == 0
    assert "2 rows would be imported; nothing was changed" in done.out
    assert "Would be added" in done.out
    assert segcli("import", "a.csv", "--dry-run", "-f", "json").rows[0]["added"] == 2
    Path("w.csv").write_text("account,name,is_blocked\nA,Ann,1\nB,Bob,perhaps\n")
    refused = segcli("import", "w.csv", "--dry-run")
    assert "1 row would be rejected, nothing would be imported" in refused.err
    skipped = segcli("import", "w.csv", "--dry-run", "--on-error", "skip")
    assert (skipped.status, "1 row would be rejected, the rest would be imported" in skipped.err) == (5, True)
    Path("i.csv").write_text(
        "account,invoice_number,invoice_date,due_date,amount,open\nA,1,2026-01-01,2026-01-31,100,60\n"
    )
    assert segcli("import", "i.csv", "--create-missing", "--dry-run").status in {0, 1}
    assert fingerprint(empty) == before
    assert segcli("import", "a.csv").status == 0
    notes = segcli("import", "i.csv", "--dry-run", "-f", "json").rows[0]["notes"]
    assert notes == "1 payment would be matched"
    assert [row["notes"] for row in segcli("import", "i.csv", "-f", "json").rows] == ["1 payment matched"]
