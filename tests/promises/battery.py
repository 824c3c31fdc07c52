"""Command lines that between them go through every command, overview, action and format, and what runs them in one child."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from segcli import actions, overviews
from segcli.cli import main
from segcli.interface.command import Group
from segcli.manual import topics
from segcli.output import render

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
CHARTED = ("table", "plain", "md", "html", "pdf")
Lines = list[list[str]]

# Runs each line as a process of its own would; says what it ended with between the lines.
PROGRAM = """
import json, os, sys
from segcli.cli import main as cli
from pathlib import Path
for words in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
    sys.stdout.flush()
    os.write(1, f"## {' '.join(words)}\\n".encode())
    status = cli.run(words)
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(1, f"## {status}\\n".encode())
"""


def nodes(node: Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words that lead to every command and group."""
    for name in node.names():
        found = node.find(name)
        yield (*path, name)
        if isinstance(found, Group):
            yield from nodes(found, (*path, name))


def helps() -> Lines:
    """Return what explains: the help of every command, the topics, the lists of commands."""
    every = [["--help"], ["--version"], ["help"], ["show"], ["run"], ["nothing"], ["show", "debtor-ageng"]]
    return [*every, *([*words, "--help"] for words in nodes(main.root())), *(["help", name] for name in topics.names())]


def reading() -> Lines:
    """Return what only reads: every overview, every preview, every score, and one answer in every format."""
    shown = [["show", name] for name in overviews.names()] + [["run", name] for name in actions.names()]
    scores = [words for words in nodes(main.root()) if words[0] == "score" and len(words) > 1]
    more = {"bands": ("--limits", "1000,50000"), "growth": ("--window", "6m")}
    forms = [["show", "request-search", "-o", f"out.{form}"] for form in render.FORMATS if form in render.ENDINGS]
    return [
        *shown,
        *([*words, *more.get(words[1], ())] for words in scores),
        *forms,
        *(["show", "debtor-ageing", "--chart", "-f", form] for form in CHARTED),
        ["show", "sales-analysis", "--period", "2026Q1", "--group-by", "class1,month", "--totals"],
        ["show", "account-search", "--where", "turnover(12m) > 1000 and outstanding > 0"],
        ["where", "explain", "Region is empty and not country = NL"],
        ["where", "fields"],
        ["matrix", "class1", "--from", "2026-01-01"],
        ["cohort"],
        ["cohort", "--by", "class1", "--long"],
        ["price", "000244", "DIE029", "--why"],
        ["history", "000244"],
        ["log"],
        ["check"],
        ["config", "show"],
        ["config", "path"],
        ["classification", "list"],
        ["classification", "export"],
        ["selection", "list"],
        ["list", "list"],
        ["rules", "check", str(EXAMPLES / "customer-value.yaml")],
        ["rules", "plan", str(EXAMPLES / "customer-value.yaml")],
        ["rules", "explain", str(EXAMPLES / "customer-value.yaml"), "000244"],
        ["rules", "stats", str(EXAMPLES / "customer-value.yaml")],
        ["completion", "bash"],
    ]


def writing() -> Lines:
    """Return what changes the example administration, or makes files of it."""
    administration = EXAMPLES / "administration"
    some = ("--country", "BE", "--apply", "--yes")
    return [
        ["report", str(EXAMPLES / "report.yaml"), "--folder", "reports"],
        ["import", *(str(administration / name) for name in ("accounts.csv", "contacts.csv", "receivables.csv"))],
        ["rules", "apply", str(EXAMPLES / "customer-value.yaml"), "--yes"],
        ["tag", "--country", "BE", "--set", "class7=NEW", "--yes"],
        ["undo", "24", "--yes"],
        ["selection", "save", "belgians", "--country", "BE"],
        ["selection", "save", "north", "--class1", "N"],
        ["overlap", "belgians", "north"],
        ["list", "create", "mailing", "--all"],
        ["list", "sync"],
        ["list", "opt-out", "nobody@example.com"],
        ["request", "add", "call back", "--account", "000244"],
        ["run", "generate-subscription-invoices", *some],
        ["run", "print-invoices", *some, "--folder", "invoices"],
        ["run", "print-reminders", *some, "--folder", "letters"],
        ["run", "print-statements", *some, "--folder", "statements"],
        ["run", "print-subscriptions", *some, "--folder", "paper"],
        ["run", "update-subscription-prices", "--percent", "3", "--from", "2027-01-01", *some],
        ["backup", "copy.db"],
        ["help", "--man", "man"],
    ]


def child(
    lines: Sequence[Sequence[str]], *flags: str, before: str = "", **environ: str
) -> "subprocess.CompletedProcess[bytes]":
    """Run the lines one after the other in one child of this Python, with flags, a piece of code first, and an environment."""
    Path("lines.json").write_text(json.dumps([list(words) for words in lines]), encoding="utf-8")
    words = [sys.executable, *flags, "-c", before + PROGRAM, "lines.json"]
    more: dict[str, Any] = {"env": {**os.environ, **environ}, "capture_output": True, "timeout": 300}
    return subprocess.run(words, check=False, **more)


def statuses(printed: bytes) -> dict[str, int]:
    """Return what each line ended with."""
    found, last = {}, ""
    for line in printed.decode("utf-8", "replace").splitlines():
        if line.startswith("## ") and line[3:].lstrip("-").isdigit():
            found[last] = int(line[3:])
        elif line.startswith("## "):
            last = line[3:]
    return found
