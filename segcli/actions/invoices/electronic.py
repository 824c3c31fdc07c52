"""Electronic invoices beside the PDFs, and the reasons for those left out."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from segcli.actions.invoices import sums, ubl
from segcli.base.text import counted
from segcli.domain.sales.document import InvoiceDocument
from segcli.output import outbox
from segcli.settings import sections
from segcli.settings.config import Config
from segcli.settings.print_texts import Wording

_MOST = 8  # reasons per warning
_NUMBERS = 3  # invoice numbers per reason


class Electronic:
    """Writes UBL files beside PDFs unless the configuration disables it, in the wording of the PDF."""

    def __init__(self, config: Config, languages: Mapping[str, Wording]) -> None:
        self.is_wanted = sections.section(config, "invoices")["ubl"] == "yes"
        self.languages = languages
        self.left_out: dict[str, list[str]] = {}

    def write(self, document: InvoiceDocument, path: Path) -> bytes | None:
        """Write the file and return its bytes; None for a draft or an invoice that would fail Peppol validation."""
        if document.is_draft or not self.is_wanted:
            return None
        found = list(ubl.problems(document))
        for reason in found:
            self.left_out.setdefault(reason, []).append(document.number)
        if found:
            return None
        buffer = io.BytesIO()
        ubl.write(self._with_reasons(document), buffer)
        with outbox.writing(path) as file:
            file.write(buffer.getvalue())
        return buffer.getvalue()

    def _with_reasons(self, document: InvoiceDocument) -> InvoiceDocument:
        wording = self.languages[document.language]
        return replace(document, vat=tuple(replace(rate, reason=sums.reason(rate, wording)) for rate in document.vat))

    def warnings(self) -> Iterator[str]:
        """Yield why invoices have no UBL, one line per reason, the most frequent first."""
        if not self.left_out:
            return
        without = {number for numbers in self.left_out.values() for number in numbers}
        yield f"no UBL file, because it would fail Peppol validation: {counted(len(without), 'invoice')} (invoices.ubl: no turns UBL off)"
        reasons = sorted(self.left_out.items(), key=lambda entry: -len(entry[1]))
        for reason, numbers in reasons[:_MOST]:
            more = f" and {len(numbers) - _NUMBERS} more" if len(numbers) > _NUMBERS else ""
            yield f"  {', '.join(numbers[:_NUMBERS])}{more}: {reason}"
        if len(reasons) > _MOST:
            yield f"  and {len(reasons) - _MOST} more reasons: `segcli run print-invoices --reprint NUMBER` shows those of one invoice"
