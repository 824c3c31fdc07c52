"""Several databases in one lake: keys, numbers and ids; and a lake that is dropped."""

import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import Run, connected

from segcli.lake import manifest, tables

FOLDER = Path("lake")
STEP = 1 << 40


@pytest.fixture
def two(segcli: Run, example: Path) -> Path:
    """Return another database; the lake holds the example as `test` and this one as B."""
    assert example.exists()
    assert segcli("--database", "other.db", "init", "--example", "--name", "Other").status == 0
    assert segcli("--database", "other.db", "tag", "000017", "--set", "class1=none", "--yes").status == 0
    assert segcli("lake", "sync", FOLDER).status == 0
    assert segcli("--database", "other.db", "lake", "sync", FOLDER, "--administration", "B").status == 0
    return Path("other.db")


def rows(key: str, name: str) -> list[dict[str, Any]]:
    one = manifest.read(FOLDER).find(key)
    assert one
    found: list[dict[str, Any]] = pq.read_table(one.part(name).path).to_pylist()
    return found


def test_each_has_its_number_and_both_are_current(segcli: Run, two: Path, example: Path) -> None:
    first, second = manifest.read(FOLDER).administrations
    assert [(one.key, one.number, one.run) for one in (first, second)] == [("test", 0, 23), ("B", 1, 24)]
    assert (first.database, second.database) == (str(example), str(two.resolve()))
    assert second.name == "Other"
    assert second.currency == "EUR"
    assert second.labels[1] == "Region"
    done = segcli("lake", "status", FOLDER, "-f", "json", "--exit-code")
    assert [(row["administration"], row["status"]) for row in done.rows] == [("test", "current"), ("B", "current")]


def id_columns(path: Path) -> dict[str, set[str]]:
    """Return the columns that hold ids, found in the schema by another route: its text."""
    found: dict[str, set[str]] = {}
    with connected(path) as db:
        for table in tables.sources():
            sql = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
            lines = [line.replace(",", " ").split() for line in sql.splitlines()[1:] if line.startswith("  ")]
            found[table] = {
                words[0]
                for words in lines
                if "INTEGER" in words[1:2]
                and ("REFERENCES" in words or words[1:4] == ["INTEGER", "PRIMARY", "KEY"])
                and "classification_label" not in words
            }
    found["classification_label"] = set()
    found["invoice_summary"].add("item_id")
    found["allocation"].add("account_id")
    return found


@pytest.mark.repeats
def test_ids_and_nothing_else_are_those_of_the_administration(two: Path) -> None:
    wanted = id_columns(two)
    assert {name: set(source.ids) for name, source in tables.sources().items()} == wanted
    assert sum(map(len, wanted.values())) > 90
    with connected(two) as db:
        for table, source in tables.sources().items():
            names = list(source.columns)
            held = sorted((tuple(row.values()) for row in rows("B", table)), key=repr)
            shifted = [
                tuple(
                    cell + STEP if name in wanted[table] and cell else cell
                    for name, cell in zip(names, row, strict=True)
                )
                for row in db.execute(f"SELECT {', '.join(names)} FROM {table}")
            ]
            assert held == sorted(shifted, key=repr), table
    assert {row["item_id"] for row in rows("B", "invoice_summary")} & {0, STEP} == {0}


def test_a_field_of_a_classification_is_no_id(two: Path) -> None:
    assert two.exists()
    assert {row["field"] for row in rows("B", "classification_label")} <= set(range(1, 9))
    assert {row["field"] for row in rows("B", "classification_value")} <= set(range(1, 9))


def test_one_is_synced_and_dropped_without_the_other(segcli: Run, two: Path) -> None:
    def nodes(key: str) -> dict[str, int]:
        return {path.name: path.stat().st_ino for path in (FOLDER / "data" / key).iterdir()}

    first = nodes("0")
    assert segcli("--database", two, "tag", "000018", "--set", "class1=none", "--yes").status == 0
    assert segcli("--database", two, "lake", "sync", FOLDER, "--administration", "B").status == 0
    assert nodes("0") == first
    done = segcli("lake", "drop", FOLDER, "--administration", "test")
    assert (done.status, "--yes" in done.err) == (2, True)
    assert nodes("0") == first
    assert segcli("lake", "drop", FOLDER, "--administration", "test", "--yes").status == 0
    assert not (FOLDER / "data" / "0").exists()
    assert [(one.key, one.number) for one in manifest.read(FOLDER).administrations] == [("B", 1)]
    assert segcli("lake", "sync", FOLDER).status == 0  # the free number is used again
    assert [(one.key, one.number) for one in manifest.read(FOLDER).administrations] == [("test", 0), ("B", 1)]
    done = segcli("lake", "drop", FOLDER, "--administration", "C", "--yes")
    assert (done.status, "it has test, B" in done.err) == (2, True)
    assert segcli("lake", "drop", FOLDER, "--yes").status == 0
    assert [path.name for path in FOLDER.iterdir()] == ["manifest.json.lock"]


def test_a_database_is_in_a_lake_once(segcli: Run, two: Path) -> None:
    shutil.copy(two, "copy.db")
    for path in (two, "copy.db"):
        done = segcli("--database", path, "lake", "sync", FOLDER, "--administration", "C")
        assert (done.status, "as B already" in done.err) == (1, True), done.err


@pytest.mark.parametrize("key", ["", " ", "all", "a,b", "a\tb"])
def test_a_key_that_could_not_be_asked_for_is_refused(segcli: Run, example: Path, key: str) -> None:
    assert example.exists()
    assert segcli("lake", "sync", FOLDER, "--administration", key).status == 2
    assert not FOLDER.exists()


def test_folder_and_key_come_from_the_configuration(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert example.exists()
    done = segcli("lake", "sync")
    assert (done.status, "lake.folder" in done.err) == (2, True)
    Path("config.yaml").write_text("lake: {folder: deep/lake, administration: North}\n")
    assert segcli("--config", "config.yaml", "lake", "sync").status == 0
    assert [one.key for one in manifest.read(Path("deep/lake")).administrations] == ["North"]
    monkeypatch.setenv("SEGCLI_LAKE_FOLDER", "deep/lake")
    monkeypatch.setenv("SEGCLI_LAKE_ADMINISTRATION", "North")
    assert segcli("lake", "sync").status == 0
    assert segcli("lake", "status", "--exit-code").status == 0
    assert segcli("lake", "drop", "--yes").status == 0
