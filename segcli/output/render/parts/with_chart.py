"""A table with its chart: above a short table, below a long one, because rows are read only once."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from typing import IO, TYPE_CHECKING

from segcli.base.record import replace
from segcli.domain.table import Row, Table
from segcli.output.render.parts.people import MOST_ROWS
from segcli.output.render.parts.style import Style

if TYPE_CHECKING:
    from segcli.output.charts import Gatherer, Heat, HeatGatherer, Picture

_WIDTH = 80  # columns of text output to a file or pipe


class Charted:
    """A table whose chart is gathered while its rows are read. Render `table` in place of the original."""

    def __init__(self, table: Table) -> None:
        """Raise UsageError if a column that the chart needs is not shown."""
        self.table = table
        self._gatherer: Gatherer | HeatGatherer | None = None
        self._is_short = False
        if table.chart:
            from segcli.output.charts import gatherer

            self._gatherer = gatherer(table, table.chart)
            self.table = replace(table, rows=self._watched(self._gatherer, iter(table.rows)))

    def _watched(self, gatherer: "Gatherer | HeatGatherer", rows: Iterable[Row]) -> Iterable[Row]:
        first = list(islice(rows, MOST_ROWS + 1))
        self._is_short = len(first) <= MOST_ROWS
        return list(gatherer.watch(first)) if self._is_short else gatherer.watch(chain(first, rows))

    def above(self) -> "Sequence[Picture | Heat]":
        """Return the charts to draw above the table: all of them for a short table, else none."""
        return self._gatherer.pictures() if self._gatherer and self._is_short else ()

    def below(self) -> "Sequence[Picture | Heat]":
        """Return the charts to draw below a long table; call it after the rows have been read."""
        return self._gatherer.pictures() if self._gatherer and not self._is_short else ()


def render(
    draw: Callable[[Table, IO[str], Style], int], table: Table, file: IO[str], style: Style, indent: int = 0
) -> int:
    """Write the chart as text and the table as `draw` does; return its number of rows."""
    if not table.chart:
        return draw(table, file, style)
    charted = Charted(table)
    file.writelines(f"{text}\n" for picture in charted.above() for text in (*_lines(picture, style, indent), ""))
    count = draw(charted.table, file, style)
    file.writelines(f"{text}\n" for picture in charted.below() for text in ("", *_lines(picture, style, indent)))
    return count


def _lines(picture: "Picture | Heat", style: Style, indent: int) -> list[str]:
    from segcli.output.charts import Heat, terminal, terminal_heat

    width = style.width if style.is_terminal else _WIDTH - indent
    look = terminal.Look(width, style.decimal, style.is_ascii, style.has_color)
    drawn = terminal_heat.lines(picture, look) if isinstance(picture, Heat) else terminal.lines(picture, look)
    return [f"{' ' * indent}{line}" for line in drawn]
