"""Fixed texts of printed documents by language, with number and date formats; checked before anything is printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from segcli.base.errors import SegcliError
from segcli.base.money import exponent, to_human
from segcli.settings import sections
from segcli.settings.config import Config
from segcli.settings.letter_texts import Language

Fields = Mapping[str, tuple[str, ...]]  # the fields allowed in each word


@dataclass(frozen=True, slots=True)
class Wording:
    """Fixed words and formats of one language."""

    decimal: str
    date_form: str
    months: tuple[str, ...]
    words: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return a fixed word by name."""
        return self.words[name]

    def day(self, iso: str) -> str:
        """Return an ISO date in words; '' stays ''."""
        day = date.fromisoformat(iso) if iso else None
        return self.date_form.format(day=day.day, month=self.months[day.month - 1], year=day.year) if day else ""

    def amount(self, minor: int, currency: str) -> str:
        """Format an amount in this language, without its currency."""
        return to_human(minor, currency, self.decimal)

    def number(self, text: str, decimals: int = 0) -> str:
        """Format a decimal number in groups of three. All its decimals are kept, padded to at least `decimals`."""
        whole, _, rest = text.removeprefix("-").partition(".")
        grouped = f"{int(whole or '0'):,}".replace(",", "." if self.decimal == "," else ",")
        rest = rest.ljust(decimals, "0")
        return f"{'-' * text.startswith('-')}{grouped}{self.decimal + rest if rest else ''}"

    def price(self, text: str, currency: str) -> str:
        """Format a price with all its decimals, and at least as many as the currency has."""
        return self.number(text, exponent(currency))


def read(config: Config, section: str, languages: Mapping[str, Language], fields: Fields) -> dict[str, Wording]:
    """Return the words of a section by language: the user's words over the defaults, or over English for other languages."""
    known = sections.defaults()[section]["words"]
    given = sections.section(config, section)["words"]
    if not isinstance(given, dict):
        raise SegcliError(f"{section}.words: this is a list of languages")
    for code, words in given.items():
        _check(f"{section}.words.{code}", words or {}, known["en"], fields)
    return {
        code: Wording(
            language.decimal,
            language.date_form,
            language.months,
            {**known.get(code, known["en"]), **{name: str(text) for name, text in (given.get(code) or {}).items()}},
        )
        for code, language in languages.items()
    }


def _check(where: str, words: Mapping[str, object], known: Mapping[str, str], fields: Fields) -> None:
    if not isinstance(words, dict):
        raise SegcliError(f"{where}: this is a list of words")
    sections.refuse_unknown(words, known, where)
    for name, text in words.items():
        if not isinstance(text, str) or not text.strip():
            raise SegcliError(f"{where}.{name}: this is no text")
        if name in fields:
            sections.check_fields(text, fields[name], f"{where}.{name}")
