"""Headings in other languages: complete, without waste, and shown to people only."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import segcli as package
from segcli import actions, overviews
from segcli.domain.table import Column
from segcli.overviews.parts import analysis
from segcli.scores.studies import STUDIES
from segcli.settings import translations
from segcli.settings.config import SETTINGS

SOURCE = Path(package.__file__).parent
LANGUAGES = translations.languages()
# What has columns that overviews, scores and actions show.
WITH_COLUMNS = (
    "overviews",
    "scores",
    "actions",
    "query",
    "classify/reclassify.py",
    "commands/score.py",
    "domain/table.py",
)


def trees(places: tuple[str, ...] = ("",)) -> Iterator[ast.Module]:
    for place in places:
        for path in [SOURCE / place] if place.endswith(".py") else sorted((SOURCE / place).rglob("*.py")):
            yield ast.parse(path.read_text(encoding="utf-8"))


def pattern(node: ast.expr | None) -> str:
    """Return a text of the source with {} for what is filled in; '' for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


def declared() -> set[str]:
    """Return the headings of every column that is declared with a name or a heading."""
    found = set()
    for tree in trees(WITH_COLUMNS):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Column":
                keywords = {keyword.arg: keyword.value for keyword in node.keywords}
                heading = pattern(node.args[2] if len(node.args) > 2 else keywords.get("heading"))
                found.add(heading or Column(pattern(node.args[0])).title)
    return found | {Column(name).title for name in analysis.DIMENSIONS}


HEADINGS = sorted(text for text in declared() if re.search("[A-Za-z]", text) and not re.match(r"Class(\d|{})", text))
TITLES = [name.replace("-", " ").capitalize() for name in (*overviews.names(), *actions.names())] + [
    f"Score {name}" for name in STUDIES
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_heading_and_title_is_there_in_each_language(language: str) -> None:
    assert len(HEADINGS) > 200
    missing = [text for text in (*HEADINGS, *TITLES) if not LANGUAGES[language].get(text)]
    assert missing == []


def test_languages_are_those_of_the_setting_and_are_complete() -> None:
    assert ["en", *LANGUAGES] == SETTINGS["language"].takes.split("|")
    rows = (SOURCE / "settings" / "headings.tsv").read_text(encoding="utf-8").splitlines()
    keys = [row.split("\t")[0] for row in rows[1:]]
    assert len(set(keys)) == len(keys)
    for row in rows:
        cells = row.split("\t")
        assert len(cells) == 4
        assert all(cell and cell == cell.strip() for cell in cells)
        assert len({cell.count("{}") for cell in cells}) == 1


def test_no_key_is_unused() -> None:
    texts = {
        pattern(node) for tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr)
    }
    shown = {re.sub(r"\{[^{}]*\}", "{}", text) for text in texts}
    known = {*HEADINGS, *TITLES, *shown}
    filled = [re.escape(text).replace(r"\{\}", ".+") for text in shown if re.search("[a-z]{3}", text.replace("{}", ""))]
    for key in LANGUAGES["nl"]:
        assert key in known or any(re.fullmatch(text, key) for text in filled if ".+" in text), key
