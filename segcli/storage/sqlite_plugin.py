"""A plug-in for sqlite-utils and Datasette: the SQL functions of segcli, on every connection that these programs open.

Both find it by the entry points in pyproject.toml once segcli is installed beside them, and call `prepare_connection`.
"""

import sqlite3

from pluggy import HookimplMarker

from segcli.storage import sql_functions


@HookimplMarker("sqlite_utils")
@HookimplMarker("datasette")
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Register the SQL functions that need no database of segcli."""
    sql_functions.register_pure(conn)
