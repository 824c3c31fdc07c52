"""Classification values: what an account can be in each of the eight fields."""

import sqlite3

from segcli.errors import UsageError
from segcli.kinds import _merge
from segcli.kinds._kind import Field, Kind
from segcli.kinds._stage import Counts, Stage

FIELDS = (
    Field("field", "text", "class classification number nummer sequencenumber accountclassificationname label "
          "accountclassificationnamedescription", is_required=True),
    Field("code", "code", "value waarde", is_required=True),
    Field("description", "text", "omschrijving name naam"),
    Field("position", "integer", "order volgorde sortorder"),
    Field("is_retired", "flag", "retired isretired vervallen"),
    Field("external_id", "text", "externalid id guid"),
)  # fmt: skip
_WRONG_CODE = "a code holds no comma, colon, wildcard or bracket and is not none or any"
FORBIDDEN = ",:*?["


def is_code(text: str) -> bool:
    """Tell whether a text can be a value's code, so that no escaping is ever needed on the command line."""
    return (
        bool(text) and text == text.strip() and text.lower() not in {"none", "any"} and not set(text) & set(FORBIDDEN)
    )


def create(db: sqlite3.Connection, field: int, code: str, description: str = "", position: int = 0) -> int:
    """Add a value and return its id; a field without a label gets one. A code that cannot be one is a UsageError."""
    if not is_code(code):
        raise UsageError(f"'{code}' cannot be a code", _WRONG_CODE)
    db.execute("INSERT OR IGNORE INTO classification_label (field, label) VALUES (?, ?)", (field, f"Class {field}"))
    found = db.execute(
        "INSERT INTO classification_value (id, field, code, description, position)"
        " SELECT coalesce(max(id), :field * 1000000) + 1, :field, :code, :description, :position"
        " FROM classification_value WHERE field = :field RETURNING id",
        {"field": field, "code": code, "description": description, "position": position},
    )
    return int(found.fetchone()[0])


def merge(stage: Stage) -> Counts:
    """Bring the staged values in, by field and code, and give them to the accounts that waited for their GUIDs."""
    _resolve_fields(stage)
    stage.reject(
        f"SELECT n, place, code FROM {stage.table} WHERE lower(code) IN ('none', 'any') OR code GLOB '*[,:*?]*' OR instr(code, '[')",
        "code",
        "this cannot be a code",
        _WRONG_CODE,
    )
    _merge.refuse_duplicates(stage, ("field", "code COLLATE NOCASE"), "code", "this value")
    fields = stage.execute("SELECT DISTINCT field FROM {stage}").fetchall()
    for (number,) in fields:
        stage.execute(
            "INSERT OR IGNORE INTO classification_label (field, label) VALUES (?, 'Class ' || ?)", number, number
        )
    columns = {column: f"s.{name}" for name, column in stage.targets.items()}
    first = "coalesce((SELECT max(id) FROM classification_value WHERE field = s.field), s.field * 1000000)"
    target = _merge.Target(
        table="classification_value",
        match="t.field = s.field AND t.code = s.code",
        columns=columns,
        defaults={
            "id": f"{first} + row_number() OVER (PARTITION BY s.field ORDER BY s.n)",
            "description": "''",
            "position": "0",
            "is_retired": "0",
        },
        required=frozenset({"description", "position", "is_retired"}),
        keys=("field", "code"),
    )
    counts = _merge.upsert(stage, target)
    given = _resolve_pending(stage)
    note = (
        (f"{given} classifications that waited for these values {stage.verb('were', 'would be')} given",)
        if given
        else ()
    )
    return counts._replace(others=given, notes=note)


def _resolve_fields(stage: Stage) -> None:
    """Turn a number, a label or a label's GUID into the field."""
    labels = stage.execute("SELECT field, label, external_id FROM classification_label").fetchall()
    known = {str(name).casefold(): field for field, *names in labels for name in names if name}
    known |= {text: field for field in range(1, 9) for text in (str(field), f"class{field}")}
    for (text,) in stage.execute("SELECT DISTINCT field FROM {stage}").fetchall():
        if str(text).casefold() in known:
            stage.execute("UPDATE {stage} SET field = ? WHERE field = ?", known[str(text).casefold()], text)
    stage.reject(
        f"SELECT n, place, field FROM {stage.table} WHERE typeof(field) <> 'integer'",
        "field",
        "there is no such classification",
        "the fields are 1 to 8; import or define the labels first",
        is_unknown=True,
    )


def _resolve_pending(stage: Stage) -> int:
    """Classify the accounts that named a GUID which is known now; return how many classifications."""
    if not stage.has("external_id"):
        return 0
    waiting = """pending_classification AS p JOIN classification_value AS v
                   ON v.external_id = p.external_id AND v.field = p.field"""
    found = stage.execute(
        f"INSERT INTO classification_change (run_id, account_id, field, old_value_id, new_value_id)"
        f" SELECT ?, p.account_id, p.field, {_CURRENT}, v.id FROM {waiting} JOIN account AS a ON a.id = p.account_id"
        f" WHERE {_CURRENT} IS NOT v.id",
        stage.run_id,
    ).rowcount
    for number in range(1, 9):
        stage.execute(
            f"UPDATE account SET class{number} = v.id FROM {waiting} WHERE account.id = p.account_id AND p.field = {number}"
        )
    stage.execute(
        f"DELETE FROM pending_classification WHERE (account_id, field) IN (SELECT p.account_id, p.field FROM {waiting})"
    )
    return found


_CURRENT = "CASE p.field " + " ".join(f"WHEN {n} THEN a.class{n}" for n in range(1, 9)) + " END"

KIND = Kind(
    "classification_value",
    "classification values",
    FIELDS,
    merge,
    rank=1,
    also=("classification", "classifications", "values"),
)
