"""Journals: the books of original entry of the ledger."""

from segcli.importing.kinds.machinery import upsert
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("journal", "code", "journalcode jrnid dagboek dagboekcode code", is_required=True, column="code"),
    Field("description", "text", "journaldescription omschrijving name naam"),
    Field("type", "entry_type", "journaltype dagboeksoort soort"),
)


def merge(stage: Stage) -> Counts:
    """Upsert the staged journals by code."""
    upsert.refuse_duplicates(stage, ("journal",), "journal")
    columns = {column: f"s.{name}" for name, column in stage.targets.items()}
    defaults = {"description": "''"}
    return upsert.upsert(
        stage, upsert.Target("journal", "t.code = s.journal", columns, defaults, frozenset(defaults), ("code",))
    )


KIND = Kind(
    "journal", "journals", FIELDS, merge, rank=4, never="entrynumber entrydate boekstuk boekstuknummer glaccount"
)
