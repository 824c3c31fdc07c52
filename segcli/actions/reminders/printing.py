"""Prints reminders into a folder, published atomically: PDF letters, e-mail drafts and the mail merge."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from segcli.actions.parts import print_folder
from segcli.actions.parts.job import Job
from segcli.actions.parts.recipient import Recipient
from segcli.actions.reminders.letters import Row, Writer
from segcli.domain.clause import in_order
from segcli.domain.reminders.plan import Line, Other, Reminder
from segcli.domain.table import Column, Table
from segcli.output import outbox
from segcli.output.documents import pdf
from segcli.output.documents.draft import Attached, draft
from segcli.output.documents.fonts import Fonts
from segcli.output.documents.letter import Letter, Texts
from segcli.query import lookup
from segcli.settings import administration, letter_texts, reminder_policy, sender

MERGED, MAIL_MERGE = "reminders.pdf", "reminders.csv"
_SENT = f"""SELECT r.id, r.account_id, r.currency, r.level, r.action, r.language, r.fee_amount, a.code, a.name, a.address,
       a.postcode, a.city, a.country, a.email, a.phone
  FROM reminder AS r JOIN account AS a ON a.id = r.account_id WHERE r.run_id = ?
 ORDER BY {in_order("a.code")}, r.currency"""
_LINES = """SELECT i.invoice_number, i.invoice_date, i.due_date, i.amount, l.open_amount,
       CAST(julianday(?) - julianday(coalesce(i.due_date, i.invoice_date)) AS INTEGER), l.item_id, l.level, l.interest_amount
  FROM reminder_line AS l JOIN outstanding_item AS i ON i.id = l.item_id WHERE l.reminder_id = ?
 ORDER BY coalesce(i.due_date, i.invoice_date), i.invoice_number, i.id"""
# A payment before its invoice is a credit on an invoice item: the amount shown is what is open.
_OTHERS = """SELECT i.invoice_number, i.invoice_date, i.due_date, CASE WHEN (i.amount > 0) = (o.open > 0) THEN i.amount ELSE o.open END,
       o.open, CASE WHEN o.open > 0 THEN CAST(julianday(?) - julianday(coalesce(i.due_date, i.invoice_date)) AS INTEGER) END, i.id
  FROM temp.reminder_plan AS p JOIN temp.reminder_plan_other AS o ON o.plan_id = p.id
  JOIN outstanding_item AS i ON i.id = o.item_id WHERE p.reminder_id = ? ORDER BY o.position"""
_MERGE = f"""SELECT a.code, a.name, r.action, r.level, r.language, r.reminder_date, r.currency, r.open_amount, r.fee_amount,
       r.interest_amount, r.open_amount + r.fee_amount + r.interest_amount, r.also_open_amount, r.credit_amount,
       r.open_amount + r.fee_amount + r.interest_amount + min(0, r.also_open_amount + r.credit_amount), a.address, a.postcode, a.city,
       a.country, a.email,
       a.phone, (SELECT group_concat(i.invoice_number, ' ') FROM reminder_line AS l JOIN outstanding_item AS i
         ON i.id = l.item_id WHERE l.reminder_id = r.id)
  FROM reminder AS r JOIN account AS a ON a.id = r.account_id WHERE r.run_id = ?
 ORDER BY {in_order("a.code")}, r.currency"""
_MERGE_COLUMNS = (
    Column("account", "code"), Column("name"), Column("action"), Column("level", "integer"), Column("language"),
    Column("reminder_date", "date"), Column("currency"), Column("open", "money"), Column("fee", "money"),
    Column("interest", "money"), Column("total", "money"), Column("also_open", "money"),
    Column("credits", "money"), Column("to_pay", "money"), Column("address"), Column("postcode"), Column("city"),
    Column("country"), Column("email"), Column("phone"), Column("invoices"),
)  # fmt: skip


class Sent(NamedTuple):
    """A stored reminder to be written."""

    reminder: Reminder
    to: Recipient
    letter: Letter

    @property
    def code(self) -> str:
        """Return the account's code."""
        return self.to.account


def check(job: Job) -> None:
    """Raise before the first letter is written for a missing folder or sender, or a wrong IBAN or text."""
    print_folder.check_folder(job, "the letters")
    _writer(job)


def _writer(job: Job) -> Writer:
    config = job.session.config
    rules = reminder_policy.read(config, lookup.currency(job.db), job.values["mode"])
    languages = letter_texts.read(config, len(rules.levels))
    own = sender.read(config, administration.read(job.db))
    return Writer(own, sender.feet(config, own, languages), languages, job.request.as_of, rules.pay_within)


def write(job: Job, run_id: int) -> Callable[[], str]:
    """Write everything into a hidden folder; return the function that publishes it after the commit."""

    def fill(hidden: Path) -> list[str]:
        warnings: list[str] = []
        _Printer(job, _writer(job), hidden, warnings).print(run_id)
        return warnings

    return print_folder.write(job, run_id, "reminders", fill)


class _Printer:
    """Writes the reminders of a run into a folder, one after the other."""

    def __init__(self, job: Job, writer: Writer, folder: Path, warnings: list[str]) -> None:
        self.job = job
        self.writer = writer
        self.folder = folder
        self.warnings = warnings
        self.fonts = Fonts(writer.sender.font) if writer.sender.font else None
        self.homeless: list[str] = []

    def print(self, run_id: int) -> None:
        """Write the letters (each or merged), the drafts and the mail merge."""
        if self.job.values["merged"]:
            found = (sent.letter for sent in self._sent(run_id, "letter"))
            with outbox.writing(self.folder / MERGED) as file:
                pages = pdf.write(found, file, self.fonts, self.warnings)
            if not pages:
                (self.folder / MERGED).unlink()
        else:
            for sent in self._sent(run_id, "letter"):
                with outbox.writing(self._path(sent, "pdf")) as file:
                    pdf.write([sent.letter], file, self.fonts, self.warnings)
        for sent in self._sent(run_id, "email"):
            path = self._path(sent, "eml")
            with outbox.writing(path) as file:
                file.write(self._draft(sent, f"{path.name.removesuffix('.eml')}.pdf"))
        self._merge(run_id)
        self.warnings += [f"account {code}: the letter has no address" for code in self.homeless]

    def _path(self, sent: Sent, ending: str) -> Path:
        own = lookup.currency(self.job.db)
        suffix = "" if sent.reminder.currency == own else f"-{sent.reminder.currency}"
        return self.folder / f"{outbox.free(self.folder, f'{sent.code}{suffix}')}.{ending}"

    def _sent(self, run_id: int, action: str) -> Iterator[Sent]:
        """Yield the reminders of a run with this action, by account."""
        for row in self.job.db.execute(_SENT, (run_id,)):
            if row[4] == action:
                yield self._one(row)

    def _one(self, row: tuple[Any, ...]) -> Sent:
        reminder_id, account_id, currency, level, action, language, fee, *account = row
        lines = self.job.db.execute(_LINES, (str(self.job.request.as_of), reminder_id)).fetchall()
        parts = tuple(Line(item, at, open_, interest, days) for *_, open_, days, item, at, interest in lines)
        beside = self.job.db.execute(_OTHERS, (str(self.job.request.as_of), reminder_id)).fetchall()
        others = tuple(Other(item, open_) for *_, open_, _, item in beside)
        reminder = Reminder(account_id, currency, level, action, language, parts, fee, others=others)
        to = Recipient(*account)
        if action == "letter" and not to.has_address:
            self.homeless.append(to.account)
        rows, also = ([Row(*line[:6]) for line in found] for found in (lines, beside))
        return Sent(reminder, to, self.writer.letter(reminder, to, rows, also))

    def _draft(self, sent: Sent, name: str) -> bytes:
        """Return an unsent e-mail with the letter attached; the same reminder gives the same bytes."""
        buffer = io.BytesIO()
        pdf.write([sent.letter], buffer, self.fonts, self.warnings)
        return draft(
            [sent.to.email or ""],
            f"{sent.letter.subject} ({sent.code})",
            "\n\n".join(self._text(sent)),
            [Attached(name, buffer.getvalue())],
            mark=f"{sent.code.encode().hex()}-{sent.reminder.level}",
            sender=self.writer.sender.email,
        )

    def _text(self, sent: Sent) -> Iterator[str]:
        """Yield the paragraphs of the e-mail: the letter's text, with its table as lines."""
        letter = sent.letter
        yield from letter.opening
        yield from _as_lines(letter, letter.rows, letter.totals)
        if letter.also:
            yield letter.also.heading
            yield from _as_lines(letter, letter.also.rows, letter.also.totals)
        yield from letter.payment_words
        yield from letter.closing

    def _merge(self, run_id: int) -> None:
        from segcli.output.render import Style, csv

        table = Table("Reminders", _MERGE_COLUMNS, self.job.db.execute(_MERGE, (run_id,)), currency_at=6,
                      currency=lookup.currency(self.job.db))  # fmt: skip
        with outbox.writing(self.folder / MAIL_MERGE) as file:
            text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
            csv.render(table, text, Style())
            text.flush()
            text.detach()


def _as_lines(letter: Letter, rows: tuple[Texts, ...], totals: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Yield a table and its totals as paragraphs of an e-mail."""
    heads = [column.heading for column in letter.columns]
    cells = (zip(heads, row, strict=True) for row in rows)
    yield "\n\n".join("\n".join(f"{head}: {cell}" for head, cell in row if cell) for row in cells)
    yield "\n".join(f"{label}: {amount}" for label, amount in totals)
