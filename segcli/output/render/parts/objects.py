"""Rows as JSON objects; amounts are exact numbers, never converted to float."""

import re
from collections.abc import Iterator, Sequence
from json.encoder import encode_basestring as quote  # json's own encoder, in C if available

from segcli.base.text import is_printable
from segcli.domain.table import Column, Table
from segcli.output.render.parts import cell_text
from segcli.output.render.parts.cell_text import Cells, Encoder, encoded_blocks, number, texts
from segcli.output.render.parts.style import Style

# Escaped in addition to what JSON requires: DEL and C1 control terminals, U+2028 and U+2029 end lines in JavaScript,
# and lone surrogates have no UTF-8 form.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def string(text: str) -> str:
    """Return a JSON string; non-ASCII characters are not escaped, unless they are unsafe on a terminal."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", quote(text))


def _texts(cells: Cells, _codes: Sequence[str]) -> Cells:
    found, joined = texts(cells)
    encode = quote if is_printable(joined) else string
    if found is cells:
        return list(map(encode, found))
    return ["null" if cell is None else encode(text) for cell, text in zip(cells, found, strict=True)]


def _money(cells: Cells, codes: Sequence[str]) -> Cells:
    """Return amounts as numbers with the decimals of their currency: 12.30, never 12.3."""
    return [text or "null" for text in cell_text.money(cells, codes)]


def _money_text(cells: Cells, codes: Sequence[str]) -> Cells:
    """Return amounts as strings: "12.30"."""
    return [f'"{text}"' if text else "null" for text in cell_text.money(cells, codes)]


def _numbers(cells: Cells, _codes: Sequence[str]) -> Cells:
    return [number(cell) or "null" for cell in cells]  # JSON has no infinity


def _integers(cells: Cells, _codes: Sequence[str]) -> Cells:
    return ["null" if cell is None else str(cell) for cell in cells]


def _flags(cells: Cells, _codes: Sequence[str]) -> Cells:
    return ["null" if cell is None else "true" if cell else "false" for cell in cells]


def _numbers_by_name(cells: Cells, _codes: Sequence[str]) -> Cells:
    return [f"{{{', '.join(f'{string(name)}: {n}' for name, n in cell.numbers.items())}}}" for cell in cells]


_KINDS: dict[str, Encoder] = {
    "money": _money,
    "decimal": _numbers,
    "percent": _numbers,
    "integer": _integers,
    "flag": _flags,
}


def _encoder(column: Column, style: Style) -> Encoder:
    if column.is_object:
        return _numbers_by_name
    return _money_text if column.kind == "money" and style.has_text_amounts else _KINDS.get(column.kind, _texts)


def objects(table: Table, style: Style) -> Iterator[list[str]]:
    """Yield blocks of rows, each row a JSON object on one line."""
    names = (string(column.name).replace("%", "%%") for column in table.columns)
    template = f"{{{', '.join(f'{name}: %s' for name in names)}}}"
    for block in encoded_blocks(table, [_encoder(column, style) for column in table.columns]):
        yield [template % row for row in block]
