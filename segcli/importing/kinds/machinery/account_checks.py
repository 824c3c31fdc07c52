"""Checks of staged accounts against each other and against the stored ones: rows that fail are rejected."""

from segcli.importing.kinds.machinery.stage import Stage


def refuse_other_owner(stage: Stage) -> None:
    """Reject rows whose GUID is that of an account with another code."""
    if stage.has("external_id"):
        stage.reject(
            """SELECT s.n, s.place, s.account, t.code FROM {stage} AS s JOIN account AS t ON t.external_id = s.external_id
                WHERE t.code <> s.account""".replace("{stage}", stage.table),
            "account",
            "this account has the GUID of account {0}",
            "was it renumbered? then change the code of one of them",
        )


def refuse_negative_limit(stage: Stage) -> None:
    """Reject rows with a negative credit limit."""
    if stage.has("credit_limit"):
        sql = f"SELECT n, place, amount_text(credit_limit, ?) FROM {stage.table} WHERE credit_limit < 0"
        fix = "write the amount without a sign; 0 or an empty cell is no limit"
        stage.reject(sql, "credit_limit", "a credit limit is not negative", fix, values=(stage.options.currency,))


def refuse_nameless(stage: Stage) -> None:
    """Reject new accounts without a name."""
    condition = "s.name IS NULL" if stage.has("name") else "1"
    stage.reject(
        f"SELECT s.n, s.place, s.account FROM {stage.table} AS s WHERE {condition}"
        " AND NOT EXISTS (SELECT 1 FROM account AS t WHERE t.code = s.account)",
        "account",
        "this is a new account without a name",
        "is the code right? new accounts need a name",
    )
