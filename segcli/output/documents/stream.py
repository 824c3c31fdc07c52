"""A PDF document that writes each page as soon as it is finished, so that memory use does not grow with the pages.

reportlab keeps all pages until the file is saved. Here the objects of a page are written at once, and only twelve bytes
per object are kept. This overrides reportlab's internals: after an upgrade of reportlab, check PDFDocument.addPage,
PDFDocument.format, PDFPages.check_format, PDFFile.add, and Canvas._doc and ._preamble.
"""

from array import array
from typing import BinaryIO

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from segcli.output.documents.marks import HEIGHT, WIDTH

_VERSION = (1, 4)  # PDF version, written first: the lowest with transparency, which a logo may need


class _Out(pdfdoc.PDFFile):  # type: ignore[misc]
    """Counts the bytes as PDFFile does, but hands them on instead of keeping them."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(_VERSION)
        (top,) = self.strings
        self.write = file.write
        file.write(top)


class _Pages(pdfdoc.PDFPages):  # type: ignore[misc]
    """The page tree, which stores only object numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = array("I")

    def addPage(self, page: pdfdoc.PDFPage) -> None:  # noqa: N802  # reportlab's name
        """Do nothing; the document adds the number after writing the page."""

    def check_format(self, _: pdfdoc.PDFDocument) -> None:
        """Set Count and Kids just before the page tree is written."""
        self.Count = len(self.numbers)
        self.Kids = "[ " + " ".join(f"{number} 0 R" for number in self.numbers) + " ]"


class StreamedDocument(pdfdoc.PDFDocument):  # type: ignore[misc]
    """A reportlab document that writes each page when it is added, and the rest when it is saved."""

    def __init__(self, file: BinaryIO, language: str) -> None:
        super().__init__(compression=1, invariant=1, pdfVersion=_VERSION, lang=language or None)
        self._out = _Out(file)
        self._offsets = array("Q", [0])  # file offset by object number; 0: not yet written
        self.Pages = self.Catalog.Pages = _Pages()
        self.Reference(self.Pages)  # assigns its object number now; it is written at the end

    def addPage(self, page: pdfdoc.PDFPage) -> None:  # noqa: N802  # reportlab's name
        """Write the page and its contents, then release them."""
        self.updateSignature(page.stream)
        page.Contents = pdfdoc.PDFStream(content=page.stream, filters=[pdfdoc.PDFZCompress])
        number = self.objectcounter + 1
        super().addPage(page)
        self.Pages.numbers.append(number)
        for name in self._write_from(number):
            del self.idToObject[name], self.idToObjectNumberAndVersion[name]

    def _write_from(self, number: int) -> list[str]:
        """Write the unwritten objects from this number on and return their names; writing can add objects."""
        names = []
        while number <= self.objectcounter:
            if number in self.numberToId:
                names.append(self._put(number))
            number += 1
        return names

    def _put(self, number: int) -> str:
        name: str = self.numberToId.pop(number)
        written = pdfdoc.PDFIndirectObject(name, self.idToObject[name]).format(self)
        self._offsets.extend([0] * (number + 1 - len(self._offsets)))
        self._offsets[number] = self._out.add(written)
        return name

    def format(self) -> bytes:
        """Write the remaining objects, the xref table and the trailer; return b"" because nothing is left to write."""
        root, info = self.Reference(self.Catalog), self.Reference(self.info)
        self._write_from(1)
        start = self._out.add(f"xref\n0 {len(self._offsets)}\n0000000000 65535 f \n")
        for offset in self._offsets[1:]:
            self._out.add(f"{offset:010} 00000 n \n")
        end = pdfdoc.PDFTrailer(startxref=start, Size=len(self._offsets), Root=root, Info=info, ID=self.ID())
        self._out.add(end.format(self))
        return b""


def canvas(file: BinaryIO, language: str) -> Canvas:
    """Return a canvas that writes each page to the file when it is finished."""
    made = Canvas(file, pagesize=(WIDTH, HEIGHT), pageCompression=1, invariant=1)
    # Canvas creates its own document, and starts each page with a font that is not embedded; replace both.
    made._doc, made._preamble = StreamedDocument(file, language), ""  # noqa: SLF001
    return made
