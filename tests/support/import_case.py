"""Bring a small file in, and look at the accounts that it made."""

from pathlib import Path

from conftest import Result, Run

HEAD = "account,name,city\n"


def bring(segcli: Run, content: str | bytes, *words: str, name: str = "f.csv") -> Result:
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return segcli("import", name, *words)


def accounts(segcli: Run, columns: str = "account,name,city") -> list[list[object]]:
    return [
        list(r.values())
        for r in segcli("show", "account-search", "--columns", columns, "--inactive", "-f", "json").rows
    ]
