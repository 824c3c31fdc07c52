"""Archives of data files: each member is a file of the import; bombs, nested and protected archives are refused."""

import gzip
import io
import random
import struct
import zipfile
from pathlib import Path

import pytest
from conftest import Run, fingerprint
from import_case import accounts

from segcli.base.errors import SegcliError
from segcli.importing import readers

ACCOUNTS = "account,name\nC1,Acme\nC2,Beta\n"
CONTACTS = "account,last_name,email\nC1,Berg,berg@example.com\n"


def archive(path: str, members: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> str:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def test_an_archive_is_imported_as_its_files(segcli: Run, empty: Path) -> None:
    """Contacts need their accounts, which come first whatever the order in the archive."""
    archive("e.zip", {"1_contacts.csv": CONTACTS, "2_accounts.csv": ACCOUNTS})
    done = segcli("import", "e.zip", "-f", "json")
    assert (done.status, [(row["file"], row["added"]) for row in done.rows]) == (
        0,
        [("e.zip:2_accounts.csv", 2), ("e.zip:1_contacts.csv", 1)],
    )
    assert accounts(segcli, "account,name") == [["C1", "Acme"], ["C2", "Beta"]]
    again = segcli("import", "e.zip", "--again", "-f", "json")
    assert [row["unchanged"] for row in again.rows] == [2, 1]
    assert segcli("undo", "2", "--yes").status == 0
    assert accounts(segcli, "account,name") == []


def test_files_that_are_no_data_are_passed_over(segcli: Run, empty: Path) -> None:
    beside = {
        "__MACOSX/._a.csv": b"\0\5\x16\7",
        ".DS_Store": b"\0",
        "Thumbs.db": b"x",
        "readme.txt": "Hello",
        "dir/": "",
    }
    archive("e.zip", {"x/a.csv": ACCOUNTS, **beside, "logo.png": b"\x89PNG\r\n\x1a\nxxxx"})
    done = segcli("import", "e.zip", "-f", "json")
    assert [(row["file"], row["added"]) for row in done.rows] == [("e.zip:x/a.csv", 2)]
    assert "pictures in the archive are not read: logo.png" in done.err


def test_a_rejected_row_of_a_member_is_named(segcli: Run, empty: Path) -> None:
    archive("e.zip", {"a.csv": ACCOUNTS + "C3\n"})
    done = segcli("import", "e.zip", "--on-error", "skip", "--rejects", "r.csv")
    assert (done.status, "e.zip:a.csv:4:" in done.err) == (5, True)
    assert Path("r.csv").read_text().splitlines()[1].startswith("4,")


def test_an_archive_from_standard_input_and_one_in_a_gzip(segcli: Run, empty: Path) -> None:
    data = Path(archive("e.zip", {"a.csv": ACCOUNTS})).read_bytes()
    assert segcli("import", "-", stdin=data).status == 0
    assert accounts(segcli, "account") == [["C1"], ["C2"]]
    Path("a.csv.gz").write_bytes(gzip.compress(b"account,name\nC9,Zeta\n"))
    assert segcli("import", "a.csv.gz").status == 0
    assert accounts(segcli, "account")[-1] == ["C9"]


def encrypted(path: str) -> str:
    data = bytearray(Path(archive(path, {"a.csv": ACCOUNTS})).read_bytes())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + at] |= 1
    Path(path).write_bytes(data)
    return path


def nested() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a.csv", ACCOUNTS)
    return buffer.getvalue()


REFUSED = {
    "nested": (lambda: archive("f", {"b.zip": nested()}), "f:b.zip is an archive within an archive"),
    "gzip inside": (lambda: archive("f", {"a.csv.gz": gzip.compress(b"a")}), "f:a.csv.gz is an archive within"),
    "protected": (lambda: encrypted("f"), "f is protected with a password"),
    "nothing inside": (lambda: archive("f", {"__MACOSX/a.csv": "a"}), "f has no data files"),
    "only a picture": (lambda: archive("f", {"a.gif": b"GIF89a.."}), "f has no data files: only a.gif"),
    "many": (lambda: archive("f", {f"{n}.csv": "" for n in range(1001)}), "f has 1,001 files"),
    "an empty file": (lambda: archive("f", {"a.csv": " \n"}), "f has only empty files: a.csv"),
    "a document": (lambda: archive("f", {"word/document.xml": "<x/>"}), "f is a Word document"),
    "a bomb": (lambda: archive("f", {"a.csv": b"a" * 150_000_000}), "f unpacks to 150,000,000 bytes"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_archives_that_are_refused(segcli: Run, empty: Path, case: str) -> None:
    make, said = REFUSED[case]
    make()
    before = fingerprint(empty)
    done = segcli("import", "f")
    assert done.status == 1
    assert done.err.startswith(f"segcli: {said}"), done.err
    assert fingerprint(empty) == before


def test_a_gzip_of_an_archive_is_refused(segcli: Run, empty: Path) -> None:
    Path("f.gz").write_bytes(gzip.compress(nested()))
    assert "f.gz is an archive within an archive" in segcli("import", "f.gz").err


def test_a_size_that_lies_is_found(segcli: Run, empty: Path) -> None:
    """No more is unpacked than the archive says, and its checksum tells."""
    data = bytearray(Path(archive("f.zip", {"a.csv": ACCOUNTS * 1000})).read_bytes())
    for mark, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<I", data, data.index(mark) + at, 100)
    Path("f.zip").write_bytes(data)
    assert "f.zip is damaged" in segcli("import", "f.zip").err


def test_mutated_archives_are_read_or_refused(tmp_path: Path) -> None:
    data = Path(archive(str(tmp_path / "f.zip"), {"a.csv": ACCOUNTS, "b.csv": CONTACTS})).read_bytes()
    for seed in range(150):
        chance = random.Random(seed)
        found = bytearray(data)
        for _ in range(chance.randint(1, 5)):
            found[chance.randrange(len(found))] = chance.randrange(256)
        (tmp_path / "m.zip").write_bytes(found[: chance.choice([len(found), chance.randrange(1, len(found))])])
        try:
            for source in readers.open_sources(str(tmp_path / "m.zip")):
                for block in readers.read(source):
                    list(block.rows)
        except SegcliError:
            continue
