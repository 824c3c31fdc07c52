"""A session at the Spark that is configured, and nowhere else, and the connection over it."""

import logging
import re
import socket
import warnings
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from segcli.base.errors import SegcliError, UsageError
from segcli.lake.manifest import Part
from segcli.lake.spark_engine import Source, Spark

_PORT = 15002  # where a Spark Connect server listens unless it is told otherwise
_SECONDS = 10  # that a server may take to accept a connection
_RETRIES = 4  # of a call, within about 5 seconds
_PLACE = 3  # the last parts of a file's path: data, the administration, the name
_SPECIAL = re.compile(r"[*?\[\]{}\\]")
_SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.cteRecursionLevelLimit": "100000",  # the days of a period are made one by one
}


def opened(url: str, folder: str, source: Source) -> Spark:
    """Return a connection to the Spark at a URL. `folder` is the URL of the lake for the server; '': where it is here."""
    host, port = _address(url)
    try:
        with socket.create_connection((host, port), timeout=_SECONDS):
            pass
    except OSError as error:
        raise SegcliError(f"no Spark answers at {host}:{port}: {error.strerror or error}", "is it running?") from error
    client = _client()
    place = partial(_remote, folder.rstrip("/")) if folder else _local
    return Spark(_session(client, url), source, place)


def _address(url: str) -> tuple[str, int]:
    """Return the host and the port of sc://HOST:PORT/;token=…; UsageError if it is no such URL."""
    try:
        found = urlsplit(url)
        host, port = found.hostname, found.port
    except ValueError:
        host = port = None
    if not host:
        raise UsageError("--engine: this is no address of a Spark server", "write sc://HOST:PORT")
    return host, port or _PORT


def _client() -> Any:  # noqa: ANN401 - the class SparkSession
    """Return the client's class of sessions, which says nothing on its own: errors are raised, too."""
    warnings.filterwarnings("ignore", module="pyspark")
    for name in ("pyspark", "SQLQueryContextLogger", "grpc"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        import pyspark.sql.connect.session as connect
    except ImportError as error:
        told = "--engine sc://HOST:PORT needs the package pyspark-client"
        raise SegcliError(told, "install it: pip install 'segcli[spark]'") from error
    return connect.SparkSession


def _session(client: Any, url: str) -> Any:  # noqa: ANN401
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.client.retries import DefaultPolicy

    try:
        session = client.builder.remote(url).create()
        session.client.set_retry_policies([DefaultPolicy(max_retries=_RETRIES)])
        for name, value in _SETTINGS.items():
            session.conf.set(name, value)
    except PySparkException as error:
        raise SegcliError(f"Spark: {str(error).splitlines()[0]}") from error
    return session


def _local(part: Part) -> str:
    part.check()
    return f"file://{_SPECIAL.sub(_escaped, str(part.path))}"


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def _remote(folder: str, part: Part) -> str:
    return "/".join((folder, *part.path.parts[-_PLACE:]))
