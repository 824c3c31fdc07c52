"""Requests for Exact Online's REST API: PUT crm/Accounts(guid'…') with Classification1 to Classification8.

The API reference (crm/Accounts) gives these fields the type GUID: the ID of a value in crm/AccountClassifications. null removes
the value.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from segcli.domain.reclassification import Move, Reclassified
from segcli.output.writing_back.target import TAKEN, Refusal, is_guid, padded

_TYPE = "Exact.Web.Api.Models.Account"


class ExactRest:
    """One object per account: `__metadata.uri` is the address of the request, the rest is its body."""

    notes: Sequence[str] = ()

    def __init__(self, fields: Sequence[int], guids: Mapping[int, str], *, as_lines: bool) -> None:
        self._fields = fields  # the classes that are written for each account
        self._guids = guids  # of the values, by their id here
        self._as_lines = as_lines  # JSON lines, else one JSON array

    def account(self, account: Reclassified) -> Refusal:
        """Return why the account cannot be addressed, or one of its values cannot be named."""
        if not is_guid(account.external_id):
            return Refusal("this account has no GUID of Exact Online", "import crm/Accounts, or write exact-xml")
        for field in self._fields:
            value = account.values.get(field)
            if value and not is_guid(self._guids.get(value.id, "")):
                reason = f"the value {value.code} of class{field} has no GUID of Exact Online"
                return Refusal(reason, "import crm/AccountClassifications, or write exact-xml")
        return TAKEN

    def move(self, _account: Reclassified, _move: Move) -> Refusal:
        """Accept each change of the account."""
        return TAKEN

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
        body: dict[str, object] = {"__metadata": metadata, "ID": account.external_id, "Code": padded(account.code)}
        for field in self._fields:
            value = account.values.get(field)
            body[f"Classification{field}"] = self._guids[value.id] if value else None
        return json.dumps(body, ensure_ascii=False)
