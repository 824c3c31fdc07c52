"""Items: what is sold, with its prices."""

from segcli.kinds import _merge
from segcli.kinds._kind import Field, Kind
from segcli.kinds._stage import Counts, Stage

FIELDS = (
    Field("item", "code", "itemcode code artikel artikelcode artikelnummer productid sku", "code", is_required=True),
    Field("description", "text", "omschrijving naam name productname itemdescription", is_required=True),
    Field("item_group", "text", "itemgroup group artikelgroep category itemgroupdescription"),
    Field("unit", "text", "eenheid unitcode"),
    Field("currency", "currency", "currencycode valuta"),
    Field("sales_price", "money", "salesprice price verkoopprijs prijs unitprice"),
    Field("cost_price", "money", "costprice kostprijs coststandard costpricestandard"),
)


def merge(stage: Stage) -> Counts:
    """Bring the staged items in, by code."""
    _merge.refuse_duplicates(stage, ("item",), "item", "this item")
    columns = {column: f"s.{name}" for name, column in stage.targets.items()}
    return _merge.upsert(stage, _merge.Target("item", "t.code = s.item", columns, keys=("code",)))


KIND = Kind(
    "item", "items", FIELDS, merge, rank=3, never="invoicenumber invoice factuurnummer ordernumber quantity aantal"
)
