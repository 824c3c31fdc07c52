"""Detection of rows that belong to anonymised persons."""

from segcli.importing.kinds.machinery.stage import Stage


def is_any(stage: Stage) -> bool:
    """Tell whether any person was anonymised."""
    return bool(stage.execute("SELECT EXISTS (SELECT 1 FROM anonymised)").fetchone()[0])


def address(column: str) -> str:
    """Return the SQL condition that an address belongs to an anonymised person and was not opted in again."""
    return (
        f"(EXISTS (SELECT 1 FROM anonymised WHERE key_hash IN (SELECT value FROM json_each(mail_hashes('mail|', {column}))))"
        f" AND EXISTS (SELECT 1 FROM opt_out WHERE address_hash IN (SELECT value FROM json_each(mail_hashes('', {column})))))"
    )
