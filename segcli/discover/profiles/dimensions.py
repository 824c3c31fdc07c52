"""The dimensions of a profile: classes, fields, the item groups bought, and metrics in bands; how many accounts have each value."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from segcli.base.errors import UsageError
from segcli.base.text import key
from segcli.discover.bands import NUMERIC, banded, measure
from segcli.discover.features import Feature
from segcli.discover.profiles.two_groups import Compared
from segcli.domain.account_status import STATUS
from segcli.domain.catalogue import Catalogue, code_order, nearest, text_order
from segcli.domain.clause import Clause
from segcli.domain.segments.shares import Tally
from segcli.query import request_flags
from segcli.query.expressions.fields import bare

OWN = ("country", "manager", "sector", "status")
GROUPS = "item_group"
QUARTERS = 4
NONE, UNGROUPED = "none", "(no group)"
_FIELD = 1_000_000  # the id of a class value is its field's number times this, and a number
_LAST = "\U0010ffff"
_BOUGHT = """(SELECT DISTINCT i.account_id, nullif(t.item_group, '') AS item_group
  FROM invoice AS i LEFT JOIN invoice_line AS l ON l.invoice_id = i.id LEFT JOIN item AS t ON t.id = l.item_id
 WHERE i.kind = 'sales' AND i.status = 'processed' AND i.total_amount >= 0 AND i.invoice_date > ? AND i.invoice_date <= ?) AS g
  JOIN temp.feature AS x ON x.account_id = g.account_id"""


class Dimension(NamedTuple):
    """A dimension: its name, the label of a class, and the expression of its feature ('' for the item groups)."""

    name: str
    label: str
    text: str
    is_metric: bool = False


class Found(NamedTuple):
    """A value of a dimension and how many accounts have it; `place` orders the values of a dimension."""

    dimension: Dimension
    code: str
    name: str
    place: tuple[Any, ...]
    tally: Tally


def every(catalogue: Catalogue, metrics: Iterable[str]) -> list[Dimension]:
    """Return all dimensions in order: the labelled classes, the fields, the item groups, the metrics."""
    classes = [Dimension(f"class{field}", label, f"class{field}") for field, label in sorted(catalogue.labels.items())]
    own = [Dimension(name, "", f"account.{name}") for name in OWN]
    found = {dimension.name: dimension for dimension in (*classes, *own, Dimension(GROUPS, "", ""))}
    for text in metrics:
        found.setdefault(bare(text), Dimension(bare(text), "", text, is_metric=True))
    return list(found.values())


def chosen(every: Iterable[Dimension], words: Iterable[str]) -> list[Dimension]:
    """Return the dimensions that the words name: class1, a label, country, item_group, turnover. UsageError for others."""
    known = list(every)
    wanted: dict[Dimension, None] = {}
    for word in words:
        found = [d for d in known if key(word) == key(d.name)] or [
            d for d in known if key(word) in {key(d.label), key(d.name.partition("(")[0])}
        ]
        if not found:
            names = [d.label or d.name for d in known]
            raise UsageError(f"--dimension: there is no dimension '{word}'", nearest(word, names) or "")
        wanted.update(dict.fromkeys(found))
    return [dimension for dimension in known if dimension in wanted] if wanted else known


def features_of(dimensions: Iterable[Dimension], words: str) -> list[str]:
    """Return the expressions that the dimensions need; the item groups need to know who bought nothing."""
    return list(dict.fromkeys(d.text or _invoices(words) for d in dimensions))


def _invoices(words: str) -> str:
    return f"account.invoices({words})"


def counted(compared: Compared, dimensions: Iterable[Dimension], words: str) -> Iterator[Found]:
    """Yield the values of the dimensions that an account of the selection or the base has."""
    by_text = {feature.text: feature for feature in compared.features}
    for dimension in dimensions:
        feature = by_text[dimension.text or _invoices(words)]
        if dimension.name == GROUPS and not dimension.text:
            yield from _groups(compared, dimension, feature, words)
        elif feature.kind in NUMERIC:
            yield from _bands(compared, dimension, feature)
        else:
            yield from _values(compared, dimension, feature)


def _values(compared: Compared, dimension: Dimension, feature: Feature) -> Iterator[Found]:
    rows = compared.tallies(Clause(f"x.{feature.column}"))
    named = _named(feature, [value for value, _ in rows], compared.names.catalogue)
    for value, tally in rows:
        yield Found(dimension, *named[value], tally)


def _named(
    feature: Feature, values: Iterable[Any], catalogue: Catalogue
) -> Mapping[Any, tuple[str, str, tuple[Any, ...]]]:
    """Return the code, the name and the place of each value of a feature."""
    held = [value for value in values if value is not None]
    found: dict[Any, tuple[str, str, tuple[Any, ...]]]
    if feature.kind == "class":
        known = [value for field in sorted({number // _FIELD for number in held}) for value in catalogue.values(field)]
        found = {value.id: (value.code, value.description, (place,)) for place, value in enumerate(known)}
        last: tuple[Any, ...] = (len(known),)
    elif feature.kind == "status":
        words = {letter: word for word, letter in STATUS.items()}
        found = {value: (value, words.get(value, ""), (value,)) for value in held}
        last = (_LAST,)
    elif feature.kind == "flag":
        found = {value: (str(value), "yes" if value else "no", (value,)) for value in held}
        last = (2,)
    else:
        found = {value: (str(value), "", (text_order(str(value)), str(value))) for value in held}
        last = (_LAST,)
    return found | {None: ("unknown" if feature.kind == "flag" else NONE, "", last)}


def _bands(compared: Compared, dimension: Dimension, feature: Feature) -> Iterator[Found]:
    measured = measure(feature, compared.names.day, compared.names.currency)
    cut = banded(compared.db, compared.table, measured, compared.base, QUARTERS)
    cells = cut.cells
    dimension = dimension._replace(name=measured.name)
    for number, tally in compared.tallies(cut.cell):
        place = number if number >= 0 else len(cells) - number
        yield Found(dimension, *cells[number], (place,), tally)


def _groups(compared: Compared, dimension: Dimension, invoices: Feature, words: str) -> Iterator[Found]:
    """Yield the item groups; an account counts once in each group that it bought in the window."""
    asked = request_flags.window(words, compared.names.day)
    names = dict(compared.db.execute("SELECT code, description FROM item_group"))
    for code, tally in compared.tallies(Clause("g.item_group"), Clause(_BOUGHT, (asked.first, asked.day))):
        if code is None:
            yield Found(dimension, UNGROUPED, "items without a group", (1,), tally)
        else:
            yield Found(dimension, code, names.get(code, ""), (0, code_order(code), code), tally)
    for bought, tally in compared.tallies(Clause(f"x.{invoices.column} > 0")):
        if not bought:
            yield Found(dimension, NONE, "nothing bought", (2,), tally)
