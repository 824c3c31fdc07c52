"""Lines of sales and purchase invoices, and the invoice totals that follow from them."""

from collections.abc import Sequence

from segcli.importing.kinds.machinery import bounds, upsert
from segcli.importing.kinds.machinery.item_lookup import item_of, settle_items
from segcli.importing.kinds.machinery.kind_definition import Field
from segcli.importing.kinds.machinery.line_amounts import net, percent, quantity, refuse_too_large, register, stated
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.storage import summaries
from segcli.storage.invoice_totals import add_up

SHOWN_DIFFERENCES = 5
_CALCULATED = {  # columns of integers -> the field
    "final_quantity": "quantity",
    "final_net": "net_amount",
    "final_cost": "cost_amount",
    "final_vat": "vat_amount",
}
LINE = (
    Field("invoice_number", "code", "invoicenumber factuurnummer factuur invoice",
          about="Number of the invoice that the line belongs to"),
    Field("invoice_id", "text", "invoiceid", about="The invoice's external_id, instead of its number"),
    Field("line_number", "integer", "linenumber line regel regelnummer",
          about="Number of the line, counted from 1; without it the order of the file"),
    Field("item", "code", "itemcode artikel artikelcode artikelnummer productid sku", about="Item code"),
    Field("description", "text", "itemdescription omschrijving", about="Description of what is sold"),
    Field("quantity", "decimal", "aantal qty", is_required=True,
          about="Quantity, at most 6 decimals; negative for a return"),
    Field("unit", "text", "unitcode eenheid", about="Unit of the quantity; without it the item's own"),
    Field("unit_price", "decimal", "unitprice netprice prijs price verkoopprijs",
          about="Price of one unit, without VAT, in the invoice's currency"),
    Field(
        "discount_percent",
        "decimal",
        "discountpercentage kortingspercentage kortingpercent korting",
        bound=bounds.DISCOUNT,
        about="Discount in per cent of the price, 10 for 10 %",
    ),
    Field("discount", "decimal", "", bound=bounds.DISCOUNT_SHARE,
          about="Discount as a share of the price, 0.1 for 10 %"),
    Field("net_amount", "decimal", "amountfc netamount net netto nettobedrag",
          about="Amount of the line without VAT; without it quantity x price less discount"),
    Field("cost_amount", "decimal", "costamount kostprijs kosten",
          about="Cost of the whole line, in the invoice's currency"),
    Field("vat_code", "code", "vatcode btwcode", about="VAT code of the line"),
    Field("vat_percent", "decimal", "vatpercentage btwpercentage btwpercent", bound=bounds.VAT,
          about="VAT rate in per cent, 21 for 21 %"),
    Field("vat_amount", "decimal", "vatamountfc vatamount btwbedrag",
          about="VAT of the line, in the invoice's currency"),
)  # fmt: skip


def check(fields: Sequence[str]) -> str:
    """Return why these fields are not enough: the invoice, and what the line is worth."""
    if not {"invoice_number", "invoice_id"} & set(fields):
        return "invoice_number"
    return "" if {"net_amount", "unit_price"} & set(fields) else "unit_price"


def merge_lines(stage: Stage, kind: str) -> Counts:
    """Upsert the staged lines, delete the lines that the file lacks, and update the totals derived from lines."""
    _look_up_and_calculate(stage, kind)
    is_any_odd = stage.is_any(_odd(stage))  # one pass; the checks below would take six
    notes: tuple[str, ...] = ()
    if is_any_odd:
        _refuse_unknown_invoices(stage)
        notes = settle_items(stage)
    _number(stage, is_any_odd=is_any_odd)
    if is_any_odd:
        _refuse_unpriced(stage)
    invoices = stage.distinct("final_invoice")
    counts = upsert.upsert(stage, _line_target(stage))
    gone = _delete_lacking(stage, invoices)
    if counts.is_change or gone:
        add_up(stage.db, invoices)
        summaries.touch(stage.db, upsert.written(stage, "final_invoice", counts))
        summaries.refresh(stage.db)
    return counts._replace(others=gone, notes=(*notes, *differing(stage, invoices)))


def _look_up_and_calculate(stage: Stage, kind: str) -> None:
    """Add the invoice, the item, the number and the amounts of each line, as integer parts; what is not found is NULL."""
    register(stage.db)
    given = {field.name: f"s.{field.name}" if stage.has(field.name) else "NULL" for field in LINE}
    columns = {
        "final_invoice": "i.id",
        "final_item": item_of("s.item") if stage.has("item") else "NULL",
        "final_line": given["line_number"],
        "final_quantity": quantity(given),
        "final_discount": percent(given),
        "final_net": net(given),
        "final_cost": stated(given, "cost_amount"),
        "final_vat": stated(given, "vat_amount"),
    }
    stage.widen(columns, f"LEFT JOIN invoice AS i ON {_is_its_invoice(stage, kind)}")


def _is_its_invoice(stage: Stage, kind: str) -> str:
    """Return the SQL condition that `i` is the invoice of the row `s`: by its id, else by its number and, of a purchase, the supplier."""
    number = f"{{0}}.kind = '{kind}' AND {{0}}.invoice_number = s.invoice_number"
    if kind == "sales" and not stage.has("invoice_id"):
        return number.format("i")
    found = ["(SELECT t.id FROM invoice AS t WHERE t.external_id = s.invoice_id)"] if stage.has("invoice_id") else []
    if stage.has("invoice_number"):
        whose = " AND t.account_id = coalesce((SELECT a.id FROM account AS a WHERE a.code = s.supplier), -1)"
        same = f"{number.format('t')}{whose if stage.has('supplier') else ''}"
        found.append(f"(SELECT t.id FROM invoice AS t WHERE {same})")
    return f"i.id = coalesce({', '.join(found)}, NULL)"


def _odd(stage: Stage) -> str:
    """Return the condition of the lines that are to be numbered, rejected or told of: few files have any."""
    odd = ["final_invoice IS NULL", "final_net IS NULL", *(f"typeof({column}) = 'text'" for column in _CALCULATED)]
    odd += ["final_line IS NULL"] if stage.has("line_number") else []
    odd += ["final_item IS NULL AND item IS NOT NULL"] if stage.has("item") else []
    odd += ["CAST(discount AS REAL) > 1"] if stage.has("discount") else []
    return " OR ".join(odd)


def _refuse_unknown_invoices(stage: Stage) -> None:
    column = "invoice_number" if stage.has("invoice_number") else "invoice_id"
    stage.reject(
        f"SELECT n, place, {column} FROM {stage.table} WHERE final_invoice IS NULL",
        column,
        "there is no such invoice",
        "import the invoices first",
    )


def _number(stage: Stage, *, is_any_odd: bool) -> None:
    """Give lines without a number that of their place in the invoice; reject those whose number comes twice."""
    if stage.has("line_number"):
        upsert.refuse_duplicates(stage, ("final_invoice", "coalesce(line_number, -n)"), "line_number")
        if not is_any_odd or not stage.is_any("final_line IS NULL"):
            return
    stage.execute(
        """UPDATE {stage} SET final_line = r.line FROM (SELECT n AS row, coalesce(final_line, row_number() OVER
             (PARTITION BY final_invoice ORDER BY n)) AS line FROM {stage}) AS r WHERE r.row = n"""
    )
    upsert.refuse_mixed_numbers(stage, ("final_invoice",), "invoice")


def _refuse_unpriced(stage: Stage) -> None:
    """Reject lines whose discount is no fraction, whose numbers are too large, or which have no amount and no price."""
    if stage.has("discount"):
        stage.reject(
            f"SELECT n, place, discount FROM {stage.table} WHERE CAST(discount AS REAL) > 1",
            "discount",
            "this discount is a fraction, such as 0.15",
            "rename the column to discount_percent if it is a percentage",
        )
    worth = "net_amount" if stage.has("net_amount") else "unit_price"
    refuse_too_large(stage, _CALCULATED | {"final_net": worth})
    stage.reject(
        f"SELECT n, place, NULL FROM {stage.table} WHERE final_net IS NULL",
        worth,
        "this line has no amount and no price",
    )


def _delete_lacking(stage: Stage, invoices: str) -> int:
    """Delete the lines of the file's invoices that the file lacks; return their number."""
    there = stage.execute(f"SELECT count(*) FROM invoice_line WHERE invoice_id IN ({invoices})").fetchone()[0]
    if there == stage.count():  # each staged line is one of the table by now
        return 0
    stage.index("final_invoice", "final_line")
    stage.execute(
        f"""CREATE TEMP TABLE lacking AS SELECT l.id, l.invoice_id FROM invoice_line AS l WHERE l.invoice_id IN ({invoices})
             AND NOT EXISTS (SELECT 1 FROM {{stage}} AS s WHERE s.final_invoice = l.invoice_id AND s.final_line = l.line_number)"""
    )
    summaries.touch(stage.db, "SELECT invoice_id FROM temp.lacking")
    gone = stage.execute("DELETE FROM invoice_line WHERE id IN (SELECT id FROM temp.lacking)").rowcount
    stage.execute("DROP TABLE temp.lacking")
    return gone


def _line_target(stage: Stage) -> upsert.Target:
    columns = {
        name: f"s.{name}"
        for name in ("description", "unit", "unit_price", "vat_code", "vat_percent")
        if stage.has(name)
    }
    columns |= {
        "invoice_id": "s.final_invoice",
        "line_number": "s.final_line",
        "item_id": "s.final_item",
        "quantity": "s.final_quantity",
        "net_amount": "s.final_net",
        "discount_percent": "s.final_discount",
    }
    columns |= {"cost_amount": "s.final_cost"} if stage.has("cost_amount") else {}
    columns |= {"vat_amount": "s.final_vat"} if stage.has("vat_amount") else {}
    match = "t.invoice_id = s.final_invoice AND t.line_number = s.final_line"
    return upsert.Target("invoice_line", match, columns, keys=("invoice_id", "line_number"))


def differing(stage: Stage, invoices: str) -> tuple[str, ...]:
    """Return a note about invoices, of the query `invoices`, whose net amount differs from the sum of their lines."""
    found = summaries.differing(stage.db, f"i.id IN ({invoices})")
    count, shown = len(found), "; ".join(found[:SHOWN_DIFFERENCES])
    more = f"; and {count - SHOWN_DIFFERENCES} more (segcli check lists them)" if count > SHOWN_DIFFERENCES else ""
    return (f"{shown}{more}",) if found else ()
