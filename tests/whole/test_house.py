"""The house: who may import whom, what must not be imported to start, and how it is written."""

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from command_tree import groups

import segcli
from segcli.cli import main
from segcli.interface.command import first_line

ROOT = Path(segcli.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
TESTS = ROOT.parent / "tests"
BROAD = {"cli/main.py", "cli/completion.py", "interface/fast_parser.py"}  # where everything that may happen is caught
HEAVY = ("rich", "yaml", "sqlite_utils", "xlsxwriter", "reportlab", "pydantic", "typer", "tabulate", "click", "difflib")


def imports(path: Path, *, top_only: bool = False) -> Iterator[str]:
    """Yield the modules that a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body if top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_root_holds_packages_and_nothing_else() -> None:
    files = {path.name for path in ROOT.iterdir() if path.is_file()}
    assert files == {"__init__.py", "__main__.py"} | (files & {"py.typed"})
    assert len(packages()) <= 20


def packages() -> dict[str, str]:
    """Return the packages with the first sentence of each, in the order of the layers: the uppermost first."""
    layers = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    names = next(contract["layers"] for contract in layers if contract["type"] == "layers")
    assert sorted(names) == sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
    return {name: (import_module(f"segcli.{name}").__doc__ or "").strip().split("\n")[0] for name in names}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_layout_in_the_documents_is_what_the_packages_say(name: str) -> None:
    text = (ROOT.parent / name).read_text(encoding="utf-8")
    assert "\n".join(f"| `{package}` | {says} |" for package, says in packages().items()) in text


@pytest.mark.parametrize("room", ["base", "domain"])
def test_the_pure_core_knows_neither_typer_nor_sqlite(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        assert not {"typer", "sqlite3", "rich"} & set(imports(path)), path


@pytest.mark.parametrize("room", ["domain", "importing/readers", "output/render", "output/charts", "overviews"])
def test_these_never_open_a_database(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        assert "segcli.storage.database" not in set(imports(path)), path


def test_no_package_takes_what_another_keeps_to_itself() -> None:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("segcli."):
                assert not [alias.name for alias in node.names if alias.name.startswith("_")], path


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for_and_fits_its_room(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "no sentence on top"
    assert text.count("\n") <= 300, "split it where there are two thoughts"


# Folders of tests that no package has: tests of the whole, what tests share, promises, measurements, and what tests compare with.
OTHER_TESTS = {"whole", "support", "promises", "benchmarks", "golden", "schemas"}


def test_tests_lie_in_a_folder_of_their_package() -> None:
    names = {path.name for path in TESTS.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert names <= set(packages()) | OTHER_TESTS
    assert {path.name for path in TESTS.glob("*.py")} == {"conftest.py"}
    for path in TESTS.rglob("conftest.py"):
        assert path.parent == TESTS, "another conftest would be imported in place of the first: use tests/support"


def test_test_files_have_names_of_their_own_and_one_topic() -> None:
    """Folders of tests are no packages: two files of one name would be one module."""
    files = sorted(TESTS.rglob("*.py"))
    assert len({path.name for path in files}) == len(files)
    for path in files:
        assert path.read_text(encoding="utf-8").count("\n") <= 450, f"{path}: split it where there are two topics"


def test_no_broad_except_and_no_exit_below_the_root() -> None:
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            is_broad = (
                isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Name) and node.type.id == "Exception"
            )
            assert not is_broad or path.relative_to(ROOT).as_posix() in BROAD, f"{path}:{getattr(node, 'lineno', '')}"
            is_exit = isinstance(node, ast.Attribute) and node.attr == "exit" and getattr(node.value, "id", "") == "sys"
            assert not is_exit or path.relative_to(ROOT).as_posix() == "cli/main.py", (
                f"{path}:{getattr(node, 'lineno', '')}"
            )


def test_a_piped_overview_starts_without_anything_heavy(example: Path) -> None:
    code = (
        "import sys; from segcli.cli import main as cli; status = cli.run(['show', 'outstanding-items', '--class1', 'N']);"
        f"print([name for name in {HEAVY!r} if name in sys.modules], status, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "SEGCLI_DATABASE": str(example)},
        check=True,
    )
    assert done.stderr.strip() == "[] 0"
    assert done.stdout.startswith("account\tname\tinvoice_number")


def test_the_database_is_not_opened_for_help(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "segcli", "show", "debtor-ageing", "--help"], capture_output=True, text=True, check=True,
        env={**os.environ, "SEGCLI_DATABASE": str(tmp_path / "missing.db")},
    )  # fmt: skip
    assert "--class1 … --class8 VALUES" in done.stdout
    assert not list(tmp_path.glob("*.db*"))


def test_nothing_else_lies_at_the_top() -> None:
    """What a run left behind is not committed with the next change."""
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT.parent, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("this is no checkout")
    top = {name.split("/", 1)[0] for name in found.stdout.split("\0") if name}
    assert top == {
        ".ci", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "config.example.yaml", "docs", "examples", "pyproject.toml", "schema.sql",
        "segcli", "tests",
    }  # fmt: skip


def test_lists_of_commands_say_what_their_help_says() -> None:
    """A list reads each line from the module, which it does not run."""
    for path, group in groups(main.root()):
        for name in group.names():
            found = group.find(name)
            assert found is not None
            assert group.line(name) == first_line(found.help), f"{path} {name}"


def test_help_runs_no_command_but_the_one_that_is_asked_for() -> None:
    code = """import sys; from segcli.cli import main as cli; cli.run(["--help"])
print(sorted(m for m in sys.modules if m.startswith(("segcli.commands.", "segcli.overviews."))), file=sys.stderr)"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "classification  " in done.stdout
