"""A query as a workbook by XlsxWriter in constant memory, with nothing around it: DATABASE SQL FILE."""

import sqlite3
import sys

import xlsxwriter


def main(database: str, sql: str, path: str) -> None:
    """Write the rows below their names."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    found = sqlite3.connect(database).execute(sql)
    sheet.write_row(0, 0, [column[0] for column in found.description])
    for n, row in enumerate(found, 1):
        sheet.write_row(n, 0, row)
    book.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
