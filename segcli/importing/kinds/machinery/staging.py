"""Fills a stage: converts a block of rows into its temporary table, before the database is locked."""

import sqlite3
from collections.abc import Callable, Iterator

from segcli.domain.catalogue import CLASSES, Catalogue
from segcli.importing.kinds.machinery import float_codes, total_rows
from segcli.importing.kinds.machinery.converter import Converter
from segcli.importing.kinds.machinery.kind_definition import ColumnMap
from segcli.importing.kinds.machinery.stage import Options, Row, Stage
from segcli.importing.readers import Block
from segcli.importing.readers.parts.unread import Unread


def understood(  # noqa: PLR0913 - all parts of a stage
    db: sqlite3.Connection, block: Block, mapping: ColumnMap, file: str, options: Options, catalogue: Catalogue,
    number: int = 1,
) -> Stage:  # fmt: skip
    """Return a stage with the block's fields set; its table is not created yet."""
    stage = Stage(db, f"temp.stage_{number}", mapping.kind, mapping, block.header, file, options, catalogue)
    if not block.kind:  # self-describing formats have many columns that are not imported
        stage.unread = Unread({at: name for at, name in enumerate(block.header) if name in mapping.unread})
    elif block.unread:
        stage.unread = block.unread
    if block.totals is not None:
        stage.totals = block.totals
    stage.by_reference, stage.only_known, stage.origin = block.by_reference, block.only_known, block.origin
    stage.only_fills = block.only_fills
    stage.year = block.year
    carried = (f.name for f in mapping.kind.fields if f.name in mapping.places)
    classes = (name for name in CLASSES if name in mapping.places)
    stage.fields = (*carried, *classes, *mapping.kind.derived)
    return stage


def fill(stage: Stage, block: Block, tick: Callable[[int], None] = lambda _: None) -> Stage:
    """Convert the block into the stage's temporary table; wrong rows are reported and left out."""
    stage.execute("DROP TABLE IF EXISTS {stage}")
    columns = ", ".join(f'"{name}"' for name in stage.fields)
    stage.execute(f"CREATE TEMP TABLE {stage.table.removeprefix('temp.')} (n INTEGER PRIMARY KEY, place, {columns})")
    marks = ", ".join("?" * (len(stage.fields) + 2))
    stage.execute("BEGIN")  # only locks the temporary database
    try:
        stage.db.executemany(f"INSERT INTO {stage.table} VALUES ({marks})", rows(stage, block, tick))
    except BaseException:
        if stage.db.in_transaction:  # after a full disk, SQLite has already rolled back
            stage.execute("ROLLBACK")
        raise
    if not block.is_canonical:
        float_codes.shorten(stage)
    stage.execute("COMMIT")
    last = stage.keyless
    if last and total_rows.is_sum(stage, last.cells):
        stage.forgive(last.place)
        stage.totals.append(last.place)
    stage.doubts += total_rows.differences(stage)
    return stage


def rows(stage: Stage, block: Block, tick: Callable[[int], None]) -> Iterator[Row]:
    """Yield the block's converted rows: number, place, then the stage's fields."""
    return Converter(stage, block).rows(block.rows, tick)
