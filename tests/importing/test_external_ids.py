"""An id of another program names one record: a file that gives it to two is refused, with the line, and nothing comes in."""

from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import Run, select

from segcli.importing.kinds.machinery import external_ids


class Kind(NamedTuple):
    """A kind of records: its headings, a row, where it is stored, and the column that is named with another record's id."""

    name: str
    head: str
    row: str
    table: str
    column: str


INVOICE = ("invoice_number,invoice_date,account,net_amount,external_id", "{key},2026-01-01,A,5,{id}", "invoice")
KINDS = [
    Kind("account", "account,name,external_id", "A{key},Name,{id}", "account", "account"),
    Kind("item", "item,description,external_id", "I{key},Item,{id}", "item", "external_id"),
    Kind("invoice", *INVOICE, "invoice_number"),
    Kind("purchase_invoice", *INVOICE, "invoice_number"),
    Kind("subscription", "subscription,account,start_date,external_id", "S{key},A,2026-01-01,{id}", "subscription", "external_id"),
    Kind("subscription_type", "subscription_type,description,frequency,external_id", "T{key},Type,monthly,{id}", "subscription_type",
         "external_id"),
    Kind("classification_value", "field,code,description,external_id", "1,V{key},Value,{id}", "classification_value", "external_id"),
    Kind("classification_label", "field,label,external_id", "{key},Label {key},{id}", "classification_label", "external_id"),
]  # fmt: skip
every_kind = pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])


def bring(segcli: Run, kind: Kind, *rows: tuple[int, str], flags: tuple[str, ...] = ()) -> tuple[int, str]:
    """Import rows of a key and an id each; return the exit status and the messages."""
    Path("file.csv").write_text(
        "\n".join([kind.head, *(kind.row.format(key=key, id=found) for key, found in rows), ""])
    )
    done = segcli("import", "file.csv", "--as", kind.name, *flags)
    return done.status, done.err


def stored(database: Path, kind: Kind) -> list[tuple[object, ...]]:
    return select(database, f"SELECT external_id FROM {kind.table} WHERE external_id IS NOT NULL ORDER BY 1")


@pytest.fixture
def ready(segcli: Run, empty: Path) -> Path:
    """Return a database with account A."""
    Path("account.csv").write_text("account,name\nA,Aa\n")
    assert segcli("import", "account.csv").status == 0
    return empty


@every_kind
@pytest.mark.parametrize("before", [(), ((7, "e7"),)], ids=["first", "later"])
def test_two_rows_with_one_id(segcli: Run, ready: Path, kind: Kind, before: tuple[tuple[int, str], ...]) -> None:
    if before:
        assert bring(segcli, kind, *before)[0] == 0
    known = stored(ready, kind)
    status, error = bring(segcli, kind, (1, "e1"), (2, "e2"), (3, "e1"))
    assert status == 1
    assert "file.csv:4:external_id: 'e1': duplicate of line 2" in error
    assert stored(ready, kind) == known
    status, _ = bring(segcli, kind, (1, "e1"), (2, "e2"), (3, "e1"), flags=("--on-error", "skip"))
    assert status == 5
    assert stored(ready, kind) == sorted([*known, ("e1",), ("e2",)])


@every_kind
@pytest.mark.parametrize("rows", [((2, "e1"),), ((2, "e1"), (1, "e2"))], ids=["one", "swapped"])
def test_the_id_of_one_record_with_the_key_of_another(
    segcli: Run, ready: Path, kind: Kind, rows: tuple[tuple[int, str], ...]
) -> None:
    assert bring(segcli, kind, (1, "e1"), (2, "e2"))[0] == 0
    before = select(ready, f"SELECT * FROM {kind.table} ORDER BY 1")
    status, error = bring(segcli, kind, *rows)
    assert status == 1
    assert error.count("file.csv:") == len(rows) + 1  # each row, and how many
    assert f"file.csv:2:{kind.column}: " in error
    assert select(ready, f"SELECT * FROM {kind.table} ORDER BY 1") == before


def test_what_no_check_foresees_is_an_error_too(segcli: Run, ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external_ids, "refuse_repeated", lambda _stage: None)
    kind = next(kind for kind in KINDS if kind.name == "item")
    status, error = bring(segcli, kind, (1, "e1"), (2, "e1"))
    assert status == 1
    assert error.startswith(
        "segcli: file.csv: a record cannot be stored beside the others: UNIQUE constraint failed: item.external_id"
    )
    assert stored(ready, kind) == []
