"""The account that a row belongs to: found by its code or its GUID, made where asked, else the row is rejected."""

from segcli.kinds._stage import Stage


def resolve(stage: Stage) -> None:
    """Add account_id to the stage: none where a row names no account.

    Rows of unknown accounts are rejected, or their accounts created where asked.
    """
    stage.execute("ALTER TABLE {stage} ADD COLUMN account_id INTEGER")
    if not stage.has("account"):
        return
    _find(stage)
    if stage.options.must_create:
        name = "coalesce(max(s.name), s.account)" if _has_account_name(stage) else "s.account"
        text = f"fold(s.account || char(10) || {name})"
        stage.execute(
            f"INSERT INTO account (code, name, search_text, added_run_id) SELECT s.account, {name}, {text}, ?"
            " FROM {stage} AS s WHERE s.account_id IS NULL AND s.account IS NOT NULL GROUP BY s.account ORDER BY min(s.n)",
            stage.run_id,
        )
        _find(stage)
    stage.reject(
        f"SELECT n, place, account FROM {stage.table} WHERE account_id IS NULL AND account IS NOT NULL",
        "account",
        "there is no such account",
        "import the accounts first, or use --create-missing",
        is_unknown=False,
    )


def _has_account_name(stage: Stage) -> bool:
    return stage.has("name") and stage.kind.name != "contact"


def _find(stage: Stage) -> None:
    stage.execute(
        "UPDATE {stage} SET account_id = coalesce((SELECT a.id FROM account AS a WHERE a.code = account),"
        " (SELECT a.id FROM account AS a WHERE a.external_id = account)) WHERE account_id IS NULL"
    )
