"""Exports of classifications: the example after a few changes, and what the tables say about it."""

import csv
import shutil
from pathlib import Path

from conftest import Result, Run, connected

GUID = "00000000-0000-4000-8000-{:012d}"
Codes = dict[str, tuple[str | None, ...]]
XML = ("--format", "exact-xml")
REST = ("--format", "exact-rest")
ODOO = ("--format", "csv", "--profile", "odoo")
ERPNEXT = ("--format", "csv", "--profile", "erpnext")
OWN = ("--field", "Region=x_region", "--field", "class7=x_campaign")


def change(segcli: Run, path: Path) -> None:
    """Change a few classes of the example. `before.db` is the example before that; its last run is run 23."""
    shutil.copy(path, path.with_name("before.db"))
    for words in (
        ("000001", "--set", "Region=S", "--set", "Campaign=NEW"),  # W and none
        ("000017", "000081", "--set", "Region=E", "--yes"),  # N and W
        ("000002", "--set", "Region=X"),
        ("000017", "--clear", "Campaign"),  # SPRING
    ):
        assert segcli("tag", *words).status == 0


def codes(path: Path) -> Codes:
    """Return the codes of the eight classes of each account, by its code."""
    columns = ", ".join(f"(SELECT code FROM classification_value WHERE id = class{n})" for n in range(1, 9))
    with connected(path) as db:
        return {code: tuple(rest) for code, *rest in db.execute(f"SELECT code, {columns} FROM account")}


def moved(before: Path, after: Path) -> dict[tuple[str, int], tuple[str | None, str | None]]:
    """Return the classes that differ between two databases: old and new code by account and class."""
    old, new = codes(before), codes(after)
    return {
        (account, n): (old[account][n - 1], new[account][n - 1])
        for account in new
        for n in range(1, 9)
        if old[account][n - 1] != new[account][n - 1]
    }


def export(segcli: Run, *words: str, since: str = "24", status: int = 0) -> Result:
    done = segcli("export", "classifications", *words, "--changed-since", since)
    assert done.status == status, done.err
    return done


def data(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of the tables that an import of accounts may change."""
    tables = ("account", "classification_value", "classification_label", "classification_change", "account_reference")
    with connected(path) as db:
        return {name: db.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in tables}


def set_up(path: Path, *statements: str) -> None:
    with connected(path) as db:
        for sql in statements:
            db.execute(sql)
        db.commit()


def give_guids(path: Path) -> None:
    """Give accounts and values the GUIDs that Exact's REST answers would have given them."""
    set_up(
        path,
        "UPDATE account SET external_id = '00000000-0000-4000-8000-' || printf('%012d', id)",
        "UPDATE classification_value SET external_id = '00000000-0000-4000-9000-' || printf('%012d', id)",
    )


def bring_back(segcli: Run, name: str, into: Path, *words: str) -> Result:
    done = segcli("--database", into, "import", name, *words)
    assert done.status == 0, done.err
    return done


def rows_of(name: str) -> list[list[str]]:
    with Path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
