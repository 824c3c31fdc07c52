"""The lines of an invoice as a table over several pages, with repeated headings and carried-forward sums. Pure."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate

from segcli.domain.sales.document import DocumentLine, InvoiceDocument
from segcli.output.documents.blocks import LEFT, RIGHT, SMALL
from segcli.output.documents.carrying import NOTHING, Carrying, table
from segcli.output.documents.letter import Carried, LetterColumn
from segcli.output.documents.marks import MM
from segcli.output.documents.typeset import Typesetter
from segcli.settings.print_texts import Wording

_GUTTER = 3 * MM
_WIDEST = {"item": 26 * MM, "quantity": 24 * MM, "unit": 16 * MM, "price": 26 * MM, "discount": 16 * MM,
           "vat_percent": 13 * MM, "amount": 30 * MM}  # fmt: skip
_ALWAYS = ("line", "quantity", "price", "amount")
_LEFT = ("item", "line", "unit")


def lines(setter: Typesetter, document: InvoiceDocument, wording: Wording) -> Carrying:
    """Return the table; a column that no line needs is left out. The sum of the lines is carried forward over pages."""
    rows = [_cells(line, document.currency, wording) for line in document.lines]
    names = [name for name in rows[0] if name in _ALWAYS or any(row[name] for row in rows)] if rows else []
    if not names:
        return NOTHING
    edges = _edges(setter, names, rows, wording)
    columns = [LetterColumn(wording[name], "left" if name in _LEFT else "right") for name in names]
    sums = accumulate((line.net for line in document.lines), initial=0)
    carried = Carried(wording["carried"], tuple(wording.amount(minor, document.currency) for minor in sums))
    return table(setter, columns, edges, [tuple(row[name] for name in names) for row in rows], carried)


def _cells(line: DocumentLine, currency: str, wording: Wording) -> dict[str, str]:
    """Return the texts of a line, in column order."""
    discount = wording.number(line.discount_percent) + "%" if Fraction(line.discount_percent or "0") else ""
    return {
        "item": line.item,
        "line": "\n".join(filter(None, (line.description, _period(line, wording)))),
        "quantity": wording.number(line.quantity),
        "unit": line.unit,
        "price": wording.price(line.unit_price, currency),
        "discount": discount,
        "vat_percent": wording.number(line.vat_percent),
        "amount": wording.amount(line.net, currency),
    }


def _period(line: DocumentLine, wording: Wording) -> str:
    """Return the period of a line; '' without one, and one date if it is a single day."""
    return " - ".join(dict.fromkeys(filter(None, (wording.day(line.start_date), wording.day(line.end_date)))))


def _edges(
    setter: Typesetter, names: Sequence[str], rows: Sequence[Mapping[str, str]], wording: Wording
) -> list[tuple[float, float]]:
    """Return the left and right edge of each column: as wide as its texts; the description gets the rest."""
    widths = {name: _width(setter, name, rows, wording) for name in names if name != "line"}
    widths["line"] = RIGHT - LEFT - sum(widths.values()) - _GUTTER * (len(names) - 1)
    edges, x = [], LEFT
    for name in names:
        edges.append((x, x + widths[name]))
        x += widths[name] + _GUTTER
    return edges


def _width(setter: Typesetter, name: str, rows: Sequence[Mapping[str, str]], wording: Wording) -> float:
    most = _WIDEST[name]
    wide = [line.width for line in setter.wrap(wording[name], most, SMALL, bold=True)]
    for text in dict.fromkeys(row[name] for row in rows):  # in row order, so that warnings are too
        wide += [line.width for line in setter.wrap(text, most, SMALL)]
        if max(wide) > most * 0.95:
            break
    return min(most, max(wide) + 0.5)
