"""vCard files: 2.1, 3.0 and 4.0, as phones and address books write them, and damaged ones."""

import csv
import random
import sys
import time
from pathlib import Path

import pytest
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st
from layout_files import assert_nothing_changes, table

from segcli.base.errors import SegcliError
from segcli.importing import readers
from segcli.importing.readers import BadRow, vcard

pytest.importorskip("vobject")

THREE = """BEGIN:VCARD
VERSION:3.0
PRODID:-//Example//EN
N:Müller;Zoë;van der;;
FN:Zoë van der Müller
ORG:Acme B.V.;Purchase
TITLE:Buyer\\, senior
item1.EMAIL;TYPE=INTERNET;TYPE=WORK:zoe@example.com
EMAIL;TYPE=HOME:z@example.org
TEL;TYPE=CELL:+31612345678
TEL;TYPE=WORK,VOICE:030 123
TEL;TYPE=FAX:030 124
ADR;TYPE=WORK:;;Dorpsstraat 1;Utrecht;;1234 AB;Netherlands
NOTE:Likes tea\\, not
  coffee
UID:a-1
CATEGORIES:vip,retail
PHOTO;ENCODING=b;TYPE=JPEG:AAAA
 BBBB
END:VCARD
"""
FOUR = """BEGIN:VCARD
VERSION:4.0
FN:Ann Lee
N:Lee;Ann;;;
EMAIL;PREF=1:l@example.com
TEL;VALUE=uri;TYPE="voice,cell":tel:+31-6-1
TEL;VALUE=uri;TYPE=work:tel:+31-30-1;ext=4
UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1
END:VCARD
"""
TWO = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Br=C3=BCll;J=C3=B6rg;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg =
Br=C3=BCll
ORG:Beta GmbH
TEL;CELL:0171 1
EMAIL;PREF;INTERNET:j@example.com
END:VCARD
"""


def test_cards_of_all_versions(segcli: Run, empty: Path) -> None:
    Path("v.vcf").write_text(THREE + FOUR + TWO, encoding="utf-8")
    done = segcli("import", "v.vcf")
    assert (done.status, done.err.splitlines()[0].split(";")[0]) == (0, "v.vcf: not read: CATEGORIES")
    assert table(empty, "SELECT name, address, city, postcode, country, fax FROM account ORDER BY name") == [
        ("Acme B.V.", "Dorpsstraat 1", "Utrecht", "1234 AB", "NL", "030 124"),
        ("Ann Lee", None, None, None, None, None),
        ("Beta GmbH", None, None, None, None, None),
    ]
    columns = "name, first_name, middle_name, last_name, job_title, email, phone, mobile, notes"
    assert table(empty, f"SELECT {columns} FROM contact ORDER BY name") == [
        ("Ann Lee", "Ann", None, "Lee", None, "l@example.com", "+31-30-1", "+31-6-1", None),
        ("Jörg Brüll", "Jörg", None, "Brüll", None, "j@example.com", None, "0171 1", None),
        ("Zoë van der Müller", "Zoë", "van der", "Müller", "Buyer, senior", "zoe@example.com", "030 123", "+31612345678",
         "Likes tea, not coffee"),
    ]  # fmt: skip
    assert_nothing_changes(segcli, empty, "v.vcf")


def test_a_person_is_known_by_its_uid(segcli: Run, empty: Path) -> None:
    Path("v.vcf").write_text(THREE, encoding="utf-8")
    assert segcli("import", "v.vcf").status == 0
    Path("v.vcf").write_text(THREE.replace("FN:Zoë van der Müller", "FN:Zoë Bakker"), encoding="utf-8")
    assert segcli("import", "v.vcf").status == 0
    assert table(empty, "SELECT name, external_id FROM contact") == [("Zoë Bakker", "vcard:a-1")]


def test_a_company_has_no_contact(segcli: Run, empty: Path) -> None:
    Path("v.vcf").write_text("BEGIN:VCARD\nVERSION:3.0\nN:;;;;\nFN:Acme\nORG:Acme\nTEL:030 1\nEND:VCARD\n")
    assert segcli("import", "v.vcf").status == 0
    assert table(empty, "SELECT name FROM account") == [("Acme",)]
    assert table(empty, "SELECT count(*) FROM contact") == [(0,)]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("BEGIN:VCARD\nVERSION:3.0\nN:A;B;;;\nthis is nothing\nEND:VCARD\n", "line 13 is no property of a card: this is nothing"),
        ("BEGIN:VCARD\nVERSION:3.0\nN:A;B;;;\n", "END:VCARD is missing"),
        ("END:VCARD\n", "this stands outside of a card"),
        ("BEGIN:VCARD\nVERSION:2.1\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=no-such:=C3\nEND:VCARD\n", "this card cannot be read"),
        ("BEGIN:VCARD\nVERSION:3.0\nNOTE" + ";A=" + "," * 60 + "\nEND:VCARD\n", "is no property of a card"),
    ],
    ids=["no property", "cut off", "outside", "unknown charset", "commas"],
)  # fmt: skip
def test_a_damaged_card_is_rejected_with_its_line(segcli: Run, empty: Path, broken: str, said: str) -> None:
    Path("v.vcf").write_text(FOUR + broken, encoding="utf-8")
    start = time.process_time()
    done = segcli("import", "v.vcf", "--on-error", "skip", "--rejects", "bad.csv")
    assert time.process_time() - start < 5
    assert done.status == 5
    assert "v.vcf:10" in done.err
    assert said in done.err
    assert table(empty, "SELECT name FROM contact") == [("Ann Lee",)]
    with Path("bad.csv").open(encoding="utf-8") as file:
        assert [row[0] for row in csv.reader(file)] == ["rejected_line", "10"]


def test_rejects_of_cards_can_be_imported_again(segcli: Run, empty: Path) -> None:
    Path("v.vcf").write_text(FOUR + TWO.replace("ORG:Beta GmbH", "ORG:Beta\x07"), encoding="utf-8")
    done = segcli("import", "v.vcf", "--on-error", "skip", "--rejects", "bad.csv")
    if done.status == 5:  # a control character is no text
        Path("bad.csv").write_text(Path("bad.csv").read_text().replace("\\x07", "").replace("\x07", ""))
        assert segcli("import", "bad.csv").status == 0
    assert table(empty, "SELECT count(*) FROM contact") == [(2,)]


def test_other_encodings(segcli: Run, empty: Path) -> None:
    Path("a.vcf").write_bytes(
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=ISO-8859-1:Müller;Zoë\nEND:VCARD\n".encode("latin-1")
    )
    Path("b.vcf").write_bytes("BEGIN:VCARD\nVERSION:3.0\nN:Brüll;Jörg;;;\nFN:Jörg Brüll\nEND:VCARD\n".encode("cp1252"))
    Path("c.vcf").write_text("BEGIN:VCARD\nVERSION:3.0\nN:Löw;Eva;;;\nFN:Eva Löw\nEND:VCARD\n", encoding="utf-16")
    assert segcli("import", "a.vcf").status == 0
    done = segcli("import", "b.vcf")
    assert done.status == 1
    assert "b.vcf:3" in done.err
    assert "0xfc is not UTF-8" in done.err
    assert segcli("import", "b.vcf", "--encoding", "cp1252").status == 0
    assert segcli("import", "c.vcf").status == 0
    names = table(empty, "SELECT name FROM contact ORDER BY name")
    assert names == [("Eva Löw",), ("Jörg Brüll",), ("Zoë Müller",)]


def test_without_the_package_the_message_says_how_to_install_it(
    segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("v.vcf").write_text(FOUR)
    monkeypatch.setitem(sys.modules, "vobject.base", None)
    done = segcli("import", "v.vcf")
    assert done.status == 1
    assert "pip install 'segcli[contacts]'" in done.err


def test_a_photograph_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "v.vcf"
    photo = "PHOTO;ENCODING=b:" + "A" * 70 + "\n" + (" " + "B" * 70 + "\n") * 50_000
    path.write_text(FOUR.replace("END:VCARD\n", f"{photo}END:VCARD\n"))
    (row,) = next(iter(vcard.read(readers.open_source(str(path))))).rows
    assert not isinstance(row, BadRow)
    assert dict(zip(vcard.HEADER, row[1], strict=True))["EMAIL"] == "l@example.com"


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "v.vcf"
    path.write_text("BEGIN:VCARD\nVERSION:3.0\nFN:A\nNOTE:" + "x" * 5000 + "\nEND:VCARD\n")
    monkeypatch.setattr(vcard, "MOST_OF_CARD", 4000)
    (row,) = next(iter(vcard.read(readers.open_source(str(path))))).rows
    assert isinstance(row, BadRow)
    monkeypatch.setattr(vcard, "LONGEST_LINE", 1000)
    with pytest.raises(SegcliError, match=r"v\.vcf:4: a line is longer than 1,000 characters"):
        list(next(iter(vcard.read(readers.open_source(str(path))))).rows)


@settings(max_examples=150)
@given(seed=st.integers(0, 2**32), changes=st.integers(1, 8))
def test_mutated_cards_are_read_or_refused_in_bounded_time(
    tmp_path_factory: pytest.TempPathFactory, seed: int, changes: int
) -> None:
    random_of = random.Random(seed)
    data = bytearray((THREE + FOUR + TWO).encode())
    for _ in range(changes):
        at, way = random_of.randrange(len(data)), random_of.randrange(4)
        if way == 0:
            data[at] = random_of.randrange(256)
        elif way == 1:
            del data[at : at + random_of.randrange(1, 30)]
        elif way == 2:
            data[at:at] = random_of.choice(
                [b",", b";", b'"', b"=", b"\\", b"\r", b":", b"BEGIN:VCARD\n"]
            ) * random_of.randrange(1, 40)
        else:
            data[at:at] = data[at : at + random_of.randrange(1, 60)]
    path = tmp_path_factory.mktemp("fuzz") / "v.vcf"
    path.write_bytes(data)
    start = time.process_time()
    try:
        source = readers.open_source(str(path))
        for block in vcard.read(source):
            for row in block.rows:
                assert isinstance(row, BadRow) or len(row[1]) == len(block.header)
    except SegcliError:
        pass
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "line",
    [
        "FN;CHARSET=unknown;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg", "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3",
        "NOTE;ENCODING=BASE64:abc", "NOTE;ENCODING=B:abc", "FN;CHARSET=zlib;ENCODING=QUOTED-PRINTABLE:J=C3",
    ],
)  # fmt: skip
def test_a_card_with_a_value_that_cannot_be_decoded_is_a_bad_row_and_the_next_one_is_read(
    tmp_path: Path, line: str
) -> None:
    path = tmp_path / "v.vcf"
    path.write_text(
        f"BEGIN:VCARD\nVERSION:2.1\nN:Lee;Ann\n{line}\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nN:Vis;Sam;;;\nFN:Sam Vis\nEND:VCARD\n",
        encoding="utf-8",
    )
    (block,) = vcard.read(readers.open_source(str(path)))
    bad, good = block.rows
    assert isinstance(bad, BadRow)
    assert "this card cannot be read" in bad.problem.reason
    assert bad.place == 1
    assert not isinstance(good, BadRow)
    assert good[1][1] == "Sam Vis"
