"""Which tests are slow, and in which coverage is measured.

A test has the mark `slow` if it repeats what others reach (mark `repeats`), or if its cases took more than 40 milliseconds
when they were last measured: `slow_tests.txt` lists those. `pytest --measure` brings the list up to date with the tests that it runs.
It belongs on a machine at rest; a new test counts as quick until then.
"""

import contextlib
import importlib
import pkgutil
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import segcli

SLOW_SECONDS = 0.04  # of a case on average, with its fixtures
LIST = Path(__file__).with_name("slow_tests.txt")
_STARTING = {"segcli.__main__", "segcli.cli.start"}  # they run a command, or take the signals
_seconds: dict[str, list[float]] = defaultdict(list)  # by case, what each of its phases took
_there: set[str] = set()  # the tests of the files that were read


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that measures."""
    parser.addoption("--measure", action="store_true", help="bring the list of slow tests up to date")


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests."""
    slow = _listed()
    _there.update(_test(item.nodeid) for item in items)
    for item in items:
        if _repeats(item) or _test(item.nodeid) in slow:
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Import all modules where coverage is measured: the first test that imports one may be one that is not traced."""
    if not session.config.pluginmanager.hasplugin("_cov"):
        return
    for module in pkgutil.walk_packages(segcli.__path__, "segcli."):
        if module.name not in _STARTING:
            with contextlib.suppress(ImportError):  # of an extra that is not here
                importlib.import_module(module.name)


def _repeats(item: pytest.Item) -> bool:
    return item.get_closest_marker("repeats") is not None


def _test(nodeid: str) -> str:
    return nodeid.partition("[")[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Measure no coverage in a test that repeats what others reach: traced it takes twice as long. Its fixtures may be those of others.

    pytest-cov's mark `no_cover` does nothing in a worker of xdist: below the measurement that it stops lies another one.
    """
    tracer, of_threads = sys.gettrace(), threading.gettrace()
    if _repeats(item):
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
    try:
        return (yield)
    finally:
        if _repeats(item):
            sys.settrace(tracer)
            threading.settrace(of_threads)  # type: ignore[arg-type]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what a phase of a test took."""
    _seconds[report.nodeid].append(report.duration)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the list, if wished; a worker of xdist has a part of the tests only."""
    if session.config.getoption("--measure") and not hasattr(session.config, "workerinput"):
        LIST.write_text("\n".join([*updated(_listed(), _there, _seconds), ""]), encoding="utf-8")


def updated(listed: set[str], there: set[str], seconds: Mapping[str, list[float]]) -> list[str]:
    """Return the slow tests: of those that ran the ones whose cases took too long on average, and of the others those that were listed.

    A test that is listed and no longer there is left out, if its file was read.
    """
    cases: dict[str, list[float]] = defaultdict(list)
    for nodeid, phases in seconds.items():
        cases[_test(nodeid)].append(sum(phases))
    files = {_file(test) for test in there}
    kept = {test for test in listed - cases.keys() if test in there or _file(test) not in files}
    return sorted(kept | {test for test, took in cases.items() if sum(took) / len(took) > SLOW_SECONDS})


def _file(test: str) -> str:
    return test.partition("::")[0]


def _listed() -> set[str]:
    return set(LIST.read_text(encoding="utf-8").split())
