"""Tables on terminals of every width: nothing beyond the edge, names shortened, numbers whole, and no column gone in silence."""

import re
from pathlib import Path

import pytest
from conftest import Run, connected

from segcli import overviews
from segcli.domain.table import Column, Table
from segcli.output import destinations, text_width
from segcli.output.render.parts import layout
from segcli.output.render.parts.people import shown
from segcli.output.render.parts.style import Style

WIDTHS = (60, 80, 100, 120, 200)


@pytest.fixture
def on_terminal(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs segcli as on a terminal of a width."""
    assert example.exists()
    monkeypatch.setattr(destinations, "is_terminal", lambda: True)

    def run(width: int, *words: str) -> str:  # type: ignore[return]
        monkeypatch.setenv("COLUMNS", str(width))
        done = segcli(*words, "--color", "never")
        assert done.status == 0, done.err
        return done.out  # type: ignore[return-value]

    return run  # type: ignore[return-value]


def columns_of(text: str) -> int:
    """Return how many columns a drawn table has, from the line above it or under its headings."""
    rule = next(line for line in text.splitlines() if set(line) <= set("╭┬╮─ ") and "─" in line)
    return rule.count("┬") + 1 if "╭" in rule else len(rule.split())


def left_out(text: str) -> int:
    match = re.search(
        r"left out for lack of room: (.*?); (?:--columns NAMES or )?-f vertical shows", " ".join(text.split())
    )
    if not match:
        return 0
    return sum(int(word.split()[0]) if re.fullmatch(r"\d+ more", word) else 1 for word in match[1].split(", "))


@pytest.mark.repeats
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", overviews.names())
def test_every_overview(segcli: Run, on_terminal: Run, name: str, width: int) -> None:
    text: str = on_terminal(width, "show", name, "--limit", "5")  # type: ignore[assignment]
    assert max(text_width.width(line) for line in text.splitlines() if not line.startswith("as of")) <= width
    head = segcli("show", name, "--limit", "5", "-f", "csv").out.splitlines()[0].split(",")
    if text.startswith("-[ 1 ]"):
        assert width == 60  # only where numbers would have to be cut
        assert text.partition("-[ 2 ]")[0].count(" | ") + text.partition("-[ 2 ]")[0].count(" |\n") == len(head)
        return
    assert columns_of(text) + left_out(text) == len(head)


@pytest.mark.parametrize("width", [80, 100, 200])
def test_ageing_keeps_its_buckets(example: Path, on_terminal: Run, width: int) -> None:
    text: str = on_terminal(width, "show", "debtor-ageing", "--limit", "3")  # type: ignore[assignment]
    with connected(example) as db:
        sql = """SELECT sum(open), sum(iif(days <= 0, open, 0)), sum(iif(days BETWEEN 1 AND 30, open, 0)),
                        sum(iif(days BETWEEN 31 AND 60, open, 0)), sum(iif(days BETWEEN 61 AND 90, open, 0)), sum(iif(days > 90, open, 0))
                   FROM (SELECT amount - (SELECT coalesce(sum(l.amount), 0) FROM allocation AS l
                                           WHERE l.item_id = i.id AND l.allocation_date <= '2026-06-30') AS open,
                                julianday('2026-06-30') - julianday(coalesce(due_date, invoice_date)) AS days
                           FROM outstanding_item AS i WHERE currency = 'EUR' AND invoice_date <= '2026-06-30')"""
        amounts = [f"{amount / 100:,.2f}" for amount in db.execute(sql).fetchone()]
    (total,) = [line for line in text.splitlines() if "Total EUR" in line]
    assert total.replace("│", " ").split()[2:] == amounts


@pytest.mark.parametrize(
    "name", ["debtor-ageing", "outstanding-items", "invoice-history", "sales-analysis", "account-overview"]
)
def test_the_name_stays_and_is_shortened(segcli: Run, on_terminal: Run, name: str) -> None:
    (row, *_) = segcli("show", name, "--account", "000032", "--limit", "1", "-f", "json").rows
    assert len(row["name"]) > 30
    text: str = on_terminal(80, "show", name, "--account", "000032", "--limit", "1")  # type: ignore[assignment]
    (cell,) = re.findall(rf"{row['name'][:8]}\S* ?\S*…", text)
    assert row["name"].startswith(cell.removesuffix("…").rstrip())


def test_order_of_what_gives_way() -> None:
    columns = (Column("account", "code"), Column("name"), Column("outstanding", "money"), Column("remarks"))
    lines = [["A-1", "n" * 30, "1,234.56", "r" * 12]]

    def fit(width: int) -> layout.Fit | None:
        table = Table("T", columns, [], keeps=("name", "outstanding"))
        return layout.fit(shown(table, "."), lines, Style(width=width))

    # 7 of the heading Account, 30, 11 of Outstanding, 12, and 4 x 3 + 1 of lines and blanks
    assert fit(73) == ([0, 1, 2, 3], [7, 30, 11, 12], 3)
    assert fit(55) == ([0, 1, 2, 3], [7, 12, 11, 12], 3)  # the name
    assert fit(52) == ([0, 1, 2, 3], [7, 12, 8, 12], 3)  # then the heading, down to the amount
    assert fit(45) == ([0, 1, 2, 3], [7, 12, 8, 12], 2)  # then the lines between columns
    assert fit(44) == ([0, 1, 2], [7, 16, 11], 3)  # then the last column that may go: 44 - 10 - 7 - 11
    assert fit(22) == ([1, 2], [12, 9], 1)  # at last the code, since the name says who it is


@pytest.mark.parametrize(
    ("head", "size", "lines"),
    [
        ("Outstanding", 11, ["Outstanding"]), ("Outstanding", 10, ["Outstand."]), ("Outstanding", 7, ["Outst."]),
        ("Days overdue", 7, ["Days", "overdue"]), ("Payment behaviour", 7, ["Payment", "behav."]), ("Currency", 6, ["Curr."]), ("", 5, []),
    ],
)  # fmt: skip
def test_headings(head: str, size: int, lines: list[str]) -> None:
    assert layout.heading(head, size) == lines


@pytest.mark.parametrize(
    ("text", "size", "wanted"),
    [
        ("Jansen", 6, "Jansen"),
        ("Jansen & Zn.", 9, "Jansen &…"),
        ("Jansen & Zn.", 8, "Jansen…"),
        ("株式会社", 5, "株式…"),
        ("", 3, ""),
    ],
)
def test_cut(text: str, size: int, wanted: str) -> None:
    found = text_width.cut(text, size)
    assert found == wanted
    assert text_width.width(found) <= size


def test_what_segments_are_about_stays_on_eighty_columns(segcli: Run, on_terminal: Run) -> None:
    """The interval and the uplift of a campaign, the smallest uplift a test shows, and the shares of a profile."""
    assert segcli("list", "create", "mailing", "--country", "NL", "--split", "45:45", "--holdout", "10").status == 0
    results: str = on_terminal(80, "list", "results", "mailing", "--from", "2026-04-01", "-q")  # type: ignore[assignment]
    assert [word for word in ("limit", "Uplift", " p") if word not in results.partition("───")[0]] == []
    assert results.partition("───")[0].count("limit") == 2  # the lower and the upper one
    needed: str = on_terminal(80, "list", "power", "mailing")  # type: ignore[assignment]
    assert [word for word in ("Needed", "Control", "Detectable") if word not in needed.partition("───")[0]] == []
    profile: str = on_terminal(80, "profile", "--class3", "A", "--limit", "3")  # type: ignore[assignment]
    heads = " ".join(profile.partition("A ")[0].split())
    assert [word for word in ("Share", "share", "Index", "z") if word not in heads] == []
