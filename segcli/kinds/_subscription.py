"""What the kinds of subscriptions share: their rhythm, and the days up to which lines were invoiced."""

from segcli.kinds._kind import Field
from segcli.kinds._stage import Stage

RHYTHM = (
    Field(
        "frequency", "frequency", "period interval invoiceperiod frequentie facturatieperiode factuurperiode termijn"
    ),
    Field("frequency_count", "integer", "frequencycount intervalcount every aantalperioden"),
    Field("timing", "timing", "invoicetiming factuurmoment moment"),
)
MOST_PERIODS = 120


def refuse_wrong_rhythm(stage: Stage) -> None:
    """Reject rows whose number of periods is none that can be."""
    if stage.has("frequency_count"):
        stage.reject(
            f"SELECT n, place, frequency_count FROM {stage.table} WHERE frequency_count NOT BETWEEN 1 AND {MOST_PERIODS}",
            "frequency_count",
            f"this is not 1 to {MOST_PERIODS}",
        )


def refuse_backwards(stage: Stage, first: str, last: str) -> None:
    """Reject rows that end before they begin."""
    if stage.has(first) and stage.has(last):
        stage.reject(
            f"SELECT n, place, {last}, {first} FROM {stage.table} WHERE {last} < {first}", last,
            "this lies before the start, {0}",
        )  # fmt: skip


def move_invoiced_to(stage: Stage, subscriptions: str) -> int:
    """Let lines count as invoiced up to the day that their subscription brings; return how many that changes.

    What was invoiced here is known better: such a line only moves on. `subscriptions` is a query of their ids.
    """
    return stage.execute(
        f"""UPDATE subscription_line SET invoiced_to_date = s.invoiced_to_date FROM subscription AS s
             WHERE s.id = subscription_line.subscription_id AND s.id IN ({subscriptions}) AND s.invoiced_to_date IS NOT NULL
               AND coalesce(subscription_line.invoiced_to_date, '') <> s.invoiced_to_date
               AND (coalesce(subscription_line.invoiced_to_date, '') < s.invoiced_to_date OR NOT EXISTS
                    (SELECT 1 FROM subscription_period AS p WHERE p.subscription_line_id = subscription_line.id))"""
    ).rowcount
