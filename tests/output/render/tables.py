"""One table with everything that goes wrong in tables, and what is right to see of it."""

import io
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser

from segcli.domain.table import Column, Row, Table
from segcli.output.render import BINARY, Style, renderer

COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("due_date", "date", "Due"),
    Column("amount", "money", "Amount", total="sum"),
    Column("days", "integer", total="sum"),
    Column("share", "percent"),
    Column("factor", "decimal"),
    Column("is_blocked", "flag", "Blocked"),
)
# The last cell is the currency, which stands behind the columns.
ROWS: tuple[Row, ...] = (
    ("0001", "Café Zürich", "2026-01-31", 1230, 3, 12.5, 1.5, 1, "EUR"),
    ("0002", "株式会社", "2026-02-28", 1234567, 0, 0.0, 3.0, 0, "JPY"),
    ("0003", "a\u202egnp.exe", None, -5, None, None, None, None, "USD"),
    ("0004", "\x1b]0;owned\x07\x9b31mred\x7f", "2026-03-01", 0, -1, -0.04, 1e-7, 0, "EUR"),
    ("0005", "Acme [/x] :smile: 1:100:", "2026-03-01", 9_223_372_036_854_775_807, 1, 100.0, 1e22, 1, "EUR"),
    ("=1+1", "-5", "2026-03-01", 99, 1, 33.333333333333336, -0.0, 1, "EUR"),
    ("'=2", "'quoted'", "2026-03-01", 100, 1, 1.0, 0.1, 1, "EUR"),
    ("+31", "two\nlines\tand a tab", "2026-03-01", -100, 1, 1.0, 0.1, 1, "EUR"),
    ("half", "x\ud800y", "2026-03-01", -99, 1, 1.0, 0.1, 1, "EUR"),
    ("<b>&", 'say "hi", | _then_ *go* `now`', "2026-03-01", 1, 1, 1.0, 0.1, 1, "EUR"),
    ("none", None, None, None, None, None, None, None, None),
)


def table(rows: Iterable[Row] = ROWS, columns: tuple[Column, ...] = COLUMNS, **changes: object) -> Table:
    made = Table("Outstanding items", columns, rows, caption="as of 2026-03-31", currency_at=8)
    return replace(made, **changes)  # type: ignore[arg-type]


def draw(form: str, drawn: Table, style: Style | None = None) -> str:
    file = io.StringIO(newline="")
    renderer(form)(drawn, file, style or Style())
    return file.getvalue()


def draw_bytes(form: str, drawn: Table, style: Style | None = None) -> bytes:
    if form not in BINARY:
        return draw(form, drawn, style).encode("utf-8")  # strict: half a character must not have come through
    file = io.BytesIO()
    renderer(form)(drawn, file, style or Style())
    return file.getvalue()


def small() -> Table:
    """Return a small table of which each character can be checked by hand."""
    columns = (
        Column("account", "code"),
        Column("name"),
        Column("open", "money", total="sum"),
        Column("days", "integer"),
    )
    rows = (("A1", "Bakker", 123456, 5), ("B22", "De Wit", -50, None))
    return Table("Open", columns, rows, caption="as of 2026-03-31")


class HtmlCells(HTMLParser):
    """Collects the rows and the tags of an HTML table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002, D102
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:  # noqa: D102
        if self.tags and self.tags[-1] in {"td", "th"}:
            self.rows[-1][-1] += data.strip("\n")
