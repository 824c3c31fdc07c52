"""PDF invoices that carry their data: ZUGFeRD, Factur-X and XRechnung as an attachment (PDF/A-3).

The attachment is written to a private temporary file and read like any other file. Nothing else of the PDF is read.
`pypdf` (segcli[pdf]) reads the structure of the file; its own limits hold for each compressed stream.
"""

import logging
import re
import struct
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from segcli.base import scratch
from segcli.base.errors import SegcliError
from segcli.base.text import visible
from segcli.importing import readers
from segcli.importing.readers import Block, Source

if TYPE_CHECKING:
    from pypdf import PdfReader

MOST_BYTES = 100_000_000  # of a PDF
MOST_ATTACHMENTS = 1_000  # entries of the tree of attachments
MOST_INVOICE = 50_000_000  # bytes of an unpacked invoice
_HEAD = 1 << 16  # bytes of an attachment in which its root element is looked for
_MOST_TRIED = 20  # .xml attachments with other names
# The names of the invoice in the standards, the newest first; any other .xml counts if it is an invoice.
_NAMES = ("factur-x.xml", "xrechnung.xml", "zugferd-invoice.xml")
_INVOICE = re.compile(
    rb"urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:|urn:ferd:CrossIndustryDocument:"
    rb"|urn:oasis:names:specification:ubl:schema:xsd:(?:Invoice|CreditNote)-2"
)
_ASK = "ask its sender for the invoice as ZUGFeRD, Factur-X, XRechnung or UBL, or give the data as CSV or XLSX"


class _Attachment(NamedTuple):
    name: str
    stream: Any  # pypdf's stream object


def recognises(head: bytes) -> bool:
    """Tell whether the file is a PDF."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n\0").startswith(b"%PDF-")


def read(source: Source) -> Iterator[Block]:
    """Yield the blocks of the invoice that is attached. Raises SegcliError if there is none."""
    name, content = _invoice(source)
    with tempfile.NamedTemporaryFile(dir=scratch.kept(), suffix=".xml") as file:
        file.write(content)
        file.flush()
        del content
        inner = replace(source, path=Path(file.name), name=f"{source.name}:{name}", encoding="", state=())
        yield from readers.read(inner)


def _invoice(source: Source) -> tuple[str, bytes]:
    """Return the name and the content of the attached invoice."""
    size = source.path.stat().st_size
    if size > MOST_BYTES:
        raise SegcliError(f"{source.name}: a PDF of {size:,} bytes is too large", f"{MOST_BYTES:,} at most are read")
    with source.path.open("rb") as file, _quiet(), _told(source):
        attached = list(_attachments(source, _opened(source, file)))
        return _chosen(source, attached)


def _opened(source: Source, file: IO[bytes]) -> "PdfReader":
    try:
        import pypdf
    except ImportError as error:
        raise SegcliError(
            f"{source.name} is a PDF, for which segcli needs the package pypdf",
            "install it: pip install 'segcli[pdf]'; or give the invoice as XML",
        ) from error
    reader = pypdf.PdfReader(file)
    if reader.is_encrypted:
        raise SegcliError(f"{source.name} is an encrypted PDF", "save it without a password, or give the XML")
    return reader


@contextmanager
def _told(source: Source) -> Iterator[None]:
    """Turn what pypdf raises for a damaged or hostile file into a SegcliError."""
    try:
        yield
    except _raised() as error:
        words = visible(str(error) or type(error).__name__)[:200]
        raise SegcliError(
            f"{source.name} is a PDF that cannot be read: {words}", "is it damaged? ask its sender again"
        ) from error


def _raised() -> tuple[type[Exception], ...]:
    """Return what pypdf raises for a damaged file: its own errors, and those of Python where it assumes a sound file."""
    try:
        from pypdf import errors
    except ImportError:  # told by `_opened`
        return ()
    return (
        errors.PyPdfError, errors.DependencyError, errors.DeprecationError, ArithmeticError, AssertionError, AttributeError,
        EOFError, LookupError, MemoryError, RuntimeError, TypeError, ValueError, struct.error, zlib.error,
    )  # fmt: skip


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep pypdf's warnings about small faults of a file off the terminal."""
    log = logging.getLogger("pypdf")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(before)


def _attachments(source: Source, reader: "PdfReader") -> Iterator[_Attachment]:
    """Yield the attachments: those of the catalog's name tree, then the files associated with the document (/AF)."""
    root = reader.trailer["/Root"].get_object()
    seen: set[str] = set()
    for key, spec in (*_named(source, _at(root, "/Names", "/EmbeddedFiles")), *_associated(source, root)):
        name = Path(str(_at(spec, "/UF") or _at(spec, "/F") or key).replace("\\", "/")).name
        stream = _at(spec, "/EF", "/F") or _at(spec, "/EF", "/UF")
        if hasattr(stream, "get_data") and name not in seen:
            seen.add(name)
            yield _Attachment(name, stream)


def _named(source: Source, tree: object) -> Iterator[tuple[str, object]]:
    """Yield the entries of a name tree, key and value. Raises SegcliError beyond MOST_ATTACHMENTS nodes or entries."""
    waiting, count = [tree], 0
    while waiting:
        node = waiting.pop()
        names, kids = _list(_at(node, "/Names")), _list(_at(node, "/Kids"))
        count += 1 + len(names) // 2 + len(kids)
        _refuse_many(source, count)
        yield from ((str(key), value) for key, value in zip(names[::2], names[1::2], strict=False))
        waiting += reversed(kids)


def _associated(source: Source, root: object) -> list[tuple[str, object]]:
    found = _list(_at(root, "/AF"))
    _refuse_many(source, len(found))
    return [("", spec) for spec in found]


def _refuse_many(source: Source, count: int) -> None:
    if count > MOST_ATTACHMENTS:
        raise SegcliError(
            f"{source.name}: this PDF has more than {MOST_ATTACHMENTS:,} attachments", "give the invoice as XML"
        )


def _at(node: object, *keys: str) -> Any:  # noqa: ANN401 - an object of a PDF
    """Return what is at a path of keys, with references followed; None if there is nothing."""
    from pypdf.generic import DictionaryObject, NullObject

    for key in keys:
        found = node.get_object() if hasattr(node, "get_object") else node
        if not isinstance(found, DictionaryObject) or key not in found:
            return None
        node = found[key]
    return None if isinstance(node, NullObject) else node


def _list(node: object) -> list[object]:
    return node if isinstance(node, list) else []


def _chosen(source: Source, attached: list[_Attachment]) -> tuple[str, bytes]:
    """Return the attachment that is the invoice: by its name in the standards, else the first .xml that is one."""
    known = [one for name in _NAMES for one in attached if one.name.lower() == name]
    others = [one for one in attached if one.name.lower().endswith(".xml") and one not in known]
    found = _invoices(source, known) or _invoices(source, others[:_MOST_TRIED])
    if not found:
        names = ", ".join(visible(one.name) for one in attached[:10])
        what = f"its attachments are no invoice that segcli reads: {names}" if attached else "it has no attachment"
        raise SegcliError(f"{source.name} is a PDF without the data of an invoice: {what}", _ASK)
    (first, content), *more = found
    if more:
        shown = ", ".join(visible(one.name) for one, _ in more)
        source.warn(f"the attachment {visible(first.name)} is read, not {shown}")
    return visible(first.name), content


def _invoices(source: Source, attached: list[_Attachment]) -> list[tuple[_Attachment, bytes]]:
    """Return the attachments that are invoices by their content, which may be UTF-16."""
    contents = ((one, _content(source, one)) for one in attached)
    return [(one, content) for one, content in contents if _INVOICE.search(content[:_HEAD].replace(b"\0", b""))]


def _content(source: Source, attachment: _Attachment) -> bytes:
    content: bytes = attachment.stream.get_data()
    if len(content) > MOST_INVOICE:
        name = visible(attachment.name)
        raise SegcliError(
            f"{source.name}: the attachment {name} has {len(content):,} bytes", f"{MOST_INVOICE:,} at most are read"
        )
    return content
