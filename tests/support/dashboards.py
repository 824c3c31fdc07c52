"""What the tests of dashboards share: a page as its elements, and its tiles as figures."""

from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

VOID = {"meta", "input", "br"}


class Element(NamedTuple):
    """An element: its name, its attributes, and the names of those around it."""

    name: str
    given: dict[str, str | None]
    around: tuple[str, ...]


class Page(HTMLParser):
    """A page read by a parser that knows nothing of how it was written."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.rows: list[list[str]] = []  # of all tables: bodies only
        self.tiles: list[dict[str, list[str]]] = []
        self._open: list[Element] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element, and where texts belong."""
        element = Element(tag, dict(attrs), tuple(found.name for found in self._open))
        self.elements.append(element)
        if tag == "li" and self._open[-1].given.get("class") == "tiles":
            self.tiles.append({"h2": [], "dt": [], "dd": [], "p": []})
        if tag == "tr" and "tbody" in element.around:
            self.rows.append([])
        if tag in {"td", "th"} and "tbody" in element.around:
            self.rows[-1].append("")
        if self.tiles and tag in self.tiles[-1] and "li" in element.around:
            self.tiles[-1][tag].append("")
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without content."""
        self.elements.append(Element(tag, dict(attrs), tuple(found.name for found in self._open)))

    def handle_endtag(self, tag: str) -> None:
        """Close an element: the one that was opened last."""
        assert self._open.pop().name == tag

    def handle_data(self, data: str) -> None:
        """Add a text to its cell or tile."""
        names = [found.name for found in self._open]
        if "tbody" in names and names[-1] in {"td", "th"}:
            self.rows[-1][-1] += data
        for name in ("h2", "dt", "dd", "p"):
            if self.tiles and name in names and "li" in names:
                self.tiles[-1][name][-1] += data

    def named(self, name: str) -> list[Element]:
        """Return the elements of a name."""
        return [element for element in self.elements if element.name == name]


def read(path: Path) -> Page:
    """Return a page of a file."""
    return Page(path.read_text(encoding="utf-8"))


def one(*lines: str, time: str = "") -> str:
    """Return a report with a dashboard of one tile."""
    return f"{time}files:\n- dashboard: d.html\n  tiles:\n  - " + "\n    ".join(lines) + "\n"
