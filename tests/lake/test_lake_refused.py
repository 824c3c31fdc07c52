"""Lakes that are missing, stale, foreign, half-written, newer or forged are refused or written anew, with a clear message."""

import hashlib
import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, connected

from segcli.base.errors import SegcliError
from segcli.lake import manifest, staleness
from segcli.storage import database, database_file

FOLDER = Path("lake")


@pytest.fixture
def lake(segcli: Run, example: Path) -> Path:
    assert example.exists()
    assert segcli("lake", "sync", FOLDER).status == 0
    return FOLDER / manifest.NAME


def refusal(folder: Path = FOLDER) -> str:
    with pytest.raises(SegcliError) as found:
        manifest.read(folder)
    return f"{found.value.message}; {found.value.hint}"


def forge(path: Path, change: Callable[[Any], object]) -> None:
    """Change a manifest, and give it the checksum that fits, as somebody could who knows how."""
    content = json.loads(path.read_text())
    content.pop("checksum")
    change(content)
    content["checksum"] = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps(content))


def test_a_missing_lake_says_how_to_make_one(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path / "none")
        == f"there is no lake {tmp_path / 'none'}; make one: segcli lake sync {tmp_path / 'none'}"
    )
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("Dear")
    assert "is not a lake: it has no manifest.json" in refusal(tmp_path / "mine")
    assert "is a file" in refusal(tmp_path / "mine" / "letter.txt")


def test_a_folder_that_holds_something_else_is_not_written_to(segcli: Run, example: Path, tmp_path: Path) -> None:
    assert example.exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("Dear")
    for words in (("sync",), ("drop", "--yes")):
        done = segcli("lake", words[0], tmp_path / "mine", *words[1:])
        assert (done.status, "not a lake" in done.err or "no lake" in done.err) == (1, True), done.err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    done = segcli("lake", "sync", tmp_path / "mine" / "letter.txt")
    assert (done.status, "is a file" in done.err) == (1, True)


def test_a_manifest_that_is_cut_or_changed_at_any_byte_is_refused(lake: Path) -> None:
    text = lake.read_bytes()
    for at in range(0, len(text) - 1, 997):
        lake.write_bytes(text[:at])
        assert "is damaged" in refusal()
        other = bytes([text[at] ^ 1])
        lake.write_bytes(text[:at] + other + text[at + 1 :])
        assert refusal()
    lake.write_bytes(text)
    assert manifest.read(FOLDER).find("test")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"format": "a"}', "[" * 100_000, '{"format": 1, "checksum": 1}', "\0", "\udc80"]
)
def test_what_is_no_manifest_is_refused(lake: Path, text: str) -> None:
    lake.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert "is damaged, or was changed by another program" in refusal()


def test_a_damaged_lake_is_dropped_and_written_anew(segcli: Run, lake: Path) -> None:
    lake.write_text("{")
    done = segcli("lake", "sync", FOLDER)
    assert (done.status, "segcli lake drop" in done.err) == (1, True)
    assert segcli("lake", "status", FOLDER).status == 1
    assert segcli("lake", "drop", FOLDER, "--yes").status == 0
    assert sorted(path.name for path in FOLDER.iterdir()) == ["manifest.json.lock"]
    assert segcli("lake", "sync", FOLDER).status == 0
    assert segcli("lake", "status", FOLDER, "--verify", "--exit-code").status == 0


@pytest.mark.parametrize("name", ["../account-1.parquet", "/etc/passwd", "data/0/../../account-1.parquet", "data/1/account-1.parquet",
    "data/0/account-1.parquet/x", "data/0/contact-1.parquet", "data/0/account-1.parquet\n", "data//account-1.parquet", "", 7, None])  # fmt: skip
def test_a_forged_file_name_is_refused(lake: Path, name: object) -> None:
    forge(lake, lambda content: content["administrations"][0]["tables"]["account"].update(file=name))
    assert "is damaged, or was changed by another program" in refusal()


def test_other_forgeries_are_refused(lake: Path) -> None:
    text = lake.read_bytes()

    def twice(content: Any) -> None:
        content["administrations"].append(content["administrations"][0])

    changes: tuple[Callable[[Any], object], ...] = (
        twice,
        lambda content: content["administrations"][0].update(number=-1),
        lambda content: content["administrations"][0].update(number=1 << 23),
        lambda content: content["administrations"][0].update(run="23"),
        lambda content: content["administrations"][0].pop("identity"),
        lambda content: content["administrations"][0]["labels"].update(a="b"),
        lambda content: content.update(administrations={}),
        lambda content: content.update(schema=True),
    )
    for change in changes:
        forge(lake, change)
        assert refusal()
        lake.write_bytes(text)
    forge(lake, lambda content: content["administrations"][0]["tables"].pop("account"))
    with pytest.raises(SegcliError, match="has no table account of test"):
        manifest.read(FOLDER).administrations[0].part("account")


def test_a_newer_lake_is_refused_and_left_alone(segcli: Run, lake: Path) -> None:
    text = lake.read_bytes()
    for what, number in (("format", manifest.FORMAT + 1), ("schema", database_file.VERSION + 1)):
        forge(lake, lambda content, what=what, number=number: content.update({what: number}))  # type: ignore[misc]
        newer = lake.read_bytes()
        assert refusal() == f"the lake {FOLDER} was written by a newer segcli; upgrade segcli"
        assert segcli("lake", "sync", FOLDER).status == 1
        assert lake.read_bytes() == newer
        lake.write_bytes(text)


def test_a_lake_of_an_older_schema_is_written_anew_as_a_whole(segcli: Run, lake: Path) -> None:
    def age(content: Any) -> None:
        content.update(schema=database_file.VERSION - 1)
        content["administrations"][0].update(schema=database_file.VERSION - 1)

    forge(lake, age)
    assert f"(schema {database_file.VERSION - 1}); write it anew: segcli --database" in refusal()
    nodes = {path.stat().st_ino for path in FOLDER.rglob("*.parquet")}
    assert segcli("lake", "sync", FOLDER).status == 0
    assert not nodes & {path.stat().st_ino for path in FOLDER.rglob("*.parquet")}
    assert segcli("lake", "status", FOLDER, "--exit-code", "--verify").status == 0


@pytest.mark.parametrize("harm", ["cut", "gone", "other", "footer", "inside"])
def test_a_file_that_is_not_as_it_was_written_is_found_and_written_anew(segcli: Run, lake: Path, harm: str) -> None:
    assert lake.exists()
    parts = manifest.read(FOLDER).administrations[0].tables
    path = parts["account"].path
    held = path.read_bytes()
    if harm == "gone":
        path.unlink()
    elif harm == "other":
        shutil.copy(parts["contact"].path, path)
    else:
        at = {"cut": len(held), "footer": len(held) - 20, "inside": 1000}[harm]
        path.write_bytes(held[:-1] if harm == "cut" else held[:at] + bytes([held[at] ^ 1]) + held[at + 1 :])
    if harm == "inside":  # a query reads the footer only; --verify reads it all
        parts["account"].check()
        assert segcli("lake", "status", FOLDER).status == 0
    else:
        with pytest.raises(SegcliError, match="account"):
            parts["account"].check()
    done = segcli("lake", "status", FOLDER, "--verify", "-f", "json")
    assert (done.status, done.rows[0]["status"], "account-" in done.rows[0]["detail"]) == (1, "damaged", True)
    assert segcli("lake", "sync", FOLDER, "--all").status == 0
    assert segcli("lake", "status", FOLDER, "--verify").status == 0
    assert manifest.read(FOLDER).administrations[0].tables["account"].path.read_bytes() == held


def test_a_sync_mends_a_file_whose_footer_is_wrong(segcli: Run, lake: Path) -> None:
    assert lake.exists()
    path = manifest.read(FOLDER).administrations[0].tables["account"].path
    held = path.read_bytes()
    path.write_bytes(b"PAR1")
    assert segcli("lake", "sync", FOLDER, "--exit-code").status == 4
    assert path.read_bytes() == held


def difference(path: Path) -> str:
    (one,) = manifest.read(FOLDER).administrations
    with closing(database.connect(path)) as db:
        return staleness.difference(one, db)


def test_a_stale_lake_names_both_runs(segcli: Run, lake: Path, example: Path) -> None:
    assert lake.exists()
    assert difference(example) == ""
    assert segcli("tag", "000017", "--set", "class1=none", "--yes", "--dry-run").status == 0
    assert difference(example) == ""
    assert segcli("tag", "000017", "--set", "class1=none", "--yes").status == 0
    assert difference(example) == "the lake is of run 23, the database at run 24"


def test_a_copy_that_went_another_way_is_stale(segcli: Run, lake: Path, example: Path) -> None:
    """The backup and the database have the same identity, the same number of runs and other rows."""
    assert lake.exists()
    assert segcli("backup", "copy.db").status == 0
    assert difference(Path("copy.db")) == ""
    assert segcli("tag", "000017", "--set", "class1=none", "--yes").status == 0
    assert segcli("--database", "copy.db", "tag", "000018", "--set", "class1=none", "--yes").status == 0
    assert segcli("lake", "sync", FOLDER).status == 0
    assert difference(example) == ""
    assert difference(Path("copy.db")) == "the lake is of run 24, and the database was changed since"
    assert segcli("--database", "copy.db", "lake", "sync", FOLDER, "--administration", "test").status == 0
    assert difference(Path("copy.db")) == ""
    assert difference(example) != ""


def test_a_foreign_database_is_named(segcli: Run, lake: Path, example: Path) -> None:
    assert lake.exists()
    assert segcli("--database", "other.db", "init", "--example").status == 0
    assert difference(Path("other.db")) == f"the lake holds another database as test: {example}"
    done = segcli("--database", "other.db", "lake", "sync", FOLDER, "--administration", "test")
    assert (done.status, "holds another database as test" in done.err, "lake drop" in done.err) == (1, True, True)
    shutil.move("other.db", example)
    done = segcli("lake", "status", FOLDER, "-f", "json", "--exit-code")
    assert (done.status, done.rows[0]["status"]) == (4, "foreign")
    example.unlink()
    done = segcli("lake", "status", FOLDER, "-f", "json", "--exit-code")
    assert (done.status, done.rows[0]["status"], "there is no database" in done.rows[0]["detail"]) == (
        0,
        "unknown",
        True,
    )


def test_a_restored_backup_is_stale(segcli: Run, lake: Path, example: Path) -> None:
    assert lake.exists()
    assert segcli("backup", "copy.db").status == 0
    assert segcli("tag", "000017", "--set", "class1=none", "--yes").status == 0
    assert segcli("lake", "sync", FOLDER).status == 0
    for end in ("", "-wal", "-shm"):
        Path(f"{example}{end}").unlink(missing_ok=True)
    shutil.move("copy.db", example)
    assert difference(example) == "the lake is of run 24, the database at run 23"
    assert segcli("lake", "sync", FOLDER).status == 0
    with connected(example) as db:
        assert db.execute("SELECT max(id) FROM run").fetchone() == (23,)
    assert segcli("lake", "status", FOLDER, "--exit-code", "--verify").status == 0
