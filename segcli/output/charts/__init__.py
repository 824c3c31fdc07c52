"""Charts: gather a table's rows into pictures; draw pictures as terminal text, as SVG and as vectors for PDF."""

from segcli.output.charts.gather import Gatherer
from segcli.output.charts.model import Bar, Picture

__all__ = ["Bar", "Gatherer", "Picture"]
