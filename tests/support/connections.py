"""Connections that tests put in the place of segcli's own."""

import sqlite3
from collections.abc import Callable
from typing import Any

from segcli.storage.writing_connection import WritingConnection


def connecting(kind: type[WritingConnection]) -> Callable[..., sqlite3.Connection]:
    """Return a `sqlite3.connect` that makes connections of this kind, unless another is asked for than the one that commands write with."""
    connect = sqlite3.connect

    def connected(*given: Any, **named: Any) -> sqlite3.Connection:
        is_ours = named.get("factory", WritingConnection) is WritingConnection
        return connect(*given, **named | ({"factory": kind} if is_ours else {}))

    return connected
