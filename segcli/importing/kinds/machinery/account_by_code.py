"""Find the accounts of rows by what is certain: their code, GUID and references."""

from segcli.base.text import counted
from segcli.importing.kinds.machinery import references
from segcli.importing.kinds.machinery.account_candidates import refuse_several
from segcli.importing.kinds.machinery.stage import Stage


def take_references(stage: Stage) -> None:
    """Fill temp.row_reference. A reference that several rows share is dropped from rows that have another identification."""
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


def find_by_code(stage: Stage) -> tuple[str, ...]:
    """Find the accounts of rows with a code. The code of a merged account finds the account that it was merged into.

    A row with an unknown code, but a known GUID or reference, belongs to the account of that GUID or reference.
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
    refuse_several(stage)
    stage.execute(
        "INSERT OR IGNORE INTO temp.row_reference SELECT s.n, 'code:' || s.account FROM {stage} AS s"
        " WHERE s.n IN (SELECT n FROM temp.row_candidate)"
    )
    return (
        (f"{counted(left, 'row')} of merged accounts left out: the file has the account itself, too",) if left else ()
    )


def find_by_id(stage: Stage) -> None:
    """Find the accounts of open rows by GUID and references."""
    stage.execute(
        "INSERT OR IGNORE INTO temp.row_candidate SELECT s.n, a.id FROM {stage} AS s JOIN account AS a"
        " ON a.external_id = s.external_id WHERE s.account IS NULL"
        " UNION SELECT s.n, r.account_id FROM {stage} AS s JOIN account_reference AS r"
        " ON r.reference = 'id:' || s.external_id WHERE s.account IS NULL"
        " UNION SELECT x.n, r.account_id FROM temp.row_reference AS x JOIN account_reference AS r ON r.reference = x.reference"
        " JOIN temp.row_known AS k ON k.n = x.n WHERE k.is_open"
    )
