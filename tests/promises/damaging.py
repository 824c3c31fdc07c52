"""Files that are not ours, newer, cut off or torn; and what stands in a folder, to the byte."""

import hashlib
import random
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from conftest import connected

from segcli.storage import database_file


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """Return every file of a folder: the digest of its bytes and when it was changed."""
    files = [path for path in folder.iterdir() if path.is_file()]
    return {p.name: (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns) for p in files}


def of_another(path: Path, *, is_logged: bool = False) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA journal_mode={'wal' if is_logged else 'delete'}")
        db.execute("CREATE TABLE x (y)")
        db.commit()


def newer(path: Path) -> None:
    with connected(path) as db:
        db.execute(f"PRAGMA user_version={database_file.VERSION + 1}")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def written(content: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content(path.read_bytes())) and None


NOT_OURS = {
    "text": (written(lambda _: b"account,name\n1,A\n"), "is not a segcli database", "name the right file"),
    "another's": (of_another, "of something else", "name the right file"),
    "another's, with a log": (lambda p: of_another(p, is_logged=True), "of something else", "name the right file"),
    "newer": (
        newer,
        f"newer segcli (schema {database_file.VERSION + 1}; this one knows {database_file.VERSION})",
        "upgrade segcli",
    ),
    "empty": (written(lambda _: b""), "there is no database", "init"),
    "half": (written(lambda b: b[: len(b) // 2]), "is damaged", "backup"),
    "99 bytes": (written(lambda b: b[:99]), "is damaged", "backup"),
    "without a header": (written(lambda b: bytes(100) + b[100:]), "is not a segcli database", "name the right file"),
    "of a format to come": (written(lambda b: b[:18] + b"\3" + b[19:]), "is damaged", "backup"),
    "version 0": (written(lambda b: b[:60] + bytes(4) + b[64:]), "is damaged", "backup"),
}


def damage(path: Path, seed: int) -> str:
    """Damage a file, or lay something beside it; return how."""
    chance = random.Random(seed)
    data = bytearray(path.read_bytes())
    how = ("cut", "page", "zeros", "bytes", "head", "-wal", "-journal", "-shm")[seed % 8]
    page = chance.randrange(1, len(data) // 4096) * 4096
    if how == "cut":
        data = data[: chance.randrange(len(data))]
    elif how in {"page", "zeros"}:
        data[page : page + 4096] = chance.randbytes(4096) if how == "page" else bytes(4096)
    elif how == "bytes":
        for _ in range(100):
            data[chance.randrange(100, len(data))] ^= chance.randrange(1, 256)
    elif how == "head":
        data[chance.randrange(16, 100)] ^= chance.randrange(1, 256)
    else:
        mark = {"-wal": "377f0682002de218", "-journal": "d9d505f920a163d7", "-shm": ""}[how]
        Path(f"{path}{how}").write_bytes(
            bytes.fromhex(mark) * chance.randrange(2) + chance.randbytes(chance.choice((1, 600, 40_000)))
        )
    path.write_bytes(data)
    return how


def flip(path: Path, table: str, column: str, values: list[int]) -> bool:
    """Turn a bit of an amount where the table itself keeps it, by the bytes of the file."""
    data = path.read_bytes()
    for value in values:
        size = next(n for n in (1, 2, 3, 4, 6, 8) if -(1 << (8 * n - 1)) <= value < 1 << (8 * n - 1))
        found = [at.start() for at in re.finditer(re.escape(value.to_bytes(size, "big", signed=True)), data)]
        for at in found if size > 2 and len(found) < 8 else ():
            turned = bytearray(data)
            turned[at + size - 1] ^= 4
            path.write_bytes(turned)
            with connected(path) as db:
                if db.execute(f"SELECT count(*) FROM {table} WHERE +{column} = ?", (value,)).fetchone()[0] == 0:
                    return True
    return False
