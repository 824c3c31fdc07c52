"""Exact quantities and amounts of invoice lines in integer parts: the SQL, and the functions that it calls."""

import sqlite3
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache

from segcli.base.money import DECIMALS, exponent
from segcli.domain.clause import quoted
from segcli.domain.units import FINE, MILLIONTHS
from segcli.importing.kinds.machinery.stage import Stage

MOST = 10**17  # largest quantity or amount, in parts: 100,000 million, so that sums still fit
TOO_LARGE = "too large"  # no integer, so the schema refuses it
STATED = {
    "cost_amount": FINE,
    "vat_amount": 1,
}  # amounts that a line may state, and in how many parts of the minor unit each is stored
_USUAL = 2  # decimals of the currencies that are not in DECIMALS
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)  # more digits than the product of three numbers can have


def register(db: sqlite3.Connection) -> None:
    """Add the SQL functions that `quantity`, `net` and `stated` call."""
    db.create_function("fine", 3, fine, deterministic=True)
    db.create_function("worth", 5, worth, deterministic=True)
    db.create_function("times", 2, times, deterministic=True)


def quantity(given: Mapping[str, str]) -> str:
    """Return the SQL of a line's quantity in millionths. `given` maps each field to the SQL of its decimal text, or to NULL."""
    return _fine(given["quantity"], MILLIONTHS, "")


def net(given: Mapping[str, str]) -> str:
    """Return the SQL of a line's net amount in FINE parts of the minor unit of invoice `i`: as stated, else calculated."""
    has_vat = f"coalesce({given['vat_code']}, {given['vat_percent']}, {given['vat_amount']}) IS NOT NULL"
    calculated = f"worth({given['quantity']}, {given['unit_price']}, {percent(given)}, i.currency, {has_vat})"
    if given["unit_price"] == "NULL":
        return _fine(given["net_amount"], FINE)
    return f"coalesce({_fine(given['net_amount'], FINE)}, {calculated})"


def stated(given: Mapping[str, str], name: str) -> str:
    """Return the SQL of an amount of STATED."""
    return _fine(given[name], STATED[name])


def _fine(text: str, parts: int, currency: str = "i.currency") -> str:
    """Return the SQL of `fine`. Short numbers are multiplied as floats by SQLite, in a sixth of the time of a call.

    The result is exact. A float of at most 15 digits is within 2⁻⁵³ of its number, so a product of at most 10¹⁴ is within a sixteenth
    of the integer. The product is an integer if the number has no more decimals than the factor has zeros. A text with at most two
    characters more than the factor has zeros meets both conditions, because a digit and the point come before its decimals.
    """
    if text == "NULL":
        return text
    factor = parts * (10**_USUAL if currency else 1)
    decimals = len(str(factor)) - 1
    # instr: IN would build an index of the codes for each row. The comparison spares most rows the search.
    is_usual = f" AND ({currency} = 'EUR' OR instr('{' '.join(DECIMALS)}', {currency}) = 0)" if currency else ""
    multiplied = f"CAST(round({text} * {factor}) AS INTEGER)"
    return (
        f"CASE WHEN length({text}) <= {decimals + 2}{is_usual} THEN {multiplied} WHEN {text} IS NULL THEN NULL"
        f" WHEN length({text}) <= 15 AND abs({text} * {factor}) < 1e14"
        f" AND (instr({text}, '.') = 0 OR length({text}) - instr({text}, '.') <= {decimals}){is_usual}"
        f" THEN {multiplied} ELSE fine({text}, {parts}, {currency or quoted('')}) END"
    )


def percent(given: Mapping[str, str]) -> str:
    """Return the SQL of a line's discount in per cent."""
    share = given["discount"]
    return (
        given["discount_percent"] if share == "NULL" else f"coalesce({given['discount_percent']}, times({share}, 100))"
    )


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


def times(text: str | None, factor: int) -> str | None:
    """Return a decimal number multiplied by an integer, as text."""
    return None if text is None else f"{(Decimal(text) * factor).normalize():f}"


def refuse_too_large(stage: Stage, columns: Mapping[str, str]) -> None:
    """Reject rows with a computed number that is too large; `columns` maps computed to source columns."""
    for column, source in columns.items():
        shown = source if stage.has(source) else "NULL"
        sql = f"SELECT n, place, {shown} FROM {stage.table} WHERE typeof({column}) = 'text'"
        stage.reject(sql, source, "this number is too large", "the limit is 100,000 million, for quantity x price too")
