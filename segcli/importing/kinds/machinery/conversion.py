"""Conversion of a text in a file to a database value: dates, amounts, flags, codes. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from segcli.base.money import parse as parse_money
from segcli.domain.prices.numbers import canonical
from segcli.domain.requests import STATUSES

Value = str | int | None  # None: the text means an empty cell
Converter = Callable[[str], Value]  # raises ValueError(reason) or ValueError(reason, fix)

_CLOCK = r"\d\d?:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?"  # a time of day, which is left out
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?", re.ASCII)
_PARTS = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}})(?:,? {_CLOCK})?", re.ASCII)
_TOGETHER = re.compile(rf"(\d{{4}})[-/.]?(\d\d)[-/.]?(\d\d)(?:[T ]{_CLOCK}Z?)?", re.ASCII)  # 19970131
_SHORT = re.compile(r"\d{1,2}[-/. ] ?(?:\d{1,2}|[A-Za-z]{3,9}\.?)[-/. ]\d{2}", re.ASCII)
_NAMED = re.compile(r"(\d{1,2})[-. ] ?([A-Za-z]{3,9})\.?[- ](\d{4})", re.ASCII)
_DIGITS = re.compile(r"(?:19|20)\d{6}", re.ASCII)
_FORMS = {"iso": _ISO, "dmy": _PARTS, "mdy": _PARTS, "ymd": _TOGETHER}
_EXAMPLES = {"iso": "2024-01-31", "dmy": "31-01-2024", "mdy": "01-31-2024", "ymd": "20240131"}
# English and Dutch month names, full and abbreviated.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january januari jan", "february februari feb", "march maart mar mrt", "april apr", "may mei", "june juni jun",
            "july juli jul", "august augustus aug", "september sep sept", "october oktober oct okt", "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,9})?", re.ASCII)
_YES = frozenset({"1", "true", "yes", "y", "ja", "j", "waar", "x"})
_NO = frozenset({"0", "false", "no", "n", "nee", "onwaar", "-"})
_STATUS = {
    "a": "A", "none": "A", "geen": "A", "s": "S", "suspect": "S", "p": "P", "prospect": "P",
    "c": "C", "customer": "C", "klant": "C",
}  # fmt: skip
_ENTRY_TYPES = {
    "sales": "sales", "verkoop": "sales", "purchase": "purchase", "inkoop": "purchase", "cash": "cash", "kas": "cash",
    "bank": "bank", "general": "general", "memoriaal": "general", "memorial": "general", "opening": "opening",
    "beginbalans": "opening", "other": "other", "overig": "other",
}  # fmt: skip
_INVOICE_STATUSES = {
    "draft": "draft", "concept": "draft", "10": "draft", "open": "open", "20": "open", "processed": "processed",
    "verwerkt": "processed", "50": "processed", "final": "processed",
}  # fmt: skip
_DELIVERIES = {
    "letter": "letter", "paper": "letter", "post": "letter", "brief": "letter", "email": "email", "e-mail": "email",
}  # fmt: skip
_BALANCE_TYPES = {
    "b": "B", "balance": "B", "balans": "B", "p": "P", "profitandloss": "P", "w": "P", "winstenverlies": "P",
}  # fmt: skip
_PERIOD_TYPES = {
    "basic": "basic", "basis": "basic", "1": "basic", "offer": "offer", "specialoffer": "offer", "special": "offer",
    "aanbieding": "offer", "actie": "offer", "2": "offer",
}  # fmt: skip
_PRICE_BASES = {"sales": "sales", "verkoopprijs": "sales", "verkoop": "sales", "cost": "cost", "kostprijs": "cost"}
_SUBLEDGERS = {"debtors": "debtors", "debiteuren": "debtors", "creditors": "creditors", "crediteuren": "creditors"}
_FREQUENCIES = {
    word: name
    for name, words in {
        "weekly": "weekly week w wekelijks perweek everyweek",
        "monthly": "monthly month m maand maandelijks permaand permonth everymonth 1",
        "quarterly": "quarterly quarter q kwartaal perkwartaal perquarter everyquarter 3",
        "half-yearly": "half-yearly halfyearly half-year halfyear semiannual semi-annual halfjaar halfjaarlijks perhalfjaar "
        "perhalfyear 6",
        "yearly": "yearly year y annual annually jaar jaarlijks perjaar peryear everyyear 12",
    }.items()
    for word in words.split()
}
_TIMINGS = {
    "advance": "advance", "inadvance": "advance", "pre-paid": "advance", "prepaid": "advance", "vooraf": "advance", "vooruit": "advance",
    "arrears": "arrears", "inarrears": "arrears", "post-paid": "arrears", "postpaid": "arrears", "achteraf": "arrears",
}  # fmt: skip
_PRORATIONS = {"days": "days", "dagen": "days", "daily": "days", "prorata": "days", "naarrato": "days", "zero": "zero",
               "nothing": "zero", "niets": "zero", "full": "full", "none": "full", "geen": "full", "volledig": "full"}  # fmt: skip
_CONSENT_BASES = {
    "consent": "consent", "toestemming": "consent", "optin": "consent", "opt-in": "consent", "customer": "customer",
    "klant": "customer", "existingcustomer": "customer", "published": "published", "gepubliceerd": "published",
}  # fmt: skip
_INVOICES_PER = {"subscription": "subscription", "abonnement": "subscription", "account": "account", "relatie": "account",
                 "customer": "account", "klant": "account"}  # fmt: skip
_REQUEST_TYPES = {
    word: name
    for name, words in {
        "task": "task taak todo tasks",
        "service": "service servicerequest servicemelding melding serviceverzoek storing",
        "complaint": "complaint klacht",
        "event": "event afspraak gebeurtenis appointment meeting",
        "note": "note notitie communicationnote communicatie aantekening",
    }.items()
    for word in words.split()
}
_REQUEST_STATUSES = {
    **{str(number): number for number in STATUSES}, **{word: number for number, word in STATUSES.items()},
    "vervallen": 0, "cancelled": 0, "geannuleerd": 0, "afgewezen": 5, "concept": 10, "new": 20, "nieuw": 20, "goedgekeurd": 30,
    "inprogress": 30, "inbehandeling": 30, "done": 40, "closed": 40, "completed": 40, "realized": 40, "gerealiseerd": 40,
    "afgesloten": 40, "gereed": 40, "verwerkt": 50,
}  # fmt: skip
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?", re.ASCII)
_EARLIEST = 1900


@dataclass(frozen=True, slots=True)
class Style:
    """How a file writes numbers and dates."""

    decimal: str = "."
    dates: str = "iso"  # iso, dmy, mdy or ymd: 20240131


def dates_of(text: str) -> str | None:
    """Return the date order that a text proves: iso, dmy or mdy; '' if ambiguous, None if it is not a date."""
    if _ISO.fullmatch(text):
        return "iso"
    match = _PARTS.fullmatch(text)
    if not match:
        return None
    first, second = int(match[1]), int(match[2])
    if first > 12 >= second:  # noqa: PLR2004 - months
        return "dmy"
    return "mdy" if second > 12 >= first else ""  # noqa: PLR2004 - months


def to_date(text: str, style: Style) -> str:
    """Return the ISO date of a text that is written in the file's style."""
    if text.startswith("/Date("):  # Microsoft's JSON date
        from segcli.importing.readers.json import moment

        text, style = moment(text), Style()
    if _SHORT.fullmatch(text):
        raise ValueError("this year has two digits", "write the year with four digits")
    match = _FORMS[style.dates].fullmatch(text)
    if not match:
        named = _NAMED.fullmatch(text)
        if named and named[2].lower() in _MONTHS:
            return _day(int(named[3]), _MONTHS[named[2].lower()], int(named[1]))
        fix = ("year, month and day together: --dates ymd",) if _DIGITS.fullmatch(text) else ()
        raise ValueError(f"this is not a date like {_EXAMPLES[style.dates]}, as the file has them", *fix)
    parts = [int(part) for part in match.groups()]
    year, month, day = {"dmy": parts[::-1], "mdy": [parts[2], *parts[:2]]}.get(style.dates, parts)
    return _day(year, month, day)


def _day(year: int, month: int, day: int) -> str:
    if year < _EARLIEST:
        raise ValueError(f"the year {year} lies before {_EARLIEST}", "write the year with four digits")
    try:
        return date(year, month, day).isoformat()
    except ValueError as error:
        from segcli.base.dates import month_end

        if 1 <= month <= 12:  # noqa: PLR2004 - months
            last = month_end(date(year, month, 1))
            raise ValueError("this day does not exist", f"the last day of that month is {last}") from error
        raise ValueError("this day does not exist", "months run from 01 to 12") from error


def to_flag(text: str) -> int:
    """Return 1 for yes and 0 for no, in English or Dutch."""
    word = text.lower()
    if word in _YES:
        return 1
    if word in _NO:
        return 0
    raise ValueError("this is neither yes nor no", "write 1 or 0")


def to_status(text: str) -> str:
    """Return A, S, P or C."""
    if text.lower() not in _STATUS:
        raise ValueError("this is not a status", "A none, S suspect, P prospect, C customer")
    return _STATUS[text.lower()]


def to_one_of(words: Mapping[str, str]) -> Converter:
    """Return a converter that maps each of these words, in any case, to its value."""

    def convert(text: str) -> str:
        word = text.lower().replace(" ", "")
        if word not in words:
            raise ValueError("this is none of the words that are known here", ", ".join(dict.fromkeys(words.values())))
        return words[word]

    return convert


def to_currency(text: str) -> str:
    """Return an ISO 4217 currency code in upper case."""
    code = text.upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):  # noqa: PLR2004 - three letters
        raise ValueError("this is not a currency", "write its three letters, such as EUR")
    return code


def to_request_status(text: str) -> int:
    """Return the number of a request's status."""
    word = text.lower().replace(" ", "").removesuffix(".0")
    if word not in _REQUEST_STATUSES:
        raise ValueError("this is no status of a request", ", ".join(STATUSES.values()))
    return _REQUEST_STATUSES[word]


def to_time(text: str) -> str:
    """Return a time of day as hh:mm."""
    match = _TIME.fullmatch(text)
    if not match:
        raise ValueError("this is no time of day", "write it as 14:30")
    return f"{int(match[1]):02d}:{match[2]}"


def to_integer(text: str) -> int:
    """Return a whole number of at most 15 digits."""
    body = text[1:] if text[:1] in {"-", "+"} else text
    if not (body.isascii() and body.isdigit() and len(body) < 16):  # noqa: PLR2004 - 15 digits are exact in a float too
        raise ValueError("this is not a whole number")
    return int(text)


def to_decimal(text: str, style: Style) -> str:
    """Return a decimal number as plain text with a decimal point."""
    plain = text.replace(".", "").replace(",", ".") if style.decimal == "," else text
    if not _NUMBER.fullmatch(plain):
        raise ValueError("this is not a number")
    return plain


def converter(kind: str, style: Style) -> Converter | None:
    """Return the converter of a field type for stripped, non-empty texts; None if the text itself is the value.

    Amounts are not in this table because they need a currency; see `money`.
    """
    table: dict[str, Converter | None] = {
        "text": None,
        "code": None,
        "date": lambda text: to_date(text, style),
        "flag": to_flag,
        "status": to_status,
        "currency": to_currency,
        "country": lambda text: text.upper() if len(text) == 2 else text,  # noqa: PLR2004 - ISO 3166 alpha-2
        "integer": to_integer,
        "entry_type": to_one_of(_ENTRY_TYPES),
        "balance_type": to_one_of(_BALANCE_TYPES),
        "invoice_status": to_one_of(_INVOICE_STATUSES),
        "delivery": to_one_of(_DELIVERIES),
        "vat_category": to_one_of({code.lower(): code for code in ("S", "Z", "E", "AE", "K", "G", "O")}),
        "subledger": to_one_of(_SUBLEDGERS),
        "decimal": lambda text: to_decimal(text, style),
        "exact": lambda text: canonical(to_decimal(text, style)),
        "period_type": to_one_of(_PERIOD_TYPES),
        "price_base": to_one_of(_PRICE_BASES),
        "consent_basis": to_one_of(_CONSENT_BASES),
        "frequency": to_one_of(_FREQUENCIES),
        "request_type": to_one_of(_REQUEST_TYPES),
        "request_status": to_request_status,
        "time": to_time,
        "timing": to_one_of(_TIMINGS),
        "proration": to_one_of(_PRORATIONS),
        "invoice_per": to_one_of(_INVOICES_PER),
    }
    return table[kind]


def money(text: str, currency: str, style: Style) -> int:
    """Return an amount in minor units. Raises ValueError(reason)."""
    return parse_money(text, currency, style.decimal)


def choices(kind: str) -> tuple[str, ...]:
    """Return the values that a field type with a fixed set of words may have; nothing for other types."""
    tables: dict[str, Mapping[str, object]] = {
        "status": _STATUS,
        "entry_type": _ENTRY_TYPES,
        "balance_type": _BALANCE_TYPES,
        "invoice_status": _INVOICE_STATUSES,
        "delivery": _DELIVERIES,
        "vat_category": dict.fromkeys(("S", "Z", "E", "AE", "K", "G", "O")),
        "subledger": _SUBLEDGERS,
        "period_type": _PERIOD_TYPES,
        "price_base": _PRICE_BASES,
        "consent_basis": _CONSENT_BASES,
        "frequency": _FREQUENCIES,
        "request_type": _REQUEST_TYPES,
        "request_status": {word: word for word in STATUSES.values()},
        "timing": _TIMINGS,
        "proration": _PRORATIONS,
        "invoice_per": _INVOICES_PER,
    }
    return tuple(dict.fromkeys(str(value or word) for word, value in tables.get(kind, {}).items()))
