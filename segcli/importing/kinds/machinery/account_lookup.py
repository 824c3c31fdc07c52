"""The account of a row: found by code, GUID or reference, or created on request; otherwise the row is rejected."""

from segcli.importing.kinds.machinery import account_series
from segcli.importing.kinds.machinery.references import OF_CODE, OF_ID
from segcli.importing.kinds.machinery.stage import Stage

# An account known only by GUID uses it as its code until an import of accounts gives the real code.
_IS_GUID = "{0} GLOB '????????-????-????-????-????????????'"


def resolve(stage: Stage, role: str = "account") -> None:
    """Add the column account_id (or ordered_by_id … for another role); NULL if a row names no account.

    Rows of unknown accounts are rejected, or the accounts are created with --create-missing. Where the rows name accounts by
    reference, such an account gets the next number of the series, and the reference.
    """
    stage.execute(f"ALTER TABLE {{stage}} ADD COLUMN {role}_id INTEGER")
    if not stage.has(role):
        return
    _find(stage, role)
    if stage.options.must_create:
        name = (
            f"coalesce(max(s.name), {_own_name(stage, role)})" if _has_account_name(stage) else _own_name(stage, role)
        )
        if stage.by_reference:
            _create_referred(stage, role, name)
        else:
            _create(stage, role, name)
        _find(stage, role)
    stage.reject(
        f"SELECT n, place, {role} FROM {stage.table} WHERE {role}_id IS NULL AND {role} IS NOT NULL",
        role,
        "there is no such account",
        "import the accounts first, or use --create-missing",
    )


def _create(stage: Stage, role: str, name: str) -> None:
    """Create the unknown accounts with their codes."""
    text = f"fold(s.{role} || char(10) || {name})"
    stage.execute(
        "INSERT INTO account (code, name, search_text, added_run_id, external_id)"
        f" SELECT s.{role}, {name}, {text}, ?, CASE WHEN {_IS_GUID.format(f's.{role}')} THEN s.{role} END"
        f" FROM {{stage}} AS s WHERE s.{role}_id IS NULL AND s.{role} IS NOT NULL GROUP BY s.{role} ORDER BY min(s.n)",
        stage.run_id,
    )


def _create_referred(stage: Stage, role: str, name: str) -> None:
    """Create the unknown accounts with the next numbers, and store their references. A cell that is not a reference stays unknown."""
    stage.execute("DROP TABLE IF EXISTS temp.new_account")
    stage.execute("CREATE TEMP TABLE new_account (n INTEGER PRIMARY KEY, code TEXT, name TEXT, reference TEXT)")
    stage.execute(
        f"INSERT INTO temp.new_account (n, name, reference) SELECT min(s.n), {name}, s.{role} FROM {{stage}} AS s"
        f" WHERE s.{role}_id IS NULL AND s.{role} GLOB '[a-z]*:?*' GROUP BY s.{role}"
    )
    account_series.number(stage, "temp.new_account")
    stage.execute(
        "INSERT INTO account (code, name, search_text, added_run_id)"
        " SELECT code, name, fold(code || char(10) || name), ? FROM temp.new_account ORDER BY n",
        stage.run_id,
    )
    stage.execute(
        "INSERT INTO account_reference (account_id, reference) SELECT a.id, x.reference FROM temp.new_account AS x"
        " JOIN account AS a ON a.code = x.code ORDER BY x.n"
    )


def _own_name(stage: Stage, role: str) -> str:
    """Return the SQL of the name of an account without a name: its code, or its reference without the program."""
    return f"substr(s.{role}, instr(s.{role}, ':') + 1)" if stage.by_reference else f"s.{role}"


def _has_account_name(stage: Stage) -> bool:
    return stage.has("name") and stage.kind.name != "contact"


def lookup(code: str) -> str:
    """Return the SQL that finds an account's id by its code, its GUID or a reference.

    The code and the GUID of a merged account are references of the account that it was merged into.
    """
    named = "".join(
        f", (SELECT r.account_id FROM account_reference AS r WHERE r.reference = {text})"
        for text in (code, f"'{OF_CODE}' || {code}", f"'{OF_ID}' || {code}")
    )
    return (
        f"coalesce((SELECT a.id FROM account AS a WHERE a.code = {code}),"
        f" (SELECT a.id FROM account AS a WHERE a.external_id = {code}){named})"
    )


def _find(stage: Stage, role: str) -> None:
    stage.execute(f"UPDATE {{stage}} SET {role}_id = {lookup(role)} WHERE {role}_id IS NULL")
