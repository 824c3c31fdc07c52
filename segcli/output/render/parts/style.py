"""The style of a table, from the terminal and the user's flags."""

from typing import TYPE_CHECKING

from segcli.base.record import Record, made

if TYPE_CHECKING:
    from segcli.output.kept_file import KeptFile


class Style(Record):
    """The settings that renderers need besides the table."""

    with_header: bool = True
    is_terminal: bool = False
    has_color: bool = False
    width: int = 80  # columns of the terminal; used by terminal output only
    is_ascii: bool = False  # draw charts in ASCII
    decimal: str = "."  # of formats for people; machine formats always have a point
    dates: str = "iso"  # of formats for people, and of dates displayed in a workbook: iso, dmy or mdy
    ends_with_null: bool = False  # records of tsv and plain end with NUL
    delimiter: str = ","  # of csv
    is_guarded: bool = True  # csv: prefix text that a spreadsheet would run as a formula with '
    has_text_amounts: bool = False  # json: amounts are strings
    title: str = ""  # of a file with several tables; empty: that of its first table
    font: str = ""  # a TrueType file for PDF; empty: installed fonts
    language: str = "en"  # of headings, titles and captions in formats for people
    kept: "KeptFile | None" = None  # sqlite: the file whose other tables are kept
    told: list[str] = made(default_factory=list)  # warnings collected while rendering
