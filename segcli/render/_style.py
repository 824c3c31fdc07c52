"""How a table is to look: what the terminal is and what the user said."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """What renderers need to know beyond the table."""

    with_header: bool = True
    is_terminal: bool = False
    has_color: bool = False
    width: int = 80  # of the terminal, in places; nothing else is fitted to it
    is_ascii: bool = False  # the terminal may not have the signs that charts are drawn with
    decimal: str = "."  # in people's formats; machine formats always have a point
