"""How a table is to look: what the terminal is and what the user said."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Style:
    """What renderers need to know beyond the table."""

    with_header: bool = True
    is_terminal: bool = False
    has_color: bool = False
    width: int = 80  # of the terminal, in places; nothing else is fitted to it
    is_ascii: bool = False  # the terminal may not have the signs that charts are drawn with
    decimal: str = "."  # in people's formats; machine formats always have a point
    dates: str = "iso"  # in people's formats and in what a workbook shows: iso, dmy or mdy
    ends_with_null: bool = False  # records of tsv and plain end with NUL
    delimiter: str = ","  # of csv
    is_guarded: bool = True  # csv: a text that a spreadsheet would run has ' in front
    has_text_amounts: bool = False  # json: amounts are strings
    title: str = ""  # of a pack of tables; empty: that of its first table
    font: str = ""  # a TrueType file for what is set in type; empty: those of the machine
    told: list[str] = field(default_factory=list, compare=False)  # what a reader would miss, found while drawing
