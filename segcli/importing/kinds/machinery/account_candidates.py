"""Rows of a list of accounts and the accounts that they may be, in temporary tables.

- row_known: the rows. `is_open`: no account is found yet. `is_durable`: a later import finds the new account again.
- row_reference: the references of the rows.
- row_candidate: the accounts that a row matches.
- row_key, account_key: the keys of rows and accounts that are compared now, such as e-mail addresses.
"""

from segcli.importing.kinds.machinery.stage import Stage

WAYS = ("id", "vat", "chamber", "email", "name")
NUMBERS = {"vat": ("vat_number", "VAT number"), "chamber": ("chamber_of_commerce", "chamber of commerce number")}
IDENTIFYING = ("account", "references", "external_id", "vat_number", "chamber_of_commerce", "email")
_COLUMNS = ("account", "references", "external_id", "vat_number", "chamber_of_commerce", "email", "name", "postcode")
_TABLES = {
    "row_known": "n INTEGER PRIMARY KEY, code TEXT, is_open INTEGER, is_durable INTEGER, is_out INTEGER DEFAULT 0",
    "row_reference": "n INTEGER, reference TEXT, PRIMARY KEY (n, reference)) WITHOUT ROWID",
    "row_candidate": "n INTEGER, id INTEGER, PRIMARY KEY (n, id)) WITHOUT ROWID",
    "row_key": "n INTEGER PRIMARY KEY, key TEXT",
    "account_key": "key TEXT, id INTEGER",
}
ONCE = "SELECT key FROM temp.{} GROUP BY key HAVING count(*) = 1"


def ways(stage: Stage) -> tuple[str, ...]:
    """Return the ways by which rows find accounts: those of --match, or the default."""
    return stage.options.match or ("id", "vat", "chamber")


def is_asked(stage: Stage, way: str) -> bool:
    """Tell whether --match names this way."""
    return way in stage.options.match


def prepare(stage: Stage) -> None:
    """Add the columns that the file lacks, and fill temp.row_known with the rows; open ones have no account yet."""
    for name in _COLUMNS:
        if not stage.has(name):
            stage.execute(f'ALTER TABLE {{stage}} ADD COLUMN "{name}"')
    for name, columns in _TABLES.items():
        stage.execute(f"DROP TABLE IF EXISTS temp.{name}")
        end = "" if columns.endswith("ROWID") else ")"
        stage.execute(f"CREATE TEMP TABLE {name} ({columns}{end}")
    stage.execute("CREATE INDEX temp.row_key_key ON row_key (key)")
    stage.execute("CREATE INDEX temp.account_key_key ON account_key (key)")
    stage.execute(
        "INSERT INTO temp.row_known (n, code, is_open, is_durable)"
        " SELECT n, account, account IS NULL, external_id IS NOT NULL FROM {stage}"
    )


# Whether the row and the account have different ids of the same program, or different GUIDs.
DIFFER = """(EXISTS (SELECT 1 FROM temp.row_reference AS x JOIN account_reference AS r ON r.account_id = a.id
   AND substr(r.reference, 1, instr(r.reference, ':')) = substr(x.reference, 1, instr(x.reference, ':'))
   AND r.reference NOT GLOB 'code:*' AND r.reference NOT GLOB 'id:*' WHERE x.n = s.n)
 OR coalesce(s.external_id <> a.external_id, 0))"""


def fill_keys(stage: Stage, row: str, account: str) -> None:
    """Fill temp.row_key and temp.account_key with the keys of all rows, and of the accounts that share one of them."""
    stage.execute("DELETE FROM temp.row_key")
    stage.execute("DELETE FROM temp.account_key")
    stage.execute(f"INSERT INTO temp.row_key SELECT n, {row} AS key FROM {{stage}} AS s WHERE {row} IS NOT NULL")
    stage.execute(
        f"INSERT INTO temp.account_key SELECT key, id FROM (SELECT {account} AS key, a.id FROM account AS a"
        f" WHERE {account} IS NOT NULL) WHERE key IN (SELECT key FROM temp.row_key)"
    )


PAIRS = """temp.row_key AS y JOIN temp.row_known AS k ON k.n = y.n AND k.is_open JOIN {stage} AS s ON s.n = y.n
 JOIN temp.account_key AS z ON z.key = y.key JOIN account AS a ON a.id = z.id"""


def refuse_several(stage: Stage) -> None:
    """Reject rows that match several accounts, and settle the others that match one."""
    stage.reject(
        f"""SELECT s.n, s.place, coalesce(s.account, s.name), min(a.code), max(a.code) FROM temp.row_candidate AS c
              JOIN {stage.table} AS s ON s.n = c.n JOIN account AS a ON a.id = c.id GROUP BY c.n HAVING count(*) > 1""",
        "account",
        "this row matches two accounts: {0} and {1}",
        "if they are one: segcli account merge {0} {1}; else write the code in the row",
    )
    settle_candidates(stage)


def settle_candidates(stage: Stage) -> None:
    """Close the rows that match an account; forget those that were rejected."""
    stage.execute("DELETE FROM temp.row_candidate WHERE n NOT IN (SELECT n FROM {stage})")
    stage.execute("DELETE FROM temp.row_known WHERE n NOT IN (SELECT n FROM {stage})")
    stage.execute("UPDATE temp.row_known SET is_open = 0 WHERE n IN (SELECT n FROM temp.row_candidate)")
