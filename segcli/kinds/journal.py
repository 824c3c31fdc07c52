"""Journals: the books that entries are made in."""

from segcli.kinds import _merge
from segcli.kinds._kind import Field, Kind
from segcli.kinds._stage import Counts, Stage

FIELDS = (
    Field("journal", "code", "journalcode jrnid dagboek dagboekcode code", is_required=True, column="code"),
    Field("description", "text", "journaldescription omschrijving name naam"),
    Field("type", "entry_type", "journaltype dagboeksoort soort"),
)


def merge(stage: Stage) -> Counts:
    """Bring the staged journals in, by code."""
    _merge.refuse_duplicates(stage, ("journal",), "journal", "this journal")
    columns = {column: f"s.{name}" for name, column in stage.targets.items()}
    defaults = {"description": "''"}
    return _merge.upsert(
        stage, _merge.Target("journal", "t.code = s.journal", columns, defaults, frozenset(defaults), ("code",))
    )


KIND = Kind(
    "journal", "journals", FIELDS, merge, rank=4, never="entrynumber entrydate boekstuk boekstuknummer glaccount"
)
