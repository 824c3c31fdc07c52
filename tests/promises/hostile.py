"""What the tests of hostile cells share: texts that hurt, an administration in which every text does, a terminal to look at."""

import contextlib
import os
import pty
import re
import sqlite3
import sys
import termios
import threading
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from segcli.cli import main
from segcli.storage import sql_functions

STEERS = "\x1b]0;own\x07\x1b[2J\x1b[5;41m\x9b31m\x08\x7f\x0b\x85"
HIDES = "a\u202egnp\u200b\u2066\u061c\ufeff.exe\u2028\U000e0041"
MARKUP = "[bold] [/x] [link=http://x]y[/link] :smile: 1:100:"
PAGE = "<script>alert(1)</script><img src=file:///etc/passwd>&amp;{{7*7}}"
FORMULA = '=HYPERLINK("http://x?"&A1)|cmd()\'!A1'
TABLE = "a|b*c*_d_`e`[f](g)~h~\\"
QUOTES = "'; DROP TABLE account; -- \"%_*?"
PATHS = "../../x/-rf\\..\\y"
LINES = "two\nlines\tand\r\nmore"
HEADER = "x\nBcc: evil@example.org\r\n\r\nbody"
FIELDS = "{as_of} {0.__class__} %s %(x)s ${HOME} $(id) `id`"
LETTERS = "株式会社 Ďábel Ελιά \U0001f600 e\u0301 مرحبا"
TEXTS = (
    STEERS,
    HIDES,
    MARKUP,
    PAGE,
    FORMULA,
    TABLE,
    QUOTES,
    PATHS,
    LINES,
    HEADER,
    FIELDS,
    LETTERS,
    "+31 6",
    "-5",
    "@SUM(A1)",
    "'=1",
    "\\x1b[31m",
    "#N/A",
)

_SAFE_AS_IT_IS = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?|[0-9]{4}-[0-9]{2}.*|[0-9:]+|[0-9a-f]{64}")
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\u061c\ufeff\U000e0000-\U000e007f]"
)
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # these leave no pipe either
_OURS = re.compile("\x1b\\[[0-9;]*m")
THEIRS = "\x1b[5;41m"
# A section of the configuration whose sender is markup.
SENDER = "letters: {name: 'Ours <b>[x]</b>', email: ours@example.org, iban: NL20INGB0001234567}\n"


def poison(path: Path) -> set[str]:
    """Put hostile text into every column of text that takes it; return which, as table.column."""
    db = sqlite3.connect(path)
    sql_functions.register(db)
    done = set()
    for (table,) in db.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND sql NOT LIKE '%VIRTUAL%'"
    ).fetchall():
        if table.endswith(("_data", "_idx", "_content", "_docsize", "_config")):
            continue
        for _, column, kind, *_ in db.execute(f"PRAGMA table_xinfo({table})").fetchall():
            if kind == "TEXT" and _takes(db, table, column):
                done.add(f"{table}.{column}")
    db.commit()
    db.close()
    return done


def _takes(db: sqlite3.Connection, table: str, column: str) -> bool:
    """Put hostile text into a column; tell whether it took it."""
    found = [
        row[0] for row in db.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT 300")
    ]
    if (table, column) not in NUMBERED and found and all(_SAFE_AS_IT_IS.fullmatch(text) for text in found):
        return False
    if column in {
        "search_text",
        "command",
        "outbox",
        "flags",
        "currency",
        "item_key",
        "allocation_key",
        "action",
        "sync",
        "basis",
    }:
        return False
    texts = list(TEXTS)
    db.create_function("hostile", 1, lambda n: f"{texts[n % len(texts)]}{n}")
    try:
        with contextlib.suppress(sqlite3.OperationalError):
            db.execute("SAVEPOINT one")
        db.execute(f"UPDATE {table} SET {column} = hostile(rowid) WHERE {column} IS NOT NULL OR rowid % 2")
    except sqlite3.DatabaseError:
        db.execute("ROLLBACK TO one")
        return False
    finally:
        db.execute("RELEASE one")
    return True


NUMBERED = {
    ("account", "code"),
    ("invoice", "invoice_number"),
    ("outstanding_item", "invoice_number"),
    ("contact", "code"),
    ("subscription", "subscription_number"),
}


class Terminal:
    """A terminal that segcli runs in, and what was seen there."""

    def __init__(self) -> None:
        self.seen = b""

    def run(self, words: Sequence[str]) -> tuple[int, str]:
        """Run a command in this process with its outputs on a terminal; return the status and what was seen."""
        master, slave = pty.openpty()
        mode = termios.tcgetattr(slave)
        mode[1] &= ~termios.OPOST  # line ends stay what they are
        termios.tcsetattr(slave, termios.TCSANOW, mode)
        parts: list[bytes] = []
        reader = threading.Thread(target=_drain, args=(master, parts))
        reader.start()
        with _standard(slave):
            status = main.run([*words])
        os.close(slave)
        reader.join()
        os.close(master)
        return status, b"".join(parts).decode("utf-8", "strict")


def _drain(master: int, parts: list[bytes]) -> None:
    with contextlib.suppress(OSError):
        while part := os.read(master, 65536):
            parts.append(part)


@contextlib.contextmanager
def _standard(slave: int) -> Iterator[None]:
    """Let the descriptors 1 and 2, and the streams upon them, be a terminal."""
    kept = os.dup(1), os.dup(2), sys.stdout, sys.stderr
    try:
        for number in (1, 2):
            os.dup2(slave, number)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        yield
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        sys.stdout, sys.stderr = kept[2:]
        os.close(kept[0])
        os.close(kept[1])


def steering(text: str, *, has_color: bool = False) -> str:
    """Return the first of what steers a terminal in a text, with what stands around it; '' for nothing."""
    shown = text if THEIRS in text or not has_color else _OURS.sub("", text)
    match = _STEERING.search(shown)
    return repr(shown[max(0, match.start() - 40) : match.end() + 40]) if match else ""


class Page(HTMLParser):
    """The tags and the text of a page; nothing in it leads away."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and see that it neither runs nor loads anything."""
        self.tags.add(tag)
        assert not [
            name
            for name, value in attrs
            if name.startswith("on") or (name in {"src", "href"} and not str(value).startswith("#"))
        ]

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data


def opened() -> Iterator[list[str]]:
    """Note what is opened, asked of the network or started, from the first `next` to the second."""
    seen: list[str] = []
    is_on = [True]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if is_on[0] and event in {
            "open",
            "socket.connect",
            "socket.getaddrinfo",
            "subprocess.Popen",
            "os.system",
            "os.exec",
        }:
            seen.append(f"{event} {arguments[0]}")

    sys.addaudithook(hook)  # it cannot be taken away again
    yield seen
    is_on[0] = False
    yield seen
