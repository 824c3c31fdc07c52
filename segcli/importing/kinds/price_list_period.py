"""Periods of price lists as in Exact Online: lines name their period by its GUID."""

import sqlite3

from segcli.importing.kinds.machinery import external_ids, price_list_fields
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("external_id", "code", is_required=True, about="Id in the program it comes from, such as its GUID"),
    price_list_fields.LIST,
    Field("period_type", "period_type", "type", about="basic or offer; an offer goes before a basic price"),
    Field("start_date", "date", about="First day of the period"),
    Field("end_date", "date", about="Last day of the period"),
)


def merge(stage: Stage) -> Counts:
    """Upsert the staged periods by GUID; an equal stored period without a GUID gets the GUID."""
    external_ids.refuse_repeated(stage)
    price_list_fields.find_list(stage)
    kind, *dates = (name if stage.has(name) else "NULL" for name in ("period_type", "start_date", "end_date"))
    sql = f"SELECT place, external_id, list_id, coalesce({kind}, 'basic'), {', '.join(dates)} FROM {{stage}} ORDER BY n"
    states = [_merge_one(stage, *row) for row in stage.execute(sql).fetchall()]
    return Counts(states.count("added"), states.count("changed"), states.count("unchanged"))


def _merge_one(stage: Stage, place: int | str, guid: str, *values: str | int | None) -> str:
    same = "price_list_id = ? AND type = ? AND start_date IS ? AND end_date IS ?"
    if stage.execute(f"SELECT 1 FROM price_list_period WHERE external_id = ? AND {same}", guid, *values).fetchone():
        return "unchanged"
    try:
        sql = f"UPDATE price_list_period SET external_id = ? WHERE external_id IS NULL AND {same}"
        if stage.execute(sql, guid, *values).rowcount:
            return "changed"
        return _upsert(stage, guid, values)
    except sqlite3.IntegrityError:
        stage.rejected += 1
        stage.refuse(place, "start_date", values[2], "the price list has another period of these dates")
        return "rejected"


def _upsert(stage: Stage, guid: str, values: tuple[str | int | None, ...]) -> str:
    known = stage.execute("SELECT 1 FROM price_list_period WHERE external_id = ?", guid).fetchone()
    stage.execute(
        "INSERT INTO price_list_period (external_id, price_list_id, type, start_date, end_date) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (external_id) DO UPDATE SET price_list_id = excluded.price_list_id, type = excluded.type,"
        " start_date = excluded.start_date, end_date = excluded.end_date",
        *(guid, *values),
    )
    return "changed" if known else "added"


KIND = Kind("price_list_period", "price list periods", FIELDS, merge, rank=6, spans=(("start_date", "end_date"),))
