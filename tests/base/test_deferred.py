"""What is made on first use: functions and regular expressions."""

import re

import pytest

from segcli.base.deferred import on_first_call, regex


def test_a_function_is_made_once_and_when_it_is_called() -> None:
    made: list[str] = []

    def make() -> type[int]:
        made.append("made")
        return int

    call = on_first_call(make)
    assert made == []
    assert (call("7"), call("8"), made) == (7, 8, ["made"])


def test_a_regular_expression_is_compiled_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []
    compile_ = re.compile
    monkeypatch.setattr(re, "compile", lambda *given: compiled.append(given) or compile_(*given))
    found = regex(r"(\d+)x", re.IGNORECASE)
    assert compiled == []
    match = found.fullmatch("12X")
    assert match
    assert (match[1], found.sub("-", "1x 2X 3"), found.fullmatch("x")) == ("12", "- - 3", None)
    assert compiled == [(r"(\d+)x", re.IGNORECASE)] * 2  # once for each method
    assert found.pattern == r"(\d+)x"


def test_what_a_regular_expression_has_not_is_an_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        regex("a").nonsense  # type: ignore[attr-defined]  # noqa: B018
