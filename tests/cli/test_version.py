"""`segcli --version`: the versions that a bug report needs."""

import re
import sqlite3
from pathlib import Path

from conftest import Run

from segcli import __version__

ROOT = Path(__file__).parents[2]


def test_version_names_segcli_the_schema_and_sqlite(segcli: Run) -> None:
    found = re.search(r"user_version = (\d+)", (ROOT / "schema.sql").read_text(encoding="utf-8"))
    assert found is not None
    with sqlite3.connect(":memory:") as db:
        library = db.execute("SELECT sqlite_version()").fetchone()[0]
    done = segcli("--version")
    assert (done.status, done.err) == (0, "")
    assert done.out == f"segcli {__version__} (schema {found[1]}, SQLite {library})\n"


def test_version_needs_no_database(segcli: Run) -> None:
    assert segcli("--database", "missing.db", "--version").status == 0
    assert not Path("missing.db").exists()
