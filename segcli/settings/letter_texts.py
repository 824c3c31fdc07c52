"""Texts of reminder letters by language and level, with named fields; checked before anything is printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from segcli.base.errors import SegcliError
from segcli.base.money import to_human
from segcli.domain.catalogue import nearest
from segcli.settings import keys, section_keys, sections
from segcli.settings.config import Config

FIELDS = (
    "account", "name", "date", "level", "count", "open", "fee", "interest", "total", "balance", "currency", "pay_by", "sender", "iban",
)  # fmt: skip
_OF_WORDS = {"payment": ("total", "currency", "iban", "sender", "reference"), "page": ("page", "pages")}
_PARTS = keys.names(section_keys.TEXT)
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Text:
    """The text of one level in one language, with fields not yet filled in."""

    subject: str
    opening: tuple[str, ...]
    closing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """Texts and number formats of one language."""

    code: str
    decimal: str
    date_form: str
    months: tuple[str, ...]
    words: Mapping[str, str]
    texts: Mapping[int, Text]

    def day(self, day: date) -> str:
        """Return a date in words."""
        return self.date_form.format(day=day.day, month=self.months[day.month - 1], year=day.year)

    def amount(self, minor: int, currency: str) -> str:
        """Format an amount in this language, without its currency."""
        return to_human(minor, currency, self.decimal)


def read(config: Config, levels: int) -> dict[str, Language]:
    """Return the languages with a text for each level. A missing or unknown key is a SegcliError."""
    found = sections.section(config, "reminders")
    defaults = sections.defaults()["reminders"]["texts"]
    if not isinstance(found["texts"], dict):
        raise SegcliError("reminders.texts: this is a list of languages")
    merged = {**defaults, **{code: _over(defaults.get(code, {}), own, code) for code, own in found["texts"].items()}}
    languages = {code: _language(code, texts, levels) for code, texts in merged.items()}
    if found["language"] not in languages:
        raise SegcliError(f"reminders.language: there are no texts in '{found['language']}'", nearest("", languages))
    return languages


def _over(default: Mapping[str, Any], own: Any, code: str) -> dict[str, Any]:  # noqa: ANN401 - whatever the file holds
    """Merge a language's texts over the defaults; `words` are merged word by word."""
    if not isinstance(own, dict):
        raise SegcliError(f"reminders.texts.{code}: this is a list of levels")
    said = own.get("words") or {}
    if not isinstance(said, dict):
        raise SegcliError(f"reminders.texts.{code}.words: this is a list of words")
    words = {**default.get("words", {}), **said}
    return {**default, **own, "words": words}


def _language(code: str, given: Mapping[str, Any], levels: int) -> Language:
    where = f"reminders.texts.{code}"
    missing = [key.name for key in section_keys.LANGUAGE if key.is_needed and not given.get(key.name)]
    if missing:
        raise SegcliError(f"{where}: '{missing[0]}' is missing", "config.example.yaml shows what a language needs")
    known = {"decimal", "date", "words", "default", *map(str, range(1, levels + 1))}
    wrong = next((key for key in given if key not in known and not key.isdigit()), None)
    if wrong:
        raise SegcliError(f"{where}: there is no level '{wrong}'", nearest(wrong, sorted(known)))
    texts = {"date": given["date"], **{f"words.{name}": text for name, text in given["words"].items()}}
    wrong = next((name for name, text in texts.items() if not isinstance(text, str)), None)
    if wrong:
        raise SegcliError(f"{where}.{wrong}: this is no text")
    sections.check_fields(given["date"], ("day", "month", "year"), f"{where}.date")
    months = tuple(given["words"].get("months", "").split())
    if len(months) != _MONTHS:
        raise SegcliError(f"{where}.words.months: these are {len(months)} months, not 12")
    words = given["words"]
    for name, fields in _OF_WORDS.items():
        sections.check_fields(words.get(name, ""), fields, f"{where}.words.{name}")
    return Language(
        code=code,
        decimal=sections.one_of(given["decimal"], section_keys.DECIMALS, f"{where}.decimal"),
        date_form=given["date"],
        months=months,
        words=_complete(words, f"{where}.words"),
        texts={number: _text(given, number, where) for number in range(1, levels + 1)},
    )


WORDS = ("account", "our_date", "invoice", "invoice_date", "due_date", "days", "amount", "open", "sum", "fee",
         "interest", "subtotal", "total", "also_open", "credit", "balance", "balance_after_credits", "payment", "page")  # fmt: skip


def _complete(words: Mapping[str, str], where: str) -> Mapping[str, str]:
    missing = [name for name in WORDS if not words.get(name)]
    if missing:
        raise SegcliError(f"{where}: '{missing[0]}' is missing", "config.example.yaml shows what a language needs")
    sections.refuse_unknown(words, dict.fromkeys((*WORDS, "months")), where)
    return words


def _text(given: Mapping[str, Any], number: int, where: str) -> Text:
    text = given.get(str(number), given.get("default"))
    where = f"{where}.{number if str(number) in given else 'default'}"
    if not isinstance(text, dict):
        raise SegcliError(f"{where}: level {number} has no text", "write subject, opening and closing, or a default")
    sections.refuse_unknown(text, dict.fromkeys(_PARTS), where)
    missing = [part for part in _PARTS if not text.get(part)]
    if missing:
        raise SegcliError(f"{where}: '{missing[0]}' is missing")
    parts = {part: _paragraphs(text[part]) for part in _PARTS}
    for part, paragraphs in parts.items():
        for paragraph in paragraphs:
            sections.check_fields(paragraph, FIELDS, f"{where}.{part}")
    return Text(" ".join(parts["subject"]), parts["opening"], parts["closing"])


def _paragraphs(text: Any) -> tuple[str, ...]:  # noqa: ANN401 - a text or a list of them
    return tuple(map(str, text)) if isinstance(text, list) else (str(text),)
