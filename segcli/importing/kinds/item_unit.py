"""Other units in which an item is sold, each with its number of the item's own units."""

from segcli.importing.kinds.machinery import upsert
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("item", "code", "itemcode artikel artikelcode artikelnummer", is_required=True, about="Item code"),
    Field("unit", "text", "eenheid unitcode", is_required=True,
          about="Unit in which the item is also sold, such as box"),
    Field("factor", "exact", "unitfactor numberofitemsperunit eenheidsfactor", is_required=True,
          about="How many of the item's own unit are in it, above 0"),
)  # fmt: skip


def merge(stage: Stage) -> Counts:
    """Upsert the staged units by item and unit."""
    stage.reject(
        f"SELECT n, place, factor FROM {stage.table} WHERE CAST(factor AS REAL) <= 0",
        "factor",
        "a unit is more than 0 of the item's own",
    )
    stage.execute("ALTER TABLE {stage} ADD COLUMN item_id INTEGER")
    stage.execute("UPDATE {stage} SET item_id = (SELECT i.id FROM item AS i WHERE i.code = item)")
    sql = f"SELECT n, place, item FROM {stage.table} WHERE item_id IS NULL"
    stage.reject(sql, "item", "there is no such item", "import the items first")
    upsert.refuse_duplicates(stage, ("item_id", "unit COLLATE NOCASE"), "unit")
    columns = {"item_id": "s.item_id", "unit": "s.unit", "factor": "s.factor"}
    match = "t.item_id = s.item_id AND t.unit = s.unit"
    return upsert.upsert(stage, upsert.Target("item_unit", match, columns, keys=("item_id", "unit")))


KIND = Kind("item_unit", "item units", FIELDS, merge, rank=4, never="pricelist prijslijst newprice discount price")
