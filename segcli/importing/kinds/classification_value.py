"""Classification values: the possible values of each of the eight classification fields."""

import sqlite3
from contextlib import suppress

from segcli.base.errors import UsageError
from segcli.base.spelling import code_problem, composed, meant
from segcli.base.text import counted, key
from segcli.domain.catalogue import Catalogue
from segcli.importing.kinds.machinery import external_ids, upsert
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.storage import class_values

FIELDS = (
    Field("field", "text", "class classification number nummer sequencenumber accountclassificationname label "
          "accountclassificationnamedescription", is_required=True,
          about="Number of the classification, 1 to 8, or its label"),
    Field("code", "code", "value waarde", is_required=True,
          about="Code of the value, unique within its classification"),
    Field("description", "text", "omschrijving name naam", about="Description of the value"),
    Field("position", "integer", "order volgorde sortorder", about="Place of the value in lists, counted from 1"),
    Field("is_retired", "flag", "retired isretired vervallen",
          about="Whether the value is no longer given to accounts"),
    Field("external_id", "text", "externalid id guid", about="Id in the program it comes from, such as its GUID"),
)  # fmt: skip


def merge(stage: Stage) -> Counts:
    """Upsert the staged values by field and code; assign them to accounts with a pending GUID."""
    _resolve_fields(stage)
    _spell(stage)
    upsert.refuse_duplicates(stage, ("field", "same"), "code")
    external_ids.refuse_shared(stage, "classification_value", "t.field = s.field AND t.code = s.code", "t.code")
    for (number,) in stage.execute("SELECT DISTINCT field FROM {stage}").fetchall():
        class_values.ensure_label(stage.db, number)
    columns = {column: f"s.{name}" for name, column in stage.targets.items()}
    first = "coalesce((SELECT max(id) FROM classification_value WHERE field = s.field), s.field * 1000000)"
    target = upsert.Target(
        table="classification_value",
        match="t.field = s.field AND t.code = s.code",
        columns=columns,
        defaults={
            "id": f"{first} + row_number() OVER (PARTITION BY s.field ORDER BY s.n)",
            "description": "''",
            "position": "0",
            "is_retired": "0",
            "code_key": "label_key(s.code)",
        },
        required=frozenset({"description", "position", "is_retired"}),
        keys=("field", "code"),
    )
    counts = upsert.upsert(stage, target)
    given = _resolve_pending(stage)
    note = (f"{counted(given, 'pending classification')} {stage.verb('set', 'would be set')}",) if given else ()
    return counts._replace(others=given, notes=note)


def _resolve_fields(stage: Stage) -> None:
    """Resolve a number, a label or a label's GUID to the field number."""
    labels = stage.execute("SELECT field, label, external_id FROM classification_label").fetchall()
    fields = {str(guid): field for field, _, guid in labels if guid}
    named = Catalogue(((field, label) for field, label, _ in labels), lambda _: ())
    for (text,) in stage.execute("SELECT DISTINCT field FROM {stage}").fetchall():
        found = fields.get(str(text))
        with suppress(UsageError):
            found = found or named.field(str(text))
        if found:
            stage.execute("UPDATE {stage} SET field = ? WHERE field = ?", found, text)
    stage.reject(
        f"SELECT n, place, field FROM {stage.table} WHERE typeof(field) <> 'integer'",
        "field",
        "there is no such classification",
        "the fields are 1 to 8; import or define the labels first",
    )


def _spell(stage: Stage) -> None:
    """Replace each staged code by its stored spelling, or reject it; add the column `same`, equal for rows of one value."""
    stage.execute("DROP TABLE IF EXISTS temp.spelled")
    stage.execute("CREATE TEMP TABLE spelled (field, code TEXT, found TEXT, same TEXT, wrong TEXT, fix TEXT)")
    codes = stage.execute("SELECT DISTINCT field, code FROM {stage}").fetchall()
    stage.db.executemany(
        "INSERT INTO temp.spelled VALUES (?, ?, ?, ?, ?, ?)",
        [(field, code, *_spelled(stage.db, field, code)) for field, code in codes],
    )
    stage.execute("CREATE INDEX temp.spelled_code ON spelled (field, code)")
    one = "FROM temp.spelled AS w WHERE w.field = {0}.field AND w.code = {0}.code"
    stage.reject(
        f"SELECT s.n, s.place, s.code, w.wrong, w.fix FROM {stage.table} AS s JOIN temp.spelled AS w"
        " ON w.field = s.field AND w.code = s.code WHERE w.wrong <> ''",
        "code",
        "{0}",
        "{1}",
    )
    name = stage.table.removeprefix("temp.")
    stage.execute("ALTER TABLE {stage} ADD COLUMN same")
    stage.execute(
        f"UPDATE {{stage}} SET (code, same) = (SELECT w.found, w.same {one.format(name)})"
        f" WHERE EXISTS (SELECT 1 {one.format(name)})"
    )


def _spelled(db: sqlite3.Connection, field: int, code: str) -> tuple[str, str, str, str]:
    """Return the stored spelling of a code, the key shared by all its spellings, the problem ('' for none) and its fix."""
    wrong = code_problem(code)
    if wrong:
        return code, code, "this cannot be a code", wrong
    there = class_values.same(db, field, code)
    try:
        found = meant(code, there, lambda row: row[1], f"class{field}")
    except UsageError as error:
        return code, code, error.message, error.hint
    stored = found[0][1] if found else composed(code)
    return stored, stored if len(there) > 1 else key(code), "", ""


def _resolve_pending(stage: Stage) -> int:
    """Assign values to accounts with a pending GUID that is known now; return the number assigned."""
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
