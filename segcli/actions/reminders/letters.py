"""Makes the letter of a reminder: texts in the account's language, the table of items, and the amount to pay."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from segcli.actions.parts.recipient import Recipient
from segcli.domain import bank_account
from segcli.domain.reminders.plan import Reminder
from segcli.output.documents.letter import Block, Letter, LetterColumn, Party, Payment
from segcli.settings.letter_texts import Language
from segcli.settings.sender import Sender


class Row(NamedTuple):
    """An item in the table of a letter."""

    invoice_number: str | None
    invoice_date: str
    due_date: str | None
    amount: int
    open: int
    days: int | None  # days overdue; None for a credit


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the letters of one day."""

    sender: Sender
    feet: Mapping[str, tuple[str, ...]]  # by language
    languages: Mapping[str, Language]
    day: date
    pay_within: int

    def fields(self, reminder: Reminder, to: Recipient) -> dict[str, str]:
        """Return the values of the named fields in the texts."""
        language = self.languages[reminder.language]
        amounts = {"open": reminder.open, "fee": reminder.fee, "interest": reminder.interest,
                   "total": reminder.to_pay, "balance": reminder.balance}  # fmt: skip
        return {
            **{name: language.amount(minor, reminder.currency) for name, minor in amounts.items()},
            "account": to.account, "name": to.name, "date": language.day(self.day), "level": str(reminder.level),
            "count": str(len(reminder.lines)), "currency": reminder.currency,
            "iban": bank_account.in_fours(self.sender.iban, " "),
            "pay_by": language.day(self.day + timedelta(self.pay_within)), "sender": self.sender.name,
        }  # fmt: skip

    def letter(self, reminder: Reminder, to: Recipient, rows: list[Row], also: list[Row]) -> Letter:
        """Return the letter of a reminder; `also` are the other open items."""
        language = self.languages[reminder.language]
        words, text, fields = language.words, language.texts[reminder.level], self.fields(reminder, to)
        reference = (rows[0].invoice_number if len(rows) == 1 else None) or to.account
        return Letter(
            sender=Party(self.sender.name, self.sender.address),
            sender_details=self.feet[language.code],
            recipient=Party(to.name, to.lines(self.sender.country)),
            place_and_date=fields["date"],
            subject=text.subject.format(**fields),
            details=((words["account"], to.account),),
            opening=tuple(paragraph.format(**fields) for paragraph in text.opening),
            columns=_columns(words),
            rows=tuple(_row(row, language, reminder.currency) for row in rows),
            totals=tuple(_totals(language, reminder)),
            also=_also(language, reminder, also),
            closing=tuple(paragraph.format(**fields) for paragraph in text.closing),
            payment=self._payment(reminder, reference),
            payment_words=(words["payment"].format(**fields, reference=reference),) if self.sender.iban else (),
            language=language.code,
            logo=self.sender.logo,
            page_words=words["page"],
        )

    def _payment(self, reminder: Reminder, reference: str) -> Payment | None:
        if not self.sender.iban:
            return None
        return Payment(
            reminder.to_pay, reminder.currency, self.sender.iban, self.sender.bic, self.sender.name, reference
        )


def _columns(words: Mapping[str, str]) -> tuple[LetterColumn, ...]:
    shares = (("invoice", "left", 0.2), ("invoice_date", "left", 0.19), ("due_date", "left", 0.19),
              ("days", "right", 0.12), ("amount", "right", 0.15), ("open", "right", 0.15))  # fmt: skip
    return tuple(LetterColumn(words[name], align, share) for name, align, share in shares)  # type: ignore[arg-type]


def _row(row: Row, language: Language, currency: str) -> tuple[str, ...]:
    days = [language.day(date.fromisoformat(day)) if day else "" for day in (row.invoice_date, row.due_date)]
    amounts = [language.amount(minor, currency) for minor in (row.amount, row.open)]
    days_overdue = "" if row.days is None else str(row.days)
    return (row.invoice_number or language.words["credit"], *days, days_overdue, *amounts)


def _totals(language: Language, reminder: Reminder) -> list[tuple[str, str]]:
    """Return the items' total with fee and interest, and the amount to pay unless other open items follow."""
    words, currency = language.words, reminder.currency
    extra = [(words["fee"], reminder.fee), (words["interest"], reminder.interest)]
    found = [(words["sum"], reminder.open), *((label, minor) for label, minor in extra if minor)]
    if reminder.others:
        found += [(words["subtotal"], reminder.total)] if len(found) > 1 else []
    else:
        found = [*(found if len(found) > 1 else ()), (f"{words['total']} ({currency})", reminder.to_pay)]
    return [(label, language.amount(minor, currency)) for label, minor in found]


def _also(language: Language, reminder: Reminder, rows: list[Row]) -> Block | None:
    """Return the block of other open items, with the balance and the amount to pay."""
    if not rows:
        return None
    words, currency = language.words, reminder.currency
    balance = words["balance_after_credits" if reminder.credits else "balance"]
    totals = ((balance, reminder.balance), (f"{words['total']} ({currency})", reminder.to_pay))
    return Block(
        heading=words["also_open"],
        rows=tuple(_row(row, language, currency) for row in rows),
        totals=tuple((label, language.amount(minor, currency)) for label, minor in totals),
    )
