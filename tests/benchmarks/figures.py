"""What the cases took in a folder, kept beside its data: for the budget of the next run, and for how they grow with the scale."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

NAME = "figures.json"
GROWTH = 12.0  # from a tenth of the data: at most
_PER_TENFOLD = GROWTH / 10


class Figure(NamedTuple):
    """CPU seconds and megabytes of ours, and the seconds of the clock that comparing and one round of everyone took."""

    cpu: float
    memory: float
    comparing: float
    round: float


class Grown(NamedTuple):
    """A case at two scales: how many times its CPU, and how many times it may be."""

    case: str
    small: Figure
    large: Figure
    times: float
    limit: float

    @property
    def is_kept(self) -> bool:
        """Return whether it grows no faster than it may."""
        return self.times <= self.limit


def read(folder: Path) -> tuple[float, dict[str, Figure]]:
    """Return the scale of a folder and the figures of its cases; (0, {}) where nothing was measured."""
    path = folder / NAME
    if not path.exists():
        return 0.0, {}
    kept = json.loads(path.read_text())
    return kept["scale"], {name: Figure(*found) for name, found in kept["cases"].items()}


def keep(folder: Path, scale: float, found: Mapping[str, Figure]) -> None:
    """Store figures in the place of earlier ones of the same cases; those at another scale are forgotten."""
    before, cases = read(folder)
    text = json.dumps({"scale": scale, "cases": (cases if before == scale else {}) | dict(found)}, indent=1)
    fresh = folder / f"filling-{NAME}"
    fresh.write_text(text + "\n")
    fresh.rename(folder / NAME)


def grown(small: Path, large: Path) -> Iterator[Grown]:
    """Yield the cases that were measured in both folders. Raises ValueError if the scales do not rise."""
    (less, before), (more, after) = read(small), read(large)
    if not 0 < less < more:
        raise ValueError(f"{small} and {large} must both hold figures, of a smaller and of a larger scale")
    limit = more / less * _PER_TENFOLD
    for name, last in after.items():
        if name in before:
            yield Grown(name, before[name], last, last.cpu / before[name].cpu, limit)


def table(found: list[Grown], small: Path, large: Path) -> str:
    """Return the growth between two folders as a Markdown table, which also reads well on a terminal; the steepest first."""
    less, more = (f"{read(folder)[0]:g}" for folder in (small, large))
    lines = [
        f"| case | ms at {less} | ms at {more} | times | at most | MB at {less} | MB at {more} |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in sorted(found, key=lambda row: -row.times):
        limit = f"{row.limit:.1f}" if row.is_kept else f"**{row.limit:.1f}**"
        times = f"{row.small.cpu * 1000:,.0f} | {row.large.cpu * 1000:,.0f} | {row.times:.2f} | {limit}"
        lines.append(f"| {row.case} | {times} | {row.small.memory:.0f} | {row.large.memory:.0f} |")
    return "\n".join(lines) + "\n"
