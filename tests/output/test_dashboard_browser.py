"""Dashboards in a browser: sorted and filtered by keyboard, read by a screen reader, light, dark, narrow, printed, without a script."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import pytest
from browser import Page, opened
from conftest import ROOT, Run
from pypdf import PdfReader

from segcli.domain.table import Chart, Column, Table
from segcli.output.dashboard import page
from segcli.output.dashboard.figures import Amounts, Tile
from segcli.output.render import Style

pytestmark = [browser.needed, pytest.mark.repeats]
EXAMPLES = ROOT / "examples"
BAD = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
BIG = 9_223_372_036_854_775_807
COLUMNS = (Column("account", "code"), Column("name"), Column("due", "date"), Column("open", "money", total="sum"),
           Column("days", "integer"), Column("share", "percent"))  # fmt: skip
ROWS: tuple[tuple[Any, ...], ...] = (
    ("10", "Bakker", "2026-03-01", BIG, 3, 12.04, "EUR"),
    ("9", "Ünal", "2025-12-31", BIG - 1, 10, 12.01, "EUR"),
    ("8", BAD, None, -5, None, None, "EUR"),
    ("7", "Zwart", "2026-02-28", None, 0, -3.0, "EUR"),
    ("6", "de Wit", "2026-01-31", 7, -1, 100.0, "JPY"),
    ("5", "Kaya", "2026-01-30", 300, 2, 0.5, "JPY"),
)


def draw(path: Path, style: Style) -> Path:
    table = Table(
        "Open items", COLUMNS, ROWS, "as of 2026-05-31", currency_at=6, chart=Chart(("open",), label=("name",))
    )
    tile = Tile(
        BAD, Amounts("money", {"EUR": 5}, 1), Amounts("money", {"EUR": 4}, 1), 1, "as of 2026-05-31", "2026-04-30"
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        page.book((tile,), (table, table), "as of 2026-05-31", file, style)
    return path


@pytest.fixture(scope="module", params=["iso", "comma"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Yield a dashboard in a browser, as English and as Dutch readers have their numbers and dates."""
    style = Style(title="Board") if request.param == "iso" else Style(title="Board", decimal=",", dates="dmy")
    folder = tmp_path_factory.mktemp("dashboard")
    with opened(draw(folder / "d.html", style), folder / "profile") as found:
        yield found


@pytest.fixture
def shown(loaded: Page) -> Iterator[Page]:
    """Yield the dashboard as it is when it was just loaded; nothing that was in a name has run when the test ends."""
    loaded.reload()
    yield loaded
    assert loaded.run("document.title") == "Board"
    asked = [event["params"] for event in loaded.events if event.get("method") == "Network.requestWillBeSent"]
    assert [one["request"]["url"].partition(":")[0] for one in asked] == ["file"]
    assert not [
        event for event in loaded.events if event.get("method") in {"Log.entryAdded", "Runtime.exceptionThrown"}
    ]


def column(found: Page, at: int = 0, table: int = 0) -> list[str]:
    """Return the cells of a column that are seen, from the top."""
    rows = f"[...document.querySelectorAll('table')[{table}].tBodies[0].rows].filter(row => row.checkVisibility())"
    cells: list[str] = found.run(f"{rows}.map(row => row.cells[{at}].textContent)")
    return cells


def tab_to(found: Page, words: str) -> None:
    """Go on with the tabulator until what has the focus has this text, or this label."""
    for _ in range(60):
        found.press("Tab", 9)
        if words in found.run("[document.activeElement.textContent, document.activeElement.ariaLabel || '']"):
            return
    pytest.fail(f"the tabulator leads to no {words}")


@pytest.mark.parametrize(
    ("head", "up", "down"),
    [
        ("Account", "5 6 7 8 9 10", "10 9 8 7 6 5"),  # as numbers, though they are text
        ("Due", "9 5 6 7 10 8", "10 7 6 5 9 8"),  # what is empty is last, either way
        ("Open", "8 9 10 7 6 5", "10 9 8 7 5 6"),  # EUR, then JPY; the last of 19 digits decides
        ("Days", "6 7 5 10 9 8", "9 10 5 7 6 8"),  # counts of all currencies together
        ("Share", "7 5 9 10 6 8", "6 10 9 5 7 8"),  # 12.01 before 12.04, though both are shown as 12.0
    ],
)
def test_the_keyboard_sorts_by_exact_values(shown: Page, head: str, up: str, down: str) -> None:
    before = column(shown)
    tab_to(shown, head)
    shown.press("Enter", 13, "\r")
    sorts = "[...document.querySelectorAll('th[aria-sort]')].map(head => [head.textContent, head.ariaSort])"
    assert (column(shown), shown.run(sorts)) == (up.split(), [[head, "ascending"]])
    shown.press(" ", 32, " ")
    assert (column(shown), shown.run(sorts)) == (down.split(), [[head, "descending"]])
    assert column(shown, table=1) == before


def test_the_keyboard_filters(shown: Page) -> None:
    tab_to(shown, "Filter the rows of Open items")
    shown.write("unal")  # without its mark
    assert column(shown) == ["9"]
    told = "document.querySelector('output').textContent"
    assert shown.run(told) == "1 of 6 rows; totals are those of all rows"
    shown.run("document.activeElement.select()")
    shown.write("<script> 8")
    assert (column(shown, 1), len(column(shown, table=1))) == ([BAD], 6)
    shown.run("document.activeElement.select()")
    shown.press("Delete", 46)
    assert (len(column(shown)), shown.run(told)) == (6, "")


def test_a_screen_reader_is_told_what_everything_is(shown: Page) -> None:
    shown.send("Accessibility.enable")
    nodes = [node for node in shown.send("Accessibility.getFullAXTree")["nodes"] if not node.get("ignored")]
    names = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes]
    assert ("heading", "Board") in names
    assert ("navigation", "Contents") in names
    assert ("list", "Key figures") in names
    assert names.count(("table", "as of 2026-05-31")) == 2
    assert [name for role, name in names if role == "columnheader"] == [
        "Account",
        "Name",
        "Due",
        "Open",
        "Days",
        "Share",
    ] * 2
    assert [name for role, name in names if role == "rowheader"][:6] == [row[0] for row in ROWS]
    assert names.count(("searchbox", "Filter the rows of Open items")) == 2
    assert len([name for role, name in names if role == "button" and name]) == 12
    pictures = [name for role, name in names if role in {"image", "img"}]
    assert pictures == ["Open items: open, EUR", "Open items: open, JPY"] * 2
    assert all(node.get("description", {}).get("value") for node in nodes if node["role"]["value"] in {"image", "img"})


@pytest.mark.repeats
def test_it_is_light_dark_and_narrow(segcli: Run, example: Path, tmp_path: Path) -> None:
    assert example.exists()
    assert segcli("report", EXAMPLES / "dashboard.yaml", "--folder", "out").status == 0
    look = "getComputedStyle(document.body).backgroundColor"
    with opened(Path("out/dashboard-2026-05.html"), tmp_path / "profile") as found:
        for scheme, ground in (("light", "rgb(245, 246, 248)"), ("dark", "rgb(18, 22, 26)")):
            wanted = [{"name": "prefers-color-scheme", "value": scheme}]
            found.send("Emulation.setEmulatedMedia", media="screen", features=wanted)
            assert found.run(look) == ground
        for width in (320, 400, 800, 1200):
            found.send(
                "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 800
            )
            assert found.run("document.documentElement.scrollWidth") <= width  # tables scroll, the page does not
        found.send("Emulation.setEmulatedMedia", media="", features=wanted)
        printed = base64.b64decode(found.send("Page.printToPDF", preferCSSPageSize=True)["data"])
    pages = PdfReader(io.BytesIO(printed)).pages
    text = "\n".join(part.extract_text() for part in pages)
    for words in (
        "Sales and receivables, 2026-05",
        "Revenue by month: revenue, EUR",
        "Total EUR",
        "compared with 2025-12-31",
    ):
        assert words in text
    assert (round(pages[0].mediabox.width), round(pages[0].mediabox.height)) == (595, 842)
    assert len(pages) > 8
    assert all(
        "Days overdue" in part.extract_text() for part in pages[6:-1]
    )  # the headings on each page of a long table


def test_without_a_script_it_is_complete(tmp_path: Path) -> None:
    path = draw(tmp_path / "d.html", Style(title="Board"))
    with opened(path, tmp_path / "profile") as found:
        assert found.run("document.querySelectorAll('button, input').length") == 14
        found.send("Emulation.setScriptExecutionDisabled", value=True)
        found.reload()
        root = found.send("DOM.getDocument", depth=1)["root"]["nodeId"]
        assert found.send("DOM.querySelectorAll", nodeId=root, selector="button, input")["nodeIds"] == []
        assert len(found.send("DOM.querySelectorAll", nodeId=root, selector="tbody tr")["nodeIds"]) == 12
        printed = base64.b64decode(found.send("Page.printToPDF")["data"])
    text = "".join(part.extract_text() for part in PdfReader(io.BytesIO(printed)).pages)
    for words in ("92,233,720,368,547,758.07", "Bakker", "Account", "+0.01"):
        assert words in text
