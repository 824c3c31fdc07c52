"""What web pages have in common: a policy that lets in nothing but their own script, headings, and charts."""

import base64
import hashlib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from segcli.domain.table import Column
from segcli.output.render.parts.people import Shown
from segcli.output.render.parts.style import Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segcli.output.charts import Heat, Picture

MOST_SORTED = 20_000  # rows of a page; beyond, a browser would think too long
WIDE = 8  # columns from which on a table is printed lying
_KINDS = {"date": "d", "integer": "n", "decimal": "n", "percent": "n"}
_RENDER = Path(__file__).parents[1]


def script() -> str:
    """Return the script that sorts and filters tables."""
    return (_RENDER / "_page.js").read_text(encoding="utf-8")


def top(title: str, css: str, language: str) -> str:
    """Return the page down to its body. It runs our script and nothing else, and loads nothing."""
    allowed = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<style>{css}</style></head><body>\n"
    )


def end(count: int, *, has_heads: bool = True) -> str:
    """Return the end of a page, with its script unless the tables are too long to be sorted."""
    found = f"<script>{script()}</script>\n" if count <= MOST_SORTED and has_heads else ""
    return f"{found}</body></html>\n"


def pictures(found: "Sequence[Picture | Heat]", style: Style, width: float | None = None) -> str:
    """Return charts as figures."""
    if not found:
        return ""
    from segcli.output.charts import svg

    size = svg.WIDTH if width is None else width
    return "".join(f"<figure>\n{svg.svg(picture, size, style.decimal)}\n</figure>\n" for picture in found)


def heads(found: Shown) -> str:
    """Return the row of headings, each with the kind of its column for the script."""
    cells = (
        f'<th scope="col" data-kind="{_kind(column)}"{" class=n" if right else ""}>{escape(head)}</th>'
        for column, head, right in zip(found.columns, found.heads, found.rights, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>\n"


def _kind(column: Column) -> str:
    """Return how the script sorts a column: as text, days, numbers, or money of the row's currency."""
    if column.kind == "money":
        return "n" if column.is_base else "m"
    return _KINDS.get(column.kind, "t")
