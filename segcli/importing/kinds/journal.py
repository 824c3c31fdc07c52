"""Journals: the books of original entry of the ledger."""

from segcli.importing.kinds.machinery import upsert
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("journal", "code", "journalcode jrnid dagboek dagboekcode code", is_required=True, column="code",
          about="Code of the journal, unique"),
    Field("description", "text", "journaldescription omschrijving name naam", about="Description of the journal"),
    Field("type", "entry_type", "journaltype dagboeksoort soort",
          about="sales, purchase, cash, bank, general, opening or other"),
)  # fmt: skip


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
