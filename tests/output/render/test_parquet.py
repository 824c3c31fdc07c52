"""Parquet: exact types and values, as csv has them; a pipe will do; and what to install where pyarrow is not there."""

import csv
import io
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from tables import COLUMNS, ROWS, draw, draw_bytes, table

from segcli.base.errors import SegcliError
from segcli.domain.table import Column, Table

pa: Any = pytest.importorskip("pyarrow", reason="pyarrow is not here: pip install 'segcli[parquet]'")
parquet: Any = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not here")


def read(data: bytes) -> Any:
    return parquet.read_table(io.BytesIO(data))


def test_columns_have_their_types() -> None:
    schema = read(draw_bytes("parquet", table())).schema
    assert schema.names == [column.name for column in COLUMNS]
    assert [str(kind) for kind in schema.types] == [
        "string", "string", "date32[day]", "decimal128(23, 4)", "int64", "double", "double", "bool",
    ]  # fmt: skip


def test_values_by_hand() -> None:
    first, second, third, *_ = read(draw_bytes("parquet", table())).to_pylist()
    assert list(first.values()) == ["0001", "Café Zürich", date(2026, 1, 31), Decimal("12.30"), 3, 12.5, 1.5, True]
    assert second["amount"] == 1234567  # yen have no smaller unit
    assert list(third.values())[2:] == [None, Decimal("-0.05"), None, None, None, None]


def test_it_holds_what_csv_holds() -> None:
    clean = [row for row in ROWS if all(cell is None or str(cell).isprintable() for cell in row[:2])]
    rows = read(draw_bytes("parquet", table(clean))).to_pylist()
    lines = list(csv.DictReader(io.StringIO(draw("csv", table(clean)))))
    assert len(rows) == len(lines) == len(clean)
    for row, line in zip(rows, lines, strict=True):
        for name in ("account", "name"):
            text = line[name][line[name][:2] in {"'=", "'+", "'-", "'@", "''"} :]  # csv's guard against formulas
            assert text == (row[name] or "")
        assert line["due_date"] == str(row["due_date"] or "")
        assert (Decimal(line["amount"]) if line["amount"] else None) == row["amount"]
        for name in ("days", "share", "factor", "is_blocked"):
            assert (float(line[name]) if line[name] else None) == row[name]


def test_the_largest_amount_is_exact() -> None:
    rows = [(2**63 - 1, "KWD"), (-(2**63), "JPY")]
    drawn = Table("T", (Column("amount", "money"),), rows, currency_at=1)
    amounts = [row["amount"] for row in read(draw_bytes("parquet", drawn)).to_pylist()]
    assert amounts == [Decimal("9223372036854775.807"), Decimal(-9223372036854775808)]


def test_texts_are_kept_but_for_half_characters() -> None:
    drawn = Table("T", (Column("a"),), [("\x1b[31m",), ("x\ud800y",), (None,), ("",)])
    assert [row["a"] for row in read(draw_bytes("parquet", drawn)).to_pylist()] == ["\x1b[31m", "x\\ud800y", None, ""]


@pytest.mark.parametrize("size", [0, 1, 64_000, 64_001])
def test_groups_of_rows(size: int) -> None:
    found = read(draw_bytes("parquet", Table("T", (Column("n", "integer"),), ((n,) for n in range(size)))))
    assert found["n"].to_pylist() == list(range(size))


def test_a_date_that_is_none_is_told() -> None:
    with pytest.raises(SegcliError, match="due"):
        draw_bytes("parquet", Table("T", (Column("due", "date"),), [("2026-02-30",)]))


def test_a_pipe_gets_the_bytes_of_the_file(example: Path, segcli: Run) -> None:
    assert example.exists()
    words = ["show", "outstanding-items", "-f", "parquet"]
    assert segcli(*words, "-o", "a.parquet").status == 0
    piped = subprocess.run([sys.executable, "-m", "segcli", *words], capture_output=True, check=True)
    assert piped.stdout == Path("a.parquet").read_bytes()
    total = sum(row["open"] for row in read(piped.stdout).to_pylist() if row["currency"] == "EUR")
    rows = segcli("show", "outstanding-items", "-f", "json").rows
    assert total == sum(Decimal(str(row["open"])) for row in rows if row["currency"] == "EUR")


def test_without_pyarrow_it_says_what_to_install(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert example.exists()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = segcli("show", "account-search", "-o", "a.parquet")
    assert (done.status, "pip install 'segcli[parquet]'" in done.err) == (1, True)
    assert not Path("a.parquet").exists()
