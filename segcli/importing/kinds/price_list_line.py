"""Lines of price lists as in Exact Online (volume discounts): each names its period by GUID."""

import sqlite3

from segcli.importing.kinds.machinery import external_ids, price_list_fields
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.price_list_fields import TABLE_COLUMNS, picked
from segcli.importing.kinds.machinery.stage import Counts, Row, Stage

FIELDS = (
    Field("external_id", "code", is_required=True, about="Id in the program it comes from, such as its GUID"),
    Field("price_list_period", "code", "pricelistperiod", is_required=True,
          about="The external_id of the period that the line belongs to"),
    *(field for field in price_list_fields.LINE_FIELDS if field.name != "base_price_list"),
)  # fmt: skip


def merge(stage: Stage) -> Counts:
    """Upsert the staged lines by GUID; a new line replaces an equivalent stored line without a GUID."""
    external_ids.refuse_repeated(stage)
    stage.execute("ALTER TABLE {stage} ADD COLUMN period_id INTEGER")
    stage.execute(
        "UPDATE {stage} SET period_id = (SELECT p.id FROM price_list_period AS p WHERE p.external_id = price_list_period)"
    )
    sql = f"SELECT n, place, price_list_period FROM {stage.table} WHERE period_id IS NULL"
    stage.reject(sql, "price_list_period", "there is no such period", "import the price list periods first")
    price_list_fields.check(stage)
    columns = ", ".join(picked(stage, name) for name in TABLE_COLUMNS)
    rows = stage.execute(f"SELECT place, external_id, period_id, {columns} FROM {{stage}} ORDER BY n").fetchall()
    states = [_merge_one(stage, row[0], row[1], row[2:]) for row in rows]
    return Counts(states.count("added"), states.count("changed"), states.count("unchanged"))


def _merge_one(stage: Stage, place: int | str, guid: str, values: Row) -> str:
    columns = ("price_list_period_id", *TABLE_COLUMNS)
    known = stage.execute(f"SELECT {', '.join(columns)} FROM price_list_line WHERE external_id = ?", guid).fetchone()
    if known == values:
        return "unchanged"
    try:
        if not known:
            _give_way(stage, values)
        stage.execute(
            f"INSERT INTO price_list_line (external_id, {', '.join(columns)}) VALUES ({', '.join('?' * (1 + len(columns)))})"
            f" ON CONFLICT (external_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in columns)}",
            *(guid, *values),
        )
    except sqlite3.IntegrityError:
        stage.rejected += 1
        stage.refuse(place, "item", None, "the period has another line for the same from the same quantity")
        return "rejected"
    return "changed" if known else "added"


def _give_way(stage: Stage, values: Row) -> None:
    """Delete the equivalent line that came from a file without GUIDs."""
    stage.execute(
        "DELETE FROM price_list_line WHERE external_id IS NULL AND price_list_period_id = ? AND item_id IS ?"
        " AND item_group IS ? AND minimum_quantity = ? AND unit_factor = ?",
        *(*values[:4], values[5]),
    )


KIND = Kind("price_list_line", "price list lines", FIELDS, merge, rank=7)
