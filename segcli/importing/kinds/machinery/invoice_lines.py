"""Lines of sales and purchase invoices, and the invoice totals that follow from them."""

import sqlite3
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache

from segcli.base.money import exponent
from segcli.domain.units import FINE
from segcli.importing.kinds.machinery import bounds, upsert
from segcli.importing.kinds.machinery.item_lookup import find_items
from segcli.importing.kinds.machinery.kind_definition import Field
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.storage import summaries
from segcli.storage.invoice_totals import add_up

MILLIONTHS = 1_000_000
MOST = 10**17  # largest quantity or amount, in parts: 100,000 million, so that sums still fit
TOO_LARGE = "too large"  # no integer, so the schema refuses it
SHOWN_DIFFERENCES = 5
STATED = {
    "cost_amount": FINE,
    "vat_amount": 1,
}  # amounts that a line may state, and in how many parts of the minor unit each is stored
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)  # more digits than the product of three numbers can have
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
    _find_invoices(stage, kind)
    notes = find_items(stage)
    _number(stage)
    _price(stage)
    invoices = f"SELECT final_invoice FROM {stage.table}"
    stage.index("final_invoice", "final_line")
    counts = upsert.upsert(stage, _line_target(stage))
    gone = _delete_lacking(stage, invoices)
    if counts.is_change or gone:
        add_up(stage.db, invoices)
        summaries.touch(stage.db, f"{invoices} WHERE {upsert.WRITTEN}")
        summaries.refresh(stage.db)
    return counts._replace(others=gone, notes=(*notes, *differing(stage, invoices)))


def _delete_lacking(stage: Stage, invoices: str) -> int:
    """Delete the lines of the file's invoices that the file lacks; return their number."""
    stage.execute(
        f"""CREATE TEMP TABLE lacking AS SELECT l.id, l.invoice_id FROM invoice_line AS l WHERE l.invoice_id IN ({invoices})
             AND NOT EXISTS (SELECT 1 FROM {{stage}} AS s WHERE s.final_invoice = l.invoice_id AND s.final_line = l.line_number)"""
    )
    summaries.touch(stage.db, "SELECT invoice_id FROM temp.lacking")
    gone = stage.execute("DELETE FROM invoice_line WHERE id IN (SELECT id FROM temp.lacking)").rowcount
    stage.execute("DROP TABLE temp.lacking")
    return gone


def _find_invoices(stage: Stage, kind: str) -> None:
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_invoice INTEGER")
    by_id = "(SELECT t.id FROM invoice AS t WHERE t.external_id = invoice_id)" if stage.has("invoice_id") else "NULL"
    number = "invoice_number" if stage.has("invoice_number") else "NULL"
    name = stage.table.removeprefix("temp.")
    whose = f" AND t.account_id = coalesce((SELECT a.id FROM account AS a WHERE a.code = {name}.supplier), -1)"
    same = whose if stage.has("supplier") else ""
    by_number = f"(SELECT t.id FROM invoice AS t WHERE t.kind = '{kind}' AND t.invoice_number = {name}.{number}{same})"
    by_number = by_number if stage.has("invoice_number") else "NULL"
    stage.execute(f"UPDATE {{stage}} SET final_invoice = coalesce({by_id}, {by_number})")
    column = "invoice_number" if stage.has("invoice_number") else "invoice_id"
    stage.reject(
        f"SELECT n, place, {column} FROM {stage.table} WHERE final_invoice IS NULL",
        column,
        "there is no such invoice",
        "import the invoices first",
    )


def _number(stage: Stage) -> None:
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_line INTEGER")
    if stage.has("line_number"):
        upsert.refuse_duplicates(stage, ("final_invoice", "coalesce(line_number, -n)"), "line_number")
        stage.execute("UPDATE {stage} SET final_line = line_number")
        if not stage.execute("SELECT EXISTS (SELECT 1 FROM {stage} WHERE final_line IS NULL)").fetchone()[0]:
            return
    number = "line_number" if stage.has("line_number") else "NULL"
    stage.execute(
        f"""UPDATE {{stage}} SET final_line = r.line FROM (SELECT n AS row, coalesce({number}, row_number() OVER
             (PARTITION BY final_invoice ORDER BY n)) AS line FROM {{stage}}) AS r WHERE r.row = n"""
    )


def _price(stage: Stage) -> None:
    """Convert decimal texts to integer parts; a line without a net amount is quantity x price less discount."""
    for name in ("final_quantity", "final_net", "final_cost", "final_vat", "final_discount"):
        stage.execute(f"ALTER TABLE {{stage}} ADD COLUMN {name}")
    register(stage.db)
    given = {field.name: f"s.{field.name}" if stage.has(field.name) else "NULL" for field in LINE}
    _refuse_percentages(stage)
    stage.execute(
        f"""UPDATE {{stage}} SET final_quantity = r.quantity, final_net = r.net, final_cost = r.cost, final_vat = r.vat,
              final_discount = r.discount FROM (
              SELECT s.n AS row, {quantity(given)} AS quantity, {_percent(given)} AS discount, {net(given)} AS net,
                     {stated(given, "cost_amount")} AS cost, {stated(given, "vat_amount")} AS vat
                FROM {{stage}} AS s JOIN invoice AS i ON i.id = s.final_invoice) AS r WHERE r.row = n"""
    )
    column = "net_amount" if stage.has("net_amount") else "unit_price"
    calculated = {
        "final_quantity": "quantity",
        "final_net": column,
        "final_cost": "cost_amount",
        "final_vat": "vat_amount",
    }
    refuse_too_large(stage, calculated)
    stage.reject(
        f"SELECT n, place, NULL FROM {stage.table} WHERE final_net IS NULL",
        column,
        "this line has no amount and no price",
    )


def register(db: sqlite3.Connection) -> None:
    """Add the SQL functions that `quantity`, `net` and `stated` call."""
    db.create_function("fine", 3, fine, deterministic=True)
    db.create_function("worth", 5, worth, deterministic=True)
    db.create_function("times", 2, times, deterministic=True)


def quantity(given: Mapping[str, str]) -> str:
    """Return the SQL of a line's quantity in millionths; `given` is the SQL of each of its fields, as decimal text, else NULL."""
    return _fine(given["quantity"], MILLIONTHS, "''")


def net(given: Mapping[str, str]) -> str:
    """Return the SQL of a line's net amount in FINE parts of the minor unit of invoice `i`: as stated, else calculated."""
    has_vat = f"coalesce({given['vat_code']}, {given['vat_percent']}, {given['vat_amount']}) IS NOT NULL"
    calculated = f"worth({given['quantity']}, {given['unit_price']}, {_percent(given)}, i.currency, {has_vat})"
    if given["unit_price"] == "NULL":
        return _fine(given["net_amount"], FINE)
    return f"coalesce({_fine(given['net_amount'], FINE)}, {calculated})"


def stated(given: Mapping[str, str], name: str) -> str:
    """Return the SQL of an amount of STATED."""
    return _fine(given[name], STATED[name])


def _fine(text: str, parts: int, currency: str = "i.currency") -> str:
    return text if text == "NULL" else f"fine({text}, {parts}, {currency})"


def _percent(given: Mapping[str, str]) -> str:
    share = given["discount"]
    return (
        given["discount_percent"] if share == "NULL" else f"coalesce({given['discount_percent']}, times({share}, 100))"
    )


def _refuse_percentages(stage: Stage) -> None:
    """Reject lines whose discount is no fraction."""
    if stage.has("discount"):
        stage.reject(
            f"SELECT n, place, discount FROM {stage.table} WHERE CAST(discount AS REAL) > 1",
            "discount",
            "this discount is a fraction, such as 0.15",
            "rename the column to discount_percent if it is a percentage",
        )


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


def fine(text: str | None, parts: int, currency: str) -> int | str | None:
    """Return a decimal number in `parts` per unit, rounded half up; with a currency, per minor unit.

    A number beyond MOST is returned as TOO_LARGE.
    """
    if text is None:
        return None
    whole, _, rest = text.partition(".")
    factor = _factor(parts, currency, len(rest))
    if factor:
        number = int(whole + rest) * factor
        return number if -MOST <= number <= MOST else TOO_LARGE
    with localcontext(_EXACT):
        return _kept(Decimal(text) * _parts(parts, currency))


@lru_cache
def _factor(parts: int, currency: str, decimals: int) -> int:
    """Return the factor from a number without its decimal point to parts; 0 if it has to be rounded."""
    factor, finer = divmod(_parts(parts, currency), 10**decimals)
    return 0 if finer else factor


def _parts(parts: int, currency: str) -> int:
    scale: int = 10 ** exponent(currency) if currency else 1
    return parts * scale


def worth(
    quantity: str, price: str | None, discount: str | None, currency: str, is_rounded: int = 0
) -> int | str | None:
    """Return quantity x price less discount, in FINE parts of the currency's minor unit; TOO_LARGE beyond MOST.

    An invoice line is rounded to the minor unit before lines are added up (EN 16931 BR-CO-10).
    """
    if price is None:
        return None
    with localcontext(_EXACT):
        number = Decimal(quantity) * Decimal(price) * (100 - Decimal(discount or 0)) * 10 ** exponent(currency)
        if is_rounded:
            return _kept(number.scaleb(-2).to_integral_value() * FINE)
        return _kept((number * FINE).scaleb(-2))


def _kept(number: Decimal) -> int | str:
    whole = int(number.to_integral_value())
    return whole if abs(whole) <= MOST else TOO_LARGE


def refuse_too_large(stage: Stage, columns: Mapping[str, str]) -> None:
    """Reject rows with a computed number that is too large; `columns` maps computed to source columns."""
    for column, source in columns.items():
        shown = source if stage.has(source) else "NULL"
        sql = f"SELECT n, place, {shown} FROM {stage.table} WHERE typeof({column}) = 'text'"
        stage.reject(sql, source, "this number is too large", "the limit is 100,000 million, for quantity x price too")


def times(text: str | None, factor: int) -> str | None:
    """Return a decimal number multiplied by an integer, as text."""
    return None if text is None else f"{(Decimal(text) * factor).normalize():f}"
