"""Money: what is written is what is read, and what is in doubt is refused."""

import sqlite3
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import iso4217
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcli.base import money
from segcli.storage import sql_functions

MOST = 2**63 - 1
AMOUNTS = st.integers(-MOST, MOST)
CURRENCIES = st.sampled_from(["EUR", "USD", "HUF", "JPY", "KRW", "KWD", "TND", "CLF"])
SIGNS = st.sampled_from([".", ","])


def test_every_currency_has_the_decimals_of_iso_4217() -> None:
    """What has none there (gold, test codes) is nothing that an amount is in."""
    known = {currency.code: currency.exponent for currency in iso4217.Currency if currency.exponent is not None}
    assert {code: money.exponent(code) for code in known} == known
    assert {known[code] for code in ("JPY", "EUR", "KWD", "CLF", "UYW")} == {0, 2, 3, 4}
    assert max(known.values()) == money.MOST_DECIMALS


@given(AMOUNTS, CURRENCIES)
def test_machine_text_is_read_back(minor: int, currency: str) -> None:
    assert money.parse(money.to_text(minor, currency), currency, ".") == minor


@given(AMOUNTS, CURRENCIES, SIGNS)
def test_human_text_is_read_back(minor: int, currency: str, decimal: str) -> None:
    assert money.parse(money.to_human(minor, currency, decimal), currency, decimal) == minor


@given(AMOUNTS, CURRENCIES)
def test_machine_text_is_the_exact_decimal(minor: int, currency: str) -> None:
    assert Fraction(money.to_text(minor, currency)) == Fraction(minor, 10 ** money.exponent(currency))


@given(st.integers(-(10**12), 10**12), st.integers(-(10**6), 10**6).filter(bool))
def test_half_up_is_that_of_decimal(numerator: int, denominator: int) -> None:
    rest = abs(Fraction(numerator, denominator))
    away = int(rest + Fraction(1, 2)) * (-1 if (numerator < 0) != (denominator < 0) else 1)
    assert money.half_up(numerator, denominator) == away


@given(st.integers(-(10**9), 10**9))
def test_half_up_of_tenths_is_round_half_up(tenths: int) -> None:
    assert money.half_up(tenths, 10) == int((Decimal(tenths) / 10).quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("minor", "currency", "machine", "point", "comma"),
    [
        (123456, "EUR", "1234.56", "1,234.56", "1.234,56"),
        (-1230, "EUR", "-12.30", "-12.30", "-12,30"),
        (-5, "EUR", "-0.05", "-0.05", "-0,05"),
        (0, "EUR", "0.00", "0.00", "0,00"),
        (1234567, "JPY", "1234567", "1,234,567", "1.234.567"),
        (1234567, "KWD", "1234.567", "1,234.567", "1.234,567"),
    ],
)
def test_texts(minor: int, currency: str, machine: str, point: str, comma: str) -> None:
    assert money.to_text(minor, currency) == machine
    assert money.to_human(minor, currency) == point
    assert money.to_human(minor, currency, ",") == comma


@pytest.mark.parametrize(
    ("text", "decimal", "minor"),
    [
        ("5", ".", 500),
        ("+5", ".", 500),
        ("-0", ".", 0),
        ("5,00-", ",", -500),
        ("(5,00)", ",", -500),
        ("€ 5,00", ",", 500),
        ("€5,00", ",", 500),
        ("5,00 €", ",", 500),
        ("€ -5,00", ",", -500),
        ("-€ 5,00", ",", -500),
        ("(€ 5,00)", ",", -500),
        ("€ (5,00)", ",", -500),
        ("EUR 5.00", ".", 500),
        ("5.00 EUR", ".", 500),
        ("1.234,56", ",", 123456),
        ("1,234.56", ".", 123456),
        ("1.234", ",", 123400),
        ("1 234 567,89", ",", 123456789),
        ("1\u00a0234,56", ",", 123456),
        ("1\u202f234,56", ",", 123456),
        ("1'234.56", ".", 123456),
        ("1\u2019234.56", ".", 123456),
        ("5.000", ".", 500),
        ("92233720368547758.07", ".", MOST),
        ("-92233720368547758.07", ".", -MOST),
        ("0000000000000000000000000005.00", ".", 500),
        ("5.5", ".", 550),
        ("\u00a05,5\u202f", ",", 550),
    ],
)
def test_taken(text: str, decimal: str, minor: int) -> None:
    assert money.parse(text, "EUR", decimal) == minor


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("1.23", "KWD", 1230), ("1.2345", "KWD", None), ("12.50", "JPY", None), ("12.00", "JPY", 12), ("12", "JPY", 12)],
)
def test_decimals_are_those_of_the_currency(text: str, currency: str, minor: int | None) -> None:
    if minor is None:
        with pytest.raises(ValueError, match=f"^{currency} has "):
            money.parse(text, currency)
    else:
        assert money.parse(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", "()", "€", "abc", "1_000", "NaN", "Infinity", "-inf", "1e3", "0x10", "\u0665", "\u0661.00"),
        *(
            "1 2 3",
            "1 23",
            "12 34.00",
            "1,23.00",
            "1,2345.00",
            "1234,567.00",
            "1,234,56.00",
            "1,234 567.00",
            "0,123.00",
        ),
        *("5.", ".5", "1.2.3", "--5", "-5-", "+-5", "-(5)", "(-5)", "(5", "5)", "((5))", "5-+", "1,234.56,7"),
        *("5.001", "0.005", "USD 5.00", "$ 5.00", "EUR 5.00 EUR", "€ 5.00 EUR", "eur 5.00", "5.00 %"),
        *("92233720368547758.08", "99999999999999999999", "9" * 5000, "1,5", "1.234,56"),
        *("\t5.00", "5.00\n", "X5.00", "5.00X", "1X234.00"),
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(this|EUR) "):
        money.parse(text, "EUR", ".")


def test_reasons() -> None:
    reasons = {
        ("1,5 JPY", "JPY", ","): "JPY has no decimals, this has 1",
        ("1.005", "EUR", "."): "EUR has 2 decimals, this has 3",
        ("1,234.56", "EUR", ","): "this is not an amount with a decimal comma, as the file has them",
        ("1.5", "EUR", ","): "this is not an amount with a decimal comma, as the file has them",
        ("1,5", "EUR", "."): "this is not an amount with a decimal point, as the file has them",
        ("1.2.3", "EUR", "."): "this is not an amount",
        ("1,2,3", "EUR", ","): "this is not an amount",
        ("USD 5", "EUR", "."): "this is USD, not EUR",
        ("9" * 20, "EUR", "."): "this is larger than can be kept",
        ("five", "EUR", "."): "this is not an amount",
    }
    for asked, reason in reasons.items():
        with pytest.raises(ValueError, match=f"^{reason}$"):
            money.parse(*asked)


def test_the_largest_yen() -> None:
    assert money.parse(str(MOST), "JPY", ".") == MOST
    with pytest.raises(ValueError, match="larger"):
        money.parse(str(MOST + 1), "JPY", ".")


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        *(("1.234,56", ","), ("12,5", ","), ("1.234.567", ","), ("0,123", ","), ("1234,567", ","), ("-€ 5,00", ",")),
        *(("1234.56", "."), ("1,234.56", "."), ("1,234,567", "."), ("1 234.50", "."), ("12.5 %", "."), ("(5.00)", ".")),
        *(("1.234", ""), ("1,234", ""), ("-12.345", ""), ("€ 999,000", "")),
        *(("1234", None), ("5", None), ("1 234", None), ("", None), ("abc", None), ("1.2.3", None), ("1,23,4", None)),
        *(("1\u0662,5", None), ("1X234,5", None)),
    ],
)
def test_decimal_sign(text: str, sign: str | None) -> None:
    assert money.decimal_sign(text) == sign


@given(AMOUNTS, CURRENCIES, SIGNS)
def test_a_proven_sign_is_never_the_wrong_one(minor: int, currency: str, decimal: str) -> None:
    assert money.decimal_sign(money.to_human(minor, currency, decimal)) in {decimal, "", None}


@pytest.mark.parametrize(
    ("number", "currency", "minor"),
    [("12.50", "EUR", 1250), ("-0.01", "EUR", -1), ("1E3", "JPY", 1000), ("1.234", "KWD", 1234), ("92233720368547758.07", "EUR", MOST),
     ("-92233720368547758.07", "EUR", -MOST), ("12.500", "EUR", 1250)],
)  # fmt: skip
def test_numbers_become_minor_units(number: str, currency: str, minor: int) -> None:
    found = money.minor_units(Decimal(number), currency)
    assert (found, type(found)) == (minor, int)


def test_numbers_that_are_no_amount() -> None:
    for number, currency in (("1.005", "EUR"), ("0.5", "JPY"), ("1.2345", "KWD")):
        with pytest.raises(ValueError, match=r"^it has too many decimals$"):
            money.minor_units(Decimal(number), currency)
    for number in ("92233720368547758.08", "-92233720368547758.08", "1E30"):
        with pytest.raises(ValueError, match=r"^it is larger than can be kept$"):
            money.minor_units(Decimal(number), "EUR")


@pytest.mark.parametrize(
    ("amount", "part", "whole", "found"),
    [
        (1, 1, 2, 1), (-1, 1, 2, -1), (1, -1, 2, -1), (1, 1, -2, -1), (3, 1, 2, 2), (5, 1, 2, 3), (-5, 1, 2, -3),
        (2675, 1, 10, 268), (1005, 1, 10, 101), (-125, 1, 10, -13), (4999, 1, 10_000, 0), (-5000, 1, 10_000, -1),
        (90_000_000_000_004_999, 1, 10_000, 9_000_000_000_000), (MOST, 1, 2, 2**62), (-MOST, 1, 2, -(2**62)),
        (MOST, MOST, MOST, MOST), (7, 1, 0, None), (None, 1, 2, None),
    ],
)  # fmt: skip
def test_shares_in_sql(amount: int | None, part: int, whole: int, found: int | None) -> None:
    db = sqlite3.connect(":memory:")
    sql_functions.register(db)
    assert db.execute("SELECT share(?, ?, ?)", (amount, part, whole)).fetchone()[0] == found
    db.close()


@given(st.integers(-MOST, MOST), st.integers(-(10**9), 10**9), st.integers(1, 10**9))
def test_shares_are_exact_or_no_integer(amount: int, part: int, whole: int) -> None:
    exact = Fraction(amount * part, whole)
    wanted = int(abs(exact) + Fraction(1, 2)) * (1 if exact > 0 else -1)
    found = sql_functions.share(amount, part, whole)
    assert found == (wanted if abs(wanted) <= MOST else float(wanted))
    assert isinstance(found, int) == (abs(wanted) <= MOST)


PLAIN = st.builds(
    lambda minor, currency, sign: money.to_text(minor, currency).replace(".", sign), AMOUNTS, CURRENCIES, SIGNS
)


@given(st.lists(PLAIN | st.text("0123456789.,-\n ", max_size=6) | st.none()), st.sets(CURRENCIES, min_size=1), SIGNS)
def test_a_column_is_read_as_each_of_its_amounts(texts: list[str | None], currencies: set[str], sign: str) -> None:
    found = money.parse_plain(texts, currencies, sign)
    if found is not None:
        for currency in currencies:
            assert found == [text and money.parse(text, currency, sign) for text in (one or None for one in texts)]


@pytest.mark.parametrize(
    ("texts", "currencies", "sign", "found"),
    [
        (["1.00", None, "-0.05", "999999999999.99"], {"EUR", "USD"}, ".", [100, None, -5, 99999999999999]),
        (["1,5000"], {"CLF"}, ",", [15000]),
        (["12", "-3"], {"JPY", "KRW"}, ".", [12, -3]),
        (["1.00"], {"EUR", "JPY"}, ".", None),  # not the decimals of both
        (["1.0"], {"EUR"}, ".", None),
        (["1.00", "1\n2.00"], {"EUR"}, ".", None),  # two lines in a cell
        (["1,00"], {"EUR"}, ".", None),
        (["-"], {"EUR"}, ".", None),
    ],
)
def test_plain_columns(
    texts: list[str | None], currencies: set[str], sign: str, found: list[int | None] | None
) -> None:
    assert money.parse_plain(texts, currencies, sign) == found
