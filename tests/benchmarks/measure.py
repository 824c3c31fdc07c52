"""What a benchmark is: contestants that take turns in one run, their results compared before they are timed, a limit on a ratio.

CPU is user and system time of the whole process tree, as wait4 gives it; memory the most that one of its processes held. Linux
counts what this process holds as memory of its children, so it reads what they print row by row and stays small.
"""

import csv
import hashlib
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

OURS = "segcli"
COMPARED = "compared.out"  # what the contestant printed whose result is read
_DECIMAL = re.compile(r"-?\d+\.\d+(e[+-]\d+)?")
_DIGITS = 2  # of an amount: sums of doubles differ beyond


class Digest(NamedTuple):
    """What rows come to, in any order: how many, and the sum of their hashes."""

    rows: int
    sum: int


@dataclass(frozen=True, slots=True)
class Contestant:
    """A command; what must stand ready before each of its runs, and how its result is read where it is not what it prints."""

    command: Sequence[str]
    given: Path | None = None  # what it reads on stdin
    before: Callable[[], object] = lambda: None
    result: Callable[[], Iterable[Sequence[str]]] | None = None  # rows; none: the CSV on stdout, its heading left out
    status: int = 0  # the exit status that is right
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """Contestants and how much of each other's CPU segcli may take: so many times, plus start-up where it says so."""

    name: str
    contestants: Mapping[str, Contestant]
    limits: Mapping[str, float]  # against whom: at most so many times
    starts: frozenset[str] = frozenset()  # against whom our start-up is allowed on top
    megabytes: float | None = None
    is_compared: bool = True  # False: nothing to compare, as with `python -c pass`
    note: str = ""


class Spent(NamedTuple):
    """What a run took: seconds of CPU and of the clock, and megabytes."""

    cpu: float
    wall: float
    memory: float


class Verdict(NamedTuple):
    """A case's ratio of medians against one contestant, and what it may be."""

    case: str
    against: str
    ours: Spent
    theirs: Spent
    ratio: float
    limit: float
    is_kept: bool


def run(contestant: Contestant, output: Path) -> Spent:
    """Run a contestant once, its stdout in a file. Raises RuntimeError where its exit status is not the right one."""
    contestant.before()
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | dict(contestant.environ)
    trouble = output.with_suffix(".err")
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, str(contestant.given or os.devnull), os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(output), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, str(trouble), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
    ]
    began = time.perf_counter()
    process = os.posix_spawnp(contestant.command[0], list(contestant.command), environ, file_actions=actions)
    _, status, used = os.wait4(process, 0)
    wall = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status) != contestant.status:
        raise RuntimeError(f"{' '.join(contestant.command)[:300]}\n{trouble.read_text()[:2000]}")
    return Spent(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


def plain(cell: str | None) -> str:
    """Return a cell as all contestants can be compared by: decimals without needless zeros."""
    if not cell or not _DECIMAL.fullmatch(cell):
        return cell or ""
    text = f"{float(cell):.{_DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def digest(rows: Iterable[Sequence[str]]) -> Digest:
    """Return what the rows come to."""
    number = total = 0
    for row in rows:
        number += 1
        text = "\x1f".join(map(plain, row))
        total += int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
    return Digest(number, total % (1 << 64))


def printed(path: Path) -> Iterator[Sequence[str]]:
    """Yield the rows of a CSV file below its heading."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows, None)
        yield from rows


def picked(folder: Path, *names: str) -> Callable[[], Iterator[Sequence[str]]]:
    """Return what reads some columns of the CSV that a contestant printed, where the other prints only those."""

    def rows() -> Iterator[Sequence[str]]:
        with (folder / COMPARED).open(newline="", encoding="utf-8") as file:
            yield from ([row[name] for name in names] for row in csv.DictReader(file))

    return rows


def apart(code: str, path: Path) -> Iterator[Sequence[str]]:
    """Yield the rows that Python code prints of the file sys.argv[1], a JSON list a line: what it holds counts for none of our children."""
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as reader:
        yield from map(json.loads, reader.stdout or ())
    if reader.returncode:
        raise RuntimeError(f"{path} cannot be read")


def compare(case: Case, folder: Path) -> dict[str, Spent]:
    """Run every contestant once and return what they took. Raises RuntimeError where their results differ."""
    found: dict[str, Digest] = {}
    spent: dict[str, Spent] = {}
    for name, contestant in case.contestants.items():
        output = folder / COMPARED
        spent[name] = run(contestant, output)
        found[name] = digest(contestant.result() if contestant.result else printed(output))
    first = found[OURS]
    wrong = {name: other for name, other in found.items() if other != first}
    if wrong and case.is_compared:
        raise RuntimeError(f"{case.name}: the results differ: {found}")
    return spent


def measure(case: Case, rounds: int, folder: Path, *, uncounted: int = 1) -> dict[str, Spent]:
    """Let the contestants take turns and return the medians of each; a first round does not count."""
    spent: dict[str, list[Spent]] = {name: [] for name in case.contestants}
    for at in range(uncounted + rounds):
        for name, contestant in case.contestants.items():
            found = run(contestant, folder / "timed.out")
            spent[name] += [found] if at >= uncounted else []
    return {name: Spent(*map(statistics.median, zip(*runs, strict=True))) for name, runs in spent.items()}


def judge(case: Case, medians: Mapping[str, Spent], start: float) -> list[Verdict]:
    """Return a verdict per limit; `start` is the CPU of our start-up, which some limits allow on top."""
    verdicts = []
    ours = medians[OURS]
    for name, limit in case.limits.items():
        theirs = medians[name]
        allowed = limit + (start / theirs.cpu if name in case.starts else 0.0)
        ratio = ours.cpu / theirs.cpu
        fits = case.megabytes is None or ours.memory <= case.megabytes
        verdicts.append(Verdict(case.name, name, ours, theirs, ratio, allowed, ratio <= allowed and fits))
    return verdicts


def table(verdicts: Iterable[Verdict], *, with_heading: bool = True) -> str:
    """Return the verdicts as an aligned table; milliseconds of CPU and of the clock."""
    heads = ("against", "ours ms", "theirs ms", "ratio", "limit", "ours wall", "their wall", "MB")
    out = (
        [("{:42}{:>16}" + "{:>10}" * 2 + "{:>8}" * 2 + "{:>11}" * 2 + "{:>6}").format("case", *heads)]
        if with_heading
        else []
    )
    for v in verdicts:
        times = (v.ours.cpu, v.theirs.cpu), (v.ours.wall, v.theirs.wall)
        cpu, wall = (
            "".join(f"{seconds * 1000:{width}.1f}" for seconds in pair)
            for pair, width in zip(times, (10, 11), strict=True)
        )
        missed = "" if v.is_kept else "  missed"
        out.append(f"{v.case:42}{v.against:>16}{cpu}{v.ratio:8.2f}{v.limit:8.2f}{wall}{v.ours.memory:6.0f}{missed}")
    return "".join(f"{line}\n" for line in out)


def markdown(verdicts: Iterable[Verdict]) -> str:
    """Return the verdicts as a table for docs/speed.md: milliseconds of CPU."""
    lines = ["| case | against | ours ms | theirs ms | ratio | at most | MB |", "|---|---|--:|--:|--:|--:|--:|"]
    for v in verdicts:
        limit = f"{v.limit:.2f}" if v.is_kept else f"**{v.limit:.2f}**"
        times = f"{v.ours.cpu * 1000:,.0f} | {v.theirs.cpu * 1000:,.0f}"
        lines.append(f"| {v.case} | {v.against} | {times} | {v.ratio:.2f} | {limit} | {v.ours.memory:.0f} |")
    return "\n".join(lines) + "\n"


def script(name: str) -> str:
    """Return the path of a program beside this Python, else its name."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else name
