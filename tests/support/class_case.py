"""Two labels with a few values, and accounts that have them."""

from pathlib import Path

import pytest
from conftest import Once, Run


def _classified(segcli: Run) -> None:
    Path("a.csv").write_text(
        "account,name,country\n" + "".join(f"{n},Name {n},{'NL' if n < 4 else 'BE'}\n" for n in range(1, 6))
    )
    assert segcli("import", "a.csv").status == 0
    Path("c.yaml").write_text(
        "labels:\n  1:\n    label: Region\n    values:\n      - {code: N, description: North}\n      - {code: S, description: South}\n"
        "  3:\n    label: Value\n    values: [A, B, '10', '2']\n"
    )
    assert segcli("classification", "import", "c.yaml").status == 0


@pytest.fixture
def classified(once: Once, empty: Path) -> Path:
    """Return a database with five accounts and two labelled fields."""
    once(_classified)
    return empty


def classes(segcli: Run, field: int = 1) -> dict[str, str | None]:
    rows = segcli("show", "account-search", "--columns", f"account,class{field}", "-f", "json").rows
    return {row["account"]: row[f"class{field}"] for row in rows}
