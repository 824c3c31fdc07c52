"""Item groups, which price lists can name instead of single items; a group can be part of another group."""

from segcli.importing.kinds.machinery import upsert
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("item_group", "code", "itemgroupcode artikelgroep artikelgroepcode", is_required=True, column="code",
          about="Code of the item group, unique"),
    Field("description", "text", "itemgroupdescription omschrijving naam name", about="Description of the item group"),
    Field("parent", "code", "parentgroup hoofdgroep bovenliggend",
          about="Code of the group that this group is part of"),
)  # fmt: skip


def merge(stage: Stage) -> Counts:
    """Upsert the staged groups by code."""
    upsert.refuse_duplicates(stage, ("item_group",), "item_group")
    columns = {column: f"s.{name}" for name, column in stage.targets.items()}
    defaults = {"description": "''"}
    target = upsert.Target("item_group", "t.code = s.item_group", columns, defaults, frozenset(defaults), ("code",))
    return upsert.upsert(stage, target)


KIND = Kind(
    "item_group",
    "item groups",
    FIELDS,
    merge,
    rank=2,
    never="item itemcode artikel artikelcode sku pricelist prijslijst discount newprice price",
)
