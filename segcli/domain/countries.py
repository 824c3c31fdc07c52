"""Country names as ISO 3166-1 alpha-2 codes: names in English, Dutch, German and French, and alpha-3 codes.

The names come from Unicode's CLDR through babel, which is imported when the first name is looked up: codes of two
letters cost nothing. Case, accents, punctuation and a leading "the" do not matter. `_VARIANTS` are the names in use that
CLDR does not have: former, official and own names, and the parts of the United Kingdom, which have no code in ISO 3166-1.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from segcli.base.text import fold

LANGUAGES = ("en", "nl", "de", "fr")
# Codes of CLDR that are no country: unions, seas, tests, parts of others that ISO 3166-1 does not list.
_NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
# Two letters that are in use for a country, but are not its code.
# Reserved for the country; Greece in VAT numbers; Dutch abbreviations.
_LETTERS = {"UK": "GB", "EL": "GR", "VK": "GB", "VS": "US"}
_VARIANTS = {
    "AE": "UAE, Emirates",
    "BA": "Bosnia, Bosnië, Bosnien, Bosnie",
    "BE": "België/Belgique, België/Belgique/Belgien",
    "CD": "Congo-Kinshasa, DR Congo, Democratic Republic of the Congo, Democratic Republic of Congo",
    "CG": "Congo-Brazzaville, Republic of the Congo, Republic of Congo",
    "CH": "Svizzera, Swiss Confederation",
    "CI": "Ivory Coast, Elfenbeinküste",
    "CN": "PRC, Volksrepubliek China, Volksrepublik China",
    "CV": "Cape Verde",
    "CZ": "Czech Republic, Tsjechische Republiek, Tschechische Republik, République tchèque, Česko, Česká republika",
    "DE": "BRD, Bundesrepublik Deutschland, Bondsrepubliek Duitsland",
    "DK": "Danmark",
    "ES": "España",
    "FI": "Suomi",
    "FR": "French Republic, République française",
    "GB": "UK, Great Britain, Britain, England, Scotland, Wales, Northern Ireland, Groot-Brittannië, Engeland, Schotland, "
    "Noord-Ierland, Großbritannien, Schottland, Nordirland, Grande-Bretagne, Angleterre, Écosse, Pays de Galles, "
    "Irlande du Nord, United Kingdom of Great Britain and Northern Ireland, United Kingdom (UK), "
    "Verenigd Koninkrijk (VK)",
    "GR": "Hellas, Hellenic Republic",
    "HK": "Hong Kong",
    "HR": "Hrvatska",
    "HU": "Magyarország",
    "IE": "Éire, Ierse Republiek, Republiek Ierland, Republik Irland, République d'Irlande",
    "IT": "Italia, Italian Republic",
    "KP": "Democratic People's Republic of Korea",
    "KR": "Republic of Korea",
    "LA": "Lao People's Democratic Republic",
    "LU": "Luxemburg, Lëtzebuerg",
    "MK": "Macedonia, Macedonië, Mazedonien, Macédoine",
    "MM": "Burma, Birma, Birmanie",
    "MO": "Macao, Macau",
    "NL": "Holland, Hollande, Koninkrijk der Nederlanden",
    "NO": "Norge",
    "PL": "Polska",
    "PS": "Palestine, Palestina, Palästina",
    "PT": "Portuguese Republic",
    "RO": "România",
    "RS": "Srbija",
    "RU": "Russian Federation, Russische Federatie, Russische Föderation, Fédération de Russie",
    "SE": "Sverige",
    "SI": "Slovenija",
    "SK": "Slovak Republic, Slowaakse Republiek, Slowakische Republik, République slovaque, Slovensko",
    "SY": "Syrian Arab Republic",
    "SZ": "Swaziland",
    "TR": "Turkey",
    "TW": "Republic of China, Taiwan Province of China",
    "US": "United States of America, America, Amerika, VSA, Verenigde Staten van Amerika, "
    "Vereinigte Staaten von Amerika, États-Unis d'Amérique",
    "VA": "Vatican, Vaticaan, Vatikan, Holy See",
    "VN": "Viet Nam",
}
_FORM = re.compile(r".*\b(?:republic|kingdom|states?|principality|commonwealth|duchy) of (?:the )?")


def code(text: str) -> str:
    """Return the code of a country's name, alpha-2 or alpha-3 code; any other text is returned as it is.

    Two letters are returned in capitals, whether or not a country has them.
    """
    if len(text) == 2:  # noqa: PLR2004 - ISO 3166-1 alpha-2
        upper = text.upper()
        return _LETTERS.get(upper, upper)
    known, name = _codes(), _plain(text)
    first, comma, rest = name.partition(", ")
    turned = f"{rest} {first}" if comma else name  # Iran, Islamic Republic of
    for form in (name, turned, _FORM.sub("", turned)):
        found = known.get(_key(form))
        if found:
            return found
    return text


def _plain(name: str) -> str:
    """Return a name folded, without a leading `the`, and with `and` and `st` as CLDR writes them in English."""
    return re.sub(r"\bsaint\b", "st", fold(name.strip()).replace("&", " and ").removeprefix("the "))


def _key(plain: str) -> str:
    """Return the letters and digits of a name."""
    return "".join(filter(str.isalnum, plain))


@cache
def _codes() -> Mapping[str, str]:
    """Return the code of each known name."""
    found = {_key(_plain(name)): country for name, country in _names()}
    return found | {_key(_plain(name)): country for country, names in _VARIANTS.items() for name in names.split(", ")}


def _names() -> Iterator[tuple[str, str]]:
    """Yield the names of CLDR, and the alpha-3 codes, with their code."""
    from babel import Locale
    from babel.core import get_global

    countries = set()
    for language in LANGUAGES:
        for country, name in Locale(language).territories.items():
            if country.isalpha() and country not in _NO_COUNTRIES:
                countries.add(country)
                yield name, country
    for alias, codes in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and len(codes) == 1 and codes[0] in countries:  # noqa: PLR2004 - alpha-3
            yield alias, codes[0]
