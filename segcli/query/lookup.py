"""Look-ups in the database: class labels and values, accounts, saved selections, lists, and the base currency."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from segcli.base import dates
from segcli.base.deferred import on_first_call
from segcli.base.errors import UsageError
from segcli.base.spelling import among
from segcli.base.text import fold
from segcli.domain.catalogue import Catalogue, Value, nearest
from segcli.domain.clause import in_order
from segcli.interface import notices
from segcli.query import selection
from segcli.query.expressions import vocabulary
from segcli.query.names import Names
from segcli.storage.reader import Reader

if TYPE_CHECKING:
    from segcli.domain.scoring.columns import Score

MOST_NEAR = 2000  # codes to compare for a suggestion
Scored = Callable[["Score", tuple[str, ...]], str]  # a score and its window -> SQL
Scoring = Callable[[Reader, Reader, date], Scored]  # the connection for the scores, that for their facts, and the day
_scoring: list[Scoring] = []


def catalogue(db: Reader) -> Catalogue:
    """Return the labels and values of the classifications, in their order."""
    sql = f"""SELECT id, field, code, description, is_retired FROM classification_value WHERE field = ?
              ORDER BY position, {in_order("code")}"""
    labels = db.execute("SELECT field, label FROM classification_label ORDER BY field")
    return Catalogue(labels, lambda field: (Value(i, f, c, d, bool(r)) for i, f, c, d, r in db.execute(sql, (field,))))


def currency(db: Reader) -> str:
    """Return the administration's currency."""
    row = db.execute("SELECT currency FROM administration").fetchone()
    return str(row[0]) if row else "EUR"


def names(
    db: Reader, day: date | None = None, asked: Mapping[str, Any] | None = None, facts: Reader | None = None
) -> Names:
    """Return the names that the selection flags can use in this database, as of a day (default: today).

    Keys of `asked`: `strict`; `stored`, the place of flags that are stored in a file; `tells`, to report labels that hide a
    field. Scores are computed from `facts`, by default the connection itself.
    """
    asked = asked or {}
    place = asked.get("stored") or ""
    say = partial(_say, place if isinstance(place, str) else "")
    return Names(
        catalogue=catalogue(db),
        has_account=lambda code: _exists(db, "SELECT 1 FROM account WHERE code = ?", code),
        has_text=lambda column, value: _has_text(db, column, value),
        saved=lambda name: saved(db, name),
        saved_clause=selection.saved_clause,
        near_accounts=lambda code: near_accounts(db, code),
        has_list=lambda name: list_name(db, name) is not None,
        list_name=lambda name: list_name(db, name) or name,
        currency=currency(db),
        day=day or dates.today(),
        scored=_scorer(db, facts or db, day or dates.today()),
        unknown=_vocabulary(db),
        is_stored=bool(asked.get("stored")),
        is_strict=bool(asked.get("strict")),
        warn=say,
        shadow=say if asked.get("tells") else lambda _text: None,
    )


def _say(place: str, text: str) -> None:
    """Give a warning about an expression, once, with its place in a file if `place` is not ''."""
    notices.once(f"{place}: {text}" if place else text)


def _vocabulary(db: Reader) -> Callable[[str, str], str | None]:
    """Return a function of set and value: None for a known value, else a hint. It reads the data once per set."""
    held: dict[str, list[str]] = {}

    def unknown(name: str, value: str) -> str | None:
        if vocabulary.is_score(name):
            scored = _values(name)
            return None if fold(value) in map(fold, scored) else nearest(value, scored)
        known = vocabulary.KNOWN[name]
        listed = known.listed.split()
        if fold(value) in map(fold, listed) or (name in vocabulary.COLUMNS and _has_text(db, name, value)):
            return None
        if name not in held:
            held[name] = [str(found) for (found,) in db.execute(known.sql)] if known.sql else []
        if fold(value) in map(fold, held[name]):
            return None
        return nearest(value, [*dict.fromkeys((*held[name], *listed))])

    return unknown


def _values(score: str) -> tuple[str, ...]:
    """Return all values of a score; the segments of RFM are those of the configuration."""
    if score != vocabulary.SEGMENT:
        from segcli.domain.scoring.columns import SCORES

        return SCORES[score].values
    from segcli.settings import rfm_scheme

    scheme = rfm_scheme.current()
    return tuple(dict.fromkeys((*(segment.name for segment in scheme.segments), scheme.rest)))


def _has_text(db: Reader, column: str, value: str) -> bool:
    return _exists(db, f"SELECT 1 FROM account WHERE {column} COLLATE NOCASE = ? COLLATE NOCASE", value)


def provide_scores(make: Scoring) -> None:
    """Register the factory of scorers; it is called with a database and a day when the first score is requested."""
    _scoring[:] = [make]


def _scorer(db: Reader, facts: Reader, day: date) -> Scored:
    """Return a function that creates the scorer on first use."""
    return on_first_call(lambda: _scoring[0](db, facts, day))


def _exists(db: Reader, sql: str, *values: object) -> bool:
    return db.execute(sql, values).fetchone() is not None


def near_accounts(db: Reader, code: str) -> list[str]:
    """Return up to three codes with a similar start or end; codes that differ only in leading zeros come first."""
    near = db.execute(
        "SELECT code FROM account WHERE code LIKE ? ESCAPE '\\' OR code LIKE ? ESCAPE '\\'"
        " ORDER BY ltrim(code, '0') <> ltrim(?, '0'), code NOT LIKE ? ESCAPE '\\', length(code), code LIMIT 3",
        (f"{_escape(code[:3])}%", f"%{_escape(code.lstrip('0')[-4:])}", code, f"%{_escape(code.lstrip('0')[-4:])}"),
    )
    return [row[0] for row in near]


def account_id(db: Reader, code: str) -> int:
    """Return the id of an account. The UsageError for an unknown code suggests similar ones."""
    row = db.execute("SELECT id FROM account WHERE code = ?", (code,)).fetchone()
    if not row:
        near = near_accounts(db, code)
        hint = f"near it: {', '.join(near)}" if near else nearest(code, near_codes(db, "account", code))
        raise UsageError(f"there is no account '{code}'", hint)
    return int(row[0])


def near_codes(db: Reader, table: str, code: str) -> list[str]:
    """Return codes of a table to compare for a suggestion, those with the same first two characters first."""
    sql = f"SELECT code FROM {table} ORDER BY substr(code, 1, 2) <> ?, code LIMIT ?"
    return [row[0] for row in db.execute(sql, (code[:2], MOST_NEAR))]


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def saved(db: Reader, name: str) -> Mapping[str, Any]:
    """Return the flags of a saved selection. The UsageError for an unknown name suggests the nearest."""
    spelled = selection_name(db, name)
    if spelled is None:
        known = [found for (found,) in db.execute("SELECT name FROM selection ORDER BY name")]
        hint = nearest(name, known) or "save one: segcli selection save NAME --class1 …"
        raise UsageError(f"there is no selection '{name}'", hint)
    import json

    flags: Mapping[str, Any] = json.loads(
        db.execute("SELECT flags FROM selection WHERE name = ? COLLATE BINARY", (spelled,)).fetchone()[0]
    )
    return flags


def selection_name(db: Reader, name: str) -> str | None:
    """Return the stored spelling of a saved selection's name, None if there is no such selection."""
    return among(name.strip(), (found for (found,) in db.execute("SELECT name FROM selection")), "the database")


def list_name(db: Reader, name: str) -> str | None:
    """Return the stored spelling of a marketing list's name, None if there is no such list."""
    return among(name.strip(), (found for (found,) in db.execute("SELECT name FROM marketing_list")), "the database")
