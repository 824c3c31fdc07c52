"""The account of a row: found by code or GUID, or created on request; otherwise the row is rejected."""

from segcli.importing.kinds.machinery.stage import Stage

# An account known only by GUID uses it as its code until an import of accounts gives the real code.
_IS_GUID = "{0} GLOB '????????-????-????-????-????????????'"


def resolve(stage: Stage, role: str = "account") -> None:
    """Add the column account_id (or ordered_by_id … for another role); NULL if a row names no account.

    Rows of unknown accounts are rejected, or the accounts are created with --create-missing.
    """
    stage.execute(f"ALTER TABLE {{stage}} ADD COLUMN {role}_id INTEGER")
    if not stage.has(role):
        return
    _find(stage, role)
    if stage.options.must_create:
        name = f"coalesce(max(s.name), s.{role})" if _has_account_name(stage) else f"s.{role}"
        text = f"fold(s.{role} || char(10) || {name})"
        stage.execute(
            "INSERT INTO account (code, name, search_text, added_run_id, external_id)"
            f" SELECT s.{role}, {name}, {text}, ?, CASE WHEN {_IS_GUID.format(f's.{role}')} THEN s.{role} END"
            f" FROM {{stage}} AS s WHERE s.{role}_id IS NULL AND s.{role} IS NOT NULL GROUP BY s.{role} ORDER BY min(s.n)",
            stage.run_id,
        )
        _find(stage, role)
    stage.reject(
        f"SELECT n, place, {role} FROM {stage.table} WHERE {role}_id IS NULL AND {role} IS NOT NULL",
        role,
        "there is no such account",
        "import the accounts first, or use --create-missing",
    )


def _has_account_name(stage: Stage) -> bool:
    return stage.has("name") and stage.kind.name != "contact"


def lookup(code: str) -> str:
    """Return the SQL that finds an account's id by its code or its GUID."""
    return (
        f"coalesce((SELECT a.id FROM account AS a WHERE a.code = {code}),"
        f" (SELECT a.id FROM account AS a WHERE a.external_id = {code}))"
    )


def _find(stage: Stage, role: str) -> None:
    stage.execute(f"UPDATE {{stage}} SET {role}_id = {lookup(role)} WHERE {role}_id IS NULL")
