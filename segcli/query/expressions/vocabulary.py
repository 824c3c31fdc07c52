"""Known values of text fields: a closed list, or SQL that yields the values in the data. Pure."""

from collections.abc import Mapping

from segcli.base.record import Record

# ISO 3166-1 alpha-2, plus XK, the usual code for Kosovo.
COUNTRIES = """AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD
 CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL
 GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
 LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM
 PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
 TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"""
# ISO 4217, active codes without funds and metals.
CURRENCIES = """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
 COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK
 JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD
 NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL
 THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"""


class Known(Record):
    """The known values of a field: a closed list ('' for none), the name of the set, and SQL for the values in the data."""

    listed: str
    name: str
    sql: str


def _of_account(column: str) -> str:
    return f"SELECT DISTINCT {column} FROM account WHERE {column} IS NOT NULL"


_TYPES = "task service complaint event note"
KNOWN: Mapping[str, Known] = {
    "country": Known(COUNTRIES, "country (ISO 3166)", _of_account("country")),
    "currency": Known(CURRENCIES, "currency (ISO 4217)", _of_account("currency")),
    "manager": Known("", "manager", _of_account("manager")),
    "sector": Known("", "sector", _of_account("sector")),
    "price_list": Known("", "price list", "SELECT code FROM price_list ORDER BY code"),
    # inside a metric
    "consent": Known("consent customer published", "basis of consent", ""),
    "request type": Known(_TYPES, "type of request", ""),
}
COLUMNS = ("country", "currency", "manager", "sector")  # of the table account
OF_ACCOUNT = (*COLUMNS, "price_list")
# Fields inside a metric: those with a set of the same name, and the set of `type` by source.
FACTS = frozenset({"currency", "consent"})
TYPED = {"request": "request type"}
SEGMENT = "rfm_segment"  # its values are in the configuration


def of(name: str, source: str = "") -> str:
    """Return the name of a field's set of values, '' for free text. `source` is the metric's source, '' outside a metric."""
    if not source:
        return name if name in OF_ACCOUNT or is_score(name) else ""
    return TYPED.get(source, "") if name == "type" else name if name in FACTS else ""


def is_score(name: str) -> bool:
    """Tell whether a field is a score whose values are a closed list."""
    from segcli.domain.scoring.columns import SCORES

    return name == SEGMENT or (name in SCORES and bool(SCORES[name].values))


def missing(values: str, text: str) -> str:
    """Say that a set of values has no such one."""
    return f"{values} is never '{text}'" if is_score(values) else f"there is no {KNOWN[values].name} '{text}'"
