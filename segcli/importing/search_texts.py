"""The tables with a search text, and the functions of their kinds that build it."""

from collections.abc import Callable, Mapping, Sequence

from segcli.importing.kinds import account, contact, request
from segcli.importing.kinds.machinery.kind_definition import Text


def searched() -> Mapping[str, tuple[Sequence[str], Text]]:
    """Return the tables with a search text: its source columns, and the function that builds it."""

    def of(names: Sequence[str], make: Callable[[Mapping[str, object]], str]) -> Text:
        return lambda values: make(dict(zip(names, values, strict=True)))

    codes = ["code" if name == "account" else name for name in account.SEARCHED]
    return {
        "account": (codes, account.search_text(account.SEARCHED)),
        "contact": (contact.SEARCHED, of(contact.SEARCHED, contact.search_text)),
        "request": (request.SEARCHED, of(request.SEARCHED, request.search_text)),
    }
