"""How fast segcli is: every limit that it promises, against SQLite's shell, DuckDB, Python, XlsxWriter and reportlab in turn.

    python tests/benchmarks/run.py [--scale 0.01] [--rounds 5] [--only WORDS]... [--folder DIR] [--json FILE]
    python tests/benchmarks/run.py --scale 0.1 --budget 10m
    python tests/benchmarks/run.py --scale 1 --budget 2h --json run.json && python tests/benchmarks/page.py run.json docs/speed.md
    python tests/benchmarks/run.py --scale 1 --growth [--folder DIR] [--smaller DIR]

The contestants of a case must first give the same result; then they take turns (A B A B …) and the ratio of the medians of their CPU
is held against the limit. Scale 1 is the full size (see generate.py), some 25 GB in the folder; below 1 the fixed costs weigh
more than the promise means, so a limit missed there is a hint. Exit status: 0 all limits kept, 1 one missed, 2 the results differ or a
contestant failed. Needs sqlite3's shell; without DuckDB (pip install duckdb-cli, or duckdb) its cases are left out, and that is said.

--budget is the short form, for a developer who is about to say that a change costs nothing: the areas take turns, each case has as many
rounds as its share of the time allows (at most --rounds), and what did not fit is named. A case of which a round takes more than a minute
has one. What the cases read is made before, once per folder, and is not counted. --growth measures nothing: it compares the figures
that the last runs left in two folders, by default those of the scale and of a tenth of it, and misses a limit where a case takes more
than 12 times as much on 10 times the data.
"""

import argparse
import contextlib
import json
import os
import platform
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import cases_cards
import cases_classes
import cases_clusters
import cases_cohorts
import cases_documents
import cases_files
import cases_import
import cases_lake
import cases_lists
import cases_movement
import cases_output
import cases_overviews
import cases_prices
import cases_profile
import cases_reports
import cases_rules
import cases_sales
import cases_scores
import cases_startup
import cases_storage
import cases_subscriptions
import cases_upgrade
import figures
import prepare
from budget import Budget, Everything, seconds
from figures import Figure
from measure import OURS, Case, Verdict, compare, judge, measure, table

AREAS = (
    cases_startup,
    cases_overviews,
    cases_movement,
    cases_import,
    cases_files,
    cases_sales,
    cases_scores,
    cases_rules,
    cases_lists,
    cases_subscriptions,
    cases_prices,
    cases_classes,
    cases_cards,
    cases_profile,
    cases_cohorts,
    cases_clusters,
    cases_output,
    cases_documents,
    cases_reports,
    cases_storage,
    cases_upgrade,
    cases_lake,
)  # a further area: a module with cases(), and their NAMES


def asked() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--scale", type=float, default=0.01)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--budget", type=seconds, metavar="TIME", help="the cases and rounds that fit: 600, 10m, 1h")
    parser.add_argument("--only", action="append", default=[], help="cases whose area or name holds this")
    parser.add_argument("--folder", type=Path, help="kept, and used again by the next run at the same scale")
    parser.add_argument("--growth", action="store_true", help="how the figures grew from --smaller to --folder")
    parser.add_argument("--smaller", type=Path, help="the folder of a smaller scale (default: a tenth)")
    parser.add_argument("--json", type=Path, help="what page.py makes the page of; written after each case")
    return parser.parse_args()


def chosen(ready: prepare.Ready, only: list[str]) -> Iterator[tuple[str, Case]]:
    """Yield the cases that are asked for with their areas; an area is only prepared where one of its NAMES is.

    Raise RuntimeError for a case that is not among the NAMES of its area.
    """
    for area in AREAS:
        name = area_of(area)
        wanted = {one for one in area.NAMES if _is_asked(name, one, only)}
        left = set(wanted)
        for case in area.cases(ready) if wanted else ():
            if case.name not in area.NAMES:
                raise RuntimeError(f"{area.__name__}: {case.name} is not in NAMES")
            left.discard(case.name)
            if case.name in wanted:
                yield name, case
            if not left:
                break  # what the other cases need is not prepared


def _is_asked(area: str, case: str, only: list[str]) -> bool:
    return not only or any(word in f"{area}: {case}" for word in only)


def captions() -> dict[str, str]:
    """Return what the cases of each area compare, by the area's name."""
    return {area_of(area): (area.__doc__ or "").split("\n", maxsplit=1)[0] for area in AREAS}


def area_of(module: ModuleType) -> str:
    """Return the name of an area."""
    return module.__name__.removeprefix("cases_")


class Report:
    """What a run found so far; kept as JSON after each case, so that a run that is stopped leaves what it has."""

    def __init__(self, to: Path | None, ready: prepare.Ready, rounds: int) -> None:
        """Note when and where it began."""
        self.verdicts: list[Verdict] = []
        self.failed: list[str] = []
        self.left_out: list[str] = []
        self._to, self._load = to, os.getloadavg()[0]
        self._areas = {name: area_of(area) for area in AREAS for name in area.NAMES}
        self._about = {
            "began": _now(),
            "scale": ready.scale,
            "rounds": rounds,
            "machine": f"{os.cpu_count()} cores of {platform.machine()}, {platform.system()}",
            "versions": ", ".join(versions()),
        }

    def keep(self) -> None:
        """Write the file, if one is wished."""
        if self._to:
            self._to.write_text(json.dumps(self.as_json(), indent=1))

    def as_json(self) -> dict[str, Any]:
        """Return all that the page shows: seconds and megabytes."""
        return {
            **self._about,
            "ended": _now(),
            "load": (self._load, os.getloadavg()[0]),
            "verdicts": [v._asdict() | {"ours": v.ours._asdict(), "theirs": v.theirs._asdict()} for v in self.verdicts],
            "areas": [self._areas[v.case] for v in self.verdicts],
            "left_out": self.left_out,
            "failed": self.failed,
        }


def versions() -> Iterator[str]:
    """Yield what is compared, with its version."""
    yield f"Python {platform.python_version()}"
    yield f"SQLite {sqlite3.sqlite_version}"
    shell = subprocess.run([*prepare.SQLITE, "-version"], capture_output=True, text=True, check=False).stdout.split()
    yield f"{prepare.SQLITE_NAME}{f' {shell[0]}' if shell else ''}"
    for name in ("duckdb", "xlsxwriter", "reportlab", "scikit-learn"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            yield f"{name} {metadata.version(name)}"


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M}"


def main() -> int:
    """Prepare, compare, measure and judge; return the exit status."""
    wanted = asked()
    folder = wanted.folder or default_folder(wanted.scale)
    if wanted.growth:
        return growth(wanted.smaller or default_folder(wanted.scale / 10), folder)
    folder.mkdir(parents=True, exist_ok=True)
    ready = prepare.Ready(folder, wanted.scale)
    print(
        f"scale {wanted.scale:g}, {ready.duck_name or 'no DuckDB (pip install duckdb-cli): its cases are left out'}",
        file=sys.stderr,
    )
    found = measured(ready, wanted)
    missed = [v for v in found.verdicts if not v.is_kept]
    for line in found.left_out:
        print(f"left out: {line}", file=sys.stderr)
    tail = f", {len(found.left_out)} left out" if found.left_out else ""
    print(
        f"{len(found.verdicts)} limits, {len(missed)} missed, {len(found.failed)} cases failed{tail}", file=sys.stderr
    )
    return 2 if found.failed else 1 if missed else 0


def default_folder(scale: float) -> Path:
    """Return the folder of a scale."""
    return Path.cwd() / "build" / f"benchmarks-{scale:g}"


def measured(ready: prepare.Ready, wanted: argparse.Namespace) -> Report:
    """Return what was found; each case is printed at once."""
    known = figures.read(ready.folder)[1]
    start = start_of(ready, ready.folder, wanted.rounds)
    cases = chosen(ready, wanted.only)
    plan = (
        Budget(wanted.budget, wanted.rounds, list(cases), known) if wanted.budget else Everything(wanted.rounds, cases)
    )
    report = Report(wanted.json, ready, wanted.rounds)
    for case in plan:
        try:
            found = one(case, plan, ready, start)
        except RuntimeError as error:
            report.failed.append(f"{case.name}: {error}")
            print(report.failed[-1], file=sys.stderr)
            continue
        print(table(found, with_heading=not report.verdicts) if found else "", end="", flush=True)
        report.verdicts += found
        report.keep()
    report.left_out = plan.left_out
    report.keep()
    return report


def one(case: Case, plan: Budget | Everything, ready: prepare.Ready, start: float) -> list[Verdict]:
    """Return the verdicts of a case, none if the plan has no time for a round; what it took is kept."""
    began = time.monotonic()
    spent = compare(case, ready.folder)
    comparing, one_round = time.monotonic() - began, sum(found.wall for found in spent.values())
    rounds = plan.rounds(case, one_round)
    if rounds:
        began = time.monotonic()
        spent = measure(case, rounds, ready.folder, uncounted=plan.uncounted)
        one_round = (time.monotonic() - began) / (rounds + plan.uncounted)
    ours = spent[OURS]
    figures.keep(ready.folder, ready.scale, {case.name: Figure(ours.cpu, ours.memory, comparing, one_round)})
    return [] if rounds is None else judge(case, spent, start)


def growth(small: Path, large: Path) -> int:
    """Print how the cases grew between two folders; return 1 if one grew too much, 2 if there is nothing to compare."""
    try:
        found = list(figures.grown(small, large))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(figures.table(found, small, large), end="")
    missed = sum(not row.is_kept for row in found)
    lone = figures.read(small)[1].keys() ^ figures.read(large)[1].keys()
    for name in sorted(lone):
        print(f"measured in one folder only: {name}", file=sys.stderr)
    print(f"{len(found)} cases at both scales, {missed} grew too much", file=sys.stderr)
    return 1 if missed else 0


def start_of(ready: prepare.Ready, folder: Path, rounds: int) -> float:
    """Return the CPU seconds of our start-up: a piped overview of a small database."""
    case = next(case for case in cases_startup.cases(ready) if case.name == cases_startup.SHOW)
    return measure(case, max(rounds, 9), folder)[OURS].cpu


if __name__ == "__main__":
    sys.exit(main())
