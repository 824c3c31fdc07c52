"""The accounts of rows: found by code, id, VAT or chamber of commerce number, e-mail address or name; else new.

A code names the account of its row. A row without a code is matched in this order:
- id: its GUID and its references. Ids are certain.
- vat, chamber: where one account and one row of the file have the number.
- email: if the names are equal, too, or if both records are persons. A person has no VAT number, no chamber of commerce
  number, and no legal form in the name.
- name: only if --match names it.
Records with different ids of the same program never match. A row that would match by e-mail address or name alone is rejected,
unless --match names that way. A row that matches nothing is a new account and gets the next number of the series.
Numbers and names are compared as letters and digits, without case and accents.
"""

from segcli.importing.kinds.machinery import account_by_code, account_by_likeness, account_series, references
from segcli.importing.kinds.machinery.account_candidates import (
    IDENTIFYING,
    NUMBERS,
    PAIRS,
    fill_keys,
    is_asked,
    prepare,
    refuse_several,
    ways,
)  # fmt: skip
from segcli.importing.kinds.machinery.stage import Stage


def is_needed(stage: Stage) -> bool:
    """Tell whether rows lack a code, or whether something besides the code identifies their accounts."""
    if not stage.has("account") or stage.has("references") or references.is_any_merged(stage):
        return True
    return stage.is_any("account IS NULL")


def identify(stage: Stage) -> tuple[str, ...]:
    """Set the code of every row, with new numbers for new accounts; reject uncertain rows.

    Afterwards the stage has the column account, without NULLs. Returns notes. temp.row_reference has the references that
    `keep_references` stores once the accounts are there.
    """
    prepare(stage)
    _refuse_empty(stage)
    account_by_code.take_references(stage)
    notes = account_by_code.find_by_code(stage)
    if stage.execute("SELECT EXISTS (SELECT 1 FROM temp.row_known WHERE is_open)").fetchone()[0]:
        account_by_code.find_by_id(stage)
        for way in NUMBERS:
            if way in ways(stage):
                account_by_likeness.find_by_number(stage, way)
        refuse_several(stage)
        account_by_likeness.find_by_email(stage)
        account_by_likeness.find_by_name(stage)
        _refuse_unidentified(stage)
    _settle(stage)
    return notes


def keep_references(stage: Stage) -> int:
    """Store the references of the rows, once their accounts are there; return the number of new ones."""
    account = "(SELECT a.id FROM account AS a WHERE a.code = s.account)"
    return references.store(stage, account, "temp.row_reference")


def _refuse_empty(stage: Stage) -> None:
    """Reject rows without anything that identifies an account."""
    if is_asked(stage, "name"):
        return
    others = [name for name in IDENTIFYING if name != "account" and stage.has(name)]
    empty = " AND ".join(f'"{name}" IS NULL' for name in IDENTIFYING)
    stage.reject(
        f"SELECT n, place, NULL FROM {stage.table} WHERE {empty}",
        "account",
        "this is empty",
        f"without a code, an account needs {' or '.join(others)}" if others else "",
    )
    stage.execute("DELETE FROM temp.row_known WHERE n NOT IN (SELECT n FROM {stage})")


def _refuse_unidentified(stage: Stage) -> None:
    """Reject new accounts without a name, and those that a later import could not find again."""
    new = f"FROM {stage.table} AS s JOIN temp.row_known AS k ON k.n = s.n WHERE k.is_open"
    stage.reject(
        f"SELECT s.n, s.place, NULL {new} AND s.name IS NULL",
        "name",
        "this is a new account without a name",
        "new accounts need a name",
    )
    for column, what in NUMBERS.values():
        if stage.has(column) and stage.execute(f"SELECT EXISTS (SELECT 1 {new} AND NOT k.is_durable)").fetchone()[0]:
            fill_keys(stage, f"plain(s.{column})", f"plain(a.{column})")
            stage.reject(
                f"SELECT s.n, s.place, s.{column}, min(a.code), max(a.code) FROM {PAIRS} WHERE NOT k.is_durable"
                " GROUP BY s.n HAVING count(*) > 1",
                column,
                f"two accounts have this {what}: {{0}} and {{1}}",
                "write the code in the row; if both are one: segcli account merge {0} {1}",
            )
    stage.reject(
        f"SELECT s.n, s.place, s.name {new} AND NOT k.is_durable",
        "account",
        "nothing identifies this account: no code, no id, and no number or e-mail address that it has alone",
        "write a code or an id in the row"
        + ("" if is_asked(stage, "name") else ", or: --match id,vat,chamber,email,name"),
    )
    stage.execute("DELETE FROM temp.row_known WHERE n NOT IN (SELECT n FROM {stage})")


def _settle(stage: Stage) -> None:
    """Write the codes of the accounts into the rows, and number the new ones."""
    # The account keeps its own GUID; another one of the row becomes a reference.
    stage.execute(
        "INSERT OR IGNORE INTO temp.row_reference SELECT s.n, 'id:' || s.external_id FROM temp.row_candidate AS c"
        " JOIN {stage} AS s ON s.n = c.n JOIN account AS a ON a.id = c.id WHERE s.external_id <> a.external_id"
    )
    stage.execute(
        "UPDATE {stage} AS s SET account = a.code, external_id = coalesce(a.external_id, s.external_id)"
        " FROM temp.row_candidate AS c JOIN account AS a ON a.id = c.id WHERE c.n = s.n"
    )
    stage.execute("DELETE FROM temp.row_known WHERE NOT is_open")
    if stage.execute("SELECT EXISTS (SELECT 1 FROM temp.row_known)").fetchone()[0]:
        account_series.number(stage, "temp.row_known", f"SELECT account FROM {stage.table} WHERE account IS NOT NULL")
        stage.execute("UPDATE {stage} AS s SET account = k.code FROM temp.row_known AS k WHERE k.n = s.n")
    stage.execute("DELETE FROM temp.row_reference WHERE n NOT IN (SELECT n FROM {stage})")
    if not stage.has("account"):
        stage.fields = (*stage.fields, "account")
