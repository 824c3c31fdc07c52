"""Headings in other languages: complete, without waste, and shown to people only."""

import ast
import functools
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


def trees() -> Iterator[ast.Module]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))


def pattern(node: ast.expr | None) -> str:
    """Return a text of the source with {} for what is filled in; '' for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


def is_call(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def headings() -> Iterator[str]:
    """Yield the headings of every column that is declared with a name or a heading, and the titles of tables."""
    for node in (node for tree in trees() for node in ast.walk(tree)):
        if isinstance(node, ast.Call) and is_call(node, "Column"):
            keywords = {keyword.arg: keyword.value for keyword in node.keywords}
            heading = pattern(node.args[2] if len(node.args) > 2 else keywords.get("heading"))
            yield heading or Column(pattern(node.args[0])).title
        if isinstance(node, ast.GeneratorExp) and is_call(
            node.elt, "Column"
        ):  # Column(name) for name in ("added", ...)
            yield from (Column(pattern(name)).title for name in getattr(node.generators[0].iter, "elts", ()))
        if isinstance(node, ast.keyword) and node.arg == "counts":  # the column of --group-by
            yield from (Column(pattern(name)).title for name in ast.walk(node.value) if isinstance(name, ast.Constant))
        if isinstance(node, ast.Call) and is_call(node, "Table") and node.args:
            yield pattern(node.args[0])
    yield from (Column(name).title for name in analysis.DIMENSIONS)


@functools.cache
def every_heading() -> list[str]:
    """Return the headings that need a translation."""
    found = {text for text in headings() if re.search("[A-Za-z]", text)}
    return sorted(text for text in found if not re.match(r"Class(\d|{})", text))


TITLES = [name.replace("-", " ").capitalize() for name in (*overviews.names(), *actions.names())] + [
    f"Score {name}" for name in STUDIES
]


@pytest.mark.repeats
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_heading_and_title_is_there_in_each_language(language: str) -> None:
    assert len(every_heading()) > 200
    missing = [text for text in (*every_heading(), *TITLES) if not LANGUAGES[language].get(text)]
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


@pytest.mark.repeats
def test_no_key_is_unused() -> None:
    texts = {
        pattern(node) for tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr)
    }
    shown = {re.sub(r"\{[^{}]*\}", "{}", text) for text in texts}
    known = {*every_heading(), *TITLES, *shown}
    filled = [re.escape(text).replace(r"\{\}", ".+") for text in shown if re.search("[a-z]{3}", text.replace("{}", ""))]
    for key in LANGUAGES["nl"]:
        assert key in known or any(re.fullmatch(text, key) for text in filled if ".+" in text), key
