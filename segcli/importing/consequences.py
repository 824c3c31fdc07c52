"""What follows from the records of a file: open items of invoices, receivables of ledger lines, the company, bank payments."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from segcli.base.text import counted
from segcli.importing import ledger_receivables, listed_receivables, open_items, own_company
from segcli.importing.kinds.machinery import bank_matching
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.importing.readers import Source
from segcli.importing.results import Outcome
from segcli.importing.wishes import Wishes

# Kinds of records by which bank payments are matched.
_MATCHED = frozenset({"account", "allocation", "bank_payment", "match", "outstanding_item", "payment"})


@dataclass(slots=True)
class Consequences:
    """Carries out what follows from one file, in its transaction. Made before the file is merged."""

    db: sqlite3.Connection
    wishes: Wishes
    source: Source
    origin: str  # where receivables come from
    last_invoice: int  # the highest id of an invoice before the file
    had_ledger: bool = field(init=False)  # there were ledger entries before the file

    def __post_init__(self) -> None:
        """Look up what there was before the file."""
        self.had_ledger = bool(self.db.execute("SELECT EXISTS (SELECT 1 FROM entry)").fetchone()[0])

    def of(self, outcomes: list[Outcome], stages: tuple[Stage, ...]) -> tuple[list[Outcome], tuple[Stage, ...]]:
        """Return the outcomes and stages of the file with those that follow from them."""
        outcomes = self._with_open_items(outcomes, stages)
        outcomes = self._with_lists(outcomes, stages)
        made, more = self._from_ledger(stages)
        outcomes, stages = [*outcomes, *made], (*stages, *more)
        if outcomes:
            outcomes[0] = self._of_company(outcomes[0])
            outcomes[-1] = outcomes[-1]._replace(counts=matched(self.db, stages, outcomes[-1].counts))
        return outcomes, stages

    def _with_open_items(self, outcomes: list[Outcome], stages: tuple[Stage, ...]) -> list[Outcome]:
        """Make the open items of the invoices that the file added, if wished; note it with the block of these invoices."""
        is_made = self.wishes.open_items
        if not is_made and any(stage.kind.name == "sale" for stage in stages):  # a list of sales says nothing of debts
            return outcomes
        number = (
            open_items.make(self.db, self.last_invoice, stages)
            if is_made
            else open_items.count(self.db, self.last_invoice)
        )
        note = open_items.note(number, is_made=is_made, is_dry=self.wishes.dry_run)
        at = next((at for at, outcome in enumerate(outcomes) if outcome.counts.added and "invoice" in outcome.kind), 0)
        if note:
            counts = outcomes[at].counts
            counts = counts._replace(notes=(*counts.notes, note), others=counts.others + number * is_made)
            outcomes[at] = outcomes[at]._replace(counts=counts)
        return outcomes

    def _with_lists(self, outcomes: list[Outcome], stages: tuple[Stage, ...]) -> list[Outcome]:
        """Let the lists of receivables in the file replace open balances of the ledger; return the outcomes with notes of it."""
        for stage in listed_receivables.lists(stages):
            at = next(at for at, outcome in enumerate(outcomes) if outcome.kind == stage.kind.title)
            counts = listed_receivables.replace_balances(stage, outcomes[at].counts, self.source)
            outcomes[at] = outcomes[at]._replace(counts=counts)
        return outcomes

    def _of_company(self, outcome: Outcome) -> Outcome:
        """Fill what the administration lacks with the file's company; return the outcome with a note of it.

        A file of another company is told.
        """
        told = (
            own_company.other(self.db, self.source.company, has_ledger=self.had_ledger) if self.source.company else ""
        )
        if told:
            self.source.warn(told)
        filled = own_company.fill(self.db, self.source.company) if self.source.company else 0
        if not filled:
            return outcome
        done = "would be filled" if self.wishes.dry_run else "filled"
        note = f"{counted(filled, 'field')} of the administration {done} from the company of the file"
        counts = outcome.counts
        return outcome._replace(counts=counts._replace(notes=(*counts.notes, note), others=counts.others + filled))

    def _from_ledger(self, stages: Iterable[Stage]) -> tuple[list[Outcome], list[Stage]]:
        """Make receivables of the file's ledger lines, if asked for, or if there are none of another source."""
        every = [stage for stage in stages if stage.kind.name == "transaction_line"]
        if self.origin != ledger_receivables.LEDGER:
            made = [ledger_receivables.renew_balances(stage) for stage in every]
        elif not self.wishes.receivables and ledger_receivables.is_elsewhere(self.db):
            self.source.warn(
                "no receivables were made of the ledger lines, since outstanding items of another source are here;"
                " --receivables from-ledger makes them"
            )
            return [], []
        else:
            made = [one for stage in every for one in ledger_receivables.make(stage)]
            if self.wishes.receivables:
                listed_receivables.tell_balances(self.db, self.source)
        for text in (text for stage, _ in made for text in stage.warnings):
            self.source.warn(text)
        outcomes = [
            Outcome(self.source.name, ledger_receivables.title(stage), counts, stage.rejected) for stage, counts in made
        ]
        return [o for o in outcomes if o.rejected or sum(o.counts[:3])], [stage for stage, _ in made]


def matched(db: sqlite3.Connection, stages: Iterable[Stage], counts: Counts) -> Counts:
    """Match bank payments again if these records may change that; return the counts with what to tell of it."""
    if not any(stage.kind.name in _MATCHED for stage in stages):
        return counts
    return counts._replace(notes=(*counts.notes, *bank_matching.run(db)))
