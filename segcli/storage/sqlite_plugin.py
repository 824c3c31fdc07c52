"""A plug-in for sqlite-utils and Datasette: adds the SQL functions of segcli to every connection of these programs.

They find it through the entry points in pyproject.toml if segcli is installed in the same environment, and call
`prepare_connection`.
"""

import sqlite3

from pluggy import HookimplMarker

from segcli.storage import sql_functions


@HookimplMarker("sqlite_utils")
@HookimplMarker("datasette")
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Register the SQL functions that do not need segcli's database."""
    sql_functions.register_pure(conn)
