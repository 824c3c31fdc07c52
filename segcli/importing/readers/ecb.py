"""Exchange rates of the European Central Bank, for one euro, in files with one column per currency.

These are eurofxref.csv, eurofxref-hist.csv and the wide exports of its data portal. The portal's long form is an ordinary
CSV file, which the CSV reader reads.
"""

import csv
import re
from collections.abc import Iterator
from datetime import datetime

from segcli.base.errors import SegcliError
from segcli.importing.readers import Block, Source, text_head

HEADER = ("rate_date", "currency", "rate", "base_currency")
_HISTORY = re.compile(r'"?Date"?, ?(?:"?[A-Z]{3}"?(?:, ?|(?=[\r\n]|$)))+', re.ASCII)
_SERIES = re.compile(r"EXR\.D\.([A-Z]{3})\.EUR\.SP00\.A", re.ASCII)  # series key: daily reference rate against the euro
_NOTHING = frozenset({"", "N/A", "NaN", "-"})


def recognises(head: bytes) -> bool:
    """Tell whether the first line is the header of such a file."""
    line = text_head(head).split("\n", 1)[0]
    return _HISTORY.match(line) is not None or (
        line.upper().startswith(('"DATE"', "DATE,")) and _SERIES.search(line) is not None
    )


def read(source: Source) -> Iterator[Block]:
    """Yield one block of rates, with one row per day and currency that has a rate."""
    yield Block("exchange_rate", "", HEADER, _rows(source), is_canonical=True)


def _rows(source: Source) -> Iterator[tuple[int, list[str | None]]]:
    with source.path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, skipinitialspace=True)
        currencies = [_currency(name) for name in next(reader)]
        for row in reader:
            if not any(row):
                continue
            day = _day(row[0].strip(), source.name, reader.line_num)
            for currency, cell in zip(currencies, row, strict=False):
                if currency and cell.strip() not in _NOTHING:
                    yield reader.line_num, [day, currency, cell.strip(), "EUR"]


def _currency(heading: str) -> str:
    """Return the currency of a column, '' for other columns."""
    series = _SERIES.search(heading)
    if series:
        return series[1]
    name = heading.strip()
    return name if len(name) == 3 and name.isupper() else ""  # noqa: PLR2004 - ISO 4217


def _day(text: str, file: str, line: int) -> str:
    """Return the ISO date of a text: 2026-11-27 in the history, 27 November 2026 in the daily file."""
    for form in ("%Y-%m-%d", "%d %B %Y"):
        try:
            return str(datetime.strptime(text, form).date())  # noqa: DTZ007 - a date has no time zone
        except ValueError:
            continue
    raise SegcliError(f"{file}:{line}:Date: '{text}' is not a date", "2026-11-27 or 27 November 2026")
