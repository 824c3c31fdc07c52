"""Which tests are slow: the list is brought up to date with the tests that ran."""

import effort
import pytest


def test_the_list_follows_the_tests_that_ran() -> None:
    listed = {"a.py::gone", "a.py::faster", "a.py::not_run", "b.py::other_file"}
    there = {"a.py::faster", "a.py::not_run", "a.py::slower", "a.py::quick"}
    seconds = {
        "a.py::faster": [0.01, 0.02],
        "a.py::slower[1]": [0.0, 0.05],
        "a.py::slower[2]": [0.1, 0.2],  # 0.175 on average
        "a.py::quick": [0.03],
    }
    assert effort.updated(listed, there, seconds) == ["a.py::not_run", "a.py::slower", "b.py::other_file"]


def test_each_test_that_is_listed_has_its_file(request: pytest.FixtureRequest) -> None:
    root = request.config.rootpath
    files = {test.partition("::")[0] for test in effort.LIST.read_text(encoding="utf-8").split()}
    assert [name for name in sorted(files) if not (root / name).exists()] == []
