"""People's formats: the same cells everywhere, totals by currency, nothing cut that must not be."""

import base64
import hashlib
import html
import io
import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from typing import Any

import pytest
from tables import COLUMNS, ROWS, HtmlCells, draw, small, table

from segcli.base.text import visible
from segcli.domain.table import Column, Table
from segcli.output import text_width
from segcli.output.render import Style
from segcli.output.render.parts import layout
from segcli.output.render.parts.people import encoder, shown

TEXT = ["table", "plain", "md", "vertical", "html"]
ESC = "\x1b"


def seen() -> list[list[str]]:
    return [list(line) for line in shown(table(), ".").rows]


def test_cells_by_hand() -> None:
    assert seen()[0] == ["0001", "Café Zürich", "2026-01-31", "12.30", "3", "12.50 %", "1.5", "yes"]
    assert seen()[1] == ["0002", "株式会社", "2026-02-28", "1,234,567", "0", "0.00 %", "3", ""]
    assert seen()[2] == ["0003", "a\\u202egnp.exe", "", "-0.05", "", "", "", ""]
    assert seen()[3][1:] == ["\\x1b]0;owned\\x07\\x9b31mred\\x7f", "2026-03-01", "0.00", "-1", "-0.04 %", "0", ""]
    assert seen()[4][3] == "92,233,720,368,547,758.07"
    assert seen()[7][1] == "two lines and a tab"
    assert seen()[10] == ["none", *[""] * 7]
    comma = [list(line) for line in shown(table(), ",").rows]
    assert comma[0][3:7] == ["12,30", "3", "12,50 %", "1,5"]
    assert comma[4][3] == "92.233.720.368.547.758,07"


def test_every_format_shows_the_same_cells() -> None:
    page = HtmlCells()
    page.feed(draw("html", table()))
    body = page.rows[1 : 1 + len(ROWS)]
    assert body == seen()
    lines = {form: draw(form, table()).splitlines() for form in ("table", "plain", "md")}
    for number, cells in enumerate(seen()):
        for form, start in (("table", 2), ("plain", 2), ("md", 2)):
            line = lines[form][start + number]
            clean = html.unescape(re.sub(r"\\([\\|*_`\[\]~])", r"\1", line)) if form == "md" else line
            place = 0
            for cell in cells:
                place = clean.index(cell, place) + len(cell)
    blocks = draw("vertical", table()).split("-[ ")
    for cells, block in zip(seen(), blocks[1:], strict=False):
        assert [line.partition(" |")[2].strip() for line in block.splitlines()[1:]] == cells


def test_table_by_hand() -> None:
    assert draw("table", small()) == (
        "Account  Name        Open  Days\n"
        "-------  ------  --------  ----\n"
        "A1       Bakker  1,234.56     5\n"
        "B22      De Wit     -0.50\n"
        "-------  ------  --------  ----\n"
        "Total            1,234.06\n"
        "as of 2026-03-31\n"
    )


def test_plain_by_hand() -> None:
    assert draw("plain", small()) == (
        "Account    Name        Open    Days\n"
        "---------  ------  --------  ------\n"
        "A1         Bakker  1,234.56       5\n"
        "B22        De Wit     -0.50\n"
        "Total              1,234.06\n"
        "\n"
        "as of 2026-03-31\n"
    )


def test_markdown_by_hand() -> None:
    assert draw("md", small()) == (
        "| Account   | Name   |     Open |   Days |\n"
        "|:----------|:-------|---------:|-------:|\n"
        "| A1        | Bakker | 1,234.56 |      5 |\n"
        "| B22       | De Wit |    -0.50 |        |\n"
        "| Total     |        | 1,234.06 |        |\n"
        "\n"
        "as of 2026-03-31\n"
    )


def test_vertical_by_hand() -> None:
    assert draw("vertical", small()) == (
        "-[ 1 ]-------\n"
        "Account | A1\n"
        "Name    | Bakker\n"
        "Open    | 1,234.56\n"
        "Days    | 5\n"
        "-[ 2 ]-------\n"
        "Account | B22\n"
        "Name    | De Wit\n"
        "Open    | -0.50\n"
        "Days    |\n"
        "-[ Total ]-----\n"
        "Open    | 1,234.06\n"
        "as of 2026-03-31\n"
    )


def test_markdown_marks_are_escaped() -> None:
    drawn = Table("T", (Column("a"),), [("a|b *c* _d_ `e` [f](g) <script> &lt; AT&T \\",)])
    assert "| a\\|b \\*c\\* \\_d\\_ \\`e\\` \\[f\\](g) &lt;script> &amp;lt; AT&T \\\\ |" in draw("md", drawn)
    long = Table("T", (Column("a"),), [("a|b",)] * 1001)
    assert draw("md", long).splitlines()[1:3] == ["| :-- |", "| a\\|b |"]


def test_html_is_escaped_and_needs_no_network() -> None:
    bad = "<script>alert(1)</script><img src=file:///etc/passwd>{{7*7}}"
    drawn = Table(bad, (Column("a", heading=bad),), [(bad,)], caption=bad)
    text = draw("html", drawn)
    page = HtmlCells()
    page.feed(text)
    assert page.rows == [[bad], [bad]]
    assert page.tags.count("script") == 1
    assert not {*page.tags} & {"img", "link", "iframe"}
    assert text.count(html.escape(bad)) == 5  # title, heading of the page, caption, heading, cell
    assert "http:" not in text
    assert "https:" not in text


def test_a_page_allows_its_own_script_and_nothing_else() -> None:
    text = draw("html", table())
    (script,) = re.findall("<script>(.*?)</script>", text, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = re.findall('http-equiv="Content-Security-Policy" content="(.*?)"', text)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'sha256-{allowed}'"
    assert set(rules) == {"default-src", "style-src", "script-src", "base-uri", "form-action"}


def test_totals_are_kept_apart_by_currency() -> None:
    found = shown(table(), ".")
    list(found.rows)
    assert [list(line) for line in found.totals()] == [
        ["Total EUR", "", "", "92,233,720,368,547,770.38", "8", "", "", ""],
        ["Total JPY", "", "", "1,234,567", "0", "", "", ""],
        ["Total USD", "", "", "-0.05", "", "", "", ""],
    ]


@pytest.mark.parametrize("form", TEXT)
def test_totals_stand_in_every_format_and_can_be_left_out(form: str) -> None:
    totals = ("92,233,720,368,547,770.38", "Total EUR", "Total JPY", "Total USD")
    with_totals, without = draw(form, table()), draw(form, table(with_totals=False))
    for word in totals:
        assert word in with_totals
        assert word not in without


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl"])
def test_machines_get_no_totals(form: str) -> None:
    assert draw(form, table()) == draw(form, table(with_totals=False))
    assert "Total" not in draw(form, table())


def test_totals_of_numbers_that_are_no_money() -> None:
    columns = (Column("day", "date"), Column("n", "integer", total="sum"), Column("q", "decimal", total="sum"))
    found = shown(Table("T", columns, [("2026-01-01", 1, 0.1), (None, 2, 0.2), (None, None, 0.5)]), ".")
    assert len(list(found.rows)) == 3
    assert found.totals() == [["Total", "3", "0.8"]]


def test_a_total_keeps_its_label_where_no_column_is_free() -> None:
    found = shown(Table("T", (Column("a", "money", total="sum"),), [(5, "EUR"), (7, "USD")], currency_at=1), ".")
    list(found.rows)
    assert found.totals() == [["Total EUR 0.05"], ["Total USD 0.07"]]


@pytest.mark.parametrize("form", TEXT)
@pytest.mark.parametrize("rows", [5, 1500])
def test_totals_are_those_of_all_rows(form: str, rows: int) -> None:
    columns = (Column("name"), Column("open", "money", total="sum"))
    assert f"{rows * 1_000:,}.00" in draw(form, Table("T", columns, [("x", 100_000)] * rows))


@pytest.mark.parametrize("form", TEXT)
def test_an_empty_table_has_headings_and_no_totals(form: str) -> None:
    text = draw(form, table(rows=[]))
    assert "Total" not in text
    assert "as of 2026-03-31" in text
    assert ("Amount" in text) == (form != "vertical")


@pytest.mark.parametrize("form", ["table", "plain", "html", "md"])
def test_no_header(form: str) -> None:
    assert "Amount" in draw(form, table())
    assert "Amount" not in draw(form, table(), Style(with_header=False))
    assert "Amount" not in draw(form, table(rows=list(ROWS) * 200), Style(with_header=False))


def test_wide_and_combining_characters_are_counted() -> None:
    assert [text_width.width(text) for text in ("abc", "株式", "e\u0301", "é", "\u2602\ufe0f", "")] == [
        3,
        4,
        1,
        1,
        1,
        0,
    ]
    rows = [("株式会社", 1), ("abc", 22), ("e\u0301", 333)]
    for form, many in product(("table", "plain"), (1, 500)):
        text = draw(form, Table("T", (Column("a"), Column("b", "integer")), rows * many))
        assert {text_width.width(line) for line in text.splitlines()} == {13}


def test_long_cells_beyond_the_sample_are_not_cut() -> None:
    rows = [("a", 1)] * 1000 + [("a" * 50, 123456789)]
    assert f"{'a' * 50}  123456789" in draw("table", Table("T", (Column("a"), Column("b", "integer")), rows))


# On a terminal


def on_terminal(drawn: Table, width: int, *, color: bool = False) -> str:
    return draw("table", drawn, Style(is_terminal=True, has_color=color, width=width))


FIXED = [cell for line in ROWS for cell, column in zip(line, COLUMNS, strict=False) if column.kind in {"code", "date"}]


@pytest.mark.parametrize("width", [*range(10, 140), 200, 1000])
def test_a_terminal_never_cuts_a_number_a_code_or_a_date(width: int) -> None:
    text = on_terminal(table(), width)
    for cells in seen():
        for cell, column in zip(cells, COLUMNS, strict=True):
            if column.kind != "text":
                assert cell in text
    assert ESC not in text
    if text.startswith("-[ 1 ]"):
        return
    assert max(map(text_width.width, text.splitlines())) <= width
    if "╭" in text:
        assert {text_width.width(line) for line in text.splitlines()[:-1]} == {text_width.width(text.splitlines()[0])}


def test_text_wraps_whole() -> None:
    words = "one two three four five six seven eight"
    drawn = Table("T", (Column("a", "code"), Column("b")), [("X1", words)])
    text = on_terminal(drawn, 30)
    assert "╭" in text
    assert len(text.splitlines()) > 5
    column = "".join(line.split("│")[2].strip() + " " for line in text.splitlines() if line.startswith("│"))
    assert column.split()[1:] == words.split()


def test_headings_wrap_between_words() -> None:
    drawn = Table("T", (Column("a", "integer", "Days overdue since"), Column("b", "integer", "Other days")), [(1, 2)])
    assert "Days overdue since" in on_terminal(drawn, 80)
    narrow = on_terminal(drawn, 20)
    assert "╭" in narrow
    assert all(word in narrow for word in ("Days", "overdue", "since", "Other"))
    assert "…" not in narrow


def test_marks_and_emoji_stay_as_they_are() -> None:
    text = on_terminal(table(), 400)
    assert "Acme [/x] :smile: 1:100:" in text
    assert visible("a\u202egnp.exe") in text


def test_color_only_where_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE"):
        monkeypatch.setenv(name, "1")
    assert ESC not in on_terminal(table(), 200)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "20")
    colored = on_terminal(table(), 200, color=True)
    assert ESC in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == on_terminal(table(), 200)


def test_beyond_a_thousand_rows_a_terminal_gets_aligned_text() -> None:
    columns = (Column("a", "integer"), Column("b"))
    assert "╭" in on_terminal(Table("T", columns, [(1, "x")] * 1000), 80)
    assert "╭" not in on_terminal(Table("T", columns, [(1, "x")] * 1001), 80)


def test_widths_fill_no_more_than_the_room() -> None:
    columns = (Column("a", "code"), Column("b"), Column("c"))
    found = shown(Table("T", columns, []), ".")
    lines = [["x" * 10, "yyy " * 9 + "yyyy", "z" * 20]]  # 10, 40 and 20 places
    for width, widths, frame in (
        (80, [10, 40, 20], 3),  # 70 and three lines with two blanks each, and one at the end
        (70, [10, 30, 20], 3),
        (60, [10, 20, 20], 3),
        (59, [10, 25, 20], 2),  # 55 and two times two blanks
        (54, [10, 20, 20], 2),
        (53, [10, 21, 20], 1),
        (28, [10, 8, 8], 1),
    ):
        assert layout.fit(found, lines, Style(width=width)) == ([0, 1, 2], widths, frame), width
    assert layout.fit(found, lines, Style(width=27)) is None


def test_rows_go_out_as_they_are_read() -> None:
    """The aligned stream needs no more than its sample before it writes."""
    file = io.StringIO()
    seen_at: list[int] = []

    def rows() -> object:
        for number in range(5000):
            seen_at.append(file.tell())
            yield (number, "x")

    from segcli.output.render import renderer

    renderer("table")(Table("T", (Column("a", "integer"), Column("b")), rows()), file, Style())  # type: ignore[arg-type]
    assert seen_at[500] == 0
    assert 0 < seen_at[3000] < seen_at[4500]


def test_an_empty_text_is_called_what_its_column_says() -> None:
    columns = (Column("class1", "code", empty="(none)"), Column("open", "money", total="sum"))
    drawn = Table("T", columns, [("A", 100), (None, 200)], with_totals=True)
    found = shown(drawn, ".")
    assert list(found.rows) == [("A", "1.00"), ("(none)", "2.00")]
    assert found.totals() == [["Total", "3.00"]]
    assert draw("csv", drawn) == "class1,open\nA,1.00\n,2.00\n"


# Columns that give way

WIDE = (
    Column("account", "code"), Column("name"), Column("opening", "money"), Column("debit", "money"), Column("closing", "money"),
    Column("remarks"),
)  # fmt: skip
KEPT = Table(
    "T", WIDE, [("A-1", "Jansen en Zonen B.V.", 12_345_678, 1, 98_765_432, "x" * 30)] * 2, keeps=("name", "closing")
)


@pytest.mark.parametrize(
    ("width", "shown_", "left"),
    [(200, "opening debit closing remarks", ""), (84, "opening debit closing remarks", ""), (83, "opening debit closing", "Remarks"),
     (52, "opening debit closing", "Remarks"), (51, "opening closing", "Debit, Remarks"), (44, "closing", "Opening, Debit, Remarks")],
)  # fmt: skip
def test_columns_go_from_the_right_but_for_those_that_are_kept(width: int, shown_: str, left: str) -> None:
    text = on_terminal(KEPT, width)
    first = next(line for line in text.splitlines() if "Account" in line).lower().replace("│", " ").split()
    assert first == ["account", "name", *shown_.split()]
    assert max(map(text_width.width, text.splitlines())) <= width
    assert "987,654.32" in text
    assert (f"left out for lack of room: {left}; -f vertical shows " in " ".join(text.split())) == bool(left)


def test_where_even_what_is_kept_has_no_room_there_are_cards_of_all() -> None:
    assert on_terminal(KEPT, 19).split()[:2] == ["Name", "Closing"]
    text = on_terminal(KEPT, 18)  # 8 places of the name, 10 of the amount, and the one between them
    assert text.startswith("-[ 1 ]")
    assert "Remarks" in text
    assert "left out" not in text


def test_nothing_goes_where_nothing_is_declared_or_nobody_looks() -> None:
    assert "Remarks" in on_terminal(replace(KEPT, keeps=()), 60)
    assert "Remarks" in draw("table", KEPT, Style(width=60))


def test_many_that_have_no_room_are_counted() -> None:
    columns = (Column("a", "code"), *(Column(f"n{n}", "integer") for n in range(40)))
    text = on_terminal(Table("T", columns, [("x", *range(40))], keeps=("n39",)), 60)
    assert re.search(r"left out for lack of room: (N\d+, ){6}\d+ more; -f vertical shows them", " ".join(text.split()))
    assert "N39" in text.partition("\n2")[0]


def test_totals_keep_their_label_when_columns_go() -> None:
    columns = (Column("day", "date"), Column("amount", "money", total="sum"), Column("name"), Column("remarks"))
    drawn = Table("T", columns, [("2026-01-01", 100, "n" * 20, "r" * 60)] * 2, keeps=("amount",))
    text = on_terminal(drawn, 30)
    assert "Total" in text
    assert "2.00" in text


def test_totals_go_with_the_last_column_that_has_one() -> None:
    columns = (Column("account", "code"), Column("amount", "money", total="sum"), Column("name", "code"))
    drawn = Table("T", columns, [("A", 10**9, "n" * 20)], keeps=("name",))
    assert "Total" not in on_terminal(drawn, 40)
    assert "Total" in on_terminal(drawn, 60)


def test_a_long_table_leaves_out_columns_too() -> None:
    rows = [("A-1", "Jansen", n, 1, n, "x" * 100) for n in range(1500)]
    text = on_terminal(Table("T", WIDE, rows, keeps=("name", "closing")), 80)
    assert max(map(len, text.splitlines())) <= 80
    assert text.endswith("left out for lack of room: Remarks; -f vertical shows it\n")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.125, "0.13 %"),
        (-0.125, "-0.13 %"),
        (0.035, "0.04 %"),
        (2.345, "2.35 %"),
        (12.5, "12.50 %"),
        (-0.004, "0.00 %"),
        (0.005, "0.01 %"),
        (33.33499999999999, "33.33 %"),
        (1e16, "10000000000000000.00 %"),
    ],
)
def test_percentages_round_halves_away_from_zero(value: float, shown: str) -> None:
    assert encoder(Column("x", "percent"), ".")([value], [""]) == [shown]
    wanted = Decimal(repr(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert shown == f"{wanted or abs(wanted):f} %"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0000005, "0.000001"),
        (Decimal("0.0000005"), "0.000001"),
        (Decimal("-1.0000025"), "-1.000003"),
        (Decimal("1.500000000"), "1.5"),
        (2.0, "2"),
        (-0.0, "0"),
        (0.1234564, "0.123456"),
    ],
)
def test_numbers_round_halves_away_from_zero(value: Any, shown: str) -> None:
    assert encoder(Column("x", "decimal"), ".")([value], [""]) == [shown]
