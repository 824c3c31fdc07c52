"""How fast segcli is: every limit that it promises, against SQLite's shell, DuckDB, Python, XlsxWriter and reportlab in turn.

    python tests/benchmarks/run.py [--scale 0.01] [--rounds 5] [--only WORDS]... [--folder DIR] [--json FILE] [--markdown FILE]

The contestants of a case must first give the same result; then they take turns (A B A B …) and the ratio of the medians of their CPU
is held against the limit. Scale 1 is the full size (see generate.py), some 25 GB in the folder; below 1 the fixed costs weigh
more than the promise means, so a limit missed there is a hint. Exit status: 0 all limits kept, 1 one missed, 2 the results differ or a
contestant failed. Needs sqlite3's shell; without DuckDB (pip install duckdb-cli, or duckdb) its cases are left out, and that is said.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import cases_classes
import cases_cohorts
import cases_import
import cases_lake
import cases_movement
import cases_output
import cases_overviews
import cases_profile
import cases_sales
import cases_scores
import cases_startup
import cases_storage
import cases_subscriptions
import prepare
from measure import Case, Verdict, compare, judge, markdown, measure, table

AREAS = (
    cases_startup,
    cases_overviews,
    cases_movement,
    cases_import,
    cases_sales,
    cases_scores,
    cases_subscriptions,
    cases_classes,
    cases_profile,
    cases_cohorts,
    cases_output,
    cases_storage,
    cases_lake,
)  # a further area: a module with cases(), and their NAMES


def asked() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--scale", type=float, default=0.01)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", default=[], help="cases whose area or name holds this")
    parser.add_argument("--folder", type=Path, help="kept, and used again by the next run at the same scale")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path, help="the table of docs/speed.md")
    return parser.parse_args()


def chosen(ready: prepare.Ready, only: list[str]) -> Iterator[Case]:
    """Yield the cases that are asked for; an area is only prepared where one of its NAMES is. Raise RuntimeError for another name."""
    for area in AREAS:
        named = {name: f"{area.__name__.removeprefix('cases_')}: {name}" for name in area.NAMES}
        wanted = {name for name, text in named.items() if not only or any(word in text for word in only)}
        left = set(wanted)
        for case in area.cases(ready) if wanted else ():
            if case.name not in named:
                raise RuntimeError(f"{area.__name__}: {case.name} is not in NAMES")
            left.discard(case.name)
            if case.name in wanted:
                yield case
            if not left:
                break  # what the other cases need is not prepared


def as_json(verdicts: list[Verdict], scale: float) -> str:
    """Return the verdicts as JSON: seconds and megabytes."""
    rows = [v._asdict() | {"ours": v.ours._asdict(), "theirs": v.theirs._asdict()} for v in verdicts]
    return json.dumps({"scale": scale, "verdicts": rows}, indent=1)


def main() -> int:
    """Prepare, compare, measure and judge; return the exit status."""
    wanted = asked()
    folder = wanted.folder or Path.cwd() / "build" / f"benchmarks-{wanted.scale:g}"
    folder.mkdir(parents=True, exist_ok=True)
    ready = prepare.Ready(folder, wanted.scale)
    print(
        f"scale {wanted.scale:g}, {ready.duck_name or 'no DuckDB (pip install duckdb-cli): its cases are left out'}",
        file=sys.stderr,
    )
    verdicts: list[Verdict] = []
    wrong = 0
    start = start_of(ready, folder, wanted.rounds)
    for case in chosen(ready, wanted.only):
        try:
            compare(case, folder)
            found = judge(case, measure(case, wanted.rounds, folder), start)
        except RuntimeError as error:
            wrong += 1
            print(f"{case.name}: {error}", file=sys.stderr)
            continue
        print(table(found, with_heading=not verdicts), end="", flush=True)
        verdicts += found
    if wanted.json:
        wanted.json.write_text(as_json(verdicts, wanted.scale))
    if wanted.markdown:
        wanted.markdown.write_text(markdown(verdicts))
    missed = [v for v in verdicts if not v.is_kept]
    print(f"{len(verdicts)} limits, {len(missed)} missed, {wrong} cases failed", file=sys.stderr)
    return 2 if wrong else 1 if missed else 0


def start_of(ready: prepare.Ready, folder: Path, rounds: int) -> float:
    """Return the CPU seconds of our start-up: a piped overview of a small database."""
    case = next(case for case in cases_startup.cases(ready) if case.name == cases_startup.SHOW)
    return measure(case, max(rounds, 9), folder)["segcli"].cpu


if __name__ == "__main__":
    sys.exit(main())
