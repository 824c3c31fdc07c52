"""Rejection of outstanding items whose figures cannot be those of a receivable."""

from segcli.base.money import MOST
from segcli.importing.kinds.machinery.item_sql import Given
from segcli.importing.kinds.machinery.stage import Stage


def refuse(stage: Stage, given: Given) -> None:
    """Reject rows whose amount, paid and open disagree or are too large, and revaluations, which are ledger entries."""
    stage.reject(
        f"SELECT n, place, NULL FROM {stage.table} WHERE typeof(final_amount) = 'real'",
        "open",
        f"paid and open add up to more than {MOST:,} of the smallest unit",
    )
    if given.disagree:
        figures = (
            f"amount_text({figure}, final_currency)" for figure in ("amount", "allocated", "open", "allocated + open")
        )
        stage.reject(
            f"SELECT n, place, NULL, {', '.join(figures)} FROM {stage.table} WHERE {given.disagree}",
            "amount",
            "the amount is {0}, but paid {1} and open {2} add up to {3}",
            "correct the figures, or leave out one of the three",
        )
    if given.is_revaluation:
        stage.reject(
            "SELECT n, place, NULL, amount_text(final_amount, final_currency), final_currency, amount_text(base_amount, ?), ?"
            f" FROM {stage.table} WHERE {given.is_revaluation}",
            "base_amount",
            "0 in the item's currency ({0} {1}) and {2} {3} is a revaluation: nobody owes it",
            "leave the row out here, and import it as a transaction: it belongs to the ledger",
            values=(stage.options.currency, stage.options.currency),
        )
