"""What Rich draws with: a console, and how it treats the cells of a column."""

from typing import IO, TYPE_CHECKING, Any

from segcli.domain.table import Column
from segcli.output.render.parts import layout
from segcli.output.render.parts.style import Style

if TYPE_CHECKING:
    from rich.console import Console


def console(file: IO[str], style: Style) -> "Console":
    """Return a Rich console. The style sets its width and colours; the environment has no influence."""
    from rich.console import Console

    return Console(
        file=file,
        width=style.width,
        height=25,  # both, or Rich takes what it finds in the environment
        markup=False,
        emoji=False,
        highlight=False,
        force_terminal=style.has_color,
        no_color=not style.has_color,
        color_system="standard" if style.has_color else None,
        legacy_windows=False,
    )


def cells(column: Column) -> dict[str, Any]:
    """Return how Rich treats the cells of a column: names are shortened, other texts wrap, the rest is whole."""
    if layout.is_fixed(column):
        return {"no_wrap": True, "overflow": "fold"}
    return {"no_wrap": layout.is_name(column), "overflow": "ellipsis" if layout.is_name(column) else "fold"}
