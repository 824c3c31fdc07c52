"""The card of an account: it says what the overviews say, fits its terminal, and goes into a file whole."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Run, connected

from segcli.domain.table import Column, Table
from segcli.output import text_width
from segcli.output.render import Style
from segcli.output.render.parts import account_card
from segcli.overviews import account_overview
from segcli.overviews.parts import card


def test_it_says_what_the_overviews_say(segcli: Run, example: Path) -> None:
    shown = segcli("show", "account-overview", "000001", "-f", "table").out
    (row,) = segcli("show", "account-overview", "--account", "000001", "-f", "json").rows
    for name in ("outstanding", "overdue", "turnover", "turnover_before"):
        assert re.search(rf"^  {name.replace('_', ' ').capitalize()} +{row[name]:,.2f}$", shown, re.MULTILINE)
    with connected(example) as db:
        address, label, value = db.execute(
            "SELECT a.address, l.label, v.description || ' (' || v.code || ')' FROM account AS a"
            " JOIN classification_value AS v ON v.id = a.class1 JOIN classification_label AS l ON l.field = 1 WHERE a.code = '000001'"
        ).fetchone()
    assert shown.startswith("000001  't Gouden Hoen\ncustomer · ")
    assert address in shown
    assert re.search(rf"^  {label} +{re.escape(value)}$", shown, re.MULTILINE)
    items = segcli("show", "outstanding-items", "--account", "000001", "-f", "json").rows
    assert all(item["invoice_number"] in shown for item in items)
    assert len(items) < card.ROWS
    assert "Invoices: the first 5; all: segcli show invoice-history --account 000001" in shown
    assert "Why not" not in shown  # a column with nothing in it


def test_several_accounts_are_several_cards_in_one_file(segcli: Run, example: Path) -> None:
    assert example.exists()
    codes = ("000001", "000017")
    assert segcli("show", "account-overview", *codes, "-o", "cards.txt") == (0, "", "")
    each = [segcli("show", "account-overview", code, "-f", "table").out for code in codes]
    assert Path("cards.txt").read_text(encoding="utf-8") == "\n".join(each)
    before = Path("cards.txt").stat().st_mtime_ns
    assert segcli("show", "account-overview", *codes, "-o", "cards.txt", "--if-changed").status == 0
    assert Path("cards.txt").stat().st_mtime_ns == before


def test_machines_get_the_row(segcli: Run, example: Path) -> None:
    assert example.exists()
    rows = segcli("show", "account-overview", "000001", "-f", "json").rows
    assert rows == segcli("show", "account-overview", "--account", "000001", "-f", "json").rows


def test_an_account_that_is_not_there(segcli: Run, example: Path) -> None:
    assert example.exists()
    found = segcli("show", "account-overview", "000001", "Gouden Hoen", "-o", "cards.txt")
    assert (found.status, "there is no account 'Gouden Hoen'" in found.err) == (2, True)
    assert "search: segcli show account-search WORDS" in found.err
    assert not Path("cards.txt").exists()


WHO = Table(
    "Account",
    (Column("account", "code"), Column("name"), Column("status"), Column("class1", "code", "Region"), Column("class1_name"),
     Column("outstanding", "money"), Column("city")),
    [("C-1", "Jansen & \x1b[31mZonen " * 4, "C", "N", "North", -123_456_789_012, None)],
)  # fmt: skip
ITEMS = Table(
    "Items",
    (
        Column("invoice", "code"),
        Column("day", "date"),
        Column("open", "money"),
        Column("days", "integer"),
        Column("text"),
    ),
    [("2026000123", "2026-01-31", 987_654_321, 150, "a long text that wraps " * 3), ("2", None, None, None, None)],
)


@pytest.mark.parametrize("width", range(40, 130))
def test_it_fits_its_terminal_and_cuts_no_number(width: int) -> None:
    file = io.StringIO()
    layout = replace(
        account_overview.CARD, blocks={"Classes": ("class1",), "Figures": ("outstanding",)}, lines=(("status", "city"),)
    )
    account_card.render(WHO, layout, [ITEMS], file, Style(is_terminal=True, width=width))
    text = file.getvalue()
    assert max(text_width.width(line) for line in text.splitlines()) <= width
    for word in ("-1,234,567,890.12", "North (N)", "customer", "2026000123"):
        assert word in text
    heads = [name for name in ("Day", "Open", "Days") if re.search(rf"\b{name}\b", text)]
    for head, cell in (("Day", "2026-01-31"), ("Open", "9,876,543.21"), ("Days", "150")):
        assert (cell in text) == (head in heads)
    assert "\x1b" not in text


@pytest.mark.parametrize("is_terminal", [True, False])
def test_what_the_account_was_asked_for_stands_below_it(*, is_terminal: bool) -> None:
    file = io.StringIO()
    layout = replace(account_overview.CARD, blocks={"Classes": ("class1",)}, lines=(("status", "city"),))
    account_card.render(replace(WHO, caption="as of 2026-03-31"), layout, [], file, Style(is_terminal=is_terminal))
    assert file.getvalue().splitlines()[-1].strip() == "as of 2026-03-31"
