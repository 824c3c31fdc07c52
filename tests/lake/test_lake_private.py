"""Privacy of the lake: for its owner only under any umask, and nothing of a person who was anonymised after the next sync."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import Run, connected

from segcli.base.errors import SegcliError
from segcli.lake import manifest, snapshot

FOLDER = Path("lake")
WORDS = ("lake", "sync", FOLDER)


@pytest.mark.repeats
@pytest.mark.parametrize("umask", [0, 0o077, 0o777])
def test_folders_and_files_are_private_under_any_umask(segcli: Run, example: Path, tmp_path: Path, umask: int) -> None:
    assert example.exists()
    folder = tmp_path / "deep" / "lake"
    before = os.umask(umask)
    try:
        assert segcli("lake", "sync", folder).status == 0
        assert segcli("tag", "000017", "--set", "class1=none", "--yes").status == 0
        assert segcli("lake", "sync", folder).status == 0
    finally:
        os.umask(before)
    paths = [folder.parent, folder, *folder.rglob("*")]
    assert len(paths) > 90
    for path in paths:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_the_modes_of_the_configuration_do_not_widen_it(segcli: Run, example: Path) -> None:
    """A lake holds everything: only a folder that was there and empty is made private, too."""
    assert example.exists()
    FOLDER.mkdir(mode=0o755)
    Path("config.yaml").write_text('files: {mode: "0660"}\n')
    assert segcli("--config", "config.yaml", *WORDS).status == 0
    for path in (FOLDER, *FOLDER.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def texts() -> Iterator[str]:
    """Yield every text of every file of the lake."""
    for path in FOLDER.rglob("*.parquet"):
        for column in pq.read_table(path).columns:
            yield from (cell for cell in column.to_pylist() if isinstance(cell, str))


@pytest.mark.repeats
def test_who_is_anonymised_is_gone_after_the_next_sync(segcli: Run, example: Path) -> None:
    assert segcli(*WORDS).status == 0
    with connected(example) as db:
        account, code, last, email = db.execute(
            "SELECT a.code, c.code, c.last_name, c.email FROM contact AS c JOIN account AS a ON a.id = c.account_id WHERE c.email IS"
            " NOT NULL AND (SELECT count(*) FROM contact AS o WHERE o.last_name = c.last_name) = 1 AND a.name NOT LIKE"
            " '%' || c.last_name || '%' LIMIT 1"
        ).fetchone()
    assert email in set(texts())
    Path("config.yaml").write_text(f"lake: {{folder: {FOLDER}}}\n")
    who = f"{account}:{code}"
    done = segcli("--config", "config.yaml", "contact", "anonymise", who, "--yes", "--quiet")
    assert done.status == 0
    assert f"the lake {FOLDER} still contains the data until: segcli lake sync" in done.err
    assert email in set(texts())
    old = {path.name for path in FOLDER.rglob("*.parquet")}
    assert segcli(*WORDS).status == 0
    assert [text for text in texts() if email in text or last in text] == []
    gone = old - {path.name for path in FOLDER.rglob("*.parquet")}
    assert {"contact", "contact.texts", "mail_form"} <= {name.rsplit("-", 1)[0] for name in gone}
    done = segcli("--config", "config.yaml", "contact", "anonymise", who, "--yes")
    assert (done.status, "lake" in done.err) == (0, False)


def test_it_says_nothing_of_a_lake_of_other_databases_and_warns_of_one_that_it_cannot_read(
    segcli: Run, example: Path
) -> None:
    assert example.exists()
    assert segcli("--database", "other.db", "init", "--example").status == 0
    assert segcli("--database", "other.db", *WORDS).status == 0
    Path("config.yaml").write_text(f"lake: {{folder: {FOLDER}}}\n")
    done = segcli("--config", "config.yaml", "contact", "anonymise", "000001:1", "--yes")
    assert (done.status, "lake" in done.err) == (0, False)
    (FOLDER / manifest.NAME).write_text("{")
    done = segcli("--config", "config.yaml", "contact", "anonymise", "000002:1", "--yes")
    assert (done.status, "may still contain the data" in done.err) == (0, True)


def test_the_salt_of_opt_outs_is_not_in_the_lake(segcli: Run, example: Path) -> None:
    assert segcli(*WORDS).status == 0
    with connected(example) as db:
        salt = db.execute("SELECT mailing_salt FROM administration").fetchone()[0]
    assert salt not in set(texts())
    assert salt not in (FOLDER / manifest.NAME).read_text()


@pytest.mark.parametrize("name", ["adbc_driver_sqlite", "pyarrow"])
def test_without_a_package_it_says_what_to_install(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert example.exists()
    for module in [module for module in sys.modules if module.partition(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SegcliError):
        snapshot.require()
    done = segcli(*WORDS)
    package = name.replace("_", "-")
    assert (done.status, f"needs the package {package}" in done.err, "pip install 'segcli[lake]'" in done.err) == (
        1,
        True,
        True,
    )
    assert not FOLDER.exists()
