"""What the user asks of an import: the flags, which override the profile."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from segcli.domain.account_numbers import FORM


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of an import; flags override the profile."""

    kind: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    decimal: str = ""
    dates: str = ""
    must_skip: bool = False  # --on-error skip: import the rows that are not rejected
    must_create: bool = False
    is_strict: bool = False  # --strict: nothing is written if a column with values is not read
    match: tuple[str, ...] = ()  # by what rows without a code find their accounts
    account_number: str = FORM  # the series of new accounts without a code
    overwrite_classes: bool = False
    again: bool = False
    receivables: str = ""  # where receivables of a file with ledger lines come from: see ledger_receivables.wish
    dry_run: bool = False
    open_items: bool = False  # make open items of new processed sales invoices
    reason: str | None = None

    def meaning(self) -> str:
        """Return the options that affect how a file's bytes are interpreted."""
        parts = (self.kind, sorted(self.renamed.items()), self.decimal, self.dates)
        also = [said for said in (self.match, self.receivables) if said]  # earlier imports have digests without them
        return json.dumps([*parts, self.must_create, self.overwrite_classes, *also])
