"""Who was anonymised is nowhere any more, and nothing brings them back."""

import json
import shutil
from pathlib import Path

import people
import pytest
from conftest import Run, connected
from hypothesis import given, settings
from hypothesis import strategies as st
from people import written

from segcli.privacy import erasure, scrubbing


@pytest.fixture
def held(segcli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a database in a folder of its own, with a person in every corner of it."""
    path = tmp_path / "room" / "t.db"
    monkeypatch.setenv("SEGCLI_DATABASE", str(path))
    assert segcli("init").status == 0
    people.fill(segcli, tmp_path)
    return path


def test_no_byte_is_left_wherever_a_person_stood(segcli: Run, held: Path) -> None:
    assert len(people.traces(held.parent)) > 8
    others = people.everyone_else(held)
    done = segcli("contact", "anonymise", people.MAIL, "--yes", "--reason", "Piet Zwärtjes asked")
    assert done.status == 0
    assert (
        done.err
        == "account K1 had that address or number as its own: removed there too; also change it in the source of your accounts\n"
    )
    assert people.traces(held.parent) == set()
    assert people.everyone_else(held) == others
    assert segcli("check").status == 0
    assert [row["name"] for row in segcli("show", "contact-search", "zwartjes", "--inactive", "-f", "json").rows] == [
        "Joan Piet"
    ]


def test_no_undo_brings_a_person_back(segcli: Run, held: Path) -> None:
    assert segcli("contact", "anonymise", people.MAIL, "--yes").status == 0
    for run in sorted((row["run"] for row in segcli("log", "-f", "json").rows), reverse=True):
        assert segcli("undo", run, "--yes").status in {0, 1, 2}
        assert people.traces(held.parent) == set(), f"undo {run}"
    with connected(held) as db:
        assert db.execute("SELECT count(*) FROM marketing_list_member WHERE contact_id = 1").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM opt_out").fetchone() == (1,)
    Path("new.csv").write_text(f"account,name,email,consent_basis\nK2,Somebody,{people.MAIL},consent\n")
    segcli("import", "new.csv")
    assert people.MAIL not in written(segcli)


def test_no_file_and_no_sync_brings_a_person_back(segcli: Run, held: Path, tmp_path: Path) -> None:
    assert segcli("contact", "anonymise", people.MAIL, "--yes").status == 0
    people.write(tmp_path)  # what others' own texts say of them is theirs to mend, and is told
    (tmp_path / "a.csv").write_text(people.ACCOUNTS.format(mail=people.MAIL, mobile="", remarks=""))
    (tmp_path / "c.csv").write_text(people.WHO + people.OTHERS.format(notes=""))
    requests = (tmp_path / "r.csv").read_text().splitlines()[:2]  # the one that is about them
    (tmp_path / "r.csv").write_text("\n".join(requests).replace("task", "service") + "\n")
    new = "account,name,email,mobile\nK1,PIET  ZWARTJES,,\nK2,P. Zwart,{0},\nK2,Other,{0} ,\n".format(
        people.MAIL.title()
    )
    (tmp_path / "new.csv").write_text(new)
    (tmp_path / "exact.csv").write_text("account,contact,name,external_id\nK2,55,Zwart-Smit,G-77-33\n")
    (tmp_path / "later.csv").write_text(
        'type,account,contact,description,notes,request_date\ntask,K1,1,"Zwärtjes again",x,2026-06-02\ntask,K1,PIET ZWÄRTJES,Zwärtjes too,x,2026-06-02\n'
    )
    for name in ("a.csv", "c.csv", "r.csv", "new.csv", "exact.csv", "later.csv"):
        done = segcli("import", name, "--again", "-f", "json", *(("--as", "contact") if name == "new.csv" else ()))
        assert done.status == 0, done.err
        assert (name == "r.csv") != ("anonymised here" in json.dumps(done.rows)), (name, done.out)
    assert people.traces(held.parent) == set()
    with connected(held) as db:
        assert db.execute("SELECT type FROM request WHERE request_number = 'R1'").fetchone() == (
            "service",
        )  # the rest comes in
        assert db.execute("SELECT count(*) FROM contact").fetchone() == (4,)
    assert segcli("list", "sync").status == 0
    with connected(held) as db:
        assert db.execute("SELECT count(*) FROM marketing_list_member WHERE contact_id = 1").fetchone() == (0,)
    assert people.MAIL not in written(segcli)
    # the address asked for it itself: from then on its owner comes in again, under another name
    assert segcli("list", "opt-in", people.MAIL).status == 0
    assert segcli("import", "new.csv", "--as", "contact", "--again").status in {0, 1}


def test_what_stays_is_told(segcli: Run, held: Path) -> None:
    with connected(held) as db:
        db.execute("UPDATE account SET name = 'Piet Zwärtjes' WHERE code = 'K1'")
        db.execute("INSERT INTO invoice (account_id, ordered_by_id, deliver_to_id, invoice_number, invoice_date, currency, net_amount, vat_amount,"
                   f" total_amount, description) VALUES (1, 1, 1, '9', '2026-01-05', 'EUR', 1, 0, 1, 'for {people.MAIL}')")  # fmt: skip
        db.commit()
    copy = held.with_name("before the fair")
    assert segcli("backup", copy).status == 0
    shutil.copy(held, held.with_name("plain.copy"))
    assert segcli("--database", held.with_name("other.db"), "init").status == 0
    done = segcli("contact", "anonymise", people.MAIL, "--yes")
    assert "1 line of invoices and the ledger still names them: bookkeeping records are kept" in done.err
    assert "these still contain them: account (1)" in done.err
    assert [line.split(" still")[0] for line in done.err.splitlines() if "delete that backup" in line] == [
        str(copy),
        str(held.with_name("plain.copy")),
    ]


def test_an_address_that_others_have_stays_theirs(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name,email,phone\nK1,One,office@one.example,020-5554433\n")
    Path("c.csv").write_text(
        "account,contact,name,email,phone,consent_basis\nK1,1,Jan Smit,office@one.example,020-5554433,consent\nK1,2,An Bos,office@one.example,020-5554433,consent\n"
    )
    assert segcli("import", "a.csv", "c.csv").status == 0
    assert segcli("request", "add", "K1", "mail office@one.example for An Bos, 020-5554433, not Jan Smit").status == 0
    done = segcli("contact", "anonymise", "K1:1", "--yes")
    assert (done.status, done.err) == (0, "")
    with connected(empty) as db:
        assert db.execute("SELECT email, phone FROM account").fetchone() == ("office@one.example", "020-5554433")
        assert db.execute("SELECT description FROM request").fetchone() == (
            "mail office@one.example for An Bos, 020-5554433, not anonymised",
        )
    assert segcli("import", "c.csv", "--again").status == 0
    rows = segcli("show", "contact-overview", "-f", "json").rows
    assert [row["name"] for row in rows if row["email"] == "office@one.example"] == ["An Bos"]
    assert segcli("show", "marketing-list", "-f", "json").rows == []  # nor is he written to there


_PERSON = scrubbing.Person("Jörg Groß-Łukasz", "Jörg", "Groß-Łukasz", ["j.g@x.example"], ["+49 (0)30 123-4567"])


@given(
    st.text(alphabet="Jörg Gß\u0308sŁuLkazx.@-+(0)1234567\n", max_size=30),
    st.sampled_from(["Jörg Groß-Łukasz", "J. GROSS ŁUKASZ", "j.g@x.example", "0301234567", "030 123 45 67"]),
    st.text(max_size=10),
)
@settings(max_examples=300, deadline=None)
def test_what_is_found_is_gone_and_nothing_else(before: str, word: str, after: str) -> None:
    finder = scrubbing.everywhere([_PERSON])
    text = f"{before} {word}. {after}"
    assert finder.stands_in(text)
    assert finder.may_stand_in(f"{after}\0{text}\0{before}")  # many texts at once: no less is found
    cleaned = finder.without(text)
    assert not finder.stands_in(cleaned)
    assert scrubbing.GONE in cleaned
    plain = f"xJörg {before} Großx"
    assert finder.stands_in(plain) == (finder.without(plain) != plain)


def test_every_text_of_the_database_is_cleaned_or_told(empty: Path) -> None:
    """A column that a later schema brings is at least looked through."""
    with connected(empty) as db:
        tables = {
            name
            for (name,) in db.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '*_search*' AND name NOT LIKE 'sqlite%'"
            )
        }
        for table in tables:
            texts = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[2] in {"TEXT", "ANY"}]
            assert set(erasure._FREE.get(table, ())) <= set(texts)
        db.create_function("names_them", -1, lambda *_: 1)
        db.create_function("fold", 1, str.lower)
        filled = {table for table in tables if db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]}
        naming = erasure._naming(db, bool)
        assert set(naming) == set(erasure._left(db, naming)) == filled


def test_a_person_is_found_at_whatever_rowid(segcli: Run, held: Path) -> None:
    """The rows are looked through in batches of rowids: those far apart, negative, or at the ends are not passed over."""
    ends = [-(1 << 63), -7, 3 * erasure._BATCH, (1 << 62) + 1, (1 << 63) - 1]
    with connected(held) as db:
        db.executemany(
            "INSERT INTO request (id, request_number, account_id, description, notes, request_date, search_text)"
            " VALUES (?1, 'E' || ?1, 2, 'rang PIET  ZWARTJES', '+31 (0)6-12345678', '2026-06-01', '')",
            [(number,) for number in ends],
        )
        db.commit()
    assert segcli("contact", "anonymise", people.MAIL, "--yes").status == 0
    assert people.traces(held.parent) == set()
    with connected(held) as db:
        found = db.execute(
            "SELECT id, description, notes FROM request WHERE request_number GLOB 'E*' ORDER BY id"
        ).fetchall()
    assert found == [(number, "rang anonymised", "anonymised") for number in ends]
