"""First load of accounts into an empty table: rows go straight in and indexes are built afterwards, or nothing is kept."""

from collections.abc import Iterable, Iterator

from segcli.domain.catalogue import CLASSES
from segcli.importing.kinds.machinery.account_search import SEARCH
from segcli.importing.kinds.machinery.bulk import clean, is_empty, without
from segcli.importing.kinds.machinery.kind_definition import CloserLookError, FirstLoad
from segcli.importing.kinds.machinery.stage import Counts, Row, Stage

_DEFAULTS = {
    "status": "'C'",
    "is_sales": "1",
    "is_supplier": "0",
    "is_blocked": "0",
    "is_mailing_excluded": "0",
    "invoice_by": "'letter'",
}
_LARGE_BUFFER, _SMALL_BUFFER = 32 << 20, 1 << 20  # FTS5 hash table in bytes: while building, and FTS5's default


def _fits(stage: Stage) -> bool:
    plain = {"name", "account"} <= set(stage.fields) and not {"type", "references", "iban"} & set(stage.fields)
    return plain and is_empty(stage, "account")


def _load(stage: Stage, rows: Iterable[Row]) -> Counts:
    """Insert the rows into the empty table, then build its indexes and its search index."""
    names = {**stage.targets, **{name: name for name in CLASSES if name in stage.fields}}
    given_by = enumerate(stage.fields, 3)  # ?1 is the number of the row, ?2 its place
    columns = {names[field]: _value(field, f"?{at}") for at, field in given_by}
    columns["search_text"] = SEARCH.sql(stage, columns)
    sql = (
        f"INSERT INTO account (added_run_id, {', '.join(columns)})"
        f" VALUES ({int(stage.run_id)}, {', '.join(columns.values())}) ON CONFLICT (code) DO NOTHING"
    )
    # Keep the index of a class that the file lacks: it stays empty, and rebuilding it would cost a scan.
    idle = [f"account_{name}" for name in CLASSES if name not in stage.fields]
    given = _Counted(clean(stage, rows))
    with without(stage, ["account"], ("index", "trigger"), idle):
        added = stage.db.executemany(sql, given).rowcount
        if added < given.count:  # a number that came before
            raise CloserLookError
        _index_search(stage)
    return Counts(added=added)


def _value(field: str, given: str) -> str:
    """Return the SQL of a field's value: as given, or its default."""
    if field in _DEFAULTS:
        return f"coalesce({given}, {_DEFAULTS[field]})"
    return f"nullif({given}, 0)" if field == "credit_limit" else given


class _Counted:
    """Counts the rows of an iterable while they pass."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.count += 1
            yield row


def _index_search(stage: Stage) -> None:
    """Build the search index with a large buffer, which halves the time."""
    for size in (_LARGE_BUFFER, _SMALL_BUFFER):
        stage.execute("INSERT INTO account_search (account_search, rank) VALUES ('hashsize', ?)", size)
        if size == _LARGE_BUFFER:
            stage.execute("INSERT INTO account_search (account_search) VALUES ('rebuild')")


FIRST_LOAD = FirstLoad(_fits, _load)
