"""eExact XML for Exact Online: accounts with AccountClassifications, as eExact-XML.xsd describes them.

An account is identified by its code, and by its ID if that is known. The schema requires its name. The format cannot
remove a value from an account.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from segcli.domain.catalogue import Value
from segcli.domain.reclassification import Move, Reclassified
from segcli.output.writing_back.target import TAKEN, Refusal, is_guid, padded

_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<eExact xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="eExact-XML.xsd">\n'
    "<Accounts>\n"
)
_FOOT = "</Accounts>\n</eExact>\n"
# Characters that XML 1.0 forbids (section 2.2), and a carriage return, which a reader would turn into a line feed.
_NO_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNWRITABLE = Refusal("there is a character in it that XML cannot hold", "correct the text")


class ExactXml:
    """The file that Exact Online imports under Import/Export, XML, Accounts."""

    notes: Sequence[str] = ()

    def __init__(self, labels: Mapping[int, str], *, by_code: bool) -> None:
        self._labels = labels  # by field: the classes that are written for each account
        self._by_code = by_code  # also accounts that are known from another program only

    def account(self, account: Reclassified) -> Refusal:
        """Return why Exact does not know the account."""
        if is_guid(account.code):
            return Refusal("this account has no code yet", "import the accounts of Exact Online first")
        if account.programs and not account.external_id and not self._by_code:
            return Refusal(
                f"this account comes from {account.programs[0]}, and has no GUID of Exact Online",
                "if Exact Online has it under this code: --key code",
            )
        return _UNWRITABLE if _NO_XML.search(self._element(account)) else TAKEN

    def move(self, _account: Reclassified, move: Move) -> Refusal:
        """Return why the change cannot be written."""
        fix = "remove it in Exact Online, or write exact-rest"
        return TAKEN if move.new else Refusal("eExact XML cannot remove a value", fix, is_partial=True)

    def lines(self, accounts: Iterable[Reclassified]) -> Iterator[str]:
        """Yield the text of the file."""
        yield _HEAD
        yield from map(self._element, accounts)
        yield _FOOT

    def _element(self, account: Reclassified) -> str:
        guid = account.external_id
        number = f' ID="{{{guid}}}"' if is_guid(guid) and guid == guid.lower() else ""
        found = ((field, label, account.values.get(field)) for field, label in self._labels.items())
        classes = "".join(_classification(field, label, value) for field, label, value in found if value)
        return (
            f"<Account code={quoteattr(padded(account.code))}{number}>\n<Name>{escape(account.name)}</Name>\n"
            f"<AccountClassifications>\n{classes}</AccountClassifications>\n</Account>\n"
        )


def _classification(field: int, label: str, value: Value) -> str:
    """Return a class: the label, and the value as Property. The schema requires both descriptions."""
    return (
        f'<AccountClassification SequenceNumber="{field}"><Description>{escape(label)}</Description>'
        f"<Property code={quoteattr(value.code)}><Description>{escape(value.description)}</Description></Property>"
        "</AccountClassification>\n"
    )
