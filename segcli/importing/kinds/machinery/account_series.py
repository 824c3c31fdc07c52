"""Gives new accounts the next free numbers of the series accounts.number."""

from segcli.domain.account_numbers import series
from segcli.importing.kinds.machinery.stage import Stage

_MOST_DIGITS = 15  # a longer number is no number of this series
_CODES = """SELECT code FROM account WHERE code >= ?1 AND code < ?1 || char(1114111)
 UNION ALL SELECT substr(reference, 6) FROM account_reference WHERE reference GLOB 'code:*'"""


def number(stage: Stage, table: str, also: str = "") -> None:
    """Set the column `code` of a table with a row number n, where it is NULL, in the order of n.

    The numbers follow the highest one that an account has or had before it was merged, or that the query `also` yields.
    """
    made = series(stage.options.account_number)
    codes = f"{_CODES} UNION ALL {also}" if also else _CODES
    digits = "substr(code, length(?1) + 1)"
    last = stage.execute(
        f"SELECT coalesce(max(CAST({digits} AS INTEGER)), 0) FROM ({codes}) WHERE substr(code, 1, length(?1)) = ?1"
        f" AND length({digits}) BETWEEN 1 AND {_MOST_DIGITS} AND {digits} NOT GLOB '*[^0-9]*'",
        made.front,
    ).fetchone()[0]
    rows = stage.execute(f"SELECT n FROM {table} WHERE code IS NULL ORDER BY n").fetchall()
    stage.db.executemany(
        f"UPDATE {table} SET code = ? WHERE n = ?",
        ((made.code(at), n) for at, (n,) in enumerate(rows, last + 1)),
    )
