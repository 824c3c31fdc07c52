"""The layout of help: as wide as the terminal, options and examples whole, texts in one column."""

import re
import shlex

import pytest
from command_tree import COMMANDS, groups
from conftest import Run

from segcli import commands
from segcli.interface import help_page

GROUPS = [path.removeprefix("segcli").strip() for path, _ in groups(commands.root())]
WIDTHS = (60, 80, 100)
OPTION = re.compile(r"--[a-z][a-z0-9-]*")
WIDE: dict[str, set[str]] = {}  # the options of each command, from help that is wide enough


def shown(segcli: Run, monkeypatch: pytest.MonkeyPatch, words: str, width: int) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    return segcli(*words.split(), "--help").out.splitlines()


@pytest.mark.repeats
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("words", [*GROUPS, *COMMANDS])
def test_it_fits_and_breaks_no_option(segcli: Run, monkeypatch: pytest.MonkeyPatch, words: str, width: int) -> None:
    lines = shown(segcli, monkeypatch, words, width)
    assert max(map(len, lines)) <= width
    if words not in WIDE:
        WIDE[words] = set(OPTION.findall(" ".join(shown(segcli, monkeypatch, words, 100))))
    wide = WIDE[words]
    narrow = set(OPTION.findall(" ".join(lines)))
    assert narrow == wide
    assert not [line for line in lines if re.search(r"[a-z]-$|(^| )--$", line)]


@pytest.mark.parametrize("words", COMMANDS)
def test_examples_on_a_narrow_terminal_are_the_same_command_lines(
    segcli: Run, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    text = "\n".join(shown(segcli, monkeypatch, words, 60)).partition("Examples:\n")[2]
    joined = re.sub(r" \\\n +", " ", text)  # what a shell makes of them
    assert [shlex.split(line) for line in joined.splitlines()] == [shlex.split(e) for e in COMMANDS[words].examples]


def test_the_eight_classes_take_one_line(segcli: Run) -> None:
    lines = segcli("show", "debtor-ageing", "--help").out.splitlines()
    assert len([line for line in lines if line.strip().startswith("--class1")]) == 1
    assert not [line for line in lines if line.strip().startswith("--class2")]
    assert any(line.startswith("  --class1 … --class8 VALUES  ") for line in lines)


@pytest.mark.parametrize("words", ["show debtor-ageing", "tag", "import"])
def test_the_texts_of_all_options_begin_at_one_place(segcli: Run, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    lines = shown(segcli, monkeypatch, words, 100)
    places = {len(match[1]) for line in lines if (match := re.match(r"(  -\S.*?  +)\S", line))}
    assert len(places) == 1


@pytest.mark.parametrize(
    ("text", "width", "wanted"),
    [
        ("with --group-by class1 and", 12, ["with", "--group-by", "class1 and"]),
        ("a|b|c|d|e|f|g|h", 10, ["a|b|c|d|e|", "f|g|h"]),
        ("word averyverylongword", 10, ["word", "averyverylongword"]),
        ("", 10, []),
        ("one two", 10, ["one two"]),
    ],
)
def test_wrapping(text: str, width: int, wanted: list[str]) -> None:
    assert help_page.wrapped(text, width) == wanted
