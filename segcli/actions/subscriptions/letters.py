"""Makes the covering letter and the confirmation of a subscription."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from segcli.domain.prices.numbers import words as number_words
from segcli.domain.subscriptions.amounts import period_amount
from segcli.domain.subscriptions.subscription import Line, Subscription
from segcli.domain.units import whole
from segcli.output.documents.letter import Letter, LetterColumn, Party
from segcli.settings.print_texts import Wording
from segcli.settings.sender import Sender

_TEXT = ("subscription", "account", "name", "date", "start_date", "end_date", "description", "sender", "amount", "currency",
         "frequency")  # fmt: skip
FIELDS = {
    **dict.fromkeys(
        ("covering_subject", "covering_text", "confirmation_subject", "confirmation_text", "confirmation_end"), _TEXT
    ),
    "total": ("frequency",),
    "several": ("count", "frequency"),
    "page": ("page", "pages"),
}
PARTS = ("covering", "confirmation")


@dataclass(frozen=True, slots=True)
class Printed:
    """A subscription with the data that its letters need."""

    subscription: Subscription
    to: Party
    account: str
    description: str
    type: str
    your_reference: str
    language: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the letters of one day."""

    sender: Sender
    feet: Mapping[str, tuple[str, ...]]  # by language
    languages: Mapping[str, Wording]
    day: date

    def letters(self, printed: Printed, parts: tuple[str, ...]) -> Iterator[Letter]:
        """Yield the requested letters of a subscription, in order."""
        words = self.languages[printed.language]
        fields = self._fields(printed, words)
        if "covering" in parts:
            text = words["covering_text"].format(**fields)
            yield self._letter(printed, words["covering_subject"].format(**fields), _paragraphs(text))
        if "confirmation" in parts:
            yield self._confirmation(printed, words, fields)

    def _fields(self, printed: Printed, words: Wording) -> dict[str, str]:
        asked = printed.subscription
        amount = sum(_amount(line, asked.currency) or 0 for line in self._current(asked) if not line.is_once)
        return {
            "subscription": asked.number, "account": printed.account, "name": printed.to.name, "date": words.day(str(self.day)),
            "start_date": words.day(str(asked.start)), "end_date": words.day(str(asked.end or "")),
            "description": printed.description or printed.type, "sender": self.sender.name,
            "amount": words.amount(amount, asked.currency), "currency": asked.currency, "frequency": _frequency(asked, words),
        }  # fmt: skip

    def _current(self, subscription: Subscription) -> list[Line]:
        """Return the lines valid on the day, or on the first or last day of a subscription that does not run then."""
        day = max(self.day, subscription.start)
        day = min(day, subscription.end) if subscription.end else day
        return [line for line in subscription.lines if line.start <= day and (line.end is None or line.end >= day)]

    def _letter(self, printed: Printed, subject: str, opening: tuple[str, ...]) -> Letter:
        words = self.languages[printed.language]
        return Letter(
            sender=Party(self.sender.name, self.sender.address),
            sender_details=self.feet[printed.language],
            recipient=printed.to,
            place_and_date=words.day(str(self.day)),
            subject=subject,
            details=((words["account"], printed.account),),
            opening=opening,
            columns=(),
            rows=(),
            totals=(),
            closing=(),
            payment=None,
            payment_words=(),
            language=printed.language,
            logo=self.sender.logo,
            page_words=words["page"],
        )

    def _confirmation(self, printed: Printed, words: Wording, fields: Mapping[str, str]) -> Letter:
        from dataclasses import replace

        asked, lines = printed.subscription, self._current(printed.subscription)
        details = (
            ("subscription", asked.number), ("type", printed.type), ("start_date", fields["start_date"]),
            ("end_date", fields["end_date"]), ("invoiced", f"{fields['frequency']}, {words[asked.rhythm.timing]}"),
            ("your_reference", printed.your_reference), ("account", printed.account),
        )  # fmt: skip
        shares = (("item", "left", 0.14), ("line", "left", 0.4), ("quantity", "right", 0.12), ("price", "right", 0.16),
                  ("discount", "right", 0.1), ("amount", "right", 0.16))  # fmt: skip
        letter = self._letter(
            printed,
            words["confirmation_subject"].format(**fields),
            _paragraphs(words["confirmation_text"].format(**fields)),
        )
        return replace(
            letter,
            details=tuple((words[name], value) for name, value in details if value),
            columns=tuple(LetterColumn(words[name], align, share) for name, align, share in shares),  # type: ignore[arg-type]
            rows=tuple(_row(line, asked.currency, words) for line in lines),
            totals=((f"{words['total'].format(**fields)} ({asked.currency})", fields["amount"]),),
            closing=_paragraphs(words["confirmation_end"].format(**fields)),
        )


def _row(line: Line, currency: str, words: Wording) -> tuple[str, ...]:
    price = words["automatic"] if line.unit_price is None else words.price(number_words(line.unit_price), currency)
    discount = f"{words.number(number_words(line.discount_percent))}%" if line.discount_percent else ""
    amount = _amount(line, currency)
    text = f"{line.description} ({words['once']})" if line.is_once else line.description
    quantity = f"{words.number(number_words(line.quantity))} {line.unit}".rstrip()
    return (line.item, text, quantity, price, discount, "" if amount is None else words.amount(amount, currency))


def _amount(line: Line, currency: str) -> int | None:
    """Return the price of one period of a line, in minor units; None if its price is automatic."""
    if line.unit_price is None:
        return None
    return whole(period_amount(line.quantity, line.unit_price, line.discount_percent, currency))


def _frequency(subscription: Subscription, words: Wording) -> str:
    rhythm = subscription.rhythm
    found = words[rhythm.frequency]
    return found if rhythm.count == 1 else words["several"].format(count=rhythm.count, frequency=found)


def _paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text: empty lines separate them, and single line ends are spaces."""
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())
