"""From a statement to its letter: the configured texts, the table with the balance after each line, and the ageing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from segcli.actions.parts.recipient import Recipient
from segcli.actions.statements.source import Movement, Open
from segcli.actions.statements.span import Span
from segcli.domain import bank_account
from segcli.output.documents.letter import Carried, Letter, LetterColumn, Party, Strip
from segcli.overviews.parts import buckets
from segcli.settings.print_texts import Wording
from segcli.settings.sender import Sender

_TEXT = ("account", "name", "start_date", "end_date", "opening", "closing", "currency", "sender", "iban")
FIELDS = {  # allowed in each text of a statement
    **dict.fromkeys(("subject", "text", "open_subject", "open_text", "closing_text", "payment", "attached"), _TEXT),
    **dict.fromkeys(("invoice", "credit_note", "payment_of", "repayment_of"), ("number",)),
    "balance_on": ("day",),
    "set_off": ("items",),
    "bucket": ("first", "last"),
    "bucket_over": ("last",),
    "page": ("page", "pages"),
}
_MOVED = (("date", "left", 0.2), ("line", "left", 0.32), ("debit", "right", 0.15), ("credit", "right", 0.15),
          ("balance", "right", 0.18))  # fmt: skip
_OPEN = (("line", "left", 0.22), ("invoice_date", "left", 0.18), ("due_date", "left", 0.18), ("days", "right", 0.12),
         ("amount", "right", 0.15), ("open", "right", 0.15))  # fmt: skip


class Statement(NamedTuple):
    """The figures of an account in one currency, in minor units. With open items, opening, debit and credit are 0."""

    currency: str
    opening: int
    debit: int
    credit: int
    closing: int
    ageing: tuple[int, ...]  # not due, then by bucket
    language: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the statements of one period."""

    sender: Sender
    feet: Mapping[str, tuple[str, ...]]  # by language
    languages: Mapping[str, Wording]
    span: Span
    days: tuple[int, ...]  # upper limits of the buckets

    def moved(self, statement: Statement, to: Recipient, movements: Sequence[Movement]) -> Letter:
        """Return the letter that lists movements, with the balance before and after each."""
        words = self.languages[statement.language]

        def amount(minor: int) -> str:
            return words.amount(minor, statement.currency)

        balances = list(accumulate((one.debit - one.credit for one in movements), initial=statement.opening))
        before = self.span.start - timedelta(days=1)
        rows = [
            (words.day(one.day), _label(one.kind, one.numbers, words, is_debit=one.debit > 0),
             *(amount(minor) if minor else "" for minor in (one.debit, one.credit)), amount(balance))
            for one, balance in zip(movements, balances[1:], strict=True)
        ]  # fmt: skip
        totals = (("debit", statement.debit), ("credit", statement.credit))
        return replace(
            self._letter(statement, to, "subject", "text"),
            columns=_columns(_MOVED, words),
            rows=(("", _on(before, words), "", "", amount(statement.opening)), *rows),
            totals=(
                *((words[name], amount(minor)) for name, minor in totals),
                (f"{_on(self.span.end, words)} ({statement.currency})", amount(statement.closing)),
            ),
            carried=Carried(words["carried"], tuple(map(amount, (statement.opening, *balances)))),
        )

    def open(self, statement: Statement, to: Recipient, items: Sequence[Open]) -> Letter:
        """Return the letter that lists open items."""
        words = self.languages[statement.language]

        def amount(minor: int) -> str:
            return words.amount(minor, statement.currency)

        sums = accumulate((one.open for one in items), initial=0)
        return replace(
            self._letter(statement, to, "open_subject", "open_text"),
            columns=_columns(_OPEN, words),
            rows=tuple(
                (_label(one.kind, (one.number,), words, is_debit=one.open > 0), words.day(one.day),
                 words.day(one.due_date or ""), _overdue(one.days), amount(one.amount), amount(one.open))
                for one in items
            ),
            totals=((f"{words['total_open']} ({statement.currency})", amount(statement.closing)),),
            carried=Carried(words["carried"], tuple(map(amount, sums))),
        )  # fmt: skip

    def attached(self, statement: Statement) -> str:
        """Return the sentence of an e-mail about its attached letter."""
        return self.languages[statement.language]["attached"]

    def _letter(self, statement: Statement, to: Recipient, subject: str, text: str) -> Letter:
        """Return the letter without its table."""
        words, fields = self.languages[statement.language], self._fields(statement, to)
        asks = bool(self.sender.iban) and statement.closing > 0
        return Letter(
            sender=Party(self.sender.name, self.sender.address),
            sender_details=self.feet[statement.language],
            recipient=Party(to.name, to.lines(self.sender.country)),
            place_and_date=fields["end_date"],
            subject=words[subject].format(**fields),
            details=((words["account"], to.account),),
            opening=_paragraphs(words[text], fields),
            columns=(),
            rows=(),
            totals=(),
            closing=_paragraphs(words["closing_text"], fields),
            payment=None,
            payment_words=_paragraphs(words["payment"], fields) if asks else (),
            language=statement.language,
            logo=self.sender.logo,
            page_words=words["page"],
            strip=self._ageing(statement, words),
        )

    def _fields(self, statement: Statement, to: Recipient) -> dict[str, str]:
        """Return the values of the fields in the texts."""
        words = self.languages[statement.language]
        return {
            "account": to.account, "name": to.name, "sender": self.sender.name, "currency": statement.currency,
            "start_date": words.day(str(self.span.start)), "end_date": words.day(str(self.span.end)),
            "opening": words.amount(statement.opening, statement.currency),
            "closing": words.amount(statement.closing, statement.currency),
            "iban": bank_account.in_fours(self.sender.iban),
        }  # fmt: skip

    def _ageing(self, statement: Statement, words: Wording) -> Strip:
        labels = [
            words["not_due"],
            *(words["bucket"].format(first=first, last=last) for first, last in buckets.spans(self.days)),
            words["bucket_over"].format(last=self.days[-1]),
            f"{words['total']} ({statement.currency})",
        ]
        figures = (words.amount(minor, statement.currency) for minor in (*statement.ageing, statement.closing))
        return Strip(words["ageing"], tuple(zip(labels, figures, strict=True)))


def _columns(shares: Sequence[tuple[str, str, float]], words: Wording) -> tuple[LetterColumn, ...]:
    return tuple(LetterColumn(words[name], align, share) for name, align, share in shares)  # type: ignore[arg-type]


def _on(day: date, words: Wording) -> str:
    return words["balance_on"].format(day=words.day(str(day)))


def _overdue(days: int | None) -> str:
    return str(days) if days and days > 0 else ""


def _label(kind: str, numbers: Sequence[str | None], words: Wording, *, is_debit: bool) -> str:
    """Return the description of a line: the document, or what was paid or set off."""
    if kind == "set_off":
        return words["set_off"].format(items=", ".join(number or words["payment_received"] for number in numbers))
    (number,) = numbers
    if kind in {"invoice", "credit_note"}:
        return words[kind].format(number=number or "").strip()
    name = "repayment" if is_debit else "payment"
    bare = "repayment" if is_debit else "payment_received"
    return words[f"{name}_of"].format(number=number) if number else words[bare]


def _paragraphs(text: str, fields: Mapping[str, str]) -> tuple[str, ...]:
    """Return the paragraphs of a text with its fields filled in. An empty line ends a paragraph; a line break is a space."""
    return tuple(" ".join(part.split("\n")).strip().format(**fields) for part in text.split("\n\n") if part.strip())
