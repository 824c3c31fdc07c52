"""Flat sales: rows of customer, date and amount, with the accounts, items and processed invoices that follow from them."""

from collections.abc import Sequence

from segcli.importing.kinds.machinery import sale_lines
from segcli.importing.kinds.machinery.account_headings import CUSTOMER, NAME
from segcli.importing.kinds.machinery.kind_definition import Field, Kind

FIELDS = (
    Field("account", "code", f"{CUSTOMER} custid clientid buyerid memberid userid householdid",
          is_required=True, surely="accountcode",
          about="Number of the customer; an account that is missing is created"),
    Field("name", "text", f"customerfullname clientname buyername {NAME}",
          about="Name of the customer, for an account that has none; without it the number"),
    Field("sale_date", "date", "date saledate salesdate orderdate invoicedate transactiondate transactiontimestamp "
          "purchasedate orderdatetime datum factuurdatum besteldatum verkoopdatum",
          is_required=True, about="Date of the sale; a time of day is left out"),
    Field("amount", "decimal", "salesamount saleamount netamount lineamount linetotal totalprice salesvalue sales revenue "
          "dollarvalue total bedrag omzet netto nettobedrag regelbedrag totaal",
          about="Amount of the row without VAT; without it quantity x unit price; negative for a return"),
    Field("item", "code", "itemcode itemid itemnumber productid productcode stockcode sku artikel artikelcode artikelnummer",
          about="Item code; an item that is missing is created"),
    Field("description", "text", "itemdescription productname productdescription itemname product omschrijving",
          about="Description of what is sold"),
    Field("item_group", "text", "itemgroup category productcategory department artikelgroep categorie",
          about="Code or name of the item group, for an item that has none"),
    Field("quantity", "decimal", "qty units aantal numberofcds",
          about="Quantity, negative for a return; without it 1, or -1 if the amount is negative"),
    Field("unit_price", "decimal", "unitprice price priceperunit prijs stukprijs verkoopprijs",
          about="Price of one unit, without VAT"),
    Field("order_number", "code", "ordernumber ordernr orderno orderid order invoicenumber invoiceno invoicenr invoiceid "
          "invoice transactionid basketid receiptnumber bestelnummer ordernummer factuurnummer factuurnr factuur",
          about="Number of the order or invoice of the row; without it one per customer and date"),
    Field("currency", "currency", "currencycode valuta",
          about="Currency of the amounts as an ISO code; without it the administration's"),
    Field("country", "country", "countrycode customercountry land landcode",
          about="Country of the customer, for an account that has none"),
)  # fmt: skip


def check(fields: Sequence[str]) -> str:
    """Return what is missing, else '': a row is worth an amount, or a quantity at a price."""
    return "" if {"amount", "unit_price"} & set(fields) else "amount"


KIND = Kind(
    "sale",
    "sales",
    FIELDS,
    sale_lines.merge,
    rank=6,
    also=("flat_sale", "flat_sales", "order", "orders", "order_line", "order_lines"),
    derived=sale_lines.DERIVED,
    check=check,
    is_named_only=True,
)
