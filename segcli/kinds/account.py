"""Accounts: customers, suppliers and prospects, with their classifications."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from segcli.classification import CLASSES
from segcli.errors import UsageError
from segcli.kinds import _merge
from segcli.kinds._kind import Field, Kind
from segcli.kinds._stage import Counts, Stage
from segcli.kinds.classification_value import create as create_value
from segcli.text import fold

SEARCHED = ("account", "name", "search_code", "city", "email", "phone", "vat_number", "chamber_of_commerce")
FIELDS = (
    Field("account", "code", "code accountcode accountnumber customercode customernumber customerid customer custsupid "
          "debtor debtorcode debtornumber suppliercode supplierid relatie relatiecode relatienummer debiteur debiteurcode "
          "debiteurnummer klant klantcode klantnummer crediteurnummer nummer number", "code", is_required=True),
    Field("name", "text", "accountname companyname customername custsupname naam bedrijfsnaam klantnaam relatienaam company"),
    Field("status", "status", "accountstatus relatiestatus"),
    Field("type", "text", "accounttype"),
    Field("search_code", "text", "searchcode zoekcode"),
    Field("is_sales", "flag", "issales iscustomer isklant"),
    Field("is_supplier", "flag", "issupplier isleverancier leverancier"),
    Field("is_blocked", "flag", "blocked isblocked geblokkeerd"),
    Field("is_mailing_excluded", "flag", "ismailingexcluded nomailing geenmailing"),
    Field("start_date", "date", "startdate begindatum startdatum customersince klantsinds"),
    Field("end_date", "date", "enddate einddatum"),
    Field("address", "text", "addressline1 address1 adres adresregel1 straat street streetname"),
    Field("postcode", "text", "postalcode zip zipcode"),
    Field("city", "text", "plaats woonplaats stad town"),
    Field("state", "text", "region provincie province"),
    Field("country", "country", "land countrycode landcode taxregistrationcountry"),
    Field("phone", "text", "telefoon telefoonnummer telephone phonenumber tel"),
    Field("fax", "text", "faxnumber faxnummer"),
    Field("email", "text", "emailaddress emailadres mail"),
    Field("website", "text", "url homepage web"),
    Field("vat_number", "text", "vatnumber btwnummer vat btw taxregident vatno"),
    Field("chamber_of_commerce", "text", "chamberofcommerce kvk kvknummer commercenr cocnumber coc"),
    Field("language", "text", "taal taalcode languagecode"),
    Field("manager", "text", "accountmanagerfullname accountmanager accountbeheerder beheerder salesperson"),
    Field("sector", "text", "activitysector branche sectie industry"),
    Field("currency", "currency", "salescurrency valuta currencycode"),
    Field("remarks", "text", "opmerkingen opmerking remark notes notities"),
    Field("external_id", "text", "externalid id guid"),
)  # fmt: skip
# Set where a new account's file does not carry them; never emptied by a file that has them blank.
_REQUIRED = frozenset({"name", "status", "is_sales", "is_supplier", "is_blocked", "is_mailing_excluded"})
_NUMBERS = ("phone", "vat_number", "chamber_of_commerce")
GUID_LENGTH = 36
_DEFAULTS = {"status": "'C'", "is_sales": "1", "is_supplier": "0", "is_blocked": "0", "is_mailing_excluded": "0"}
_LARGE_BUFFER, _SMALL_BUFFER = 32 << 20, 1 << 20  # bytes of the search index's hash table while it is built; FTS5's own
_DIGITS = str.maketrans("", "", " -./()+\u00a0")


def search_text(names: Sequence[str]) -> Callable[[Sequence[Any]], str]:
    """Return what makes, from the values of these fields, the text that account-search looks through.

    The searched fields, folded, and the numbers among them once more without their marks.
    """
    places = [at for at, name in enumerate(names) if name in SEARCHED]
    numbers = [at for at, name in enumerate(names) if name in _NUMBERS]

    def make(values: Sequence[Any]) -> str:
        parts = [values[at] for at in places if values[at]]
        for at in numbers:
            value = values[at]
            if value and not value.isalnum():
                plain = value.replace("-", "").replace(" ", "")
                parts.append(plain if plain.isalnum() else plain.translate(_DIGITS))
        return fold("\n".join(parts))

    return make


def merge(stage: Stage) -> Counts:
    """Bring the staged accounts in: by code; their classes without touching those that were set by hand."""
    notes = _take_own_administration(stage)
    _merge.refuse_duplicates(stage, ("account",), "account", "this account")
    _refuse_other_owner(stage)
    _resolve_classes(stage)
    if not stage.has("name"):
        _refuse_nameless(stage, "1")
    else:
        _refuse_nameless(stage, "s.name IS NULL")
    target = _target(stage)
    is_fresh = not stage.execute("SELECT EXISTS (SELECT 1 FROM account)").fetchone()[0]
    counts = _merge.upsert(stage, target)
    if not is_fresh:
        _complete_search(stage)
        counts = _classify(stage, counts)
    _keep_pending(stage)
    return counts._replace(notes=(*counts.notes, *notes))


def _target(stage: Stage) -> _merge.Target:
    columns = {column: f"s.{name}" for name, column in stage.targets.items() if name != "type"}
    if _is_whole(stage):
        columns["search_text"] = "s.search_text"
    return _merge.Target(
        table="account",
        match="t.code = s.account",
        columns=columns,
        defaults={
            "search_text": "s.search_text",
            "status": f"CASE WHEN {'s.is_sales' if stage.has('is_sales') else '1'} = 0 THEN 'A' ELSE 'C' END",
            **dict.fromkeys(("is_supplier", "is_blocked", "is_mailing_excluded"), "0"),
            "is_sales": "1",
            "added_run_id": str(int(stage.run_id)),
            **{name: f"iif(typeof(s.{name}) = 'integer', s.{name}, NULL)" for name in CLASSES if stage.has(name)},
        },
        required=_REQUIRED,
        keys=("code",),
    )


def _is_whole(stage: Stage) -> bool:
    """Tell whether the file carries all that is searched, so that the staged search text is the account's."""
    return all(stage.has(name) for name in SEARCHED)


def _take_own_administration(stage: Stage) -> tuple[str, ...]:
    """Move the administration's own relation (type D) out of the accounts; the first file to name it fills it in."""
    if not stage.has("type"):
        return ()
    own = stage.execute("SELECT n FROM {stage} WHERE upper(type) IN ('D', 'O')").fetchall()
    if not own:
        return ()
    shared = (
        "address",
        "postcode",
        "city",
        "country",
        "phone",
        "email",
        "website",
        "vat_number",
        "chamber_of_commerce",
    )
    carried = [name for name in ("name", *shared) if stage.has(name)]
    stage.execute(
        f"UPDATE administration SET {', '.join(f'{name} = s.{name}' for name in carried)}"
        " FROM (SELECT * FROM {stage} WHERE upper(type) IN ('D', 'O') ORDER BY n LIMIT 1) AS s WHERE administration.name = ''"
    )
    stage.execute("DELETE FROM {stage} WHERE upper(type) IN ('D', 'O')")
    return (f"{len(own)} is the administration itself, not an account",)


def _refuse_other_owner(stage: Stage) -> None:
    if stage.has("external_id"):
        stage.reject(
            """SELECT s.n, s.place, s.account, t.code FROM {stage} AS s JOIN account AS t ON t.external_id = s.external_id
                WHERE t.code <> s.account""".replace("{stage}", stage.table),
            "account",
            "this account has the GUID of account {0}",
            "was it renumbered? then change the code of one of them",
        )


def _refuse_nameless(stage: Stage, condition: str) -> None:
    stage.reject(
        f"SELECT s.n, s.place, s.account FROM {stage.table} AS s WHERE {condition}"
        " AND NOT EXISTS (SELECT 1 FROM account AS t WHERE t.code = s.account)",
        "account",
        "this is a new account without a name",
        "is the code right? new accounts need a name",
    )


def _resolve_classes(stage: Stage) -> None:
    """Turn the words that stand in class columns into ids, or reject their rows; unknown GUIDs wait."""
    for name in (name for name in CLASSES if stage.has(name)):
        words = stage.execute(f"SELECT {name} FROM {{stage}} WHERE typeof({name}) = 'text' GROUP BY 1 ORDER BY min(n)")
        for (word,) in words.fetchall():
            _resolve_word(stage, name, word)
        _refuse_retired(stage, name)


def _resolve_word(stage: Stage, name: str, word: str) -> None:
    field = int(name[5])
    guid = stage.execute(
        "SELECT id FROM classification_value WHERE external_id = ? AND field = ?", word, field
    ).fetchone()
    try:
        if guid:
            found = guid[0]
        elif len(word) == GUID_LENGTH and word.count("-") == 4:  # noqa: PLR2004 - 8-4-4-4-12
            return  # it waits in pending_classification for its value
        elif stage.options.must_create and not stage.catalogue.find(field, word):
            found = create_value(stage.db, field, word)
        else:
            found = stage.catalogue.assignable(field, word).id
    except UsageError as error:
        sql = f"SELECT n, place, {name}, ?, ? FROM {{stage}} WHERE {name} = ?"
        stage.reject(sql, name, "{0}", "{1}", values=(error.message, error.hint, word), is_unknown=True)
        return
    stage.execute(f"UPDATE {{stage}} SET {name} = ? WHERE {name} = ? COLLATE NOCASE", found, word)


def _refuse_retired(stage: Stage, name: str) -> None:
    """Reject rows that would give a retired value to an account that does not have it."""
    stage.reject(
        f"""SELECT s.n, s.place, v.code, v.code FROM {stage.table} AS s JOIN classification_value AS v ON v.id = s.{name}
             WHERE v.is_retired = 1 AND typeof(s.{name}) = 'integer'
               AND NOT EXISTS (SELECT 1 FROM account AS t WHERE t.code = s.account AND t.{name} = v.id)""",
        name,
        "{0} is retired: it stays where it is but is not given any more",
        is_unknown=True,
    )


def first_load(stage: Stage, rows: Iterable[tuple[Any, ...]]) -> Counts | None:
    """Fill the empty table straight from the rows; None where a row was rejected or double: then nothing is kept.

    Its indexes and its search index are built afterwards, which takes half the time.
    """
    columns = {**stage.targets, **{name: name for name in stage.fields if name in {*CLASSES, "search_text"}}}
    # ?1 and ?2 are the row's number and place, which are not kept.
    marks = [f"coalesce(?{at}, {_DEFAULTS.get(name, 'NULL')})" if name in _DEFAULTS else f"?{at}"
             for at, name in enumerate(stage.fields, 3)]  # fmt: skip
    sql = (
        f"INSERT INTO account (added_run_id, {', '.join(columns[name] for name in stage.fields)})"
        f" VALUES ({int(stage.run_id)}, {', '.join(marks)}) ON CONFLICT (code) DO NOTHING"
    )
    dropped = stage.execute(
        "SELECT name, type, sql FROM sqlite_schema"
        " WHERE tbl_name = 'account' AND sql IS NOT NULL AND type IN ('index', 'trigger')"
    ).fetchall()
    for name, what, _ in dropped:
        stage.execute(f"DROP {what} {name}")
    given = _Counted(rows)
    try:
        added = stage.db.executemany(sql, given).rowcount
    except sqlite3.IntegrityError:  # a class that is not known yet, for one: staging says what it is
        return None
    if stage.rejected or added < given.count:
        return None
    for _, _, definition in dropped:
        stage.execute(definition)
    _index_search(stage)
    return Counts(added=added)


class _Counted:
    """Rows, counted as they pass."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self._rows:
            self.count += 1
            yield row


def _index_search(stage: Stage) -> None:
    """Build the search index with a large buffer, which halves the time."""
    for size in (_LARGE_BUFFER, _SMALL_BUFFER):
        stage.execute("INSERT INTO account_search (account_search, rank) VALUES ('hashsize', ?)", size)
        if size == _LARGE_BUFFER:
            stage.execute("INSERT INTO account_search (account_search) VALUES ('rebuild')")


def _complete_search(stage: Stage) -> None:
    """Make the search text whole where the file carries only some of the searched fields."""
    if _is_whole(stage):
        return
    columns = ["code" if name == "account" else name for name in SEARCHED]
    touched = stage.execute(
        f"SELECT t.id, {', '.join(f't.{c}' for c in columns)}, t.search_text FROM temp.differing AS d JOIN account AS t USING (id)"
    ).fetchall()
    make = search_text(SEARCHED)
    fresh = [(make(row[1:-1]), row[0], row[-1]) for row in touched]
    stage.db.executemany(
        "UPDATE account SET search_text = ? WHERE id = ?", [(text, i) for text, i, old in fresh if text != old]
    )


def _classify(stage: Stage, counts: Counts) -> Counts:
    """Give the classes of accounts that were there; keep what was set by hand unless told otherwise."""
    changed, kept = 0, 0
    fields: dict[str, int] = {}
    for name in (name for name in CLASSES if stage.has(name)):
        number, blocked = int(name[5]), _HAND.replace("{field}", name[5])
        differs = f"t.{name} IS NOT s.{name} AND typeof(s.{name}) <> 'text'"
        source = "{stage} AS s JOIN account AS t ON t.code = s.account"
        if not stage.options.overwrite_classes:
            kept += stage.execute(f"SELECT count(*) FROM {source} WHERE {differs} AND {blocked}").fetchone()[0]
            differs += f" AND NOT {blocked}"
        count = stage.execute(
            f"INSERT INTO classification_change (run_id, account_id, field, old_value_id, new_value_id)"
            f" SELECT ?, t.id, ?, t.{name}, s.{name} FROM {source} WHERE {differs} ORDER BY s.n",
            stage.run_id,
            number,
        ).rowcount
        if count:
            fields[name] = count
            stage.execute(
                f"UPDATE account SET {name} = c.new_value_id FROM classification_change AS c"
                " WHERE c.run_id = ? AND c.field = ? AND account.id = c.account_id",
                stage.run_id,
                number,
            )
    if fields:
        changed = _newly_changed(stage)
    notes = (f"{kept} classifications set by hand were kept (--overwrite-classes changes them)",) if kept else ()
    return Counts(
        counts.added, counts.changed + changed, counts.unchanged - changed, {**counts.fields, **fields}, notes
    )


# The last change of the field on the account was made by hand, a list or a rule, not by an import.
_HAND = """coalesce((SELECT r.source <> 'import' FROM classification_change AS c JOIN run AS r ON r.id = c.run_id
 WHERE c.account_id = t.id AND c.field = {field} ORDER BY c.id DESC LIMIT 1), 0)"""


def _newly_changed(stage: Stage) -> int:
    """Return how many accounts changed in their classes only."""
    return int(
        stage.execute(
            "SELECT count(DISTINCT account_id) FROM classification_change WHERE run_id = ?"
            " AND account_id NOT IN (SELECT id FROM temp.differing)",
            stage.run_id,
        ).fetchone()[0]
    )


def _keep_pending(stage: Stage) -> None:
    """Remember the GUIDs of values that are not known yet; importing the values resolves them."""
    for name in (name for name in CLASSES if stage.has(name)):
        stage.execute(
            f"INSERT INTO pending_classification (account_id, field, external_id) SELECT t.id, {name[5]}, s.{name}"
            f" FROM {{stage}} AS s JOIN account AS t ON t.code = s.account WHERE typeof(s.{name}) = 'text'"
            " ON CONFLICT DO UPDATE SET external_id = excluded.external_id WHERE external_id <> excluded.external_id"
        )


def check(fields: Sequence[str]) -> str:
    """Return why these fields are not enough: an account needs a name, or a classification to be given to it."""
    return "" if "name" in fields or any(name.startswith("class") for name in fields) else "name"


KIND = Kind(
    "account",
    "accounts",
    FIELDS,
    merge,
    rank=2,
    derived={"search_text": search_text},
    first_load=first_load,
    check=check,
)
