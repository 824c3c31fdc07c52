"""Items: goods and services that are sold, with their prices, and their descriptions by language."""

from segcli.importing.kinds.machinery import external_ids, texts, upsert
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.storage import summaries

FIELDS = (
    Field("item", "code", "itemcode code artikel artikelcode artikelnummer productid sku", "code", is_required=True,
          about="Item code, unique"),
    Field("description", "text", "omschrijving naam name productname itemdescription", is_required=True,
          about="Description of the item"),
    Field("item_group", "text", "itemgroup group artikelgroep category itemgroupdescription", surely="itemgroupcode",
          about="Code or name of the item group"),
    Field("unit", "text", "eenheid unitcode", about="Unit of sale, such as piece, hour or kg"),
    Field("currency", "currency", "currencycode valuta",
          about="Currency of the prices as an ISO code; without it the administration's"),
    Field("sales_price", "money", "salesprice price verkoopprijs prijs unitprice",
          about="Sales price of one unit, without VAT, in the item's currency"),
    Field("cost_price", "money", "costprice kostprijs coststandard costpricestandard",
          about="Cost price of one unit, in the item's currency"),
    Field("external_id", "text", "externalid id guid", about="Id in the program it comes from, such as its GUID"),
    *texts.FIELDS,
)  # fmt: skip
_TEXTS = texts.Texts("item_text", "item_id", "item", "t.code = s.item")


def merge(stage: Stage) -> Counts:
    """Upsert the staged items by code."""
    upsert.refuse_duplicates(stage, ("item",), "item")
    external_ids.refuse_shared(stage, "item", "t.code = s.item", "t.code")
    columns = {column: f"s.{name}" for name, column in texts.others(stage).items()}
    counts = upsert.upsert(stage, upsert.Target("item", "t.code = s.item", columns, keys=("code",)))
    counts = texts.merge(stage, _TEXTS, counts)
    if "item_group" in counts.fields:  # invoices are counted once per group
        codes = f"SELECT item FROM {stage.table}"
        lines = (
            f"SELECT l.invoice_id FROM item AS m JOIN invoice_line AS l ON l.item_id = m.id WHERE m.code IN ({codes})"
        )
        summaries.touch(stage.db, lines)
        summaries.refresh(stage.db)
    return counts


KIND = Kind(
    "item", "items", FIELDS, merge, rank=3, never="invoicenumber invoice factuurnummer ordernumber quantity aantal"
)
