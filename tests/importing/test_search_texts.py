"""Search texts: check tells where another program changed what they are made of, and --repair-search makes them again."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run, connected


def search(segcli: Run) -> tuple[int, str, str]:
    """Return the status of check, and what it says of the search texts."""
    done = segcli("check", "-f", "json")
    (row,) = [row for row in done.rows if row["check"] == "search"]
    return done.status, row["result"], row["detail"] or ""


def change(path: Path, *statements: str) -> None:
    with connected(path) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def found(segcli: Run, word: str, overview: str = "account-search") -> list[str]:
    flag = ["--text"] if overview == "request-search" else []
    rows = segcli("show", overview, *flag, word, "-f", "json").rows
    return [row["request" if overview == "request-search" else "account"] for row in rows]


def test_the_example_is_as_it_should_be(segcli: Run, example: Path) -> None:
    assert example.exists()
    assert search(segcli) == (0, "ok", "")


def test_a_change_by_another_program_is_told_and_repaired(segcli: Run, example: Path) -> None:
    change(example, "UPDATE account SET name = 'Zeldzaam Ünïek' WHERE code IN ('000017', '000018')")
    assert found(segcli, "zeldzaam") == []
    status, result, detail = search(segcli)
    assert (status, result) == (1, "failed")
    assert detail == "the search text of 2 accounts is out of date: 000017, 000018"
    assert "run: segcli check --repair-search" in segcli("check").err
    assert segcli("check", "--repair-search").status == 0
    assert found(segcli, "zeldzaam") == found(segcli, "uniek") == ["000017", "000018"]
    assert search(segcli) == (0, "ok", "")


def test_contacts_and_requests_too(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        owner = db.execute(
            "SELECT a.code FROM contact AS c JOIN account AS a ON a.id = c.account_id WHERE c.id = 3"
        ).fetchone()[0]
        number = db.execute("SELECT request_number FROM request WHERE id = 2").fetchone()[0]
    change(
        example,
        "UPDATE contact SET notes = 'Zeldzaam' WHERE id = 3",
        "UPDATE request SET description = 'Zeldzaam' WHERE id = 2",
    )
    _, result, detail = search(segcli)
    assert result == "failed"
    assert f"the search text of 1 contact is out of date: {owner}/" in detail
    assert detail.endswith(f"the search text of 1 request is out of date: {number}")
    assert segcli("check", "--repair-search").status == 0
    assert found(segcli, "zeldzaam", "contact-search") == [owner]
    assert found(segcli, "zeldzaam", "request-search") == [number]


def test_many_are_counted_and_the_first_named(segcli: Run, example: Path) -> None:
    change(example, "UPDATE account SET city = 'Verweg'")
    with connected(example) as db:
        count = db.execute("SELECT count(*) FROM account").fetchone()[0]
        first = [row[0] for row in db.execute("SELECT code FROM account ORDER BY id LIMIT 5")]
    assert search(segcli)[2] == f"the search text of {count} accounts is out of date: {', '.join(first)}, …"


def test_a_broken_index_is_made_again(segcli: Run, example: Path) -> None:
    assert found(segcli, "groningen")
    change(example, "INSERT INTO account_search (account_search) VALUES ('delete-all')")
    assert found(segcli, "groningen") == []
    assert segcli("check", "--repair-search").status == 0
    assert len(found(segcli, "groningen")) == len(
        segcli("show", "account-search", "--where", "city = Groningen", "-f", "json").rows
    )


def test_a_repair_is_no_run_and_changes_nothing_else(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        before = list(db.iterdump())
    assert segcli("check", "--repair-search").status == 0
    own = re.compile("_search_|table_version")
    with connected(example) as db:
        assert [line for line in db.iterdump() if not own.search(line)] == [
            line for line in before if not own.search(line)
        ]


def test_check_alone_changes_nothing(segcli: Run, example: Path) -> None:
    change(example, "UPDATE account SET name = 'Zeldzaam' WHERE code = '000017'")
    with connected(example) as db:
        before = db.execute("SELECT search_text FROM account WHERE code = '000017'").fetchone()
    assert search(segcli)[0] == 1
    with connected(example) as db:
        assert db.execute("SELECT search_text FROM account WHERE code = '000017'").fetchone() == before


def test_sqlite_utils_is_such_a_program(segcli: Run, example: Path) -> None:
    pytest.importorskip("sqlite_utils")
    words = ["query", str(example), "update account set name = 'Zeldzaam' where code = '000017'"]
    subprocess.run([sys.executable, "-m", "sqlite_utils", *words], check=True, capture_output=True)
    assert "000017" in search(segcli)[2]


FIRST = {
    "account": "account,name,city,email,phone\nA,Bakker,Assen,a@one.example,012-345\n",
    "contact": "account,contact,first_name,middle_name,last_name,email,notes\nA,1,Jan,de,Wit,jan@one.example,belt graag\n",
    "request": "request,account,type,description,notes\nR1,A,task,Bel terug,vraag naar tegels\n",
}  # fmt: skip
LATER = {
    "account": ("account,name,city\nA,Bakker,Zwolle\n", ("bakker", "zwolle", "012345", "a@one")),
    "contact": ("account,contact,first_name,middle_name,last_name\nA,1,Jan,van,Wit\n", ("jan van wit", "belt", "jan@one")),
    "request": ("request,account,type,description\nR1,A,task,Kom langs\n", ("kom langs", "tegels")),
}  # fmt: skip


@pytest.mark.parametrize("kind", FIRST)
def test_a_file_with_some_of_the_fields_keeps_the_others_to_be_found(segcli: Run, empty: Path, kind: str) -> None:
    for name, text in FIRST.items():
        Path(f"{name}.csv").write_text(text)
        assert segcli("import", f"{name}.csv", "--as", name).status == 0
    assert search(segcli) == (0, "ok", "")
    text, words = LATER[kind]
    Path("later.csv").write_text(text)
    done = segcli("import", "later.csv", "--as", kind)
    assert done.status == 0, done.err
    assert search(segcli) == (0, "ok", "")
    with connected(empty) as db:
        (stored,) = db.execute(f"SELECT search_text FROM {kind}").fetchone()
    assert all(word in stored for word in words), stored


def test_a_blank_name_is_kept_to_be_found(segcli: Run, empty: Path) -> None:
    assert empty.exists()
    fields = "account,name,search_code,city,email,phone,vat_number,chamber_of_commerce"
    Path("a.csv").write_text(f"{fields}\nA,Bakker,BAK,Assen,a@one.example,012,NL001234567B01,12345678\n")
    assert segcli("import", "a.csv").status == 0
    Path("a.csv").write_text(f"{fields}\nA,,BAK,Zwolle,a@one.example,012,NL001234567B01,12345678\n")
    assert segcli("import", "a.csv", "--as", "account").status == 0
    assert (found(segcli, "bakker"), found(segcli, "zwolle")) == (["A"], ["A"])
    assert search(segcli) == (0, "ok", "")


def test_an_anonymised_contact_stays_out_of_the_search(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        code, contact, address = db.execute(
            "SELECT a.code, c.code, c.email FROM contact AS c JOIN account AS a ON a.id = c.account_id WHERE c.email LIKE '%@%' LIMIT 1"
        ).fetchone()
    assert segcli("contact", "anonymise", address, "--yes").status in {0, 5}
    assert search(segcli) == (0, "ok", "")
    assert segcli("check", "--repair-search").status == 0
    with connected(example) as db:
        texts = db.execute(
            "SELECT count(*) FROM contact WHERE search_text = '' AND code LIKE 'anonymised-%'"
        ).fetchone()
    assert texts[0] >= 1, (code, contact)
    header = "account,name,search_code,city,email,phone,vat_number,chamber_of_commerce\n"
    Path("a.csv").write_text(f"{header}NEW1,Nieuw,N,Assen,{address},1,,\n")
    assert segcli("import", "a.csv", "--as", "account").status in {0, 5}
    assert found(segcli, address) == []
    assert search(segcli) == (0, "ok", "")
