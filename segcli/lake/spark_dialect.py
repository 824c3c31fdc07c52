"""Spark's dialect: how it spells what differs, and segcli's functions as functions in SQL. Pure.

What only Python knows comes from small tables. Spark refuses a look-up within a correlated subquery, so these are three ways:

    mail_key(x), …           looked up in mail_form, by a correlated subquery
    automatic_amount(l.id)   a column of subscription_line, which is joined with the prices
    fold(x)                  an expression made of the letters beyond ASCII that the lake has (`folding`)
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from segcli.base.money import DECIMALS
from segcli.base.text import fold
from segcli.lake.dialect import Dialect

_CAPITALS, _SMALL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_LOWER = f"translate({{0}}, '{_CAPITALS}', '{_SMALL}')"
_IS_ASCII = "length({0}) = octet_length({0})"
_MOVED = "(CAST({0} AS DATE) + CAST({1} AS INTERVAL))"
_DAYS = f"pmod(CAST(substr({{2}}, 9) AS INT) + 1 - dayofweek({_MOVED}), 7)"  # of {2}, such as 'weekday 4'
_STRIPPED = "' \\t\\n\\r\\u000b\\u000c\\u001c\\u001d\\u001e\\u001f'"
_TEXT = "(SELECT max(found_label_key) FROM text_found WHERE found_text = {0})"
_MAIL = "(SELECT max(found_{0}) FROM mail_found WHERE found_text = {{0}})"
OWN = "lake_"  # begins the name of a table of the lake where a view of the connection masks it
COLUMNS = "column_found"  # the view of the columns of tables that may be masked
MASKED = ("account",)
TYPES = {"int64": "BIGINT", "double": "DOUBLE", "string": "STRING"}  # Arrow's name -> Spark's
PRICES = "automatic_prices"  # the column of subscription_line with its automatic prices by day


def _price(line: str, day: str) -> str:
    """Return the automatic price of a line, which is the id of the table subscription_line."""
    return f"try_element_at({line.removesuffix('.id')}.{PRICES}, {day})"


SPARK = Dialect(
    name="spark",
    parameter=lambda name: f":{name}",
    nocase=_LOWER.format,
    types={"INTEGER": "BIGINT", "REAL": "DOUBLE", "TEXT": "STRING"},
    functions={
        "lower": _LOWER,
        "upper": f"translate({{0}}, '{_SMALL}', '{_CAPITALS}')",
        "julianday": "CAST(datediff(CAST({0} AS DATE), DATE'1970-01-01') AS DOUBLE)",
        "typeof": "'integer'{0:.0}",  # an engine with types has no other for a sum; the argument is left out
        "json_each": "(SELECT explode(from_json({0}, 'array<string>')) AS value)",
        "group_concat": "listagg",
        "date/2": f"CAST({_MOVED} AS STRING)",
        "date/3": f"CAST(date_add({_MOVED}, CAST({_DAYS} AS INT)) AS STRING)",  # moved, then on to a day of the week
        "strftime": "CAST(dayofyear(CAST({1} AS DATE)) AS STRING){0:.0}",  # segcli asks for %j only
        "label_key": f"CASE WHEN {_IS_ASCII} THEN trim(BOTH {_STRIPPED} FROM {_LOWER}) ELSE {_TEXT} END",
        "mail_key": _MAIL.format("mail_key"),
        "mail_address": _MAIL.format("mail_address"),
        "is_opted_out": _MAIL.format("is_opted_out"),
        "automatic_amount": _price,
        "pragma_table_info": f"(SELECT name FROM {COLUMNS} WHERE found_table = {{0}})",
    },
    globs={
        "same": "({0} = {1})",
        "prefix": "startswith({0}, {1})",
        "part": "contains({0}, {1})",
        "regex": "({0} RLIKE concat('^(?:', {1}, ')$'))",
    },
    schemas={"main": OWN, "temp": ""},
    divide=" div ",
    materialized=False,
    escapes=True,
)

# The views that functions look up; their columns have names of their own, since an argument may be any column.
LOOKUPS: Mapping[str, str] = {
    "label_key": "text_found",
    "mail_key": "mail_found",
    "mail_address": "mail_found",
    "is_opted_out": "mail_found",
    "pragma_table_info": COLUMNS,
}
VIEWS: Mapping[str, str] = {
    "text_found": "SELECT text AS found_text, label_key AS found_label_key FROM text_form",
    "mail_found": "SELECT text AS found_text, mail_key AS found_mail_key, mail_address AS found_mail_address,"
    " is_opted_out AS found_is_opted_out FROM mail_form",
}
LETTERS = (
    "SELECT DISTINCT letter FROM (SELECT explode(split(text, '')) AS letter FROM text_form) WHERE letter > '\\u007f'"
)


def folding(letters: Iterable[str]) -> Dialect:
    """Return the dialect with fold() as an expression, for texts with these letters beyond ASCII."""
    folded = {letter: fold(letter) for letter in sorted(letters)}
    single = {letter: to for letter, to in folded.items() if len(to) == 1 and to != letter}
    gone = [letter for letter, to in folded.items() if not to]
    made = f"translate({{0}}, '{_CAPITALS}{''.join(single)}{''.join(gone)}', '{_SMALL}{''.join(single.values())}')"
    for letter, to in folded.items():
        if len(to) > 1:
            made = f"replace({made}, '{letter}', '{to}')"
    return replace(SPARK, functions={**SPARK.functions, "fold": made})


_EXPONENTS = " ".join(f"WHEN '{code}' THEN {count}" for code, count in sorted(DECIMALS.items()))
_SCALE = (
    f"(length(split_part(rate, '.', 2)) + CASE base {_EXPONENTS} ELSE 2 END - CASE currency {_EXPONENTS} ELSE 2 END)"
)
_IS_NEGATIVE = "((amount < 0) <> (part < 0) AND amount <> 0 AND part <> 0) <> (whole < 0)"
_SIZE = "abs(CAST(amount AS DECIMAL(38, 0)) * part)"
_DIGITS = "TRY_CAST(replace(rate, '.', '') AS DECIMAL(38, 0))"
# Name -> parameters and body of a function.
FUNCTIONS: Mapping[str, str] = {
    "share": f"""share(amount BIGINT, part DECIMAL(38, 0), whole DECIMAL(38, 0)) RETURNS BIGINT RETURN CASE WHEN whole <> 0 THEN
      CASE WHEN {_IS_NEGATIVE} THEN -1 ELSE 1 END * ((2 * {_SIZE} + abs(whole)) div (2 * abs(whole))) END""",
    "power_of_ten": "power_of_ten(n INT) RETURNS DECIMAL(38, 0) RETURN CAST(rpad('1', 1 + greatest(n, 0), '0') AS DECIMAL(38, 0))",
    "in_base": f"""in_base(amount BIGINT, currency STRING, rate STRING, base STRING) RETURNS BIGINT RETURN CASE WHEN contains(rate, '/')
      THEN share(amount, TRY_CAST(split_part(rate, '/', 2) AS DECIMAL(38, 0)), TRY_CAST(split_part(rate, '/', 1) AS DECIMAL(38, 0)))
      ELSE share(amount, power_of_ten({_SCALE}), {_DIGITS} * power_of_ten(-{_SCALE})) END""",
    "bucket": "bucket(seed STRING, t STRING) RETURNS BIGINT RETURN"
    " CAST(conv(left(sha2(concat(seed, '|', t), 256), 8), 16, 10) AS BIGINT) % 10000",
}
