"""The tables of a lake as SQL over its files, for one administration or several. Pure.

A table of one administration has the ids of its database. With several, ids keep the number of their administration in the upper
bits, and `account` has the column `administration` with its key. Classes are matched by their labels (see labels.py).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from segcli.domain.clause import quoted
from segcli.domain.units import ID_BITS
from segcli.lake import tables
from segcli.lake.labels import Labels
from segcli.lake.manifest import Administration, Part

TEXT_FORM = "text_form"
_SEARCHED = ("account", "contact")  # the database has an index of their search text
DIFFERING_RATE = "differing_rate"  # currencies and days for which the administrations have different rates
_DIFFERING = "SELECT currency, rate_date FROM {0} GROUP BY currency, rate_date HAVING min(rate) <> max(rate)"
_SEARCH = "SELECT id AS rowid, search_text FROM {0}"
_NUMBER = f"id >> {ID_BITS}"  # of the administration that a row belongs to
Files = Callable[[Sequence[Part]], str]  # the SQL of a table in files


def views(
    chosen: Sequence[Administration], files: Files, labels: Labels, *, several: bool
) -> Mapping[str, Callable[[], str]]:
    """Return by name a function that returns the SQL of a table. A name in it is that of another table."""
    together = _Several(chosen, labels)
    number = chosen[0].number

    def sql(name: str, parts: Sequence[Part]) -> str:
        if name == TEXT_FORM or several:
            return together.sql(name, files(parts))
        return f"SELECT {_own(name, number)} FROM {files(parts)}"

    found = {name: partial(sql, name, parts) for name, parts in _parts(chosen).items()}
    searches = {f"{name}_search": partial(_SEARCH.format, name) for name in _SEARCHED}
    differing = partial(lambda parts: _DIFFERING.format(files(parts)), [one.part("exchange_rate") for one in chosen])
    return {**found, **searches, DIFFERING_RATE: differing}


def _parts(chosen: Sequence[Administration]) -> Mapping[str, Sequence[Part]]:
    """Return the files of each table; text_form has one per table with texts."""
    names = [name for name in chosen[0].tables if not name.endswith(tables.TEXTS)]
    found: dict[str, list[Part]] = {name: [one.part(name) for one in chosen] for name in names}
    texts = [part for one in chosen for name, part in one.tables.items() if name.endswith(tables.TEXTS)]
    return {**found, TEXT_FORM: texts}


def _own(name: str, number: int) -> str:
    """Return the columns of a table, with the ids of the administration's database."""
    if not number or name == tables.MAIL_FORM:
        return "*"
    source = tables.sources()[name]
    by = -(number << ID_BITS)
    return ", ".join(f"{tables.shifted(c, by)} AS {c}" if c in source.ids else c for c in source.columns)


_FORMS = {
    TEXT_FORM: "SELECT DISTINCT text, fold, label_key FROM {0}",
    tables.MAIL_FORM: "SELECT text, min(mail_key) AS mail_key, min(mail_address) AS mail_address, max(is_opted_out) AS is_opted_out"
    " FROM {0} GROUP BY text",
}


class _Several:
    """The tables of several administrations."""

    def __init__(self, chosen: Sequence[Administration], labels: Labels) -> None:
        self._chosen = chosen
        self._labels = labels

    def sql(self, name: str, files: str) -> str:
        """Return the SQL of a table."""
        if name in _FORMS:
            return _FORMS[name].format(files)
        made = getattr(self, f"_{name}", None)
        return str(made(files)) if made else f"SELECT * FROM {files}"

    def _administration(self, files: str) -> str:
        """Return one row: all chosen administrations have the same currency."""
        return f"SELECT * FROM {files} LIMIT 1"

    def _exchange_rate(self, files: str) -> str:
        """Return one rate per currency and day; opening.py refuses administrations whose rates differ."""
        return f"SELECT min(id) AS id, currency, rate_date, min(rate) AS rate FROM {files} GROUP BY currency, rate_date"

    def _account(self, files: str) -> str:
        keys = " ".join(f"WHEN {one.number} THEN {quoted(one.key)}" for one in self._chosen)
        classes = ", ".join(f"{self._labels.column(field, _NUMBER)} AS class{field}" for field in range(1, 9))
        rest = ", ".join(c for c in tables.sources()["account"].columns if not _is_class(c))
        return f"SELECT {rest}, {classes}, CASE {_NUMBER} {keys} END AS administration FROM {files}"

    def _classification_value(self, files: str) -> str:
        return self._with_merged_field("classification_value", files)

    def _classification_change(self, files: str) -> str:
        return self._with_merged_field("classification_change", files)

    def _with_merged_field(self, name: str, files: str) -> str:
        rest = ", ".join(c for c in tables.sources()[name].columns if c != "field")
        return f"SELECT {rest}, {self._labels.number('field', _NUMBER)} AS field FROM {files}"

    def _classification_label(self, _files: str) -> str:
        rows = (f"SELECT {field} AS field, {quoted(label)} AS label" for field, label in self._labels.merged.items())
        return " UNION ALL ".join(rows) or "SELECT 0 AS field, '' AS label WHERE FALSE"


def _is_class(column: str) -> bool:
    return column.startswith("class") and column[5:].isdigit()
