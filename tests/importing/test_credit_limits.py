"""Credit limits in files of accounts: headers, amounts, and what is no limit."""

from pathlib import Path

import pytest
from conftest import Run, connected

HEADERS = (
    "credit_limit", "Credit Limit", "CreditLineSales", "Credit limits", "Kredietlimiet", "creditlimiet", "Kreditlimit",
    "Kreditrahmen", "Limite de crédit", "Encours autorisé",
)  # fmt: skip


def limits(database: Path) -> dict[str, int | None]:
    with connected(database) as db:
        return dict(db.execute("SELECT code, credit_limit FROM account ORDER BY code"))


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("is_first", [True, False])
def test_headers(segcli: Run, empty: Path, header: str, *, is_first: bool) -> None:
    if not is_first:  # the staging table, instead of the fast path into an empty table
        Path("a.csv").write_text("code,name\nA1,One\n")
        assert segcli("import", "a.csv").status == 0
    Path("b.csv").write_text(f"code;name;{header}\nA1;One;1.000,50\nA2;Two;0\nA3;Three;\n", encoding="utf-8")
    done = segcli("import", "b.csv")
    assert (done.status, done.err) == (0, "")
    assert limits(empty) == {"A1": 100050, "A2": None, "A3": None}


def test_changes(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("code,name,credit_limit,currency\nA1,One,1000,JPY\nA2,Two,500,EUR\n")
    assert segcli("import", "a.csv").status == 0
    assert limits(empty) == {"A1": 100000, "A2": 50000}  # in euros, whatever the account's own currency
    # A code and a limit are enough for known accounts; 0 removes the limit; the same file again changes nothing.
    Path("b.csv").write_text("code,credit_limit\nA1,0\nA2,750.25\n")
    first, again = (segcli("import", "b.csv", "-f", "json").rows[0] for _ in range(2))
    assert (first["changed"], first["changed_fields"]) == (2, {"credit_limit": 2})
    assert again["changed"] == 0
    assert limits(empty) == {"A1": None, "A2": 75025}
    assert segcli("undo", 2, "--yes").status == 0
    assert limits(empty) == {"A1": 100000, "A2": 50000}


@pytest.mark.parametrize("is_first", [True, False])
def test_refused(segcli: Run, empty: Path, *, is_first: bool) -> None:
    if not is_first:
        Path("a.csv").write_text("code,name\nA0,Zero\n")
        assert segcli("import", "a.csv").status == 0
    Path("b.csv").write_text("code,name,credit_limit\nA1,One,100\nA2,Two,-5\nA3,Three,1.0051\n")
    done = segcli("import", "b.csv", "--on-error", "skip", "--rejects", "r.csv")
    assert done.status == 5
    assert "b.csv:3:credit_limit: '-5.00': a credit limit is not negative" in done.err
    assert "b.csv:4:credit_limit: '1.0051'" in done.err
    assert {code: limit for code, limit in limits(empty).items() if limit} == {"A1": 10000}


def test_the_currency_stays(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("code,name,credit_limit\nA1,One,1000\n")
    assert segcli("import", "a.csv").status == 0
    done = segcli("administration", "set", "--currency", "JPY")
    assert done.status != 0
    assert "credit limits" in done.err
