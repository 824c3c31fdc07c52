"""--subtotal on the overviews: the example's lists against plain SQL."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Run

from segcli.base.money import to_human


@pytest.fixture
def db(example: object, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "test.db")) as found:
        yield found


def subtotals(text: str) -> list[tuple[str, str]]:
    """Return the label and the last amount of each line of subtotals."""
    lines = [line for line in text.splitlines() if "Subtotal" in line]
    return [(line.strip().split("  ")[0].removeprefix("Subtotal "), line.split()[-1]) for line in lines]


SQL = """SELECT coalesce({group}, '(none)'), i.currency, sum(i.total_amount) FROM invoice AS i
 JOIN account AS a ON a.id = i.account_id LEFT JOIN classification_value AS v ON v.id = a.class1
 WHERE i.kind = 'sales' AND i.invoice_date BETWEEN '2026-01-01' AND '2026-03-31'
 GROUP BY {group}, i.currency"""
COLUMNS = "--columns=invoice_number,account,name,currency,total_amount"


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("account", "a.code"),
        ("country", "a.country"),
        ("manager", "a.manager"),
        ("class1", "v.code"),
        ("Region", "v.code"),
    ],
)
def test_invoices_add_up_per_group_and_currency(segcli: Run, db: sqlite3.Connection, name: str, group: str) -> None:
    found: dict[str, dict[str, int]] = {}
    for key, currency, total in db.execute(SQL.format(group=group)):
        found.setdefault(key, {})[currency] = total
    wanted = {
        (key if set(sums) == {"EUR"} else f"{key} {currency}", to_human(total, currency, "."))
        for key, sums in found.items() for currency, total in sums.items()
    }  # fmt: skip
    shown = segcli("show", "invoice-history", "--period", "2026Q1", "--subtotal", name, COLUMNS, "-f", "plain")
    lines = subtotals(shown.out)
    assert len(lines) == len(wanted) > 4
    assert set(lines) == wanted


def test_groups_are_sorted_first_and_currencies_within_them(segcli: Run, example: object) -> None:
    flags = (
        "show",
        "invoice-history",
        "--subtotal",
        "country",
        "--columns",
        "country,currency,total_amount",
        "-f",
        "json",
    )
    rows = segcli(*flags, "--sort", "-total_amount").rows
    keys = [(row["country"] is None, row["country"] or "", row["currency"]) for row in rows]
    assert keys == sorted(keys)
    euros = [row["total_amount"] for row in rows if (row["country"], row["currency"]) == ("NL", "EUR")]
    assert euros == sorted(euros, reverse=True)
    downwards = [row["country"] for row in segcli(*flags, "--sort", "-country").rows if row["country"]]
    assert downwards == sorted(downwards, reverse=True)


def test_with_a_limit_subtotals_and_totals_are_of_all_rows(segcli: Run, example: object) -> None:
    flags = ("show", "outstanding-items", "--subtotal", "country", "--columns", "account,currency,open", "-f", "plain")
    whole, part = (segcli(*flags, *more).out for more in ((), ("--limit", "12")))
    shown = subtotals(part)
    assert 2 < len(shown) < len(subtotals(whole))
    assert shown == subtotals(whole)[: len(shown)]
    ends = [[line for line in text.splitlines() if line.startswith("Total")] for text in (whole, part)]
    assert [re.split(r"\s{2,}", line) for line in ends[0]] == [re.split(r"\s{2,}", line) for line in ends[1]]


def test_ledger_lines_per_journal_and_grouped_rows_per_class(segcli: Run, db: sqlite3.Connection) -> None:
    sql = """SELECT j.code, sum(t.amount) FROM transaction_line AS t JOIN entry AS e ON e.id = t.entry_id
     JOIN journal AS j ON j.id = e.journal_id WHERE t.amount > 0 AND t.entry_date LIKE '2026-01-%' GROUP BY 1"""
    wanted = {code: to_human(amount, "EUR", ".") for code, amount in db.execute(sql)}
    shown = segcli("show", "transaction-search", "--period", "2026-01", "--subtotal", "journal", "--columns=name,debit",
                   "-f", "plain").out  # fmt: skip
    assert dict(subtotals(shown)) == wanted
    grouped = segcli("show", "outstanding-items", "--group-by", "country,class1", "--subtotal", "class1",
                     "--columns=class1,country,accounts", "-f", "plain").out  # fmt: skip
    count = """SELECT count(DISTINCT i.account_id) FROM outstanding_item AS i JOIN account AS a ON a.id = i.account_id
     JOIN classification_value AS v ON v.id = a.class1 WHERE v.code = 'N' AND i.invoice_date <= '2026-06-30' AND i.amount <>
     (SELECT coalesce(sum(amount), 0) FROM allocation WHERE item_id = i.id AND allocation_date <= '2026-06-30')"""
    assert ("N", str(db.execute(count).fetchone()[0])) in subtotals(grouped)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("outstanding-items", "--subtotal", "open"), "'open' is an amount"),
        (("outstanding-items", "--subtotal", "contry"), "there is no column 'contry'"),
        (("outstanding-items", "--subtotal", "country,account"), "--subtotal takes one column"),
        (("account-search", "--subtotal", "country"), "no column of this table is added up"),
        (("outstanding-items", "--group-by", "country", "--subtotal", "class1"), "not among the columns of the groups"),
    ],
)
def test_what_cannot_have_subtotals_is_refused(
    segcli: Run, example: object, flags: tuple[str, ...], message: str
) -> None:
    found = segcli("show", *flags)
    assert found.status == 2
    assert message in found.err
