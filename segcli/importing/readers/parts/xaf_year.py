"""The financial year of an audit file: its header and periods, and where the opening balance stands in it."""

from segcli.importing.readers.parts.values import date
from segcli.importing.readers.parts.xaf_rows import OPENING
from segcli.importing.readers.parts.xml import Node

_MOST_PERIODS = 1000


class Year:
    """The header and the periods of a file, as far as they are read."""

    def __init__(self) -> None:
        self.header: dict[str, str] = {}
        self._opened = ""  # date of the opening balance, if stated
        self._starts: dict[str, int] = {}  # first day of a period -> its number
        self._first_period = 0  # of the transactions

    def take_header(self, node: Node) -> None:
        """Read the header."""
        self.header = node.values()

    def take_opening_date(self, node: Node) -> None:
        """Read the date of the opening balance."""
        self._opened = date(node.text.strip()) or ""

    def take_period(self, node: Node) -> None:
        """Read a period; of several periods with one first day, the lowest number counts."""
        values = node.values()
        number, start = values.get("periodnumber", ""), date(values.get("startdateperiod"))
        if start and number.isdecimal() and 0 < int(number) < self._starts.get(start, _MOST_PERIODS):
            self._starts[start] = int(number)

    def note_period(self, period: str) -> None:
        """Note the period of a transaction."""
        if period.isdecimal() and int(period):
            self._first_period = min(self._first_period or _MOST_PERIODS, int(period))

    @property
    def currency(self) -> str:
        """Return the currency of the administration as the file writes it, '' if it states none."""
        return self.header.get("curcode", "")

    @property
    def name(self) -> str | None:
        """Return the financial year; 2015-2016 is 2015."""
        return self.header.get("fiscalyear", "")[:4] or None

    @property
    def opened(self) -> str | None:
        """Return the date of the opening balance, else the first day of the file."""
        return self._opened or self.header.get("startdate") or None

    @property
    def position(self) -> int:
        """Return the period that the opening balance precedes; 0 if it precedes the year, as in a file of a whole year."""
        start = date(self.header.get("startdate")) or ""
        found = self._starts.get(start)
        if found is None and not start.endswith("-01-01") and "-" not in self.header.get("fiscalyear", ""):
            found = self._first_period
        return found if found and found > 1 else 0

    @property
    def opening_entry(self) -> str:
        """Return the entry number of the opening balance."""
        return f"{OPENING} {self.position}" if self.position else OPENING
