"""The journals of an audit file, with the journal of its opening balance."""

from segcli.importing.readers import Place, Source
from segcli.importing.readers.parts import xaf_rows as xaf
from segcli.importing.readers.parts.spool import Spool
from segcli.importing.readers.parts.xaf_rows import OPENING, Record
from segcli.importing.readers.parts.xml import Node

_FIELDS = {"jrnid": "journal", "desc": "description", "jrntp": "type"}


class Journals:
    """The journals by the ordinal of their element, because their codes may follow their lines in the file."""

    def __init__(self, *, is_4: bool) -> None:
        self.is_4 = is_4
        self._records: dict[str, tuple[Place, Record]] = {}

    @property
    def has_opening(self) -> bool:
        """Tell whether the file states an opening balance."""
        return OPENING in self._records

    def take(self, node: Node) -> None:
        """Read the code, the description or the type of a journal."""
        if node.parent == "journal":
            _, record = self._records.setdefault(str(node.parent_number), (node.line, {"type": "other"}))
            text = node.text.strip()
            name = _FIELDS[node.key]
            record[name] = self._type(text.upper()) if name == "type" else text or None

    def _type(self, code: str) -> str:
        return "other" if self.is_4 and code == "O" else xaf.JOURNALS.get(code, "other")

    def add_opening(self, line: int) -> None:
        """Add the journal of the opening balance."""
        record: Record = {"journal": OPENING, "description": "Opening balance", "type": OPENING}
        self._records.setdefault(OPENING, (line, record))

    def journal(self, ordinal: str | None) -> Record:
        """Return a journal, empty if there is none."""
        return self._records.get(ordinal or "", (0, {}))[1]

    def spool(self, source: Source) -> Spool:
        """Return the rows; the first of several journals with one code counts."""
        spool = Spool(source, "journal", ("journal", "description", "type"))
        codes: set[str | None] = set()
        for place, record in self._records.values():
            if record.get("journal") not in codes:
                spool.add(place, record)
                codes.add(record.get("journal"))
        return spool
