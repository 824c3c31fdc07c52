"""Rows as JSON objects: money as exact numbers, never by way of a float."""

from collections.abc import Callable, Iterator
from json.encoder import encode_basestring as quote

from segcli.money import to_text
from segcli.overview import Cell, Column, Table
from segcli.render._cells import currency_of, number
from segcli.text import escape_controls

Encoder = Callable[[Cell, str], str]


def _text(cell: Cell, _: str) -> str:
    if cell is None:
        return "null"
    text = str(cell)
    quoted = quote(text)
    return quoted if text.isprintable() else _safe(quoted)


def _safe(quoted: str) -> str:
    r"""Return the JSON string with control characters as \u009b; format characters keep their bytes."""
    if escape_controls(quoted) == quoted:
        return quoted
    return "".join(c if c.isprintable() or not (c < " " or "\x7f" <= c <= "\x9f" or c in "\u2028\u2029" or "\ud800" <= c <= "\udfff")
                   else f"\\u{ord(c):04x}" for c in quoted)  # fmt: skip


def _money(cell: Cell, currency: str) -> str:
    if cell is None:
        return "null"
    text = to_text(int(cell), currency)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _encoder(column: Column) -> Encoder:
    if column.kind == "money":
        return _money
    if column.kind in {"decimal", "percent"}:
        return lambda cell, _: "null" if cell is None else number(float(cell))
    if column.kind == "flag":
        return lambda cell, _: "null" if cell is None else "true" if cell else "false"
    if column.kind == "integer":
        return lambda cell, _: "null" if cell is None else str(cell)
    return _text


def objects(table: Table) -> Iterator[str]:
    """Yield each row as a JSON object on one line."""
    encoders = [_encoder(column) for column in table.columns]
    names = [f"{quote(column.name)}: " for column in table.columns]
    currency = currency_of(table)
    for row in table.rows:
        code = currency(row)
        parts = [name + encode(cell, code) for name, encode, cell in zip(names, encoders, row, strict=False)]
        yield f"{{{', '.join(parts)}}}"
