"""Charts: from a table and its declared chart to pictures, on a terminal, as SVG, and as a drawing for PDF."""

from segcli.output.charts.gather import Gatherer
from segcli.output.charts.model import Bar, Picture

__all__ = ["Bar", "Gatherer", "Picture"]
