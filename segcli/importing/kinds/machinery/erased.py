"""People whose data were taken away for good: how a file's rows are known to be theirs."""

from segcli.importing.kinds.machinery.stage import Stage


def is_any(stage: Stage) -> bool:
    """Tell whether anybody's data were taken away."""
    return bool(stage.execute("SELECT EXISTS (SELECT 1 FROM anonymised)").fetchone()[0])


def address(column: str) -> str:
    """Return the condition that an address is that of a person who was anonymised, until it is opted in again."""
    return (
        f"(EXISTS (SELECT 1 FROM anonymised WHERE key_hash IN (SELECT value FROM json_each(mail_hashes('mail|', {column}))))"
        f" AND EXISTS (SELECT 1 FROM opt_out WHERE address_hash IN (SELECT value FROM json_each(mail_hashes('', {column})))))"
    )
