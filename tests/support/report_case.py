"""A report of the example administration, and what its files hold."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest import ROOT

EXAMPLES = ROOT / "examples"
REPORT = """
title: Two
files:
- file: a.csv
  show: debtor-ageing --group-by class1
- file: sub/b.xlsx
  parts:
  - {show: account-search --class1 N, title: North}
  - {score: abc, title: ABC}
"""
MAIL = "mail: {to: a@example.com, subject: 'As of {as_of}', text: Look., draft: 'm-{as_of}.eml'}\n"


@pytest.fixture
def write_report(example: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Return what writes a report file."""
    assert example.exists()

    def written(text: str) -> Path:
        path = tmp_path / "r.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def content(folder: Path) -> Mapping[str, bytes]:
    """Return every file of a folder, hidden ones but the lock among them."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }
