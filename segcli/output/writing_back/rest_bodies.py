"""Requests for Exact Online's REST API: PUT crm/Accounts(guid'…') with Classification1 to Classification8.

The API reference (crm/Accounts) gives these fields the type GUID: the ID of a value in crm/AccountClassifications. null removes
the value.
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from segcli.domain.reclassification import Move, Reclassified
from segcli.output.writing_back.target import TAKEN, Refusal, is_guid, padded

_TYPE = "Exact.Web.Api.Models.Account"


class ExactRest:
    """One object per account: `__metadata.uri` is where it is sent to, all else is the body."""

    takes_parts = True

    def __init__(self, guids: Mapping[int, str], *, as_lines: bool) -> None:
        self._guids = guids  # of the values, by their id here
        self._as_lines = as_lines  # JSON lines, else one JSON array

    def account(self, account: Reclassified) -> Refusal:
        """Return why the account cannot be addressed."""
        if is_guid(account.external_id):
            return TAKEN
        return Refusal("this account has no GUID of Exact Online", "import crm/Accounts, or write exact-xml")

    def move(self, _account: Reclassified, move: Move) -> Refusal:
        """Return why the change cannot be written."""
        if move.new is None or is_guid(self._guids.get(move.new.id, "")):
            return TAKEN
        return Refusal(
            "this value has no GUID of Exact Online", "import crm/AccountClassifications, or write exact-xml"
        )

    def lines(self, accounts: Iterable[Reclassified]) -> Iterator[str]:
        """Yield the text of the file."""
        if self._as_lines:
            yield from (f"{self._body(account)}\n" for account in accounts)
            return
        mark = "[\n "
        for account in accounts:
            yield f"{mark}{self._body(account)}"
            mark = ",\n "
        yield "\n]\n"

    def _body(self, account: Reclassified) -> str:
        metadata = {"uri": f"crm/Accounts(guid'{account.external_id}')", "type": _TYPE}
        classes = {f"Classification{m.field}": self._guids[m.new.id] if m.new else None for m in account.moves}
        body = {"__metadata": metadata, "ID": account.external_id, "Code": padded(account.code), **classes}
        return json.dumps(body, ensure_ascii=False)
