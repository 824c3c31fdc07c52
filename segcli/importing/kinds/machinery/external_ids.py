"""External ids of records, such as GUIDs: the other program gives each record of a kind its own."""

from segcli.importing.kinds.machinery import upsert
from segcli.importing.kinds.machinery.stage import Stage


def refuse_repeated(stage: Stage) -> None:
    """Reject rows whose external id an earlier row of the file has."""
    if stage.has("external_id"):
        upsert.refuse_duplicates(stage, ("coalesce(external_id, n)",), "external_id")


def refuse_shared(stage: Stage, table: str, is_same: str, name: str) -> None:
    """Reject rows whose external id an earlier row of the file has, or another record of the table.

    `is_same` is the SQL condition that the record `t` is that of the row `s`; `name` is the SQL of what the record is called.
    """
    if not stage.has("external_id"):
        return
    refuse_repeated(stage)
    stage.reject(
        f"SELECT s.n, s.place, s.external_id, {name} FROM {stage.table} AS s JOIN {table} AS t"
        f" ON t.external_id = s.external_id WHERE NOT ({is_same})",
        "external_id",
        "this id is that of {0} here",
        "keep its number or code, or leave the id out",
    )
