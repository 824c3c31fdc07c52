"""Exchange rates: the price of one unit of the administration's currency in another currency, per day."""

from fractions import Fraction

from segcli.base.money import half_up
from segcli.importing.kinds.machinery import upsert
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("rate_date", "date", "ratedate date datum timeperiod koersdatum", is_required=True, about="Day of the rate"),
    Field("currency", "currency", "currencycode valuta munt", is_required=True,
          about="Currency that is quoted, as an ISO code such as USD"),
    Field("rate", "decimal", "exchangerate koers wisselkoers obsvalue", is_required=True,
          about="Units of the currency for one unit of the base currency, above 0"),
    Field("base_currency", "currency", "currencydenom basecurrency basisvaluta",
          about="Currency of which one unit is priced; without it the administration's"),
)  # fmt: skip
_DIGITS = 12  # decimals of a rate calculated from two others


def merge(stage: Stage) -> Counts:
    """Upsert the staged rates by currency and day.

    Rates against another base currency are converted: divided by the file's rate of the administration's currency against
    the same base on the same day.
    """
    stage.reject(f"SELECT n, place, rate FROM {stage.table} WHERE CAST(rate AS REAL) <= 0", "rate", "a rate is above 0")
    upsert.refuse_duplicates(stage, ("currency", "rate_date"), "currency")
    _quote(stage)
    columns = {"currency": "s.currency", "rate_date": "s.rate_date", "rate": "s.final_rate"}
    match = "t.currency = s.currency AND t.rate_date = s.rate_date"
    return upsert.upsert(stage, upsert.Target("exchange_rate", match, columns, keys=("currency", "rate_date")))


def _quote(stage: Stage) -> None:
    """Set final_rate, the rate for one unit of the administration's currency; reject rows that cannot be converted."""
    own = stage.options.currency
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_rate TEXT")
    stage.execute("UPDATE {stage} SET final_rate = rate")
    if stage.has("base_currency"):
        stage.db.create_function("crossed", 2, crossed, deterministic=True)
        stage.execute("DROP TABLE IF EXISTS temp.own_rate")
        stage.execute(
            "CREATE TEMP TABLE own_rate AS SELECT base_currency, rate_date, rate FROM {stage} WHERE currency = ?", own
        )
        stage.execute("CREATE INDEX temp.own_rate_key ON own_rate (base_currency, rate_date)")
        stage.execute(
            """UPDATE {stage} SET final_rate = crossed(rate, (SELECT o.rate FROM temp.own_rate AS o
                 WHERE o.base_currency = {stage}.base_currency AND o.rate_date = {stage}.rate_date))
               WHERE base_currency <> ?""".replace("{stage}.", f"{stage.table.removeprefix('temp.')}."),
            own,
        )
        stage.reject(
            f"SELECT n, place, base_currency FROM {stage.table} WHERE final_rate IS NULL",
            "base_currency",
            f"this rate is not for one {own}, and the file has no rate of {own} on that day",
        )
        _add_base(stage, own)
    stage.reject(
        f"SELECT n, place, rate FROM {stage.table} WHERE currency = ? AND CAST(final_rate AS REAL) <> 1",
        "rate",
        f"{own} is the administration's own currency: its rate is 1",
        values=(own,),
    )
    stage.execute("DELETE FROM {stage} WHERE currency = ?", own)


def _add_base(stage: Stage, own: str) -> None:
    """Add the rate of the file's base currency: 1 divided by the rate of the administration's currency."""
    last = int(stage.execute("SELECT coalesce(max(n), 0) FROM {stage}").fetchone()[0])
    stage.execute(
        "INSERT INTO {stage} (n, place, rate_date, currency, rate, final_rate)"
        " SELECT ? + row_number() OVER (), '', rate_date, base_currency, '1', crossed('1', rate) FROM temp.own_rate"
        " WHERE base_currency <> ?",
        *(last, own),
    )


def crossed(rate: str, own_rate: str | None) -> str | None:
    """Return the cross rate of a currency against ours from two rates; None if our rate is unknown."""
    if own_rate is None:
        return None
    quotient = Fraction(rate) / Fraction(own_rate)
    digits = str(half_up(quotient.numerator * 10**_DIGITS, quotient.denominator)).rjust(_DIGITS + 1, "0")
    return f"{digits[:-_DIGITS]}.{digits[-_DIGITS:]}".rstrip("0").rstrip(".")


KIND = Kind("exchange_rate", "exchange rates", FIELDS, merge, also=("rate", "rates"))
