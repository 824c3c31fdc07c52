"""Classification labels: the names of the eight classification fields."""

from segcli.base.spelling import RESERVED, composed
from segcli.importing.kinds.machinery import external_ids, upsert
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("field", "integer", "class classification number nummer sequencenumber", is_required=True,
          about="Number of the classification, 1 to 8"),
    Field("label", "text", "labeltext description omschrijving naam name", is_required=True,
          about="Name of the classification, such as Segment"),
    Field("external_id", "text", "externalid id guid", about="Id in the program it comes from, such as its GUID"),
)  # fmt: skip


def merge(stage: Stage) -> Counts:
    """Upsert the staged labels by field."""
    stage.reject(
        f"SELECT n, place, field FROM {stage.table} WHERE field NOT BETWEEN 1 AND 8",
        "field",
        "there is no such classification",
        "the fields are 1 to 8",
    )
    upsert.refuse_duplicates(stage, ("field",), "field")
    external_ids.refuse_shared(stage, "classification_label", "t.field = s.field", "'class' || t.field")
    stage.execute("ALTER TABLE {stage} ADD COLUMN id")
    is_kept = "EXISTS (SELECT 1 FROM classification_label AS own WHERE own.field = s.field AND own.label = s.label COLLATE BINARY)"
    stage.reject(
        f"SELECT s.n, s.place, s.label, label_problem(s.label, s.field) FROM {stage.table} AS s"
        f" WHERE label_problem(s.label, s.field) <> '' AND NOT {is_kept}",
        "label",
        "{0}",
        RESERVED,
    )
    stage.reject(
        f"SELECT s.n, s.place, s.label, t.field FROM {stage.table} AS s JOIN classification_label AS t"
        f" ON label_key(t.label) = label_key(s.label) AND t.field <> s.field WHERE NOT {is_kept}",
        "label",
        "class{0} has this label already",
    )
    own = f"(SELECT 1 FROM {stage.table} AS s WHERE s.n = {stage.table.removeprefix('temp.')}.n AND {is_kept})"
    same = f"iif({own}, label, label_key(label))"  # an older database may have two labels with one key
    upsert.refuse_duplicates(stage, (same,), "label")
    columns = {column: f"s.{name}" for name, column in stage.targets.items()}
    keyed = {**columns, "field": "s.field"}
    return _upsert_by_field(stage, keyed)


def _upsert_by_field(stage: Stage, columns: dict[str, str]) -> Counts:
    """Insert or update the labels: their table is keyed by the field itself."""
    added = changed = 0
    rows = stage.execute(f"SELECT {', '.join(columns.values())} FROM {{stage}} AS s ORDER BY s.n").fetchall()
    for row in rows:
        record = dict(zip(columns, row, strict=True))
        old = stage.execute(
            "SELECT label, external_id FROM classification_label WHERE field = ?", record["field"]
        ).fetchone()
        external_id = record.get("external_id") or (old and old[1])
        if old is None:
            added += 1
        elif old != (record["label"], external_id):
            changed += 1
        else:
            continue
        stage.execute(
            "INSERT INTO classification_label (field, label, external_id, label_key) VALUES (?1, ?2, ?3, label_key(?2))"
            " ON CONFLICT (field) DO UPDATE SET label = ?2, external_id = ?3, label_key = iif(label = ?2, label_key, label_key(?2))",
            record["field"],
            composed(record["label"]),
            external_id,
        )
    return Counts(added, changed, len(rows) - added - changed, {"label": changed} if changed else {})


KIND = Kind("classification_label", "classification labels", FIELDS, merge, rank=0, also=("labels",))
