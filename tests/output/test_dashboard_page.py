"""A dashboard as a page: figures by hand, semantic HTML, contrast, and text that stays text."""

import base64
import hashlib
import io
import re
from decimal import Decimal
from pathlib import Path

import pytest
from dashboards import Page
from hypothesis import given
from hypothesis import strategies as st

from segcli.domain.table import Chart, Column, Table
from segcli.output import dashboard
from segcli.output.dashboard import page
from segcli.output.dashboard.figures import Amounts, Figure, Tile, added, counted, figures
from segcli.output.render import Style

CSS = (Path(dashboard.__file__).parent / "dashboard.css").read_text(encoding="utf-8")
HOSTILE = (
    "<script>alert(1)</script>",
    '"onload="alert(1)',
    "'><img src=x onerror=alert(1)>",
    "&amp;&#60;",
    "\x1b[31m\u202e",
)
COLUMNS = (Column("account", "code"), Column("name"), Column("open", "money", total="sum"), Column("days", "integer"))
ROWS = (
    ("A", "Ace", 9_223_372_036_854_775_807, 3, "EUR"),
    ("B", "Bee", 9_223_372_036_854_775_806, None, "EUR"),
    ("C", "Cee", -5, 7, "JPY"),
    ("D", "Dee", None, 0, "KWD"),
)  # fmt: skip


def table(**changes: object) -> Table:
    given = {"title": "Open", "columns": COLUMNS, "rows": ROWS, "caption": "as of 2026-05-31", "currency_at": 4}
    return Table(**{**given, **changes})  # type: ignore[arg-type]


def drawn(*tables: Table, tiles: tuple[Tile, ...] = (), style: Style | None = None, about: str = "") -> str:
    file = io.StringIO(newline="")
    page.book(tiles, tables, about, file, style or Style(title="Board"))
    return file.getvalue()


def test_sums_are_exact_beyond_64_bits_and_apart_by_currency() -> None:
    found = added(table(), "open")
    assert found == Amounts("money", {"EUR": 18_446_744_073_709_551_613, "JPY": -5}, 4)
    lines = figures(Tile("T", found), ".")
    assert lines == [Figure("EUR", "184,467,440,737,095,516.13"), Figure("JPY", "-5")]
    assert figures(Tile("T", found), ",")[0].value == "184.467.440.737.095.516,13"


def test_a_sum_of_what_is_no_amount_has_no_currency() -> None:
    columns = (Column("n", "integer", total="sum"), Column("q", "decimal", total="sum"), COLUMNS[2])
    rows = [(2, 0.1, 100, "EUR"), (3, 0.2, 100, "USD"), (None, None, 100, "USD")]
    drawn = table(columns=columns, rows=rows, currency_at=3)
    assert added(drawn, "n").by_unit == {"": 5}
    assert added(drawn, "q").by_unit == {"": Decimal("0.3")}
    home = table(
        columns=(Column("open", "money", total="sum", is_base=True),), rows=[(1, "USD"), (2, "JPY")], currency_at=1
    )
    assert added(home, "open").by_unit == {"EUR": 3}


def test_parts_of_a_cent_are_rounded_once() -> None:
    fine = table(
        columns=(Column("open", "money", total="sum", parts=100),),
        rows=[(49, "EUR"), (49, "EUR"), (52, "EUR")],
        currency_at=1,
    )
    assert added(fine, "open").by_unit == {"EUR": 2}  # 1.50 cents; each by itself would give 1


def test_rows_are_counted_and_called_what_they_are() -> None:
    assert figures(Tile("T", counted(table(), "items")), ".") == [Figure("items", "4")]


@pytest.mark.parametrize(
    ("now", "before", "change", "percent", "direction"),
    [
        (1100, 1000, "+1.00", "+10.0 %", 1),
        (1000, 1100, "-1.00", "-9.1 %", -1),  # 1/11 = 9.0909 %
        (2001, 2000, "+0.01", "+0.1 %", 1),  # 0.05 % is a half, away from zero
        (1999, 2000, "-0.01", "-0.1 %", -1),
        (20001, 20000, "+0.01", "0.0 %", 1),
        (-500, -1000, "+5.00", "+50.0 %", 1),  # a debt that halves has grown towards zero
        (-1000, 1000, "-20.00", "-200.0 %", -1),
        (5, 0, "+0.05", "", 1),
        (7, 7, "0.00", "0.0 %", 0),
        (1_300_000, 100, "+12,999.00", "+1,299,900.0 %", 1),
        (2**63, 2**63 - 1, "+0.01", "0.0 %", 1),
    ],
)  # fmt: skip
def test_a_change_has_its_difference_and_per_cent(
    now: int, before: int, change: str, percent: str, direction: int
) -> None:
    tile = Tile("T", Amounts("money", {"EUR": now}, 1), Amounts("money", {"EUR": before}, 1))
    (found,) = figures(tile, ".")
    assert (found.change, found.percent, found.direction) == (change, percent, direction)


def test_a_decimal_comma_is_in_percentages_too() -> None:
    tile = Tile("T", Amounts("money", {"EUR": 1_300_000}, 1), Amounts("money", {"EUR": 100}, 1))
    assert figures(tile, ",") == [Figure("EUR", "13.000,00", "+12.999,00", "+1.299.900,0 %", 1)]


@given(st.integers(-(2**63), 2**63), st.integers(-(2**63), 2**63).filter(bool))
def test_per_cent_is_within_half_a_tenth(now: int, before: int) -> None:
    tile = Tile("T", Amounts("integer", {"n": now}, 1), Amounts("integer", {"n": before}, 1))
    (found,) = figures(tile, ".")
    shown = Decimal(found.percent.removesuffix(" %").replace(",", ""))
    assert abs(shown * abs(before) - 100 * (now - before)) * 20 <= abs(before)
    assert int(found.change) == now - before


def test_a_currency_of_one_day_only_has_zero_on_the_other() -> None:
    tile = Tile("T", Amounts("money", {"EUR": 100}, 1), Amounts("money", {"JPY": 5}, 1))
    assert figures(tile, ".") == [
        Figure("EUR", "1.00", "+1.00", "", 1),
        Figure("JPY", "0", "-5", "-100.0 %", -1),
    ]
    nothing = added(table(rows=[]), "open")
    assert figures(Tile("T", nothing), ".") == [Figure("EUR", "0.00")]
    assert figures(Tile("T", nothing, Amounts("money", {"JPY": 5}, 1)), ".") == [
        Figure("JPY", "0", "-5", "-100.0 %", -1)
    ]


def charted() -> Table:
    return table(chart=Chart(("open",), label=("account", "name")))


def test_the_page_says_what_everything_is() -> None:
    found = Page(
        drawn(charted(), table(title="Two"), tiles=(Tile("A", counted(table(), "rows"), link=2),), about="as of")
    )
    assert [element.name for element in found.elements if element.name in {"header", "nav", "main"}] == [
        "header",
        "nav",
        "main",
    ]
    assert len(found.named("h1")) == 1
    assert found.named("html")[0].given["lang"] == "en"
    tables = found.named("table")
    assert len(tables) == len(found.named("caption")) == 2
    scopes = [element.given.get("scope") for element in found.named("th")]
    assert set(scopes) == {"col", "row"}
    assert scopes.count("col") == 8
    assert scopes.count("row") == 2 * (4 + 3)  # the rows, and a total per currency
    ids = [element.given["id"] for element in found.elements if "id" in element.given]
    assert len(ids) == len(set(ids))
    named = [element.given["aria-labelledby"] for element in found.elements if "aria-labelledby" in element.given]
    assert len(named) == 4
    links = [str(element.given["href"]) for element in found.named("a")]
    assert links == ["#t1", "#t2", "#t2"]
    assert {*named, *(link[1:] for link in links)} <= set(ids)
    pictures = found.named("svg")
    assert len(pictures) == 3  # EUR, JPY and KWD
    assert {element.given["role"] for element in pictures} == {"img"}
    assert len([element for element in found.named("desc") if element.around[-1] == "svg"]) == 3
    assert {e.given.get("tabindex") for e in found.elements if e.given.get("class") == "scroll"} == {"0"}
    assert not found.named("button")  # the script makes them: without it nothing is there that does nothing


def test_a_value_that_is_shown_otherwise_stands_beside_it_exactly() -> None:
    found = Page(drawn(table()))
    values = [
        element.given.get("data-v")
        for element in found.elements
        if "tbody" in element.around and element.name in {"td", "th"}
    ]
    assert values == [None, None, "92233720368547758.07", None, None, None, "92233720368547758.06", *[None] * 9]
    rows = [element.given.get("data-currency") for element in found.named("tr") if element.around[-1] == "tbody"]
    assert rows == ["EUR", "EUR", "JPY", "KWD"]
    assert [element.given["data-kind"] for element in found.named("th") if "thead" in element.around] == [
        "t",
        "t",
        "m",
        "n",
    ]
    one = Page(drawn(table(rows=ROWS[:2])))
    assert not any("data-currency" in element.given for element in one.elements)
    assert found.rows[0] == ["A", "Ace", "92,233,720,368,547,758.07", "3"]


@pytest.mark.parametrize("bad", HOSTILE)
def test_what_is_hostile_stays_text(bad: str) -> None:
    held = table(title=bad, caption=bad, rows=[(bad, bad, 5, 1, "<I>"), ("x", bad, 5, 1, "EUR")],
                 columns=(Column("account", heading=bad), *COLUMNS[1:]), chart=Chart(("open",), label=("account",)))  # fmt: skip
    tile = Tile(bad, Amounts("money", {bad: 5}, 1), Amounts("money", {bad: 4}, 1), 0, bad, bad, (bad,))
    text = drawn(held, held, tiles=(tile,), style=Style(title=bad), about=bad)
    plain = drawn(charted(), charted(), tiles=(tile,))
    found, known = Page(text), Page(plain)
    assert {element.name for element in found.elements} == {element.name for element in known.elements}
    assert {name for element in found.elements for name in element.given} <= {
        name for element in known.elements for name in element.given
    }
    assert found.rows[0][1] == bad.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(found.named("script")) == 1


def test_a_table_of_nothing_says_so() -> None:
    assert "<p>No rows.</p>" in drawn(table(rows=[], chart=Chart(("open",))))
    assert "No rows" not in drawn(charted())


def test_a_page_too_long_to_sort_has_no_script() -> None:
    long = [("A", "Ace", 5, 1, "EUR")] * 20_001
    assert "<script>" not in drawn(table(rows=long))
    assert "<script>" in drawn(table(rows=long[1:]))


def test_the_page_needs_nothing_but_itself() -> None:
    text = drawn(charted(), tiles=(Tile("A", counted(table(), "rows")),))
    (script,) = re.findall("<script>(.*?)</script>", text, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = re.findall('http-equiv="Content-Security-Policy" content="(.*?)"', text)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules == {"default-src": "'none'", "style-src": "'unsafe-inline'", "script-src": f"'sha256-{allowed}'",
                     "base-uri": "'none'", "form-action": "'none'"}  # fmt: skip
    assert not re.search(r"https?:(?!//www\.w3\.org/2000/svg)|url\(|@import|src=|<link", text)
    assert text == drawn(charted(), tiles=(Tile("A", counted(table(), "rows")),))


def colors(block: str) -> dict[str, tuple[float, ...]]:
    found = re.findall(r"--(\w+):#([0-9a-f]{3,6})", block)
    full = {name: "".join(c * 2 for c in code) if len(code) == 3 else code for name, code in found}
    return {name: tuple(int(code[at : at + 2], 16) / 255 for at in (0, 2, 4)) for name, code in full.items()}


def luminance(color: tuple[float, ...]) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("at", [0, 1, 2])  # light, dark, print
def test_every_text_stands_out_as_wcag_aa_asks(at: int) -> None:
    blocks = [colors(block) for block in re.findall(r":root\{(.*?)\}", CSS)]
    found = blocks[at]
    assert len(blocks) == 3
    for ground in ("page", "card"):
        for ink in ("text", "soft", "link", "warn"):
            assert contrast(found[ink], found[ground]) >= 4.5, (ink, ground)
        for edge in ("strong", "bar"):
            assert contrast(found[edge], found[ground]) >= 3, (edge, ground)
