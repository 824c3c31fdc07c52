"""The manifest of a lake. It lists the administrations, their tables, and the file of each table. Reading it checks it."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcli.base import placing
from segcli.base.errors import SegcliError
from segcli.lake import tables
from segcli.storage import database_file

NAME = "manifest.json"
DATA = "data"
FORMAT = 1
SYNC = "write it anew: segcli lake sync --all"
_MOST_BYTES = 1 << 29  # 10,000 administrations of a hundred files are about 320 MB
_FILE = re.compile(r"data/([0-9]{1,8})/([a-z][a-z0-9_]*(?:\.texts)?)-[0-9]+(?:-[0-9]+)?\.parquet", re.ASCII)
_TAIL = 8  # bytes at the end of a Parquet file: the length of the footer, and PAR1
_MARK = b"PAR1"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the lake, which holds one table of an administration."""

    path: Path
    version: int  # that of the table in the database
    rows: int
    size: int  # bytes
    footer: str  # SHA-256 of the footer of the file
    whole: str  # SHA-256 of the file

    def check(self) -> None:
        """Raise SegcliError if the file is missing, has another size or another footer. This is fast."""
        try:
            size, footer = footer_of(self.path)
        except OSError as error:
            raise SegcliError(f"{self.path} of the lake cannot be read: {error.strerror}", SYNC) from error
        if size != self.size or footer != self.footer:
            raise SegcliError(f"{self.path} of the lake is not the file that segcli wrote", SYNC)

    def is_intact(self) -> bool:
        """Tell whether the file has the size and the footer that were written."""
        with suppress(SegcliError):
            self.check()
            return True
        return False

    def verify(self) -> None:
        """Read the whole file. Raise SegcliError if it is not what was written."""
        self.check()
        with self.path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != self.whole:
                raise SegcliError(f"{self.path} of the lake is not the file that segcli wrote", SYNC)


@dataclass(frozen=True, slots=True)
class Administration:
    """The tables of one database in the lake, all of one snapshot."""

    key: str
    number: int  # its ids are number * 2^40 + the ids of the database
    name: str
    currency: str
    database: str  # absolute path
    identity: str  # of the database and its copies
    run: int  # the last run of the snapshot, 0: none
    run_started: str
    synced_at: str  # UTC
    labels: Mapping[int, str]  # of the classifications, by field
    tables: Mapping[str, Part]
    schema: int = database_file.VERSION

    def part(self, name: str) -> Part:
        """Return the file of a table. SegcliError if the manifest names none."""
        if name not in self.tables:
            raise SegcliError(f"the lake has no table {name} of {self.key}", SYNC)
        return self.tables[name]


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake: its folder and its administrations, in the order of their numbers."""

    folder: Path
    schema: int
    administrations: tuple[Administration, ...]

    def find(self, key: str) -> Administration | None:
        """Return the administration with this key."""
        return next((one for one in self.administrations if one.key == key), None)


def is_name(file: str) -> bool:
    """Tell whether a path within a lake is one that segcli gives to a file."""
    return _FILE.fullmatch(file) is not None


def footer_of(path: Path) -> tuple[int, str]:
    """Return the size of a Parquet file and the digest of its footer, '' if it has none."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        tail = os.pread(file.fileno(), _TAIL, max(0, size - _TAIL))
        length = int.from_bytes(tail[:4], "little") + _TAIL
        if tail[4:] != _MARK or length > size:
            return size, ""
        return size, hashlib.sha256(os.pread(file.fileno(), length, size - length)).hexdigest()


def read(folder: Path) -> Lake:
    """Read a lake to answer from. SegcliError if it is missing, not whole, or of another version of segcli."""
    lake = load(folder)
    if lake is None:
        if folder.exists() and not folder.is_dir():
            raise SegcliError(f"{folder} is a file, not the folder of a lake", "name the folder of a lake")
        if folder.is_dir() and any(folder.iterdir()):
            raise SegcliError(f"{folder} is not a lake: it has no {NAME}", "name the folder of a lake")
        raise SegcliError(f"there is no lake {folder}", f"make one: segcli lake sync {folder}")
    if not lake.administrations:
        raise SegcliError(f"the lake {folder} is empty", f"fill it: segcli lake sync {folder}")
    for one in lake.administrations:
        if one.schema != database_file.VERSION:
            told = f"the lake {folder} holds {one.key} as an older segcli wrote it (schema {one.schema})"
            raise SegcliError(told, f"write it anew: segcli --database {one.database} lake sync {folder}")
    return lake


def load(folder: Path) -> Lake | None:
    """Read a manifest of the present or an older schema. Return None if the folder has none.

    SegcliError if the manifest is damaged, or of a newer segcli.
    """
    path = folder / NAME
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SegcliError(f"{path} cannot be read: {error.strerror}") from error
    try:
        content = json.loads(text)
        if content["format"] > FORMAT:
            raise _newer(folder)
        is_whole = content.pop("checksum") == _checksum(content) and content["format"] == FORMAT
        lake = _lake(folder, content) if is_whole else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _broken(path) from error
    if lake is None:
        raise _broken(path)
    if lake.schema > database_file.VERSION:
        raise _newer(folder)
    return lake


def _newer(folder: Path) -> SegcliError:
    return SegcliError(f"the lake {folder} was written by a newer segcli", "upgrade segcli")


def _broken(path: Path) -> SegcliError:
    hint = f"remove it and write the lake anew: segcli lake drop {path.parent}, then segcli lake sync {path.parent}"
    return SegcliError(f"{path} is damaged, or was changed by another program", hint)


def _checksum(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _lake(folder: Path, content: Mapping[str, Any]) -> Lake:
    """Return the lake that a manifest describes. ValueError, KeyError, TypeError or AttributeError if it is not one."""
    found = tuple(_administration(folder, one) for one in content["administrations"])
    for what in ("key", "number", "identity"):
        if len({getattr(one, what) for one in found}) != len(found):
            raise ValueError(what)
    return Lake(folder, _whole(content["schema"]), tuple(sorted(found, key=lambda one: one.number)))


def _administration(folder: Path, said: Mapping[str, Any]) -> Administration:
    number = _whole(said["number"])
    if number > tables.MOST_NUMBER:
        raise ValueError(number)
    return Administration(
        key=_text(said["key"]),
        number=number,
        name=_text(said["name"]),
        currency=_text(said["currency"]),
        database=_text(said["database"]),
        identity=_text(said["identity"]),
        run=_whole(said["run"]),
        run_started=_text(said["run_started"]),
        synced_at=_text(said["synced_at"]),
        labels={int(field): _text(label) for field, label in said["labels"].items()},
        tables={_text(name): _part(folder, number, name, part) for name, part in said["tables"].items()},
        schema=_whole(said["schema"]),
    )


def _part(folder: Path, number: int, name: str, said: Mapping[str, Any]) -> Part:
    """Return a file. ValueError if its name is not one that segcli gives: it must lie in the folder of its administration."""
    file = _text(said["file"])
    found = _FILE.fullmatch(file)
    if found is None or found[1] != str(number) or found[2] != name:
        raise ValueError(file)
    version, rows, size = (_whole(said[what]) for what in ("version", "rows", "bytes"))
    return Part(folder / file, version, rows, size, _text(said["digest"]), _text(said["sha256"]))


def _whole(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def write(lake: Lake, room: Path) -> None:
    """Replace the manifest; when this returns it is on disk. The new file is made in `room`."""
    from segcli import __version__

    content: dict[str, Any] = {
        "format": FORMAT,
        "schema": lake.schema,
        "segcli": __version__,
        "administrations": [_said(lake.folder, one) for one in lake.administrations],
    }
    content["checksum"] = _checksum(content)
    made = room / NAME
    with made.open("w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        json.dump(content, file, indent=1, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    made.replace(lake.folder / NAME)
    placing.sync(lake.folder)


def _said(folder: Path, one: Administration) -> dict[str, Any]:
    names = ("key", "number", "name", "currency", "database", "identity", "run", "run_started", "synced_at", "schema")
    parts = {
        name: {
            "file": part.path.relative_to(folder).as_posix(),
            "version": part.version,
            "rows": part.rows,
            "bytes": part.size,
            "digest": part.footer,
            "sha256": part.whole,
        }
        for name, part in one.tables.items()
    }
    return {
        **{name: getattr(one, name) for name in names},
        "labels": {str(n): label for n, label in one.labels.items()},
        "tables": parts,
    }
