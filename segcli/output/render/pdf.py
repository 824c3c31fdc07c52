"""A PDF document to print: headings on each page, aligned numbers, totals, names in any script; written page by page."""

from collections.abc import Sequence
from typing import IO

from segcli.base.text import visible
from segcli.domain.table import Table
from segcli.output.render.parts.style import Style


def render(table: Table, file: IO[bytes], style: Style) -> int:
    """Write the document and return the number of rows."""
    return book([table], file, style)[0]


def book(tables: Sequence[Table], file: IO[bytes], style: Style) -> list[int]:
    """Write one document, in which each table starts on a new page, and return the number of rows of each."""
    from segcli.output.render.parts.document import Document

    document = Document(file, visible(style.title or tables[0].title), style)
    counts = [document.add(table) for table in tables]
    document.close()
    return counts
