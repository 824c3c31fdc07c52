"""References of accounts: their names or ids in other programs, such as odoo:res_partner_12.

`code:` and `id:` are the code and the GUID of an account that was merged into this one (segcli account merge), or further
codes and GUIDs of the account itself.
"""

import re

from segcli.importing.kinds.machinery.stage import Stage

OF_CODE, OF_ID = "code:", "id:"
_FORM = re.compile(r"[a-z][^:]*:.+", re.DOTALL)
_OWN = (OF_CODE, OF_ID)


def split(text: str) -> list[str]:
    """Return the references of a cell, which has one per line. A ValueError names a line that is not a reference."""
    found = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    for line, reference in enumerate(found, 1):
        if not _FORM.fullmatch(reference):
            raise ValueError(f"reference {line} is not one of another program", "write odoo:res_partner_12, one a line")
        if reference.startswith(_OWN):
            raise ValueError(f"reference {line} names no program: code and id are segcli's own", "name the program")
    return found


def is_any_merged(stage: Stage) -> bool:
    """Tell whether any account has the code of another one as a reference."""
    return bool(
        stage.execute("SELECT EXISTS (SELECT 1 FROM account_reference WHERE reference GLOB 'code:*')").fetchone()[0]
    )


def store(stage: Stage, account: str, rows: str) -> int:
    """Store references that are not known yet; return their number.

    `rows` is a table with n and reference, `account` is the SQL of the account's id in the row `s` of the stage.
    """
    return stage.execute(
        f"INSERT INTO account_reference (account_id, reference) SELECT {account}, r.reference FROM {rows} AS r"
        f" JOIN {{stage}} AS s ON s.n = r.n WHERE {account} IS NOT NULL"
        " AND r.reference NOT IN (SELECT reference FROM account_reference) GROUP BY r.reference ORDER BY min(r.n)"
    ).rowcount
