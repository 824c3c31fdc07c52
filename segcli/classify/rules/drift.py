"""`segcli rules drift`: how classes and metrics moved between two days; a rule file names its class."""

from collections.abc import Iterable
from pathlib import Path

from segcli.base.errors import in_file
from segcli.classify.rules import file
from segcli.discover.movement import drift_flags
from segcli.domain.catalogue import Catalogue
from segcli.interface.command import Command, Session, Values


def drift(session: Session, values: Values) -> int:
    """Show how the shares of classes and metrics moved between two days."""
    from segcli.discover.movement import drift_report

    return drift_report.run(session, values, lambda catalogue: _fields(catalogue, values["words"]))


def _fields(catalogue: Catalogue, words: Iterable[str]) -> list[int]:
    """Return the classes that are named, or that rule files give; without words, all that have a label."""
    return list(dict.fromkeys(_field(catalogue, word) for word in words)) or sorted(catalogue.labels)


def _field(catalogue: Catalogue, word: str) -> int:
    if not word.lower().endswith((".yaml", ".yml")):
        return catalogue.field(word)
    node = file.read(Path(word)).field
    with in_file(node.place):
        return catalogue.field(node.text)


DRIFT = Command(drift_flags.HELP, drift, drift_flags.PARAMETERS, drift_flags.EXAMPLES)
