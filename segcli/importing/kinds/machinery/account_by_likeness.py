"""Find the accounts of rows without a code by VAT or chamber of commerce number, e-mail address or name."""

from segcli.base.text import fold
from segcli.importing.kinds.machinery.account_candidates import (
    DIFFER,
    NUMBERS,
    ONCE,
    PAIRS,
    WAYS,
    fill_keys,
    is_asked,
    refuse_several,
    settle_candidates,
)  # fmt: skip
from segcli.importing.kinds.machinery.stage import Stage

# Words that end the name of a company.
_LEGAL = (
    "bv", "nv", "vof", "cv", "bvba", "gmbh", "ag", "kg", "ohg", "ug", "sa", "sarl", "sas", "sprl", "srl", "ltd",
    "limited", "llc", "llp", "inc", "plc", "corp", "as", "aps", "ab", "oy", "spa", "lda",
)  # fmt: skip
# Equal names prove nothing if one of these differs.
_CONTRADICT = " OR ".join(
    f"plain(s.{name}) <> plain(a.{name})" for name in ("vat_number", "chamber_of_commerce", "postcode")
)


def find_by_number(stage: Stage, way: str) -> None:
    """Find the accounts of open rows by a number that only one row and one account have."""
    column, _ = NUMBERS[way]
    if not stage.has(column):
        return
    fill_keys(stage, f"plain(s.{column})", f"plain(a.{column})")
    unique = f"y.key IN ({ONCE.format('row_key')})"
    stage.execute(
        f"INSERT OR IGNORE INTO temp.row_candidate SELECT y.n, a.id FROM {PAIRS}"
        f" WHERE {unique} AND y.key IN ({ONCE.format('account_key')}) AND NOT {DIFFER}"
    )
    # A number that several accounts share will not identify the row in a later import either.
    stage.execute(
        f"UPDATE temp.row_known SET is_durable = 1 WHERE n IN (SELECT y.n FROM temp.row_key AS y WHERE {unique}"
        " AND y.key NOT IN (SELECT key FROM temp.account_key))"
    )


def find_by_email(stage: Stage) -> None:
    """Find the accounts of open rows by e-mail address, if the names are equal, both are persons, or --match names email."""
    asked = is_asked(stage, "email")
    if not stage.has("email") or (stage.options.match and not asked):
        return
    fill_keys(stage, "mail_key(s.email)", "mail_key(a.email)")
    stage.db.create_function("has_legal_form", 1, _has_legal_form, deterministic=True)
    once = "SELECT min(y.n) FROM temp.row_key AS y JOIN {stage} AS s ON s.n = y.n GROUP BY y.key, plain(s.name) HAVING count(*) = 1"
    stage.execute(f"UPDATE temp.row_known SET is_durable = 1 WHERE is_open AND n IN ({once})")
    pairs = f"FROM {PAIRS} WHERE NOT {DIFFER}"
    stage.execute(
        f"INSERT INTO temp.row_candidate SELECT y.n, a.id {pairs} AND plain(s.name) = plain(a.name) AND y.n IN ({once})"
    )
    refuse_several(stage)
    is_sure = "1" if asked else f"({_person('s', stage)} AND {_person('a', stage)})"
    alone = f"y.key IN ({ONCE.format('row_key')}) AND y.key IN ({ONCE.format('account_key')})"
    stage.execute(f"INSERT INTO temp.row_candidate SELECT y.n, a.id {pairs} AND {alone} AND {is_sure}")
    settle_candidates(stage)
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


def find_by_name(stage: Stage) -> None:
    """Find the accounts of open rows by name if --match names it; otherwise reject the rows that would match."""
    asked = is_asked(stage, "name")
    if not stage.has("name") or (stage.options.match and not asked):
        return
    fill_keys(stage, "plain(s.name)", "plain(a.name)")
    pairs = f"FROM {PAIRS} WHERE NOT {DIFFER} AND NOT coalesce({_CONTRADICT}, 0)"
    if asked:
        stage.execute(
            f"UPDATE temp.row_known SET is_durable = 1 WHERE is_open AND n IN"
            f" (SELECT n FROM temp.row_key WHERE key IN ({ONCE.format('row_key')}))"
        )
        stage.execute(
            f"INSERT INTO temp.row_candidate SELECT y.n, a.id {pairs} AND y.key IN ({ONCE.format('row_key')})"
        )
        refuse_several(stage)
    _refuse_probable(stage, pairs, "name", "name")


def _refuse_probable(stage: Stage, pairs: str, way: str, what: str) -> None:
    """Reject open rows that match an account by e-mail address or name alone."""
    if is_asked(stage, way):  # what is left here stands in several rows of the file
        stage.reject(
            f"SELECT s.n, s.place, s.{way}, min(a.code) {pairs} GROUP BY s.n",
            way,
            f"several rows have this {what}, which account {{0}} has, too",
            "write the codes of these rows in a column of codes (--map COLUMN=account), or leave out the rows that say the same twice",
        )
        settle_candidates(stage)
        return
    stage.reject(
        f"SELECT s.n, s.place, s.{way}, min(a.code) {pairs} GROUP BY s.n",
        way,
        f"this is probably account {{0}}, which has the same {what}",
        f"if it is: --match {','.join(WAYS[: WAYS.index(way) + 1])}, or write its code in a column of codes (--map COLUMN=account);"
        f" if it is not: --match {'id,vat,chamber' if not stage.options.match else 'id'}, or write a new code",
    )
    settle_candidates(stage)
