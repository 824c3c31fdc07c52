"""Shared by price lists and their lines: the fields, the item lookup and the checks."""

from segcli.importing.kinds.machinery import bounds
from segcli.importing.kinds.machinery.kind_definition import Field
from segcli.importing.kinds.machinery.stage import Stage

LIST = Field(
    "price_list", "code", "pricelistcode prijslijst prijslijstcode", is_required=True, about="Code of the price list"
)
LINE_FIELDS = (
    Field("item", "code", "artikel artikelcode artikelnummer itemnumber", surely="itemcode",
          about="Item code; without item and item group the line is for all items"),
    Field("item_group", "text", "group artikelgroep artikelgroepcode", surely="itemgroupcode",
          about="Code of the item group that the line is for; not with an item"),
    Field(
        "minimum_quantity",
        "exact",
        "quantity minqty minquantity aantal vanafaantal aantalvanaf minimumaantal",
        bound=bounds.BREAK,
        about="Quantity from which the line applies; without it from 0",
    ),
    Field("unit", "text", "eenheid unitcode", about="Unit of the quantity and the price; without it the item's own"),
    Field("unit_factor", "exact", "factor numberofitemsperunit eenheidsfactor", bound=bounds.FACTOR,
          about="How many of the item's own unit are in that unit, above 0"),
    Field("base", "price_base", "basis", about="Price that discount and surcharge apply to: sales or cost"),
    Field("base_price", "exact", "basisprijs", bound=bounds.PRICE,
          about="Own base of the line, instead of the item's price"),
    Field("base_price_list", "code", "basisprijslijst", about="Code of the price list whose price is the base"),
    Field("new_price", "exact", "price prijs nieuweprijs", bound=bounds.PRICE,
          about="Fixed price of one unit, without VAT; not with a discount or a margin"),
    Field("discount", "exact", "discountpercent discountpercentage korting kortingspercentage", bound=bounds.DISCOUNT,
          about="Discount in per cent of the base; negative is a surcharge"),
    Field("rounding", "exact", "afronding", bound=bounds.STEP,
          about="Step to which the price is rounded, such as 0.05"),
    Field("surcharge", "exact", "toeslag", about="Amount that is added to the price, in the list's currency"),
    Field("minimum_margin", "exact", "minmargin minimummarge minimalemarge", bound=bounds.MARGIN,
          about="Least amount by which the price is above the base"),
    Field("maximum_margin", "exact", "maxmargin maximummarge maximalemarge", bound=bounds.MARGIN,
          about="Largest amount by which the price is above the base"),
)  # fmt: skip
PRICES = ("new_price", "discount", "rounding", "surcharge", "minimum_margin", "maximum_margin")
_STEPS = PRICES[1:]
TABLE_COLUMNS = ("item_id", "item_group", "minimum_quantity", "unit", "unit_factor", "base", "base_price",
                 "base_price_list_id", *PRICES)  # fmt: skip
_DEFAULTS = {"minimum_quantity": "0", "base": "sales"}


def has_lines(stage: Stage) -> bool:
    """Tell whether the file has prices."""
    return any(stage.has(name) for name in PRICES)


def check(stage: Stage) -> None:
    """Reject invalid lines; add item_id, final_factor and base_price_list_id to the stage."""
    if has_lines(stage):
        _reject_prices(stage)
    _find_items(stage)
    _find_units(stage)
    _find_bases(stage)


def _reject(stage: Stage, column: str, condition: str, reason: str, fix: str = "") -> None:
    stage.reject(f"SELECT n, place, {column} FROM {stage.table} WHERE {condition}", column, reason, fix)


def _reject_prices(stage: Stage) -> None:
    given = {name: name if stage.has(name) else "NULL" for name in (*PRICES, "item", "item_group", "base_price")}
    steps = f"coalesce({', '.join(given[name] for name in _STEPS)})"
    first = next(name for name in PRICES if stage.has(name))
    none = f"{given['new_price']} IS NULL AND {steps} IS NULL"
    _reject(stage, first, none, "a line has a new price, a discount, or steps to a price", "leave the row out")
    if stage.has("new_price"):
        both = f"new_price IS NOT NULL AND {steps} IS NOT NULL"
        _reject(stage, "new_price", both, "a line has a new price or steps to one, not both")
    if stage.has("item") and stage.has("item_group"):
        both = "item IS NOT NULL AND item_group IS NOT NULL"
        _reject(stage, "item_group", both, "a line is for an item or for a group, not both")


def _find_items(stage: Stage) -> None:
    stage.execute("ALTER TABLE {stage} ADD COLUMN item_id INTEGER")
    if stage.has("item"):
        stage.execute("UPDATE {stage} SET item_id = (SELECT i.id FROM item AS i WHERE i.code = item)")
        unknown = "item IS NOT NULL AND item_id IS NULL"
        _reject(stage, "item", unknown, "there is no such item", "import the items first")
    if stage.has("item_group"):
        unknown = (
            "item_group IS NOT NULL AND item_group NOT IN (SELECT item_group FROM item WHERE item_group IS NOT NULL"
            " UNION SELECT code FROM item_group)"
        )
        _reject(stage, "item_group", unknown, "no item has such a group", "import the items first")


def _find_units(stage: Stage) -> None:
    """Add final_factor: as the row says, else from the item's units. Reject units without a known factor."""
    given = "unit_factor" if stage.has("unit_factor") else "NULL"
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_factor TEXT")
    if not stage.has("unit"):
        stage.execute(f"UPDATE {{stage}} SET final_factor = coalesce({given}, '1')")
        return
    row = stage.table.removeprefix("temp.")
    own = f"SELECT '1' FROM item AS i WHERE i.id = {row}.item_id AND coalesce(i.unit, {row}.unit) = {row}.unit COLLATE NOCASE"
    other = f"SELECT u.factor FROM item_unit AS u WHERE u.item_id = {row}.item_id AND u.unit = {row}.unit"
    known = f"coalesce({given}, ({own}), ({other}), CASE WHEN unit IS NULL THEN '1' END)"
    stage.execute(f"UPDATE {{stage}} SET final_factor = {known}")
    fix = "say how many of the item's own go into it: unit_factor, or import its units"
    _reject(stage, "unit", "final_factor IS NULL", "this is not the unit of what the line is for", fix)


def _find_bases(stage: Stage) -> None:
    if not stage.has("base_price_list"):
        return
    refuse_unknown_bases(stage)
    own = "base_price_list = price_list COLLATE NOCASE"
    _reject(stage, "base_price_list", own, "a price list does not start from itself")
    if stage.has("base_price"):
        both = "base_price IS NOT NULL AND base_price_list IS NOT NULL"
        _reject(stage, "base_price", both, "a discount starts from a price or from another list, not from both")


def refuse_unknown_bases(stage: Stage) -> None:
    """Reject rows whose base list is neither in the database nor among the staged rows."""
    unknown = (
        f"base_price_list IS NOT NULL AND base_price_list COLLATE NOCASE NOT IN (SELECT code FROM price_list"
        f" UNION SELECT price_list FROM {stage.table})"
    )
    _reject(stage, "base_price_list", unknown, "there is no such price list")


def picked(stage: Stage, name: str) -> str:
    """Return the SQL of a line's column over the stage, with the default if the file lacks it."""
    if name in {"item_id", "unit_factor"}:
        return {"unit_factor": "final_factor"}.get(name, name)
    if name == "base_price_list_id":
        found = "(SELECT p.id FROM price_list AS p WHERE p.code = base_price_list)"
        return found if stage.has("base_price_list") else "NULL"
    default = f"'{_DEFAULTS[name]}'" if name in _DEFAULTS else "NULL"
    if not stage.has(name):
        return default
    return f"coalesce({name}, {default})" if name in _DEFAULTS else name


def find_list(stage: Stage) -> None:
    """Add list_id, found by the list's code or GUID. Rows of unknown lists are rejected."""
    stage.execute("ALTER TABLE {stage} ADD COLUMN list_id INTEGER")
    stage.execute(
        "UPDATE {stage} SET list_id = coalesce((SELECT p.id FROM price_list AS p WHERE p.code = price_list),"
        " (SELECT p.id FROM price_list AS p WHERE p.external_id = price_list))"
    )
    _reject(stage, "price_list", "list_id IS NULL", "there is no such price list", "import the price lists first")
