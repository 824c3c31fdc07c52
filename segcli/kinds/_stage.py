"""The staging table: a block of rows, converted and checked, before the database is locked."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

from segcli.classification import CLASSES, Catalogue
from segcli.errors import Problem, SegcliError, UsageError
from segcli.kinds import _convert
from segcli.kinds._kind import ColumnMap, Kind
from segcli.readers import BadRow, Block

MONEY = ("money", "base_money")  # in the row's currency, in the administration's
MOST_PROBLEMS = 1000  # kept; all are counted
MOST_KNOWN = 10_000  # texts of a column whose values are remembered
Row = tuple[Any, ...]


class Counts(NamedTuple):
    """What became of the rows of a block."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    fields: Mapping[str, int] = {}  # how many rows changed in which field
    notes: tuple[str, ...] = ()
    others: int = 0  # changes elsewhere that came with it: allocations, classes that waited

    @property
    def is_change(self) -> bool:
        """Tell whether anything is different now."""
        return bool(self.added or self.changed or self.others)


@dataclass(slots=True)
class Options:
    """What the user said about an import."""

    currency: str = "EUR"  # where a row names none
    today: str = ""
    must_create: bool = False  # unknown values and accounts are created
    overwrite_classes: bool = False  # also where they were set by hand
    number_format: _convert.Style = field(default_factory=_convert.Style)


@dataclass(slots=True)
class Stage:
    """A block in a temporary table: `n` counts the rows, `place` says where each stands in the file."""

    db: sqlite3.Connection
    table: str
    kind: Kind
    mapping: ColumnMap
    header: tuple[str, ...]
    file: str
    options: Options
    catalogue: Catalogue
    fields: tuple[str, ...] = ()  # the staged columns
    rejected: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_places: set[Any] = field(default_factory=set)
    run_id: int = 0

    @property
    def targets(self) -> dict[str, str]:
        """Return the table's column of each carried field of the kind, classes left out."""
        return {f.name: f.target for f in self.kind.fields if f.name in self.fields}

    def has(self, name: str) -> bool:
        """Tell whether the file carries a field."""
        return name in self.fields

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401 - bound
        """Run a statement; {stage} stands for the staging table."""
        return self.db.execute(sql.replace("{stage}", self.table), values)

    def index(self, *columns: str) -> None:
        """Index the stage: a correlated subquery looks through all of it otherwise."""
        name = f"{self.table}_{'_'.join(columns)}"
        self.execute(f"CREATE INDEX {name} ON {self.table.removeprefix('temp.')} ({', '.join(columns)})")

    def count(self) -> int:
        """Return how many rows are left in the stage."""
        return int(self.execute("SELECT count(*) FROM {stage}").fetchone()[0])

    def refuse(  # noqa: PLR0913 - a problem's parts
        self, place: object, column: str, value: object, reason: str, fix: str = "", *, is_unknown: bool = False
    ) -> None:
        """Note a problem with a row."""
        self.problem_places.add(place)
        if len(self.problems) < MOST_PROBLEMS:
            name = self.header[self.mapping.places[column]] if column in self.mapping.places else column
            text = None if value is None else str(value)
            where = place if isinstance(place, int) else str(place)
            self.problems.append(Problem(self.file, where, name, text, reason, fix, is_unknown))

    def reject(  # noqa: PLR0913 - a query and a problem's parts
        self, sql: str, column: str, reason: str, fix: str = "", *, values: Row = (), is_unknown: bool = False
    ) -> None:
        """Reject the rows that a query finds: it yields n, place and value, and what {0} in the reason stands for."""
        found = self.execute(sql, *values).fetchall()
        for _, place, value, *more in found:
            self.refuse(place, column, value, reason.format(*more), fix.format(*more), is_unknown=is_unknown)
        self.db.executemany(f"DELETE FROM {self.table} WHERE n = ?", ((row[0],) for row in found))
        self.rejected += len(found)


def understood(  # noqa: PLR0913 - what a stage is made of
    db: sqlite3.Connection, block: Block, mapping: ColumnMap, file: str, options: Options, catalogue: Catalogue,
    number: int = 1,
) -> Stage:  # fmt: skip
    """Return a stage that knows the block's fields; it has no table yet."""
    stage = Stage(db, f"temp.stage_{number}", mapping.kind, mapping, block.header, file, options, catalogue)
    carried = (f.name for f in mapping.kind.fields if f.name in mapping.places)
    classes = (name for name in CLASSES if name in mapping.places)
    stage.fields = (*carried, *classes, *mapping.kind.derived)
    return stage


def fill(stage: Stage, block: Block, tick: Callable[[int], None] = lambda _: None) -> Stage:
    """Convert the block into the stage's temporary table; rows that are wrong are noted and left out."""
    stage.execute("DROP TABLE IF EXISTS {stage}")
    columns = ", ".join(f'"{name}"' for name in stage.fields)
    stage.execute(f"CREATE TEMP TABLE {stage.table.removeprefix('temp.')} (n INTEGER PRIMARY KEY, place, {columns})")
    marks = ", ".join("?" * (len(stage.fields) + 2))
    stage.execute("BEGIN")  # the temporary database's own: the administration is not locked by it
    try:
        stage.db.executemany(f"INSERT INTO {stage.table} VALUES ({marks})", rows(stage, block, tick))
    except BaseException:
        if stage.db.in_transaction:  # a full disk has rolled back already
            stage.execute("ROLLBACK")
        raise
    stage.execute("COMMIT")
    return stage


def rows(stage: Stage, block: Block, tick: Callable[[int], None]) -> Iterator[Row]:
    """Yield the converted rows of the block: their number, their place and the stage's fields."""
    return _Converter(stage, block).rows(block.rows, tick)


class _Converter:
    """Turns the rows of a block into rows of its stage."""

    def __init__(self, stage: Stage, block: Block) -> None:
        self.stage = stage
        self.style = _convert.Style() if block.is_canonical else stage.options.number_format
        places = stage.mapping.places
        carried = [f for f in stage.kind.fields if f.name in places]
        classes = [name for name in CLASSES if name in places]
        self.names = [*(f.name for f in carried), *classes]
        self.pick = _picker([places[name] for name in self.names])
        self.required = [(places[f.name], f.name) for f in carried if f.is_required]
        self.special: list[tuple[int, str, Callable[[str], Any], dict[str, Any]]] = []
        for f in carried:
            convert = None if f.type in MONEY else _convert.converter(f.type, self.style)
            if convert:
                self.special.append((places[f.name], f.name, convert, {}))
        self.special += [(places[name], name, self._class(int(name[5])), {}) for name in classes]
        self.money = [(places[f.name], f.name, f.type == "base_money") for f in carried if f.type in MONEY]
        self.currency = places.get("currency")
        self.derived = [make(self.names) for make in stage.kind.derived.values()]
        self.strip = _stripped_or_none if block.is_canonical else _stripped

    def _class(self, number: int) -> Callable[[str], Any]:
        """Return what turns a class's text into the value's id; what stays a text is resolved when it is merged."""
        catalogue = self.stage.catalogue

        def convert(text: str) -> Any:  # noqa: ANN401 - an id or a text
            if text.lower() == "none":
                return None
            found = catalogue.find(number, text)
            return found[0].id if len(found) == 1 else text

        return convert

    def rows(self, rows: Iterable[Any], tick: Callable[[int], None]) -> Iterator[Row]:
        """Yield the rows that are right; note the others. The loop that an import of a million rows is made of."""
        pick, derived, strip, convert = self.pick, self.derived, self.strip, self._convert
        for n, row in enumerate(rows, 1):
            if not n & 8191:
                tick(n)
            if isinstance(row, BadRow):
                self._bad(row)
                continue
            place, cells = row
            values = strip(cells)
            try:
                convert(values)
            except _Wrong as wrong:
                self._refuse(place, wrong)
                continue
            chosen = pick(values)
            yield (n, place, *chosen, *[make(chosen) for make in derived])

    def _convert(self, values: list[Any]) -> None:
        """Convert the cells of a row in their places. Raises _Wrong at the first that is not right."""
        for at, name in self.required:
            if values[at] is None:
                raise _Wrong(name, None) from ValueError("this is empty")
        for at, name, convert, known in self.special:
            text = values[at]
            if text in known:  # most columns hold few different texts
                values[at] = known[text]
            elif text is not None:
                try:
                    values[at] = convert(text)
                except (ValueError, SegcliError) as error:
                    raise _Wrong(name, text) from error
                if len(known) < MOST_KNOWN:
                    known[text] = values[at]
        if self.money:
            self._money(values)

    def _money(self, values: list[Any]) -> None:
        """Convert the amounts of a row, in the row's currency, or in the administration's where they are base amounts."""
        base = self.stage.options.currency
        currency = (values[self.currency] if self.currency is not None else None) or base
        for at, name, is_base in self.money:
            text = values[at]
            if text is not None:
                try:
                    values[at] = _convert.money(text, base if is_base else currency, self.style)
                except ValueError as error:
                    raise _Wrong(name, text) from error

    def _refuse(self, place: Any, wrong: "_Wrong") -> None:  # noqa: ANN401 - a place
        self.stage.rejected += 1
        error = wrong.__cause__
        if isinstance(error, SegcliError):
            is_unknown = isinstance(error, UsageError)
            self.stage.refuse(place, wrong.field, wrong.text, error.message, error.hint, is_unknown=is_unknown)
        elif error is not None:
            self.stage.refuse(place, wrong.field, wrong.text, *(str(part) for part in error.args))

    def _bad(self, row: BadRow) -> None:
        self.stage.rejected += 1
        self.stage.problem_places.add(row.place)
        if len(self.stage.problems) < MOST_PROBLEMS:
            self.stage.problems.append(row.problem)


def _picker(places: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Return what picks the cells in these places, in this order."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple(values[at] for at in places)


def _stripped(cells: Sequence[str]) -> list[Any]:
    return [cell or None for cell in map(str.strip, cells)]


def _stripped_or_none(cells: Sequence[str | None]) -> list[Any]:
    return [(cell.strip() or None) if cell else None for cell in cells]


class _Wrong(Exception):  # noqa: N818 - never leaves this module
    """A cell that is not right; its cause says why."""

    def __init__(self, name: str, text: str | None) -> None:
        super().__init__(name)
        self.field = name
        self.text = text
