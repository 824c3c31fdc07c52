"""The fast lane and the Typer application read the same from every line that both take."""

from typing import Any

import pytest
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli import commands
from segcli.base.errors import UsageError
from segcli.interface import fast_parser, options, typer_app
from segcli.interface.command import Command, Group
from segcli.manual import pages

ROOT = commands.root()
COMMANDS: dict[tuple[str, ...], Command] = {}


def _collect(node: Group, path: tuple[str, ...]) -> None:
    for name in node.names():
        found = node.find(name)
        if isinstance(found, Command):
            COMMANDS[(*path, name)] = found
        elif found:
            _collect(found, (*path, name))


_collect(ROOT, ())
PAGES = tuple(pages.pages(ROOT))
WORDS = st.sampled_from(["N", "not:A,B", "-outstanding,name", "a b", "x=y", "2026", "-", "é", "none"])


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    path = draw(st.sampled_from(sorted(COMMANDS)))
    command = COMMANDS[path]
    flagged = [p for p in command.every_parameter if not p.is_argument]
    words: list[str] = []
    for parameter in draw(st.lists(st.sampled_from(flagged), max_size=6)):
        flag = draw(st.sampled_from(parameter.flags))
        if parameter.kind == "flag":
            words.append(flag)
        elif flag.startswith("--") and draw(st.booleans()):
            words.append(f"{flag}={draw(WORDS)}")
        else:
            words += [flag, draw(WORDS)]
        if draw(st.integers(0, 3)) == 0:
            words.append(draw(WORDS))
    common = draw(st.sampled_from([[], ["-q"], ["--database", "x.db"], ["--color=never"]]))
    return [*common, *path, *words]


def plain(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if value not in (None, [], False)}


@pytest.mark.repeats
@settings(max_examples=400, deadline=None)
@given(words=lines())
def test_both_lanes_agree(words: list[str]) -> None:
    fast = fast_parser.parse(ROOT, words)
    try:
        slow = typer_app.parse(ROOT, words)
    except Exception as error:  # noqa: BLE001 - whatever Typer raises
        assert isinstance(error, UsageError) or typer_app.translate(error), words
        assert fast is None, words
        return
    assert slow is not None
    if fast is None:  # left to Typer, as -fcsv and -nq are
        assert any(len(word) > 2 and word[0] == "-" and word[1] != "-" for word in words), words
        return
    assert plain(fast.raw) == plain(slow.raw)
    assert fast.command.help == slow.command.help


@pytest.mark.parametrize("path", sorted(COMMANDS), ids=" ".join)
def test_every_command_has_help_with_examples(segcli: Run, path: tuple[str, ...]) -> None:
    done = segcli(*path, "--help")
    assert done.status == 0
    assert "Examples:" in done.out
    (page,) = [page for page in PAGES if page.words == path]
    assert " ".join(done.out.partition("\n\n")[0].split()) == f"Usage: {page.usage}"
    out = done.out.replace("--class1 … --class8", " ".join(f"--class{field}" for field in range(1, 9)))
    for parameter in COMMANDS[path].every_parameter:
        for flag in parameter.flags:
            assert flag in out
    assert max(map(len, done.out.splitlines())) <= 80


def test_every_flag_is_declared_once() -> None:
    for path, command in COMMANDS.items():
        flags = [flag for parameter in command.every_parameter for flag in parameter.flags]
        assert len(flags) == len(set(flags)), path
        names = [parameter.name for parameter in command.every_parameter]
        assert len(names) == len(set(names)), path


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("shwo",), "did you mean show"), (("show", "debtor-agein"), "debtor-ageing"), (("show", "debtor-ageing", "--clas1", "N"), "--class1"),
        (("tag", "--set"), "--set"), (("show", "debtor-ageing", "--limit", "x"), "--limit: 'x'"), (("show", "debtor-ageing", "-f", "odt"), "none of"),
        (("classification", "label", "1"), "TEXT"), (("show", "debtor-ageing", "--as-of", "2026-02-30"), "2026-02-28"), (("undo",), "which run?"),
        (("show", "debtor-ageing", "--period", "2026Q5"), "is no period"), (("show", "debtor-ageing", "--from", "2026-02-01", "--to", "2026-01-01"), "lies after"),
        (("classification", "value", "ad", "1"), "add"), (("run", "print-invoice"), "print-invoices"), (("tag", "1", "--set", "class1=N", "--yes=no"), "--yes"),
        (("show", "debtor-ageing", "--period", "2026", "--to", "2026-01-01"), "--period and --from/--to exclude each other"),
        (("debtor-ageing", "-f", "csv"), "there is no command 'debtor-ageing'\n  did you mean show debtor-ageing"),
        (("reminders",), "did you mean run print-reminders?"),
        (("impot", "a.csv"), "did you mean import?"),
    ],
)  # fmt: skip
def test_mistakes_are_2_and_say_what_was_meant(segcli: Run, empty: object, words: tuple[str, ...], text: str) -> None:
    done = segcli(*words)
    assert (done.status, done.out) == (2, "")
    assert text in done.err
    assert options.PARAMETERS


def test_what_is_no_mistake_of_the_user_is_no_usage_error() -> None:
    assert typer_app.translate(ValueError("a bug")) is None
