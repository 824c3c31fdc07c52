"""Clusters of all accounts against a script with one SQL statement, numpy and scikit-learn, which gives the same clusters."""

import sys
from collections.abc import Iterator
from importlib import util
from pathlib import Path

import generate
from measure import OURS, Case, Contestant, picked
from prepare import ENVIRON, SEGCLI, Ready

LEARN = "scikit-learn"
LIMIT = 3.0
K = "4"
NAMES = ("cluster --k 4",)  # what cases() yields, so that run.py prepares no more than is asked for


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the clusters; nothing where scikit-learn is missing."""
    if not util.find_spec("sklearn"):
        return
    ours = Contestant(
        (SEGCLI, "-d", str(ready.database), "cluster", "--k", K, "-f", "csv"),
        result=picked(ready.folder, "cluster", "accounts"),
        environ=ENVIRON,
    )
    script = str(Path(__file__).with_name("bare_clusters.py"))
    theirs = Contestant((sys.executable, script, str(ready.database), str(generate.DAY), K))
    yield Case(NAMES[0], {OURS: ours, LEARN: theirs}, {LEARN: LIMIT})
