"""lake sync: what is in the files is what is in the database; only tables that changed are written; private; several databases."""

import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import Run, connected

from segcli.base.text import fold, key
from segcli.lake import manifest, tables

BITS = 40


@pytest.fixture
def lake(segcli: Run, example: Path, tmp_path: Path) -> Path:
    """Return the lake of the example."""
    assert example.exists()
    assert segcli("lake", "sync", tmp_path / "lake").status == 0
    return tmp_path / "lake"


def held(folder: Path, name: str, at: int = 0) -> list[tuple[Any, ...]]:
    """Return the rows of a table of the lake."""
    table = pq.read_table(manifest.read(folder).administrations[at].tables[name].path)
    return [tuple(row.values()) for row in table.to_pylist()]


def files(folder: Path) -> dict[str, int]:
    """Return the files of a lake and which ones they are."""
    return {path.name: path.stat().st_ino for path in folder.rglob("*.parquet")}


def rewritten(before: dict[str, int], after: dict[str, int]) -> set[str]:
    """Return the parts of which there is another file now."""
    return {name.rsplit("-", 1)[0] for name, node in after.items() if before.get(name) != node}


def test_every_row_and_column_of_every_table_is_that_of_the_database(lake: Path, example: Path) -> None:
    one = manifest.read(lake).administrations[0]
    with connected(example) as db:
        strict = {row[1] for row in db.execute("PRAGMA main.table_list") if row[2] == "table" and row[5]}
        left_out = {
            "anonymised",
            "class_backfill",
            "class_backfill_value",
            "import_added",
            "import_change",
            "imported_file",
            "receivables_statement",
            "sent_message",
            "table_version",
        }
        assert {name for name in one.tables if "." not in name} == strict - left_out | {"mail_form"}
        for table in sorted(strict - left_out):
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] != "mailing_salt"]
            rows = db.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
            file = pq.ParquetFile(one.tables[table].path)
            assert file.schema_arrow.names == columns
            assert {str(kind) for kind in file.schema_arrow.types} <= {"int64", "string"}
            assert sorted(held(lake, table), key=repr) == sorted(rows, key=repr)
            assert one.tables[table].rows == len(rows)
        assert sum(part.rows for part in one.tables.values()) > 20_000


def test_texts_beyond_ascii_stand_with_what_python_makes_of_them(lake: Path, example: Path) -> None:
    found = 0
    with connected(example) as db:
        for table, source in tables.sources().items():
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[2] == "TEXT"]
            columns = [name for name in columns if name != "mailing_salt"]
            texts = (
                {cell for row in db.execute(f"SELECT {', '.join(columns)} FROM {table}") for cell in row}
                if columns
                else set()
            )
            wanted = sorted((text, fold(text), key(text)) for text in texts if text and not text.isascii())
            assert bool(source.texts) == bool(columns)
            if columns:
                assert held(lake, f"{table}.texts") == wanted
            found += len(wanted)
    assert found > 100


def test_addresses_stand_with_their_key_and_whether_they_opted_out(segcli: Run, lake: Path, example: Path) -> None:
    with connected(example) as db:
        mails = [row[0] for row in db.execute("SELECT email FROM contact WHERE email IS NOT NULL ORDER BY id LIMIT 3")]
    assert segcli("list", "opt-out", mails[0].upper()).status == 0
    assert segcli("lake", "sync", lake).status == 0
    from segcli.storage import database

    sql = (
        "SELECT DISTINCT email, mail_key(email), mail_address(email), EXISTS (SELECT 1 FROM opt_out AS o WHERE o.address_hash IN"
        " (SELECT value FROM json_each(mail_hashes('', email)))) FROM (SELECT email FROM account UNION ALL SELECT email FROM contact)"
        " WHERE email IS NOT NULL"
    )
    with closing(database.connect(example)) as db:
        wanted = sorted(db.execute(sql).fetchall())
    assert sorted(held(lake, "mail_form")) == wanted
    assert [row[3] for row in wanted if row[0] == mails[0]] == [1]
    assert {row[3] for row in wanted} == {0, 1}


def test_only_what_changed_is_written(segcli: Run, lake: Path) -> None:
    before = files(lake)
    assert segcli("lake", "sync", lake, "--exit-code").status == 0
    assert files(lake) == before
    assert segcli("tag", "000017", "--set", "class1=none", "--yes").status == 0
    done = segcli("lake", "status", lake, "-f", "json", "--exit-code")
    assert (done.status, done.rows[0]["status"]) == (4, "stale")
    assert done.rows[0]["detail"].startswith(
        "the lake is of run 23, the database at run 24: account, classification_change"
    )
    assert segcli("lake", "sync", lake, "--exit-code").status == 4
    after = files(lake)
    written = {"account", "classification_change", "pending_classification", "run"}  # the statements of tag name these
    assert rewritten(before, after) == {
        *written,
        "account.texts",
        "pending_classification.texts",
        "run.texts",
    }
    assert len(after) == len(before)
    assert segcli("lake", "status", lake, "--verify", "-f", "json").rows[0]["status"] == "current"


def test_folders_and_files_are_private(lake: Path) -> None:
    for path in (lake, *lake.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_addresses_are_written_again_if_one_of_them_changed(segcli: Run, lake: Path) -> None:
    kept = files(lake)
    Path("a.csv").write_text("account,name,email\n000017,Renamed,new@mail.example\n")
    assert segcli("import", "a.csv").status == 0
    assert segcli("lake", "sync", lake).status == 0
    assert "mail_form" in rewritten(kept, files(lake))
    assert ("new@mail.example", "new@mail.example", "new@mail.example", 0) in held(lake, "mail_form")
    kept = files(lake)
    Path("a.csv").write_text("account,name,email\n000017,Renamed again,new@mail.example\n")
    assert segcli("import", "a.csv").status == 0
    assert segcli("lake", "sync", lake).status == 0
    assert "account" in rewritten(kept, files(lake))
    assert "mail_form" not in rewritten(kept, files(lake))
    assert segcli("lake", "status", lake, "--exit-code", "--verify").status == 0
    assert segcli("list", "opt-out", "new@mail.example").status == 0
    assert segcli("lake", "sync", lake).status == 0
    assert ("new@mail.example", "new@mail.example", "new@mail.example", 1) in held(lake, "mail_form")
