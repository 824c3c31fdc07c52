"""Whether an account existed on a day, as far as the data say so."""

from segcli.domain.clause import Clause

NEXT_DAY = "T99"  # sorts after every moment of its day


def absent(day: str) -> Clause:
    """Return the condition that `account AS a` did not exist at the end of a day: added later, and no sales invoice until then.

    An account that a later import added with its earlier invoices did exist. The day is an ISO date.
    """
    return Clause(
        "(a.added_run_id IN (SELECT n.id FROM run AS n WHERE n.started_at >= ?) AND NOT EXISTS (SELECT 1 FROM invoice AS i"
        " WHERE i.account_id = a.id AND i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= ?))",
        (day + NEXT_DAY, day),
    )
