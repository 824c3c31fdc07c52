"""Writes PDF statements and e-mail drafts into a folder, which gets its name when it is complete."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from segcli.actions.parts import print_folder
from segcli.actions.parts.job import Job
from segcli.actions.parts.recipient import Recipient
from segcli.actions.statements import letters, source, span, staging
from segcli.actions.statements.letters import Statement, Writer
from segcli.output import outbox
from segcli.output.documents import pdf
from segcli.output.documents.draft import Attached, draft
from segcli.output.documents.fonts import Fonts
from segcli.output.documents.letter import Letter
from segcli.overviews.parts import buckets
from segcli.query import lookup
from segcli.settings import administration, letter_texts, print_texts, sender

MERGED = "statements.pdf"
_PLANNED = """SELECT p.account_id, p.sent_by, p.currency, coalesce(p.opening, 0), coalesce(p.debit, 0), coalesce(p.credit, 0),
       p.closing, p.language, a.code, a.name, a.address, a.postcode, a.city, a.country, a.email, a.phone, {ages}
  FROM temp.statement_plan AS p JOIN account AS a ON a.id = p.account_id WHERE p.cause = '' ORDER BY p.id"""


class Sent(NamedTuple):
    """A statement that is ready to be written."""

    statement: Statement
    to: Recipient
    sent_by: str
    letter: Letter


def check(job: Job) -> None:
    """Raise for a missing folder or sender, or a wrong IBAN or text, before the first letter is written."""
    print_folder.check_folder(job, "the statements")
    _writer(job)


def _writer(job: Job) -> Writer:
    config = job.session.config
    languages = letter_texts.read(config, 1)
    own = sender.read(config, administration.read(job.db))
    words = print_texts.read(config, "statements", languages, letters.FIELDS)
    days = buckets.limits(job.request.values["buckets"])
    return Writer(own, sender.feet(config, own, languages), words, span.of(job.request), days)


def write(job: Job, run_id: int) -> Callable[[], str]:
    """Write everything into a hidden folder. Return the function that renames it after the commit."""
    day = span.of(job.request).end
    return print_folder.write(job, run_id, "statements", lambda hidden: _Printer(job, hidden).print(), day)


class _Printer:
    """Writes the planned statements into a folder, one after the other."""

    def __init__(self, job: Job, folder: Path) -> None:
        self.job = job
        self.folder = folder
        self.writer = _writer(job)
        self.own_currency = lookup.currency(job.db)
        self.fonts = Fonts(self.writer.sender.font) if self.writer.sender.font else None
        self.warnings: list[str] = []
        self.without_address: dict[str, None] = {}  # codes of accounts, in order

    def print(self) -> list[str]:
        """Write the letters, separately or merged, and the drafts; return the warnings."""
        if self.job.values["open_items"]:
            source.stage_items(self.job, self.writer.span)
        if self.job.values["merged"]:
            self._merged()
        for sent in self._sent():
            is_emailed = sent.sent_by == "email"
            if is_emailed or not self.job.values["merged"]:
                self._each(sent, is_emailed=is_emailed)
        return [*self.warnings, *(f"account {code}: the statement has no address" for code in self.without_address)]

    def _merged(self) -> None:
        found = (sent.letter for sent in self._sent() if sent.sent_by == "letter")
        with outbox.writing(self.folder / MERGED) as file:
            pages = pdf.write(found, file, self.fonts, self.warnings)
        if not pages:
            (self.folder / MERGED).unlink()

    def _each(self, sent: Sent, *, is_emailed: bool) -> None:
        """Write a statement as a PDF, unless letters are merged, and as a draft with the PDF attached."""
        suffix = "" if sent.statement.currency == self.own_currency else f"-{sent.statement.currency}"
        name = outbox.free(self.folder, f"{sent.to.account}{suffix}")
        buffer = io.BytesIO()
        pdf.write([sent.letter], buffer, self.fonts, self.warnings)
        if not self.job.values["merged"]:
            with outbox.writing(self.folder / f"{name}.pdf") as file:
                file.write(buffer.getvalue())
        if is_emailed:
            with outbox.writing(self.folder / f"{name}.eml") as file:
                file.write(self._draft(sent, Attached(f"{name}.pdf", buffer.getvalue())))

    def _sent(self) -> Iterator[Sent]:
        """Yield the planned statements, by account and currency."""
        ages = ", ".join(f"p.{column.name}" for column in buckets.columns(staging.ageing(self.job.request)))
        for row in self.job.db.execute(_PLANNED.format(ages=ages)):
            account_id, sent_by, currency, opening, debit, credit, closing, language = row[:8]
            to = Recipient(*row[8:16])
            statement = Statement(currency, opening, debit, credit, closing, tuple(row[16:]), language)
            if sent_by == "letter" and not to.has_address:
                self.without_address[to.account] = None
            yield Sent(statement, to, sent_by, self._letter(account_id, statement, to))

    def _letter(self, account_id: int, statement: Statement, to: Recipient) -> Letter:
        days = self.writer.span
        if self.job.values["open_items"]:
            items = source.items(self.job.db, account_id, statement.currency, days)
            return self.writer.open(statement, to, items)
        return self.writer.moved(statement, to, source.movements(self.job.db, account_id, statement.currency, days))

    def _draft(self, sent: Sent, attached: Attached) -> bytes:
        """Return an unsent e-mail with the statement attached; the same statement gives the same bytes."""
        return draft(
            [sent.to.email or ""],
            f"{sent.letter.subject} ({sent.to.account})",
            "\n\n".join(self._text(sent)),
            [attached],
            mark=f"{sent.to.account.encode().hex()}-{sent.statement.currency}-{self.writer.span.end}",
            sender=self.writer.sender.email,
        )

    def _text(self, sent: Sent) -> Iterator[str]:
        """Yield the paragraphs of the e-mail: the letter without its table."""
        letter, opening = sent.letter, sent.letter.rows[0]
        yield from letter.opening
        yield self.writer.attached(sent.statement)
        first = () if self.job.values["open_items"] else ((opening[1], opening[-1]),)
        yield "\n".join(f"{label}: {amount}" for label, amount in (*first, *letter.totals))
        if letter.strip:
            yield "\n".join((letter.strip.heading, *(f"{label}: {amount}" for label, amount in letter.strip.figures)))
        yield from letter.payment_words
        yield from letter.closing
