"""The results of a run as they stand in docs/speed.md: what was measured when and where, a table per area, and how the cases grow.

    python tests/benchmarks/page.py RUN.json [RUN.json]... docs/speed.md [--smaller DIR --larger DIR]

RUN.json is what `run.py --json` leaves. Several are those of runs at the same time, each with its own areas, or of cases that were
measured again: the last one counts. What stands between the two marks in the page is replaced.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import figures
from measure import Spent, Verdict, markdown

BEGIN, END = "<!-- results of run.py -->\n", "<!-- end of the results -->\n"


def together(runs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the runs as one; a case that was measured again has the figures of the last run that has it.

    Raises ValueError if they differ in scale, rounds, machine or versions.
    """
    alike = ("scale", "rounds", "machine", "versions")
    if any(run[name] != runs[0][name] for run in runs for name in alike):
        raise ValueError(f"these runs differ in {', '.join(alike)}")
    last = {found["case"]: at for at, run in enumerate(runs) for found in run["verdicts"]}
    kept = [
        (found, area)
        for at, run in enumerate(runs)
        for found, area in zip(run["verdicts"], run["areas"], strict=True)
        if last[found["case"]] == at
    ]
    without = {
        name: [line for run in runs for line in run[name] if not line.startswith(tuple(f"{case}:" for case in last))]
        for name in ("left_out", "failed")
    }
    load = (min(run["load"][0] for run in runs), max(run["load"][1] for run in runs))
    return {
        **runs[0],
        **without,
        "verdicts": [found for found, _ in kept],
        "areas": [area for _, area in kept],
        "began": min(run["began"] for run in runs),
        "ended": max(run["ended"] for run in runs),
        "load": load,
    }


def results(run: Mapping[str, Any], captions: Mapping[str, str]) -> Iterator[str]:
    """Yield the Markdown of a run: its circumstances, a section per area, and what it lacks."""
    verdicts = [read(found) for found in run["verdicts"]]
    missed = sum(not verdict.is_kept for verdict in verdicts)
    rounds = "one pair" if run["rounds"] == 1 else f"medians of at most {run['rounds']} pairs"
    yield (
        f"Measured from {run['began']} to {run['ended']} UTC at scale {run['scale']:g}: {run['machine']}, {run['versions']}."
        f" The load of the last minute was {run['load'][0]:.1f} at the start and {run['load'][1]:.1f} at the end."
        f" Figures are {rounds}. {len(verdicts)} limits, {missed} missed.\n"
    )
    for area, caption in captions.items():
        own = [verdict for verdict, of in zip(verdicts, run["areas"], strict=True) if of == area]
        if own:
            yield f"### {area.capitalize()}\n\n{caption}\n\n{markdown(own)}"
    for what, title in (("left_out", "Not measured"), ("failed", "Failed")):
        if run[what]:
            lines = "".join(f"- {line}\n" for line in run[what])
            yield f"### {title}\n\n{lines}"


def read(found: Mapping[str, Any]) -> Verdict:
    """Return a verdict from its JSON."""
    return Verdict(**{**found, "ours": Spent(**found["ours"]), "theirs": Spent(**found["theirs"])})


def growth(small: Path, large: Path) -> str:
    """Return the section of how the cases grow."""
    table = figures.table(list(figures.grown(small, large)), small, large)
    return f"### Growth\n\nCPU and memory at both scales, steepest first.\n\n{table}"


def replaced(page: str, text: str) -> str:
    """Return the page with the text between its marks. Raises ValueError if it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page lacks {BEGIN.strip()} and {END.strip()}")
    return f"{before}{BEGIN}\n{text}\n{END}{after}"


def main() -> None:
    """Write the results into the page."""
    import run as program

    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("page", type=Path)
    parser.add_argument("--smaller", type=Path)
    parser.add_argument("--larger", type=Path)
    asked = parser.parse_args()
    try:
        run = together([json.loads(path.read_text()) for path in asked.runs])
        parts = list(results(run, program.captions()))
        if asked.smaller and asked.larger:
            parts.append(growth(asked.smaller, asked.larger))
        asked.page.write_text(replaced(asked.page.read_text(encoding="utf-8"), "\n".join(parts)), encoding="utf-8")
    except ValueError as error:
        sys.exit(f"{asked.page}: {error}")


if __name__ == "__main__":
    main()
