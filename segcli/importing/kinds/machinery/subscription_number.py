"""Line numbers of subscriptions: as in the file, except for lines that are identified by external id."""

from segcli.importing.kinds.machinery import external_ids, upsert
from segcli.importing.kinds.machinery.stage import Stage


def number_lines(stage: Stage) -> None:
    """Set final_line; a line that is identified by its external id keeps its existing number."""
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_line INTEGER")
    if stage.has("line_number"):
        key = ("final_subscription", "coalesce(line_number, -n)")
        upsert.refuse_duplicates(stage, key, "line_number")
        stage.reject(
            f"SELECT n, place, line_number FROM {stage.table} WHERE line_number < 1",
            "line_number",
            "lines count from 1",
        )
    if stage.has("external_id"):
        _number_known(stage)
    number = "line_number" if stage.has("line_number") else "NULL"
    stage.execute(
        f"""UPDATE {{stage}} SET final_line = r.line FROM (SELECT n AS row, coalesce({number}, row_number() OVER
             (PARTITION BY final_subscription ORDER BY n)) AS line FROM {{stage}}) AS r WHERE r.row = n AND final_line IS NULL"""
    )
    stage.index("final_subscription", "final_line")
    if stage.has("external_id"):
        _number_displaced(stage)


def _number_known(stage: Stage) -> None:
    stage.execute("ALTER TABLE {stage} ADD COLUMN is_known INTEGER NOT NULL DEFAULT 0")
    stage.reject(
        f"""SELECT c.n, c.place, c.external_id, t.subscription_number FROM {stage.table} AS c JOIN subscription_line AS l
              ON l.external_id = c.external_id JOIN subscription AS t ON t.id = l.subscription_id
             WHERE t.id <> c.final_subscription""",
        "external_id",
        "this id is that of a line of {0}",
        "import that subscription's lines first, or leave the id out",
    )
    external_ids.refuse_repeated(stage)
    stage.execute(
        "UPDATE {stage} SET final_line = l.line_number, is_known = 1 FROM subscription_line AS l"
        f" WHERE l.external_id = {stage.table.removeprefix('temp.')}.external_id"
    )


def _number_displaced(stage: Stage) -> None:
    """Assign the next free number to lines whose number belongs to a line with another external id."""
    stage.execute(
        """UPDATE {stage} SET final_line = r.line FROM (
             SELECT c.n AS row, row_number() OVER (PARTITION BY c.final_subscription ORDER BY c.n) + max(
                      (SELECT max(o.final_line) FROM {stage} AS o WHERE o.final_subscription = c.final_subscription),
                      coalesce((SELECT max(l.line_number) FROM subscription_line AS l
                                 WHERE l.subscription_id = c.final_subscription), 0)) AS line
               FROM {stage} AS c WHERE c.is_known = 0 AND EXISTS (SELECT 1 FROM subscription_line AS l
                     WHERE l.subscription_id = c.final_subscription AND l.line_number = c.final_line
                       AND l.external_id IS NOT NULL AND l.external_id IS NOT c.external_id)) AS r WHERE r.row = n"""
    )
