"""The accounts of rows: found by code, id, VAT or chamber of commerce number, e-mail address or name; else new.

A row with a code is its account. A row without a code is looked for in this order:
- id: its GUID and its references. Ids are certain.
- vat, chamber: where one account and one row of the file have the number.
- email: an address that two records share is the same person only if both are persons: without a VAT and a chamber of
  commerce number, and without a legal form in the name. If the names are equal, too, it is the same account.
- name: only where it was asked for.
Two records to which the same program gave different ids are never the same. An e-mail address or a name alone that would
match, but was not asked for, rejects the row. A row that matches nothing is new: it gets the next number of the series.
Numbers and names are compared as letters and digits, without case and accents.
"""

from typing import Any

from segcli.base.text import counted, fold
from segcli.importing.kinds.machinery import account_series, references
from segcli.importing.kinds.machinery.stage import Stage

WAYS = ("id", "vat", "chamber", "email", "name")
_NUMBERS = {"vat": ("vat_number", "VAT number"), "chamber": ("chamber_of_commerce", "chamber of commerce number")}
IDENTIFYING = ("account", "references", "external_id", "vat_number", "chamber_of_commerce", "email")
_COLUMNS = ("account", "references", "external_id", "vat_number", "chamber_of_commerce", "email", "name", "postcode")
# Words that end the name of a company.
_LEGAL = (
    "bv", "nv", "vof", "cv", "bvba", "gmbh", "ag", "kg", "ohg", "ug", "sa", "sarl", "sas", "sprl", "srl", "ltd",
    "limited", "llc", "llp", "inc", "plc", "corp", "as", "aps", "ab", "oy", "spa", "lda",
)  # fmt: skip
_TABLES = {
    "row_known": "n INTEGER PRIMARY KEY, code TEXT, is_open INTEGER, is_durable INTEGER, is_out INTEGER DEFAULT 0",
    "row_reference": "n INTEGER, reference TEXT, PRIMARY KEY (n, reference)) WITHOUT ROWID",
    "row_candidate": "n INTEGER, id INTEGER, PRIMARY KEY (n, id)) WITHOUT ROWID",
    "row_key": "n INTEGER PRIMARY KEY, key TEXT",
    "account_key": "key TEXT, id INTEGER",
}
_ONCE = "SELECT key FROM temp.{} GROUP BY key HAVING count(*) = 1"


def is_needed(stage: Stage) -> bool:
    """Tell whether the code of a row does not say which account it is, or is not all that the row says of it."""
    if not stage.has("account") or stage.has("references") or references.is_any_merged(stage):
        return True
    return bool(stage.execute("SELECT EXISTS (SELECT 1 FROM {stage} WHERE account IS NULL)").fetchone()[0])


def identify(stage: Stage) -> tuple[str, ...]:
    """Give every row the code of its account, and new accounts their numbers; reject what is not certain.

    Afterwards the stage has the column account, without NULLs. Returns notes. temp.row_reference has the references that
    `keep_references` stores once the accounts are there.
    """
    _prepare(stage)
    _refuse_empty(stage)
    _take_references(stage)
    notes = _find_by_code(stage)
    if stage.execute("SELECT EXISTS (SELECT 1 FROM temp.row_known WHERE is_open)").fetchone()[0]:
        _find_by_id(stage)
        for way in _NUMBERS:
            if way in _ways(stage):
                _find_by_number(stage, way)
        _refuse_several(stage)
        _find_by_email(stage)
        _find_by_name(stage)
        _refuse_unidentified(stage)
    _settle(stage)
    return notes


def keep_references(stage: Stage) -> int:
    """Store the references of the rows, once their accounts are there; return the number of new ones."""
    account = "(SELECT a.id FROM account AS a WHERE a.code = s.account)"
    return references.store(stage, account, "temp.row_reference")


def _ways(stage: Stage) -> tuple[str, ...]:
    return stage.options.match or ("id", "vat", "chamber")


def _is_asked(stage: Stage, way: str) -> bool:
    return way in stage.options.match


def _prepare(stage: Stage) -> None:
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


def _refuse_empty(stage: Stage) -> None:
    """Reject rows without anything that identifies an account."""
    if _is_asked(stage, "name"):
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


def _take_references(stage: Stage) -> None:
    """Fill temp.row_reference. A reference of several rows identifies none of those that have something else."""
    if not stage.has("references"):
        return
    rows = stage.execute('SELECT n, place, "references" FROM {stage} WHERE "references" IS NOT NULL').fetchall()
    for n, place, text in rows:
        try:
            found = references.split(text)
        except ValueError as error:
            stage.refuse(place, "references", text, *map(str, error.args))
            stage.rejected += 1
            stage.execute("DELETE FROM {stage} WHERE n = ?", n)
            stage.execute("DELETE FROM temp.row_known WHERE n = ?", n)
            continue
        stage.db.executemany("INSERT INTO temp.row_reference VALUES (?, ?)", ((n, one) for one in found))
    shared = "SELECT reference FROM temp.row_reference GROUP BY reference HAVING count(*) > 1"
    stage.execute("CREATE INDEX temp.row_reference_reference ON row_reference (reference)")
    stage.execute(
        f"DELETE FROM temp.row_reference WHERE reference IN ({shared}) AND n IN (SELECT k.n FROM temp.row_known AS k"
        " WHERE k.code IS NOT NULL OR k.is_durable OR k.n IN"
        f" (SELECT n FROM temp.row_reference WHERE reference NOT IN ({shared})))"
    )
    stage.execute("UPDATE temp.row_known SET is_durable = 1 WHERE n IN (SELECT n FROM temp.row_reference)")


def _find_by_code(stage: Stage) -> tuple[str, ...]:
    """Find the accounts of rows with a code: the code of a merged account is its successor's.

    A new code whose GUID or references are known is another code of the same account.
    """
    stage.execute(
        "UPDATE {stage} AS s SET account = a.code, external_id = a.external_id"
        " FROM account_reference AS r JOIN account AS a ON a.id = r.account_id"
        " WHERE s.account IS NOT NULL AND r.reference = 'code:' || s.account"
        " AND NOT EXISTS (SELECT 1 FROM account AS t WHERE t.code = s.account)"
    )
    merged = "SELECT k.n FROM temp.row_known AS k JOIN {stage} AS s ON s.n = k.n WHERE s.account <> k.code"
    own = "SELECT k.code FROM temp.row_known AS k WHERE k.code IS NOT NULL"
    first = f"SELECT min(x.n) FROM {{stage}} AS x WHERE x.n IN ({merged}) GROUP BY x.account"
    stage.execute(
        "UPDATE temp.row_known SET is_out = 1 WHERE n IN (SELECT s.n FROM {stage} AS s"
        f" WHERE s.n IN ({merged}) AND (s.account IN ({own}) OR s.n NOT IN ({first})))"
    )
    stage.execute("DELETE FROM {stage} WHERE n IN (SELECT n FROM temp.row_known WHERE is_out)")
    left = stage.execute("DELETE FROM temp.row_known WHERE is_out").rowcount
    known = (
        "(SELECT r.account_id FROM account_reference AS r WHERE r.reference IN (SELECT x.reference FROM temp.row_reference AS x"
        " WHERE x.n = s.n UNION ALL SELECT 'id:' || s.external_id))"
    )
    stage.reject(
        f"SELECT s.n, s.place, s.account, a.code FROM {stage.table} AS s JOIN account AS a ON a.id IN {known}"
        " WHERE EXISTS (SELECT 1 FROM account AS t WHERE t.code = s.account) AND a.code <> s.account GROUP BY s.n",
        "account",
        "this is account {0} by its references",
        "if both are the same: segcli account merge; else correct the code or the references",
    )
    stage.execute(
        f"INSERT INTO temp.row_candidate SELECT s.n, a.id FROM {{stage}} AS s JOIN account AS a ON a.id IN {known}"
        " WHERE s.account IS NOT NULL AND NOT EXISTS (SELECT 1 FROM account AS t WHERE t.code = s.account)"
    )
    _refuse_several(stage)
    stage.execute(
        "INSERT OR IGNORE INTO temp.row_reference SELECT s.n, 'code:' || s.account FROM {stage} AS s"
        " WHERE s.n IN (SELECT n FROM temp.row_candidate)"
    )
    return (
        (f"{counted(left, 'row')} of merged accounts left out: the file has the account itself, too",) if left else ()
    )


def _find_by_id(stage: Stage) -> None:
    """Find the accounts of open rows by GUID and references."""
    stage.execute(
        "INSERT OR IGNORE INTO temp.row_candidate SELECT s.n, a.id FROM {stage} AS s JOIN account AS a"
        " ON a.external_id = s.external_id WHERE s.account IS NULL"
        " UNION SELECT s.n, r.account_id FROM {stage} AS s JOIN account_reference AS r"
        " ON r.reference = 'id:' || s.external_id WHERE s.account IS NULL"
        " UNION SELECT x.n, r.account_id FROM temp.row_reference AS x JOIN account_reference AS r ON r.reference = x.reference"
        " JOIN temp.row_known AS k ON k.n = x.n WHERE k.is_open"
    )


# Whether a program calls the row and the account by different ids, or both have a GUID.
_DIFFER = """(EXISTS (SELECT 1 FROM temp.row_reference AS x JOIN account_reference AS r ON r.account_id = a.id
   AND substr(r.reference, 1, instr(r.reference, ':')) = substr(x.reference, 1, instr(x.reference, ':'))
   AND r.reference NOT GLOB 'code:*' AND r.reference NOT GLOB 'id:*' WHERE x.n = s.n)
 OR coalesce(s.external_id <> a.external_id, 0))"""
# Equal names prove nothing if one of these differs.
_CONTRADICT = " OR ".join(
    f"plain(s.{name}) <> plain(a.{name})" for name in ("vat_number", "chamber_of_commerce", "postcode")
)


def _fill_keys(stage: Stage, row: str, account: str) -> None:
    """Fill temp.row_key and temp.account_key with the keys of all rows, and of the accounts that share one of them."""
    stage.execute("DELETE FROM temp.row_key")
    stage.execute("DELETE FROM temp.account_key")
    stage.execute(f"INSERT INTO temp.row_key SELECT n, {row} AS key FROM {{stage}} AS s WHERE {row} IS NOT NULL")
    stage.execute(
        f"INSERT INTO temp.account_key SELECT key, id FROM (SELECT {account} AS key, a.id FROM account AS a"
        f" WHERE {account} IS NOT NULL) WHERE key IN (SELECT key FROM temp.row_key)"
    )


_PAIRS = """temp.row_key AS y JOIN temp.row_known AS k ON k.n = y.n AND k.is_open JOIN {stage} AS s ON s.n = y.n
 JOIN temp.account_key AS z ON z.key = y.key JOIN account AS a ON a.id = z.id"""


def _find_by_number(stage: Stage, way: str) -> None:
    """Find the accounts of open rows by a number that one row and one account have."""
    column, _ = _NUMBERS[way]
    if not stage.has(column):
        return
    _fill_keys(stage, f"plain(s.{column})", f"plain(a.{column})")
    unique = f"y.key IN ({_ONCE.format('row_key')})"
    stage.execute(
        f"INSERT OR IGNORE INTO temp.row_candidate SELECT y.n, a.id FROM {_PAIRS}"
        f" WHERE {unique} AND y.key IN ({_ONCE.format('account_key')}) AND NOT {_DIFFER}"
    )
    # A number that several accounts have already does not identify the row next time either.
    stage.execute(
        f"UPDATE temp.row_known SET is_durable = 1 WHERE n IN (SELECT y.n FROM temp.row_key AS y WHERE {unique}"
        " AND y.key NOT IN (SELECT key FROM temp.account_key))"
    )


def _refuse_several(stage: Stage) -> None:
    """Reject rows that match several accounts, and settle the others that match one."""
    stage.reject(
        f"""SELECT s.n, s.place, coalesce(s.account, s.name), min(a.code), max(a.code) FROM temp.row_candidate AS c
              JOIN {stage.table} AS s ON s.n = c.n JOIN account AS a ON a.id = c.id GROUP BY c.n HAVING count(*) > 1""",
        "account",
        "this row matches two accounts: {0} and {1}",
        "if they are one: segcli account merge {0} {1}; else write the code in the row",
    )
    _settle_candidates(stage)


def _settle_candidates(stage: Stage) -> None:
    stage.execute("DELETE FROM temp.row_candidate WHERE n NOT IN (SELECT n FROM {stage})")
    stage.execute("DELETE FROM temp.row_known WHERE n NOT IN (SELECT n FROM {stage})")
    stage.execute("UPDATE temp.row_known SET is_open = 0 WHERE n IN (SELECT n FROM temp.row_candidate)")


def _find_by_email(stage: Stage) -> None:
    """Find the accounts of open rows by e-mail address: with the same name, or both persons, or as asked."""
    asked = _is_asked(stage, "email")
    if not stage.has("email") or (stage.options.match and not asked):
        return
    _fill_keys(stage, "mail_key(s.email)", "mail_key(a.email)")
    stage.db.create_function("has_legal_form", 1, _has_legal_form, deterministic=True)
    once = "SELECT min(y.n) FROM temp.row_key AS y JOIN {stage} AS s ON s.n = y.n GROUP BY y.key, plain(s.name) HAVING count(*) = 1"
    stage.execute(f"UPDATE temp.row_known SET is_durable = 1 WHERE is_open AND n IN ({once})")
    pairs = f"FROM {_PAIRS} WHERE NOT {_DIFFER}"
    stage.execute(
        f"INSERT INTO temp.row_candidate SELECT y.n, a.id {pairs} AND plain(s.name) = plain(a.name) AND y.n IN ({once})"
    )
    _refuse_several(stage)
    is_sure = "1" if asked else f"({_person('s', stage)} AND {_person('a', stage)})"
    alone = f"y.key IN ({_ONCE.format('row_key')}) AND y.key IN ({_ONCE.format('account_key')})"
    stage.execute(f"INSERT INTO temp.row_candidate SELECT y.n, a.id {pairs} AND {alone} AND {is_sure}")
    _settle_candidates(stage)
    _refuse_probable(stage, pairs, "email", "e-mail address")


def _person(alias: str, stage: Stage) -> str:
    """Return the SQL condition that a row or an account is a person: no numbers of a company, no legal form."""
    numbers = f"{alias}.vat_number IS NULL AND {alias}.chamber_of_commerce IS NULL"
    supplier = f" AND coalesce({alias}.is_supplier, 0) = 0" if alias == "a" or stage.has("is_supplier") else ""
    return f"({numbers} AND NOT has_legal_form({alias}.name){supplier})"


def _has_legal_form(name: str | None) -> bool:
    """Tell whether a name ends with a legal form, such as B.V. or GmbH."""
    words = fold(name or "").replace(".", "").replace(",", " ").split()
    return len(words) > 1 and words[-1] in _LEGAL


def _find_by_name(stage: Stage) -> None:
    """Find the accounts of open rows by name, where it was asked for; otherwise reject those that would be found."""
    asked = _is_asked(stage, "name")
    if not stage.has("name") or (stage.options.match and not asked):
        return
    _fill_keys(stage, "plain(s.name)", "plain(a.name)")
    pairs = f"FROM {_PAIRS} WHERE NOT {_DIFFER} AND NOT coalesce({_CONTRADICT}, 0)"
    if asked:
        stage.execute(
            f"UPDATE temp.row_known SET is_durable = 1 WHERE is_open AND n IN"
            f" (SELECT n FROM temp.row_key WHERE key IN ({_ONCE.format('row_key')}))"
        )
        stage.execute(
            f"INSERT INTO temp.row_candidate SELECT y.n, a.id {pairs} AND y.key IN ({_ONCE.format('row_key')})"
        )
        _refuse_several(stage)
    _refuse_probable(stage, pairs, "name", "name")


def _refuse_probable(stage: Stage, pairs: str, way: str, what: str) -> None:
    """Reject open rows that an account would match by e-mail address or name alone."""
    stage.reject(
        f"SELECT s.n, s.place, s.{way}, min(a.code) {pairs} GROUP BY s.n",
        way,
        f"this is probably account {{0}}, which has the same {what}",
        f"if it is: --match {','.join(WAYS[: WAYS.index(way) + 1])}, or write its code in a column of codes (--map COLUMN=account);"
        f" if it is not: --match {'id,vat,chamber' if not stage.options.match else 'id'}, or write a new code",
    )
    _settle_candidates(stage)


def _refuse_unidentified(stage: Stage) -> None:
    """Reject new accounts without a name, and those that the next file could not find again."""
    new = f"FROM {stage.table} AS s JOIN temp.row_known AS k ON k.n = s.n WHERE k.is_open"
    stage.reject(
        f"SELECT s.n, s.place, NULL {new} AND s.name IS NULL",
        "name",
        "this is a new account without a name",
        "new accounts need a name",
    )
    for column, what in _NUMBERS.values():
        if stage.has(column) and stage.execute(f"SELECT EXISTS (SELECT 1 {new} AND NOT k.is_durable)").fetchone()[0]:
            _fill_keys(stage, f"plain(s.{column})", f"plain(a.{column})")
            stage.reject(
                f"SELECT s.n, s.place, s.{column}, min(a.code), max(a.code) FROM {_PAIRS} WHERE NOT k.is_durable"
                " GROUP BY s.n HAVING count(*) > 1",
                column,
                f"two accounts have this {what}: {{0}} and {{1}}",
                "write the code in the row; if both are one: segcli account merge {0} {1}",
            )
    stage.reject(
        f"SELECT s.n, s.place, s.name {new} AND NOT k.is_durable",
        "account",
        "nothing identifies this account: no code, no id, and no number or e-mail address that it has alone",
        "write a code or an id in the row, or: --match id,vat,chamber,email,name",
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


def coded(stage: Stage, columns: str) -> list[tuple[Any, ...]]:
    """Return the number and these columns of the rows whose code came from here."""
    rows = "SELECT n FROM temp.row_candidate UNION SELECT n FROM temp.row_known"
    return stage.execute(f"SELECT n, {columns} FROM {{stage}} WHERE n IN ({rows})").fetchall()
