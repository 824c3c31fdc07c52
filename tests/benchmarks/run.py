"""How fast segcli is: every limit that it promises, against SQLite's shell, DuckDB, Python, XlsxWriter and reportlab in turn.

    python tests/benchmarks/run.py [--scale 0.01] [--rounds 5] [--only WORDS]... [--folder DIR] [--json FILE] [--markdown FILE]
    python tests/benchmarks/run.py --scale 0.1 --budget 10m
    python tests/benchmarks/run.py --scale 1 --growth [--folder DIR] [--smaller DIR]

The contestants of a case must first give the same result; then they take turns (A B A B …) and the ratio of the medians of their CPU
is held against the limit. Scale 1 is the full size (see generate.py), some 25 GB in the folder; below 1 the fixed costs weigh
more than the promise means, so a limit missed there is a hint. Exit status: 0 all limits kept, 1 one missed, 2 the results differ or a
contestant failed. Needs sqlite3's shell; without DuckDB (pip install duckdb-cli, or duckdb) its cases are left out, and that is said.

--budget is the short form, for a developer who is about to say that a change costs nothing: the areas take turns, each case has as many
rounds as its share of the time allows (at most --rounds), and what did not fit is named. What the cases read is made before, once
per folder, and is not counted. --growth measures nothing: it compares the figures that the last runs left in two folders, by
default those of the scale and of a tenth of it, and misses a limit where a case takes more than 12 times as much on 10 times the data.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cases_cards
import cases_classes
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
from measure import OURS, Case, Verdict, compare, judge, markdown, measure, table

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
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path, help="the table of docs/speed.md")
    return parser.parse_args()


def chosen(ready: prepare.Ready, only: list[str]) -> Iterator[tuple[str, Case]]:
    """Yield the cases that are asked for with their areas; an area is only prepared where one of its NAMES is.

    Raise RuntimeError for a case that is not among the NAMES of its area.
    """
    for area in AREAS:
        name = area.__name__.removeprefix("cases_")
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


def as_json(verdicts: list[Verdict], scale: float) -> str:
    """Return the verdicts as JSON: seconds and megabytes."""
    rows = [v._asdict() | {"ours": v.ours._asdict(), "theirs": v.theirs._asdict()} for v in verdicts]
    return json.dumps({"scale": scale, "verdicts": rows}, indent=1)


def main() -> int:
    """Prepare, compare, measure and judge; return the exit status."""
    wanted = asked()
    folder = wanted.folder or default_folder(wanted.scale)
    if wanted.growth:
        return growth(wanted.smaller or default_folder(wanted.scale / 10), folder, wanted.markdown)
    folder.mkdir(parents=True, exist_ok=True)
    ready = prepare.Ready(folder, wanted.scale)
    print(
        f"scale {wanted.scale:g}, {ready.duck_name or 'no DuckDB (pip install duckdb-cli): its cases are left out'}",
        file=sys.stderr,
    )
    verdicts, wrong, left_out = measured(ready, wanted)
    if wanted.json:
        wanted.json.write_text(as_json(verdicts, wanted.scale))
    if wanted.markdown:
        wanted.markdown.write_text(markdown(verdicts))
    missed = [v for v in verdicts if not v.is_kept]
    for line in left_out:
        print(f"left out: {line}", file=sys.stderr)
    tail = f", {len(left_out)} left out" if left_out else ""
    print(f"{len(verdicts)} limits, {len(missed)} missed, {wrong} cases failed{tail}", file=sys.stderr)
    return 2 if wrong else 1 if missed else 0


def default_folder(scale: float) -> Path:
    """Return the folder of a scale."""
    return Path.cwd() / "build" / f"benchmarks-{scale:g}"


def measured(ready: prepare.Ready, wanted: argparse.Namespace) -> tuple[list[Verdict], int, list[str]]:
    """Return the verdicts, how many cases failed, and what did not fit in the budget; each case is printed at once."""
    verdicts: list[Verdict] = []
    wrong = 0
    known = figures.read(ready.folder)[1]
    start = start_of(ready, ready.folder, wanted.rounds)
    cases = chosen(ready, wanted.only)
    plan = (
        Budget(wanted.budget, wanted.rounds, list(cases), known) if wanted.budget else Everything(wanted.rounds, cases)
    )
    for case in plan:
        try:
            found = one(case, plan, ready, start)
        except RuntimeError as error:
            wrong += 1
            print(f"{case.name}: {error}", file=sys.stderr)
            continue
        print(table(found, with_heading=not verdicts) if found else "", end="", flush=True)
        verdicts += found
    return verdicts, wrong, plan.left_out


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
    return judge(case, spent, start) if rounds else []


def growth(small: Path, large: Path, to: Path | None) -> int:
    """Print how the cases grew between two folders; return 1 if one grew too much, 2 if there is nothing to compare."""
    try:
        found = list(figures.grown(small, large))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    text = figures.table(found, (figures.read(small)[0], figures.read(large)[0]))
    print(text, end="")
    if to:
        to.write_text(text)
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
