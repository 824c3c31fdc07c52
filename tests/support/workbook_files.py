"""Small .xlsx workbooks for tests."""

import zipfile

import xlsxwriter


def workbook(*rows: list[object], name: str = "b.xlsx", sheet: str = "One", start: int = 0) -> None:
    """Write a workbook of one sheet; an error of Excel's is the result of a formula."""
    book = xlsxwriter.Workbook(name, {"default_date_format": "yyyy-mm-dd hh:mm", "strings_to_formulas": False})
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows, start):
        for at, cell in enumerate(row, start):
            if isinstance(cell, str) and cell.startswith("#"):
                page.write_formula(number, at, "=NA()", None, cell)
            else:
                page.write(number, at, cell)
    book.close()


def with_cell(cell: str) -> None:
    """Write a workbook of an account, its city as a cell that stands so in the file."""
    workbook(["account", "name", "city"], ["1", "A", 77777])
    with zipfile.ZipFile("b.xlsx") as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    with zipfile.ZipFile("b.xlsx", "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text.replace('<c r="C2"><v>77777</v></c>', cell))
