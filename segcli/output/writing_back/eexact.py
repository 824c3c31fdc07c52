"""eExact XML for Exact Online: accounts with AccountClassifications, as eExact-XML.xsd describes them.

An account is identified by its code, and by its ID if that is known. The schema requires its name. Only changed classes are in
the file; the format has no way to say that an account has no value any more.
"""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

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

    takes_parts = True

    def __init__(self, *, by_code: bool) -> None:
        self._by_code = by_code  # also accounts that are known from another program only

    def account(self, account: Reclassified) -> Refusal:
        """Return why Exact does not know the account."""
        if is_guid(account.code):
            return Refusal("this account has no code yet", "import the accounts of Exact Online first")
        if account.references and not account.external_id and not self._by_code:
            program = account.references[0].partition(":")[0]
            return Refusal(
                f"this account is known from {program}, and has no GUID of Exact Online",
                "if Exact Online has it under this code: --key code",
            )
        return _UNWRITABLE if _NO_XML.search(account.code + account.name) else TAKEN

    def move(self, _account: Reclassified, move: Move) -> Refusal:
        """Return why the change cannot be written."""
        if move.new is None:
            return Refusal("eExact XML cannot remove a value", "remove it in Exact Online, or write exact-rest")
        return _UNWRITABLE if _NO_XML.search(move.label + move.new.code + move.new.description) else TAKEN

    def lines(self, accounts: Iterable[Reclassified]) -> Iterator[str]:
        """Yield the text of the file."""
        yield _HEAD
        for account in accounts:
            yield _account(account)
        yield _FOOT


def _account(account: Reclassified) -> str:
    guid = account.external_id
    number = f' ID="{{{guid}}}"' if is_guid(guid) and guid == guid.lower() else ""
    classes = "".join(map(_classification, account.moves))
    return (
        f"<Account code={quoteattr(padded(account.code))}{number}>\n<Name>{escape(account.name)}</Name>\n"
        f"<AccountClassifications>\n{classes}</AccountClassifications>\n</Account>\n"
    )


def _classification(move: Move) -> str:
    """Return a class: the label, and the value as Property. The schema requires both descriptions."""
    if move.new is None:
        return ""
    return (
        f'<AccountClassification SequenceNumber="{move.field}"><Description>{escape(move.label)}</Description>'
        f"<Property code={quoteattr(move.new.code)}><Description>{escape(move.new.description)}</Description></Property>"
        "</AccountClassification>\n"
    )
