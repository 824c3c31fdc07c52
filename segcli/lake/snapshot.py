"""One snapshot of a database, read as Arrow record batches by the ADBC driver for SQLite.

The driver has a SQLite library of its own. Two libraries in one process do not see each other's locks on a file, and closing
a file in one removes the locks of the other. So no connection of Python's to the database is open meanwhile: everything that
belongs to the snapshot is read here, in one transaction.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcli.base.errors import BusyError, SegcliError
from segcli.storage import database_file
from segcli.storage.locking import WAIT_SECONDS

if TYPE_CHECKING:
    from pyarrow import RecordBatch

BATCH_ROWS = 8192


def require() -> None:
    """Raise SegcliError if a package that the lake needs is not installed."""
    try:
        import adbc_driver_sqlite.dbapi  # noqa: F401
        import pyarrow.parquet  # noqa: F401
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0].replace("_", "-")
        raise SegcliError(f"the lake needs the package {missing}", "install it: pip install 'segcli[lake]'") from error


class Snapshot:
    """An open snapshot."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - of a package without types
        self._connection = connection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a small result."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def batches(self, sql: str) -> Iterator["RecordBatch"]:
        """Yield the rows of a query, without its first row."""
        with self._connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": BATCH_ROWS})
            cursor.execute(sql)
            is_first = True
            for batch in cursor.fetch_record_batch():
                yield batch.slice(1) if is_first else batch
                is_first = False

    def versions(self) -> Mapping[str, int]:
        """Return the versions of the tables."""
        return dict(self.rows("SELECT name, number FROM table_version"))


@contextmanager
def opened(real: Path) -> Iterator[Snapshot]:
    """Open a snapshot of a database of the present schema. Python must have no connection to the file."""
    import adbc_driver_manager
    from adbc_driver_sqlite import dbapi

    uri, held = database_file.reading_uri(real)
    with ExitStack() as stack:
        if held is not None:
            stack.callback(os.close, held)
        try:
            connection = stack.enter_context(
                dbapi.connect(uri)
            )  # without autocommit: the first query begins a transaction
            snapshot = Snapshot(connection)
            snapshot.rows(f"PRAGMA busy_timeout = {int(WAIT_SECONDS * 1000)}")
            yield snapshot
        except adbc_driver_manager.Error as error:
            told = str(error).split("\n", maxsplit=1)[0]
            if "database is locked" in told:
                raise BusyError(
                    f"{real} is busy: another program has locked it", "try again when that is done"
                ) from error
            raise SegcliError(f"{real} cannot be read: {told}", "see: segcli check") from error
