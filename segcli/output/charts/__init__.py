"""Charts: gather a table's rows into pictures; draw pictures as terminal text, as SVG and as vectors for PDF."""

from segcli.domain.table import Chart, Table
from segcli.output.charts.gather import Gatherer
from segcli.output.charts.heat import Heat, HeatGatherer
from segcli.output.charts.model import Bar, Picture

__all__ = ["Bar", "Gatherer", "Heat", "HeatGatherer", "Picture", "gatherer"]


def gatherer(table: Table, chart: Chart) -> Gatherer | HeatGatherer:
    """Return what gathers a chart of its kind. Raise UsageError if the table lacks a column that the chart needs."""
    return HeatGatherer(table, chart) if chart.kind == "heat" else Gatherer(table, chart)
