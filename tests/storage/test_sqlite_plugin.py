"""The plug-in for sqlite-utils and Datasette: found by its entry points, and its functions are those of segcli."""

import importlib
import json
import os
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

ROOT = Path(__file__).parents[2]
GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
PROGRAMS = ("sqlite_utils", "datasette")
ANSWERS = {
    "fold('Crème BRÛLÉE')": "creme brulee",
    "label_key(' Region ')": "region",
    "name_key('Jan  de  Wit')": "jan de wit",
    "mail_key('Jan@One.Example')": "jan@one.example",
    "amount_text(11562968, 'EUR')": "115629.68",
    "amount_text(230715, 'JPY')": "230715",
    "in_base(1890, 'USD', '1.0583', 'EUR')": 1786,  # 18.90 / 1.0583 = 17.8588…
    "share(1000, 1, 3)": 333,
    "share(-1, 1, 2)": -1,  # halves away from zero
    "fold(NULL)": None,
}


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """Install the entry points of pyproject.toml, as pip does, in a folder on the path."""
    folder = tmp_path / "site" / "segcli_plugin-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: segcli-plugin\nVersion: 1.0\n")
    lines = [f"[{group}]\n{name} = {value}\n" for group, found in GROUPS.items() for name, value in found.items()]
    (folder / "entry_points.txt").write_text("\n".join(lines))
    paths = os.pathsep.join(filter(None, (str(folder.parent), str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": paths}


def connection(program: str) -> sqlite3.Connection:
    """Return a connection that was prepared as the program does it: every plug-in of its group, by pluggy."""
    import pluggy

    class Hooks:
        @pluggy.HookspecMarker(program)
        def prepare_connection(self, conn: Any, database: Any, datasette: Any) -> None: ...

    manager = pluggy.PluginManager(program)
    manager.add_hookspecs(Hooks)
    for module in GROUPS[program].values():
        manager.register(importlib.import_module(module))
    made = sqlite3.connect(":memory:")
    manager.hook.prepare_connection(conn=made, database="work", datasette=None)
    return made


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("sql", ANSWERS)
def test_functions_answer(program: str, sql: str) -> None:
    assert connection(program).execute(f"SELECT {sql}").fetchone()[0] == ANSWERS[sql]


@pytest.mark.parametrize("program", PROGRAMS)
def test_hashes_of_addresses_stay_inside(program: str) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such function"):
        connection(program).execute("SELECT mail_hash('jan@one.example')")


def test_sqlite_utils_has_them(installed: dict[str, str]) -> None:
    pytest.importorskip("sqlite_utils")
    columns = ", ".join(f"{sql} AS c{number}" for number, sql in enumerate(ANSWERS))
    words = [sys.executable, "-m", "sqlite_utils", "memory", f"SELECT {columns}"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=installed)
    (row,) = json.loads(done.stdout)
    assert list(row.values()) == list(ANSWERS.values())


def test_sums_of_an_export_as_amounts(segcli: Run, example: Path, installed: dict[str, str]) -> None:
    pytest.importorskip("sqlite_utils")
    assert example.exists()
    assert segcli("show", "debtor-ageing", "--as-of", "2026-06-30", "-o", "work.db").status == 0
    sql = "SELECT currency, amount_text(sum(outstanding_minor), currency) AS owed FROM debtor_ageing GROUP BY currency"
    words = [sys.executable, "-m", "sqlite_utils", "work.db", sql]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=installed)
    grouped = segcli("show", "debtor-ageing", "--as-of", "2026-06-30", "-f", "json", "--amounts", "text").rows
    wanted: dict[str, int] = {}
    for row in grouped:
        wanted[row["currency"]] = wanted.get(row["currency"], 0) + int(row["outstanding"].replace(".", ""))
    assert wanted
    assert {r["currency"]: int(r["owed"].replace(".", "")) for r in json.loads(done.stdout)} == wanted


def test_datasette_has_them(installed: dict[str, str], tmp_path: Path) -> None:
    pytest.importorskip("datasette", reason="datasette is not here")
    sqlite3.connect(tmp_path / "work.db").close()
    words = [sys.executable, "-m", "datasette", "work.db", "--get", "/work.json?_shape=array&sql=select+fold('É')+as+f"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=installed)
    assert json.loads(done.stdout) == [{"f": "e"}]


def test_the_plug_in_is_in_the_metadata() -> None:
    assert {group: list(GROUPS[group]) for group in PROGRAMS} == {program: ["segcli"] for program in PROGRAMS}
