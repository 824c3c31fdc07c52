"""Files of other programs for the tests of the layouts."""

from pathlib import Path
from typing import Any

from conftest import Run, connected


def write(**files: str) -> None:
    """Write CSV files of these names."""
    for name, text in files.items():
        Path(f"{name}.csv").write_text(text, encoding="utf-8")


def table(database: Path, sql: str) -> list[Any]:
    """Return the rows of a query."""
    with connected(database) as db:
        return [tuple(row) for row in db.execute(sql)]


def assert_nothing_changes(segcli: Run, database: Path, *names: str) -> None:
    """Import files once more: no table of records has another row or value afterwards."""
    before = _records(database)
    assert segcli("import", *names, "--again").status == 0
    assert _records(database) == before


def _records(database: Path) -> dict[str, Any]:
    tables = (
        "account", "account_reference", "contact", "invoice", "invoice_line", "item", "outstanding_item", "allocation",
        "transaction_line", "gl_account",
    )  # fmt: skip
    return {name: table(database, f"SELECT * FROM {name} ORDER BY 1, 2") for name in tables}
