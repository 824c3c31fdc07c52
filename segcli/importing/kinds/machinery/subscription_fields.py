"""What the kinds of subscriptions share: their rhythm, and the days up to which lines were invoiced."""

from segcli.importing.kinds.machinery.kind_definition import Field
from segcli.importing.kinds.machinery.stage import Stage

RHYTHM = (
    Field(
        "frequency",
        "frequency",
        "period interval invoiceperiod frequentie facturatieperiode factuurperiode periode termijn months maanden",
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


def refuse_fine_quantities(stage: Stage) -> None:
    """Reject rows with a quantity of more decimals than are kept."""
    if stage.has("quantity"):
        stage.reject(
            f"""SELECT n, place, quantity FROM {stage.table} WHERE quantity LIKE '%.%'
                   AND length(rtrim(substr(quantity, instr(quantity, '.') + 1), '0')) > 6""",
            "quantity", "this has more than six decimals", "round it",
        )  # fmt: skip


def refuse_other_id(stage: Stage, table: str, key: str, column: str) -> None:
    """Reject rows whose id elsewhere stands in the file twice, or is that of another record here."""
    if not stage.has("external_id"):
        return
    stage.reject(
        f"""SELECT n, place, external_id, first_place FROM (
              SELECT n, place, external_id, row_number() OVER w AS occurrence, first_value(place) OVER w AS first_place
                FROM {stage.table} WHERE external_id IS NOT NULL WINDOW w AS (PARTITION BY external_id ORDER BY n))
             WHERE occurrence > 1""",
        "external_id", "this id stands on line {0} already",
    )  # fmt: skip
    stage.reject(
        f"""SELECT c.n, c.place, c.external_id, t.{column} FROM {stage.table} AS c JOIN {table} AS t
              ON t.external_id = c.external_id WHERE lower(t.{column}) <> lower(c.{key})""",
        "external_id", "this id is that of {0} here", "keep its number or code, or leave the id out",
    )  # fmt: skip


def leave_to_type(stage: Stage) -> None:
    """Empty the words of a rhythm that only repeat what the type of a known subscription says: it goes on saying so."""
    kind = (
        "coalesce(c.subscription_type, t.subscription_type)"
        if stage.has("subscription_type")
        else "t.subscription_type"
    )
    found = f"""n IN (SELECT c.n FROM {{stage}} AS c JOIN subscription AS t ON t.subscription_number = c.subscription
         LEFT JOIN subscription_type AS y ON y.code = {kind} WHERE """
    if stage.has("frequency"):
        count = stage.has("frequency_count")  # the two go together
        same = " AND coalesce(c.frequency_count, 1) = coalesce(y.frequency_count, 1)" if count else ""
        stage.execute(
            f"UPDATE {{stage}} SET frequency = NULL{', frequency_count = NULL' if count else ''}"
            f" WHERE {found} t.frequency IS NULL AND c.frequency = coalesce(y.frequency, 'monthly'){same})"
        )
    if stage.has("frequency_count"):
        stage.execute(
            f"UPDATE {{stage}} SET frequency_count = NULL WHERE {found} t.frequency_count IS NULL AND c.frequency_count = 1)"
        )
    if stage.has("timing"):
        stage.execute(
            f"UPDATE {{stage}} SET timing = NULL WHERE {found} t.timing IS NULL AND c.timing = coalesce(y.timing, 'advance'))"
        )


def note_invoiced_to(stage: Stage) -> None:
    """Note up to when subscriptions counted as invoiced before; a file that repeats what we export says nothing new."""
    stage.execute("ALTER TABLE {stage} ADD COLUMN former_invoiced TEXT")
    stage.execute(
        "UPDATE {stage} SET former_invoiced = (SELECT t.invoiced_to_date FROM subscription AS t"
        " WHERE t.subscription_number = subscription)"
    )
    stage.execute(
        """UPDATE {stage} SET invoiced_to = former_invoiced WHERE invoiced_to = (SELECT max(l.invoiced_to_date)
             FROM subscription_line AS l JOIN subscription AS t ON t.id = l.subscription_id
            WHERE t.subscription_number = subscription)"""
    )


def move_invoiced_to(stage: Stage) -> tuple[int, tuple[str, ...]]:
    """Let the lines that have no day of their own count as invoiced up to that of their subscription, where it is new.

    What was invoiced here is known better: such a line only moves on. Return how many moved, and what to say.
    """
    stage.index("subscription")
    found = """FROM {stage} AS s JOIN subscription AS t ON t.subscription_number = s.subscription
         WHERE t.id = subscription_line.subscription_id AND s.invoiced_to IS NOT NULL AND s.invoiced_to IS NOT s.former_invoiced"""
    is_invoiced_here = (
        "EXISTS (SELECT 1 FROM subscription_period AS p WHERE p.subscription_line_id = subscription_line.id)"
    )
    stays = stage.execute(
        f"""SELECT count(*) FROM subscription_line WHERE {is_invoiced_here}
             AND EXISTS (SELECT 1 {found} AND subscription_line.invoiced_to_date > s.invoiced_to)"""
    ).fetchone()[0]
    moved = stage.execute(
        f"""UPDATE subscription_line SET invoiced_to_date = s.invoiced_to {found}
             AND CASE WHEN {is_invoiced_here} THEN subscription_line.invoiced_to_date < s.invoiced_to
                 ELSE subscription_line.invoiced_to_date IS s.former_invoiced OR subscription_line.invoiced_to_date IS NULL END
             AND subscription_line.invoiced_to_date IS NOT s.invoiced_to"""
    ).rowcount
    return moved, further(stays)


def further(lines: int) -> tuple[str, ...]:
    """Return what to say of lines that the file takes back behind what was invoiced here."""
    return (f"{lines} lines were invoiced further here than the file says, and stay so",) if lines else ()
