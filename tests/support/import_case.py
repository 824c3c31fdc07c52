"""Small files that are written and imported, and the accounts that they made."""

from pathlib import Path

from conftest import Result, Run

HEAD = "account,name,city\n"


def write(content: str | bytes, name: str) -> str:
    """Write a file and return its name."""
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def bring(segcli: Run, content: str | bytes, *words: str, name: str = "f.csv") -> Result:
    """Import a file of this content, whatever comes of it."""
    return segcli("import", write(content, name), *words)


def load(segcli: Run, *words: str, status: int = 0, **files: str) -> Result:
    """Import files of these contents in this order. The name of a file is its keyword; without an ending it is a table."""
    names = [write(content, name if "." in name else f"{name}.csv") for name, content in files.items()]
    done = segcli("import", *names, *words)
    assert done.status == status, done.err
    return done


def accounts(segcli: Run, columns: str = "account,name,city") -> list[list[object]]:
    return [
        list(r.values())
        for r in segcli("show", "account-search", "--columns", columns, "--inactive", "-f", "json").rows
    ]
