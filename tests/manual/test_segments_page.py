"""docs/segments.md: its examples print what the page shows, on the example administration."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT, Run

_EXTRAS = {"discover": "sklearn"}  # what a section that names segcli[discover] needs
_PAGE = (ROOT / "docs" / "segments.md").read_text(encoding="utf-8")


def _sections() -> Iterator[tuple[str, str]]:
    """Yield the heading and the text of each section."""
    for section in re.split(r"^## ", _PAGE, flags=re.MULTILINE)[1:]:
        yield section.partition("\n")[0], section


def _examples() -> Iterator[tuple[str, str]]:
    """Yield the heading and the text of each block of commands with their output."""
    for heading, section in _sections():
        for block in re.findall(r"^```console\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
            yield heading, block


def _steps(block: str) -> Iterator[tuple[str, list[str]]]:
    for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *shown = step.rstrip("\n").split("\n")
        yield command, shown


@pytest.mark.parametrize(("heading", "block"), list(_examples()), ids=lambda text: text.partition("\n")[0][:40])
def test_examples_print_what_the_page_shows(segcli: Run, example: Path, heading: str, block: str) -> None:
    for extra in re.findall(r"segcli\[(\w+)\]", dict(_sections())[heading]):
        pytest.importorskip(_EXTRAS[extra], reason=f"the extra is not here: pip install 'segcli[{extra}]'")
    for command, shown in _steps(block):
        words = shlex.split(command)
        if words[0] == "cat":
            assert Path(words[1]).read_text(encoding="utf-8").rstrip("\n").split("\n") == shown, command
            continue
        assert words[0] == "segcli", command
        done = segcli(*words[1:])
        assert done.status == 0, done.err
        assert [line.rstrip() for line in done.out.splitlines()] == shown, f"{heading}: {command}"


def test_every_section_has_an_example_and_says_when_not_to_use_it() -> None:
    headings = re.findall(r"^## (.*)$", _PAGE, re.MULTILINE)
    shown = {heading for heading, _ in _examples()}
    for heading, section in _sections():
        assert heading in shown, f"{heading}: no example"
        for word in ("Definition", "Source", "When not to use it"):
            assert f"**{word}.**" in section, f"{heading}: no {word}"
    assert len(headings) == len(set(headings))
