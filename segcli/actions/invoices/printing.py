"""Prints invoices into a folder, published atomically: PDF (each or merged), UBL and e-mail drafts."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from segcli.actions.invoices import paper, sums
from segcli.actions.invoices.documents import Source
from segcli.actions.invoices.electronic import Electronic
from segcli.actions.invoices.staging import Rules
from segcli.actions.parts import print_folder
from segcli.actions.parts.job import Job
from segcli.base.errors import SegcliError, UsageError
from segcli.base.text import visible
from segcli.domain.catalogue import parse_values
from segcli.domain.clause import plain_words, text_values
from segcli.domain.sales import series
from segcli.domain.sales.document import InvoiceDocument
from segcli.output import outbox
from segcli.output.documents.draft import Attached, draft
from segcli.output.documents.fonts import Fonts
from segcli.settings import administration, letter_texts, print_texts, section_keys, sections, sender
from segcli.settings.config import Config

MERGED = "invoices.pdf"
_PERCENT = re.compile(r"\d{1,2}(?:\.\d{1,4})?", re.ASCII)


def rules(config: Config) -> Rules:
    """Return the invoice rules of the configuration. Raises SegcliError for wrong settings."""
    found = sections.section(config, "invoices")
    series.prefix_of(str(found["number"]), 2000)
    known = sections.defaults()["invoices"]["gl_accounts"]
    sections.check(found["gl_accounts"] or {}, section_keys.GL_ACCOUNTS, "invoices.gl_accounts", ".")
    days = sections.whole_number(found["payment_days"], "invoices.payment_days")
    percent = str(found["vat_percent"] or "")
    if percent and not _PERCENT.fullmatch(percent):
        raise SegcliError(f"invoices.vat_percent: '{percent}' is not a rate", "write 21, or 9.5")
    return Rules(str(found["number"]), days, str(found["journal"]), {**known, **(found["gl_accounts"] or {})}, percent)


def check(job: Job) -> None:
    """Raise before the first invoice is written for a missing folder or sender, or a wrong IBAN or text."""
    print_folder.check_folder(job, "the invoices")
    _Printer(job)


def write(job: Job, run_id: int) -> Callable[[], str]:
    """Write the invoices of a run into a hidden folder; return the function that publishes it after the commit."""
    chosen = "SELECT id FROM invoice WHERE processed_run_id = ?"
    return print_folder.write(
        job, run_id, "invoices", lambda hidden: _fill(job, hidden, chosen, (run_id,), is_copy=False)
    )


def unstored(job: Job) -> str:
    """Print drafts of open invoices or copies of processed ones; return their folder."""
    if job.values["draft"]:
        return _published(
            job, "SELECT invoice_id FROM temp.invoice_plan WHERE reason = ''", (), "drafts", is_copy=False
        )
    lists = [parse_values(text, "--reprint") for text in job.values["reprint"]]
    for word in plain_words(lists):
        sql = "SELECT 1 FROM invoice WHERE kind = 'sales' AND status = 'processed' AND invoice_number = ?"
        if not job.db.execute(sql, (word,)).fetchone():
            raise UsageError(f"--reprint: there is no processed invoice '{word}'", "see: segcli show invoice-history")
    clause = text_values("invoice_number", lists)
    chosen = f"SELECT id FROM invoice WHERE kind = 'sales' AND status = 'processed' AND ({clause.sql})"
    return _published(job, chosen, clause.values, "copies", is_copy=True)


def _published(job: Job, chosen: str, values: tuple[object, ...], name: str, *, is_copy: bool) -> str:
    with outbox.prepared(Path(job.values["folder"]), f"{name}-{job.request.as_of}") as hidden:
        warnings = _fill(job, hidden, chosen, values, is_copy=is_copy)
    try:
        place = outbox.publish(hidden)
    finally:
        outbox.discard(hidden)  # if it was not published
    for warning in warnings:
        job.session.insist(warning)
    return f"printed into {place}"


def _fill(job: Job, hidden: Path, chosen: str, values: tuple[object, ...], *, is_copy: bool) -> list[str]:
    """Print the chosen invoices into a folder; return the warnings."""
    printer = _Printer(job)
    printer.print(hidden, chosen, values, is_copy=is_copy)
    return [*printer.warnings, *printer.electronic.warnings()]


class _Printer:
    """Writes invoices into a folder, one after the other."""

    def __init__(self, job: Job) -> None:
        config = job.session.config
        self.job = job
        self.own = administration.read(job.db)
        self.sender = sender.read(config, self.own)
        self.languages = letter_texts.read(config, 1)
        self.language = str(sections.section(config, "reminders")["language"])
        self.style = paper.PaperStyle(
            logo=self.sender.logo,
            fonts=Fonts(self.sender.font) if self.sender.font else None,
            sender_details=self.sender.details,
            languages=print_texts.read(config, "invoices", self.languages, sums.FIELDS),
            sender_address=self.sender.address,
        )
        self.electronic = Electronic(config, self.style.languages)
        self.warnings: list[str] = []

    def print(self, folder: Path, chosen: str, values: tuple[object, ...], *, is_copy: bool) -> None:
        """Write the invoices (each or merged) with their UBL, and e-mail drafts with both attached."""
        documents = self._documents(chosen, values, is_copy)
        if self.job.values["merged"]:
            with outbox.writing(folder / MERGED) as file:
                pages = paper.write(self._with_xml(folder, documents), file, self.style, self.warnings)
            if not pages:
                (folder / MERGED).unlink()
            return
        for document in documents:
            name = outbox.free(folder, document.number or f"{document.account}-{document.order_number}")
            path = folder / f"{name}.pdf"
            with outbox.writing(path) as file:
                paper.write([document], file, self.style, self.warnings)
            xml = self.electronic.write(document, folder / f"{name}.xml")
            if self._goes_by_email(document):
                with outbox.writing(folder / f"{name}.eml") as file:
                    file.write(self._draft(document, path, xml))

    def _with_xml(self, folder: Path, documents: Iterable[InvoiceDocument]) -> Iterator[InvoiceDocument]:
        for document in documents:
            self.electronic.write(document, folder / f"{outbox.free(folder, document.number)}.xml")
            yield document

    def _documents(self, chosen: str, values: tuple[object, ...], is_copy: bool) -> Iterator[InvoiceDocument]:  # noqa: FBT001 - passed on
        seller = {**{name: value or "" for name, value in self.own.items() if isinstance(value, str | None)},
                  "name": self.sender.name, "email": self.sender.email, "iban": self.sender.iban, "bic": self.sender.bic}  # fmt: skip
        source = Source(self.job.db, seller, self.languages, self.language, rules(self.job.session.config).vat_percent)
        return source.documents(chosen, values, is_copy=is_copy)

    def _goes_by_email(self, document: InvoiceDocument) -> bool:
        sql = "SELECT 1 FROM invoice WHERE kind = 'sales' AND invoice_number = ? AND sent_by = 'email'"
        return not (document.is_draft or document.is_copy) and bool(
            self.job.db.execute(sql, (document.number,)).fetchone()
        )

    def _draft(self, document: InvoiceDocument, path: Path, xml: bytes | None) -> bytes:
        """Return an unsent e-mail with the PDF and UBL attached; the same invoice gives the same bytes."""
        words = self.style.languages[document.language]
        totals = "\n".join(f"{label}: {amount}" for label, amount in sums.totals(document, words))
        parts = (document.description, totals, sums.payment_line(document, words), self.sender.name)
        buffer = io.BytesIO()
        paper.write([document], buffer, self.style, self.warnings)
        files = [Attached(path.name, buffer.getvalue())]
        if xml is not None:
            files.append(Attached(f"{path.name.removesuffix('.pdf')}.xml", xml))
        return draft(
            [document.buyer.email],
            visible(paper.subject(document, words)),
            "\n\n".join(filter(None, parts)),
            files,
            mark=document.number.encode().hex(),
            sender=self.sender.email,
        )
