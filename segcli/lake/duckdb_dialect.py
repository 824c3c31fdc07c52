"""DuckDB's dialect: how it spells what differs, and segcli's functions as macros. Pure.

Macros take the place of the functions that segcli registers with SQLite. What only Python knows is looked up in small tables:
text_form (texts beyond ASCII), mail_form (e-mail addresses) and automatic_price.
"""

from collections.abc import Mapping

from segcli.base.money import DECIMALS
from segcli.lake.dialect import Dialect

_CAPITALS, _SMALL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"


def _lowered(text: str) -> str:
    """Return the SQL of a text with the capitals of ASCII in small letters, as SQLite's lower() does it.

    lower() of DuckDB is the same for ASCII and thirty times as fast as translate(). A look-up is not repeated for it.
    """
    exact = f"translate({text}, '{_CAPITALS}', '{_SMALL}')"
    return (
        exact if "SELECT" in text else f"CASE WHEN length({text}) = strlen({text}) THEN lower({text}) ELSE {exact} END"
    )


DUCKDB = Dialect(
    name="duckdb",
    parameter=lambda name: f"${name}",
    nocase=_lowered,
    types={"INTEGER": "BIGINT", "REAL": "DOUBLE", "TEXT": "VARCHAR"},
    functions={
        "lower": _lowered,
        "upper": f"translate({{0}}, '{_SMALL}', '{_CAPITALS}')",
        "julianday": "julian_day",
        "typeof": "storage_class",
        "json_each": "listed",
        "group_concat": "string_agg",
        "date/2": "day_moved",
        "date/3": "day_moved_twice",
        "strftime": "day_part",
        "pragma_table_info": "pragma_table_info",
    },
    globs={
        "same": "({0} = {1})",
        "prefix": "starts_with({0}, {1})",
        "part": "contains({0}, {1})",
        "regex": "regexp_full_match({0}, {1})",
    },
    schemas={"main": "lake.", "temp": "main."},
    divide="//",
)

_EXPONENTS = " ".join(f"WHEN '{code}' THEN {count}" for code, count in sorted(DECIMALS.items()))
_ASCII = "length(t) = strlen(t)"
_LOWER = _lowered("t")


def _once(values: Mapping[str, str], result: str) -> str:
    """Return the SQL of a result of the values of `x`, each computed once: a macro repeats its arguments as text."""
    held = ", ".join(f"'{name}': {sql}" for name, sql in values.items())
    return f"list_transform([{{{held}}}], lambda x: {result})[1]"


# n / w, rounded half away from zero; // truncates.
_SHARE = "CAST((2 * x.n + sign(x.n) * sign(x.w) * x.w) // nullif(2 * x.w, 0) AS BIGINT)"
# A rate is a decimal number, or a fraction of two minor amounts; s: the power of ten between the minor units.
_RATED = {
    "a": "amount",
    "above": "TRY_CAST(nullif(split_part(rate, '/', 2), '') AS HUGEINT)",
    "below": "TRY_CAST(split_part(rate, '/', 1) AS HUGEINT)",
    "digits": "TRY_CAST(replace(rate, '.', '') AS HUGEINT)",
    "s": "length(split_part(rate, '.', 2)) + exponent_of(base) - exponent_of(currency)",
}
_IN_BASE = """CASE WHEN x.above IS NOT NULL THEN share(x.a, x.above, x.below)
      ELSE share(x.a, power_of_ten(x.s), x.digits * power_of_ten(-x.s)) END"""
_MOVED = "CAST(d AS DATE) + to_days(CAST(ltrim(split_part(m, ' ', 1), '+') AS INTEGER))"
# Name -> definition of a macro.
MACROS: Mapping[str, str] = {
    "julian_day": "julian_day(d) AS julian(CAST(d AS DATE))",
    "storage_class": "storage_class(x) AS 'integer'",
    "day_moved": f"day_moved(d, m) AS strftime({_MOVED}, '%Y-%m-%d')",
    "day_moved_twice": f"""day_moved_twice(d, m, w) AS list_transform([{_MOVED}], lambda x:
      strftime(x + to_days(CAST((CAST(right(w, 1) AS INTEGER) - dayofweek(x) + 7) % 7 AS INTEGER)), '%Y-%m-%d'))[1]""",
    "day_part": "day_part(f, d) AS strftime(CAST(d AS DATE), f)",
    "share": f"""share(amount, part, whole) AS {_once({"n": "amount::HUGEINT * part", "w": "whole::HUGEINT"}, _SHARE)}""",
    "exponent_of": f"exponent_of(currency) AS CASE currency {_EXPONENTS} ELSE 2 END",
    "power_of_ten": "power_of_ten(n) AS CAST(pow(10, greatest(n, 0)) AS HUGEINT)",
    "in_base": f"""in_base(amount, currency, rate, base) AS {_once(_RATED, _IN_BASE)}""",
    "bucket": "bucket(seed, t) AS CAST('0x' || left(sha256(seed || '|' || t), 8) AS BIGINT) % 10000",
    "listed": """listed(j) AS TABLE SELECT unnest(from_json(j, '["VARCHAR"]')) AS value""",
    "fold": f"fold(t) AS CASE WHEN {_ASCII} THEN {_LOWER} ELSE (SELECT f.fold FROM lake.text_form AS f WHERE f.text = t) END",
    "label_key": f"""label_key(t) AS CASE WHEN {_ASCII} THEN trim({_LOWER}, E' \\t\\n\\r\\x0b\\x0c\\x1c\\x1d\\x1e\\x1f')
      ELSE (SELECT f.label_key FROM lake.text_form AS f WHERE f.text = t) END""",
    "mail_key": "mail_key(t) AS (SELECT f.mail_key FROM lake.mail_form AS f WHERE f.text = t)",
    "mail_address": "mail_address(t) AS (SELECT f.mail_address FROM lake.mail_form AS f WHERE f.text = t)",
    "is_opted_out": "is_opted_out(t) AS (SELECT f.is_opted_out FROM lake.mail_form AS f WHERE f.text = t)",
    "automatic_amount": "automatic_amount(l, d) AS (SELECT p.amount FROM lake.automatic_price AS p WHERE p.line = l AND p.day = d)",
}
