"""The layout of a picture of any kind. Pure."""

from segcli.output.charts import heat_shapes, shapes
from segcli.output.charts.heat import Heat
from segcli.output.charts.model import Picture
from segcli.output.charts.shapes import Measure, Sheet


def sheet(picture: Picture | Heat, width: float, measure: Measure, decimal: str = ".") -> Sheet:
    """Return the layout of a picture for a width in points."""
    if isinstance(picture, Heat):
        return heat_shapes.sheet(picture, width, measure, decimal)
    return shapes.sheet(picture, width, measure, decimal)
