"""Derived tables of the lake: what only Python can calculate, such as folded texts and keys of e-mail addresses.

Distinct texts are gathered in a temporary SQLite file, so that memory stays constant.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from segcli.base.text import fold, key
from segcli.lake import writer
from segcli.lake.snapshot import BATCH_ROWS, Snapshot
from segcli.storage import restricted
from segcli.storage.sql_functions import mail_hash

if TYPE_CHECKING:
    from pyarrow import RecordBatch

TEXT_COLUMNS = (("text", "string"), ("fold", "string"), ("label_key", "string"))
MAIL_COLUMNS = (("text", "string"), ("mail_key", "string"), ("mail_address", "string"), ("is_opted_out", "int64"))
_EMAILS = (
    "SELECT '' AS text UNION ALL SELECT email FROM (SELECT email FROM account WHERE email IS NOT NULL"
    " UNION SELECT email FROM contact WHERE email IS NOT NULL)"
)


def _scratch(folder: Path) -> sqlite3.Connection:
    """Return a temporary database with one table of distinct texts; its file has no name."""
    db = sqlite3.connect("", isolation_level=None)
    restricted.place_temporary(db, folder)
    db.execute("CREATE TABLE seen (text TEXT PRIMARY KEY) WITHOUT ROWID")
    db.execute("BEGIN")
    return db


class Texts:
    """The distinct texts beyond ASCII in the text columns of a table. Close it at the end."""

    def __init__(self, columns: Sequence[str], folder: Path) -> None:
        self._columns = columns
        self._db = _scratch(folder)

    def passed(self, batches: Iterator["RecordBatch"]) -> Iterator["RecordBatch"]:
        """Yield the batches of the table unchanged, and gather their texts."""
        import pyarrow.compute as pc

        for batch in batches:
            for name in self._columns:
                column = batch.column(name)
                beyond = pc.unique(column.filter(pc.invert(pc.string_is_ascii(column))).drop_null())
                self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?)", zip(beyond.to_pylist()))
            yield batch

    def batches(self) -> Iterator["RecordBatch"]:
        """Yield the gathered texts with their folded form and their comparison key."""
        found = self._db.execute("SELECT text FROM seen ORDER BY text")
        while rows := found.fetchmany(BATCH_ROWS):
            yield writer.batch(TEXT_COLUMNS, [(text, fold(text), key(text)) for (text,) in rows])

    def close(self) -> None:
        """Remove what was gathered."""
        self._db.close()


class OptOuts:
    """The addresses that opted out, as salted hashes. Close it at the end."""

    def __init__(self, snapshot: Snapshot, folder: Path) -> None:
        self._salt = str(snapshot.rows("SELECT mailing_salt FROM administration")[0][0])
        self._db = _scratch(folder)
        for batch in snapshot.batches("SELECT '' AS hash UNION ALL SELECT address_hash FROM opt_out"):
            self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?)", zip(batch.column(0).to_pylist()))

    def has(self, address: str) -> bool:
        """Tell whether an address opted out, by any key under which it may be stored."""
        from segcli.domain import email_addresses

        hashes = (mail_hash(self._salt, key) for key in email_addresses.keys(address))
        return any(self._db.execute("SELECT 1 FROM seen WHERE text = ?", (one,)).fetchone() for one in hashes)

    def close(self) -> None:
        """Remove what was gathered."""
        self._db.close()


def has_the_same_addresses(snapshot: Snapshot, path: Path) -> bool:
    """Tell whether a file of mail_form has the e-mail texts of the snapshot; both are in the order of their bytes."""
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        held = (
            text for batch in file.iter_batches(BATCH_ROWS, columns=["text"]) for text in batch.column(0).to_pylist()
        )
        now = (text for batch in snapshot.batches(_EMAILS) for text in batch.column(0).to_pylist())
        return all(one == other for one, other in zip_longest(held, now))


def mail_forms(snapshot: Snapshot, opt_outs: OptOuts) -> Iterator["RecordBatch"]:
    """Yield the distinct e-mail texts of accounts and contacts with their key, their normal form, and whether they opted out."""
    from segcli.domain import email_addresses as mail

    for batch in snapshot.batches(_EMAILS):
        yield writer.batch(
            MAIL_COLUMNS,
            [
                (text, mail.same(text) if text else text, mail.address(text) if text else text, int(opt_outs.has(text)))
                for text in batch.column(0).to_pylist()
            ],
        )
