"""Hostile files: bombs, endless pipes, lies and noise are refused in bounded memory, with one sentence, and nothing is changed.

Each is read by the real command in a child whose memory is limited. PROMISE_POINTS (default 12) says how much of the long work
is done: so many mutations of each of the example's files.
"""

import gzip
import json
import os
import random
import resource
import signal
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from conftest import Run, connected, fingerprint, is_sound

from segcli.base.errors import SegcliError
from segcli.classify.rules import plan_file
from segcli.importing import readers
from segcli.importing.kinds.machinery import staging
from segcli.importing.readers.parts import file_opening
from segcli.storage.database import connect

SEGCLI = [sys.executable, "-m", "segcli"]
POINTS = int(os.environ.get("PROMISE_POINTS", "12"))
MEGABYTE = 1 << 20
MOST_MEMORY = 600 * MEGABYTE  # of addresses: some 150 of them are Python's own before a line is read
EXAMPLES = Path(__file__).parents[2] / "examples" / "administration"
EEXACT = b'<?xml version="1.0"?><eExact><Accounts><Account code="9"><Name>'


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def refused(*words: object, stdin: int | None = None, database: Path | None = None) -> str:
    """Return what a run in limited memory says on stderr; it must fail as documented and leave the database as it was."""
    before = fingerprint(database) if database else ""
    done = subprocess.run([*SEGCLI, *map(str, words)], stdin=stdin or subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace", check=False, timeout=120, preexec_fn=limited)  # fmt: skip
    assert done.returncode in {1, 2, 6}, (done.returncode, done.stderr[-500:])
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("segcli: ")
    if database:
        assert fingerprint(database) == before
        assert is_sound(database)
    return done.stderr


def endless(path: str, head: bytes, piece: bytes, megabytes: int) -> str:
    """Write a file that begins with `head` and goes on with the same piece."""
    with Path(path).open("wb") as file:
        file.write(head)
        block = piece * (MEGABYTE // len(piece))
        file.writelines(block for _ in range(megabytes))
    return path


# ------------------------------------------------------------------------------------------- what has no end
ENDLESS = {
    "a line": (b"account,name\n1,", b"a", "f:2: a row is longer than 20,000,000 characters"),
    "a first line": (b"a", b"b", "f:1: a row is longer than 20,000,000 characters"),
    "columns": (b"account,name\n1", b",a", "f:2: a row is longer than 20,000,000 characters"),
    "a row of many lines": (b'account,name\n1,"', b'\n","', "f:2: a row is longer than 20,000,000 characters"),
    "a text in JSON": (b'[{"account":"', b"a", "f:$[0]: a record is larger than 16,000,000 characters"),
    "a text in XML": (EEXACT, b"a", "f:1: one record has more than 50,000,000 characters"),
    "an attribute": (EEXACT + b'</Name><x y="', b"a", "f:1: a tag or comment has more than 4,000,000 bytes"),
    "a comment": (EEXACT + b"<!--", b"a", "f:1: a tag or comment has more than 4,000,000 bytes"),
    "zeros": (b"account,name\n1,A\n", b"\0", "f:3: there is a NUL byte"),
}


@pytest.mark.repeats
@pytest.mark.parametrize("case", ENDLESS)
def test_what_has_no_end(empty: Path, case: str) -> None:
    head, piece, err = ENDLESS[case]
    assert err in refused("import", endless("f", head, piece, 60), database=empty)


def test_many_records_of_xml_and_names_without_end(empty: Path) -> None:
    Path("f").write_bytes(EEXACT + b"".join(b"<x%d/>" % n for n in range(11_000)))
    assert "more than 10,000 names of elements" in refused("import", "f", database=empty)
    Path("f").write_bytes(EEXACT + b"<a>" * 1_000_000)
    assert "nested deeper than 100 elements" in refused("import", "f", database=empty)


@pytest.mark.parametrize("declared", ["", 'SYSTEM "file:///etc/passwd"', '[<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]'])
@pytest.mark.parametrize("root", ["eExact", "auditfile", "Invoice", "AuditFile"])
def test_a_document_type_is_not_taken(empty: Path, root: str, declared: str) -> None:
    more = "xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'" if root == "Invoice" else "xmlns='urn:OECD'"
    Path("f.xml").write_text(f"<!DOCTYPE {root} {declared}><{root} {more}>&c;</{root}>")
    with pytest.raises(SegcliError, match="document type"):
        list(readers.read(readers.open_source("f.xml")))


# ------------------------------------------------------------------------------------------- pipes and devices
def piped(empty: Path, words: tuple[str, ...], piece: bytes) -> str:
    """Return what a command says of a pipe that goes on for ever."""
    code = f"import os\nwhile True: os.write(1, {piece!r} * 10000)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as source:
        assert source.stdout
        try:
            return refused(*words, stdin=source.stdout.fileno(), database=empty)
        finally:
            source.kill()


@pytest.mark.repeats
def test_a_pipe_that_never_ends(empty: Path) -> None:
    assert "<stdin>:1: 'y' is no e-mail address" in piped(empty, ("list", "opt-out", "-"), b"y\n")
    assert "<stdin>:1: this line is no e-mail address" in piped(empty, ("list", "opt-out", "-"), b"\0")
    assert "more than 1,000,000 lines" in piped(empty, ("list", "opt-out", "-"), b"a@b.example\n")


def test_what_is_spooled_has_a_most(segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_opening, "MOST_UNPACKED", 1_000_000)
    done = segcli("import", "-", stdin=b"y\n" * 500_001)
    assert (done.status, done.err) == (1, "segcli: <stdin> is larger than 1,000,000 bytes\n  split it\n")


def test_gzip_that_is_a_bomb(segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_opening, "_SURELY_FINE", 1_000_000)
    Path("f.gz").write_bytes(gzip.compress(b"a" * 50_000_000))  # a thousandth of that
    assert "is larger than" in segcli("import", "f.gz").err


@pytest.mark.parametrize("words", [("rules", "check"), ("rules", "apply"), ("report",), ("config", "show", "--config")])
def test_a_device_without_end(empty: Path, words: tuple[str, ...]) -> None:
    most = "200 MB" if "apply" in words else "1 MB"
    assert f"/dev/zero is larger than {most}" in refused(*words, "/dev/zero", database=empty)


def test_a_list_in_a_file_without_end(empty: Path) -> None:
    assert "larger than 2 MB" in refused("show", "account-search", "--where", "account in @/dev/zero", database=empty)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_pipe_to_which_nobody_writes_can_be_left(empty: Path, number: int, status: int) -> None:
    os.mkfifo("f")
    with subprocess.Popen([*SEGCLI, "import", "f"], stderr=subprocess.PIPE) as process:
        try:
            writer = os.open("f", os.O_WRONLY)  # waits until it is read
            process.send_signal(number)
            assert process.wait(timeout=60) == status
            os.close(writer)
        finally:
            process.kill()
    assert is_sound(empty)


# ---------------------------------------------------------------------------------------------------- workbooks
def workbook(path: str, change: Callable[[dict[str, bytes]], object]) -> str:
    """Write a workbook whose parts are changed."""
    with xlsxwriter.Workbook("good.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["account", "name"])
        sheet.write_row(1, 0, ["1", "A"])
    with zipfile.ZipFile("good.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
FAR = [
    b'<row r="9"><c s="1" t="n" cm="123456789" vm="123456789" r="XFD1048576"><v>1</v></c></row>',
    b"<row r='9'><c\nr = 'XFD1048576'><v>1</v></c></row>",
    b'<row r="9"><c r="xfd1048576"><v>1</v></c></row>',
    b'<row r="4294967290"><c><v>1</v></c></row>',
    b'<row r="9"><c r="AAAAAAAAAAA5"><v>1</v></c></row>',
    b'<row r="9"><c r="A99999999999999999999"><v>1</v></c></row>',
]


@pytest.mark.parametrize("cell", FAR, ids=range(len(FAR)))
def test_a_cell_far_away_however_it_is_written(empty: Path, cell: bytes) -> None:
    def add(parts: dict[str, bytes]) -> None:
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", cell + b"</sheetData>")

    assert "stray cell" in refused("import", workbook("f.xlsx", add), database=empty)


def test_a_sheet_that_lies_elsewhere(empty: Path) -> None:
    def move(parts: dict[str, bytes]) -> None:
        relations = "xl/_rels/workbook.xml.rels"
        parts[relations] = parts[relations].replace(b"worksheets/sheet1.xml", b"other/sheet.txt")
        parts["xl/other/sheet.txt"] = parts.pop(SHEET).replace(b"</sheetData>", FAR[0] + b"</sheetData>")

    assert "stray cell" in refused("import", workbook("f.xlsx", move), database=empty)


@pytest.mark.repeats
def test_workbooks_that_are_bombs(empty: Path) -> None:
    blanks = workbook("f.xlsx", lambda parts: parts.update({SHEET: b" " * 200 * MEGABYTE}))
    assert Path(blanks).stat().st_size < MEGABYTE
    assert "too much for a workbook" in refused("import", blanks, database=empty)
    for part in (SHEET, STRINGS):  # a size that lies
        path = workbook("g.xlsx", lambda parts, part=part: parts.update({part: b" " * 200 * MEGABYTE}))  # type: ignore[misc]
        data = bytearray(Path(path).read_bytes())
        for mark, name_at, size_at in ((b"PK\3\4", 30, 22), (b"PK\1\2", 46, 24)):
            at = data.find(part.encode(), data.find(mark))
            while at >= 0:
                if data[at - name_at : at - name_at + 4] == mark:
                    struct.pack_into("<I", data, at - name_at + size_at, 1000)
                at = data.find(part.encode(), at + 1)
        Path(path).write_bytes(data)
        assert "g.xlsx is damaged" in refused("import", path, database=empty)
    data = bytearray(Path("good.xlsx").read_bytes())
    at = data.rfind(b"PK\5\6")
    struct.pack_into("<I", data, at + 16, len(data) + 99)  # where its parts are listed: beyond the end
    Path("i.xlsx").write_bytes(data)
    assert "i.xlsx is damaged" in refused("import", "i.xlsx", database=empty)
    many = workbook("h.xlsx", lambda parts: parts.update({f"x{n}": b"" for n in range(3000)}))
    assert "too much for a workbook" in refused("import", many, database=empty)


# --------------------------------------------------------------------------------------- plans, logos, changes
GOOD = {"account": "1", "class": "class1", "from": "", "to": "N", "rule": "r", "why": "w"}
PLANS = {
    "no object": ({"changes": [1]}, "$.changes[0] is not as segcli rules plan writes it"),
    "no class": ({"changes": [{}]}, "$.changes[0] is not as"),
    "a number": ({"changes": [GOOD | {"account": 1}]}, "$.changes[0] is not as"),
    "half a character": ({"changes": [GOOD | {"account": "\ud800"}]}, "is not as segcli rules plan writes it"),
    "no such value": ({"changes": [GOOD | {"to": "X"}]}, "$.changes[0]: account 1, class1: the class has no value 'X'"),
    "twice": ({"changes": [GOOD, GOOD]}, "$.changes[0]: account 1, class1: is changed twice"),
    "no file": ({"files": [1]}, "$.files[0] is not as"),
    "a deep one": (None, "is no plan"),
}


@pytest.mark.parametrize("case", PLANS)
def test_a_plan_with_a_true_digest_and_a_false_heart(segcli: Run, empty: Path, case: str) -> None:
    Path("a.csv").write_text("account,name\n1,A\n")
    for words in (("import", "a.csv"), ("classification", "value", "add", "1", "N")):
        assert segcli(*words).status == 0
    said, err = PLANS[case]
    db = connect(empty)
    mark, last = plan_file.fingerprint(db)
    db.close()
    head = {
        "segcli_plan": plan_file.FORMAT,
        "as_of": "2026-06-30",
        "fingerprint": mark,
        "last_run": last,
        "files": [],
        "selected": 1,
    }
    plan = head | {"changes": []} | (said or {})
    changes = [json.dumps(row, ensure_ascii=False) for row in plan["changes"]]
    plan["sha256"] = plan_file._digest({key: value for key, value in plan.items() if key != "changes"}, changes)
    Path("plan.json").write_text("[" * 100_000 if said is None else json.dumps(plan))
    before = fingerprint(empty)
    done = segcli("rules", "apply", "plan.json", "--yes")
    assert done.status in {1, 6}
    assert err in done.err
    assert fingerprint(empty) == before


PROFILES = ["x", "{m: x}", "{m: {map: x}}", "{m: {map: [a]}}", "{m: {map: {a: [b]}}}", "{m: {encoding: [a]}}", "{m: {decimal: x}}", "{m: {colour: x}}"]  # fmt: skip


@pytest.mark.parametrize("profiles", PROFILES)
def test_profiles_of_another_shape(segcli: Run, empty: Path, profiles: str) -> None:
    Path("c.yaml").write_text(f"profiles: {profiles}\n")
    Path("a.csv").write_text("account,name\n1,A\n")
    done = segcli("--config", "c.yaml", "import", "a.csv", "--profile", "m")
    assert (done.status, done.out) == (1, "")


def test_a_logo_of_a_billion_pixels(segcli: Run, example: Path) -> None:
    from segcli.output.documents import logo

    chunks = b"IHDR" + struct.pack(">IIBBBBB", 40_000, 40_000, 1, 0, 0, 0, 0)
    import zlib

    Path("l.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunks + struct.pack(">I", zlib.crc32(chunks))
    )
    for path in ("l.png", "/dev/zero"):
        with pytest.raises(SegcliError, match=r"cannot be read|pixels|larger than 20 MB"):
            logo.read(Path(path))


def test_a_file_that_changes_while_it_is_read_is_not_taken(
    segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("f.json").write_text('[{"account": "1", "name": "A"}]')
    fill = staging.rows

    def meddle(*parts: object) -> object:
        Path("f.json").write_text('[{"account": "2", "name": "Bee"}]')
        return fill(*parts)  # type: ignore[arg-type]

    monkeypatch.setattr(staging, "rows", meddle)
    before = fingerprint(empty)
    done = segcli("import", "f.json")
    assert (done.status, done.err) == (
        1,
        "segcli: f.json was changed while it was read\n  run it again when the file is complete\n",
    )
    assert fingerprint(empty) == before


# -------------------------------------------------------------------------------------------------------- noise
NOISE = [
    b"\0",
    b'"',
    b"<",
    b"&",
    b"]",
    b"{",
    b"\xff",
    b"\n",
    b",",
    b"\\ud800",
    b"-",
    b"9" * 40,
    b"\xe2\x80\xae",
    b"PK\3\4",
    b"<!--",
    b"'",
]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes with something cut, doubled, moved or put in."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(found) + 1)
        way = chance.randrange(5)
        if way == 0:
            found[at : at + 1] = bytes([chance.randrange(256)])
        elif way == 1:
            found[at:at] = chance.choice(NOISE)
        elif way == 2:
            del found[at : at + chance.randint(1, 50)]
        elif way == 3:
            found[at:at] = found[at : at + chance.randint(1, 200)]
        else:
            del found[at:]
    return bytes(found)


def files() -> list[Path]:
    """Return small files of every format that a checkout holds."""
    return [EXAMPLES / f"{name}.csv" for name in ("accounts", "contacts", "receivables", "price_lists")] + [
        EXAMPLES / "classification.yaml"
    ]


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_mutations_are_taken_or_refused_but_never_crash(segcli: Run, empty: Path, path: Path) -> None:
    data = path.read_bytes()[:3000]
    words = ("classification", "import") if path.suffix == ".yaml" else ("import", "--dry-run", "--create-missing")
    for seed in range(POINTS):
        name = f"m{path.suffix}"
        Path(name).write_bytes(mutated(data, random.Random(seed)))
        done = segcli(*words, name)  # anything but a SegcliError is raised here
        assert done.status in {0, 1, 2}, (seed, done.err)
        assert done.status == 0 or done.err.startswith("segcli: "), seed
    with connected(empty) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
